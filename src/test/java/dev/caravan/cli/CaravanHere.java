package dev.caravan.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// Runs a command of the program in this JVM: what it does to a home is the same as in a process of
/// its own, and no JVM has to start for it. One at a time, since what it prints goes where all of a
/// process prints.
public final class CaravanHere {

    /// How a command ended and what it printed.
    public record Ended(int exit, String out, String err) {}

    /// As the configuration has them: a logger not in here has that of its parent.
    private static final Map<String, Level> LEVELS = levels();

    private CaravanHere() {}

    /// @throws AssertionError if it does not end in time; it is then left running
    public static synchronized Ended run(Duration longest, String... arguments)
            throws InterruptedException {
        resetLevels();
        PrintStream usualOut = System.out;
        PrintStream usualErr = System.err;
        Captured out = new Captured();
        Captured err = new Captured();
        System.setOut(out.stream());
        System.setErr(err.stream());
        try {
            AtomicReference<@Nullable Object> end = new AtomicReference<>();
            Thread main =
                    Thread.ofPlatform()
                            .name("main")
                            .start(() -> {
                                try {
                                    end.set(Caravan.run(arguments));
                                } catch (Throwable fell) {
                                    end.set(fell);
                                }
                            });
            if (!main.join(longest)) {
                AssertionError hangs =
                        new AssertionError(
                                "did not end within %s: %s%s"
                                        .formatted(longest, out.text(), err.text()));
                hangs.setStackTrace(main.getStackTrace());
                throw hangs;
            }
            if (end.get() instanceof Integer exit) {
                return new Ended(exit, out.text(), err.text());
            }
            throw new AssertionError("fell out of the program", (Throwable) end.get());
        } finally {
            System.setOut(usualOut);
            System.setErr(usualErr);
        }
    }

    /// A command changes the levels for its process. The whole is not configured anew: for a moment
    /// that would log all that a thread of the command before still has to say.
    private static void resetLevels() {
        for (Logger logger : context().getLoggerList()) {
            logger.setLevel(LEVELS.get(logger.getName()));
        }
    }

    private static Map<String, Level> levels() {
        Map<String, Level> levels = new HashMap<>();
        for (Logger logger : context().getLoggerList()) {
            if (logger.getLevel() != null) {
                levels.put(logger.getName(), logger.getLevel());
            }
        }
        return Map.copyOf(levels);
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static final class Captured {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        PrintStream stream() {
            OutputStream to = bytes;
            return new PrintStream(to, true, StandardCharsets.UTF_8);
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
