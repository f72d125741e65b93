package dev.caravan.scan;

import dev.caravan.config.Schedule;
import dev.caravan.ledger.ChangedItems;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Walks when its schedule says so, or when [Scanner#scanNow] is called, and sends what changed
/// down the pick-up route, a batch at a time.
final class ScanConsumer extends DefaultConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(ScanConsumer.class);

    private final Scanner scanner;
    private @Nullable ScheduledExecutorService timer;
    private @Nullable Consumer quartz;

    ScanConsumer(ScanEndpoint endpoint, Processor processor, Scanner scanner) {
        super(endpoint, processor);
        this.scanner = scanner;
    }

    private ScanEndpoint endpoint() {
        return (ScanEndpoint) getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        scanner.attach(this);
        switch (Schedule.parse(endpoint().getSchedule())) {
            case Schedule.Manual() -> {}
            case Schedule.Every(var pause) -> {
                timer =
                        Executors.newSingleThreadScheduledExecutor(
                                Thread.ofPlatform().name("scan").factory());
                timer.scheduleWithFixedDelay(
                        this::scheduled, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
            }
            case Schedule.Cron(String expression) -> startQuartz(expression);
        }
    }

    private void startQuartz(String expression) throws Exception {
        String uri =
                "quartz:caravan/%s?stateful=true&cron=%s"
                        .formatted(getRouteId(), expression.replace(' ', '+'));
        quartz =
                getEndpoint()
                        .getCamelContext()
                        .getEndpoint(uri)
                        .createConsumer(exchange -> scheduled());
        ServiceHelper.startService(quartz);
    }

    private void scheduled() {
        try {
            scanner.scan(this);
        } catch (RuntimeException failed) {
            LOG.error("scan failed: {}", failed.getMessage(), failed);
        }
    }

    @Override
    protected void doStop() throws Exception {
        scanner.detach(this);
        if (timer != null) {
            timer.shutdownNow();
        }
        ServiceHelper.stopService(quartz);
        super.doStop();
    }

    boolean coversAll() {
        return endpoint().getSource().equals(ScanEndpoint.ALL);
    }

    boolean covers(String source) {
        return coversAll() || endpoint().getSource().equals(source);
    }

    /// Sends a batch down the route.
    void pickUp(ChangedItems batch) throws IOException {
        Exchange exchange = createExchange(false);
        try {
            exchange.getMessage().setBody(batch);
            getProcessor().process(exchange);
            Exception failed = exchange.getException();
            if (failed != null) {
                throw failed;
            }
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new RuntimeCamelException(failed);
        } finally {
            releaseExchange(exchange, false);
        }
    }
}
