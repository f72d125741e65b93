package dev.caravan.cli;

import dev.caravan.cli.TargetContract.Step;
import dev.caravan.ledger.Ledger;
import dev.caravan.pipeline.CaravanHeaders;
import dev.caravan.pipeline.check.Carrier;
import dev.caravan.pipeline.check.RouteChecks;
import dev.caravan.restore.Medium;
import dev.caravan.target.EndpointRemover;
import dev.caravan.target.ObjectReader;
import dev.caravan.target.ObjectReading;
import dev.caravan.target.S3Remover;
import dev.caravan.target.SftpRemover;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.StreamCache;
import org.apache.camel.impl.DefaultCamelContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan target test`: whether a target does what its copies rely on.
@Command(
        name = "test",
        description = {
            "Try a target that keeps objects (SFTP, S3, any endpoint) on the target itself: put an object by the"
                    + " route's own endpoint, prove, list and read it, try to write over it, break an"
                    + " upload off, and remove it again.",
            "Where objects are locked, the one of the test stays until its lock is over."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it does all of it",
            "1:it does not, or can not be reached, or the home is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TargetTestCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "TARGET", description = "A target of this home.")
    private String target;

    @Override
    public Integer call() throws Exception {
        HomeChecks.Checked checked = HomeChecks.require(home.home());
        Carrier carrier = carrier(checked);
        List<Step> steps;
        try (LostHome opened = LostHome.open(home.home());
                DefaultCamelContext camel = new DefaultCamelContext()) {
            opened.parts().configureServers(camel);
            camel.start();
            steps = new TargetContract(parts(opened, camel, carrier)).run();
            opened.ledger()
                    .targets()
                    .tested(
                            target,
                            steps.stream()
                                    .filter(step -> !step.good())
                                    .findFirst()
                                    .map(step -> step.what() + ": " + step.found())
                                    .orElse(null));
        }
        print(steps);
        return steps.stream().allMatch(Step::good) ? ExitCode.OK : ExitCode.INCOMPLETE;
    }

    private Carrier carrier(HomeChecks.Checked checked) {
        String proof = checked.rules().get(target);
        if (proof == null) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no copy route has target '%s'; there are %s"
                            .formatted(target, List.copyOf(checked.rules().keySet())));
        }
        if (!Set.of("sftp", "s3", "readback").contains(proof)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "target '%s' keeps no objects: a NAS is tried with 'caravan check', cartridges with 'caravan tape verify'"
                            .formatted(target));
        }
        return RouteChecks.carrier(checked.routes(), checked.settings().properties(), target)
                .orElseThrow();
    }

    private TargetContract.Parts parts(LostHome opened, DefaultCamelContext camel, Carrier carrier)
            throws IOException {
        TargetParts parts = opened.parts();
        String rule = opened.rule(target);
        Ledger ledger = opened.ledger();
        String name =
                ledger.homeId().substring(0, 8)
                        + "-test-"
                        + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
        return new TargetContract.Parts(
                name,
                rule.equals("readback")
                        ? parts.endpoint(target)::put
                        : new RouteEndpoint(camel, carrier),
                parts.forTest(target, rule),
                new TargetContract.Media() {
                    @Override
                    public ObjectReader reader() throws IOException {
                        return parts.medium(target) instanceof Medium.Server(var reader, var _)
                                ? reader
                                : unreachable();
                    }

                    @Override
                    public ObjectReading reading() throws IOException {
                        return opened.objects(target);
                    }

                    @Override
                    public TargetContract.Remover remover(String identity) throws IOException {
                        if (rule.equals("readback")) {
                            EndpointRemover remover =
                                    new EndpointRemover(target, parts.endpoint(target), identity);
                            return remover::remove;
                        }
                        if (rule.equals("s3")) {
                            S3Remover remover =
                                    new S3Remover(target, parts.bucket(target), identity);
                            return remover::remove;
                        }
                        SftpRemover remover =
                                new SftpRemover(
                                        target, parts.address(target), identity, ledger.homeId());
                        return remover::remove;
                    }
                });
    }

    private static ObjectReader unreachable() {
        throw new IllegalStateException("a target that keeps objects is read from a server");
    }

    /// The endpoint of the copy route, with one exchange at a time.
    private static final class RouteEndpoint implements TargetContract.Endpoint {
        private final DefaultCamelContext camel;
        private final Carrier carrier;
        private final ProducerTemplate template;

        RouteEndpoint(DefaultCamelContext camel, Carrier carrier) {
            this.camel = camel;
            this.carrier = carrier;
            this.template = camel.createProducerTemplate();
        }

        @Override
        public void put(String name, InputStream body, long length) throws IOException {
            Exchange reply =
                    template.request(
                            camel.getEndpoint(carrier.uri(), new HashMap<>(carrier.options())),
                            exchange -> {
                                exchange.getMessage().setBody(new Body(body, length));
                                exchange.getMessage().setHeader(CaravanHeaders.COPY_NAME, name);
                                // a route sets no other value than the copy's own name
                                carrier.headers()
                                        .keySet()
                                        .forEach(header ->
                                                exchange.getMessage().setHeader(header, name));
                            });
            if (reply.getException() != null) {
                throw new IOException(chain(reply.getException()), reply.getException());
            }
        }

        private static String chain(Throwable thrown) {
            Throwable deepest = thrown;
            while (deepest.getCause() != null) {
                deepest = deepest.getCause();
            }
            return String.valueOf(deepest.getMessage());
        }
    }

    /// A body of known length, as copy routes have them.
    private static final class Body extends FilterInputStream implements StreamCache {
        private final long length;

        Body(InputStream in, long length) {
            super(in);
            this.length = length;
            in.mark(0);
        }

        @Override
        public void reset() {
            try {
                super.reset();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Override
        public void close() {
            // it is read again
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            transferTo(out);
        }

        @Override
        public StreamCache copy(Exchange exchange) {
            return this;
        }

        @Override
        public boolean inMemory() {
            return false;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public long position() {
            return -1;
        }
    }

    private void print(List<Step> steps) {
        PrintWriter out = spec.commandLine().getOut();
        boolean passed = steps.stream().allMatch(Step::good);
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        object.text("target", target).flag("passed", passed);
                        object.array(
                                "steps",
                                array -> {
                                    for (Step step : steps) {
                                        array.object(one ->
                                                one.text("what", step.what())
                                                        .flag("good", step.good())
                                                        .text("found", step.found()));
                                    }
                                });
                    });
            return;
        }
        for (Step step : steps) {
            out.println(
                    "  %-4s %s%s"
                            .formatted(
                                    step.good() ? "ok" : "NO",
                                    step.what(),
                                    step.found().isEmpty()
                                            ? ""
                                            : ": " + Words.shown(step.found())));
        }
        out.println(
                passed
                        ? "Target '%s' does what its copies rely on.".formatted(target)
                        : "Target '%s' does not do what its copies rely on.".formatted(target));
    }
}
