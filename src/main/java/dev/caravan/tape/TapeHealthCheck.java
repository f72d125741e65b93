package dev.caravan.tape;

import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckResultBuilder;

/// Whether a media pool could be written to: its library answers and has a drive, and there is a
/// cartridge that takes more, one of the pool or a blank one. A readiness check; it asks the
/// changer and the inventory, and moves nothing and needs no drive. Thread-safe.
///
/// The details are counts: `tape.drives`, `tape.cartridges`, and of the pool `tape.writable`,
/// `tape.full`, `tape.damaged` and `tape.outside`; `tape.blank` may become the pool's.
final class TapeHealthCheck implements HealthCheck {
    private final TapeEndpoint endpoint;
    private final String id;
    private volatile boolean enabled;

    TapeHealthCheck(TapeEndpoint endpoint, boolean enabled) {
        this.endpoint = endpoint;
        this.id = "producer:tape-" + endpoint.getConfiguration().getPool() + "-" + endpoint.getId();
        this.enabled = enabled;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public String getGroup() {
        return "camel";
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    @Override
    public boolean isReadiness() {
        return true;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    public Result call(Map<String, Object> options) {
        HealthCheckResultBuilder result =
                HealthCheckResultBuilder.on(this).detail(ENDPOINT_URI, endpoint.getEndpointUri());
        try {
            TapeLibrary library = endpoint.library();
            look(library.drives(), library.cartridges(), result);
        } catch (IOException | IllegalArgumentException e) {
            result.down().message(e.getMessage()).error(e);
        }
        return result.build();
    }

    private void look(int drives, List<TapeCartridge> all, HealthCheckResultBuilder result) {
        String pool = String.valueOf(endpoint.getConfiguration().getPool());
        List<TapeCartridge> inside = all.stream().filter(c -> !outside(c)).toList();
        long blank =
                inside.stream()
                        .filter(c -> c.volume().isEmpty() && !c.barcode().cleaning())
                        .count();
        long writable = count(inside, pool, v -> v.status() == VolumeStatus.WRITABLE);
        long full = count(inside, pool, v -> v.status() == VolumeStatus.FULL);
        long damaged = count(inside, pool, v -> v.status() == VolumeStatus.DAMAGED);
        result.detail("tape.drives", drives)
                .detail("tape.cartridges", inside.size())
                .detail("tape.blank", blank)
                .detail("tape.writable", writable)
                .detail("tape.full", full)
                .detail("tape.damaged", damaged)
                .detail(
                        "tape.outside",
                        count(all.stream().filter(c -> outside(c)).toList(), pool, _ -> true));
        if (drives == 0) {
            result.down().message("the tape library has no drive");
        } else if (writable + blank == 0) {
            result.down()
                    .message(
                            "no cartridge for pool %s: of %d in the library, %d of the pool are full and %d damaged; add cartridges"
                                    .formatted(pool, inside.size(), full, damaged));
        } else {
            result.up();
        }
    }

    private static boolean outside(TapeCartridge cartridge) {
        return !cartridge.inside();
    }

    private static long count(List<TapeCartridge> all, String pool, Predicate<Volume> which) {
        return all.stream()
                .map(TapeCartridge::volume)
                .flatMap(Optional::stream)
                .filter(v -> v.pool().equals(pool))
                .filter(which)
                .count();
    }
}
