//! What callers ask of the store, and what it hands to workers.

use crate::evidence::blind::Blind;
use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, Operation, Owner, Phase, Release};
use crate::store::Naming;

/// A dossier as it was filed, with all that accepting it commits. Accepted in one transaction (rule 1).
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The provincial system that filed it.
    pub system: String,
    /// The dossier's number.
    pub number: String,
    /// The key the caller gave, if any.
    pub key: Option<String>,
    /// SHA-256 of the body as filed.
    pub digest: [u8; 32],
    /// The body as filed, byte for byte.
    pub body: Vec<u8>,
    /// The dossier that was read from it, as JSON.
    pub dossier: Vec<u8>,
    /// National code of its procedure.
    pub procedure: String,
    /// Identifier of the competent agency, for search.
    pub agency: Option<String>,
    /// Word of its status.
    pub status: String,
    /// The partner that must know it.
    pub partner: String,
    /// When the state owes the citizen an answer, ms since 1970.
    pub due_at: Option<i64>,
    /// Acceptance time, ms since 1970.
    pub at: i64,
    /// The exact receipt bytes; a repeat gets these again.
    pub receipt: Vec<u8>,
    /// Salt of the commitment to `body` that stands in the leaf.
    pub salt: [u8; 16],
    /// Everybody whom it is about, blinded: who asks to be erased is found by it.
    pub subjects: Vec<Blind>,
    /// The files that it names by digest, with their addresses.
    pub files: Vec<Naming>,
    /// Whether it names others that are not here: then only a repeat of what was accepted is.
    pub lacks_files: bool,
    /// The leaf of the exchange log. Its `dossier` is needed, its `subject` wanted: the store's own leaves take them from
    /// here.
    pub leaf: Draft,
}

/// What became of an acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Kept: the first filing of the dossier, or a new version of it. The receipt is the one that was handed in.
    New,
    /// The same key and body, or (without a key) equal to the latest body: the receipt bytes given the first time.
    Repeat {
        /// The first receipt, byte for byte.
        receipt: Vec<u8>,
    },
    /// The key was used for another body.
    KeyReused {
        /// SHA-256 of the body that used the key first.
        first: [u8; 32],
    },
    /// The key was used for a body that was erased since: nobody can tell whether this is the same.
    Erased,
    /// The dossier belongs to another system.
    Foreign,
    /// More exchanges wait than the outbox may hold.
    OutboxFull,
    /// It names files that are not here.
    FilesLacking,
    /// A file that it names has another address by now, or is gone: its addresses are to be looked up anew.
    FilesMoved,
}

/// A filing that was accepted and waits to be prepared, oldest first.
#[derive(Clone, Debug)]
pub struct Filing {
    /// Its place in the order of acceptance.
    pub id: i64,
    /// The system that filed it.
    pub system: String,
    /// The dossier's number.
    pub number: String,
    /// The dossier as JSON; nothing when what is kept of it does not open.
    pub dossier: Vec<u8>,
    /// The partner that must know it.
    pub partner: String,
    /// When the state owes an answer, ms since 1970.
    pub due_at: Option<i64>,
    /// Acceptance time, ms since 1970.
    pub at: i64,
    /// The exchange that stands stopped for it and was sent on its way again: what is prepared now keeps this id,
    /// whichever other one it comes with.
    pub exchange: Option<ExchangeId>,
    /// Salt of the commitments to it.
    pub salt: [u8; 16],
}

/// A message that was translated and signed: rendered once, kept, sent as it is (rule 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// Detached JWS over exactly these bytes, where the partner's configuration asks for one.
    pub signature: Option<String>,
    /// Salt of the commitment that stands in the log.
    pub salt: [u8; 16],
    /// The mapping that made it, as `name@version`.
    pub mapping: String,
}

/// A step of processing that the partner has not been told.
#[derive(Clone, Debug)]
pub struct NewStep {
    /// Fingerprint over dossier, time, status, officer and content: the same step is never sent twice.
    pub key: [u8; 16],
    /// When it was done, ms since 1970: steps go oldest first.
    pub at: i64,
    /// The step as JSON.
    pub step: Vec<u8>,
}

/// What preparing one filing puts into the outbox, in one transaction with its leaves.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The filing.
    pub filing: i64,
    /// The dossier's number.
    pub number: String,
    /// The partner.
    pub partner: String,
    /// Time of preparing, ms since 1970.
    pub at: i64,
    /// Deadline of delivery, ms since 1970: after it the exchange is parked.
    pub give_up_at: i64,
    /// The order between dossiers: the earliest first (ms since 1970).
    pub due_at: i64,
    /// The dossier's message and its id, or who must act when it could not be made.
    pub message: Result<(ExchangeId, Rendered), Stopped>,
    /// The dossier as it stands after what the state holds was taken in, as JSON, and the leaf that says so; none when
    /// nothing changed.
    pub reused: Option<(Vec<u8>, Draft)>,
    /// Whether its procedure registers it with a register of the state: it is then due there, beside this partner.
    pub registers: bool,
    /// All steps that the dossier shows; those already known to the store are left out by it.
    pub steps: Vec<NewStep>,
    /// How many steps one message carries, at least one.
    pub chunk: usize,
    /// Ids for exchanges of steps, as many as the steps could need (one for each `chunk` begun).
    pub step_ids: Vec<ExchangeId>,
    /// Leaf of the dossier's message; its commit is the commitment to the payload under the message's salt.
    pub leaf: Draft,
    /// A leaf for each of `step_ids`; those of unused ids are not entered.
    pub step_leaves: Vec<Draft>,
}

