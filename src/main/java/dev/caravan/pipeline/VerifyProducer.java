package dev.caravan.pipeline;

import dev.caravan.item.DataSize;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/// Proves copies again when an exchange comes, and goes on with the route when that is done.
final class VerifyProducer extends DefaultProducer {
    private final Scrub scrub;
    private final long bytes;

    VerifyProducer(LedgerEndpoint endpoint, Scrub scrub) {
        super(endpoint);
        this.scrub = scrub;
        this.bytes = DataSize.parse(endpoint.getBytes()).bytes();
    }

    @Override
    public void process(Exchange exchange) {
        scrub.scrub(bytes);
    }
}
