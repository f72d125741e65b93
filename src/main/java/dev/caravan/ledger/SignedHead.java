package dev.caravan.ledger;

/// A head, and the signature that vouches for it.
///
/// @param publicKey the Ed25519 key it is signed with: base64 of its X.509 SubjectPublicKeyInfo
/// @param signature base64 of the 64 bytes of RFC 8032
/// @param snapshot whether a snapshot of the ledger was to be exported with it
public record SignedHead(Head head, String publicKey, String signature, boolean snapshot) {

    /// What is not in the signed text is added by whoever signs.
    @FunctionalInterface
    public interface Signer {
        SignedHead sign(Head head, boolean snapshot);
    }
}
