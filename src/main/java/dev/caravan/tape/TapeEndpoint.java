package dev.caravan.tape;

import dev.caravan.tape.drive.Drive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.camel.Category;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.support.DefaultEndpoint;

/** Write bodies to tape cartridges, one tape file each, and fetch them back. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "tape",
        title = "Tape",
        syntax = "tape:pool",
        producerOnly = true,
        category = {Category.FILE},
        headersClass = TapeConstants.class)
public class TapeEndpoint extends DefaultEndpoint {
    @UriParam private TapeConfiguration configuration;

    public TapeEndpoint(String uri, Component component, TapeConfiguration configuration) {
        super(uri, component);
        this.configuration = configuration;
    }

    @Override
    public Producer createProducer() throws Exception {
        int blockSize = configuration.getBlockSize();
        if (blockSize < 512 || blockSize > Drive.MAX_RECORD_BYTES) {
            throw new IllegalArgumentException(
                    "%s: blockSize is %d, want 512 to %d bytes"
                            .formatted(getEndpointUri(), blockSize, Drive.MAX_RECORD_BYTES));
        }
        return new TapeProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException(
                getEndpointUri()
                        + " cannot be consumed from; use it as a step, with operation=fetch");
    }

    public TapeConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(TapeConfiguration configuration) {
        this.configuration = configuration;
    }

    /** It is opened by whoever uses it: one that is not mounted now may be later. */
    TapeLibrary library() throws IOException {
        return ((TapeComponent) getComponent()).library(place());
    }

    /** The library as the options name it. */
    LibraryPlace place() {
        try {
            return LibraryPlace.parse(
                    libraryDirectory(),
                    Objects.requireNonNullElse(configuration.getDrives(), ""),
                    Objects.requireNonNullElse(configuration.getChanger(), ""),
                    Objects.requireNonNullElse(configuration.getShelf(), ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(getEndpointUri() + ": " + e.getMessage(), e);
        }
    }

    private Path libraryDirectory() {
        String directory = configuration.getLibrary();
        if (directory == null || directory.isBlank()) {
            throw new IllegalArgumentException(
                    getEndpointUri()
                            + " names no tape library; set the option library of the component or"
                            + " the endpoint");
        }
        return Path.of(directory);
    }
}
