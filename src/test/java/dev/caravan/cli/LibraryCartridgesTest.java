package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Settings;
import dev.caravan.item.DataSize;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Body;
import dev.caravan.tape.pool.SupplyPool;
import dev.caravan.tape.pool.TapeFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How much a target may still write to a real virtual library: told too high, a file that does not
/// fit is begun; told too low, one that fits never comes to tape.
class LibraryCartridgesTest {
    private static final long CAPACITY = 1 << 20;
    private static final int BLOCK = 4096;

    @TempDir Path folder;

    private TapeLibrary create(int cartridges) throws IOException {
        return TapeLibrary.create(folder.resolve("tapes"), cartridges, CAPACITY);
    }

    private LibraryCartridges cartridges(Optional<Duration> retention, String... supply) {
        return new LibraryCartridges(
                new Settings.Tape(
                        "weekly",
                        folder.resolve("tapes"),
                        List.of(),
                        Optional.empty(),
                        List.of(),
                        0,
                        new DataSize(CAPACITY),
                        new DataSize(CAPACITY),
                        "here",
                        true,
                        new Settings.Pools("continue", List.of(supply), retention)));
    }

    private List<Long> room() throws IOException {
        return cartridges(Optional.empty()).room().orElseThrow();
    }

    private static TapeFile write(TapeLibrary library, String pool, int bytes) throws IOException {
        return library.pool(pool, BLOCK)
                .write(
                        new Body() {
                            @Override
                            public InputStream open() {
                                return new ByteArrayInputStream(new byte[bytes]);
                            }

                            @Override
                            public OptionalLong length() {
                                return OptionalLong.of(bytes);
                            }
                        });
    }

    private static TapeCartridge cartridge(TapeLibrary library, Barcode barcode)
            throws IOException {
        return library.cartridges().stream()
                .filter(each -> each.barcode().equals(barcode))
                .findFirst()
                .orElseThrow();
    }

    private static long left(TapeLibrary library, Barcode barcode) throws IOException {
        return CAPACITY - cartridge(library, barcode).volume().orElseThrow().bytes();
    }

    @Test
    void whatIsOnAVolumeOfThePoolIsTakenOffAndABlankOneHasAllItsRoom() throws IOException {
        TapeLibrary library = create(3);
        TapeFile written = write(library, "weekly", 300_000);

        assertThat(left(library, written.volume())).isBetween(1L, CAPACITY - 300_000);
        assertThat(room())
                .containsExactlyInAnyOrder(left(library, written.volume()), CAPACITY, CAPACITY);
    }

    @Test
    void aVolumeOfAnotherPoolAndOneThatIsRetiredHaveNone() throws IOException {
        TapeLibrary library = create(3);
        write(library, "monthly", 10_000);
        library.retire(write(library, "weekly", 10_000).volume());

        assertThat(room()).containsExactly(CAPACITY);
    }

    @Test
    void aCartridgeThatAPersonLabelledForTheSupplyHasRoom() throws IOException {
        TapeLibrary library = create(2);
        Barcode barcode = new Barcode("VT0002L8");
        library.label(barcode, SupplyPool.NAME, BLOCK, false);

        assertThat(room()).containsExactlyInAnyOrder(CAPACITY, left(library, barcode));
    }

    @Test
    void aBlankOneThatTheSupplyDoesNotNameHasNone() throws IOException {
        create(3);

        assertThat(cartridges(Optional.empty(), "VT0003*").room().orElseThrow())
                .containsExactly(CAPACITY);
    }

    @Test
    void whatIsOutsideTheLibraryHasNone() throws IOException {
        TapeLibrary library = create(1);
        Barcode barcode = write(library, "weekly", 10_000).volume();
        library.putAway(barcode);
        Path slots = folder.resolve("tapes/library.json");
        Files.writeString(
                slots,
                Files.readString(slots)
                        .replaceAll(
                                ",?\\s*\"(barcode\":\\s*\"" + barcode + "\"|homeSlot\":\\s*1)",
                                ""));

        assertThat(cartridge(library, barcode).inside()).isFalse();
        assertThat(room()).isEmpty();
    }

    @Test
    void nothingIsToldWhereACartridgeDoesNotSayWhatItTakes() throws IOException {
        TapeLibrary library = create(2);
        Barcode barcode = write(library, "weekly", 10_000).volume();
        TapeCartridge known = cartridge(library, barcode);
        TapeCartridge unknown = new TapeCartridge(barcode, known.place(), true, 0, known.volume());
        LibraryCartridges cartridges = cartridges(Optional.empty());

        assertThat(cartridges.room(List.of(known))).isPresent();
        assertThat(cartridges.room(List.of(known, unknown))).isEmpty();
    }

    /// It takes nothing, so what it would take is no question.
    @Test
    void oneThatIsNotUsedNeedNotSayWhatItTakes() throws IOException {
        TapeLibrary library = create(2);
        TapeCartridge other = cartridge(library, write(library, "monthly", 10_000).volume());
        TapeCartridge unknown =
                new TapeCartridge(other.barcode(), other.place(), true, 0, other.volume());

        assertThat(cartridges(Optional.empty()).room(List.of(unknown))).contains(List.of());
    }

    @Test
    void nothingIsToldWhereCartridgesAreRecycled() throws IOException {
        create(1);

        assertThat(cartridges(Optional.of(Duration.ofDays(90))).room()).isEmpty();
    }

    @Test
    void theIdOfEachVolumeIsToldAndABlankOneHasNone() throws IOException {
        TapeLibrary library = create(2);
        TapeFile written = write(library, "weekly", 10_000);

        assertThat(cartridges(Optional.empty()).inside())
                .hasSize(2)
                .containsEntry(
                        written.volume().text(),
                        Optional.of(written.volumeId()).map(UUID::toString))
                .containsValue(Optional.empty());
    }
}
