//! What an attempt ended in, in the words that decide what comes next.

use super::Owner;

/// What an attempt ended in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The partner has it, or the probe found it.
    Accepted,
    /// The partner refused it and a person must act.
    Refused {
        /// Who.
        owner: Owner,
    },
    /// The partner knows the dossier already: say it as an update.
    Exists,
    /// The partner does not know the dossier: an update of it must be a creation; a probe did not find it.
    Absent,
    /// The partner did not take it and says when to come again (seconds), or the session was refused.
    NotTaken {
        /// What the partner asked for, seconds.
        after: Option<u64>,
        /// Whether to come again at once (a fresh session will do).
        at_once: bool,
    },
    /// Nothing left the process.
    NotSent,
    /// Nobody can know.
    Unclear,
}
