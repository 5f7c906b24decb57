//! What a look-up came to for a dossier: what it filled, verified and replaced, what differs, or why nothing was reused.
//! Names of facts, never what the state holds where it differs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::record::words;
use super::{Owner, Time};

words! {
    /// Why nothing was reused. Each has an owner and a next action.
    Unused, "not-reused" {
        Unconfigured = "no-source", "The service is not connected here.";
        NoOfficer = "no-officer", "No officer with an identity number of their own is named.";
        NoSubject = "no-subject", "The dossier names no such subject, or not by number, name and birth date.";
        Closed = "not-open", "The dossier is not open.";
        Bounds = "bounds", "As much as may be asked was asked: for the dossier, by the officer, or of the service.";
        Late = "late", "No answer came in the time there is.";
        NotAnswered = "not-answered", "The service did not answer the question.";
        NoMatch = "no-match", "Nothing found, or the details do not agree.";
        Ambiguous = "ambiguous", "More than one was found.";
        Mismatch = "mismatch", "The number was found, other details differ.";
        Stranger = "other-person", "The answer is about another person.";
        Unreadable = "unreadable", "The answer was understood, but not what it says of the subject.";
    }
}

/// What one rule of reuse came to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The service, `wire/operation`.
    pub service: String,
    /// Whose identity was asked about: a path of ours, `owner`.
    pub subject: String,
    /// The class of the closed list, where a question was put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Why nothing was reused; absent where something could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused: Option<Unused>,
    /// Facts that were filled, by our paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
    /// Filed facts that agree with what the state holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<String>,
    /// Filed facts that differ from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<Difference>,
    /// Codes of components that need not be brought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<String>,
    /// The legal basis.
    pub basis: String,
    /// The profile, `name@version`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub profile: String,
    /// The id of the look-up in the exchange log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// When it was found out.
    pub at: Time,
    /// When the data is of, where the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Time>,
}

/// A filed fact that is not what the state holds. Neither value is shown here; both sides' dates are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Our path of the fact.
    pub fact: String,
    /// How sure it is that they differ: the word of the comparison.
    pub how: String,
    /// When it was filed.
    pub filed_at: Time,
    /// When the state's value is of, or was retrieved.
    pub held_at: Time,
}

/// Counts and words only.
impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finding")
            .field("service", &self.service)
            .field("class", &self.class)
            .field("unused", &self.unused)
            .field("filled", &self.filled.len())
            .field("verified", &self.verified.len())
            .field("differs", &self.differs.len())
            .finish_non_exhaustive()
    }
}

impl Unused {
    /// Who must act.
    #[must_use]
    pub const fn owner(self) -> Owner {
        match self {
            Self::Unconfigured | Self::Late => Owner::Gateway,
            Self::NoOfficer | Self::Bounds => Owner::System,
            Self::NoSubject | Self::Closed | Self::NoMatch | Self::Ambiguous | Self::Mismatch => {
                Owner::Officer
            }
            Self::NotAnswered | Self::Stranger | Self::Unreadable => Owner::Partner,
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Unconfigured => "connect the service under `reuse.sources`, or ask for the paper",
            Self::NoOfficer => {
                "name the officer with their own identity number in the system's officers file"
            }
            Self::NoSubject => "complete number, name and birth date of the subject",
            Self::Closed => "nothing: a dossier that is closed is not asked about",
            Self::Bounds => "ask again later, or ask for the paper with a reason code",
            Self::Late => "push the dossier again later, or ask for the paper with a reason code",
            Self::NotAnswered => {
                "see the look-up's class and code; push again later, or ask for the paper with a reason code"
            }
            Self::NoMatch => {
                "check number, name and birth date with the citizen; ask for the paper, and for a correction of the database"
            }
            Self::Ambiguous => "ask for the paper, and for a correction of the database",
            Self::Mismatch => "check the named facts with the citizen; ask for a correction of the database",
            Self::Stranger => "tell the database's operator: it answered about another person",
            Self::Unreadable => "tell the gateway's operator: its mapping of this service must be corrected",
        }
    }
}
