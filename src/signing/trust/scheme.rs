//! Signature schemes as certificates, CMS, CRLs and OCSP write them: an AlgorithmIdentifier read, written and used.
//!
//! Wider than [`Algorithm`], because others mix curves and hashes, choose salts of their own, and once used SHA-1, which is read here so
//! that it can be named; whether it is let through is the caller's word.

use std::fmt;

use openssl::error::ErrorStack;
use openssl::hash::{Hasher, MessageDigest};
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};

use crate::model::signer::{Algorithm, Family, Hash};
use crate::signing::der::oid::{self, Oid};
use crate::signing::der::{DerError, Element, INTEGER, NULL, Reader, SEQUENCE, context, write};
use crate::signing::public::{self, KeyError, SMALLEST_RSA};

/// A hash that signatures of others are met with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    /// SHA-1: weak, for documents that a time-stamp proves older, never written.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a signature is made, hash included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    Rsa(Digest),
    /// RSASSA-PSS, MGF1 with the same hash (RFC 4056).
    Pss {
        /// The hash, of the message and of the mask.
        digest: Digest,
        /// The salt, in octets.
        salt: u16,
    },
    /// ECDSA on P-256 or P-384, the signature DER (RFC 5753 §7.2).
    Ecdsa(Digest),
    /// Ed25519, which hashes inside (RFC 8419).
    Ed25519,
}

/// Why an AlgorithmIdentifier is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemeError {
    /// Not the structure.
    #[error("the algorithm identifier cannot be read")]
    Malformed(#[from] DerError),
    /// Another algorithm.
    #[error("the algorithm {0} is not used here")]
    Unknown(Oid),
    /// Parameters that the algorithm does not have, or none where it must.
    #[error("the parameters of the algorithm {0} are not what its RFC says")]
    Parameters(Oid),
    /// PSS with one hash for the message and another for the mask.
    #[error("RSASSA-PSS with two different hashes")]
    Mask,
}

impl Digest {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Reads an AlgorithmIdentifier of a hash; parameters are absent or NULL (RFC 5754 §2).
    pub fn read(algorithm: Element<'_>) -> Result<Self, SchemeError> {
        let (id, parameters) = parts(algorithm)?;
        let found = Self::ALL.into_iter().find(|one| one.oid() == id);
        let digest = found.ok_or_else(|| SchemeError::Unknown(Oid::new(id)))?;
        nothing(id, parameters)?;
        Ok(digest)
    }

    /// Its AlgorithmIdentifier, parameters absent (RFC 5754 §2).
    pub fn identifier(self) -> Vec<u8> {
        write::sequence(&[&write::oid(self.oid())])
    }

    /// Contents octets of its identifier.
    pub const fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    /// Octets of its value.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The hash of parts, one after the other.
    pub fn of(self, parts: &[&[u8]]) -> Result<Vec<u8>, ErrorStack> {
        let mut hasher = Hasher::new(self.engine())?;
        for part in parts {
            hasher.update(part)?;
        }
        hasher.finish().map(|digest| digest.to_vec())
    }

    /// Whether it proves nothing any more.
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::Sha1)
    }

    fn engine(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}

