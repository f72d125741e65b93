package dev.caravan.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// `caravan`: the program.
@Command(
        name = "caravan",
        description = "3-2-1 backup: NAS, tape and offsite, counted and proven.",
        mixinStandardHelpOptions = true,
        versionProvider = Program.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done, and everything is in policy",
            "1:done, but something failed or is below policy",
            "2:wrong usage",
            "78:the configuration or a route is wrong",
            "130, 143:interrupted"
        },
        subcommands = {
            DemoCommand.class,
            InitCommand.class,
            BackupCommand.class,
            CheckCommand.class,
            ScanCommand.class,
            StatusCommand.class,
            PlanCommand.class,
            LoseCommand.class,
            WhereisCommand.class,
            LogCommand.class,
            LsCommand.class,
            FindCommand.class,
            RestoreCommand.class,
            VerifyCommand.class,
            ForgetCommand.class,
            HoldCommand.class,
            KeyCommand.class,
            TargetCommand.class,
            SafeToDeleteCommand.class,
            DrillCommand.class,
            RebuildCommand.class,
            RunCommand.class,
            AuditCommand.class,
            ReportCommand.class,
            TapeCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Caravan {

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "The home; may stand after the command too.")
    @Nullable Path home;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Show log lines, and the stack of an error.")
    private boolean verbose;

    public static void main(String[] args) {
        System.exit(run(Arguments.lossless(args)));
    }

    static int run(String... args) {
        Caravan caravan = new Caravan();
        CommandLine line = new CommandLine(caravan);
        line.setExpandAtFiles(false); // a file may be called @home
        line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        line.setExitCodeExceptionMapper(failed ->
                failed instanceof CommandException known ? known.exitCode() : ExitCode.INCOMPLETE);
        line.setExecutionExceptionHandler(caravan::failed);
        line.setExecutionStrategy(parsed -> {
            caravan.quiet(parsed);
            return new CommandLine.RunLast().execute(parsed);
        });
        line.setParameterExceptionHandler((wrong, given) -> {
            wrong.getCommandLine().getErr().println("caravan: " + wrong.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(
                    wrong, wrong.getCommandLine().getErr());
            return ExitCode.USAGE;
        });
        return line.execute(args);
    }

    /// A service logs. A command says by itself, once, what went wrong: then Camel, whose logger
    /// has a level of its own, is to be as quiet as the rest.
    private void quiet(CommandLine.ParseResult parsed) {
        if (!(LoggerFactory.getLogger("ROOT") instanceof Logger root)) {
            return;
        }
        boolean service =
                parsed.hasSubcommand()
                        && parsed.subcommand().commandSpec().userObject() instanceof RunCommand;
        if (verbose || service) {
            root.setLevel(Level.INFO);
        } else {
            root.getLoggerContext().getLoggerList().stream()
                    .filter(logger -> logger.getLevel() != null)
                    .forEach(logger -> logger.setLevel(Level.OFF));
        }
    }

    private int failed(Exception failed, CommandLine line, CommandLine.ParseResult parsed) {
        String message = failed.getMessage();
        line.getErr()
                .println(
                        "caravan: "
                                + (message == null
                                        ? failed.getClass().getSimpleName()
                                        : message.lines().findFirst().orElse(message)));
        if (verbose) {
            failed.printStackTrace(line.getErr());
        }
        return line.getExitCodeExceptionMapper().getExitCode(failed);
    }
}
