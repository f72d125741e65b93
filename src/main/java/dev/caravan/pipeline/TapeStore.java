package dev.caravan.pipeline;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import dev.caravan.target.CopyStore;
import dev.caravan.target.Decryption;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;

/// Reads copies back from tape, through the `tape:` component like everything else that concerns
/// tapes. Thread-safe; the drive takes one reader at a time.
public final class TapeStore implements CopyStore {
    private final ProducerTemplate template;
    private final String uri;
    private final Decryption decryption;

    /// @param pool the media pool, the path of the `tape:` URI
    public TapeStore(ProducerTemplate template, String pool, Decryption decryption) {
        this.decryption = decryption;
        this.template = template;
        this.uri = "tape:" + pool + "?operation=fetch";
    }

    @Override
    public InputStream open(Version version, Catalog.Copy copy) throws IOException {
        StoredObject.OnTape tape = tape(version, copy);
        StoredObject object = copy.object();
        return object != null && object.isEncrypted()
                ? decryption.open(offset -> fetch(tape, offset), object.bytes(), copy.offset())
                : fetch(tape, copy.offset());
    }

    private InputStream fetch(StoredObject.OnTape tape, long offset) throws IOException {
        Exchange reply =
                template.request(
                        uri,
                        exchange ->
                                exchange.getMessage()
                                        .setHeaders(
                                                new java.util.HashMap<>(
                                                        Map.<String, Object>of(
                                                                "CamelTapeVolume", tape.volume(),
                                                                "CamelTapeBlock", tape.block(),
                                                                "CamelTapeOffset", offset))));
        Exception failed = reply.getException();
        if (failed != null) {
            throw new IOException(
                    "unable to read volume '%s' at block %d: %s"
                            .formatted(tape.volume(), tape.block(), Fault.chain(failed)),
                    failed);
        }
        InputStream body = reply.getMessage().getBody(InputStream.class);
        if (body == null) {
            throw new IOException("'" + uri + "' gave no bytes");
        }
        return body;
    }

    private static StoredObject.OnTape tape(Version version, Catalog.Copy copy) throws IOException {
        StoredObject.@Nullable OnTape tape = copy.object() == null ? null : copy.object().tape();
        if (tape == null) {
            throw new IOException(
                    "the ledger does not say where on tape '%s' is".formatted(version.path()));
        }
        return tape;
    }

    @Override
    public String location(Version version, Catalog.Copy copy) {
        StoredObject object = copy.object();
        return object == null || object.tape() == null
                ? "unknown"
                : "volume %s, file %d, block %d, offset %d"
                        .formatted(
                                object.tape().volume(),
                                object.tape().file(),
                                object.tape().block(),
                                copy.offset());
    }

    @Override
    public void close() {}
}
