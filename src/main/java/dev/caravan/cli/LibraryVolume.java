package dev.caravan.cli;

import dev.caravan.restore.TapeVolume;
import dev.caravan.tape.pool.TapeFileInput;
import dev.caravan.tape.pool.VolumeReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// A volume of the tape library as the reading of segments sees it. Confined to one thread.
final class LibraryVolume implements TapeVolume {
    private final VolumeReader reader;

    LibraryVolume(VolumeReader reader) {
        this.reader = reader;
    }

    VolumeReader reader() {
        return reader;
    }

    @Override
    public String barcode() {
        return reader.barcode().text();
    }

    @Override
    public String uuid() {
        return reader.id().toString();
    }

    @Override
    public Optional<List<Span>> spans() throws IOException {
        return reader.spans().map(all -> all.stream().map(LibraryVolume::span).toList());
    }

    private static Span span(VolumeReader.Span span) {
        return new Span(span.file(), span.block(), span.bytes(), span.committed());
    }

    @Override
    public InputStream open(Span span, long offset) throws IOException {
        return reader.open(
                new VolumeReader.Span(
                        span.file(), span.block(), span.block(), span.bytes(), span.committed()),
                offset);
    }

    @Override
    public boolean goTo(int file) throws IOException {
        return reader.goTo(file);
    }

    @Override
    public Optional<File> next() throws IOException {
        return reader.next().map(Reading::new);
    }

    private record Reading(TapeFileInput input) implements File {
        @Override
        public int file() {
            return input.file();
        }

        @Override
        public long block() {
            return input.block();
        }

        @Override
        public InputStream in() {
            return input;
        }

        @Override
        public void finish() throws IOException {
            input.finish();
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
