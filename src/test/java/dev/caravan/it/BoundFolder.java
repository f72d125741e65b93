package dev.caravan.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A folder that another shows, by a process which serves a FUSE file system: it can be stopped,
/// and its system calls can be made to fail, as nobody can do to a disk.
final class BoundFolder implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Path path;
    private final Process server;

    private BoundFolder(Path path, Process server) {
        this.path = path;
        this.server = server;
    }

    /// Skips the test where there is no FUSE.
    ///
    /// @param root what is made in it: the folder `share` that the folder `mnt` shows
    /// @param options of bindfs(1)
    static BoundFolder mount(Path root, String... options) throws Exception {
        assumeTrue(
                Files.exists(Path.of("/dev/fuse"))
                        && Files.isExecutable(Path.of("/usr/bin/bindfs")),
                "no FUSE here: apt install bindfs fuse3");
        Path share = Files.createDirectory(root.resolve("share"));
        Path mount = Files.createDirectory(root.resolve("mnt"));
        List<String> command = new ArrayList<>(List.of("bindfs", "-f"));
        command.addAll(List.of(options));
        command.addAll(List.of(share.toString(), mount.toString()));
        Process server =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(root.resolve("bindfs.log").toFile())
                        .start();
        await().atMost(LONGEST)
                .until(() ->
                        !server.isAlive()
                                || Files.readString(Path.of("/proc/mounts"))
                                        .contains(mount + " fuse"));
        assumeTrue(server.isAlive(), "FUSE is not allowed here");
        return new BoundFolder(mount, server);
    }

    Path path() {
        return path;
    }

    void signal(String name) throws Exception {
        Site.execute("kill", "-" + name, Long.toString(server.pid()));
    }

    /// Makes every call of one kind fail until it is closed. Skips the test where no process may be
    /// traced.
    Tracer failing(String call, String error) throws Exception {
        return Tracer.attach(server.pid(), call, error);
    }

    @Override
    public void close() throws Exception {
        if (server.isAlive()) {
            signal("CONT");
            server.destroy();
            server.waitFor(10, TimeUnit.SECONDS);
        }
        Site.execute("bash", "-c", "fusermount3 -u -z %s 2>/dev/null || :".formatted(path));
    }
}
