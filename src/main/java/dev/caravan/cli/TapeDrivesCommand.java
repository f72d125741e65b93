package dev.caravan.cli;

import dev.caravan.tape.LibraryControl.DriveReport;
import dev.caravan.tape.LibraryControl.DriveState;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.TapeAlert;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `caravan tape drives`: the drives.
@Command(
        name = "drives",
        description = {
            "List the tape drives: device, serial number, state, cartridge, alerts.",
            "Reading the alerts of a drive clears them there."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:listed",
            "1:a drive is faulty or has an alert, or the library does not answer",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeDrivesCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Override
    public Integer call() throws IOException {
        List<DriveReport> drives = TapeDesk.require(home).drives();
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(
                    out,
                    object ->
                            object.array(
                                    "drives",
                                    all -> {
                                        for (DriveReport drive : drives) {
                                            all.object(each -> write(each, drive));
                                        }
                                    }));
        } else {
            print(out, Style.ofProcess(), drives);
        }
        return drives.stream()
                        .anyMatch(d -> d.state() == DriveState.FAULTY || !d.alerts().isEmpty())
                ? ExitCode.INCOMPLETE
                : ExitCode.OK;
    }

    private static void write(Json json, DriveReport drive) throws IOException {
        DriveIdentity identity = drive.identity();
        json.number("drive", drive.drive())
                .text("device", drive.device().orElse(null))
                .text("vendor", identity.vendor())
                .text("product", identity.product())
                .text("revision", identity.revision())
                .text("serial", identity.serial())
                .text("state", drive.state().name())
                .text("barcode", drive.cartridge().map(Barcode::text).orElse(null))
                .flag("unread", drive.unread())
                .text("problem", drive.problem().orElse(null))
                .array(
                        "alerts",
                        all -> {
                            for (TapeAlert alert : sorted(drive)) {
                                all.object(each ->
                                        each.number("number", alert.number())
                                                .text("name", alert.name())
                                                .text("meaning", alert.meaning()));
                            }
                        });
    }

    private static List<TapeAlert> sorted(DriveReport drive) {
        return drive.alerts().stream().sorted(Comparator.comparing(TapeAlert::number)).toList();
    }

    private static void print(PrintWriter out, Style style, List<DriveReport> drives) {
        Table table =
                new Table("  ")
                        .right("DRIVE")
                        .left("STATE")
                        .left("CARTRIDGE")
                        .left("PRODUCT")
                        .left("SERIAL")
                        .left("DEVICE");
        for (DriveReport drive : drives) {
            DriveIdentity identity = drive.identity();
            table.row(
                    Integer.toString(drive.drive()),
                    drive.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    TapeInventoryCommand.cartridge(drive.cartridge(), drive.unread()),
                    shown((identity.vendor() + " " + identity.product()).strip()),
                    shown(identity.serial()),
                    drive.device().orElse("-"));
        }
        table.print(out, style);
        for (DriveReport drive : drives) {
            drive.problem()
                    .ifPresent(problem ->
                            out.println(
                                    "  " + style.bad("drive " + drive.drive()) + ": " + problem));
            for (TapeAlert alert : sorted(drive)) {
                out.println(
                        "  %s: TapeAlert %d: %s"
                                .formatted(
                                        style.warning("drive " + drive.drive()),
                                        alert.number(),
                                        alert.meaning()));
            }
        }
    }

    private static String shown(String text) {
        return text.isEmpty() ? "-" : Words.shown(text);
    }
}
