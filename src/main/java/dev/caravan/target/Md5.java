package dev.caravan.target;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// MD5, for what it is to S3: a server that keeps no better checksum compares `Content-MD5` (RFC
/// 1864) with what has arrived. It proves nothing of a copy.
final class Md5 {
    private Md5() {}

    static String base64(byte[] bytes, int offset, int length) {
        MessageDigest digest = digest();
        digest.update(bytes, offset, length);
        return Base64.getEncoder().encodeToString(digest.digest());
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
