//! Who signs and who can tell: the two traits that keep keys away from the engines.

use std::fmt;

/// A signature algorithm of this house; a key is used with exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256; the signature is r‖s, 64 bytes (RFC 7518 §3.4).
    Es256,
    /// ECDSA on P-384 with SHA-384; the signature is r‖s, 96 bytes.
    Es384,
    /// RSASSA-PKCS1-v1_5 with SHA-256, modulus of 2,048 bits or more (RFC 7518 §3.3).
    Rs256,
    /// The same with SHA-384.
    Rs384,
    /// The same with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 7518 §3.5).
    Ps256,
    /// The same with SHA-384 throughout and a salt of 48 bytes.
    Ps384,
    /// The same with SHA-512 throughout and a salt of 64 bytes.
    Ps512,
    /// Ed25519, 64 bytes (RFC 8032); JWA calls it EdDSA (RFC 8037).
    Ed25519,
}

/// What a key is; it says which algorithms it can be used with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// RSA, with a modulus of 2,048 bits or more.
    Rsa,
    /// The curve P-256.
    P256,
    /// The curve P-384.
    P384,
    /// Ed25519.
    Ed25519,
}

/// A hash that is used here. SHA-1 is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// Every algorithm, in the order people are offered them.
    pub const ALL: [Self; 9] = [
        Self::Es256,
        Self::Es384,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Ed25519,
    ];

    /// The name in a JWS header (RFC 7518 §3.1, RFC 8037 §3.1).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Ed25519 => "EdDSA",
        }
    }

    /// The algorithm of a JWS name; `Ed25519` is the newer name of EdDSA on that curve (RFC 9864 §2.2).
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "Ed25519" => Some(Self::Ed25519),
            _ => Self::ALL.into_iter().find(|one| one.name() == name),
        }
    }

    /// The keys it is used with.
    pub const fn family(self) -> Family {
        match self {
            Self::Es256 => Family::P256,
            Self::Es384 => Family::P384,
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => Family::Rsa,
            Self::Ed25519 => Family::Ed25519,
        }
    }

    /// The hash of the message; Ed25519 hashes inside.
    pub const fn hash(self) -> Option<Hash> {
        match self {
            Self::Es256 | Self::Rs256 | Self::Ps256 => Some(Hash::Sha256),
            Self::Es384 | Self::Rs384 | Self::Ps384 => Some(Hash::Sha384),
            Self::Rs512 | Self::Ps512 => Some(Hash::Sha512),
            Self::Ed25519 => None,
        }
    }

    /// Whether the padding is PSS, which Thông tư 15/2025 asks for.
    pub const fn is_pss(self) -> bool {
        matches!(self, Self::Ps256 | Self::Ps384 | Self::Ps512)
    }
}

impl Family {
    /// What a key of this family is used with when nobody says otherwise.
    pub const fn usual(self) -> Algorithm {
        match self {
            Self::Rsa => Algorithm::Rs256,
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::Ed25519 => Algorithm::Ed25519,
        }
    }

    /// The bytes of r, and of s, in a signature of an elliptic curve.
    pub const fn width(self) -> Option<usize> {
        match self {
            Self::P256 => Some(32),
            Self::P384 => Some(48),
            Self::Rsa | Self::Ed25519 => None,
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

    /// Signs `message`; the hash is the algorithm's own. ECDSA comes out as r‖s of fixed width.
    ///
    /// A key that [`waits`](Self::waits) holds its thread until the signature is there.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;

    /// Whether signing takes longer than counting does: a token, another machine. Such a key is used from a thread that may
    /// stand still, never from one that runs others' work. A software key signs at once.
    fn waits(&self) -> bool {
        false
    }

    /// The certificates kept with the key, DER, its own first and each followed by its issuer; none where there is none.
    fn chain(&self) -> &[Vec<u8>] {
        &[]
    }
}

/// A public key that tells whether a signature is its own.
pub trait Verifier: Send + Sync {
    /// The one algorithm this key may be used with.
    fn algorithm(&self) -> Algorithm;

    /// The id under which the key is known here.
    fn id(&self) -> &str;

    /// Whether `signature` (ECDSA: r‖s of fixed width) is this key's over `message`; anything malformed is a no.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}
