package dev.caravan.cli;

import dev.caravan.item.Content;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.StoredObject;
import dev.caravan.ledger.Target;
import dev.caravan.restore.TapeRebuild;
import dev.caravan.restore.TapeVerifier;
import dev.caravan.segment.SegmentBody;
import dev.caravan.segment.SegmentId;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.Body;
import dev.caravan.tape.pool.DriveBays;
import dev.caravan.tape.pool.MediaPool;
import dev.caravan.tape.pool.TapeFile;
import dev.caravan.tape.pool.TapeFileStream;
import dev.caravan.tape.pool.VolumeInventory;
import dev.caravan.tape.pool.VolumeReader;
import dev.caravan.tape.vtl.VirtualLibrary;
import dev.caravan.target.CopyStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Segments on cartridges of a virtual library whose moves are counted and whose reads can be made
/// to fail, and a ledger that knows nothing but its targets.
final class TapesOfSegments implements AutoCloseable {
    private static final int BLOCK = 64 << 10;

    final VirtualLibrary library;
    final VolumeInventory inventory;
    final DriveBays bays;
    final Ledger ledger;
    final Map<String, byte[]> contents = new TreeMap<>();

    /// What drives and changer were told to do.
    final List<String> moves = new ArrayList<>();

    /// Blocks that no drive can read, as `BARCODE/BLOCK`.
    final Set<String> unreadable = new HashSet<>();

    /// Cartridges somebody has taken out.
    final Set<Barcode> taken = new HashSet<>();

    private final Random random = new Random(1);
    private long versions;

    TapesOfSegments(Path directory, int drives, int cartridges, long capacity) throws IOException {
        this.library =
                VirtualLibrary.create(directory.resolve("library"), drives, cartridges, capacity);
        this.inventory = new VolumeInventory(directory.resolve("library"));
        this.inventory.create();
        this.bays = new DriveBays(new Watched(), Duration.ofSeconds(10));
        this.ledger = Ledger.open(directory.resolve("ledger.db"), Clock.systemUTC());
        ledger.targets()
                .declare(
                        List.of(
                                new Target.Declared("tape", MediaKind.TAPE, "here", false, true),
                                new Target.Declared("vault", MediaKind.TAPE, "there", true, true)));
    }

