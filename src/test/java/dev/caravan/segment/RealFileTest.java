package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files on a real file system that change under the reader's hands.
class RealFileTest {
    private static final int SIZE = 6_000_000;

    @TempDir Path dir;

    private final Versions versions = new Versions();

    @Test
    void aFileCutShortWhileItIsReadIsVoid() throws IOException {
        Version version = file("cut");

        MemberResult result =
                writtenWhile(() -> {
                    try (FileChannel file =
                            FileChannel.open(dir.resolve("cut"), StandardOpenOption.WRITE)) {
                        file.truncate(5_000_000);
                    }
                });

        assertThat(result).isInstanceOf(MemberResult.Void.class);
        assertThat(result.version()).isEqualTo(version);
    }

    @Test
    void aFileThatGrowsWhileItIsReadIsVoid() throws IOException {
        file("grown");

        MemberResult result =
                writtenWhile(() ->
                        Files.write(
                                dir.resolve("grown"), new byte[100], StandardOpenOption.APPEND));

        assertThat(result).isInstanceOf(MemberResult.Void.class);
    }

    @Test
    void aFileRemovedWhileItIsReadIsStillWritten() throws IOException {
        file("removed");

        MemberResult result = writtenWhile(() -> Files.delete(dir.resolve("removed")));

        assertThat(result).isInstanceOf(MemberResult.Written.class);
    }

    @Test
    void commonsCompressReadsWhatWeWrite() throws IOException {
        file("one");
        versions.file("x".repeat(200), 0);
        versions.symlink("link", Versions.raw("to"));
        SegmentBody body = body();

        try (TarArchiveInputStream tar = new TarArchiveInputStream(body.open(), "UTF-8")) {
            tar.getNextEntry();
            TarArchiveEntry one = tar.getNextEntry();
            byte[] bytes = tar.readAllBytes();
            TarArchiveEntry empty = tar.getNextEntry();
            TarArchiveEntry link = tar.getNextEntry();

            assertThat(one.getName()).isEqualTo("docs/one");
            assertThat(one.getLastModifiedTime())
                    .isEqualTo(FileTime.from(versions.all.getFirst().metadata().modified()));
            assertThat(bytes).isEqualTo(Files.readAllBytes(dir.resolve("one")));
            assertThat(empty.getName()).isEqualTo("docs/" + "x".repeat(200));
            assertThat(link.getLinkName()).isEqualTo("to");
            assertThat(tar.getNextEntry().getName()).isEqualTo(Format.INDEX);
            assertThat(tar.getNextEntry()).isNull();
        }
    }

    private interface Act {
        void run() throws IOException;
    }

    private MemberResult writtenWhile(Act act) throws IOException {
        SegmentBody body = body();
        try (InputStream in = body.open()) {
            long half = in.readNBytes(1_000_000).length;
            act.run();
            long rest = in.readAllBytes().length;
            assertThat(half + rest).isEqualTo(body.length());
        }
        return body.result().orElseThrow().members().getFirst();
    }

    private SegmentBody body() {
        Contents files = version -> new OpenFile(dir.resolve(version.path().text()));
        return new SegmentBody(
                new SegmentId("s"), versions.all, files, Versions.CREATED, "caravan");
    }

    private Version file(String name) throws IOException {
        byte[] bytes = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            bytes[i] = (byte) (i * 7 + i / 1000);
        }
        Files.write(dir.resolve(name), bytes);
        return versions.file(name, SIZE);
    }

    private static final class OpenFile implements Content {
        private final FileChannel channel;

        OpenFile(Path path) throws IOException {
            try {
                channel = FileChannel.open(path);
            } catch (NoSuchFileException e) {
                throw new ContentUnavailableException(Reason.VANISHED, path + " is gone");
            }
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int most = (int) Math.min(length, SIZE - channel.position());
            return most == 0 ? -1 : channel.read(ByteBuffer.wrap(buffer, offset, most));
        }

        @Override
        public List<Extent> extents() {
            return List.of(new Extent(0, SIZE));
        }

        @Override
        public void verifyUnchanged() throws IOException {
            if (channel.size() != SIZE) {
                throw new ContentUnavailableException(
                        Reason.CHANGED, "the file has " + channel.size() + " bytes now");
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
