//! Who signs and who can tell: the two traits that keep keys away from the engines.

use std::fmt;

/// A signature algorithm of this house; a key has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256; the signature is r‖s, 64 bytes (RFC 7518 §3.4).
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, modulus of 2,048 bits or more (RFC 7518 §3.3).
    Rs256,
    /// Ed25519, 64 bytes (RFC 8032); JWA calls it EdDSA (RFC 8037).
    Ed25519,
}

impl Algorithm {
    /// Every algorithm, in the order people are offered them.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::Ed25519];

    /// The name in a JWS header (RFC 7518 §3.1, RFC 8037 §3.1).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ed25519 => "EdDSA",
        }
    }

    /// The algorithm of a JWS name; `Ed25519` is the newer name of EdDSA on that curve (RFC 9864 §2.2).
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "RS256" => Some(Self::Rs256),
            "EdDSA" | "Ed25519" => Some(Self::Ed25519),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a key did not sign.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The key could not be reached: a token pulled out, a remote signer away. Worth another attempt.
    #[error("the signing key {id} cannot be reached")]
    Unreachable {
        /// The key's id.
        id: String,
        /// What the way to the key said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The key was there and refused.
    #[error("the signing key {id} refused to sign")]
    Refused {
        /// The key's id.
        id: String,
        /// What the engine behind the key said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A key that signs, wherever it lives: a file, a token, another machine.
pub trait Signer: Send + Sync {
    /// The one algorithm of this key.
    fn algorithm(&self) -> Algorithm;

    /// The key's id as it stands in a JWS header (`kid`).
    fn id(&self) -> &str;

    /// The public key, DER SubjectPublicKeyInfo.
    fn public(&self) -> &[u8];

    /// Signs `message`; the hash is the algorithm's own. ES256 comes out as r‖s, 64 bytes.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

/// A public key that tells whether a signature is its own.
pub trait Verifier: Send + Sync {
    /// The one algorithm this key may be used with.
    fn algorithm(&self) -> Algorithm;

    /// The id under which the key is known here.
    fn id(&self) -> &str;

    /// Whether `signature` (ES256: r‖s) is this key's over `message`; anything malformed is a no.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}