    /// New files of these sizes, the same for every pool they are written to.
    List<Version> files(String prefix, int count, int size) {
        List<Version> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            String path = "%s-%03d".formatted(prefix, i);
            contents.put(path, bytes);
            Instant modified = Instant.parse("2026-01-02T03:04:05.000000006Z");
            Metadata metadata =
                    new Metadata(
                            Kind.FILE,
                            size,
                            modified,
                            0644,
                            0,
                            0,
                            Metadata.NO_TARGET,
                            1,
                            List.of());
            versions++;
            made.add(
                    new Version(
                            versions,
                            "docs",
                            ItemPath.of(path),
                            1,
                            metadata,
                            new Fingerprint(7, versions, size, modified, modified),
                            null));
        }
        return made;
    }

    TapeFile write(String pool, String name, List<Version> files) throws IOException {
        SegmentBody segment =
                new SegmentBody(
                        new SegmentId(name),
                        files,
                        version ->
                                new Bytes(
                                        version,
                                        new ByteArrayInputStream(
                                                Objects.requireNonNull(
                                                        contents.get(version.path().text())))),
                        Clock.systemUTC().instant(),
                        "caravan test");
        return new MediaPool(pool, BLOCK, bays, inventory, Clock.systemUTC(), UUID::randomUUID)
                .write(
                        new Body() {
                            @Override
                            public InputStream open() {
                                return segment.open();
                            }

                            @Override
                            public OptionalLong length() {
                                return OptionalLong.of(segment.length());
                            }
                        });
    }

    TapeRebuild.Result rebuild(String target, String barcode) throws IOException {
        try (LibraryVolume volume = load(barcode)) {
            return new TapeRebuild(ledger, target, dev.caravan.target.Decryption.NONE, file -> {})
                    .read(volume);
        }
    }

    List<TapeVerifier.FileResult> verify(String barcode) throws IOException {
        try (LibraryVolume volume = load(barcode)) {
            return new TapeVerifier(
                            ledger,
                            Clock.systemUTC(),
                            "caravan test",
                            dev.caravan.target.Decryption.NONE,
                            file -> {})
                    .verify(volume);
        }
    }

    LibraryVolume load(String barcode) throws IOException {
        bays.putAway(new Barcode(barcode));
        return new LibraryVolume(VolumeReader.open(bays, new Barcode(barcode)));
    }

    /// Reads copies as the `tape:` component does.
    CopyStore store() {
        return new CopyStore() {
            @Override
            public InputStream open(Version version, Catalog.Copy copy) throws IOException {
                StoredObject.OnTape tape =
                        Objects.requireNonNull(Objects.requireNonNull(copy.object()).tape());
                moves.add("open " + tape.volume());
                return TapeFileStream.open(
                        bays, inventory, new Barcode(tape.volume()), tape.block(), copy.offset());
            }

            @Override
            public String location(Version version, Catalog.Copy copy) {
                return "tape";
            }

            @Override
            public void close() {}
        };
    }

    long count(String move) {
        return moves.stream().filter(move::equals).count();
    }

    @Override
    public void close() {
        ledger.close();
    }

    private record Bytes(Version version, InputStream in) implements Content {
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return in.read(buffer, offset, length);
        }

        @Override
        public List<Extent> extents() {
            return List.of(new Extent(0, version.metadata().size()));
        }

        @Override
        public void verifyUnchanged() {}

        @Override
        public void close() {}
    }

    private interface Call {
        @Nullable Object make(String method, Object[] arguments) throws Throwable;
    }

    private static <T> T watched(Class<T> type, Object real, Call call) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> {
                            Object[] given = arguments == null ? new Object[0] : arguments;
                            @Nullable Object answer = call.make(method.getName(), given);
                            if (answer != null) {
                                return answer;
                            }
                            try {
                                return method.invoke(real, given);
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        }));
    }

    private final class Watched implements Library {
        @Override
        public Changer changer() {
            return watched(
                    Changer.class,
                    library.changer(),
                    (method, arguments) -> {
                        if (method.equals("load")) {
                            moves.add("load " + arguments[0]);
                        }
                        return method.equals("inventory") ? without(taken) : null;
                    });
        }

        private LibraryInventory without(Set<Barcode> gone) throws TapeException {
            LibraryInventory all = library.inventory();
            for (Slot slot : all.slots()) {
                if (slot.cartridge().filter(gone::contains).isPresent()) {
                    all =
                            all.with(
                                    new Slot(
                                            slot.number(),
                                            slot.mail(),
                                            java.util.Optional.empty()));
                }
            }
            for (Bay bay : all.drives()) {
                if (bay.cartridge().filter(gone::contains).isPresent()) {
                    throw new IllegalStateException(bay + ": put it away first");
                }
            }
            return all;
        }

        @Override
        public Drive open(int number) throws TapeException {
            Drive drive = library.open(number);
            String barcode =
                    library.inventory()
                            .drives()
                            .get(number)
                            .cartridge()
                            .map(Barcode::text)
                            .orElse("");
            return watched(
                    Drive.class,
                    drive,
                    (method, arguments) -> {
                        if (method.equals("seek")) {
                            moves.add("seek " + barcode + " " + arguments[0]);
                        }
                        if (method.equals("read")
                                && unreadable.contains(barcode + "/" + at(drive))) {
                            throw new TapeException(
                                    "read", "drive " + number, Errno.EIO, "medium error");
                        }
                        return null;
                    });
        }

        private long at(Drive drive) throws TapeException {
            return drive.position().orElse(-1);
        }
    }
}
