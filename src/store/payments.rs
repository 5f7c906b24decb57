//! Payments that begin here: what callers ask of the store about them, and what it hands to workers.

mod words;

use std::fmt;

pub use words::{PayPhase, PayState, Paying};

use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, Owner};
use crate::store::Reply;

/// An order, with all that keeping it commits.
#[derive(Clone)]
pub struct NewOrder {
    /// Its id here.
    pub id: ExchangeId,
    /// What both ends know it by.
    pub reference: String,
    /// The system whose dossier it is.
    pub system: String,
    /// The dossier's number.
    pub number: String,
    /// The platform, by the name of its partner.
    pub partner: String,
    /// Whole đồng.
    pub amount: i64,
    /// When it begins, ms since 1970.
    pub at: i64,
    /// The mapping that wrote it, as `name@version`.
    pub mapping: String,
    /// What is sent: written once, the same on every try.
    pub payload: Vec<u8>,
    /// Salt of the commitments about it.
    pub salt: [u8; 16],
    /// The leaf; it commits to the payload.
    pub leaf: Draft,
}

/// Without its payload, which is about a person.
impl fmt::Debug for NewOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewOrder")
            .field("id", &self.id)
            .field("payload.bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// What became of an order that was to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// It is kept.
    New,
    /// The dossier has one that may still be paid: that one counts, and nothing else was kept.
    Standing(Box<PaymentRow>),
    /// The dossier was paid through an order of ours already.
    Paid,
}

/// An order in a worker's hand.
#[derive(Clone)]
pub struct DueOrder {
    /// Its id here.
    pub id: ExchangeId,
    /// What both ends know it by.
    pub reference: String,
    /// The dossier's number.
    pub number: String,
    /// From when on the time is counted after which a person is asked, ms since 1970.
    pub since: i64,
    /// What is sent to begin it.
    pub payload: Vec<u8>,
    /// Salt of the commitments about it.
    pub salt: [u8; 16],
    /// Where it stands.
    pub state: PayState,
    /// What the platform is asked now.
    pub phase: PayPhase,
    /// Grows each time it is given out or turned; who writes with an older one changes nothing.
    pub fence: i64,
    /// Calls begun so far.
    pub calls: u32,
    /// Calls begun in this phase.
    pub tries: u32,
    /// A call was begun, and how it ended was never written.
    pub broken: bool,
    /// An `init` left of which nobody knows whether the platform has it.
    pub doubtful: bool,
}

/// Without its payload, which is about a person.
impl fmt::Debug for DueOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DueOrder")
            .field("id", &self.id)
            .field("phase", &self.phase)
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}

/// The beginning of a call, flushed before the first byte leaves.
#[derive(Clone, Debug)]
pub struct PayCall {
    /// The order.
    pub id: ExchangeId,
    /// The fence it was given out with.
    pub fence: i64,
    /// Which call of it this is, from 1.
    pub call: u32,
    /// What is asked.
    pub phase: PayPhase,
    /// When, ms since 1970.
    pub at: i64,
    /// SHA-256 of all bytes that leave.
    pub digest: [u8; 32],
    /// The leaf; it commits to the digest.
    pub leaf: Draft,
}

/// What happens to an order next.
#[derive(Clone, PartialEq, Eq)]
pub enum PayMove {
    /// Where to pay is known; it is asked after at that moment (ms since 1970).
    Open {
        /// The page.
        page: String,
        /// When it is asked after.
        at: i64,
    },
    /// Ask this, not before that moment (ms since 1970).
    Again {
        /// What.
        phase: PayPhase,
        /// When.
        at: i64,
    },
    /// The platform did not take it: nobody can pay it.
    Failed {
        /// Who must act.
        owner: Owner,
        /// What to do.
        action: String,
    },
    /// It stands until its owner acts; it may still be paid.
    Park {
        /// Who must act.
        owner: Owner,
        /// What to do.
        action: String,
    },
    /// The fee receipt is here.
    Receipt {
        /// Its media type.
        media: &'static str,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// There is no fee receipt to be had; the order stays paid.
    NoReceipt {
        /// Who may get it by hand.
        owner: Owner,
        /// How.
        action: String,
    },
    /// What was heard has been received as a callback: the order stands as that left it.
    Stands,
}

/// What next, never the page or the receipt.
impl fmt::Debug for PayMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl PayMove {
    /// The word in the log.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Again { .. } => "again",
            Self::Failed { .. } => "failed",
            Self::Park { .. } => "parked",
            Self::Receipt { .. } => "receipt",
            Self::NoReceipt { .. } => "no-receipt",
            Self::Stands => "stands",
        }
    }
}

