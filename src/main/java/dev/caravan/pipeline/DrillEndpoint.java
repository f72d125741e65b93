package dev.caravan.pipeline;

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
 * Restore a random sample from each target to scratch on schedule, compare it with the ledger and
 * record how that went.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "caravan-drill",
        title = "Drill",
        syntax = "caravan-drill:operation",
        category = {Category.FILE},
        headersClass = CaravanHeaders.class)
public class DrillEndpoint extends DefaultEndpoint {

    @UriPath(
            description =
                    "due: one exchange for each target, when its drill is due; restore: do the"
                            + " drill of the target in the header CaravanTarget.")
    @Metadata(required = true)
    private DrillOperation operation = DrillOperation.due;

    @UriParam(
            label = "consumer",
            defaultValue = "manual",
            description =
                    "due: when, as a pause such as 7d, a Quartz cron such as 0 0 4 ? * SUN, or"
                            + " manual for never.")
    private String schedule = "manual";

    @UriParam(
            label = "producer",
            defaultValue = "20",
            description =
                    "restore: how much of a target: a number of items, or a size such as 1GiB.")
    private String sample = "20";

    public DrillEndpoint(String uri, DrillComponent component) {
        super(uri, component);
    }

    @Override
    public Producer createProducer() {
        if (operation != DrillOperation.restore) {
            throw new IllegalArgumentException(
                    "caravan-drill:due is where a route starts: use it in from");
        }
        return new DrillProducer(this, drilling());
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (operation != DrillOperation.due) {
            throw new IllegalArgumentException(
                    "caravan-drill:restore is a step of a route: use it in to");
        }
        DrillConsumer consumer = new DrillConsumer(this, processor, drilling());
        configureConsumer(consumer);
        return consumer;
    }

    private Drilling drilling() {
        Drilling drilling =
                getCamelContext().getRegistry().lookupByNameAndType(Drilling.BEAN, Drilling.class);
        if (drilling == null) {
            throw new RuntimeCamelException(
                    "no bean '%s' in the registry: caravan-drill: works inside Caravan only"
                            .formatted(Drilling.BEAN));
        }
        return drilling;
    }

    public DrillOperation getOperation() {
        return operation;
    }

    public void setOperation(DrillOperation operation) {
        this.operation = operation;
    }

    public String getSchedule() {
        return schedule;
    }

    public void setSchedule(String schedule) {
        this.schedule = schedule;
    }

    public String getSample() {
        return sample;
    }

    public void setSample(String sample) {
        this.sample = sample;
    }
}
