mod calls;
mod confirmations;

/// Another hand's SHA-256.
fn sha256(bytes: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(bytes)
}
