//! What the store shows to people and auditors.

use crate::model::{ExchangeId, Operation, Owner, Phase, State};

/// An exchange as people see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ExchangeRow {
    /// Its id.
    pub exchange: ExchangeId,
    /// The dossier's number.
    pub dossier: String,
    /// The system that filed it.
    pub system: String,
    /// The partner.
    pub partner: String,
    /// What it asks of the partner.
    pub operation: Operation,
    /// Where it stands.
    pub state: State,
    /// Attempts begun.
    pub attempts: u32,
    /// Who must act, if anybody.
    pub owner: Option<Owner>,
    /// What to do.
    pub action: Option<String>,
    /// Cause of the latest turn, one stable word.
    pub cause: Option<String>,
    /// Made at, ms since 1970.
    pub made_at: i64,
    /// Latest change, ms since 1970.
    pub changed_at: i64,
    /// Not before, ms since 1970 (meaningful in `later`).
    pub not_before: i64,
}

/// An attempt as people see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AttemptRow {
    /// Counted from 1 within its exchange.
    pub number: u32,
    /// Send, or probe.
    pub phase: Phase,
    /// What it asked.
    pub operation: Operation,
    /// Begin, ms since 1970.
    pub began_at: i64,
    /// End, ms since 1970; none while it is under way or when the process died in it.
    pub ended_at: Option<i64>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Word of the verdict.
    pub verdict: Option<String>,
    /// Cause.
    pub cause: Option<String>,
    /// SHA-256 of all bytes that left, hex.
    pub digest: String,
}

/// Which exchanges to list.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Of this dossier.
    pub dossier: Option<String>,
    /// Of this system.
    pub system: Option<String>,
    /// Of this competent agency.
    pub agency: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// Settled ones (delivered, refused) too.
    pub all: bool,
    /// Made at or after, ms since 1970.
    pub since: Option<i64>,
    /// Made before, ms since 1970.
    pub until: Option<i64>,
    /// After this one, in order of id.
    pub after: Option<ExchangeId>,
    /// At most so many.
    pub limit: usize,
}

/// The latest filing of a dossier.
#[derive(Clone, Debug)]
pub struct DossierRow {
    /// Its number.
    pub number: String,
    /// The system that filed it.
    pub system: String,
    /// How many versions were accepted.
    pub versions: u32,
    /// When the latest was accepted, ms since 1970.
    pub accepted_at: i64,
    /// Whether that was erased; to see it else is a look.
    pub erased: bool,
}

/// The books: what accepted dossiers owe, and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Books {
    /// Accepted dossiers.
    pub dossiers: u64,
    /// Filings accepted and not prepared yet.
    pub unprepared: u64,
    /// Exchanges the partner accepted.
    pub delivered: u64,
    /// Exchanges the partner refused.
    pub refused: u64,
    /// Exchanges that stand until an owner acts.
    pub parked: u64,
    /// All others.
    pub waiting: u64,
}

/// A signed checkpoint that was given out, or is about to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// Leaves under it.
    pub size: u64,
    /// The root.
    pub root: [u8; 32],
    /// When, ms since 1970.
    pub at: i64,
    /// The signed note, as it is served.
    pub note: String,
}

/// An entry of the exchange log: the data of one Merkle leaf, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its index.
    pub index: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Size and root of the log as the store has it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// The root.
    pub root: [u8; 32],
}
