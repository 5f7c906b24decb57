//! CMS SignedData (RFC 5652) with CAdES attributes (ETSI EN 319 122-1): read, verified, described, and written as CAdES B-B and B-T.
//!
//! A signature is believed for what it covers and for nothing else: the content by its digest, the signed attributes, and the signer's
//! certificate if a signed attribute names it. Whether that certificate is trusted is [`trust`](crate::signing::trust)'s question, and when
//! it was made, beyond the signer's own claim, [`stamp`](crate::signing::stamp)'s.

mod attribute;
mod emit;
mod read;
mod skew;
mod verify;

use std::fmt;

use jiff::Timestamp;
use openssl::error::ErrorStack;

pub use emit::{Draft, EmitError, sign, stamped};
pub use skew::{Skew, skew};

use crate::signing::der::DerError;
use crate::signing::der::oid::Oid;
use crate::signing::public::KeyError;
use crate::signing::trust::{Certificate, Digest, Scheme, SchemeError};

/// Why bytes are no signed message that anything can be said about.
#[derive(Debug, thiserror::Error)]
pub enum CmsError {
    /// Not BER, or not this structure.
    #[error("the CMS structure cannot be read")]
    Malformed(#[from] DerError),
    /// Another kind of CMS message.
    #[error("the CMS message is not signed data but {0}")]
    NotSigned(Oid),
    /// Nobody has signed it: it only carries certificates.
    #[error("the CMS message has no signer")]
    NoSigner,
    /// More signers than anybody honest writes.
    #[error("the CMS message has {0} signers")]
    TooMany(usize),
    /// The content is neither within nor given.
    #[error("the signed content is neither within the CMS message nor given beside it")]
    NoContent,
    /// The content is within, and what is given beside it differs.
    #[error("the content within the CMS message is not what was given")]
    OtherContent,
    /// OpenSSL could not compute a hash.
    #[error("a hash could not be computed")]
    Engine(#[from] ErrorStack),
}

/// Why one signer's signature is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The signer's certificate is neither within nor at hand.
    #[error("the signer's certificate is not at hand")]
    NoCertificate,
    /// An algorithm that is not used here.
    #[error("the signature cannot be checked")]
    Algorithm(#[from] SchemeError),
    /// SHA-1, which the caller does not let through.
    #[error("the signature is made with SHA-1")]
    Weak,
    /// The signature's own hash is another than the one named for the content.
    #[error("the signature names {named} for the content and signs with {signed}")]
    Disagree {
        /// The hash named for the content.
        named: Digest,
        /// The hash of the signature's algorithm.
        signed: Digest,
    },
    /// The algorithms that the signer protected are not those that the message names (RFC 6211).
    #[error("the algorithms are not those that the signer named")]
    Protection,
    /// A key that is not used here.
    #[error("the signer's key cannot be used")]
    Key(#[source] KeyError),
    /// Signed attributes that cannot be read.
    #[error("the signed attributes cannot be read")]
    Attributes(#[from] DerError),
    /// A signed attribute that must be there (RFC 5652 §5.3).
    #[error("the signed attribute {0} is missing")]
    Missing(&'static str),
    /// A signed attribute that stands twice or has not exactly one value.
    #[error("the signed attribute {0} stands twice or has not exactly one value")]
    Twice(&'static str),
    /// The signed type of the content is another than the message's.
    #[error("the signed content type is not the message's")]
    ContentType,
    /// Not the key's signature over these attributes, or this content.
    #[error("the signature does not fit")]
    Signature,
    /// The signature fits; the content is another.
    #[error("the content is not what was signed")]
    Content,
    /// The signed attribute names another certificate (RFC 5035 §4).
    #[error("the signer signed for another certificate than the one at hand")]
    Certificate,
    /// Content without signed attributes that could be signed attributes itself.
    #[error("the content could be the signed attributes of another message")]
    Ambiguous,
}

/// The content that a signature is over.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// What is within the message.
    Within,
    /// What lies beside it, in parts that follow each other: a file is one, the signed ranges of a PDF are two.
    Beside(&'a [&'a [u8]]),
}

/// What the caller lets through, and what it has at hand.
#[derive(Clone, Copy, Default)]
pub struct Rules<'a> {
    /// SHA-1 is let through and told; for documents that a time-stamp proves old enough.
    pub legacy: bool,
    /// Certificates that may be a signer's, for messages that carry none.
    pub certificates: &'a [Certificate],
}

/// A signed message, read.
#[derive(Clone)]
pub struct Message {
    pub(super) content_type: Oid,
    pub(super) content: Option<Vec<u8>>,
    certificates: Vec<Certificate>,
    lists: Vec<Vec<u8>>,
    signers: Vec<read::Signatory>,
    is_repaired: bool,
}

/// How the signer's certificate is bound to the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// By its hash in a signed attribute: signing-certificate-v2, or signing-certificate, which is SHA-1.
    Signed(Digest),
    /// By nothing that is signed; any certificate with the same key would do.
    None,
}

/// A time-stamp that came with a signature, not verified: [`stamp::verify`](crate::signing::stamp::verify) does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token, DER.
    pub der: Vec<u8>,
    /// The bytes that it must be over: the signature's value.
    pub over: Vec<u8>,
}

/// What one signature proves; the signature fits the key, and the content is what was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The signer's certificate, not yet trusted.
    pub signer: Certificate,
    /// How it is signed.
    pub scheme: Scheme,
    /// The hash of the content.
    pub digest: Digest,
    /// The type of the content, `1.2.840.113549.1.7.1` for any file.
    pub content_type: Oid,
    /// Octets of the content, all of them covered.
    pub length: u64,
    /// When the signer claims to have signed; nothing proves it.
    pub claimed: Option<Timestamp>,
    /// How the certificate is bound.
    pub binding: Binding,
    /// Whether SHA-1 was let through.
    pub is_weak: bool,
    /// What is sloppy about it and was let through.
    pub remarks: Vec<Remark>,
    /// Time-stamps over the signature, not signed themselves.
    pub stamps: Vec<Token>,
}

