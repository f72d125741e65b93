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
