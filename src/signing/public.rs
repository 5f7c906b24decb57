//! Public keys: read from PEM or DER, held to our algorithms, and used to verify.

use data_encoding::BASE64URL_NOPAD;
use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Public};
use openssl::sign;

use crate::model::signer::{Algorithm, Verifier};

/// The smallest RSA modulus that is trusted, in bits (Thông tư 15/2025, annex).
pub const SMALLEST_RSA: u32 = 2048;

/// Why a key is not one of ours.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no key, or no key in this form.
    #[error("this is not a key in PEM or DER")]
    Malformed(#[source] ErrorStack),
    /// An RSA modulus below [`SMALLEST_RSA`].
    #[error("an RSA key of {0} bits is too short; it needs {SMALLEST_RSA}")]
    Short(u32),
    /// OpenSSL could not make a key.
    #[error("no key could be generated")]
    Generate(#[source] ErrorStack),
    /// A key on another curve or of another kind.
    #[error("only P-256, RSA and Ed25519 keys are used here")]
    Unsupported,
}

/// A public key with its one algorithm; parsed once, used often.
#[derive(Clone)]
pub struct PublicKey {
    id: String,
    algorithm: Algorithm,
    der: Vec<u8>,
    engine: Engine,
}

/// The parsed key; P-256 keeps its own form because r‖s needs no DER then.
#[derive(Clone)]
enum Engine {
    P256(EcKey<Public>),
    Other(PKey<Public>),
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm, self.id)
    }
}

impl PublicKey {
    /// Reads a PEM `PUBLIC KEY`; the id is [`key_id`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        Self::new(PKey::public_key_from_pem(pem).map_err(KeyError::Malformed)?)
    }

    /// Reads a DER SubjectPublicKeyInfo; the id is [`key_id`].
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::new(PKey::public_key_from_der(der).map_err(KeyError::Malformed)?)
    }

    /// The same key under the id that its owner gave it.
    pub fn known_as(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// DER SubjectPublicKeyInfo.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    fn new(key: PKey<Public>) -> Result<Self, KeyError> {
        let algorithm = algorithm_of(&key)?;
        let der = key.public_key_to_der().map_err(KeyError::Malformed)?;
        let engine = match algorithm {
            Algorithm::Es256 => Engine::P256(key.ec_key().map_err(KeyError::Malformed)?),
            Algorithm::Rs256 | Algorithm::Ed25519 => Engine::Other(key),
        };
        Ok(Self {
            id: key_id(&der),
            algorithm,
            der,
            engine,
        })
    }

    fn check(&self, message: &[u8], signature: &[u8]) -> Result<bool, ErrorStack> {
        match (&self.engine, self.algorithm) {
            (Engine::P256(key), _) => check_p256(key, message, signature),
            (Engine::Other(key), Algorithm::Ed25519) => {
                sign::Verifier::new_without_digest(key)?.verify_oneshot(signature, message)
            }
            (Engine::Other(key), Algorithm::Rs256 | Algorithm::Es256) => {
                sign::Verifier::new(MessageDigest::sha256(), key)?.verify_oneshot(signature, message)
            }
        }
    }
}

impl Verifier for PublicKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let valid = self.check(message, signature).unwrap_or(false);
        if !valid {
            // OpenSSL leaves its reasons on a per-thread stack, where the next call would find them.
            ErrorStack::get();
        }
        valid
    }
}

/// The id a key has by itself: SHA-256 of its DER SubjectPublicKeyInfo, base64url.
pub fn key_id(der: &[u8]) -> String {
    BASE64URL_NOPAD.encode(&openssl::sha::sha256(der))
}

/// The one algorithm a key may be used with, or why it may not be used at all.
pub fn algorithm_of<T: HasPublic>(key: &PKeyRef<T>) -> Result<Algorithm, KeyError> {
    match key.id() {
        Id::ED25519 => Ok(Algorithm::Ed25519),
        Id::RSA if key.bits() < SMALLEST_RSA => Err(KeyError::Short(key.bits())),
        Id::RSA => Ok(Algorithm::Rs256),
        Id::EC => {
            let curve = key.ec_key().map_err(KeyError::Malformed)?.group().curve_name();
            if curve == Some(Nid::X9_62_PRIME256V1) {
                Ok(Algorithm::Es256)
            } else {
                Err(KeyError::Unsupported)
            }
        }
        _ => Err(KeyError::Unsupported),
    }
}

/// RFC 7518 §3.4: exactly 64 bytes; DER, as OpenSSL writes it, is refused.
fn check_p256(key: &EcKey<Public>, message: &[u8], signature: &[u8]) -> Result<bool, ErrorStack> {
    if signature.len() != 64 {
        return Ok(false);
    }
    let (r, s) = signature.split_at(32);
    let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
    signature.verify(&openssl::sha::sha256(message), key)
}
