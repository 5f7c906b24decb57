//! How a certificate stands at a moment: good, taken back, or nobody knows and why.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::certificate::Certificate;
use super::list::List;
use super::ocsp::Response;

/// How a certificate stood at the moment that was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It had not been taken back.
    Good {
        /// How fresh the word is: thisUpdate of the list or the answer.
        as_of: Timestamp,
    },
    /// It had been taken back.
    Revoked {
        /// Since when: the earlier of revocation and loss of the key.
        at: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// Nobody says.
    Unknown(Unclear),
}

/// Why nobody says how a certificate stood; later ones tell more than earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unclear {
    /// There is neither list nor answer of its issuer.
    Silent,
    /// What there is was not signed by the issuer, nor by whom the issuer lets answer.
    NotIssuer,
    /// It is signed with SHA-1.
    Weak,
    /// It speaks about other certificates only, or demands an extension that is not understood.
    Scope,
    /// The responder does not know the certificate.
    Unknown,
    /// It is from after the certificate's end, when such certificates may have been dropped.
    Dropped,
    /// It was overdue at that moment.
    Stale,
}

/// Why a certificate was taken back (RFC 5280 §5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// unspecified (0), absent, or a number without a meaning.
    Unspecified,
    /// keyCompromise (1).
    KeyCompromise,
    /// cACompromise (2).
    AuthorityCompromise,
    /// affiliationChanged (3).
    AffiliationChanged,
    /// superseded (4).
    Superseded,
    /// cessationOfOperation (5).
    Cessation,
    /// certificateHold (6): may end.
    CertificateHold,
    /// removeFromCRL (8).
    Removed,
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn,
    /// aACompromise (10).
    AttributeCompromise,
}

/// What it means when nobody says how a certificate stood. Taken back is refused in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnknown {
    /// No certificate of a path may be unknown.
    Refuse,
    /// The first may not; authorities' standings are told with the path.
    RefuseHolder,
    /// All are told with the path.
    Tell,
}

/// Lists and answers at hand.
#[derive(Default)]
pub struct Revocation {
    /// Revocation lists.
    pub lists: Vec<List>,
    /// OCSP answers.
    pub responses: Vec<Response>,
}

/// How long a word without a date for the next one is fresh: a responder that always knows better is asked again.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Whether a word from `this_update` was overdue at `at`.
pub(super) fn is_stale(this_update: Timestamp, next_update: Option<Timestamp>, at: Timestamp) -> bool {
    match next_update {
        Some(next) => next < at,
        None => at.duration_since(this_update) > FRESH,
    }
}

/// What every look-up is told.
#[derive(Clone, Copy)]
pub(super) struct Ask {
    pub(super) at: Timestamp,
    pub(super) legacy: bool,
}

impl Revocation {
    /// How `certificate`, which `issuer` signed, stood at `at`. Taken back counts before good, and good before unknown. SHA-1 only if `legacy`.
    pub fn standing(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
        legacy: bool,
    ) -> Standing {
        let ask = Ask { at, legacy };
        let listed = self
            .lists
            .iter()
            .filter_map(|list| list.standing(certificate, issuer, ask));
        let answered = self
            .responses
            .iter()
            .filter_map(|response| response.standing(certificate, issuer, &self.lists, ask));
        listed
            .chain(answered)
            .fold(Standing::Unknown(Unclear::Silent), Standing::or)
    }
}

impl Standing {
    /// The one that tells more.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Revoked { at: one, .. }, Self::Revoked { at: two, .. }) => match one <= two {
                true => self,
                false => other,
            },
            (Self::Revoked { .. }, _) => self,
            (_, Self::Revoked { .. }) => other,
            (Self::Good { as_of: one }, Self::Good { as_of: two }) => Self::Good { as_of: one.max(two) },
            (Self::Good { .. }, Self::Unknown(_)) => self,
            (Self::Unknown(_), Self::Good { .. }) => other,
            (Self::Unknown(one), Self::Unknown(two)) => Self::Unknown(one.max(two)),
        }
    }
}

impl Reason {
    pub(super) fn of(code: u32) -> Self {
        match code {
            1 => Self::KeyCompromise,
            2 => Self::AuthorityCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::Cessation,
            6 => Self::CertificateHold,
            8 => Self::Removed,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AttributeCompromise,
            _ => Self::Unspecified,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::AuthorityCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::Cessation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::Removed => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AttributeCompromise => "aACompromise",
        })
    }
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Silent => "there is neither a revocation list nor an answer of its issuer",
            Self::NotIssuer => "the revocation list or answer is not signed by its issuer",
            Self::Weak => "the revocation list or answer is signed with SHA-1",
            Self::Scope => "the revocation list speaks about other certificates",
            Self::Unknown => "the responder does not know it",
            Self::Dropped => "the revocation list or answer is from after its end",
            Self::Stale => "the revocation list or answer was overdue",
        })
    }
}
