package dev.caravan.tape;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Streaming;
import dev.caravan.tape.pool.TapeFile;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.WritableHealthCheckRepository;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;

/** Writes, fetches and lists, as the operation of its endpoint says. */
public class TapeProducer extends DefaultProducer {
    private @Nullable TapeHealthCheck health;

    public TapeProducer(TapeEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public TapeEndpoint getEndpoint() {
        return (TapeEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        getEndpoint().place();
        WritableHealthCheckRepository checks = healthChecks();
        if (checks != null
                && getEndpoint().getConfiguration().getOperation() == TapeOperation.write) {
            TapeHealthCheck check =
                    new TapeHealthCheck(
                            getEndpoint(),
                            ((TapeComponent) getEndpoint().getComponent())
                                    .isHealthCheckProducerEnabled());
            health = check;
            checks.addHealthCheck(check);
        }
    }

    @Override
    protected void doStop() throws Exception {
        WritableHealthCheckRepository checks = healthChecks();
        if (checks != null && health != null) {
            checks.removeHealthCheck(health);
        }
        health = null;
        super.doStop();
    }

    /** Absent where the application has no health checks. */
    private @Nullable WritableHealthCheckRepository healthChecks() {
        return HealthCheckHelper.getHealthCheckRepository(
                getEndpoint().getCamelContext(), "producers", WritableHealthCheckRepository.class);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        TapeLibrary opened = getEndpoint().library();
        switch (getEndpoint().getConfiguration().getOperation()) {
            case write -> write(opened, exchange);
            case fetch -> fetch(opened, exchange);
            case inventory -> exchange.getMessage().setBody(opened.cartridges());
        }
    }

    private void write(TapeLibrary opened, Exchange exchange) throws Exception {
        TapeConfiguration configuration = getEndpoint().getConfiguration();
        String pool = String.valueOf(configuration.getPool());
        TapeFile file;
        try (ExchangeBody body = new ExchangeBody(exchange)) {
            file = opened.pool(pool, configuration.getBlockSize()).write(body);
        }
        Message message = exchange.getMessage();
        message.setHeader(TapeConstants.VOLUME, file.volume().text());
        message.setHeader(TapeConstants.VOLUME_ID, file.volumeId().toString());
        message.setHeader(TapeConstants.POOL, file.pool());
        message.setHeader(TapeConstants.FILE, file.file());
        message.setHeader(TapeConstants.BLOCK, file.block());
        message.setHeader(TapeConstants.END_BLOCK, file.endBlock());
        message.setHeader(TapeConstants.RECORDS, file.records());
        message.setHeader(TapeConstants.BYTES, file.bytes());
        message.setHeader(
                TapeConstants.POSITION_PROVEN, file.proof().name().toLowerCase(Locale.ROOT));
        message.setHeader(TapeConstants.SPANNED, file.voidAttempts());
        Streaming streaming = file.streaming();
        message.setHeader(TapeConstants.FEED_RATE, streaming.bytesPerSecond());
        message.setHeader(TapeConstants.STALLS, streaming.stalls());
        message.setHeader(TapeConstants.BACK_HITCHES, streaming.backHitches());
    }

    private void fetch(TapeLibrary opened, Exchange exchange) throws Exception {
        Barcode barcode =
                new Barcode(
                        ExchangeHelper.getMandatoryHeader(
                                exchange, TapeConstants.VOLUME, String.class));
        long block = ExchangeHelper.getMandatoryHeader(exchange, TapeConstants.BLOCK, Long.class);
        long offset = exchange.getMessage().getHeader(TapeConstants.OFFSET, 0L, Long.class);
        TapeFileBody body = new TapeFileBody(opened, barcode, block, offset);
        // whoever takes the body closes it; a failed exchange has nobody who would
        exchange.getExchangeExtension()
                .addOnCompletion(
                        new SynchronizationAdapter() {
                            @Override
                            public void onFailure(Exchange failed) {
                                body.reset();
                            }
                        });
        exchange.getMessage().setBody(body);
    }
}
