//! Time-stamps (RFC 3161 with RFC 5816): the request, the reply, the token verified completely, and what a signature with a stamp proves.
//!
//! What is stamped is the caller's: one digest a request. The exchange log stamps a checkpoint, which stands for everything before it.

mod judge;
mod reply;
mod tst;

use std::fmt;

use jiff::{SignedDuration, Timestamp};

pub use judge::{Claim, Judgement, judge, weigh};
pub use reply::{ReplyError, token};

use crate::signing::cms::{Binding, CmsError, Content, Message, Refusal, Rules};
use crate::signing::der::oid::{self, Oid};
use crate::signing::der::{BOOLEAN, DerError, write};
use crate::signing::trust::{
    Certificate, Digest, Path, Purpose, Question, Revocation, Trust, Untrusted, WhenUnknown, name,
};

/// A request for a stamp over one SHA-256 digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    digest: [u8; 32],
    nonce: Vec<u8>,
    policy: Option<Oid>,
}

impl Request {
    /// Asks for a stamp over a SHA-256 digest. `nonce` is 8 octets or more that nobody can guess, from the caller.
    pub fn new(digest: [u8; 32], nonce: &[u8]) -> Self {
        Self {
            digest,
            nonce: nonce.to_vec(),
            policy: None,
        }
    }

    /// The same, under a policy of the authority.
    pub fn under(mut self, policy: Oid) -> Self {
        self.policy = Some(policy);
        self
    }

    /// TimeStampReq, DER, `application/timestamp-query`: version 1, the authority's certificate asked for.
    pub fn to_der(&self) -> Vec<u8> {
        let imprint = write::sequence(&[&Digest::Sha256.identifier(), &write::octets(&self.digest)]);
        let policy = self.policy.as_ref().map(|policy| write::oid(policy.content()));
        write::sequence(&[
            &write::unsigned(&[1]),
            &imprint,
            policy.as_deref().unwrap_or_default(),
            &write::unsigned(&self.nonce),
            &write::element(BOOLEAN, &[&[0xFF]]),
        ])
    }

    /// What the token must say: this digest, this nonce, this policy if one was asked for.
    pub fn expected(&self) -> Expected<'_> {
        Expected {
            over: Over::Digest(Digest::Sha256, &self.digest),
            nonce: Some(&self.nonce),
            policies: self.policy.as_slice(),
            within: None,
        }
    }
}

/// What a token must be over.
#[derive(Clone, Copy)]
pub enum Over<'a> {
    /// This digest.
    Digest(Digest, &'a [u8]),
    /// The hash of these bytes, by the token's own algorithm.
    Bytes(&'a [u8]),
}

/// What a token must say.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// What it is over.
    pub over: Over<'a>,
    /// The nonce of the request, if this is the reply to one.
    pub nonce: Option<&'a [u8]>,
    /// The policies that are accepted; none named means any.
    pub policies: &'a [Oid],
    /// The earliest and the latest moment that can be, for the reply to a request: when it left and when the reply came, both with room
    /// for the clocks.
    pub within: Option<(Timestamp, Timestamp)>,
}

impl<'a> Expected<'a> {
    /// A token over bytes, under any policy, at any time: one that came with a document.
    pub fn over(bytes: &'a [u8]) -> Self {
        Self {
            over: Over::Bytes(bytes),
            nonce: None,
            policies: &[],
            within: None,
        }
    }
}

/// What paths are judged by, whatever the moment.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Anchors and intermediates.
    pub trust: &'a Trust,
    /// Lists and answers at hand.
    pub revocation: &'a Revocation,
    /// What it means when they do not say.
    pub when_unknown: WhenUnknown,
    /// Whether SHA-1 is let through and told.
    pub legacy: bool,
}

impl<'a> Means<'a> {
    pub(super) fn question(&self, at: Timestamp, purpose: Purpose) -> Question<'a> {
        Question {
            at,
            purpose,
            legacy: self.legacy,
            revocation: self.revocation,
            when_unknown: self.when_unknown,
        }
    }
}

/// A stamp that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When what is stamped existed.
    pub at: Timestamp,
    /// How exact the authority says that is.
    pub accuracy: Option<SignedDuration>,
    /// The authority's number for it: contents octets of the INTEGER, at most 21.
    pub serial: Vec<u8>,
    /// The authority's policy.
    pub policy: Oid,
    /// The hash of what is stamped.
    pub digest: Digest,
    /// What is stamped, hashed.
    pub imprint: Vec<u8>,
    /// How the authority's certificate is bound: by SHA-256, or by SHA-1 as RFC 3161 had it.
    pub binding: Binding,
    /// The path of the authority's certificate, good at `at`.
    pub path: Path,
    /// Whether SHA-1 was let through, in the imprint, the signature or the path.
    pub is_weak: bool,
}

impl Stamp {
    /// The authority's certificate.
    pub fn authority(&self) -> Option<&Certificate> {
        self.path.certificates.first()
    }
}

