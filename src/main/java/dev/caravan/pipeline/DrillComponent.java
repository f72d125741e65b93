package dev.caravan.pipeline;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** Restores a sample from each target on schedule, to prove that it can be restored. */
@Component("caravan-drill")
public class DrillComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        DrillEndpoint endpoint = new DrillEndpoint(uri, this);
        endpoint.setOperation(
                getCamelContext()
                        .getTypeConverter()
                        .mandatoryConvertTo(DrillOperation.class, remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
