package dev.caravan.cli;

import dev.caravan.tape.LibraryControl;
import dev.caravan.tape.LibraryControl.Moved;
import dev.caravan.tape.changer.Barcode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape export`: a cartridge to a mail slot.
@Command(
        name = "export",
        description = {
            "Move a cartridge to a mail slot, for a person to take out. One in a drive is unloaded"
                    + " first.",
            "A virtual cartridge is taken out at once: its folder then lies on the shelf, a folder"
                    + " in the library's, until 'caravan tape import BARCODE'."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it is in the mail slot, or on the shelf",
            "1:its drive is in use, it is not in the library, or no mail slot is free",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeExportCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "BARCODE", description = "The cartridge.")
    private String barcode;

    @Override
    public Integer call() throws IOException {
        Barcode cartridge = TapeArgument.barcode("BARCODE", barcode);
        LibraryControl control = TapeDesk.require(home);
        control.ensureMailSlots(1);
        Moved moved = control.export(cartridge);
        Optional<Path> shelf = control.shelf();
        if (shelf.isPresent()) {
            control.takeOut(cartridge);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(
                    out,
                    object ->
                            object.text("barcode", cartridge.text())
                                    .number("mailSlot", moved.to())
                                    .text("shelf", shelf.map(Path::toString).orElse(null)));
        } else {
            out.println(
                    shelf.map(path -> "%s is on the shelf %s".formatted(cartridge, path))
                            .orElse(
                                    "%s is in mail slot %d: take it out"
                                            .formatted(cartridge, moved.to())));
        }
        return ExitCode.OK;
    }
}
