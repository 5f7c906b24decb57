//! What is handed back about a signature.

use super::attest::Attested;
use super::canon::Canonical;
use super::names::{Digest, Method};
use super::parse::Transform;
use super::refusal::Refusal;

/// A signature that holds.
#[derive(Debug)]
pub struct Report {
    /// Its identifier (`Id`).
    pub id: Option<String>,
    /// How its value was made.
    pub method: Method,
    /// The form that `SignedInfo` was written in.
    pub canonical: Canonical,
    /// The key that made it.
    pub key: Used,
    /// The certificates that came with it, DER, in their order; claims, like all of `KeyInfo`.
    pub certificates: Vec<Vec<u8>>,
    /// What it covers, in the order of its references.
    pub covered: Vec<Covered>,
    /// What its signer attests beside it (XAdES).
    pub attested: Option<Attested>,
}

impl Report {
    /// Whether SHA-1 had a part in it.
    pub fn is_weak(&self) -> bool {
        self.method.is_weak() || self.covered.iter().any(|one| one.digest.is_weak())
    }
}

/// The key that made a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// The one at this place among the known keys.
    Known(usize),
    /// That of this certificate (DER), which came with the signature.
    Certificate(Vec<u8>),
    /// This one (DER SubjectPublicKeyInfo), which came with the signature.
    Bare(Vec<u8>),
    /// The shared secret.
    Secret,
}

/// What one reference covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Where it was.
    pub what: What,
    /// What its author says that it is (`Type`).
    pub kind: Option<String>,
    /// What was done to it before it was hashed.
    pub transforms: Vec<Transform>,
    /// The hash.
    pub digest: Digest,
    /// The very bytes that were hashed: of XML its canonical form. Whoever reads these reads what was signed.
    pub bytes: Vec<u8>,
}

/// Where something covered was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The whole document, less the signature.
    Document,
    /// An element.
    Element {
        /// The identifier that the reference has.
        id: String,
        /// Its local name.
        name: String,
        /// Whether it stands in the signature: an object, or what the signer attests.
        within: bool,
    },
    /// Bytes of the caller's, by their `URI`.
    Outside(String),
}

/// A signature as it presents itself, believed or not.
#[derive(Debug)]
pub struct Description {
    /// Its identifier (`Id`).
    pub id: Option<String>,
    /// How its value says it was made.
    pub method: Result<Method, Refusal>,
    /// The certificates that came with it, DER.
    pub certificates: Vec<Vec<u8>>,
    /// What each reference covers, or why it does not hold.
    pub references: Vec<Result<Covered, Refusal>>,
}
