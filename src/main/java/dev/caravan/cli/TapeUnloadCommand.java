package dev.caravan.cli;

import dev.caravan.tape.LibraryControl;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape unload`: a cartridge out of its drive.
@Command(
        name = "unload",
        description = {
            "Unload a drive and put its cartridge back into a slot.",
            "Without BARCODE and --drive: the only drive that holds a cartridge."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the drive is empty",
            "1:it holds no cartridge, or is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeUnloadCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "BARCODE", arity = "0..1", description = "The cartridge.")
    private @Nullable String barcode;

    @Option(names = "--drive", paramLabel = "N", description = "The number of the drive.")
    private @Nullable Integer drive;

    @Override
    public Integer call() throws IOException {
        if (barcode != null && drive != null) {
            throw new CommandException(ExitCode.USAGE, "want BARCODE or --drive, not both");
        }
        LibraryControl control = TapeDesk.require(home);
        int emptied = drive(control);
        control.unload(emptied);
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> object.number("drive", emptied));
        } else {
            out.println("drive %d is empty".formatted(emptied));
        }
        return ExitCode.OK;
    }

    private int drive(LibraryControl control) throws IOException {
        if (drive != null) {
            return drive;
        }
        if (barcode != null) {
            Barcode cartridge = TapeArgument.barcode("BARCODE", barcode);
            return control.driveOf(cartridge);
        }
        List<Integer> full =
                control.inside().drives().stream().filter(b -> !b.empty()).map(Bay::drive).toList();
        if (full.size() != 1) {
            throw new CommandException(
                    full.isEmpty() ? ExitCode.INCOMPLETE : ExitCode.USAGE,
                    full.isEmpty()
                            ? "no drive holds a cartridge"
                            : "drives %s hold cartridges: name one with --drive".formatted(full));
        }
        return full.getFirst();
    }
}
