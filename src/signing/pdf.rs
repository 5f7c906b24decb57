//! Signed PDFs: verified and described, never written (PAdES, ETSI EN 319 142-1; ISO 32000-1 §12.8).
//!
//! A signature is believed for the bytes of its own revision and for nothing after it. What came later is told: that it only added
//! signatures or validation material, where that is certain, and else that the document was changed. Objects are found by the
//! cross-reference sections, tables and streams, as readers find them; a document whose sections do not lead where they say is not read,
//! neither is an encrypted one. Nothing is rebuilt from guesses: two readers would guess differently.

mod bounds;
mod court;
mod field;
mod later;
mod lex;
mod moment;
mod object;
mod range;
mod stream;
mod table;
mod view;

use jiff::Timestamp;

pub use later::Additions;

use crate::signing::cms::{CmsError, Refusal, Signed};
use crate::signing::stamp::{Judgement, Means, Stamp, StampError};

/// Why nothing can be said about a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// It does not begin as one.
    #[error("this is no PDF: it does not begin with %PDF-")]
    NotPdf,
    /// A bound was passed.
    #[error("the PDF has more {0} than are read")]
    Bound(&'static str),
    /// What stands there is no object, or not the one that must.
    #[error("the PDF is not well-formed at byte {0}")]
    Syntax(usize),
    /// A key that stands twice in one dictionary: of two values readers take different ones.
    #[error("a dictionary of the PDF has a key twice at byte {0}")]
    Twice(usize),
    /// Cross-references that do not lead where they say.
    #[error("the cross-references of the PDF do not lead where they say")]
    Table,
    /// A stream of cross-references or objects whose bytes are not what its dictionary says.
    #[error("a stream of the PDF's structure cannot be read")]
    Stream,
    /// The same, encoded in a way that structure is not.
    #[error("a stream of the PDF's structure has a filter that is not read here")]
    Filter,
    /// No catalog.
    #[error("the PDF has no catalog")]
    Catalog,
    /// Strings and streams are encrypted.
    #[error("the PDF is encrypted and not read")]
    Encrypted,
}

