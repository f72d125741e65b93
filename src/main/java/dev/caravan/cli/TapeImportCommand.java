package dev.caravan.cli;

import dev.caravan.tape.LibraryControl;
import dev.caravan.tape.LibraryControl.Moved;
import dev.caravan.tape.changer.Barcode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape import`: cartridges from the mail slots into the library.
@Command(
        name = "import",
        description = {
            "Move cartridges from the mail slots to free slots.",
            "With BARCODE: first put those from the shelf of a virtual library into its mail slot,"
                    + " as a person does with a real one."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:moved",
            "1:nothing was there to move, or it could not be moved",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeImportCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "BARCODE", arity = "0..*", description = "Virtual cartridges.")
    private List<String> barcodes = new ArrayList<>();

    @Option(names = "--slot", paramLabel = "N", description = "Only from this mail slot.")
    private @Nullable Integer slot;

    @Override
    public Integer call() throws IOException {
        List<Barcode> wanted =
                barcodes.stream().map(text -> TapeArgument.barcode("BARCODE", text)).toList();
        if (!wanted.isEmpty() && slot != null) {
            throw new CommandException(ExitCode.USAGE, "want BARCODE or --slot, not both");
        }
        LibraryControl control = TapeDesk.require(home);
        List<Moved> moved = new ArrayList<>();
        for (Barcode barcode : wanted) {
            control.ensureMailSlots(1);
            moved.addAll(control.importAll(OptionalInt.of(control.putIn(barcode))));
        }
        if (wanted.isEmpty()) {
            moved.addAll(
                    control.importAll(slot == null ? OptionalInt.empty() : OptionalInt.of(slot)));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> write(object, moved));
        } else if (moved.isEmpty()) {
            out.println("no readable cartridge is in a mail slot");
        } else {
            moved.forEach(m ->
                    out.println(
                            "%s is in slot %d"
                                    .formatted(
                                            TapeInventoryCommand.cartridge(m.barcode(), true),
                                            m.to())));
        }
        return moved.isEmpty() ? ExitCode.INCOMPLETE : ExitCode.OK;
    }

    private static void write(Json json, List<Moved> moved) throws IOException {
        json.array(
                "moved",
                all -> {
                    for (Moved each : moved) {
                        all.object(object ->
                                object.text(
                                                "barcode",
                                                each.barcode().map(Barcode::text).orElse(null))
                                        .number("fromSlot", each.from())
                                        .number("toSlot", each.to()));
                    }
                });
    }
}
