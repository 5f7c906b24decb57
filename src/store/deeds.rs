//! What people did with sealed data: they looked at it, or had it erased. Each deed is a leaf before it is done.

use crate::evidence::blind::Blind;
use crate::evidence::leaf::Draft;
use crate::model::ExchangeId;

/// What somebody wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A dossier by its number: `filed`, as it came; `dossier`, as it was read; `receipt`; and `news`, what was said of it since.
    Dossier(String),
    /// An exchange: its `payload`, and `answer 1`, `answer 2`, … by attempts.
    Exchange(ExchangeId),
    /// A callback: its `document`, and the `reply` it got.
    Callback(ExchangeId),
    /// The fee receipt of a payment, by the payment's reference: one part, named by its media type.
    FeeReceipt(String),
    /// A paper that came inside a callback about a dossier of a system: one part, `paper`.
    Paper {
        /// The system.
        system: String,
        /// SHA-256 of its bytes.
        digest: [u8; 32],
    },
    /// The file at an address: `name`, what people read. Its bytes are elsewhere.
    File(String),
    /// Who looked at what of a subject, and had what erased: `<leaf>`, one for each, the newest first.
    Deeds(Blind),
}

impl Wanted {
    /// The word in the leaf.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Dossier(_) => "dossier",
            Self::Exchange(_) => "exchange",
            Self::Callback(_) => "callback",
            Self::FeeReceipt(_) => "fee-receipt",
            Self::Paper { .. } => "paper",
            Self::File(_) => "file",
            Self::Deeds(_) => "deeds",
        }
    }
}

/// A deed, as it is put on record.
#[derive(Clone)]
pub struct Deed {
    /// When, ms since 1970.
    pub at: i64,
    /// The leaf. Its commit is the commitment to `says`; dossier, subject and exchange are filled in by the store, which enters
    /// one for each subject.
    pub leaf: Draft,
    /// Who, why and on what basis, JSON; sealed by the month.
    pub says: Vec<u8>,
    /// Salt of the commitment.
    pub salt: [u8; 16],
}

/// What was seen: named parts in clear, and the leaf that tells of the look.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen {
    /// The leaf, on disk before anything was opened; with several subjects, the first of as many.
    pub leaf: u64,
    /// What was opened, by name.
    pub parts: Vec<(String, Vec<u8>)>,
}

impl Seen {
    /// One part.
    pub fn part(&self, name: &str) -> Option<&[u8]> {
        let named = self.parts.iter().find(|(known, _)| known == name);
        named.map(|(_, bytes)| bytes.as_slice())
    }
}

/// Personal: only which parts there are may be shown.
impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.parts.iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

/// A deed as it stands in the store, without who did it and why: that is sealed, and seen by a look of its own.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeedRow {
    /// Its leaf.
    pub leaf: u64,
    /// When, ms since 1970.
    pub at: i64,
    /// The dossier, where it is about one.
    pub dossier: Option<String>,
    /// What: dossier, exchange, callback, fee-receipt, paper, file, deeds, evidence, months, rows; with the leaf's kind it says what was done.
    pub what: String,
    /// Whether it was erased; looked at, if not.
    pub erased: bool,
}

/// What erasing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Erasure {
    /// The dossiers whose data is gone, or would be.
    pub erased: Vec<String>,
    /// Those on which work is open: what is owed is delivered first, or released by an operator.
    pub open: Vec<String>,
}
