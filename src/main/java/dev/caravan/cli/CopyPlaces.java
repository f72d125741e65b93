package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.StoredObject;
import dev.caravan.ledger.StoredPart;
import dev.caravan.posix.PathBytes;
import dev.caravan.tape.pool.Location;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeInventory;
import dev.caravan.target.CopyLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Says where copies are, so that a person can go there without Caravan. Tells it from the ledger
/// the settings and the tape inventory alone. Confined to one thread.
final class CopyPlaces {
    private final Ledger ledger;
    private final Optional<Settings> settings;
    private final Map<String, String> endpoints;
    private @Nullable Map<String, Location> outside;

    /// @param medium the one thing that may be carried off or burn down: a cartridge, a NAS folder,
    ///   a server
    /// @param location on it, as bytes
    /// @param carriedTo where a person carried the medium, as `vault NAME`, of several media with
    ///   the name of each, as `VT0001L8: vault NAME`; null if it is where it belongs, as far as is
    ///   known
    record Place(String medium, byte[] location, @Nullable String carriedTo) {
        private Place(String medium, byte[] location) {
            this(medium, location, null);
        }

        private Place(String medium, String location) {
            this(medium, location.getBytes(StandardCharsets.UTF_8), null);
        }

        /// As JSON has it: the bytes as they are where they are UTF-8.
        String text() {
            return CopyPlaces.text(location);
        }

        /// Safe on a terminal.
        String shown() {
            return ItemPath.show(location) + (carriedTo == null ? "" : " (in " + carriedTo + ")");
        }
    }

    private CopyPlaces(Ledger ledger, Optional<Settings> settings, Map<String, String> endpoints) {
        this.ledger = ledger;
        this.settings = settings;
        this.endpoints = endpoints;
    }

    /// @param endpoints of targets that have routes of their own, where each is
    static CopyPlaces of(
            Ledger ledger, Optional<Settings> settings, Map<String, String> endpoints) {
        return new CopyPlaces(ledger, settings, endpoints);
    }

    Place original(Version version, Catalog.Original original) {
        byte[] root = original.root();
        return new Place(text(root), join(root, version.path().bytes()));
    }

    /// Where a copy is; null while there is none.
    @Nullable Place of(Version version, Catalog.Copy copy) {
        if (copy.recordedAt() == null) {
            return null;
        }
        StoredObject object = copy.object();
        if (object == null) {
            return plainFile(version, copy);
        }
        if (!copy.parts().isEmpty()) {
            return new Place(
                    PartPlaces.media(copy.parts()),
                    PartPlaces.location(copy.parts()).getBytes(StandardCharsets.UTF_8),
                    carriedTo(copy.parts()));
        }
        if (object.tape() != null) {
            return new Place(
                    object.tape().volume(),
                    CopyLocation.onTape(object.tape(), copy.offset())
                            .getBytes(StandardCharsets.UTF_8),
                    vault(object.tape().volume()));
        }
        String endpoint = endpoints.get(copy.target().name());
        if (endpoint != null) {
            return new Place(endpoint, CopyLocation.atEndpoint(endpoint, object, copy.offset()));
        }
        if (copy.target().mediaKind() == MediaKind.OBJECT_STORE) {
            return new Place(
                    settings.flatMap(Settings::s3).map(Settings.S3::bucket).orElse(name(copy)),
                    settings.flatMap(Settings::s3)
                                    .map(s3 -> "s3://" + s3.bucket() + "/" + s3.prefix())
                                    .orElse("")
                            + CopyLocation.onS3(object, copy.offset()));
        }
        Optional<Settings.Offsite> offsite = settings.flatMap(Settings::offsite);
        String below = CopyLocation.onSftp(object, copy.offset());
        return new Place(
                offsite.map(Settings.Offsite::host).orElse(name(copy)),
                settings.flatMap(set ->
                                set.offsite()
                                        .map(o ->
                                                folder(o, set.home().embeddedOffsite())
                                                        + "/"
                                                        + below))
                        .orElse(below));
    }

    private @Nullable String vault(String volume) {
        return outside().get(volume) instanceof Location.Vault vault ? vault.toString() : null;
    }

    /// Of parts on several cartridges each one that was carried off: `VT0001L8: vault A`.
    private @Nullable String carriedTo(List<StoredPart> parts) {
        Set<String> carried = new LinkedHashSet<>();
        for (StoredPart part : parts) {
            String volume = part.object().tape() == null ? "" : part.object().tape().volume();
            String vault = vault(volume);
            if (vault != null) {
                carried.add(volume + ": " + vault);
            }
        }
        return carried.isEmpty() ? null : String.join(", ", carried);
    }

    /// As seen from the login folder; of the embedded server, where it is on this machine.
    private static String folder(Settings.Offsite offsite, Path embedded) {
        return offsite.embedded() ? embedded.resolve(offsite.dir()).toString() : offsite.dir();
    }

    /// Which cartridges a person said are outside. It is only an addition: where the inventory can
    /// not be read, nothing is added.
    private Map<String, Location> outside() {
        Map<String, Location> known = outside;
        if (known == null) {
            known = new HashMap<>();
            if (settings.isPresent()) {
                try {
                    for (Volume volume :
                            new VolumeInventory(settings.get().tape().library()).volumes()) {
                        if (volume.outside().isPresent()) {
                            known.put(volume.barcode().text(), volume.outside().get());
                        }
                    }
                } catch (IOException unreadable) {
                    known.clear();
                }
            }
            outside = known;
        }
        return known;
    }

    private Place plainFile(Version version, Catalog.Copy copy) {
        boolean plain =
                ledger.plainTree()
                                .inPlainTree(copy.target().name(), version.source(), version.path())
                                .orElse(-1)
                        == version.id();
        byte[] below = CopyLocation.onNas(version, plain);
        Optional<byte[]> root =
                settings.flatMap(Settings::nas).map(nas -> PathBytes.ofPath(nas.dir()));
        return root.map(dir -> new Place(text(dir), join(dir, below)))
                .orElse(new Place(name(copy), below));
    }

    private static String name(Catalog.Copy copy) {
        String identity = copy.target().identity();
        return identity == null ? copy.target().name() : identity;
    }

    private static byte[] join(byte[] folder, byte[] below) {
        byte[] joined = new byte[folder.length + 1 + below.length];
        System.arraycopy(folder, 0, joined, 0, folder.length);
        joined[folder.length] = '/';
        System.arraycopy(below, 0, joined, folder.length + 1, below.length);
        return joined;
    }

    /// An absolute path is no item's path, but its text follows the same rule.
    private static String text(byte[] bytes) {
        boolean absolute = bytes.length > 1 && bytes[0] == '/';
        byte[] relative = absolute ? java.util.Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
        try {
            return (absolute ? "/" : "") + ItemPath.of(relative).text();
        } catch (IllegalArgumentException notOfThatForm) {
            return ItemPath.show(bytes);
        }
    }
}