/// Why a token proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// Not a signed message.
    #[error("the time-stamp token cannot be read")]
    Message(#[from] CmsError),
    /// A signed message about something else.
    #[error("the token is no time-stamp but {0}")]
    Kind(Oid),
    /// Not exactly one signer (RFC 3161 §2.4.2).
    #[error("a time-stamp token has one signer, and this has {0}")]
    Signers(usize),
    /// Its signature is not believed.
    #[error("the signature of the time-stamp token is not believed")]
    Signature(#[source] Refusal),
    /// TSTInfo that cannot be read.
    #[error("the contents of the time-stamp token cannot be read")]
    Malformed(#[from] DerError),
    /// Another version, a critical extension, or a serial number above 160 bits.
    #[error("the time-stamp token has {0} that is not understood here")]
    Unsupported(&'static str),
    /// Over something else.
    #[error("the time-stamp is over something else")]
    Imprint,
    /// Over a hash that is not used here, or over SHA-1 where that is not let through.
    #[error("the time-stamp is over a hash that is not used here")]
    Hash,
    /// Not the reply to this request.
    #[error("the time-stamp does not repeat the nonce of the request")]
    Nonce,
    /// Under a policy that is not accepted.
    #[error("the time-stamp is under the policy {0}, which is not accepted")]
    Policy(Oid),
    /// At a moment that cannot be.
    #[error("the time-stamp says {0}, which is not when it was asked for")]
    Time(Timestamp),
    /// No signed attribute names the authority's certificate (RFC 3161 §2.4.2, RFC 5816).
    #[error("the time-stamp token does not name the certificate of its signer")]
    Unbound,
    /// The authority that it names is not the one that signed.
    #[error("the time-stamp token names another authority than its signer")]
    Authority,
    /// The authority is not trusted for stamps at that moment.
    #[error("the time-stamp authority is not trusted")]
    Untrusted(#[from] Untrusted),
}

/// Verifies a token completely (RFC 3161 §2.4.2): one signer, signature, certificate named in a signed attribute and made for stamps
/// alone, imprint, nonce, policy, moment, and the path at the stamp's own moment.
pub fn verify(token: &[u8], expected: &Expected<'_>, means: &Means<'_>) -> Result<Stamp, StampError> {
    let message = Message::read(token)?;
    if message.content_type().content() != oid::TST {
        return Err(StampError::Kind(message.content_type().clone()));
    }
    let rules = Rules {
        legacy: means.legacy,
        certificates: means.trust.intermediates(),
    };
    let mut outcomes = message.verify(Content::Within, &rules)?;
    let count = outcomes.len();
    let signed = match (outcomes.pop(), count) {
        (Some(outcome), 1) => outcome.map_err(StampError::Signature)?,
        _ => return Err(StampError::Signers(count)),
    };
    let told = tst::Tst::read(message.content().unwrap_or_default())?;
    says(&told, expected, means.legacy)?;
    if signed.binding == Binding::None {
        return Err(StampError::Unbound);
    }
    let is_other = |authority: &Vec<u8>| !name::is_same(authority, signed.signer.subject());
    if told.authority.as_ref().is_some_and(is_other) {
        return Err(StampError::Authority);
    }
    let question = means.question(told.at, Purpose::TimeStamps);
    let path = means
        .trust
        .path(&signed.signer, message.certificates(), &question)?;
    Ok(Stamp {
        at: told.at,
        accuracy: told.accuracy,
        serial: told.serial,
        policy: told.policy,
        digest: told.digest,
        imprint: told.imprint,
        binding: signed.binding,
        is_weak: signed.is_weak || path.is_weak || told.digest.is_weak(),
        path,
    })
}

/// Whether the token says what it must.
fn says(told: &tst::Tst, expected: &Expected<'_>, legacy: bool) -> Result<(), StampError> {
    if told.digest.is_weak() && !legacy {
        return Err(StampError::Hash);
    }
    let same = match expected.over {
        Over::Digest(digest, value) => digest == told.digest && value == told.imprint,
        Over::Bytes(bytes) => told.digest.of(&[bytes]).is_ok_and(|value| value == told.imprint),
    };
    if !same {
        return Err(StampError::Imprint);
    }
    // Both in the shortest form of an INTEGER.
    let nonce = expected.nonce.map(write::unsigned);
    if nonce.is_some() && nonce != told.nonce {
        return Err(StampError::Nonce);
    }
    if !expected.policies.is_empty() && !expected.policies.contains(&told.policy) {
        return Err(StampError::Policy(told.policy.clone()));
    }
    match expected.within {
        Some((from, to)) if told.at < from || to < told.at => Err(StampError::Time(told.at)),
        _ => Ok(()),
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "time-stamp over SHA-256 {}",
            data_encoding::HEXLOWER.encode(&self.digest)
        )
    }
}