/// The end of a call: what was heard and what comes next, in one transaction.
#[derive(Clone, Debug)]
pub struct PayEnd {
    /// The order.
    pub id: ExchangeId,
    /// The fence it was given out with.
    pub fence: i64,
    /// Which call of it this was; none when none was begun.
    pub call: Option<u32>,
    /// When, ms since 1970.
    pub at: i64,
    /// HTTP status, or none when no answer came.
    pub status: Option<u16>,
    /// The cause in one stable word.
    pub cause: String,
    /// Whether it is an `init` of which nobody knows whether the platform has it.
    pub doubtful: bool,
    /// What comes next.
    pub next: PayMove,
    /// The leaf; its fact `next` says the same.
    pub leaf: Draft,
}

/// A payment as callers and operators see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PaymentRow {
    /// What both ends know it by.
    pub reference: String,
    /// Its id in the log.
    pub payment: ExchangeId,
    /// The system whose dossier it is.
    pub system: String,
    /// The dossier's number.
    pub dossier: String,
    /// The platform.
    pub partner: String,
    /// Whole đồng.
    pub amount: i64,
    /// Where it stands.
    pub state: PayState,
    /// When it began, ms since 1970.
    pub began_at: i64,
    /// Where to pay, once that is known and while it may be paid.
    pub page: Option<String>,
    /// When it was paid, ms since 1970, as the platform says.
    pub paid_at: Option<i64>,
    /// Whether its fee receipt is here.
    pub receipt: bool,
    /// Calls made for it.
    pub calls: u32,
    /// When the platform is asked next, ms since 1970.
    pub next_at: Option<i64>,
    /// Who must act, if anybody.
    pub owner: Option<Owner>,
    /// What to do.
    pub action: Option<String>,
    /// Why.
    pub cause: Option<String>,
}

/// How many payments stand where, and what was paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct PaymentBooks {
    /// All that began here.
    pub begun: u64,
    /// Those of which it is not known yet where to pay.
    pub asked: u64,
    /// Those that may be paid.
    pub open: u64,
    /// Those that are paid.
    pub paid: u64,
    /// What was paid by them, whole đồng.
    pub amount: i64,
    /// Those that were not paid and will not be.
    pub failed: u64,
    /// Those that a person must act on.
    pub parked: u64,
    /// Those that a person dropped.
    pub dropped: u64,
    /// Fee receipts that are here.
    pub receipts: u64,
}

/// The payments of the store. Each call is one transaction, as those of [`Store`](crate::store::Store).
pub trait Payments: Send + Sync {
    /// Keeps an order with its leaf, or finds the one of its dossier that may still be paid. The answer waits for the disk.
    fn order(&self, order: NewOrder) -> Reply<'_, Ordered>;
    /// Gives up to `limit` orders of a partner into a worker's hand until `until`.
    fn due_orders(&self, partner: &str, now: i64, until: i64, limit: usize) -> Reply<'_, Vec<DueOrder>>;
    /// When something of a partner is to be asked next, ms since 1970.
    fn order_wakes_at(&self, partner: &str) -> Reply<'_, Option<i64>>;
    /// Records that a call begins. Flushed before the answer; refused when the order was turned meanwhile.
    fn pay_call(&self, call: PayCall) -> Reply<'_, ()>;
    /// Records how a call ended and what comes next.
    fn pay_end(&self, end: PayEnd) -> Reply<'_, ()>;
    /// One payment by its reference.
    fn payment(&self, reference: &str) -> Reply<'_, Option<PaymentRow>>;
    /// The payments that somebody must act on, oldest first; with a dossier's number, all of that dossier.
    fn payments(&self, number: Option<&str>, limit: usize) -> Reply<'_, Vec<PaymentRow>>;
    /// How many stand where.
    fn payment_books(&self) -> Reply<'_, PaymentBooks>;
}
