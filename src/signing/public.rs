//! Public keys: read from PEM or DER, held to our algorithms, and used to verify.

use data_encoding::BASE64URL_NOPAD;
use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Public};
use openssl::rsa::Padding;
use openssl::sign::{self, RsaPssSaltlen};

use crate::model::signer::{Algorithm, Family, Hash, Verifier};

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
    #[error("only RSA, P-256, P-384 and Ed25519 keys are used here")]
    Unsupported,
    /// An algorithm that is not one of the key's.
    #[error("the key cannot be used with {0}")]
    Algorithm(Algorithm),
}

/// A public key with its one algorithm; parsed once, used often.
#[derive(Clone)]
pub struct PublicKey {
    id: String,
    family: Family,
    algorithm: Algorithm,
    der: Vec<u8>,
    engine: Engine,
}

/// The parsed key; a curve keeps its own form because r‖s needs no DER then.
#[derive(Clone)]
enum Engine {
    Curve(EcKey<Public>),
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

    /// The key of a certificate, or whatever else OpenSSL has read.
    pub fn new(key: PKey<Public>) -> Result<Self, KeyError> {
        let family = family_of(&key)?;
        let der = key.public_key_to_der().map_err(KeyError::Malformed)?;
        let engine = match family {
            Family::P256 | Family::P384 => Engine::Curve(key.ec_key().map_err(KeyError::Malformed)?),
            Family::Rsa | Family::Ed25519 => Engine::Other(key),
        };
        Ok(Self {
            id: key_id(&der),
            family,
            algorithm: family.usual(),
            der,
            engine,
        })
    }

    /// What kind of key it is.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The same key, used with another algorithm of its family.
    pub fn using(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        if algorithm.family() == self.family {
            Ok(Self { algorithm, ..self })
        } else {
            Err(KeyError::Algorithm(algorithm))
        }
    }

    fn check(&self, message: &[u8], signature: &[u8]) -> Result<bool, ErrorStack> {
        match &self.engine {
            Engine::Curve(key) => check_curve(key, self.algorithm, message, signature),
            Engine::Other(key) => match digest(self.algorithm) {
                None => sign::Verifier::new_without_digest(key)?.verify_oneshot(signature, message),
                Some(digest) => {
                    let mut verifier = sign::Verifier::new(digest, key)?;
                    if self.algorithm.is_pss() {
                        verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
                        verifier.set_rsa_mgf1_md(digest)?;
                    }
                    verifier.verify_oneshot(signature, message)
                }
            },
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

/// What kind of key it is, or why it may not be used at all.
pub fn family_of<T: HasPublic>(key: &PKeyRef<T>) -> Result<Family, KeyError> {
    match key.id() {
        Id::ED25519 => Ok(Family::Ed25519),
        Id::RSA if key.bits() < SMALLEST_RSA => Err(KeyError::Short(key.bits())),
        Id::RSA => Ok(Family::Rsa),
        Id::EC => match key.ec_key().map_err(KeyError::Malformed)?.group().curve_name() {
            Some(Nid::X9_62_PRIME256V1) => Ok(Family::P256),
            Some(Nid::SECP384R1) => Ok(Family::P384),
            _ => Err(KeyError::Unsupported),
        },
        _ => Err(KeyError::Unsupported),
    }
}

/// The hash that OpenSSL is told to use; Ed25519 has none.
pub fn digest(algorithm: Algorithm) -> Option<MessageDigest> {
    algorithm.hash().map(|hash| match hash {
        Hash::Sha256 => MessageDigest::sha256(),
        Hash::Sha384 => MessageDigest::sha384(),
        Hash::Sha512 => MessageDigest::sha512(),
    })
}

/// RFC 7518 §3.4: exactly r‖s of the curve's width; DER, as OpenSSL writes it, is refused.
fn check_curve(
    key: &EcKey<Public>,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorStack> {
    let (Some(width), Some(digest)) = (algorithm.family().width(), digest(algorithm)) else {
        return Ok(false);
    };
    if signature.len() != 2 * width {
        return Ok(false);
    }
    let (r, s) = signature.split_at(width);
    let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
    signature.verify(&hash(digest, message)?, key)
}
