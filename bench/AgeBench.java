import dev.caravan.age.AgeIdentity;
import dev.caravan.age.AgeOpener;
import dev.caravan.age.AgeSeal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// AgeBench FILE SEALED IDENTITY ROUNDS: seals FILE and opens SEALED, reading what comes and keeping nothing of it.
/// Prints the fastest round of each as MB/s and as MB per second of CPU time, and what small objects cost.
public final class AgeBench {
    private static final int SMALL = 4096;
    private static final int COUNT = 2000;
    private static final byte[] BUFFER = new byte[256 << 10];

    private AgeBench() {}

    private interface Source {
        InputStream open() throws IOException;
    }

    public static void main(String[] args) throws Exception {
        Path plain = Path.of(args[0]);
        Path sealed = Path.of(args[1]);
        AgeIdentity identity = AgeIdentity.readAll(Path.of(args[2])).getFirst();
        int rounds = Integer.parseInt(args[3]);
        AgeSeal seal = AgeSeal.to(List.of(identity.recipient()));
        AgeOpener opener = AgeOpener.with(List.of(identity));

        rate("seal", rounds, plain, () -> seal.seal(Files.newInputStream(plain)));
        rate("open", rounds, plain, () -> opener.open(Files.newInputStream(sealed)));
        small(seal, opener);
    }

    private static void rate(String what, int rounds, Path plain, Source source) throws IOException {
        long fastest = Long.MAX_VALUE;
        long leastCpu = Long.MAX_VALUE;
        for (int round = 0; round < rounds; round++) {
            long start = System.nanoTime();
            long cpu = cpuNanos();
            drain(source);
            fastest = Math.min(fastest, System.nanoTime() - start);
            leastCpu = Math.min(leastCpu, cpuNanos() - cpu);
        }
        long thousands = Files.size(plain) * 1000;
        System.out.printf(Locale.ROOT, "| caravan %s | %d | %d |%n", what, thousands / fastest, thousands / leastCpu);
    }

    /// Of all threads.
    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static void small(AgeSeal seal, AgeOpener opener) throws IOException {
        byte[] content = new byte[SMALL];
        byte[] sealed = seal.seal(new ByteArrayInputStream(content)).readAllBytes();
        each("Sealing", () -> seal.seal(new ByteArrayInputStream(content)));
        each("Opening", () -> opener.open(new ByteArrayInputStream(sealed)));
    }

    private static void each(String what, Source source) throws IOException {
        long best = Long.MAX_VALUE;
        // The first rounds are for the compiler.
        for (int round = 0; round < 5; round++) {
            long cpu = cpuNanos();
            for (int i = 0; i < COUNT; i++) {
                drain(source);
            }
            best = Math.min(best, cpuNanos() - cpu);
        }
        System.out.printf(Locale.ROOT, "%n%s an object of 4 KiB: %d microseconds of CPU time.%n", what, best / COUNT / 1000);
    }

    private static void drain(Source source) throws IOException {
        try (InputStream in = source.open()) {
            while (in.read(BUFFER) >= 0) {
                // nothing is kept: it is the cipher that is measured
            }
        }
    }
}
