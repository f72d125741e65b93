package dev.caravan.pipeline;

import dev.caravan.pipeline.check.RouteChecks;
import dev.caravan.target.Endpoint;
import dev.caravan.target.TargetException;
import dev.caravan.target.TargetException.Remedy;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.UnitOfWork;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;

/// An endpoint by its four routes, which start at `direct:TARGET-put`, `-get`, `-list` and
/// `-delete`, in a Camel context of their own: they are there for a command that runs no other
/// route. Thread-safe.
///
/// | Route | is given | gives |
/// |---|---|---|
/// | put | a body; headers `CaravanCopyName`, `CaravanLength` | fails if that name is taken |
/// | get | `CaravanCopyName`; `CaravanRange` (RFC 9110 section 14.2) if not all is wanted | a body; header `CaravanResult`: `part` if it is that range, `end` if there are no such bytes, `none` if there is no such file |
/// | list | | the files, in a form of [EndpointListing] |
/// | delete | `CaravanCopyName` | does not fail if it is not there |
public final class RoutedEndpoint implements Endpoint, AutoCloseable {
    private static final int MOST_LIST_BYTES = 512 << 20;

    private final String target;
    private final String place;
    private final DefaultCamelContext camel;
    private final Map<String, AsyncProducer> producers;

    private RoutedEndpoint(
            String target,
            String place,
            DefaultCamelContext camel,
            Map<String, AsyncProducer> producers) {
        this.target = target;
        this.place = place;
        this.camel = camel;
        this.producers = producers;
    }

    /// Starts the routes of an endpoint.
    ///
    /// @param place where it is, for a person
    /// @param routes in YAML
    /// @param properties what `{{…}}` stands for
    /// @throws TargetException if they do not start
    public static RoutedEndpoint start(
            String target, String place, String routes, Map<String, String> properties)
            throws TargetException {
        DefaultCamelContext camel = new DefaultCamelContext();
        try {
            camel.getCamelContextExtension().setName("caravan-" + target);
            camel.setStreamCaching(false); // each step would keep the whole body in memory
            Properties initial = new Properties();
            initial.putAll(properties);
            camel.getPropertiesComponent().setInitialProperties(initial);
            Resource resource = ResourceHelper.fromString(target + ".camel.yaml", routes);
            PluginHelper.getRoutesLoader(camel).loadRoutes(resource);
            camel.start();
            Map<String, AsyncProducer> producers = new HashMap<>();
            for (String operation : RouteChecks.OPERATIONS) {
                AsyncProducer producer =
                        camel.getEndpoint("direct:" + target + "-" + operation)
                                .createAsyncProducer();
                producer.start();
                producers.put(operation, producer);
            }
            return new RoutedEndpoint(target, place, camel, producers);
        } catch (Exception failed) {
            camel.stop();
            throw new TargetException(
                    Remedy.PERSON,
                    "target '%s': its routes do not start: %s"
                            .formatted(target, Fault.chain(failed)),
                    failed);
        }
    }

    /// An exchange whose end is ours to say: an endpoint closes at its end what the body reads.
    private Exchange send(String operation, @Nullable String name, Given given)
            throws TargetException {
        AsyncProducer producer = Objects.requireNonNull(producers.get(operation));
        Exchange exchange = producer.getEndpoint().createExchange(ExchangePattern.InOut);
        UnitOfWork work = PluginHelper.getUnitOfWorkFactory(camel).createUnitOfWork(exchange);
        exchange.getExchangeExtension().setUnitOfWork(work);
        if (name != null) {
            exchange.getMessage().setHeader(CaravanHeaders.COPY_NAME, name);
        }
        given.to(exchange);
        try {
            producer.process(exchange);
        } catch (Exception thrown) {
            exchange.setException(thrown);
        }
        Exception failed = exchange.getException();
        if (failed != null) {
            end(exchange);
            throw failure(operation, name, failed);
        }
        return exchange;
    }

    private interface Given {
        void to(Exchange exchange);
    }

    private static void end(Exchange exchange) {
        UnitOfWork work = exchange.getUnitOfWork();
        if (work != null) {
            work.done(exchange);
        }
    }

    private TargetException failure(String operation, @Nullable String name, Exception failed) {
        return new TargetException(
                Fault.remedy(failed),
                "target '%s': %s%s: %s"
                        .formatted(
                                target,
                                operation,
                                name == null ? "" : " " + name,
                                Fault.chain(failed)),
                failed);
    }

    @Override
    public void put(String name, InputStream body, long bytes) throws TargetException {
        Exchange exchange =
                send(
                        "put",
                        name,
                        given -> {
                            given.getMessage().setBody(body);
                            given.getMessage().setHeader(CaravanHeaders.LENGTH, bytes);
                        });
        end(exchange);
    }

    @Override
    public @Nullable Answer get(String name, long from, long count) throws TargetException {
        String range =
                count == Long.MAX_VALUE
                        ? from == 0 ? null : "bytes=%d-".formatted(from)
                        : "bytes=%d-%d".formatted(from, from + count - 1);
        Exchange exchange =
                send(
                        "get",
                        name,
                        given -> {
                            if (range != null) {
                                given.getMessage().setHeader(CaravanHeaders.RANGE, range);
                            }
                        });
        String result = exchange.getMessage().getHeader(CaravanHeaders.RESULT, "", String.class);
        if (result.equals("none") || result.equals("end")) {
            end(exchange);
            return result.equals("none") ? null : new Answer(InputStream.nullInputStream(), true);
        }
        return new Answer(body(exchange), result.equals("part"));
    }

    private static InputStream body(Exchange exchange) {
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        return new Ending(body == null ? InputStream.nullInputStream() : body, exchange);
    }

    /// A body with which its exchange ends.
    private static final class Ending extends FilterInputStream {
        private final Exchange exchange;
        private boolean closed;

        Ending(InputStream in, Exchange exchange) {
            super(in);
            this.exchange = exchange;
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try {
                super.close();
            } finally {
                end(exchange);
            }
        }
    }

    @Override
    public void delete(String name) throws TargetException {
        end(send("delete", name, given -> {}));
    }

    @Override
    public List<Entry> list() throws TargetException {
        Exchange exchange = send("list", null, given -> {});
        try (InputStream in = body(exchange)) {
            return EndpointListing.read(in.readNBytes(MOST_LIST_BYTES));
        } catch (IOException broken) {
            throw failure("list", null, broken);
        }
    }

    @Override
    public String place(String name) {
        return name.isEmpty() ? place : place + (place.endsWith("/") ? "" : "/") + name;
    }

    @Override
    public void close() {
        camel.stop();
    }
}
