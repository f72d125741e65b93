package dev.caravan.cli;

import dev.caravan.tape.LibraryControl;
import dev.caravan.tape.changer.Barcode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape load`: a cartridge into a drive.
@Command(
        name = "load",
        description = {
            "Load a cartridge into a drive.",
            "Without a changer: wait until a person has loaded it. A blank cartridge that cannot"
                    + " tell its name is called BARCODE from then on."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it is in the drive",
            "1:it is not in the library, or the drive is full or in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeLoadCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "BARCODE", description = "The cartridge.")
    private String barcode;

    @Option(
            names = "--drive",
            paramLabel = "N",
            description = "The number of the drive (default: the first empty one).")
    private @Nullable Integer drive;

    @Override
    public Integer call() throws IOException {
        Barcode cartridge = TapeArgument.barcode("BARCODE", barcode);
        LibraryControl control = TapeDesk.require(home);
        PrintWriter out = spec.commandLine().getOut();
        OptionalInt wanted = drive == null ? OptionalInt.empty() : OptionalInt.of(drive);
        if (control.manual() && control.inside().driveHolding(cartridge).isEmpty()) {
            int empty = wanted.isPresent() ? wanted.getAsInt() : control.firstEmpty(cartridge);
            wanted = OptionalInt.of(empty);
            spec.commandLine()
                    .getErr()
                    .println("Load cartridge %s into drive %d now.".formatted(cartridge, empty));
        }
        int in = control.load(cartridge, wanted);
        if (json.wanted) {
            Json.print(out, object -> object.text("barcode", cartridge.text()).number("drive", in));
        } else {
            out.println("%s is in drive %d".formatted(cartridge, in));
        }
        return ExitCode.OK;
    }
}
