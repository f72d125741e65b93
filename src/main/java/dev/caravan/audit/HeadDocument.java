package dev.caravan.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.item.Sha256;
import dev.caravan.ledger.Head;
import dev.caravan.ledger.SignedHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Locale;

/// A signed head as JSON, and the text that is signed. Every field is explained in
/// `src/main/docs/audit.md`.
public final class HeadDocument {
    /// Names the form of the document, and begins the signed text.
    static final String FORMAT = "caravan-head-1";

    /// More than any head has.
    private static final int LONGEST = 64 << 10;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter RFC_3339 =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter(Locale.ROOT);

    private HeadDocument() {}

    /// What the signature is made over: five lines, each ended by a newline.
    static byte[] signedText(Head head) {
        return "%s\n%s\n%d\n%s\n%s\n"
                .formatted(FORMAT, head.home(), head.seq(), head.hash().hex(), time(head.at()))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String time(Instant at) {
        return RFC_3339.format(at);
    }

    /// The document; `publicKey` is repeated in it for whoever has nothing else.
    public static byte[] write(SignedHead signed) {
        Head head = signed.head();
        ObjectNode json =
                JSON.createObjectNode()
                        .put("format", FORMAT)
                        .put("home", head.home())
                        .put("seq", head.seq())
                        .put("hash", head.hash().hex())
                        .put("at", time(head.at()))
                        .put("key", keyId(signed.publicKey()))
                        .put("publicKey", signed.publicKey())
                        .put("signature", signed.signature());
        return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /// Reads a document. Whether its signature is good is asked of [#isGenuine].
    ///
    /// @throws IOException if it is none, saying why
    public static SignedHead read(byte[] text) throws IOException {
        if (text.length > LONGEST) {
            throw new IOException("no head of a ledger: %d bytes".formatted(text.length));
        }
        try {
            JsonNode json = JSON.readTree(text);
            if (json == null || !FORMAT.equals(json.path("format").asText())) {
                throw new IOException("no head of a ledger: 'format' is not " + FORMAT);
            }
            SignedHead read =
                    new SignedHead(
                            new Head(
                                    json.path("home").asText(),
                                    json.path("seq").longValue(),
                                    Sha256.ofHex(json.path("hash").asText()),
                                    Instant.parse(json.path("at").asText())),
                            json.path("publicKey").asText(),
                            json.path("signature").asText(),
                            false);
            Base64.getDecoder().decode(read.signature());
            if (!keyId(read.publicKey()).equals(json.path("key").asText())) {
                throw new IOException("no head of a ledger: 'key' is not that of 'publicKey'");
            }
            return read;
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeParseException bad) {
            throw new IOException("no head of a ledger: a field is missing or malformed", bad);
        }
    }

    /// The id of a public key: SHA-256 of its X.509 encoding, in hexadecimal digits.
    public static String keyId(String publicKey) {
        return Sha256.of(Sha256.digest().digest(Base64.getDecoder().decode(publicKey))).hex();
    }

    /// Whether the signature is that of the key in the document. Whether the key is the home's is
    /// another question.
    public static boolean isGenuine(SignedHead signed) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initVerify(
                    KeyFactory.getInstance("Ed25519")
                            .generatePublic(
                                    new X509EncodedKeySpec(
                                            Base64.getDecoder().decode(signed.publicKey()))));
            signature.update(signedText(signed.head()));
            return signature.verify(Base64.getDecoder().decode(signed.signature()));
        } catch (GeneralSecurityException | IllegalArgumentException malformed) {
            return false;
        }
    }
}
