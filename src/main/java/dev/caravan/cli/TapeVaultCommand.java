package dev.caravan.cli;

import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Location;
import dev.caravan.tape.pool.Volume;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape vault`: where cartridges are that were carried off.
@Command(
        name = "vault",
        description = {
            "Note that a cartridge was carried to a vault, or brought back.",
            "",
            "Copies on it count as before. A restore that needs it says where it is."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "2:wrong usage", "78:there is no such home"})
final class TapeVaultCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "want a command: caravan tape vault out, or in");
    }

    @Command(
            name = "out",
            description = "Note that a cartridge was carried to a vault.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "%nExit status:%n",
            exitCodeList = {
                "0:noted",
                "1:no such volume, or the cartridge is still in the library",
                "2:wrong usage",
                "78:there is no such home, or its configuration is wrong"
            })
    int out(
            @Mixin HomeOption home,
            @Mixin JsonOption json,
            @Parameters(paramLabel = "BARCODE", description = "The cartridge.") String typed,
            @Option(
                            names = "--to",
                            required = true,
                            paramLabel = "NAME",
                            description = "The vault.")
                    String vault)
            throws IOException {
        Barcode barcode = ChangingTape.barcode(typed);
        Location place;
        try {
            place = new Location.Vault(vault, Instant.now());
        } catch (IllegalArgumentException wrong) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--to: " + Words.shown(String.valueOf(wrong.getMessage())),
                    wrong);
        }
        try (ChangingTape tape = ChangingTape.open(OpenHome.of(home))) {
            TapeCartridge cartridge = find(tape, barcode);
            requireAtHand(cartridge, tape.library().control().manual());
            noted(json, tape.locate(barcode, Optional.of(place)), place, false);
        }
        return ExitCode.OK;
    }

    @Command(
            name = "in",
            description = "Note that a cartridge was brought back.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "%nExit status:%n",
            exitCodeList = {
                "0:noted",
                "1:no such volume, or the cartridge is still in the library",
                "2:wrong usage",
                "78:there is no such home, or its configuration is wrong"
            })
    int in(
            @Mixin HomeOption home,
            @Mixin JsonOption json,
            @Parameters(paramLabel = "BARCODE", description = "The cartridge.") String typed)
            throws IOException {
        Barcode barcode = ChangingTape.barcode(typed);
        try (ChangingTape tape = ChangingTape.open(OpenHome.of(home))) {
            boolean inside = find(tape, barcode).inside();
            @Nullable Location place = inside ? null : new Location.Shelf(Instant.now());
            noted(
                    json,
                    tape.locate(barcode, Optional.ofNullable(place)),
                    place,
                    tape.library().control().manual());
        }
        return ExitCode.OK;
    }

    /// Where a person loads the drives, what is on the shelf is at hand.
    static void requireAtHand(TapeCartridge cartridge, boolean manual) {
        boolean atHand =
                !cartridge.inside()
                        || cartridge.place().startsWith("mail slot")
                        || manual && cartridge.place().equals("shelf");
        if (!atHand) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "%1$s is in %2$s of the library: %3$s it first with caravan tape %3$s %1$s"
                            .formatted(
                                    cartridge.barcode(),
                                    cartridge.place(),
                                    manual ? "unload" : "export"));
        }
    }

    private static TapeCartridge find(ChangingTape tape, Barcode barcode) throws IOException {
        return tape.library().cartridges().stream()
                .filter(c -> c.barcode().equals(barcode) && c.volume().isPresent())
                .findFirst()
                .orElseThrow(() ->
                        new CommandException(
                                ExitCode.INCOMPLETE,
                                "no volume %s: only a labelled cartridge has a place outside"
                                        .formatted(barcode)));
    }

    private void noted(JsonOption json, Volume volume, @Nullable Location place, boolean manual) {
        if (json.wanted) {
            Json.print(
                    spec.commandLine().getOut(),
                    object -> {
                        object.text("barcode", volume.barcode().text());
                        VolumeJson.outside(object, place);
                    });
            return;
        }
        spec.commandLine()
                .getOut()
                .println(
                        switch (place) {
                            case null -> volume.barcode() + " is in the library";
                            case Location.Shelf _ ->
                                    volume.barcode()
                                            + (manual
                                                    ? " is on the shelf"
                                                    : " is on the shelf: import it to have it in the library");
                            case Location.Vault(String name, Instant _) ->
                                    volume.barcode() + " is in vault " + name;
                        });
    }
}
