package dev.caravan.scan;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/**
 * Pick up new and changed files, folders and symlinks from source folders, in batches, and notice
 * what is gone.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "scan",
        title = "Scan",
        syntax = "scan:source",
        category = {Category.FILE},
        consumerOnly = true)
public class ScanEndpoint extends DefaultEndpoint {

    /** The path that stands for every configured source. */
    static final String ALL = "all";

    @UriPath(description = "The name of a configured source, or all.")
    @Metadata(required = true)
    private String source = ALL;

    @UriParam(
            defaultValue = "manual",
            description =
                    "When to walk the source: a pause such as 15m, a Quartz cron such as 0 0/15 * *"
                            + " * ?, or manual for only when asked.")
    private String schedule = "manual";

    public ScanEndpoint(String uri, ScanComponent component) {
        super(uri, component);
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("scan: is where a route starts: use it in from");
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        ScanConsumer consumer = new ScanConsumer(this, processor, scanner());
        configureConsumer(consumer);
        return consumer;
    }

    private Scanner scanner() {
        Scanner scanner =
                getCamelContext().getRegistry().lookupByNameAndType(Scanner.BEAN, Scanner.class);
        if (scanner == null) {
            throw new RuntimeCamelException(
                    "no bean '%s' in the registry: scan: works inside Caravan only"
                            .formatted(Scanner.BEAN));
        }
        return scanner;
    }

    public String getSource() {
        return source;
    }

    public void setSource(String source) {
        this.source = source;
    }

    public String getSchedule() {
        return schedule;
    }

    public void setSchedule(String schedule) {
        this.schedule = schedule;
    }
}
