//! ASiC-E containers (ETSI EN 319 162-1): verified and described, with XAdES or with CAdES and time-stamps over manifests; and our own
//! form, which has one encoding for one content.
//!
//! Each object of a container is covered by a signature or told as not covered: a file that was put beside signed ones is signed by nobody.

mod archive;
mod checksum;
mod court;
mod emit;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use archive::ArchiveError;
pub use emit::{Draft, Object, Unpackable, is_canonical};

use crate::signing::cms::{CmsError, Refusal, Signed};
use crate::signing::stamp::{Judgement, Means, Stamp, StampError};
use crate::signing::xml;

/// The content of the entry `mimetype`.
const MIMETYPE: &[u8] = b"application/vnd.etsi.asic-e+zip";
/// Our manifest.
const MANIFEST: &str = "META-INF/ASiCManifest.xml";
/// Our signature.
pub const SIGNATURE: &str = "META-INF/signature.p7s";

/// Why nothing can be said about a container.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// Not an archive that is read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// An archive of something else.
    #[error("the archive says that it is no ASiC-E container")]
    Kind,
}

/// Why one signature of a container is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Unheld {
    /// An XML signature, or a manifest, that does not hold or cannot be read.
    #[error(transparent)]
    Xml(#[from] xml::Refusal),
    /// A CMS message that cannot be read.
    #[error(transparent)]
    Message(#[from] CmsError),
    /// A CMS signature that does not hold.
    #[error("the signature is not believed")]
    Signature(#[from] Refusal),
    /// A time-stamp that does not hold.
    #[error("the time-stamp is not believed")]
    Stamp(#[from] StampError),
    /// Not exactly one signer.
    #[error("a signature in a container has one signer, and this has {0}")]
    Signers(usize),
    /// What a manifest names is not there.
    #[error("the manifest names something that is not in the container")]
    Missing,
    /// What a manifest names is another.
    #[error("object {0} of the manifest is not what was signed")]
    Object(usize),
    /// SHA-1, which the caller does not let through.
    #[error("the manifest is made with SHA-1")]
    Weak,
}

/// What a signature proves.
#[derive(Debug)]
pub enum Proof {
    /// An XML signature, XAdES or plain.
    Xml(Box<xml::Judged>),
    /// A CAdES signature over a manifest.
    Signature {
        /// What is covered and by whom.
        signed: Box<Signed>,
        /// The path and the time-stamps.
        judgement: Box<Judgement>,
    },
    /// A time-stamp over a manifest.
    Stamp(Box<Stamp>),
}

/// One signature.
#[derive(Debug)]
pub struct Finding {
    /// The entry that it stands in.
    pub entry: String,
    /// The objects that it covers, byte for byte, if it holds.
    pub covers: Vec<String>,
    /// Objects of which it covers the canonical form: comments, for one, are not part of that.
    pub forms: Vec<String>,
    /// What it proves, or why it is not believed.
    pub outcome: Result<Proof, Unheld>,
}

/// An object of the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Bytes of it.
    pub length: usize,
    /// Whether a signature that holds under trust covers it; a time-stamp counts only where there are no signatures.
    pub is_covered: bool,
}

/// What is sloppy about a container and was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The media type is missing, is not the first entry, or is compressed or has extra fields.
    MediaType,
    /// The archive has the media type as its comment.
    Comment,
}

/// What a container says of itself.
#[derive(Debug)]
pub struct Report {
    /// Its signatures.
    pub findings: Vec<Finding>,
    /// Its objects: everything that is not the container's own.
    pub objects: Vec<Kept>,
    /// Entries below `META-INF` that are neither signature nor manifest: signed by nobody.
    pub loose: Vec<String>,
    /// What was let through.
    pub remarks: Vec<Remark>,
    /// Whether it is byte for byte a container of our own form.
    pub is_canonical: bool,
}

impl Finding {
    /// Whether it holds, under trust.
    pub fn is_good(&self) -> bool {
        match &self.outcome {
            Ok(Proof::Xml(judged)) => match &judged.maker {
                xml::Maker::Certificate { judgement, .. } => judgement.path.is_ok(),
                xml::Maker::Key(_) => false,
            },
            Ok(Proof::Signature { judgement, .. }) => judgement.path.is_ok(),
            Ok(Proof::Stamp(_)) => true,
            Err(_) => false,
        }
    }
}

impl Report {
    /// Whether all signatures hold under trust and cover every object.
    pub fn is_good(&self) -> bool {
        let holds = self.findings.iter().all(Finding::is_good) && !self.findings.is_empty();
        holds && self.objects.iter().all(|object| object.is_covered) && !self.objects.is_empty()
    }
}

/// Verifies every signature of a container and says what it covers; `now` is when paths are judged without a time-stamp.
///
/// # Errors
/// Why the container is not read.
pub fn verify(bytes: &[u8], means: &Means<'_>, now: Timestamp) -> Result<Report, ContainerError> {
    court::verify(bytes, means, now)
}

/// Everything in a container by its name, the container's own entries too. What of it is signed, [`verify`] says.
///
/// # Errors
/// Why the container is not read.
pub fn entries(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, ContainerError> {
    let entries = archive::read(bytes)?.entries.into_iter();
    Ok(entries.map(|entry| (entry.name, entry.bytes)).collect())
}

/// Whether a name is the container's own.
pub fn is_own(name: &str) -> bool {
    name == "mimetype" || name.to_ascii_uppercase().starts_with("META-INF/")
}
