//! The only place that speaks SQL. One trait, so that SQLite (embedded) and PostgreSQL (clusters) stand behind the
//! same calls; each call is one transaction, and its answer waits for the disk.
//!
//! The exchange log lives in the same store as the dossier: a change and its leaf are kept or lost together (rule 1).
//! What a draft about an exchange leaves open (dossier, subject, partner, exchange), the store fills in from its own rows,
//! so that no leaf is missing from a chain because a caller did not know the blinded value.

mod callbacks;
mod chains;
mod deeds;
mod exhibits;
mod files;
mod inquiries;
mod looks;
mod orders;
mod payments;
mod registrations;
mod rows;
mod rulings;
mod sqlite;
mod stamps;
mod statements;
mod trays;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

pub use callbacks::{
    Applied, Applying, CallbackBooks, CallbackRow, EventRow, Heard, NewEvent, Pile, Receipt, Received,
    Reception, Renewal, Said, Telling, Told,
};
pub use chains::Chains;
pub use deeds::{Deed, DeedRow, Erasure, Seen, Wanted};
pub use exhibits::{Exhibit, Exhibits, Of, Shows};
pub use files::{
    Addressed, FileBooks, FileKept, FileRow, FileRows, Naming, NewFile, Place, REPLACE, Scan, Scanned, Served,
};
pub use inquiries::{Act, Answered, Bounds, Inquiry, InquiryRow, LookupsRow, Opening, Permit};
pub use looks::{Cursor, FoundRow, HandRow, Looks, Page, QueueRow, Search, Sides, Standing};
pub use orders::{
    Acceptance, Accepted, Attempt, Filing, Handling, Leased, NewStep, NextMove, Prepared, Rendered,
    Settlement, Stopped,
};
pub use payments::{
    DueOrder, NewOrder, Ordered, PayCall, PayEnd, PayMove, PayPhase, PayState, Paying, PaymentBooks,
    PaymentRow, Payments,
};
pub use registrations::{
    Awaited, Awaiting, Found, Push, Registered, Registering, Registrable, RegistrationRow, Stale,
    StateTelling,
};
pub use rows::{AttemptRow, Books, DossierRow, Entry, ExchangeRow, Head, Query, SignedCheckpoint};
pub use rulings::{Ruled, Ruling, RulingEnd, RulingRow, Rulings};
pub use sqlite::{Bare, Settings, Sqlite};
pub use stamps::{StampRow, Stamps};
pub use statements::{Counted, NewStatement, StatementRow, Statements};
pub use trays::{Acknowledged, Series, TrayRow};

use crate::evidence::blind::Blind;
use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, SealError, Sealer};

/// What a call of the store gives back: it is done when the disk has it.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk or the queue in front of the writer is full; nothing was kept.
    #[error("the store takes nothing more at present: {0}")]
    Full(&'static str),
    /// Somebody else holds the exchange now: this worker's lease ended.
    #[error("the lease of this exchange is held by another worker")]
    LostLease,
    /// The store is of another version, or damaged.
    #[error("the store cannot be used: {0}")]
    Unusable(String),
    /// The database refused; the transaction was rolled back.
    #[error("the database refused: {0}")]
    Database(String),
    /// No store stands there; `init` makes one.
    #[error("no store at {0}; `lienthong init` makes one")]
    Absent(String),
    /// A sealed value was not sealed, or not opened.
    #[error(transparent)]
    Sealed(SealError),
    /// Another process holds the store.
    #[error("another process holds the store at {0}")]
    Held(String),
}

