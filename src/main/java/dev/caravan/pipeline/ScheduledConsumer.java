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

/// Sends an empty exchange down its route when the schedule says so; the next one not before the
/// route is done with it.
final class ScheduledConsumer extends DefaultConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduledConsumer.class);

    private final Schedule schedule;
    private @Nullable ScheduledExecutorService timer;
    private @Nullable Consumer quartz;

    ScheduledConsumer(LedgerEndpoint endpoint, Processor processor, String schedule) {
        super(endpoint, processor);
        this.schedule = Schedule.parse(schedule);
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        switch (schedule) {
            case Schedule.Manual() -> {}
            case Schedule.Every(var pause) -> {
                ScheduledExecutorService every =
                        Executors.newSingleThreadScheduledExecutor(
                                Thread.ofPlatform().name(getRouteId()).factory());
                every.scheduleWithFixedDelay(
                        this::send, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
                timer = every;
            }
            case Schedule.Cron(String expression) -> {
                String uri =
                        "quartz:caravan/%s?stateful=true&cron=%s"
                                .formatted(getRouteId(), expression.replace(' ', '+'));
                Consumer cron =
                        getEndpoint()
                                .getCamelContext()
                                .getEndpoint(uri)
                                .createConsumer(exchange -> send());
                ServiceHelper.startService(cron);
                quartz = cron;
            }
        }
    }

    private void send() {
        Exchange exchange = createExchange(false);
        try {
            getProcessor().process(exchange);
            Exception failed = exchange.getException();
            if (failed != null) {
                throw failed;
            }
        } catch (Exception failed) {
            LOG.error("{} failed: {}", getRouteId(), failed.getMessage(), failed);
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
