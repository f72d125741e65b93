package dev.caravan.tape;

import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.spi.UriPath;
import org.jspecify.annotations.Nullable;

/** The options of a tape endpoint. */
@UriParams
public class TapeConfiguration {
    static final int DEFAULT_BLOCK_SIZE = 256 * 1024;

    @UriPath(description = "The media pool: a set of cartridges with one purpose.")
    @Metadata(required = true)
    private @Nullable String pool;

    @UriParam(
            description = "The directory of the tape library. The component's is taken if absent.")
    private @Nullable String library;

    @UriParam(
            description =
                    "The no-rewind devices of the tape drives, separated by commas, best by "
                            + "names that stay: /dev/tape/by-id/...-nst. Without any the library is a "
                            + "virtual one. The component's is taken if absent.")
    private @Nullable String drives;

    @UriParam(
            description =
                    "The device of the changer, such as /dev/sg3. Without one a person "
                            + "loads the drives, and is asked to. The component's is taken if absent.")
    private @Nullable String changer;

    @UriParam(
            description =
                    "The barcodes of blank cartridges that a person may be asked for, "
                            + "separated by commas, where there is no changer. The component's is "
                            + "taken if absent.")
    private @Nullable String shelf;

    @UriParam(
            label = "producer",
            defaultValue = "262144",
            description =
                    "The size of a record in bytes, for cartridges that are labelled from now on."
                            + " 262144 is what tar -b 512 writes and reads.")
    private int blockSize = DEFAULT_BLOCK_SIZE;

    @UriParam(
            label = "producer",
            defaultValue = "write",
            description =
                    "What to do: write the body as one tape file, fetch one tape file as the body,"
                            + " or give the inventory of the library as the body.")
    private TapeOperation operation = TapeOperation.write;

    public @Nullable String getPool() {
        return pool;
    }

    public void setPool(String pool) {
        this.pool = pool;
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

    public int getBlockSize() {
        return blockSize;
    }

    public void setBlockSize(int blockSize) {
        this.blockSize = blockSize;
    }

    public TapeOperation getOperation() {
        return operation;
    }

    public void setOperation(TapeOperation operation) {
        this.operation = operation;
    }
}
