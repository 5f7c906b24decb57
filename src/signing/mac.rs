//! Message authentication codes: HMAC-SHA256 (RFC 2104), shared secrets, and the checksums of payment platforms.
//!
//! A code proves that somebody who knows the secret wrote the message, and both ends know it: it is no signature.

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign;
use openssl::x509::X509;
use zeroize::Zeroizing;

use crate::model::signer::Verifier;

pub mod checksum;

/// The bytes of an HMAC-SHA256.
pub const WIDTH: usize = 32;

/// The fewest bytes of a [`Secret`]: as many as the hash has (RFC 7518 §3.2).
pub const SHORTEST: usize = 32;

/// Why there is no code, or no secret.
#[derive(Debug, thiserror::Error)]
pub enum MacError {
    /// OpenSSL refused to compute.
    #[error("the code could not be computed")]
    Engine(#[from] ErrorStack),
    /// Fewer than [`SHORTEST`] bytes.
    #[error("a shared secret of {0} bytes is too short; it needs {SHORTEST}")]
    Short(usize),
    /// The bytes of a key or a certificate: anybody may know them, or they are for something else.
    #[error("a key or a certificate is not a shared secret")]
    Key,
}

/// HMAC-SHA256 of `message` under `key`, which may have any length.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Result<[u8; WIDTH], MacError> {
    let key = PKey::hmac(key)?;
    let mut tag = [0; WIDTH];
    sign::Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot(&mut tag, message)?;
    Ok(tag)
}

/// Whether `tag` is the HMAC-SHA256 of `message` under `key`, in a time that does not tell where they differ.
pub fn verify(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    hmac_sha256(key, message).is_ok_and(|expected| same(&expected, tag))
}

/// Whether two codes are equal, in a time that depends on their lengths only.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && memcmp::eq(one, other)
}

/// A secret that two systems share, with the id they call it by; wiped when dropped, never printed.
pub struct Secret {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({})", self.id)
    }
}

impl Secret {
    /// Takes at least [`SHORTEST`] bytes that are no key and no certificate.
    ///
    /// Whoever can make a reader take a public key for a secret can sign as its owner, since the public key is known.
    pub fn new(id: impl Into<String>, bytes: Zeroizing<Vec<u8>>) -> Result<Self, MacError> {
        if bytes.len() < SHORTEST {
            return Err(MacError::Short(bytes.len()));
        }
        if is_key(&bytes) {
            return Err(MacError::Key);
        }
        Ok(Self { id: id.into(), bytes })
    }

    /// The id that both ends know it by.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// HMAC-SHA256 of a message.
    pub fn tag(&self, message: &[u8]) -> Result<[u8; WIDTH], MacError> {
        hmac_sha256(&self.bytes, message)
    }

    /// Whether `tag` is this secret's over `message`; anything else is a no.
    pub fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        verify(&self.bytes, message, tag)
    }
}

/// Whether the bytes are a key or a certificate, PEM or DER.
fn is_key(bytes: &[u8]) -> bool {
    let found = bytes.trim_ascii_start().starts_with(b"-----BEGIN ")
        || PKey::public_key_from_der(bytes).is_ok()
        || PKey::private_key_from_der(bytes).is_ok()
        || Rsa::public_key_from_der_pkcs1(bytes).is_ok()
        || X509::from_der(bytes).is_ok();
    // OpenSSL leaves its reasons on a per-thread stack, where the next call would find them.
    ErrorStack::get();
    found
}

/// What verifies: a public key with its one algorithm, or a shared secret with HMAC-SHA256. Neither is ever taken for
/// the other, whatever a message says about itself.
#[derive(Clone, Copy)]
pub enum Key<'a> {
    /// A public key.
    Public(&'a dyn Verifier),
    /// A shared secret.
    Shared(&'a Secret),
}

impl Key<'_> {
    /// The id under which it is known here.
    pub fn id(&self) -> &str {
        match self {
            Self::Public(key) => key.id(),
            Self::Shared(secret) => secret.id(),
        }
    }

    /// Whether `signature` is its own over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Public(key) => key.verify(message, signature),
            Self::Shared(secret) => secret.verify(message, signature),
        }
    }
}

impl<'a, K: Verifier> From<&'a K> for Key<'a> {
    fn from(key: &'a K) -> Self {
        Self::Public(key)
    }
}

impl<'a> From<&'a dyn Verifier> for Key<'a> {
    fn from(key: &'a dyn Verifier) -> Self {
        Self::Public(key)
    }
}

impl<'a> From<&'a Secret> for Key<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::Shared(secret)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use openssl::pkey::Private;

    use super::*;

    #[test]
    fn rfc_4231_one_two_and_six() {
        let cases: [(&[u8], &[u8], &str); 3] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, expected) in cases {
            let tag = hmac_sha256(key, message).unwrap();
            assert_eq!(HEXLOWER.encode(&tag), expected);
            assert!(verify(key, message, &tag));
            assert!(!verify(key, message, &tag[..31]));
            assert!(!verify(key, &message[1..], &tag));
        }
        assert!(!verify(b"Jefe", b"", &[]));
    }

    #[test]
    fn a_secret_is_long_enough_is_no_key_and_prints_nothing() {
        let secret = |bytes: &[u8]| Secret::new("hue", Zeroizing::new(bytes.to_vec()));
        assert!(matches!(secret(&[7; 31]), Err(MacError::Short(31))));
        let good = secret(&[7; 32]).unwrap();
        assert_eq!(format!("{good:?}"), "Secret(hue)");
        assert!(good.verify(b"m", &good.tag(b"m").unwrap()));
        let rsa = Rsa::generate(2048).unwrap();
        let rsa: PKey<Private> = PKey::from_rsa(rsa).unwrap();
        let edwards = PKey::generate_ed25519().unwrap();
        let keys = [
            rsa.public_key_to_der().unwrap(),
            rsa.public_key_to_pem().unwrap(),
            rsa.rsa().unwrap().public_key_to_der_pkcs1().unwrap(),
            rsa.private_key_to_der().unwrap(),
            edwards.public_key_to_der().unwrap(),
            edwards.private_key_to_pem_pkcs8().unwrap(),
        ];
        for key in keys {
            assert!(matches!(secret(&key), Err(MacError::Key)));
        }
    }
}
