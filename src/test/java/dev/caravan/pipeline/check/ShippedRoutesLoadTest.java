package dev.caravan.pipeline.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.camel.Route;
import org.apache.camel.component.stub.StubComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

/// Camel itself takes the shipped routes, with its own `file:`, `sftp:` and `aws2-s3:` endpoints;
/// our components are stood in for, they have tests of their own.
class ShippedRoutesLoadTest {
    @Test
    void everyShippedRouteLoadsInCamel() throws Exception {
        Properties properties = new Properties();
        properties.putAll(ShippedRoutes.properties());
        List<Path> files = ShippedRoutes.files();

        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            for (String ours : List.of("ledger", "scan", "tape", "caravan-drill")) {
                camel.addComponent(ours, new StubComponent());
            }
            camel.getPropertiesComponent().setInitialProperties(properties);
            camel.setAutoStartup(false);
            List<Resource> resources =
                    files.stream()
                            .map(file -> ResourceHelper.resolveResource(camel, "file:" + file))
                            .toList();
            PluginHelper.getRoutesLoader(camel).loadRoutes(resources);
            camel.start();

            assertThat(camel.getRoutes())
                    .extracting(Route::getId)
                    .containsExactlyInAnyOrder(
                            "pick-up",
                            "fan-out",
                            "copy-nas",
                            "copy-tape",
                            "copy-offsite",
                            "record",
                            "scrub",
                            "forget",
                            "drill");
        }
    }

    /// Not started: the endpoint asks for its bucket when it starts.
    @Test
    void theOptionalRouteLoadsInCamel() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(
                            ResourceHelper.resolveResource(
                                    camel, "file:routes/optional/33-copy-s3.camel.yaml"));

            assertThat(camel.getRouteDefinition("copy-s3").getOutputs()).hasSize(3);
        }
    }
}
