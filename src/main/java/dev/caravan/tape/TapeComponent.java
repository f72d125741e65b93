package dev.caravan.tape;

import java.io.IOException;
import java.util.Map;
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

    private final Map<LibraryPlace, TapeLibrary> libraries = new ConcurrentHashMap<>();

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
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

    /** All endpoints on one library share its drives and their queue. */
    TapeLibrary library(LibraryPlace place) throws IOException {
        TapeLibrary known = libraries.get(place);
        if (known != null) {
            return known;
        }
        TapeLibrary opened = TapeLibrary.open(place);
        TapeLibrary earlier = libraries.putIfAbsent(place, opened);
        return earlier == null ? opened : earlier;
    }
}
