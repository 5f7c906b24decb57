//! Trust: anchors that the operator installs and pins, intermediates kept at hand, and a path from a certificate to an anchor as it was
//! at one moment (RFC 5280 §6, without policies).
//!
//! The walk is our own and not OpenSSL's, because people are told *why not*, in words that name the certificate by its place and its
//! fingerprint and nobody by name; the signatures in it are OpenSSL's to check. What is not understood ends a path: any critical extension
//! that is not read here, and name constraints even when they are not critical.
//!
//! Pins of the roots of Viet Nam are in the operator's guide; none is shipped.

pub mod certificate;
pub mod extension;
pub mod list;
pub mod name;
pub mod ocsp;
pub mod own;
pub mod scheme;
pub mod standing;
mod walk;

use std::fmt;

use data_encoding::HEXLOWER;
use jiff::Timestamp;

pub use certificate::{Certificate, CertificateError};
pub use list::{List, ListError};
pub use ocsp::{Response, ResponseError};
pub use scheme::{Digest, Key, Scheme, SchemeError};
pub use standing::{Reason, Revocation, Standing, Unclear, WhenUnknown};

use crate::signing::public::KeyError;

/// What a certificate must be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing documents: digitalSignature or nonRepudiation, and no extended usage that is only for servers, code, time-stamps or OCSP.
    Documents,
    /// Time-stamps: critical extended usage id-kp-timeStamping and no other (RFC 3161 §2.3).
    TimeStamps,
}

/// A question about a certificate.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The moment at which the path must have been good: the time-stamp's, where there is one.
    pub at: Timestamp,
    /// What the certificate must be good for.
    pub purpose: Purpose,
    /// Whether SHA-1 in the path, in lists and in answers is let through; the path is then weak.
    pub legacy: bool,
    /// Lists and answers at hand.
    pub revocation: &'a Revocation,
    /// What it means when they do not say.
    pub when_unknown: WhenUnknown,
}

/// A path from a certificate to an anchor, good at the moment of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The certificate in question first, the anchor last; one alone if it is an anchor itself.
    pub certificates: Vec<Certificate>,
    /// How each but the anchor stood, in the same order.
    pub standings: Vec<Standing>,
    /// Whether a signature within is SHA-1.
    pub is_weak: bool,
}

/// A certificate of a path, without naming anybody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// 0 is the certificate in question, 1 its issuer, and so on.
    pub depth: usize,
    /// SHA-256 of its DER.
    pub fingerprint: [u8; 32],
}

/// Why there is no path.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// No anchor nor intermediate at hand is the issuer.
    #[error("no issuer of {place} is at hand, and it is no anchor")]
    NoAnchor {
        /// The last certificate that was reached.
        place: Place,
    },
    /// An issuer by name whose key did not sign it.
    #[error("{place} is not signed by the issuer that it names")]
    Signature {
        /// The certificate with that signature.
        place: Place,
    },
    /// An issuer that is no authority, or whose key may not sign certificates.
    #[error("{place} may not issue certificates")]
    NotAuthority {
        /// The issuer.
        place: Place,
    },
    /// More authorities below than it allows.
    #[error("{place} allows {allowed} authorities below it and has more")]
    PathLength {
        /// The authority with that limit.
        place: Place,
        /// Its limit.
        allowed: u32,
    },
    /// An algorithm that is not used here, or a key that is too short or of another kind.
    #[error("the key of {place} cannot be used: {reason}")]
    Unusable {
        /// The certificate.
        place: Place,
        /// Which and why, without contents.
        reason: String,
    },
    /// A SHA-1 signature in the path.
    #[error("{place} is signed with SHA-1")]
    Weak {
        /// The certificate with that signature.
        place: Place,
    },
    /// A critical extension that nobody here understands, or name constraints.
    #[error("{place} has the extension {extension}, which is not understood here")]
    Extension {
        /// The certificate.
        place: Place,
        /// The extension.
        extension: crate::signing::der::oid::Oid,
    },
    /// Not for this purpose.
    #[error("{place} is not made for {purpose}")]
    Purpose {
        /// The certificate.
        place: Place,
        /// What it was wanted for.
        purpose: Purpose,
    },
    /// Ended before the moment of the question.
    #[error("{place} ended on {ended}, before {at}")]
    Expired {
        /// The certificate.
        place: Place,
        /// Its last second.
        ended: Timestamp,
        /// The moment of the question.
        at: Timestamp,
    },
    /// Begins after the moment of the question.
    #[error("{place} begins on {begins}, after {at}")]
    NotYet {
        /// The certificate.
        place: Place,
        /// Its first second.
        begins: Timestamp,
        /// The moment of the question.
        at: Timestamp,
    },
    /// Nobody says how it stood, and the caller wants to know.
    #[error("nobody says whether {place} was revoked: {unclear}")]
    Unknown {
        /// The certificate.
        place: Place,
        /// Why nobody says.
        unclear: Unclear,
    },
    /// It had been taken back.
    #[error("{place} was revoked on {at} ({reason})")]
    Revoked {
        /// The certificate.
        place: Place,
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// A way with more certificates than anybody honest has.
    #[error("the path is too long")]
    TooLong,
    /// More candidates than anybody honest sends.
    #[error("there are too many candidates for a path")]
    TooMany,
}

