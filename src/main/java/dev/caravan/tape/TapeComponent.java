package dev.caravan.tape;

import dev.caravan.tape.pool.Allocation;
import dev.caravan.tape.pool.BarcodePattern;
import dev.caravan.tape.pool.DriveMetrics;
import dev.caravan.tape.pool.PoolRules;
import dev.caravan.tape.pool.Streaming;
import dev.caravan.tape.pool.SupplyPool;
import dev.caravan.tape.pool.VolumeUse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.camel.Endpoint;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.HealthCheckComponent;
import org.jspecify.annotations.Nullable;

/** Writes bodies to tape cartridges and brings them back. */
@Component("tape")
@ManagedResource(description = "Managed tape component")
public class TapeComponent extends HealthCheckComponent {
    @Metadata(description = "The directory of the tape library, for endpoints that name none.")
    private @Nullable String library;

    @Metadata(
            description =
                    "The no-rewind devices of the tape drives, separated by commas, best by "
                            + "names that stay: /dev/tape/by-id/...-nst. Without any the library is a "
                            + "virtual one.")
    private @Nullable String drives;

    @Metadata(
            description =
                    "The device of the changer, such as /dev/sg3. Without one a person "
                            + "loads the drives, and is asked to.")
    private @Nullable String changer;

    @Metadata(
            description =
                    "The barcodes of blank cartridges that a person may be asked for, "
                            + "separated by commas, where there is no changer.")
    private @Nullable String shelf;

    @Metadata(
            defaultValue = "continue",
            description =
                    "When a media pool begins a new media set: continue, always (each start of the"
                            + " application), daily, weekly, monthly, or a day such as fri.")
    private String allocation = "continue";

    @Metadata(
            description =
                    "Which unlabelled cartridges may be taken: globs of barcodes, separated by commas."
                            + " All if absent.")
    private @Nullable String supply;

    @Metadata(
            javaType = "java.time.Duration",
            description =
                    "How long after its last write a volume may be recycled at the earliest, if the"
                            + " volumeUse agrees. Never if absent.")
    private long retention;

    @Metadata(
            label = "advanced",
            description = "Says whether a copy on a volume is still needed. Retention wants one.")
    private @Nullable VolumeUse volumeUse;

    private final Map<LibraryPlace, TapeLibrary> libraries = new ConcurrentHashMap<>();

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        if (remaining.equals(SupplyPool.NAME)) {
            throw new IllegalArgumentException(
                    "tape:%s: this is the pool of blank cartridges, which holds no data"
                            .formatted(remaining));
        }
        if (!remaining.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw new IllegalArgumentException(
                    "tape:%s: a media pool is named by 1 to 64 of A-Z a-z 0-9 . _ -"
                            .formatted(remaining));
        }
        TapeConfiguration configuration = new TapeConfiguration();
        configuration.setPool(remaining);
        configuration.setLibrary(library);
        configuration.setDrives(drives);
        configuration.setChanger(changer);
        configuration.setShelf(shelf);
        TapeEndpoint endpoint = new TapeEndpoint(uri, this, configuration);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    public @Nullable String getLibrary() {
        return library;
    }

    public void setLibrary(@Nullable String library) {
        this.library = library;
    }

    public @Nullable String getDrives() {
        return drives;
    }

    public void setDrives(@Nullable String drives) {
        this.drives = drives;
    }

    public @Nullable String getChanger() {
        return changer;
    }

    public void setChanger(@Nullable String changer) {
        this.changer = changer;
    }

    public @Nullable String getShelf() {
        return shelf;
    }

    public void setShelf(@Nullable String shelf) {
        this.shelf = shelf;
    }

    public String getAllocation() {
        return allocation;
    }

    public void setAllocation(String allocation) {
        this.allocation = allocation;
    }

    public @Nullable String getSupply() {
        return supply;
    }

    public void setSupply(@Nullable String supply) {
        this.supply = supply;
    }

    public long getRetention() {
        return retention;
    }

    public void setRetention(long retention) {
        this.retention = retention;
    }

    public @Nullable VolumeUse getVolumeUse() {
        return volumeUse;
    }

    public void setVolumeUse(@Nullable VolumeUse volumeUse) {
        this.volumeUse = volumeUse;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        PoolRules _ = rules();
    }

    private PoolRules rules() {
        if (retention < 0 || retention > 0 && volumeUse == null) {
            throw new IllegalArgumentException(
                    retention < 0
                            ? "tape component: retention is %d ms, want a time above 0"
                                    .formatted(retention)
                            : "tape component: retention wants a volumeUse, which says what may be recycled");
        }
        return new PoolRules(
                Allocation.parse(allocation),
                supply == null ? List.of() : BarcodePattern.list(supply),
                retention == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(retention)),
                volumeUse == null ? VolumeUse.UNKNOWN : volumeUse);
    }

    /** All who use one library share its drives and their queue. */
    public TapeLibrary library(LibraryPlace place) throws IOException {
        if (isStoppingOrStopped()) {
            throw new IOException("the tape component is stopped");
        }
        TapeLibrary known = libraries.get(place);
        if (known != null) {
            return known;
        }
        TapeLibrary opened = TapeLibrary.open(place);
        opened.govern(rules());
        TapeLibrary earlier = libraries.putIfAbsent(place, opened);
        return earlier == null ? opened : earlier;
    }

    /** What the drives have written, by library, since the component was started. A snapshot. */
    public Map<LibraryPlace, List<DriveMetrics>> metrics() {
        Map<LibraryPlace, List<DriveMetrics>> metrics = new LinkedHashMap<>();
        libraries.forEach((place, library) -> metrics.put(place, library.metrics()));
        return metrics;
    }

    @ManagedAttribute(description = "Tape files that were proven to be on tape")
    public long getTapeFiles() {
        return drives().mapToLong(DriveMetrics::tapeFiles).sum();
    }

    @ManagedAttribute(description = "Tape files that were begun and count for nothing")
    public long getVoidTapeFiles() {
        return drives().mapToLong(DriveMetrics::voidTapeFiles).sum();
    }

    @ManagedAttribute(description = "Records written, void ones included")
    public long getRecordsWritten() {
        return streaming().records();
    }

    @ManagedAttribute(description = "Bytes written, void ones included")
    public long getBytesWritten() {
        return streaming().bytes();
    }

    @ManagedAttribute(description = "Bytes per second while tape files were written")
    public long getFeedRate() {
        return streaming().bytesPerSecond();
    }

    @ManagedAttribute(description = "How often a drive had to wait for a body")
    public long getStalls() {
        return streaming().stalls();
    }

    @ManagedAttribute(description = "Milliseconds for which drives had to wait for bodies")
    public long getStalledMillis() {
        return streaming().waiting().toMillis();
    }

    @ManagedAttribute(
            description =
                    "How often tapes must have stopped and started for want of data, at least")
    public long getBackHitches() {
        return streaming().backHitches();
    }

    @ManagedAttribute(description = "Milliseconds that synchronous filemarks took")
    public long getFilemarkMillis() {
        return streaming().filemark().toMillis();
    }

    private Stream<DriveMetrics> drives() {
        return libraries.values().stream().flatMap(library -> library.metrics().stream());
    }

    private Streaming streaming() {
        return drives().map(DriveMetrics::streaming).reduce(Streaming.NONE, Streaming::plus);
    }

    /** Camel has stopped the routes by now; whatever still uses a drive is cut off. */
    @Override
    protected void doStop() throws Exception {
        libraries.values().forEach(TapeLibrary::close);
        libraries.clear();
        super.doStop();
    }
}
