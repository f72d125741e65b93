package dev.caravan.tape.linux;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The contract on the kernel's `st` driver over a drive of the tape library that `tgt` serves.
/// Runs inside the VM only: drive and changer come from the environment.
class TgtDriveContract extends DriveContract {
    private static final Path DEVICE = Path.of(System.getenv("TAPE_DRIVE"));
    private static final String CHANGER = System.getenv("TAPE_CHANGER");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static boolean mtx(String... command) throws IOException {
        List<String> line = new ArrayList<>(List.of("mtx", "-f", CHANGER));
        line.addAll(List.of(command));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return process.waitFor() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(line + ": " + said, e);
        }
    }

    @Override
    protected Drive blank() throws IOException {
        mtx("unload", "1", "0");
        if (!mtx("load", "1", "0")) {
            throw new IOException("unable to load slot 1 into drive 0");
        }
        Drive drive = LinuxDrive.open(DEVICE, PATIENCE);
        drive.rewind();
        return drive;
    }

    @Override
    protected Drive reopened() throws IOException {
        return LinuxDrive.open(DEVICE, Duration.ZERO);
    }

    @Override
    protected Drive small() throws IOException {
        return blank();
    }

    @Override
    protected Drive writeProtected() {
        throw new AssertionError("there is none");
    }

    @Override
    protected Drive empty() throws IOException {
        mtx("unload", "1", "0");
        return LinuxDrive.open(DEVICE, Duration.ZERO);
    }

    @Override
    protected Map<Ability, String> lacks() {
        return Map.of(
                Ability.POSITION, "tgt has neither LOCATE nor READ POSITION",
                Ability.END_OF_DATA, "a read at the end of data of tgt gives a bogus record",
                Ability.HARD_END, "tgt takes thousands of records behind its early warning",
                Ability.WRITE_PROTECTION, "the cartridges of tgt have no tab",
                Ability.DENSITY, "a cartridge of tgt has no density code");
    }

    @Override
    protected int smallestRecord() {
        return 4;
    }
}
