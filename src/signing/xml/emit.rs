//! Sign: prepare everything but the value, let a key sign it wherever that key lives, finish; a time-stamp can follow.

use data_encoding::BASE64;

use super::bounds::{Bounds, Unreadable};
use super::canon::{Canonical, Form, Formless};
use super::card::Card;
use super::markup;
use super::plan::{Ground, Plan};
use super::read::Source;
use super::straight::straight;
use super::tree::Identified;
use crate::model::signer::{Algorithm, Hash, Signer, SignerError};

/// How a partner wants its signatures.
#[derive(Clone, Debug)]
pub struct Profile<'a> {
    /// The form of `SignedInfo` and of every reference into the document; listed prefixes are for references only.
    pub canonical: Canonical,
    /// The hash of every reference.
    pub digest: Hash,
    /// Where the signature stands.
    pub place: Place<'a>,
    /// What it says about its key.
    pub card: Card<'a>,
    /// Its identifier, and the beginning of every identifier in it: a name that the document does not use. XAdES needs one.
    pub id: Option<&'a str>,
    /// When the signer says that he signs, in milliseconds since 1970 (UTC): with it the signature is XAdES B-B, and names
    /// the first certificate of its card.
    pub signed_at: Option<i64>,
    /// How large a document may be.
    pub bounds: Bounds,
}

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// As the last child of the root element.
    Root,
    /// As the last child of the element with this identifier.
    Element(&'a str),
    /// As the last child of the element at this path of (namespace, local name).
    Path(&'a [(&'a str, &'a str)]),
    /// As a document of its own.
    Alone,
}

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// The whole document (`URI=""`), less the signature.
    Document,
    /// The element with this identifier (`#id`), less the signature where that stands in it.
    Element(&'a str),
    /// Bytes that are known by a name elsewhere.
    Outside {
        /// The `URI` of the reference.
        uri: &'a str,
        /// The bytes.
        bytes: &'a [u8],
        /// Their media type, for XAdES.
        media_type: &'a str,
    },
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum Unsignable {
    /// The document is not read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Something to be signed has no canonical form.
    #[error(transparent)]
    Formless(#[from] Formless),
    /// Nothing was named to be signed.
    #[error("nothing is to be signed")]
    Nothing,
    /// A target or a place that is not in the document exactly once.
    #[error("what is to be signed, or where the signature should stand, is not in the document exactly once")]
    Place,
    /// An identifier that is missing, no name, or already used.
    #[error("the signature needs an identifier that is a name and not used in the document")]
    Id,
    /// A moment that no calendar has.
    #[error("the time of signing is out of range")]
    Time,
    /// A card that does not show the key that signs.
    #[error("the certificate or the key to show is not one of the signing key")]
    Card,
    /// A value that is not of the algorithm's width.
    #[error("the value is not one of {0}")]
    Value(Algorithm),
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A time-stamp for a signature without XAdES properties.
    #[error("only a XAdES signature can hold a time-stamp")]
    Unstampable,
}

/// A signature that lacks its value.
#[derive(Debug)]
pub struct Draft {
    pub(super) algorithm: Algorithm,
    pub(super) to_sign: Vec<u8>,
    /// Up to where the value goes, and from there on.
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
    /// The canonical start tag of the value's element.
    pub(super) value: Vec<u8>,
    /// Where in `after` a time-stamp goes.
    pub(super) stamp: Option<usize>,
}

/// A signed document.
#[derive(Debug)]
pub struct Signed {
    bytes: Vec<u8>,
    stampable: Vec<u8>,
    stamp: Option<usize>,
}

/// Signs with a key that answers at once.
///
/// # Errors
/// Why nothing was signed.
pub fn sign(
    document: &[u8],
    targets: &[Target<'_>],
    profile: &Profile<'_>,
    signer: &dyn Signer,
) -> Result<Signed, Unsignable> {
    let draft = prepare(document, targets, profile, (signer.algorithm(), signer.public()))?;
    let value = signer.sign(draft.to_sign())?;
    draft.finish(&value)
}

/// Writes everything but the value. `key` is the algorithm and the public key (DER SubjectPublicKeyInfo) that will sign.
/// For [`Place::Alone`] the document is not looked at and may be empty.
///
/// # Errors
/// Why nothing can be signed.
pub fn prepare(
    document: &[u8],
    targets: &[Target<'_>],
    profile: &Profile<'_>,
    key: (Algorithm, &[u8]),
) -> Result<Draft, Unsignable> {
    if targets.is_empty() {
        return Err(Unsignable::Nothing);
    }
    if profile.place == Place::Alone {
        let ground = Ground::Alone;
        return Plan::new(&ground, profile)?.draft(targets, key);
    }
    let source = Source::new(document, &profile.bounds)?;
    let whole = matches!(targets, [Target::Document]) && profile.place == Place::Root;
    if whole
        && profile.canonical.prefixes.is_empty()
        && let Some(straight) = straight(source.text(), profile.canonical.form, &profile.bounds)
    {
        let ground = Ground::Plain(source.text(), straight);
        return Plan::new(&ground, profile)?.draft(targets, key);
    }
    let document = source.document(&profile.bounds)?;
    let node = one(match profile.place {
        Place::Root | Place::Alone => Identified::One(document.root),
        Place::Element(id) => document.identified(id),
        Place::Path(path) => document.at(path),
    })?;
    let ground = Ground::In(&document, node);
    Plan::new(&ground, profile)?.draft(targets, key)
}

/// The one node, or none at all.
pub(super) fn one(found: Identified) -> Result<usize, Unsignable> {
    match found {
        Identified::One(node) => Ok(node),
        Identified::Nothing | Identified::Several => Err(Unsignable::Place),
    }
}

impl Draft {
    /// The bytes to sign: the canonical `SignedInfo`.
    pub fn to_sign(&self) -> &[u8] {
        &self.to_sign
    }

    /// Puts the value in; ECDSA as r‖s of fixed width.
    ///
    /// # Errors
    /// [`Unsignable::Value`] for a value of a width that the algorithm does not have.
    pub fn finish(self, value: &[u8]) -> Result<Signed, Unsignable> {
        let width = self.algorithm.family().width();
        if value.is_empty() || width.is_some_and(|width| value.len() != 2 * width) {
            return Err(Unsignable::Value(self.algorithm));
        }
        let (value, mut stampable) = (BASE64.encode(value), self.value);
        let mut bytes = self.before;
        bytes.reserve(value.len() + self.after.len());
        bytes.extend_from_slice(value.as_bytes());
        let stamp = self.stamp.map(|place| bytes.len() + place);
        bytes.extend_from_slice(&self.after);
        stampable.extend_from_slice(value.as_bytes());
        stampable.extend_from_slice(b"</ds:SignatureValue>");
        Ok(Signed {
            bytes,
            stampable,
            stamp,
        })
    }
}

impl Signed {
    /// The document with its signature.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same, to keep.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What a time-stamp is made over: the canonical `SignatureValue` element (ETSI EN 319 132-1 §5.3).
    pub fn stampable(&self) -> &[u8] {
        &self.stampable
    }

    /// Puts a time-stamp token (RFC 3161, DER) over [`Signed::stampable`] in: XAdES B-T.
    ///
    /// # Errors
    /// [`Unsignable::Unstampable`] for a signature that is not XAdES, or has its time-stamp.
    pub fn stamped(self, token: &[u8]) -> Result<Vec<u8>, Unsignable> {
        let (before, after) = self.bytes.split_at(self.stamp.ok_or(Unsignable::Unstampable)?);
        // The value stands in the exclusive form in `stampable`, whatever the profile has.
        let stamp = markup::stamp(&STAMP_FORM, token);
        Ok([before, &stamp, after].concat())
    }
}

/// What a time-stamp is made over does not change when the document is put into another.
pub(super) const STAMP_FORM: Canonical = Canonical::new(Form::Exclusive);
