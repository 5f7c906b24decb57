//! What national sides sent by themselves, what became of it, and what the provincial systems are told.

mod rows;

use std::fmt;
use std::sync::Arc;

pub use rows::{CallbackBooks, CallbackRow};

use crate::evidence::blind::Blind;
use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, Owner};
use crate::store::{Paying, Series};

/// When another content under a key that is known already is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Never: what was said once does not change.
    Never,
    /// When its sender calls it a change.
    Called,
    /// When its dossier waits for papers.
    Awaited,
}

/// How a callback ended in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Received {
    /// Kept; what follows from it is put on its dossier next.
    Taken,
    /// Kept, and nothing here fits it yet: it waits for its dossier, or for a person.
    Parked,
    /// Kept as what it is, a second content under one key; it changes nothing.
    Conflict,
    /// Kept as what it is, a change that its dossier does not wait for; it changes nothing.
    Closed,
    /// Kept for a person: it says another amount than we asked for.
    Differs,
    /// Kept as what it is: that its order is paid was known already, by other words. It changes nothing.
    Known,
    /// Kept for a person: its order was paid already, by another transaction.
    Twice,
}

impl Received {
    /// The word in store and log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Parked => "parked",
            Self::Conflict => "conflict",
            Self::Closed => "closed",
            Self::Differs => "differs",
            Self::Known => "known",
            Self::Twice => "twice",
        }
    }
}

/// What the sender hears, and what the log says, of each end and of the number it was found to be about. Made by whoever knows
/// the wire, told by the store, which alone sees what came before.
pub type Telling = Arc<dyn Fn(Received, Option<&str>) -> (Heard, Draft) + Send + Sync>;

/// What a sender heard: its bytes are kept, and given again.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    /// HTTP status.
    pub status: u16,
    /// Its media type.
    pub media: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Sizes only.
impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard")
            .field("status", &self.status)
            .field("body.bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A callback whose sender is believed.
#[derive(Clone)]
pub struct Receipt {
    /// Its id here.
    pub id: ExchangeId,
    /// Who sent it, by the name of its listener.
    pub listener: String,
    /// What it is.
    pub kind: &'static str,
    /// What makes it one and the same, within listener and kind.
    pub key: String,
    /// SHA-256 of what it says.
    pub digest: [u8; 32],
    /// What it says, in its wire's normal form.
    pub document: Vec<u8>,
    /// The papers that came inside, with their SHA-256.
    pub papers: Vec<([u8; 32], Vec<u8>)>,
    /// When it came, ms since 1970.
    pub at: i64,
    /// When it happened there, ms since 1970, where it says.
    pub said_at: Option<i64>,
    /// Whether its sender calls it a change.
    pub updating: bool,
    /// When another content is taken under its key.
    pub renewal: Renewal,
    /// Whether it files a dossier, which need not be here yet.
    pub files: bool,
    /// It was taken from a tray: its key is its number there, it is given the next number of this row when it comes first, and
    /// whatever came last is what it says until that is acknowledged.
    pub series: Option<Series>,
    /// The dossier's number, where it is known.
    pub number: Option<String>,
    /// Whose it is by its path or agency; a dossier that is here says it better.
    pub system: Option<String>,
    /// What it says of an order of ours.
    pub order: Option<Paying>,
    /// Whether we asked for it; else its sender sent it by itself.
    pub sought: bool,
    /// Salt of the commitment in its leaf.
    pub salt: [u8; 16],
    /// Reply and leaf of each end.
    pub telling: Telling,
}

/// What receiving came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reception {
    /// What the sender hears.
    pub heard: Heard,
    /// How it ended; none when it had come before.
    pub end: Option<Received>,
}

/// One callback of a pile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its id.
    pub id: ExchangeId,
    /// Its listener.
    pub listener: String,
    /// Its kind.
    pub kind: String,
    /// When it happened there, ms since 1970; 0 where it does not say.
    pub at: i64,
    /// Whether its sender calls it a change.
    pub updating: bool,
    /// SHA-256 of what it says.
    pub digest: [u8; 32],
    /// What it says.
    pub document: Vec<u8>,
    /// Salt of the commitments about it; it stands in no leaf.
    pub salt: [u8; 16],
    /// Whether it has been put on the dossier.
    pub applied: bool,
}

/// All that was said of one dossier: some of it is not on the dossier yet.
#[derive(Clone, Debug)]
pub struct Pile {
    /// The number.
    pub number: String,
    /// Whose it is.
    pub system: String,
    /// The dossier as it was filed, JSON; none where the national side files it.
    pub filed: Option<Vec<u8>>,
    /// Everything that was said, in the order in which it came.
    pub said: Vec<Said>,
}

/// What a provincial system is told.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its id.
    pub id: ExchangeId,
    /// What happened.
    pub kind: &'static str,
    /// What it says, JSON.
    pub body: Vec<u8>,
    /// Whether the system has a webhook to be told by; the feed has it either way.
    pub hooked: bool,
}

/// What putting one callback on its dossier came to.
#[derive(Clone, Debug)]
pub struct Applying {
    /// The callback.
    pub id: ExchangeId,
    /// The event; none when it stopped.
    pub event: Option<NewEvent>,
    /// Who must act, on what, and why, when it stopped.
    pub stopped: Option<(Owner, String, String)>,
    /// The leaf.
    pub leaf: Draft,
}

/// What is on a dossier beside what was filed, after a pile was applied.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The number.
    pub number: String,
    /// Whose it is, of those callbacks too that nothing told the owner of.
    pub system: String,
    /// When, ms since 1970.
    pub at: i64,
    /// Everybody whom the dossier is about, blinded, where the national side filed it.
    pub subjects: Vec<Blind>,
    /// The facts, JSON.
    pub news: Vec<u8>,
    /// Each callback that was put on it just now.
    pub each: Vec<Applying>,
}

/// An event, as a provincial system is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in the feed.
    pub place: i64,
    /// Its id.
    pub id: ExchangeId,
    /// The system.
    pub system: String,
    /// The dossier.
    pub number: String,
    /// What happened.
    pub kind: String,
    /// When, ms since 1970.
    pub at: i64,
    /// The callback that it comes from.
    pub callback: ExchangeId,
    /// The leaf that tells of it.
    pub leaf: u64,
    /// What it says, JSON.
    pub body: Vec<u8>,
    /// How often a webhook was tried.
    pub tries: u32,
}

/// How telling ended.
#[derive(Clone, Debug)]
pub enum Told {
    /// The system took it.
    Taken {
        /// The leaf.
        leaf: Draft,
    },
    /// It did not; not before so many ms since 1970 again.
    Later(i64),
}
