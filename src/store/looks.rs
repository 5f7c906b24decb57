//! What people who look for something ask of the store, and what they are shown.

use crate::evidence::blind::Blind;
use crate::model::{ExchangeId, Operation, Owner, State};
use crate::store::{Rendered, Reply};

/// What the store answers to people. Each question is answered as of one moment, in a bounded time.
pub trait Looks {
    /// One page of what is looked for, the newest first.
    fn search(&self, search: Search) -> Reply<'_, Page>;
    /// What stands open.
    fn standing(&self) -> Reply<'_, Standing>;
    /// What came in and what went out of an exchange.
    fn sides(&self, id: ExchangeId) -> Reply<'_, Option<Sides>>;
    /// The hands that operators laid on it, oldest first.
    fn hands(&self, id: ExchangeId) -> Reply<'_, Vec<HandRow>>;
}

/// What is looked for; what is not said is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Of this dossier.
    pub number: Option<String>,
    /// About this subject, blinded.
    pub subject: Option<Blind>,
    /// Of this competent agency.
    pub agency: Option<String>,
    /// Of this procedure.
    pub procedure: Option<String>,
    /// To or from this partner.
    pub partner: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// Made at or after, ms since 1970.
    pub since: Option<i64>,
    /// Made before, ms since 1970.
    pub until: Option<i64>,
    /// Where the page before this one ended.
    pub after: Option<Cursor>,
    /// At most so many rows.
    pub limit: usize,
}

/// Where a page of a search ended: after that exchange of that dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The dossier's row.
    pub dossier: i64,
    /// The exchange; none of a dossier whose exchanges were all passed.
    pub exchange: Option<ExchangeId>,
}

/// One page of a search, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What was found.
    pub rows: Vec<FoundRow>,
    /// Where to go on; none at the end. A page may be short, or empty, and not the last: a search looks at so many rows and no
    /// more, so that no question keeps others waiting.
    pub next: Option<Cursor>,
}

/// An exchange that was found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FoundRow {
    /// Its id.
    pub exchange: ExchangeId,
    /// The dossier's number.
    pub dossier: String,
    /// The system that filed it.
    pub system: String,
    /// The competent agency.
    pub agency: Option<String>,
    /// National code of the procedure.
    pub procedure: String,
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
    /// Cause of the latest turn.
    pub cause: Option<String>,
    /// Made at, ms since 1970.
    pub made_at: i64,
    /// Latest change, ms since 1970.
    pub changed_at: i64,
}

/// What stands open, for people who watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the oldest exchange was made that still moves, ms since 1970.
    pub oldest: Option<i64>,
    /// What waits for its owner, by owner and next action, the oldest first.
    pub queues: Vec<QueueRow>,
    /// Whether more stands than was looked at.
    pub more: bool,
}

/// Exchanges that wait for the same owner and the same action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// Who must act.
    pub owner: Option<Owner>,
    /// What to do.
    pub action: Option<String>,
    /// Why they stand, one stable word.
    pub cause: Option<String>,
    /// The partner.
    pub partner: String,
    /// Parked or refused.
    pub state: State,
    /// How many.
    pub count: u64,
    /// Since when the oldest stands, ms since 1970.
    pub since: i64,
    /// The oldest.
    pub first: ExchangeId,
}

/// An exchange and the filing it was made for: what came in and what went out, for the gateway's own work. Of what it says of
/// persons nothing is shown.
#[derive(Clone)]
pub struct Sides {
    /// The dossier as it was read from the filing, with what the state holds once that was taken in, JSON; none any more once it was
    /// erased.
    pub dossier: Option<Vec<u8>>,
    /// The message; none before it was made, and none any more once it was erased.
    pub message: Option<Rendered>,
    /// When the filing was accepted, ms since 1970.
    pub accepted_at: i64,
    /// SHA-256 of the body as filed.
    pub digest: [u8; 32],
    /// The leaf of its acceptance.
    pub leaf: u64,
    /// Whether an answer of the partner is kept.
    pub is_answered: bool,
}

/// An operator's hand, as it was laid on an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandRow {
    /// When, ms since 1970.
    pub at: i64,
    /// The release's word; none is a retry.
    pub release: Option<String>,
    /// Whose hand, blinded; none where a program's token was shown.
    pub account: Option<Blind>,
    /// The leaf.
    pub leaf: u64,
}