/// The store. Each call is one transaction; calls of one moment share a flush (group commit).
pub trait Store:
    Chains + FileRows + Looks + Payments + Rulings + Shows + Stamps + Statements + Send + Sync
{
    /// Accepts one filing: idempotency key, digest, body, dossier, work item, leaf and receipt in one transaction.
    fn accept(&self, acceptance: Acceptance) -> Reply<'_, Accepted>;
    /// Filings that wait to be prepared, in order of acceptance; those of the dossiers `held` are left out, because an
    /// earlier one of theirs is in a worker's hand.
    fn unprepared(&self, limit: usize, held: &[String]) -> Reply<'_, Vec<Filing>>;
    /// The dossier as it was filed last, as JSON, with what the state holds; none where there is none, or none any more. It is for
    /// the gateway's own work: of what it says of persons nothing is shown.
    fn filed(&self, number: &str) -> Reply<'_, Option<Vec<u8>>>;
    /// What was made of the filing of the same dossier before this one, as JSON.
    fn filed_before(&self, filing: i64) -> Reply<'_, Option<Vec<u8>>>;
    /// Records look-ups that are about to be made, each with its leaf, where their bounds allow them. The answer waits for
    /// the disk: without it no call is made.
    fn inquire(&self, inquiries: Vec<Inquiry>) -> Reply<'_, Vec<Permit>>;
    /// Records what look-ups came to, each with its leaf. One that has ended already is left alone.
    fn answered(&self, answered: Vec<Answered>) -> Reply<'_, ()>;
    /// The look-ups made for a dossier or draft, oldest first.
    fn inquiries(&self, number: &str) -> Reply<'_, Vec<InquiryRow>>;
    /// What all look-ups came to, by procedure, service and class.
    fn lookups(&self) -> Reply<'_, Vec<LookupsRow>>;
    /// Opens a draft; false when its number is taken.
    fn open_draft(&self, opening: Opening) -> Reply<'_, bool>;
    /// Puts what was prepared into the outbox, in the order given, in one transaction.
    fn enqueue(&self, prepared: Vec<Prepared>) -> Reply<'_, ()>;
    /// Gives up to `limit` exchanges of `partner` into a worker's hand until `until`; expired leases and passed
    /// waiting times count as ready. By deadline across dossiers, in order within one.
    fn lease(&self, partner: &str, now: i64, until: i64, limit: usize) -> Reply<'_, Vec<Leased>>;
    /// Records that an attempt begins; fixes the message if it was rendered just now. Flushed before the answer.
    fn attempt(&self, attempt: Attempt) -> Reply<'_, ()>;
    /// Records how an attempt ended and what comes next; hands on the dossier's next message.
    fn settle(&self, settlement: Settlement) -> Reply<'_, ()>;
    /// Gives a lease back untouched (a graceful stop before anything was sent).
    fn unlease(&self, exchange: ExchangeId, fence: i64) -> Reply<'_, ()>;
    /// At the start of the only process on this store: gives exchanges back whose worker died, as expired leases are: with
    /// an attempt under way, a create is to be probed, an update sent again, and steps are parked with a leaf; without one
    /// they are ready. Those with an attempt under way are returned, settled already: for the log and the metric. Look-ups
    /// that had not ended have an unknown result. Callbacks that no mapping could read are read again. What was written by a clock that ran ahead of `now` waits from now on as long as it was meant to.
    fn orphans(&self, now: i64) -> Reply<'_, Vec<Leased>>;
    /// The earliest moment at which something of `partner` may be leased, ms since 1970; 0 when something is ready now.
    fn wakes_at(&self, partner: &str) -> Reply<'_, Option<i64>>;
    /// An operator's hand. False when the exchange does not exist or is not in a state to be handled: `retry` wants one
    /// that waits for its moment, or a parked one that may be repeated; a release wants a parked one. What stands behind
    /// another of its dossier moves only with that one.
    fn handle(&self, handling: Handling) -> Reply<'_, bool>;

    /// Keeps a callback with its reply and its leaf, or finds the reply it had when it came first. The answer waits for the
    /// disk: nothing is answered that was not kept.
    fn receive(&self, receipt: Receipt) -> Reply<'_, Reception>;
    /// Enters a leaf that tells of something that changes nothing: a question of the national side's, answered.
    fn note(&self, leaf: Draft) -> Reply<'_, ()>;
    /// The next number of a row; each is given once, and none that a dossier has.
    fn reserve(&self, series: &Series) -> Reply<'_, String>;
    /// Notes that a tray was told of an item that is kept.
    fn acknowledged(&self, acknowledged: Acknowledged) -> Reply<'_, ()>;
    /// Items of a tray that are kept and of which the tray was not told, oldest first: their numbers there.
    fn untold(&self, tray: &str, limit: usize) -> Reply<'_, Vec<String>>;
    /// What was taken from trays, oldest first.
    fn tray_items(&self, limit: usize) -> Reply<'_, Vec<TrayRow>>;
    /// Dossiers that may be registered with a register of the state as they stand now, in order of acceptance.
    fn registrable(&self, limit: usize) -> Reply<'_, Vec<Registrable>>;
    /// Does what was decided about them, in one transaction; one that was pushed is in the outbox from then on.
    fn register(&self, registered: Vec<Registered>) -> Reply<'_, ()>;
    /// Those that a register has and may be asked for now, longest waiting first.
    fn awaiting(&self, partner: &str, now: i64, limit: usize) -> Reply<'_, Vec<Awaiting>>;
    /// When a register may be asked for something next, ms since 1970.
    fn awaits_at(&self, partner: &str) -> Reply<'_, Option<i64>>;
    /// Keeps what asking came to.
    fn found(&self, found: Vec<Found>) -> Reply<'_, ()>;
    /// The registration of a dossier; of none, all of them.
    fn registrations(&self, number: Option<&str>, limit: usize) -> Reply<'_, Vec<RegistrationRow>>;
    /// What lay in trays and of which their national sides may not know everything.
    fn stale(&self, limit: usize) -> Reply<'_, Vec<Stale>>;
    /// Puts states into the outbox, in their order; where something came to tell since they were looked at, nothing.
    fn tell_states(&self, telling: StateTelling) -> Reply<'_, ()>;
    /// How many states were told and taken.
    fn states_told(&self) -> Reply<'_, u64>;
    /// Dossiers of which something was said that is not on them yet, with all that was ever said of each.
    fn piles(&self, limit: usize) -> Reply<'_, Vec<Pile>>;
    /// Puts what was said on its dossier, with the events that tell of it and their leaves. A callback that is on it already
    /// is left alone.
    fn apply(&self, applied: Applied) -> Reply<'_, ()>;
    /// What the national side said of a dossier, as JSON.
    fn news(&self, number: &str) -> Reply<'_, Option<Vec<u8>>>;
    /// The callbacks of a dossier; of none, those that somebody must act on.
    fn callbacks(&self, number: Option<&str>, limit: usize) -> Reply<'_, Vec<CallbackRow>>;
    /// How many callbacks stand where.
    fn callback_books(&self) -> Reply<'_, CallbackBooks>;
    /// A paper that came inside a callback, by its SHA-256.
    fn paper(&self, digest: [u8; 32]) -> Reply<'_, Option<Vec<u8>>>;
    /// The events of a system after a place of its feed, in their order.
    fn events(&self, system: &str, after: i64, limit: usize) -> Reply<'_, Vec<EventRow>>;
    /// Those that its webhook may be tried with now: of each dossier the first that it has not taken.
    fn due_events(&self, system: &str, now: i64, limit: usize) -> Reply<'_, Vec<EventRow>>;
    /// When something of a system may be told next, ms since 1970.
    fn event_wakes_at(&self, system: &str) -> Reply<'_, Option<i64>>;
    /// Keeps how telling an event ended.
    fn told(&self, event: ExchangeId, how: Told) -> Reply<'_, ()>;

    /// Shows what is sealed to somebody: the leaves of the look are flushed first, then it is opened. None where there is
    /// nothing of that, or nothing any more; then nothing is entered.
    fn look(&self, wanted: Wanted, deed: Deed) -> Reply<'_, Option<Seen>>;
    /// What was done with the data of a subject, the newest first.
    fn deeds(&self, subject: Blind) -> Reply<'_, Vec<DeedRow>>;
    /// The dossiers about a subject of which something is left.
    fn about(&self, subject: Blind) -> Reply<'_, Vec<String>>;
    /// Dossiers that are settled and on which nothing has happened since then (ms since 1970), the oldest first.
    fn ended(&self, before: i64, limit: usize) -> Reply<'_, Vec<String>>;
    /// Which of these dossiers could be erased, and on which work is open.
    fn erasable(&self, numbers: Vec<String>) -> Reply<'_, Erasure>;
    /// Erases all that is kept of these dossiers, but for those on which work is open: the leaves first, then rows and keys.
    /// With a subject, the leaves are in that subject's chain, else in those of all subjects of each dossier.
    fn erase(&self, numbers: Vec<String>, subject: Option<Blind>, deed: Deed) -> Reply<'_, Erasure>;
    /// Erases who asked, acted and looked in the months before that of a moment (ms since 1970); how many months.
    fn erase_months(&self, before: i64, deed: Deed) -> Reply<'_, usize>;

    /// Drops what is left of dossiers that are erased and on which nothing has happened since then (ms since 1970), the oldest first,
    /// each under a leaf that says so: their rows go, their leaves stay, and so does who looked at them. How many.
    fn drop_rows(&self, before: i64, limit: usize, deed: Deed) -> Reply<'_, usize>;

    /// One dossier.
    fn dossier(&self, number: &str) -> Reply<'_, Option<DossierRow>>;
    /// One exchange.
    fn exchange(&self, id: ExchangeId) -> Reply<'_, Option<ExchangeRow>>;
    /// Its attempts, oldest first.
    fn attempts(&self, id: ExchangeId) -> Reply<'_, Vec<AttemptRow>>;
    /// Its message, if rendered.
    fn rendered(&self, id: ExchangeId) -> Reply<'_, Option<Rendered>>;
    /// Index of the leaf that an exchange entered last.
    fn leaf_of(&self, id: ExchangeId) -> Reply<'_, Option<u64>>;
    /// Exchanges, in order of id.
    fn exchanges(&self, query: Query) -> Reply<'_, Vec<ExchangeRow>>;
    /// The books.
    fn books(&self) -> Reply<'_, Books>;

    /// Size and root of the log, of what is on disk.
    fn head(&self) -> Reply<'_, Head>;
    /// Entries from `from`, at most `limit`, in order of index.
    fn entries(&self, from: u64, limit: usize) -> Reply<'_, Vec<Entry>>;
    /// A full tile of hashes, if that many leaves exist.
    fn tile(&self, level: u8, number: u64) -> Reply<'_, Option<Vec<u8>>>;
    /// Keeps a signed checkpoint before it is given out.
    fn publish(&self, checkpoint: SignedCheckpoint) -> Reply<'_, ()>;
    /// The latest checkpoint that was kept.
    fn checkpoint(&self) -> Reply<'_, Option<SignedCheckpoint>>;
    /// What in the store does not fit its own log: states without their leaf, leaves without their state, bodies or
    /// payloads whose digest is not the one committed to. One sentence each, without personal data.
    fn discrepancies(&self) -> Reply<'_, Vec<String>>;
    /// Writes a consistent copy while the store is in use.
    fn backup(&self, to: &Path) -> Reply<'_, ()>;
    /// What seals it. Files that lie beside it are sealed by the same, under slots of their own.
    fn sealer(&self) -> Arc<dyn Sealer>;
    /// Flushes made so far: what the flush budget counts.
    fn flushes(&self) -> u64;
}
