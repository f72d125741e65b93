package dev.caravan.tape.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a tape file is read with, on a sound drive and on one that answers as the drive of `tgt`
/// 1.0.85 was measured to answer below `st`.
class TapeFileStreamTest {
    private static final int BLOCK = PoolFixture.BLOCK;

    @TempDir Path directory;
    private VirtualLibrary library;
    private PoolFixture fixture;

    /// Room that reads had.
    private final TreeSet<Integer> rooms = new TreeSet<>();

    private boolean asTgt;

    /// Whether the drive went on behind its end of data.
    private boolean off;

    @BeforeEach
    void make() throws IOException {
        library = VirtualLibrary.create(directory.resolve("library"), 1, 2, 1 << 20);
        Library watched =
                new Library() {
                    @Override
                    public Changer changer() {
                        return library.changer();
                    }

                    @Override
                    public Drive open(int drive) throws TapeException {
                        return watched(library.open(drive));
                    }

                    @Override
                    public OptionalLong capacityBytes(Barcode barcode) throws TapeException {
                        return library.capacityBytes(barcode);
                    }
                };
        fixture =
                new PoolFixture(
                        library,
                        new VolumeInventory(library.directory()),
                        new DriveBays(watched, Duration.ofSeconds(10)));
        fixture.inventory().create();
    }

    private Drive watched(Drive drive) {
        return (Drive)
                Proxy.newProxyInstance(
                        Drive.class.getClassLoader(),
                        new Class<?>[] {Drive.class},
                        (_, method, arguments) -> {
                            try {
                                switch (method.getName()) {
                                    case "read" -> {
                                        return read(drive, (ByteBuffer) arguments[0]);
                                    }
                                    case "rewind" -> off = false;
                                    case "write" -> {
                                        if (off) {
                                            return WriteResult.NO_SPACE;
                                        }
                                    }
                                    default -> {}
                                }
                                return asTgt && method.getName().equals("position")
                                        ? OptionalLong.empty()
                                        : method.invoke(drive, arguments);
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        });
    }

    private ReadResult read(Drive drive, ByteBuffer into) throws TapeException {
        int room = into.remaining();
        int at = into.position();
        rooms.add(room);
        ReadResult result = drive.read(into);
        if (asTgt && result instanceof ReadResult.EndOfData) {
            into.position(into.limit());
            off = true;
            return new ReadResult.Data(room);
        }
        if (asTgt && result instanceof ReadResult.Data(int length) && length < room) {
            for (int i = at + room - length; i < at + length; i++) {
                into.put(i, (byte) 0);
            }
        }
        return result;
    }

    private TapeFile write(byte[] bytes) throws IOException {
        return new MediaPool(
                        "weekly",
                        BLOCK,
                        fixture.bays(),
                        fixture.inventory(),
                        Clock.systemUTC(),
                        UUID::randomUUID)
                .write(PoolFixture.Bytes.of(bytes));
    }

    @Test
    void aSoundDriveReadsIntoExactlyARecord() throws IOException {
        byte[] bytes = PoolFixture.random(3 * BLOCK + 7, 1);
        TapeFile file = write(bytes);
        try (InputStream in = fixture.read(file, 0)) {
            rooms.clear();
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }

        assertThat(rooms).containsExactly(BLOCK);
    }

    @Test
    void aShortRecordOfTgtComesBackWholeWhateverItsLength() throws IOException {
        for (int last : new int[] {1, BLOCK / 2, BLOCK / 2 + 1, BLOCK - 512, BLOCK - 1, BLOCK}) {
            byte[] bytes = PoolFixture.random(2 * BLOCK + last, last);
            asTgt = false;
            TapeFile file = write(bytes);
            asTgt = true;

            assertThat(fixture.readAll(file)).as("last record of %d bytes", last).isEqualTo(bytes);
            try (InputStream in = fixture.read(file, 2L * BLOCK)) {
                assertThat(in.readAllBytes())
                        .isEqualTo(Arrays.copyOfRange(bytes, 2 * BLOCK, bytes.length));
            }
        }
    }

    @Test
    void oneTapeFileFollowsTheOtherOnACartridgeOfTgt() throws IOException {
        asTgt = true;
        byte[][] bodies = {
            PoolFixture.random(BLOCK, 3), PoolFixture.random(5 * BLOCK + 1, 4), new byte[1]
        };

        for (byte[] body : bodies) {
            TapeFile file = write(body);

            assertThat(file.volume()).hasToString("VT0001L8");
            assertThat(file.voidAttempts()).isZero();
            assertThat(fixture.readAll(file)).isEqualTo(body);
        }
    }

    @Test
    void whereTgtHasNoDataTheTapeFileWasNeverCommitted() throws IOException {
        TapeFile file = write(PoolFixture.random(BLOCK, 2));
        asTgt = true;

        try (TapeFileStream in =
                TapeFileStream.open(
                        fixture.bays(), fixture.inventory(), file.volume(), file.endBlock(), 0)) {
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(EOFException.class)
                    .hasMessageContaining("never committed");
        }
    }
}