impl From<Hash> for Digest {
    fn from(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Self::Sha256,
            Hash::Sha384 => Self::Sha384,
            Hash::Sha512 => Self::Sha512,
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl From<Algorithm> for Scheme {
    fn from(algorithm: Algorithm) -> Self {
        let digest = algorithm.hash().map(Digest::from);
        match (algorithm.family(), digest) {
            (Family::Ed25519, _) | (_, None) => Self::Ed25519,
            (Family::P256 | Family::P384, Some(digest)) => Self::Ecdsa(digest),
            (Family::Rsa, Some(digest)) if algorithm.is_pss() => Self::Pss {
                digest,
                // RFC 4056 §2.2: as long as the hash.
                salt: digest.length() as u16,
            },
            (Family::Rsa, Some(digest)) => Self::Rsa(digest),
        }
    }
}

impl Scheme {
    /// Reads an AlgorithmIdentifier of a signature. `beside` is the hash that stands elsewhere, for CMS, where `rsaEncryption`
    /// (and, with some signers, `id-ecPublicKey`) says only which key.
    pub fn read(algorithm: Element<'_>, beside: Option<Digest>) -> Result<Self, SchemeError> {
        let (id, parameters) = parts(algorithm)?;
        if id == oid::RSA_PSS {
            return mask(parameters.ok_or_else(|| SchemeError::Parameters(Oid::new(id)))?);
        }
        let unknown = || SchemeError::Unknown(Oid::new(id));
        let scheme = match id {
            oid::RSA => Self::Rsa(beside.ok_or_else(unknown)?),
            oid::EC => return Ok(Self::Ecdsa(beside.ok_or_else(unknown)?)),
            oid::RSA_SHA1 => Self::Rsa(Digest::Sha1),
            oid::RSA_SHA256 => Self::Rsa(Digest::Sha256),
            oid::RSA_SHA384 => Self::Rsa(Digest::Sha384),
            oid::RSA_SHA512 => Self::Rsa(Digest::Sha512),
            oid::ECDSA_SHA1 => Self::Ecdsa(Digest::Sha1),
            oid::ECDSA_SHA256 => Self::Ecdsa(Digest::Sha256),
            oid::ECDSA_SHA384 => Self::Ecdsa(Digest::Sha384),
            oid::ECDSA_SHA512 => Self::Ecdsa(Digest::Sha512),
            oid::ED25519 => Self::Ed25519,
            _ => return Err(unknown()),
        };
        nothing(id, parameters)?;
        Ok(scheme)
    }

    /// Its AlgorithmIdentifier: NULL for RSA v1.5 (RFC 5754 §3.2), everything explicit for PSS (RFC 4056 §2.2), absent otherwise.
    pub fn identifier(self) -> Vec<u8> {
        let plain = |id: &[u8]| write::sequence(&[&write::oid(id)]);
        match self {
            Self::Rsa(digest) => {
                let id = match digest {
                    Digest::Sha1 => oid::RSA_SHA1,
                    Digest::Sha256 => oid::RSA_SHA256,
                    Digest::Sha384 => oid::RSA_SHA384,
                    Digest::Sha512 => oid::RSA_SHA512,
                };
                write::sequence(&[&write::oid(id), &write::null()])
            }
            Self::Pss { digest, salt } => {
                // RFC 4055 §2.1 keeps the NULL for the hashes within PSS.
                let hash = write::sequence(&[&write::oid(digest.oid()), &write::null()]);
                let mask = write::sequence(&[&write::oid(oid::MGF1), &hash]);
                let salt = write::unsigned(&salt.to_be_bytes());
                let parameters = write::sequence(&[
                    &write::tagged(0, &[&hash]),
                    &write::tagged(1, &[&mask]),
                    &write::tagged(2, &[&salt]),
                ]);
                write::sequence(&[&write::oid(oid::RSA_PSS), &parameters])
            }
            Self::Ecdsa(Digest::Sha1) => plain(oid::ECDSA_SHA1),
            Self::Ecdsa(Digest::Sha256) => plain(oid::ECDSA_SHA256),
            Self::Ecdsa(Digest::Sha384) => plain(oid::ECDSA_SHA384),
            Self::Ecdsa(Digest::Sha512) => plain(oid::ECDSA_SHA512),
            Self::Ed25519 => plain(oid::ED25519),
        }
    }

    /// Its hash; Ed25519 hashes inside.
    pub const fn digest(self) -> Option<Digest> {
        match self {
            Self::Rsa(digest) | Self::Ecdsa(digest) | Self::Pss { digest, .. } => Some(digest),
            Self::Ed25519 => None,
        }
    }

    /// Whether its hash proves nothing any more.
    pub fn is_weak(self) -> bool {
        self.digest().is_some_and(Digest::is_weak)
    }

    /// Whether `signature` is the key's over the parts, one after the other; a key of another kind is a no.
    pub fn verify(self, key: &Key, parts: &[&[u8]], signature: &[u8]) -> bool {
        let valid = self.check(key, parts, signature).unwrap_or(false);
        if !valid {
            // OpenSSL leaves its reasons on a per-thread stack, where the next call would find them.
            ErrorStack::get();
        }
        valid
    }

    fn check(self, key: &Key, parts: &[&[u8]], signature: &[u8]) -> Result<bool, ErrorStack> {
        let Some(digest) = self.digest() else {
            let fits = key.family == Family::Ed25519;
            return Ok(fits
                && Verifier::new_without_digest(&key.engine)?.verify_oneshot(signature, &parts.concat())?);
        };
        let fits = match self {
            Self::Rsa(_) => key.family == Family::Rsa && !key.is_only_pss,
            Self::Pss { .. } => key.family == Family::Rsa,
            Self::Ecdsa(_) => matches!(key.family, Family::P256 | Family::P384),
            Self::Ed25519 => false,
        };
        if !fits {
            return Ok(false);
        }
        let mut verifier = Verifier::new(digest.engine(), &key.engine)?;
        if let Self::Pss { digest, salt } = self {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::from(salt)))?;
            verifier.set_rsa_mgf1_md(digest.engine())?;
        }
        for part in parts {
            verifier.update(part)?;
        }
        verifier.verify(signature)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(digest) => write!(f, "RSA v1.5 with {digest}"),
            Self::Pss { digest, salt } => write!(f, "RSA-PSS with {digest}, salt {salt}"),
            Self::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

/// A public key of a certificate, parsed for use.
pub struct Key {
    engine: PKey<Public>,
    family: Family,
    /// A key of type id-RSASSA-PSS may be used with nothing else (RFC 4055 §1.2).
    is_only_pss: bool,
}

impl Key {
    /// Reads a DER SubjectPublicKeyInfo of RSA (2,048 bits or more), P-256, P-384 or Ed25519.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let engine = PKey::public_key_from_der(der).map_err(KeyError::Malformed)?;
        let is_only_pss = engine.id() == Id::RSA_PSS;
        let family = match is_only_pss {
            true if engine.bits() < SMALLEST_RSA => return Err(KeyError::Short(engine.bits())),
            true => Family::Rsa,
            false => public::family_of(&engine)?,
        };
        Ok(Self {
            engine,
            family,
            is_only_pss,
        })
    }

    /// What kind of key it is.
    pub fn family(&self) -> Family {
        self.family
    }
}

/// The identifier and the parameters.
fn parts(algorithm: Element<'_>) -> Result<(&[u8], Option<Element<'_>>), SchemeError> {
    if algorithm.tag != SEQUENCE {
        return Err(SchemeError::Malformed(DerError::Tag {
            expected: SEQUENCE,
            found: algorithm.tag,
        }));
    }
    let mut inside = algorithm.inside();
    let id = inside.oid()?;
    let parameters = if inside.is_empty() {
        None
    } else {
        Some(inside.any()?)
    };
    inside.end()?;
    Ok((id, parameters))
}

/// Parameters are absent or NULL.
fn nothing(id: &[u8], parameters: Option<Element<'_>>) -> Result<(), SchemeError> {
    match parameters.map(|element| (element.tag, element.content)) {
        None | Some((NULL, [])) => Ok(()),
        Some(_) => Err(SchemeError::Parameters(Oid::new(id))),
    }
}

/// RSASSA-PSS-params (RFC 4055 §3.1); what is left out is SHA-1 and 20.
fn mask(parameters: Element<'_>) -> Result<Scheme, SchemeError> {
    let wrong = || SchemeError::Parameters(Oid::new(oid::RSA_PSS));
    if parameters.tag != SEQUENCE {
        return Err(wrong());
    }
    let mut inside = parameters.inside();
    let digest = match inside.maybe(context(0))? {
        None => Digest::Sha1,
        Some(tagged) => Digest::read(Element::only(tagged.content, SEQUENCE)?)?,
    };
    let masked = match inside.maybe(context(1))? {
        None => Digest::Sha1,
        Some(tagged) => {
            let (id, inner) = parts(Element::only(tagged.content, SEQUENCE)?)?;
            if id != oid::MGF1 {
                return Err(SchemeError::Unknown(Oid::new(id)));
            }
            Digest::read(inner.ok_or_else(wrong)?)?
        }
    };
    let salt = match inside.maybe(context(2))? {
        None => 20,
        Some(tagged) => Element::only(tagged.content, INTEGER)?.small()?,
    };
    let trailer = match inside.maybe(context(3))? {
        None => 1,
        Some(tagged) => Element::only(tagged.content, INTEGER)?.small()?,
    };
    inside.end()?;
    if trailer != 1 {
        return Err(wrong());
    }
    if digest != masked {
        return Err(SchemeError::Mask);
    }
    let salt = u16::try_from(salt).map_err(|_| wrong())?;
    Ok(Scheme::Pss { digest, salt })
}

/// The scheme of an AlgorithmIdentifier that stands next in `reader`, and its bytes.
pub(in crate::signing) fn next<'a>(
    reader: &mut Reader<'a>,
) -> Result<(&'a [u8], Result<Scheme, SchemeError>), DerError> {
    let element = reader.take(SEQUENCE)?;
    Ok((element.whole, Scheme::read(element, None)))
}
