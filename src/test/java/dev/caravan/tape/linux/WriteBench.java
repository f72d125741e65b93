package dev.caravan.tape.linux;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;

/// Writes records of 256 KiB from the beginning of a tape, which it overwrites, and prints what a
/// CPU second of this process moved: in a first pass, in which Java still compiles, and in a
/// second. `bench/tape-vm` runs it.
///
/// Arguments: the device, the number of records.
final class WriteBench {
    private static final int RECORD_BYTES = 1 << 18;
    private static final double MIB = 1 << 20;

    private WriteBench() {}

    public static void main(String[] arguments) throws IOException {
        int count = Integer.parseInt(arguments[1]);
        ByteBuffer record = ByteBuffer.allocateDirect(RECORD_BYTES + 4096).alignedSlice(4096);
        record.limit(RECORD_BYTES);
        try (Drive drive = LinuxDrive.open(Path.of(arguments[0]), Duration.ofSeconds(30))) {
            pass("first pass", drive, record, count);
            pass("second pass", drive, record, count);
        }
    }

    private static void pass(String name, Drive drive, ByteBuffer record, int count)
            throws IOException {
        drive.rewind();
        Duration before = cpu();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (drive.write(record.rewind()) != WriteResult.WRITTEN) {
                throw new IOException("the tape is too small for " + count + " records");
            }
        }
        drive.writeFilemarks(1);
        double seconds = (System.nanoTime() - start) / 1e9;
        double used = cpu().minus(before).toMillis() / 1e3;
        double mib = count * (RECORD_BYTES / MIB);
        System.out.printf(
                "LinuxDrive  %6.0f MiB  %6.2f s  %6.2f CPU s  %7.1f MiB per CPU second, %s%n",
                mib, seconds, used, mib / used, name);
    }

    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }
}
