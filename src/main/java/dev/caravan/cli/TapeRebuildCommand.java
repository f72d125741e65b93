package dev.caravan.cli;

import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.changer.Barcode;
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

/// `caravan tape rebuild`: know again what is on cartridges.
@Command(
        name = "rebuild",
        description =
                "Read what cartridges say of themselves into the tape inventory and the ledger, so"
                        + " that all of it can be restored from nothing else. What the ledger knows"
                        + " stays as it is. Copies found this way do not count before their bytes"
                        + " were read: --verify does that, or 'caravan tape verify'.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all was read; doing it again changes nothing",
            "1:something could not be read, or contradicts the ledger, or the home is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeRebuildCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(arity = "0..*", paramLabel = "BARCODE", description = "The cartridges.")
    private List<String> barcodes = List.of();

    @Option(names = "--all", description = "All cartridges in the library.")
    private boolean all;

    @Option(names = "--verify", description = "Read and hash all that is found, so that it counts.")
    private boolean verify;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            description = "The target whose copies these are (default: the only one on tape).")
    private @Nullable String target;

    @Override
    public Integer call() throws IOException {
        if (all == !barcodes.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE, "want the barcodes of cartridges, or --all for every one");
        }
        List<Barcode> named = barcodes.stream().map(HomeTapes::barcode).distinct().toList();
        try (HomeTapes tapes = HomeTapes.open(home.home())) {
            String name = tapes.target(target);
            if (all && tapes.targets().size() > 1) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "several targets are on tape %s: name the cartridges of '%s'"
                                .formatted(tapes.targets(), name));
            }
            TapeRebuilding work = new TapeRebuilding(tapes, name, all, spec.commandLine().getErr());
            work.run(all ? inside(tapes) : named, verify);
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, work::write);
            } else {
                work.print(out);
                out.println(work.sum());
            }
            return work.good() ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    /// The cartridges in the library that may be volumes.
    static List<Barcode> inside(HomeTapes tapes) throws IOException {
        return tapes.library().cartridges().stream()
                .filter(TapeCartridge::inside)
                .map(TapeCartridge::barcode)
                .filter(barcode -> !barcode.cleaning())
                .toList();
    }
}
