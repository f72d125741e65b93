package dev.caravan.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Collectors;

/// Keys as text (RFC 7468), for openssl and everybody else.
final class Pem {
    private Pem() {}

    static byte[] text(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, base64, label)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// @throws IOException if it can not be read, or is none
    static byte[] read(Path file) throws IOException {
        String base64 =
                Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
                        .filter(line -> !line.startsWith("-----"))
                        .map(String::strip)
                        .collect(Collectors.joining());
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException damaged) {
            throw new IOException("'%s' is no PEM file".formatted(file), damaged);
        }
    }
}
