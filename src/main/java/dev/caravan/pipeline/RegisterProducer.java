package dev.caravan.pipeline;

import dev.caravan.ledger.ChangedItems;
import dev.caravan.ledger.Target;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/// Fan-out: registers the versions of a scan batch with a wanted copy for each target, in one
/// transaction. What happens after a crash needs nobody: the rows are the queue.
final class RegisterProducer extends DefaultProducer {
    private final Pipeline pipeline;

    RegisterProducer(LedgerEndpoint endpoint, Pipeline pipeline) {
        super(endpoint);
        this.pipeline = pipeline;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        ChangedItems batch = exchange.getMessage().getMandatoryBody(ChangedItems.class);
        pipeline.ledger().scans().register(batch.source(), batch.items(), targets());
        pipeline.wake();
    }

    /// A scan hands on only what changed: what was there before a target was added is wanted now.
    @Override
    protected void doStart() throws Exception {
        super.doStart();
        pipeline.ledger().scans().closeGaps(targets());
    }

    private List<String> targets() {
        List<String> named = ((LedgerEndpoint) getEndpoint()).targetNames();
        return named.isEmpty()
                ? pipeline.ledger().targets().active().stream().map(Target::name).toList()
                : named;
    }
}
