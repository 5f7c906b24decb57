//! Why a signature is not believed: one reason each, nothing of the document in any.

use super::bounds::Unreadable;
use super::canon::Formless;
use crate::model::signer::Algorithm;

/// Why a signature is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The document is not read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Something to be hashed has no canonical form.
    #[error(transparent)]
    Formless(#[from] Formless),
    /// There is no signature, or none with the identifier that was asked for.
    #[error("there is no XML signature here")]
    Unsigned,
    /// Several signatures where one was asked for.
    #[error("there are several XML signatures here, and nobody said which counts")]
    Several,
    /// An element is missing, stands in the wrong place or has what it may not have.
    #[error("the signature is not of the schema's shape at {0}")]
    Shape(&'static str),
    /// A value that is not base64 in its one canonical form.
    #[error("a value is not base64")]
    Base64,
    /// A canonicalisation of `SignedInfo` that is not on the list.
    #[error("the signature is written in no known canonical form")]
    Canonicalization,
    /// A signature algorithm that is not known here, or has parameters that are not.
    #[error("the signature's algorithm is not known")]
    UnknownAlgorithm,
    /// A hash that is not known here.
    #[error("a digest's algorithm is not known")]
    UnknownDigest,
    /// A transform that is not on the list.
    #[error("a transform is not known")]
    UnknownTransform,
    /// An XSLT transform: a program from outside.
    #[error("a transform by XSLT is never run")]
    Xslt,
    /// A choice of nodes by XPath or XPointer: what is covered could not be told.
    #[error("a choice by XPath is never made")]
    Xpath,
    /// More references than the caller takes.
    #[error("the signature has more references than are taken")]
    References,
    /// More transforms than the caller takes.
    #[error("a reference has more transforms than are taken")]
    Transforms,
    /// Transforms in an order that has no meaning.
    #[error("the transforms cannot follow each other so")]
    Order,
    /// An HMAC that is shorter than its hash.
    #[error("a shortened HMAC can be guessed")]
    Truncated,
    /// SHA-1, where the caller does not allow what is old.
    #[error("SHA-1 is not believed any more")]
    Weak,
    /// An algorithm that the caller does not allow.
    #[error("{0} is not allowed here")]
    NotAllowed(Algorithm),
    /// A method that needs another kind of key than the caller gave, HMAC with a public key before all.
    #[error("the signature's algorithm is not one of the key's")]
    Confusion,
    /// A curve that does not go with the algorithm.
    #[error("the key is on another curve than the algorithm has")]
    Curve,
    /// An RSA modulus that is too short, in bits.
    #[error("an RSA key of {0} bits is too short")]
    Short(u32),
    /// A key of a kind that is not used here.
    #[error("the key is of a kind that is not used here")]
    Foreign,
    /// No key came with the signature, or none that can be read.
    #[error("the signature says nothing readable about its key")]
    Keyless,
    /// An ECDSA value in DER, where r‖s is due (XMLDSig 1.1 §6.4.3).
    #[error("the ECDSA value is DER, not r and s of fixed width")]
    Der,
    /// An ECDSA value of the wrong length.
    #[error("the ECDSA value is not r and s of fixed width")]
    Width,
    /// The value is not the key's over what stands there.
    #[error("the signature's value is wrong")]
    Value,
    /// What a reference leads to is not what was signed; its place among the references, from 0.
    #[error("reference {0} leads to something that was not signed")]
    Digest(usize),
    /// A reference out of the document that the caller gave nothing for.
    #[error("reference {0} leads out of the document")]
    External(usize),
    /// No element has the identifier.
    #[error("reference {0} leads nowhere")]
    Missing(usize),
    /// Several elements have the identifier.
    #[error("reference {0} leads to several elements")]
    Ambiguous(usize),
    /// The enveloped transform of a reference that does not hold its signature.
    #[error("reference {0} takes out a signature that does not stand in it")]
    NotEnveloped(usize),
    /// A reference to what holds the signature, with nothing that takes it out.
    #[error("reference {0} covers the signature's own value")]
    Itself(usize),
    /// What the caller takes is not covered.
    #[error("what would be taken is not what was signed")]
    Elsewhere,
    /// What the caller takes is not there, or several times.
    #[error("what would be taken is not there exactly once")]
    Untakable,
    /// XAdES properties that no reference covers, or that are about another signature.
    #[error("the XAdES properties are not signed")]
    Properties,
    /// XAdES names another certificate than the one that was used.
    #[error("the signature names another certificate than was used")]
    Certificate,
}
