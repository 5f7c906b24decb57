//! What is registered with a register of the state, and what is awaited of it.

use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, Owner};
use crate::store::{Rendered, Stopped};

/// A dossier that may be registered now.
#[derive(Clone, Debug)]
pub struct Registrable {
    /// The dossier's number.
    pub number: String,
    /// The filing that it stands at.
    pub filing: i64,
    /// The dossier as JSON.
    pub dossier: Vec<u8>,
    /// When that was accepted, ms since 1970.
    pub at: i64,
    /// When the state owes an answer, ms since 1970.
    pub due_at: Option<i64>,
    /// What lay in a tray under this number, where it came from one: the name of the tray, its kind, and what it said last.
    pub linked: Option<(String, String, Vec<u8>)>,
}

/// What is done about a dossier that might be registered.
#[derive(Clone, Debug)]
pub enum Registering {
    /// It is pushed.
    Push(Box<Push>),
    /// Nothing is to be registered as it stands: the next filing may change that.
    Idle,
    /// It cannot be made: somebody must act, then its next filing takes it up.
    Stopped(Stopped),
}

/// What lay in a tray, and of which its national side may not know everything.
#[derive(Clone, Debug)]
pub struct Stale {
    /// The tray, by the name of its partner.
    pub tray: String,
    /// Its number there.
    pub item: String,
    /// Its number here.
    pub number: String,
    /// How often there may have been something to tell since that was looked at.
    pub stale: i64,
    /// The dossier's latest filing.
    pub filing: i64,
    /// The dossier as JSON.
    pub dossier: Vec<u8>,
    /// When that was accepted, ms since 1970.
    pub at: i64,
    /// When the state owes an answer, ms since 1970.
    pub due_at: Option<i64>,
    /// Whether the register has it, and where it says that it stands.
    pub registered: Option<Option<String>>,
    /// What the register said last.
    pub result: Option<Vec<u8>>,
    /// The states that were told, or are about to be, in their order.
    pub told: Vec<u8>,
}

/// States that are to be told, in their order.
#[derive(Clone, Debug)]
pub struct StateTelling {
    /// The dossier's number.
    pub number: String,
    /// The filing that it stands at.
    pub filing: i64,
    /// As it was looked at: what came since is looked at again.
    pub stale: i64,
    /// When, ms since 1970.
    pub at: i64,
    /// Each state with its message.
    pub states: Vec<(u8, Push)>,
}

/// A message that is made apart from its filing's own.
#[derive(Clone, Debug)]
pub struct Push {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The partner.
    pub partner: String,
    /// The message.
    pub rendered: Rendered,
    /// What it is asked for by beside its number, JSON; empty where nobody asks.
    pub asked: String,
    /// Deadline of delivery, ms since 1970.
    pub give_up_at: i64,
    /// The order between dossiers, ms since 1970.
    pub due_at: i64,
    /// The leaf.
    pub leaf: Draft,
}

/// What became of one that was due.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The dossier's number.
    pub number: String,
    /// The filing that was looked at.
    pub filing: i64,
    /// When, ms since 1970.
    pub at: i64,
    /// What is done.
    pub how: Registering,
}

/// A dossier that a register has, and of which nobody knows the end yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaiting {
    /// The dossier's number.
    pub number: String,
    /// What it is asked for by beside its number, JSON.
    pub asked: String,
    /// Pushes so far.
    pub round: u32,
    /// Where it stood when it was asked for last.
    pub code: Option<String>,
    /// Questions since that changed.
    pub tries: u32,
}

/// Where a dossier is found to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// On its way: asked for again at that moment, ms since 1970.
    Again(i64),
    /// It waits for papers, and so for its next filing.
    Supplement,
    /// It came to its end.
    Ended,
}

/// What asking for a dossier came to.
#[derive(Clone, Debug)]
pub struct Found {
    /// The dossier's number.
    pub number: String,
    /// Pushes so far when it was asked for: what was pushed since is another matter.
    pub round: u32,
    /// Their word for where it stands, where they said one.
    pub code: Option<String>,
    /// Questions since that changed.
    pub tries: u32,
    /// What follows.
    pub stands: Awaited,
}

/// A registration as people see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RegistrationRow {
    /// The dossier's number.
    pub number: String,
    /// Where it stands: due, idle, stopped, pushed, awaited, supplement, refused, ended.
    pub state: String,
    /// The register, by its partner, once it was pushed.
    pub partner: Option<String>,
    /// Pushes so far.
    pub round: u32,
    /// Where it stands there, in their word.
    pub code: Option<String>,
    /// Who must act, if anybody.
    pub owner: Option<Owner>,
    /// What to do.
    pub action: Option<String>,
    /// Why.
    pub cause: Option<String>,
}
