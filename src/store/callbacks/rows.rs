//! Callbacks as people see them.

use crate::model::{ExchangeId, Owner};

/// A callback as people see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CallbackRow {
    /// Its id.
    pub callback: ExchangeId,
    /// Who sent it.
    pub partner: String,
    /// What it is.
    pub kind: String,
    /// The dossier, where it is known.
    pub dossier: Option<String>,
    /// Whose it is, where that is known.
    pub system: Option<String>,
    /// When it came, ms since 1970.
    pub at: i64,
    /// Where it stands: waiting, applied, parked, refused, known, aside.
    pub state: String,
    /// Who must act, if anybody.
    pub owner: Option<Owner>,
    /// What to do.
    pub action: Option<String>,
    /// Why.
    pub cause: Option<String>,
}

/// How many callbacks stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CallbackBooks {
    /// All that were kept.
    pub kept: u64,
    /// On their dossiers.
    pub applied: u64,
    /// About to be.
    pub waiting: u64,
    /// Until their dossier or their owner comes.
    pub parked: u64,
    /// Kept as what they are; they change nothing.
    pub refused: u64,
    /// Those that said what was known already, by other words.
    pub known: u64,
    /// Those from which nothing follows, as a person said.
    pub aside: u64,
    /// Of all but the refused, those that we asked for ourselves.
    pub sought: u64,
}
