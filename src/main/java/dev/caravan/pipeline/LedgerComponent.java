package dev.caravan.pipeline;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/**
 * The ledger as a Camel component: routes register versions in it, take wanted copies from it and
 * record proven copies in it.
 */
@Component("ledger")
public class LedgerComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        LedgerEndpoint endpoint = new LedgerEndpoint(uri, this);
        endpoint.setOperation(
                getCamelContext()
                        .getTypeConverter()
                        .mandatoryConvertTo(LedgerOperation.class, remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
