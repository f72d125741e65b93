package dev.caravan.cli;

import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Target;
import dev.caravan.restore.CopyReading;
import dev.caravan.restore.NasCopies;
import dev.caravan.restore.NasRebuild;
import dev.caravan.restore.OffsiteCopies;
import dev.caravan.restore.OffsiteRebuild;
import dev.caravan.target.NasReading;
import dev.caravan.target.ObjectReading;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan rebuild`: the ledger anew, from nothing but what targets say of themselves.
@Command(
        name = "rebuild",
        description =
                "Make the ledger anew from any target: the manifests and files of a NAS, the manifests"
                        + " and segments of an SFTP server or a bucket, all cartridges in the tape library. What"
                        + " the ledger knows stays as it is. Copies found this way can be restored"
                        + " and do not count before their bytes were read: --verify does that.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all was read and is there; doing it again changes nothing",
            "1:something could not be read, is missing, or contradicts the ledger, or the home is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class RebuildCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Option(
            names = "--from",
            required = true,
            split = ",",
            paramLabel = "TARGET",
            description = "The targets to read, one after the other.")
    private List<String> from;

    @Option(names = "--verify", description = "Read and hash all that is found, so that it counts.")
    private boolean verify;

    @Option(
            names = "--adopt-home",
            description =
                    "Go on as the home that the NAS belongs to, which is gone for good, although this"
                            + " one has made backups already.")
    private boolean adopt;

    @Override
    public Integer call() throws IOException {
        Set<String> targets = new LinkedHashSet<>(from);
        long began = System.nanoTime();
        try (LostHome lost = LostHome.open(home.home())) {
            targets.forEach(lost::rule); // all are known before the first is read
            List<RebuiltTarget> rebuilt = new ArrayList<>();
            for (String target : targets) {
                RebuiltTarget one = new RebuiltTarget(target, lost.rule(target));
                rebuilt.add(one);
                read(lost, one);
            }
            RebuildReport report =
                    new RebuildReport(
                            rebuilt,
                            lost.ledger().rebuild().unknownVersions(),
                            Duration.ofNanos(System.nanoTime() - began),
                            verify);
            report.print(spec.commandLine().getOut(), json.wanted);
            return report.good() ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    /// One target that cannot be read keeps no other from being read.
    private void read(LostHome lost, RebuiltTarget target) throws IOException {
        try {
            switch (target.rule) {
                case "nas" -> nas(lost, target);
                case "sftp", "s3", "readback" -> objects(lost, target);
                case "tape" -> tape(lost, target);
                default ->
                        throw new CommandException(
                                ExitCode.USAGE,
                                "--from '%s': nothing reads back what proof '%s' keeps (nas, sftp, s3, readback, tape)"
                                        .formatted(target.name, target.rule));
            }
        } catch (IOException failed) {
            target.problems.add(String.valueOf(failed.getMessage()));
        }
    }

    private void nas(LostHome lost, RebuiltTarget target) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        Ledger ledger = lost.ledger();
        try (NasReading nas = lost.nas(target.name);
                ReadingLine line = new ReadingLine(err)) {
            requireKnown(ledger, target.name, nas.id());
            target.rebuilt =
                    new NasRebuild(
                                    nas,
                                    ledger,
                                    target.name,
                                    (step, items) -> line.at(target.name, step, items))
                            .read();
            adopt(lost, target, nas.home());
            ledger.targets().identify(target.name, nas.id());
            if (verify) {
                try (NasCopies copies = new NasCopies(nas)) {
                    target.verified = verify(ledger, target, NasCopies.METHOD, copies, line);
                }
            }
        }
    }

    /// The ledger knows the medium by its sentinel, if it has ever used it.
    private static void requireKnown(Ledger ledger, String target, String found)
            throws IOException {
        String known = ledger.targets().find(target).map(Target::identity).orElse(null);
        if (known != null && !known.substring(known.indexOf(' ') + 1).equals(found)) {
            throw new IOException(
                    "it has another sentinel (%s) than the ledger knows target '%s' by (%s): is this the right one?"
                            .formatted(found, target, known));
        }
    }

    /// Ids of versions are of one home, so the next backup goes on only as the home that the NAS
    /// belongs to. Last of all: until then no backup of this home touches it.
    private void adopt(LostHome lost, RebuiltTarget target, @Nullable String home) {
        Ledger ledger = lost.ledger();
        if (home == null || home.equals(ledger.homeId())) {
            return;
        }
        if (!adopt && !ledger.rebuild().isOnlyRebuilt()) {
            target.problems.add(
                    "it belongs to another home (%s), and backups of this one refuse it; if that one is gone for good, take it over with --adopt-home"
                            .formatted(Words.shown(home)));
            return;
        }
        if (target.rebuilt != null && target.rebuilt.unreadable() > 0 && !adopt) {
            target.problems.add(
                    "it belongs to home %s; because not all of it could be read, this home does not take it over: --adopt-home does"
                            .formatted(Words.shown(home)));
            return;
        }
        ledger.rebuild()
                .adopt(
                        home,
                        target.name,
                        AuditAcceptCommand.atHandOf(lost.checked().settings(), ledger, home));
        target.adopted = home;
    }

    private void objects(LostHome lost, RebuiltTarget target) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        Ledger ledger = lost.ledger();
        try (ObjectReading server = lost.objects(target.name);
                ReadingLine line = new ReadingLine(err)) {
            requireKnown(ledger, target.name, server.id());
            target.rebuilt =
                    new OffsiteRebuild(
                                    server,
                                    ledger,
                                    target.name,
                                    (step, items) -> line.at(target.name, step, items))
                            .read();
            target.takenAsDeleted = ledger.rebuild().finish();
            if (verify) {
                try (OffsiteCopies copies = new OffsiteCopies(server)) {
                    target.verified = verify(ledger, target, server.method(), copies, line);
                }
            }
        }
    }

    private static CopyReading.Result verify(
            Ledger ledger,
            RebuiltTarget target,
            String method,
            CopyReading.Bytes bytes,
            ReadingLine line)
            throws IOException {
        return new CopyReading(
                        ledger,
                        target.name,
                        method,
                        Program.nameAndVersion(),
                        Clock.systemUTC(),
                        (step, items) -> line.at(target.name, step, items))
                .read(bytes);
    }

    private void tape(LostHome lost, RebuiltTarget target) throws IOException {
        HomeTapes tapes = lost.tapes(); // closed with the home
        if (tapes.targets().size() > 1) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--from '%s': several targets are on tape %s: name its cartridges to 'caravan tape rebuild'"
                            .formatted(target.name, tapes.targets()));
        }
        TapeRebuilding tape =
                new TapeRebuilding(tapes, target.name, true, spec.commandLine().getErr());
        target.tape = tape;
        tape.run(TapeRebuildCommand.inside(tapes), verify);
    }
}