/// Why one signature is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Unheld {
    /// No `/ByteRange`.
    #[error("the signature does not say which bytes it is over")]
    NoRange,
    /// Not four whole numbers.
    #[error("the byte range is not two ranges of whole numbers")]
    RangeShape,
    /// The first range begins later.
    #[error("the byte range does not begin with the first byte")]
    RangeStart,
    /// Beyond the end of the file.
    #[error("the byte range goes beyond the end of the file")]
    RangeBeyond,
    /// The second range begins within the first.
    #[error("the two ranges overlap")]
    RangeOverlap,
    /// More, less or other than the signature's own value is left out.
    #[error("the byte range leaves out something else than the signature's own value")]
    Gap,
    /// The second range ends within a revision.
    #[error("the byte range does not end where a revision of the document ends")]
    RangeEnd,
    /// The signed revision is not one of those that led to the document.
    #[error("the document as it is does not continue the signed revision")]
    Revision,
    /// No `/Contents`.
    #[error("the signature has no value")]
    NoContents,
    /// Not a string of hexadecimal digits without blanks.
    #[error("the signature's value is not hexadecimal digits alone")]
    ContentsShape,
    /// Two fields have one signature, or two signatures stand in one revision.
    #[error("another signature stands in the same revision")]
    Shared,
    /// Within an object stream, where its bytes are not the document's.
    #[error("the signature stands in an object stream")]
    Packed,
    /// A kind that is not verified here.
    #[error("a signature of the kind {0} is not verified here")]
    Kind(String),
    /// The value cannot be read, or bytes that are not zero follow it.
    #[error("the signature's value cannot be read")]
    Message(#[from] CmsError),
    /// Not exactly one signer (ISO 32000-2 §12.8.3.3.1).
    #[error("a signature in a PDF has one signer, and this has {0}")]
    Signers(usize),
    /// The signature does not hold.
    #[error("the signature is not believed")]
    Signature(#[from] Refusal),
    /// The content is of another type than a file is.
    #[error("the signature is over something that is no file")]
    ContentType,
    /// A document time-stamp that does not hold.
    #[error("the time-stamp of the document is not believed")]
    Stamp(#[from] StampError),
    /// Too much work.
    #[error(transparent)]
    Document(#[from] PdfError),
}

/// What kind of signature it says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PAdES (`ETSI.CAdES.detached`).
    Cades,
    /// The older `adbe.pkcs7.detached`.
    Pkcs7,
    /// A time-stamp of the whole document (`ETSI.RFC3161`).
    Stamp,
    /// Anything else by its name, `adbe.x509.rsa_sha1` among it; displayed, not verified.
    Other(String),
}

/// What a signature proves.
#[derive(Debug)]
pub enum Proof {
    /// Somebody signed.
    Signature {
        /// What is covered and by whom.
        signed: Box<Signed>,
        /// The path and the time-stamps.
        judgement: Box<Judgement>,
    },
    /// The revision existed at the moment of a trusted time-stamp.
    Stamp(Box<Stamp>),
}

/// What came after a signed revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// Nothing.
    Nothing,
    /// Line ends and blanks.
    Blank,
    /// Only what does not change what was signed.
    Added(Additions),
    /// Not known to be harmless: the document was changed after signing.
    Changed,
}

/// One signature.
#[derive(Debug)]
pub struct Finding {
    /// The name of its field.
    pub field: String,
    /// What kind it is.
    pub kind: Kind,
    /// When it says it was made (`/M`); covered by the signature, claimed by the signer.
    pub claimed: Option<Timestamp>,
    /// What the author lets others do (DocMDP): 1 nothing, 2 fill in and sign, 3 annotate too.
    pub certifies: Option<usize>,
    /// The bytes under it, if its range holds.
    pub covers: Option<usize>,
    /// The bytes after its revision.
    pub beyond: usize,
    /// What they are.
    pub later: Later,
    /// What it proves, or why it is not believed.
    pub outcome: Result<Proof, Unheld>,
}

/// What a document says of its signatures.
#[derive(Debug)]
pub struct Report {
    /// In the order of their revisions; those whose range does not hold come last.
    pub findings: Vec<Finding>,
    /// Sections that the document was written in.
    pub sections: usize,
    /// Byte ranges in the file that no field leads to: a signature that was taken off, or that of an embedded file.
    pub unreached: usize,
    /// Bytes of the file.
    pub length: usize,
}

impl Finding {
    /// Whether it holds, under trust.
    pub fn is_good(&self) -> bool {
        match &self.outcome {
            Ok(Proof::Signature { judgement, .. }) => judgement.path.is_ok(),
            Ok(Proof::Stamp(_)) => true,
            Err(_) => false,
        }
    }

    /// Whether what it is over is still what the document shows.
    pub fn is_current(&self) -> bool {
        match self.later {
            Later::Nothing | Later::Blank => true,
            Later::Added(additions) => !additions.is_visible,
            Later::Changed => false,
        }
    }
}

impl Report {
    /// Whether all signatures hold under trust, and what the document shows is what the last of them is over. A time-stamp says when, and
    /// approves of nothing: after a change it makes nothing good, unless nobody has signed at all.
    pub fn is_good(&self) -> bool {
        let signed = |one: &&Finding| matches!(one.outcome, Ok(Proof::Signature { .. }));
        let last = self.findings.iter().rfind(signed).or(self.findings.last());
        self.findings.iter().all(Finding::is_good) && last.is_some_and(Finding::is_current)
    }
}

/// Verifies every signature of a document and says what it covers; `now` is when paths are judged without a time-stamp.
///
/// # Errors
/// Why the document is not read.
pub fn verify(bytes: &[u8], means: &Means<'_>, now: Timestamp) -> Result<Report, PdfError> {
    court::verify(bytes, means, now)
}
