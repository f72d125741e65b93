package dev.caravan.pipeline;

import dev.caravan.config.Limits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
import org.jspecify.annotations.Nullable;

/**
 * Register versions in Caravan's ledger, take wanted copies from it, and record proven copies in
 * it.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "ledger",
        title = "Ledger",
        syntax = "ledger:operation",
        category = {Category.DATABASE, Category.FILE},
        headersClass = CaravanHeaders.class)
public class LedgerEndpoint extends DefaultEndpoint {

    @UriPath(
            description =
                    "register: a version and its wanted copies for each changed item of a scan"
                            + " batch; wanted: claim and carry copies of one target; record: prove"
                            + " and record what was carried; fail: settle a failed exchange;"
                            + " scrub: start on a schedule; verify: prove copies again;"
                            + " retention: start on a schedule; forget: retire what no"
                            + " retention keeps.")
    @Metadata(required = true)
    private LedgerOperation operation = LedgerOperation.wanted;

    @UriParam(
            label = "producer",
            defaultValue = "all",
            description =
                    "register: the targets that get a wanted copy of every version, as names"
                            + " separated by commas; all means every target that a loaded copy"
                            + " route serves.")
    private String targets = "all";

    @UriParam(label = "consumer", description = "wanted: the target whose copies are claimed.")
    private @Nullable String target;

    @UriParam(
            label = "consumer",
            enums = "disk,tape,object-store,optical",
            description = "wanted: what kind of media the target's copies lie on.")
    private @Nullable String mediaKind;

    @UriParam(
            label = "consumer",
            description =
                    "wanted: the name of the site the target is at; another site than the source's"
                            + " is offsite.")
    private @Nullable String site;

    @UriParam(
            label = "consumer",
            enums = "nas,tape,sftp,s3",
            description = "wanted: the rule by which copies on this target are proven.")
    private @Nullable String proof;

    @UriParam(
            label = "consumer",
            description =
                    "wanted: pack items into pax segments of this size, such as 1GiB. Without it"
                            + " every exchange carries one item as itself.")
    private @Nullable String segment;

    @UriParam(
            label = "consumer",
            description =
                    "wanted: files of this size and more travel as objects of their own although"
                            + " segment is set, such as 1MiB.")
    private @Nullable String largeFiles;

    @UriParam(
            label = "consumer",
            defaultValue = "2s",
            javaType = "java.time.Duration",
            description =
                    "wanted: how long a segment that is not full waits for more items while a scan"
                            + " is going on.")
    private String linger = "2s";

    @UriParam(
            label = "consumer",
            defaultValue = "1",
            description = "wanted: how many exchanges are carried at the same time.")
    private int concurrency = 1;

    @UriParam(
            label = "consumer",
            defaultValue = "unlimited",
            description =
                    "wanted: how many bytes a second are sent to the target at most, all exchanges"
                            + " together, such as 20MiB.")
    private String rate = "unlimited";

    @UriParam(
            label = "consumer",
            defaultValue = "always",
            description =
                    "wanted: when copies are claimed, by local time, such as 20:00-06:00 or Mon-Fri"
                            + " 20:00-06:00,Sat-Sun; what is under way when it closes is ended.")
    private String window = "always";

    @UriParam(
            label = "consumer",
            defaultValue = "false",
            description = "wanted: the target stands in for real media; every report says so.")
    private boolean simulated;

    @UriParam(
            label = "consumer",
            defaultValue = "manual",
            description =
                    "scrub, retention: when to start: a pause such as 1d, a Quartz cron such as 0 30 3 * * ?,"
                            + " or manual for never.")
    private String schedule = "manual";

    @UriParam(
            label = "producer",
            defaultValue = "50GiB",
            description = "verify: how much of each target is read in one run, such as 50GiB.")
    private String bytes = "50GiB";

    public LedgerEndpoint(String uri, LedgerComponent component) {
        super(uri, component);
    }

    @Override
    public Producer createProducer() {
        return switch (operation) {
            case register -> new RegisterProducer(this, pipeline());
            case record -> new RecordProducer(this);
            case fail -> new FailProducer(this);
            case verify -> new VerifyProducer(this, bean(Scrub.BEAN, Scrub.class));
            case forget -> new ForgetProducer(this, bean(Forget.BEAN, Forget.class));
            case scrub, retention ->
                    throw new IllegalArgumentException(
                            "ledger:%s is where a route starts: use it in from"
                                    .formatted(operation));
            case wanted ->
                    throw new IllegalArgumentException(
                            "ledger:wanted is where a copy route starts: use it in from");
        };
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (operation == LedgerOperation.scrub || operation == LedgerOperation.retention) {
            ScheduledConsumer consumer = new ScheduledConsumer(this, processor, schedule);
            configureConsumer(consumer);
            return consumer;
        }
        if (operation != LedgerOperation.wanted) {
            throw new IllegalArgumentException(
                    "ledger:%s is a step of a route: use it in to".formatted(operation));
        }
        WantedConsumer consumer = new WantedConsumer(this, processor, laneOptions());
        configureConsumer(consumer);
        return consumer;
    }

    private LaneOptions laneOptions() {
        return new LaneOptions(
                required("target", target),
                required("proof", proof),
                bytes(segment, 0),
                bytes(largeFiles, Long.MAX_VALUE),
                duration(linger),
                concurrency,
                Limits.of(rate, window));
    }

    private static String required(String option, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("ledger:wanted needs the option " + option);
        }
        return value;
    }

    private static long bytes(@Nullable String size, long otherwise) {
        return size == null ? otherwise : dev.caravan.item.DataSize.parse(size).bytes();
    }

    private Duration duration(String text) {
        return getCamelContext().getTypeConverter().convertTo(Duration.class, text);
    }

    Pipeline pipeline() {
        return bean(Pipeline.BEAN, Pipeline.class);
    }

    private <T> T bean(String name, Class<T> type) {
        T bean = getCamelContext().getRegistry().lookupByNameAndType(name, type);
        if (bean == null) {
            throw new RuntimeCamelException(
                    "no bean '%s' in the registry: ledger: works inside Caravan only"
                            .formatted(name));
        }
        return bean;
    }

    List<String> targetNames() {
        return targets.equals("all")
                ? List.of()
                : Arrays.stream(targets.split(",")).map(String::strip).toList();
    }

    public LedgerOperation getOperation() {
        return operation;
    }

    public void setOperation(LedgerOperation operation) {
        this.operation = operation;
    }

    public String getTargets() {
        return targets;
    }

    public void setTargets(String targets) {
        this.targets = targets;
    }

    public @Nullable String getTarget() {
        return target;
    }

    public void setTarget(@Nullable String target) {
        this.target = target;
    }

    public @Nullable String getMediaKind() {
        return mediaKind;
    }

    public void setMediaKind(@Nullable String mediaKind) {
        this.mediaKind = mediaKind;
    }

    public @Nullable String getSite() {
        return site;
    }

    public void setSite(@Nullable String site) {
        this.site = site;
    }

    public @Nullable String getProof() {
        return proof;
    }

    public void setProof(@Nullable String proof) {
        this.proof = proof;
    }

    public @Nullable String getSegment() {
        return segment;
    }

    public void setSegment(@Nullable String segment) {
        this.segment = segment;
    }

    public @Nullable String getLargeFiles() {
        return largeFiles;
    }

    public void setLargeFiles(@Nullable String largeFiles) {
        this.largeFiles = largeFiles;
    }

    public String getLinger() {
        return linger;
    }

    public void setLinger(String linger) {
        this.linger = linger;
    }

    public int getConcurrency() {
        return concurrency;
    }

    public void setConcurrency(int concurrency) {
        this.concurrency = concurrency;
    }

    public String getRate() {
        return rate;
    }

    public void setRate(String rate) {
        this.rate = rate;
    }

    public String getWindow() {
        return window;
    }

    public void setWindow(String window) {
        this.window = window;
    }

    public boolean isSimulated() {
        return simulated;
    }

    public void setSimulated(boolean simulated) {
        this.simulated = simulated;
    }

    public String getSchedule() {
        return schedule;
    }

    public void setSchedule(String schedule) {
        this.schedule = schedule;
    }

    public String getBytes() {
        return bytes;
    }

    public void setBytes(String bytes) {
        this.bytes = bytes;
    }
}
