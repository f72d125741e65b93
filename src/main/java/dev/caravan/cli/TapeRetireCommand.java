package dev.caravan.cli;

import dev.caravan.ledger.Volumes.Retired;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Volume;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape retire`: takes a cartridge out of use for good.
@Command(
        name = "retire",
        description = {
            "Take a cartridge out of use: it is never written on or labelled again.",
            "",
            "Copies on it count as before and are read where they are needed. If it can no longer be"
                    + " read at all, say --lost: then they count no more, and what is there now is"
                    + " copied again by the next backup. The cartridge need not be in the library."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it is retired",
            "1:no such volume",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeRetireCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "BARCODE", description = "The cartridge.")
    private String typed;

    @Option(
            names = "--lost",
            description = "Nothing on it can be read any more: its copies are lost.")
    private boolean lost;

    @Override
    public Integer call() throws IOException {
        Barcode barcode = ChangingTape.barcode(typed);
        try (ChangingTape tape = ChangingTape.open(OpenHome.of(home))) {
            if (tape.library().cartridges().stream()
                    .noneMatch(c -> c.barcode().equals(barcode) && c.volume().isPresent())) {
                throw new CommandException(
                        ExitCode.INCOMPLETE,
                        "no volume %s: only a labelled cartridge can be retired"
                                .formatted(barcode));
            }
            // first the inventory: a crash in between leaves copies counted that are still there
            Volume volume = tape.library().retire(barcode);
            Optional<Retired> copies = tape.retire(volume, lost);
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, object -> write(object, volume, copies.orElse(null)));
            } else {
                out.println("%s is retired: %s".formatted(barcode, said(copies.orElse(null))));
            }
            return ExitCode.OK;
        }
    }

    private static void write(Json json, Volume volume, @Nullable Retired copies)
            throws IOException {
        json.text("barcode", volume.barcode().text())
                .text("id", volume.id().toString())
                .text("status", volume.status().name())
                .flag("known", copies != null)
                .number("copies", copies == null ? 0 : copies.counted())
                .number("unproven", copies == null ? 0 : copies.unproven())
                .number("begun", copies == null ? 0 : copies.begun())
                .number("lost", copies == null ? 0 : copies.lost());
    }

    private String said(@Nullable Retired copies) {
        if (copies == null) {
            return "the ledger knows of no copy on it";
        }
        if (lost) {
            return "%s on it %s lost; the next backup copies what is there now again"
                    .formatted(
                            Words.count(copies.lost(), "copy", "copies"),
                            copies.lost() == 1 ? "is" : "are");
        }
        StringBuilder said = new StringBuilder();
        said.append(Words.count(copies.counted(), "copy", "copies"))
                .append(copies.counted() == 1 ? " on it counts" : " on it count")
                .append(" as before");
        if (copies.unproven() > 0) {
            said.append(
                    "; %s more, not proven or suspect".formatted(Words.count(copies.unproven())));
        }
        if (copies.begun() > 0) {
            said.append(
                    "; parts of %s that %s not complete yet"
                            .formatted(
                                    Words.count(copies.begun(), "copy", "copies"),
                                    copies.begun() == 1 ? "is" : "are"));
        }
        return said.toString();
    }
}