/// What is sloppy about a signature and was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Lengths that are not DER.
    Ber,
    /// Signed attributes out of order: signed as they stand.
    Unordered,
    /// Signed attributes out of order: signed in the right one.
    Reordered,
    /// No signed attributes: the signature is over the content itself, and binds neither certificate nor time.
    Bare,
}

impl Message {
    /// Reads a message: DER, or BER with indefinite lengths, and nothing after it.
    pub fn read(bytes: &[u8]) -> Result<Self, CmsError> {
        let (signed, rest) = read::first(bytes)?;
        match rest {
            [] => Ok(signed),
            _ => Err(CmsError::Malformed(DerError::Trailing)),
        }
    }

    /// Reads a message in room that was reserved for it, as in a PDF: zeros may follow.
    pub fn padded(bytes: &[u8]) -> Result<Self, CmsError> {
        let (signed, rest) = read::first(bytes)?;
        match rest.iter().all(|octet| *octet == 0) {
            true => Ok(signed),
            false => Err(CmsError::Malformed(DerError::Trailing)),
        }
    }

    /// The type of the content.
    pub fn content_type(&self) -> &Oid {
        &self.content_type
    }

    /// The content within the message, which nothing vouches for before [`Self::verify`].
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The certificates within the message; those that cannot be read are left out.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The revocation lists within the message, DER.
    pub fn lists(&self) -> &[Vec<u8>] {
        &self.lists
    }

    /// How many have signed.
    pub fn signers(&self) -> usize {
        self.signers.len()
    }

    /// The value of a signature, which a time-stamp is over.
    pub fn signature(&self, signer: usize) -> Option<&[u8]> {
        self.signers.get(signer).map(|signer| signer.signature.as_slice())
    }

    /// Verifies each signature over the content and says, in the order of the message, what it proves or why it is not believed.
    pub fn verify(
        &self,
        content: Content<'_>,
        rules: &Rules<'_>,
    ) -> Result<Vec<Result<Signed, Refusal>>, CmsError> {
        verify::all(self, content, rules)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Message({}, {} signers)",
            self.content_type,
            self.signers.len()
        )
    }
}
