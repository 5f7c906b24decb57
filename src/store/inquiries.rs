//! Look-ups of what the state already holds, as the store keeps them: who asked what about whom and why, and what came of
//! it. Names of facts, never their values.

use crate::evidence::blind::Blind;
use crate::evidence::leaf::Draft;
use crate::model::ExchangeId;

/// A look-up that is about to be made, with its purpose. Flushed before the call.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// The evidence id.
    pub id: ExchangeId,
    /// The number of the dossier or draft it is made for.
    pub number: String,
    /// The system that filed it.
    pub system: String,
    /// The partner that is asked.
    pub partner: String,
    /// The service, `wire/operation`.
    pub service: String,
    /// The profile, `name@version`.
    pub profile: String,
    /// National code of the procedure.
    pub procedure: String,
    /// The legal basis.
    pub basis: String,
    /// Whom it is about, blinded.
    pub subject: Blind,
    /// Who asks, blinded.
    pub officer: Blind,
    /// The id of the request at the partner.
    pub request: String,
    /// The sets of facts that may be delivered.
    pub sets: Vec<String>,
    /// When, ms since 1970.
    pub at: i64,
    /// Salt of the commitments in its leaves.
    pub salt: [u8; 16],
    /// The earlier look-up whose answer is used; no call is made then.
    pub source: Option<ExchangeId>,
    /// Who asks, by name.
    pub act: Act,
    /// How much may be asked for one dossier and by one officer.
    pub bounds: Bounds,
    /// The leaf.
    pub leaf: Draft,
}

/// Who asks: kept apart from what is asked, and sealed.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
pub struct Act {
    /// The officer's own personal number.
    pub officer: String,
    /// The officer's name.
    pub name: String,
    /// The officer's account.
    pub account: String,
    /// The officer's agency.
    pub agency: String,
    /// The address the request came from, or `worker`.
    pub client: String,
    /// The reason given, or the rule.
    pub reason: String,
}

/// Personal: only that it is there may be shown.
impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Act(…)")
    }
}

/// How much may be asked (national-databases.md §9.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Different subjects of one dossier.
    pub subjects: u32,
    /// Calls for one dossier.
    pub calls: u32,
    /// Calls of one officer in an hour.
    pub hour: u32,
    /// Calls of one officer in 24 hours.
    pub day: u32,
}

/// Whether a look-up may be made. Only a granted one was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// It is on record, and on disk.
    Granted,
    /// The dossier has had as many subjects as it may.
    Subjects,
    /// The dossier has had as many calls as it may.
    Calls,
    /// The officer has made as many calls in an hour, or in a day, as one may.
    Officer,
}

/// What a look-up came to.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The look-up.
    pub id: ExchangeId,
    /// When it ended, ms since 1970.
    pub at: i64,
    /// The class of the closed list.
    pub class: &'static str,
    /// Who said so.
    pub hop: Option<&'static str>,
    /// Their code, raw.
    pub code: Option<String>,
    /// Their words, redacted.
    pub words: Option<String>,
    /// Their id of the call.
    pub trace: Option<String>,
    /// SHA-256 of the answer's bytes.
    pub digest: Option<[u8; 32]>,
    /// The names of the facts that were taken.
    pub delivered: Vec<String>,
    /// The leaf.
    pub leaf: Draft,
}

/// A dossier that is being filled in.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its number.
    pub number: String,
    /// The system.
    pub system: String,
    /// National code of the procedure.
    pub procedure: String,
    /// When, ms since 1970.
    pub at: i64,
    /// The leaf.
    pub leaf: Draft,
}

/// A look-up as auditors see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct InquiryRow {
    /// The evidence id.
    pub id: ExchangeId,
    /// The number it was made for.
    pub number: String,
    /// The partner.
    pub partner: String,
    /// The service.
    pub service: String,
    /// The profile.
    pub profile: String,
    /// The procedure.
    pub procedure: String,
    /// The legal basis.
    pub basis: String,
    /// The request's id at the partner.
    pub request: String,
    /// The sets of facts that might be delivered.
    pub sets: Vec<String>,
    /// When it was asked, ms since 1970.
    pub at: i64,
    /// When it ended, ms since 1970.
    pub ended_at: Option<i64>,
    /// The class.
    pub class: Option<String>,
    /// Who said so.
    pub hop: Option<String>,
    /// Their code.
    pub code: Option<String>,
    /// Their id of the call.
    pub trace: Option<String>,
    /// The facts that were taken, by name.
    pub delivered: Vec<String>,
    /// The earlier look-up whose answer was used.
    pub source: Option<ExchangeId>,
    /// The index of the leaf of its beginning.
    pub asked: u64,
    /// The index of the leaf of its end.
    pub answered: Option<u64>,
}

/// How look-ups of one service ended in one way, for the dossiers of one procedure.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LookupsRow {
    /// The procedure.
    pub procedure: String,
    /// The service.
    pub service: String,
    /// The class; nothing while they have not ended.
    pub class: Option<String>,
    /// How many.
    pub lookups: u64,
    /// Facts that were taken: filled or confirmed, papers apart.
    pub facts: u64,
    /// Papers that need not be brought.
    pub papers: u64,
}
