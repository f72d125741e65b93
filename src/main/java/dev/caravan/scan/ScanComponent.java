package dev.caravan.scan;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** Picks up what is new, changed or gone in the source folders. */
@Component("scan")
public class ScanComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        ScanEndpoint endpoint = new ScanEndpoint(uri, this);
        endpoint.setSource(remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