/// Why anchors are not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// A file that holds no certificates.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A certificate that no pin names.
    #[error("the certificate with SHA-256 {} is not pinned", HEXLOWER.encode(.0))]
    NotPinned([u8; 32]),
    /// A pin that no certificate has.
    #[error("no certificate with the pinned SHA-256 {} is installed", HEXLOWER.encode(.0))]
    Missing([u8; 32]),
    /// A pin that is not 64 hexadecimal digits.
    #[error("a pin is the SHA-256 of a certificate: 64 hexadecimal digits")]
    Pin,
}

/// What is trusted, and what is kept to reach it.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    anchors: Vec<Certificate>,
    intermediates: Vec<Certificate>,
}

impl Trust {
    /// Takes the anchors of `files` (PEM or DER each), if they are exactly those that the operator pins by SHA-256 of their DER.
    pub fn pinned(files: &[&[u8]], pins: &[[u8; 32]]) -> Result<Self, AnchorError> {
        let mut anchors: Vec<Certificate> = Vec::new();
        for file in files {
            anchors.extend(Certificate::all(file)?);
        }
        if let Some(anchor) = anchors.iter().find(|anchor| !pins.contains(anchor.fingerprint())) {
            return Err(AnchorError::NotPinned(*anchor.fingerprint()));
        }
        let missing = |pin: &&[u8; 32]| anchors.iter().all(|anchor| anchor.fingerprint() != *pin);
        match pins.iter().find(missing) {
            Some(pin) => Err(AnchorError::Missing(*pin)),
            None => Ok(Self {
                anchors,
                intermediates: Vec::new(),
            }),
        }
    }

    /// The same, with intermediates at hand; they are not trusted, only tried.
    pub fn with(mut self, intermediates: impl IntoIterator<Item = Certificate>) -> Self {
        self.intermediates.extend(intermediates);
        self
    }

    /// The anchors, for people and for announcing their ends.
    pub fn anchors(&self) -> &[Certificate] {
        &self.anchors
    }

    /// The intermediates at hand.
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// A path from `certificate` to an anchor that answers the question; `beside` are the certificates that came with it, which are tried.
    pub fn path(
        &self,
        certificate: &Certificate,
        beside: &[Certificate],
        question: &Question<'_>,
    ) -> Result<Path, Untrusted> {
        walk::Walk::new(self, beside, question).from(certificate)
    }
}

/// Reads a pin as people write it: 64 hexadecimal digits of either case, colons between them if they like.
pub fn pin(text: &str) -> Result<[u8; 32], AnchorError> {
    let digits: String = text.chars().filter(|letter| *letter != ':').collect();
    let octets = HEXLOWER.decode(digits.to_ascii_lowercase().as_bytes());
    octets
        .ok()
        .and_then(|octets| octets.try_into().ok())
        .ok_or(AnchorError::Pin)
}

impl Path {
    /// The anchor at its end.
    pub fn anchor(&self) -> Option<&Certificate> {
        self.certificates.last()
    }
}

impl Place {
    fn of(depth: usize, certificate: &Certificate) -> Self {
        Self {
            depth,
            fingerprint: *certificate.fingerprint(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = HEXLOWER.encode(&self.fingerprint);
        let short = fingerprint.get(..16).unwrap_or_default();
        write!(f, "certificate {} of the path (SHA-256 {short}…)", self.depth)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documents => "signing documents",
            Self::TimeStamps => "time-stamps alone",
        })
    }
}

impl Untrusted {
    fn unusable(place: Place, error: &KeyError) -> Self {
        Self::Unusable {
            place,
            reason: error.to_string(),
        }
    }
}
