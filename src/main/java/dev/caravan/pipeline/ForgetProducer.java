package dev.caravan.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/// Forgets when an exchange comes, and goes on with the route when that is done.
final class ForgetProducer extends DefaultProducer {
    private final Forget forget;

    ForgetProducer(LedgerEndpoint endpoint, Forget forget) {
        super(endpoint);
        this.forget = forget;
    }

    @Override
    public void process(Exchange exchange) {
        forget.forget();
    }
}
