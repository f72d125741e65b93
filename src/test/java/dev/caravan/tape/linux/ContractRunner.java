package dev.caravan.tape.linux;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// Runs test classes and writes a line per test to a file: class, test, SUCCESSFUL, ABORTED or
/// FAILED, and the reason, with tabs between. It is what runs inside the VM.
///
/// Arguments: the file, then the classes.
final class ContractRunner implements TestExecutionListener {
    private final Path results;

    private ContractRunner(Path results) {
        this.results = results;
    }

    public static void main(String[] arguments) throws IOException {
        Path results = Path.of(arguments[0]);
        Files.deleteIfExists(results);
        var request = LauncherDiscoveryRequestBuilder.request();
        Arrays.stream(arguments).skip(1).forEach(name -> request.selectors(selectClass(name)));
        LauncherFactory.create().execute(request.build(), new ContractRunner(results));
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        write(test, "ABORTED", reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        String reason = result.getThrowable().map(ContractRunner::reason).orElse("");
        if (test.isTest() || result.getStatus() == TestExecutionResult.Status.FAILED) {
            write(test, result.getStatus().name(), reason);
        }
    }

    /// The message, and where in our code it was thrown.
    private static String reason(Throwable thrown) {
        StringBuilder reason = new StringBuilder(thrown.toString());
        Arrays.stream(thrown.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("dev.caravan"))
                .limit(4)
                .forEach(frame -> reason.append(" at ").append(frame));
        return reason.toString();
    }

    private void write(TestIdentifier test, String status, String reason) {
        String line =
                "%s\t%s\t%s\t%s%n"
                        .formatted(
                                test.getParentId().orElse("").replaceAll(".*class:|]$", ""),
                                test.getDisplayName().replace("()", ""),
                                status,
                                reason.replaceAll("\\s+", " "));
        System.out.print(line);
        try {
            Files.writeString(results, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException("unable to write " + results, e);
        }
    }
}
