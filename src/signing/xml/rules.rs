//! What a caller believes, allows and takes of a signed document.

use super::bounds::Bounds;
use super::reach::Named;
use crate::model::signer::Algorithm;
use crate::signing::public::PublicKey;

/// What the caller believes, allows and takes.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Whose signature counts.
    pub keys: Keys<'a>,
    /// What of the document the caller will go on with; it must be covered.
    pub takes: Takes<'a>,
    /// The identifier (`Id`) of the signature that counts; without one there must be exactly one signature.
    pub signature: Option<&'a str>,
    /// The algorithms that are allowed.
    pub algorithms: &'a [Algorithm],
    /// Whether SHA-1 is read, for what a time-stamp proves to be old; it is reported weak.
    pub legacy: bool,
    /// What references out of the document lead to.
    pub outside: &'a [Named<'a>],
    /// References of one signature.
    pub references: usize,
    /// Transforms of one reference.
    pub transforms: usize,
    /// How large the document may be.
    pub bounds: Bounds,
}

impl<'a> Rules<'a> {
    /// Every algorithm of the house, nothing old, nothing from outside, 16 references of 4 transforms.
    pub fn new(keys: Keys<'a>, takes: Takes<'a>) -> Self {
        Self {
            keys,
            takes,
            signature: None,
            algorithms: &Algorithm::ALL,
            legacy: false,
            outside: &[],
            references: 16,
            transforms: 4,
            bounds: Bounds::default(),
        }
    }
}

/// Whose signature counts.
#[derive(Clone, Copy)]
pub enum Keys<'a> {
    /// That of one of these keys, whatever the signature says about its key.
    Known(&'a [PublicKey]),
    /// That of the certificate or the bare key that came with it. Nothing is known then about who signed, until the caller
    /// has judged what [`Report::key`](super::Report::key) says.
    Embedded,
    /// That of whoever knows this secret (HMAC).
    Secret(&'a [u8]),
}

impl std::fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(keys) => f.debug_tuple("Known").field(keys).finish(),
            Self::Embedded => f.write_str("Embedded"),
            Self::Secret(_) => f.write_str("Secret"),
        }
    }
}

/// What the caller will go on with. It must be covered, whole, by a reference without the base64 transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes<'a> {
    /// The bytes of [`Report::covered`](super::Report::covered) and nothing else.
    Covered,
    /// The document, less its signature.
    Document,
    /// The element with this identifier.
    Element(&'a str),
    /// The element at this path of (namespace, local name), from the root element on.
    Path(&'a [(&'a str, &'a str)]),
    /// All of the named bytes of [`Rules::outside`].
    Outside,
}
