import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Patience;
import dev.caravan.scan.FolderRoot;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.SourceContents;
import dev.caravan.segment.MemberResult;
import dev.caravan.segment.SegmentBody;
import dev.caravan.segment.SegmentId;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.pool.Body;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/// TapeBench SOURCE LIBRARY TIMES: writes a folder onto a new virtual library as Caravan does, in segments of at most
/// 10,000 files or 1 GiB, every file hashed; so often, each time onto a library of its own in the folder LIBRARY. Prints a
/// line for each: seconds, CPU seconds, bytes on tape, MiB of heap at its highest, MiB of heap in use after the last
/// collection. What the disk still has to write of one time is waited for before the next.
///
/// The clock begins before the folder is listed and ends when the last segment is committed. A thread of its own lists
/// it, a segment ahead, as the scan of a service runs beside the writing.
public final class TapeBench {
    private static final int FILES = 10_000;
    private static final long BYTES = 1L << 30;

    private static long written;

    private TapeBench() {}

    public static void main(String[] args) throws Exception {
        Path libraries = Files.createDirectory(Path.of(args[1]));
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long used = 0; // the first time counts all since the start of Java
        for (int time = 1; time <= Integer.parseInt(args[2]); time++) {
            written = 0;
            Path folder = libraries.resolve(Integer.toString(time));
            double seconds = write(Path.of(args[0]), folder);
            long now = system.getProcessCpuTime();
            print(seconds, (now - used) / 1e9);
            remove(folder); // as tar's archive is: the next time begins with as much to write back
            try (Directory all = Directory.open(libraries)) {
                all.syncFileSystem();
            }
            used = system.getProcessCpuTime();
        }
    }

    private static void remove(Path folder) throws java.io.IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private static double write(Path source, Path folder) throws Exception {
        TapeLibrary library = TapeLibrary.create(folder, 2, 1L << 40);
        long began = System.nanoTime();
        Patience patience = new Patience(source.toString(), Duration.ofMinutes(3));
        try (FolderRoot root = FolderRoot.open(source, patience, Set.of())) {
            SourceContents contents = new SourceContents(_ -> root);
            BlockingQueue<List<Version>> segments = new ArrayBlockingQueue<>(1);
            FutureTask<Void> scan = new FutureTask<>(() -> {
                try {
                    list(root, segments);
                } finally {
                    segments.put(List.of());
                }
                return null;
            });
            Thread.ofPlatform().daemon().name("scan").start(scan);
            for (List<Version> some; !(some = segments.take()).isEmpty(); ) {
                write(library, contents, some);
            }
            scan.get();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        library.close();
        return seconds;
    }

    private static void list(FolderRoot root, BlockingQueue<List<Version>> segments) throws Exception {
        List<Version> some = new ArrayList<>();
        long[] sizes = new long[2]; // bytes in `some`; versions ever
        root.walk(ItemPath.ROOT, Selection.ALL, sighting -> {
            if (sighting instanceof Sighting.Seen(var path, var metadata, var fingerprint)) {
                if (some.size() >= FILES || (sizes[0] > 0 && sizes[0] + metadata.size() > BYTES)) {
                    hand(segments, some);
                    sizes[0] = 0;
                }
                some.add(new Version(++sizes[1], "bench", path, 1, metadata, fingerprint, null));
                sizes[0] += metadata.size();
            }
        });
        hand(segments, some);
    }

    private static void hand(BlockingQueue<List<Version>> segments, List<Version> some) {
        if (some.isEmpty()) {
            return;
        }
        try {
            segments.put(List.copyOf(some));
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
        some.clear();
    }

    private static void print(double seconds, double cpuSeconds) {
        long highest = 0;
        long collected = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP) {
                highest += pool.getPeakUsage().getUsed();
                collected += pool.getCollectionUsage() == null ? 0 : pool.getCollectionUsage().getUsed();
            }
        }
        System.out.printf("%.3f %.3f %d %d %d%n", seconds, cpuSeconds, written, highest >> 20, collected >> 20);
    }

    private static void write(TapeLibrary library, SourceContents contents, List<Version> versions) throws java.io.IOException {
        String name = "bench-%08d".formatted(versions.getFirst().id());
        SegmentBody segment = new SegmentBody(new SegmentId(name), versions, contents, Instant.now(), "bench", false);
        written += library.pool("bench", 262_144).write(new Body() {
            @Override
            public InputStream open() {
                return segment.open();
            }

            @Override
            public OptionalLong length() {
                return OptionalLong.of(segment.length());
            }
        }).bytes();
        for (MemberResult member : segment.result().orElseThrow().members()) {
            if (member instanceof MemberResult.Void(var version, var _, var why)) {
                throw new java.io.IOException(version.path() + " became void", why);
            }
        }
    }
}
