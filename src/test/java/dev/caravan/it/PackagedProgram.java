package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The jar of this build, started by `bin/caravan`: with its flags, and with its cache for a fast
/// start, which a build makes once.
final class PackagedProgram {
    /// Nearly all commands here are so short that compiling half their methods never pays.
    private static final String COMPILE_LATE = "-XX:CompileThresholdScaling=8";

    private static boolean trained;

    private PackagedProgram() {}

    /// @param before words before the command, such as `setpriv …`
    static ProcessBuilder command(List<String> before, String... arguments) throws IOException {
        train();
        return launcher(before, arguments);
    }

    /// The locks are for the tests of this process and for the other processes of the build: the
    /// first trains, and to all others that is nothing to do.
    private static synchronized void train() throws IOException {
        if (trained) {
            return;
        }
        Path lock = jar().resolveSibling("training.lock");
        try (FileChannel file =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = file.lock()) {
            ProcessBuilder training = launcher(List.of());
            training.environment().put("CARAVAN_AOT", "train");
            assertThat(training.inheritIO().start().waitFor()).as("training").isZero();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while training", stopped);
        }
        trained = true;
    }

    private static ProcessBuilder launcher(List<String> before, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of("bin/caravan").toAbsolutePath().toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("CARAVAN"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("CARAVAN_JAR", jar().toString());
        builder.environment().put("CARAVAN_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("CARAVAN_JAVA_OPTS", COMPILE_LATE);
        return builder;
    }

    private static Path jar() {
        String jar = System.getProperty("caravan.jar");
        assertThat(jar).as("caravan.jar, which Maven sets: mvn verify").isNotNull();
        return Path.of(jar);
    }
}
