package dev.caravan.pipeline;

import dev.caravan.target.Carried;
import java.io.IOException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/// The one point where evidence enters: hands what was carried to its lane's recorder and goes on
/// with the route when it is proven and in the ledger.
final class RecordProducer extends DefaultAsyncProducer {

    RecordProducer(LedgerEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Load load = Load.of(exchange);
        if (load == null) {
            exchange.setException(
                    new IllegalStateException(
                            "ledger:record got an exchange that does not come from"
                                    + " ledger:wanted"));
            callback.done(true);
            return true;
        }
        Carried carried;
        try {
            carried = load.carried(exchange.getMessage().getHeaders());
        } catch (IOException notRead) {
            exchange.setException(notRead);
            callback.done(true);
            return true;
        }
        load.lane.arrived(
                load,
                carried,
                failure -> {
                    if (failure != null) {
                        exchange.setException(failure);
                    }
                    callback.done(false);
                });
        return false;
    }
}
