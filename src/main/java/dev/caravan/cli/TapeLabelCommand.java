package dev.caravan.cli;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.SupplyPool;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeRefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape label`: gives a cartridge a label.
@Command(
        name = "label",
        description = {
            "Label a cartridge. Blank ones are labelled by the first backup that needs them, so this"
                    + " is only needed to give a cartridge to a certain pool, or to use one again.",
            "",
            "A cartridge that was written on is labelled with --force only; then all that is on it"
                    + " is lost. One that holds a copy which is needed is not labelled at all."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:labelled",
            "1:the cartridge was left as it is",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeLabelCommand implements Callable<Integer> {
    private static final int BLOCK_BYTES = 256 << 10;

    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "BARCODE", description = "The cartridge, which must be inside.")
    private String typed;

    @Option(
            names = "--pool",
            paramLabel = "NAME",
            defaultValue = SupplyPool.NAME,
            description =
                    "The media pool it is for (default: ${DEFAULT-VALUE}, from which every pool"
                            + " takes).")
    private String pool;

    @Option(names = "--force", description = "Lose what is on it.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        Barcode barcode = ChangingTape.barcode(typed);
        if (!pool.matches("[a-z0-9-]{1,32}")) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--pool '%s': want up to 32 of a-z, 0-9 and '-'".formatted(Words.shown(pool)));
        }
        try (ChangingTape tape = ChangingTape.open(OpenHome.of(home))) {
            Volume volume = tape.library().label(barcode, pool, BLOCK_BYTES, force);
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, object -> VolumeJson.write(object, volume));
            } else {
                out.println(
                        "%s is labelled for %s: volume %s"
                                .formatted(
                                        barcode,
                                        pool.equals(SupplyPool.NAME)
                                                ? "the supply"
                                                : "pool " + volume.pool(),
                                        volume.id()));
            }
            return ExitCode.OK;
        } catch (VolumeRefusedException refused) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "%s is not labelled: %s".formatted(barcode, refused.reason()),
                    refused);
        }
    }
}
