//! What a person says is to become of a callback or a payment that waits for one.

use crate::evidence::blind::Blind;
use crate::evidence::leaf::Draft;
use crate::model::ExchangeId;
use crate::store::{CallbackRow, Reply};

/// What is to become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruled {
    /// A callback that is nobody's belongs to this dossier: it is put on it.
    ToDossier {
        /// The callback.
        callback: ExchangeId,
        /// The dossier's number.
        number: String,
    },
    /// A callback that is nobody's belongs to this system: it is put on its dossier when that comes, or is one itself.
    ToSystem {
        /// The callback.
        callback: ExchangeId,
        /// The system.
        system: String,
        /// Whether it files a dossier, which need not be here.
        files: bool,
    },
    /// Nothing is to follow from a callback.
    SetAside {
        /// The callback.
        callback: ExchangeId,
    },
    /// A payment is asked after once more.
    AskAgain {
        /// The payment.
        payment: ExchangeId,
    },
    /// Nobody will pay a payment: another may begin.
    Drop {
        /// The payment.
        payment: ExchangeId,
    },
}

impl Ruled {
    /// The word in store and log.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::ToDossier { .. } => "to-dossier",
            Self::ToSystem { .. } => "to-system",
            Self::SetAside { .. } => "set-aside",
            Self::AskAgain { .. } => "ask-again",
            Self::Drop { .. } => "drop",
        }
    }

    /// The callback or the payment.
    pub const fn about(&self) -> ExchangeId {
        match self {
            Self::ToDossier { callback, .. }
            | Self::ToSystem { callback, .. }
            | Self::SetAside { callback } => *callback,
            Self::AskAgain { payment } | Self::Drop { payment } => *payment,
        }
    }
}

/// A ruling, with all that keeping it commits.
#[derive(Clone)]
pub struct Ruling {
    /// What is to become of what.
    pub ruled: Ruled,
    /// Why, in the person's words; sealed by the month.
    pub reason: String,
    /// Whose, blinded; none where a program's token was shown.
    pub account: Option<Blind>,
    /// When, ms since 1970.
    pub at: i64,
    /// The leaf.
    pub leaf: Draft,
}

/// What became of a ruling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulingEnd {
    /// It is kept, and what it says is done.
    Done,
    /// It is not there, or waits for nobody any more, or for something else.
    WrongState,
    /// The dossier that it names is not here.
    NoDossier,
    /// The system that it names is none.
    NoSystem,
}

/// A ruling as people see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RulingRow {
    /// Its word.
    pub word: String,
    /// When, ms since 1970.
    pub at: i64,
    /// Its leaf.
    pub leaf: u64,
    /// Whose, blinded; none where a program's token was shown.
    #[serde(skip)]
    pub account: Option<Blind>,
}

/// Rulings.
pub trait Rulings {
    /// Keeps a ruling and does what it says, in one transaction; the answer waits for the disk.
    fn rule(&self, ruling: Ruling) -> Reply<'_, RulingEnd>;
    /// The rulings on a callback or a payment, oldest first.
    fn rulings(&self, about: ExchangeId) -> Reply<'_, Vec<RulingRow>>;
    /// One callback.
    fn callback(&self, id: ExchangeId) -> Reply<'_, Option<CallbackRow>>;
}
