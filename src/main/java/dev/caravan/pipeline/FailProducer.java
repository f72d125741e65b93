package dev.caravan.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/// Where the shared error handling sends a failed exchange: the ledger keeps the reason and the
/// time of the next attempt.
final class FailProducer extends DefaultProducer {

    FailProducer(LedgerEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public void process(Exchange exchange) {
        Load load = Load.of(exchange);
        if (load == null) {
            throw new IllegalStateException(
                    "ledger:fail got an exchange that does not come from ledger:wanted");
        }
        load.lane.failed(load, exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
    }
}
