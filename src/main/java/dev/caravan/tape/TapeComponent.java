package dev.caravan.tape;

import dev.caravan.tape.pool.Allocation;
import dev.caravan.tape.pool.BarcodePattern;
import dev.caravan.tape.pool.PoolRules;
import dev.caravan.tape.pool.SupplyPool;
import dev.caravan.tape.pool.VolumeUse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;

/** Writes bodies to tape cartridges and brings them back. */
@Component("tape")
public class TapeComponent extends DefaultComponent {
    @Metadata(description = "The directory of the tape library, for endpoints that name none.")
    private @Nullable String library;

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

    /** All endpoints on one library share its drives and their queue. */
    TapeLibrary library(LibraryPlace place) throws IOException {
        TapeLibrary known = libraries.get(place);
        if (known != null) {
            return known;
        }
        TapeLibrary opened = TapeLibrary.open(place);
        opened.govern(rules());
        TapeLibrary earlier = libraries.putIfAbsent(place, opened);
        return earlier == null ? opened : earlier;
    }
}
