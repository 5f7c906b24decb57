//! A signature, its stamps and its path together: what it proves, and at which moment.

use jiff::Timestamp;

use super::{Expected, Means, Stamp, StampError, verify};
use crate::signing::cms::{Signed, Skew, Token, skew};
use crate::signing::trust::{Certificate, Path, Purpose, Untrusted};

/// What a signature proves beyond its bytes.
#[derive(Debug)]
pub struct Judgement {
    /// The moment at which the signer's path was judged: that of the earliest stamp that holds, else the caller's.
    pub at: Timestamp,
    /// Whether a stamp proves that the signature existed then.
    pub is_proven: bool,
    /// How the signer's own claim stands to that stamp, if there are both.
    pub skew: Option<Skew>,
    /// Each stamp, in the order of the message.
    pub stamps: Vec<Result<Stamp, StampError>>,
    /// The signer's path at that moment.
    pub path: Result<Path, Untrusted>,
}

/// A signature that fits, of whatever format: who made it, when he says that he did, and its stamps.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// The signer's certificate.
    pub signer: &'a Certificate,
    /// When the signer claims to have signed.
    pub claimed: Option<Timestamp>,
    /// Time-stamps over the signature.
    pub stamps: &'a [Token],
}

/// Judges a signature that fits: its stamps first, then the signer's path at the earliest of them that holds, or at `now` without one.
/// `beside` are the certificates of the message.
pub fn judge(signed: &Signed, beside: &[Certificate], means: &Means<'_>, now: Timestamp) -> Judgement {
    let claim = Claim {
        signer: &signed.signer,
        claimed: signed.claimed,
        stamps: &signed.stamps,
    };
    weigh(&claim, beside, means, now)
}

/// The same for a signature of another format than CMS.
pub fn weigh(claim: &Claim<'_>, beside: &[Certificate], means: &Means<'_>, now: Timestamp) -> Judgement {
    let stamps: Vec<_> = claim
        .stamps
        .iter()
        .map(|token| verify(&token.der, &Expected::over(&token.over), means))
        .collect();
    let stamped = stamps.iter().flatten().map(|stamp| stamp.at).min();
    let at = stamped.unwrap_or(now);
    let question = means.question(at, Purpose::Documents);
    Judgement {
        at,
        is_proven: stamped.is_some(),
        skew: claim
            .claimed
            .zip(stamped)
            .map(|(claimed, stamped)| skew(claimed, stamped)),
        path: means.trust.path(claim.signer, beside, &question),
        stamps,
    }
}
