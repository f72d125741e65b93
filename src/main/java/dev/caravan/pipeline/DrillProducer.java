package dev.caravan.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.ExchangeHelper;

/// Does the drill of one target.
final class DrillProducer extends DefaultProducer {
    private final Drilling drilling;

    DrillProducer(DrillEndpoint endpoint, Drilling drilling) {
        super(endpoint);
        this.drilling = drilling;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        String target =
                ExchangeHelper.getMandatoryHeader(exchange, CaravanHeaders.TARGET, String.class);
        drilling.drill(target, ((DrillEndpoint) getEndpoint()).getSample());
    }
}