/// A message that could not be made after acceptance: it stands parked from the beginning. Nothing of it ever left, so it
/// holds no later message of its dossier, only the steps of a dossier that the partner does not know. Sent on its way
/// again, its filing is prepared anew.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// Id of the parked exchange.
    pub exchange: ExchangeId,
    /// Who must act.
    pub owner: Owner,
    /// What to do, one stable sentence without personal data.
    pub action: String,
    /// What happened, one stable word.
    pub cause: String,
}

/// An exchange in a worker's hand.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The exchange.
    pub id: ExchangeId,
    /// Grows with every lease; a worker whose fence is old cannot write.
    pub fence: i64,
    /// The dossier's number.
    pub number: String,
    /// The system that filed it.
    pub system: String,
    /// Whom the dossier concerns, blinded.
    pub subject: Option<Blind>,
    /// What it asks of the partner.
    pub operation: Operation,
    /// Send, or probe.
    pub phase: Phase,
    /// Attempts begun so far (sends and probes).
    pub attempts: u32,
    /// When the latest *send* began, ms since 1970.
    pub sent_at: Option<i64>,
    /// Deadline of delivery, ms since 1970.
    pub give_up_at: i64,
    /// The message, once rendered; without a payload when what is kept of it does not open. Steps have none before their first lease.
    pub rendered: Option<Rendered>,
    /// The steps (JSON each, oldest first) of a message that is not rendered yet.
    pub steps: Vec<Vec<u8>>,
}

/// The beginning of an attempt, flushed before the first byte leaves.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The fence of the lease.
    pub fence: i64,
    /// Send, or probe.
    pub phase: Phase,
    /// What it asks of the partner, as sent.
    pub operation: Operation,
    /// Begin, ms since 1970.
    pub at: i64,
    /// SHA-256 of all bytes that leave.
    pub digest: [u8; 32],
    /// The message, when this lease rendered it (the chunk of steps is then fixed).
    pub rendered: Option<Rendered>,
    /// The leaf; its commit is the commitment to `digest` under the message's salt. Where `rendered` is given, the store
    /// adds the fact `payload`, the commitment to it, in hexadecimal.
    pub leaf: Draft,
}

/// What happens to an exchange next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextMove {
    /// The partner has it.
    Delivered,
    /// The partner refused it; the owner must act.
    Refused {
        /// Who must act.
        owner: Owner,
        /// What to do.
        action: String,
    },
    /// Send again, not before `at` (ms since 1970).
    Again {
        /// What to ask then.
        operation: Operation,
        /// Not before, ms since 1970.
        at: i64,
    },
    /// Probe, not before `at` (ms since 1970).
    Probe {
        /// Not before, ms since 1970.
        at: i64,
    },
    /// Stand still until the owner acts.
    Park {
        /// Who must act.
        owner: Owner,
        /// What to do.
        action: String,
    },
}

/// The end of an attempt: answer, verdict and next step in one transaction (rule 1).
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The fence of the lease.
    pub fence: i64,
    /// End, ms since 1970.
    pub at: i64,
    /// HTTP status, or none when no answer came.
    pub status: Option<u16>,
    /// The answer's bytes, cut at the configured limit; empty when no answer came.
    pub answer: Vec<u8>,
    /// Word of the verdict: accepted, refused, unclear.
    pub verdict: &'static str,
    /// The cause in one stable word: the portal's code, or what the network did.
    pub cause: String,
    /// What happens next.
    pub next: NextMove,
    /// The leaf; its fact `next` says the same: delivered, refused, again, probe, parked.
    pub leaf: Draft,
}

/// An operator's hand on a parked exchange, with its reason and its leaf.
#[derive(Clone, Debug)]
pub struct Handling {
    /// The exchange.
    pub exchange: ExchangeId,
    /// What to do: none is `retry` (as soon as possible, whatever it waits for).
    pub release: Option<Release>,
    /// Why, as the operator wrote it; it is kept, not published.
    pub reason: String,
    /// Whose hand, blinded, where a person of the console laid it.
    pub account: Option<Blind>,
    /// When, ms since 1970.
    pub at: i64,
    /// The leaf: reopened for a retry, released with the fact `as` (delivered, again) for a release.
    pub leaf: Draft,
}
