package dev.caravan.pipeline;

import dev.caravan.config.Schedule;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends one exchange for each target down the route when its schedule says so, one after the
/// other. A target that fails holds up no other.
final class DrillConsumer extends DefaultConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(DrillConsumer.class);

    private final Drilling drilling;
    private @Nullable ScheduledExecutorService timer;
    private @Nullable Consumer quartz;

    DrillConsumer(DrillEndpoint endpoint, Processor processor, Drilling drilling) {
        super(endpoint, processor);
        this.drilling = drilling;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        switch (Schedule.parse(((DrillEndpoint) getEndpoint()).getSchedule())) {
            case Schedule.Manual() -> {}
            case Schedule.Every(var pause) -> {
                timer =
                        Executors.newSingleThreadScheduledExecutor(
                                Thread.ofPlatform().name("drill").factory());
                timer.scheduleWithFixedDelay(
                        this::due, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
            }
            case Schedule.Cron(String expression) -> startQuartz(expression);
        }
    }

    private void startQuartz(String expression) throws Exception {
        String uri =
                "quartz:caravan/%s?stateful=true&cron=%s"
                        .formatted(getRouteId(), expression.replace(' ', '+'));
        quartz = getEndpoint().getCamelContext().getEndpoint(uri).createConsumer(exchange -> due());
        ServiceHelper.startService(quartz);
    }

    private void due() {
        try {
            drilling.targets().forEach(this::send);
        } catch (RuntimeException failed) {
            LOG.error("drill failed: {}", failed.getMessage(), failed);
        }
    }

    private void send(String target) {
        Exchange exchange = createExchange(false);
        try {
            exchange.getMessage().setHeader(CaravanHeaders.TARGET, target);
            getProcessor().process(exchange);
            Exception failed = exchange.getException();
            if (failed != null) {
                LOG.error("drill of {} failed: {}", target, Fault.chain(failed));
            }
        } catch (Exception failed) {
            LOG.error("drill of {} failed: {}", target, Fault.chain(failed));
        } finally {
            releaseExchange(exchange, false);
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (timer != null) {
            timer.shutdownNow();
        }
        ServiceHelper.stopService(quartz);
        super.doStop();
    }
}
