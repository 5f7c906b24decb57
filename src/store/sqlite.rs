//! The embedded store: SQLite in write-ahead mode, every commit flushed, one thread that writes for all.
//!
//! Beside its file stand `-wal` and `-shm` (SQLite's, part of it) and `.lock`. It may not be lost: accepted dossiers and the
//! exchange log are in it. Who can write it can forge what is not yet under a checkpoint that others have seen; who can
//! read it sees personal data.

mod accept;
mod bare;
mod callback;
mod check;
mod copy;
mod enqueue;
mod event;
mod fold;
mod handle;
mod heads;
mod inquiry;
mod lane;
mod lease;
mod log;
mod read;
mod reader;
mod row;
mod schema;
mod settle;
mod task;
#[cfg(test)]
mod tests;
mod tx;
mod words;
mod writer;

use std::fs;
use std::path::{Path, PathBuf};

use crate::evidence::leaf::Draft;
use crate::model::ExchangeId;
use crate::store::{
    Acceptance, Accepted, Answered, Applied, Attempt, AttemptRow, Books, CallbackBooks, CallbackRow,
    DossierRow, Entry, EventRow, ExchangeRow, Filing, Handling, Head, Inquiry, InquiryRow, Leased,
    LookupsRow, Opening, Permit, Pile, Prepared, Query, Receipt, Reception, Rendered, Reply, Settlement,
    SignedCheckpoint, Store, StoreError, Told,
};

pub use bare::Bare;
use fold::Fold;
use reader::Readers;
use writer::Writer;

/// How the embedded store is set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Commands that share a flush at most.
    pub batch: usize,
    /// Commands that may wait for the writer; one more is refused as full.
    pub queue: usize,
    /// Threads that read.
    pub readers: usize,
    /// Exchanges and filings that may wait in the outbox; one more is not accepted.
    pub outbox: u64,
    /// Bytes that must stay free on the disk; with less, nothing more is accepted.
    pub room: u64,
    /// The writer's page cache, KiB.
    pub cache_kib: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch: 256,
            queue: 4096,
            readers: 2,
            outbox: 1_000_000,
            room: 0,
            cache_kib: 16_384,
        }
    }
}

/// The embedded store. Dropped, it finishes what waits and closes its file.
pub struct Sqlite {
    // Readers first: the writer closes last and folds the write-ahead file in.
    readers: Readers,
    writer: Option<Writer>,
    path: PathBuf,
}

impl Sqlite {
    /// Makes a store, and its folder if need be; refuses to make one where one stands.
    pub fn create(path: &Path, settings: Settings) -> Result<Self, StoreError> {
        if present(path).is_ok() {
            return Err(StoreError::Unusable(format!(
                "a store stands at {} already",
                path.display()
            )));
        }
        // It gets its name when it is marked: killed in the middle, this leaves nothing that is half a store.
        let new = schema::beside(path, "-new");
        // What an earlier making left; should it stay, the next line says why.
        let _left = fs::remove_file(&new);
        schema::make(&new)?;
        schema::mark(&new)?;
        fs::rename(&new, path).map_err(|error| schema::unusable(path, &error))?;
        schema::sync(schema::folder(path))?;
        Self::open(path, settings)
    }

    /// Opens a store, for this process alone, and brings its form up to date.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, StoreError> {
        present(path)?;
        let lock = schema::lock(path)?;
        let conn = schema::open(path, settings.cache_kib)?;
        let readers = settings.readers;
        let writer = Writer::start(conn, Fold::start(path)?, lock, settings)?;
        let readers = Readers::start(path, readers)?;
        Ok(Self {
            readers,
            writer: Some(writer),
            path: path.to_owned(),
        })
    }

    /// Opens a store to look into it, beside whoever writes; everything that would write is refused.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        present(path)?;
        let conn = schema::open_to_read(path)?;
        schema::version(&conn)?;
        log::resume(&conn)?;
        let readers = Readers::start(path, 1)?;
        Ok(Self {
            readers,
            writer: None,
            path: path.to_owned(),
        })
    }

    /// Size and root of a store's log, read without leaving a trace beside it.
    pub fn glance(path: &Path) -> Result<Head, StoreError> {
        present(path)?;
        let conn = schema::open_to_look(path)?;
        schema::version(&conn)?;
        let log = log::resume(&conn)?;
        Ok(Head {
            size: log.size(),
            root: log.root(),
        })
    }

    /// Puts a backup in the place of a store that nobody uses. It is checked whole before; a store that stands there is
    /// only replaced when `replace` says so.
    pub fn restore(backup: &Path, to: &Path, replace: bool) -> Result<(), StoreError> {
        copy::restore(backup, to, replace)
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write<T, F>(&self, command: F) -> Reply<'_, T>
    where
        T: Send + 'static,
        F: FnMut(&mut tx::Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        match &self.writer {
            Some(writer) => writer.ask(command),
            None => {
                Box::pin(async { Err(StoreError::Unusable("it was opened for reading only".to_owned())) })
            }
        }
    }
}

/// A file without a byte is what a `create` leaves that was ended in its first moment: no store yet.
fn present(path: &Path) -> Result<(), StoreError> {
    match path.metadata() {
        Ok(about) if about.len() > 0 => Ok(()),
        Ok(_) | Err(_) => Err(StoreError::Absent(path.display().to_string())),
    }
}

impl Store for Sqlite {
    fn accept(&self, acceptance: Acceptance) -> Reply<'_, Accepted> {
        let ready = accept::Ready::of(acceptance);
        self.write(move |tx| accept::accept(tx, &ready))
    }

    fn unprepared(&self, limit: usize, held: &[String]) -> Reply<'_, Vec<Filing>> {
        let held = held.to_vec();
        self.readers.ask(move |conn| read::unprepared(conn, limit, &held))
    }

    fn filed_before(&self, filing: i64) -> Reply<'_, Option<Vec<u8>>> {
        self.readers.ask(move |conn| read::filed_before(conn, filing))
    }

    fn inquire(&self, inquiries: Vec<Inquiry>) -> Reply<'_, Vec<Permit>> {
        self.write(move |tx| inquiry::inquire(tx, &inquiries))
    }

    fn answered(&self, answered: Vec<Answered>) -> Reply<'_, ()> {
        self.write(move |tx| inquiry::answered(tx, &answered))
    }

    fn inquiries(&self, number: &str) -> Reply<'_, Vec<InquiryRow>> {
        let number = number.to_owned();
        self.readers.ask(move |conn| inquiry::of(conn, &number))
    }

    fn lookups(&self) -> Reply<'_, Vec<LookupsRow>> {
        self.readers.ask(inquiry::all)
    }

    fn open_draft(&self, opening: Opening) -> Reply<'_, bool> {
        self.write(move |tx| inquiry::open_draft(tx, &opening))
    }

    fn enqueue(&self, prepared: Vec<Prepared>) -> Reply<'_, ()> {
        self.write(move |tx| prepared.iter().try_for_each(|one| enqueue::enqueue(tx, one)))
    }

    fn lease(&self, partner: &str, now: i64, until: i64, limit: usize) -> Reply<'_, Vec<Leased>> {
        let partner = partner.to_owned();
        self.write(move |tx| {
            lease::lease(
                tx,
                &lease::Wanted {
                    partner: &partner,
                    now,
                    until,
                    limit,
                },
            )
        })
    }

    fn attempt(&self, attempt: Attempt) -> Reply<'_, ()> {
        self.write(move |tx| settle::attempt(tx, &attempt))
    }

    fn settle(&self, settlement: Settlement) -> Reply<'_, ()> {
        self.write(move |tx| settle::settle(tx, &settlement))
    }

    fn unlease(&self, exchange: ExchangeId, fence: i64) -> Reply<'_, ()> {
        self.write(move |tx| lease::unlease(tx, exchange, fence))
    }

    fn orphans(&self, now: i64) -> Reply<'_, Vec<Leased>> {
        self.write(move |tx| {
            inquiry::orphans(tx, now)?;
            callback::reopen(tx)?;
            lease::orphans(tx, now)
        })
    }

    fn wakes_at(&self, partner: &str) -> Reply<'_, Option<i64>> {
        let partner = partner.to_owned();
        self.readers.ask(move |conn| read::wakes_at(conn, &partner))
    }

    fn handle(&self, handling: Handling) -> Reply<'_, bool> {
        self.write(move |tx| handle::handle(tx, &handling))
    }

    fn receive(&self, receipt: Receipt) -> Reply<'_, Reception> {
        self.write(move |tx| callback::receive(tx, &receipt))
    }

    fn note(&self, leaf: Draft) -> Reply<'_, ()> {
        self.write(move |tx| tx.stage(&leaf).map(drop))
    }

    fn reserve(&self, begins: &str, day: &str) -> Reply<'_, u32> {
        let (begins, day) = (begins.to_owned(), day.to_owned());
        self.write(move |tx| callback::reserve(tx, &begins, &day))
    }

    fn piles(&self, limit: usize) -> Reply<'_, Vec<Pile>> {
        self.readers.ask(move |conn| callback::piles(conn, limit))
    }

    fn apply(&self, applied: Applied) -> Reply<'_, ()> {
        self.write(move |tx| callback::apply(tx, &applied))
    }

    fn news(&self, number: &str) -> Reply<'_, Option<Vec<u8>>> {
        let number = number.to_owned();
        self.readers.ask(move |conn| callback::news(conn, &number))
    }

    fn callbacks(&self, number: Option<&str>, limit: usize) -> Reply<'_, Vec<CallbackRow>> {
        let number = number.map(str::to_owned);
        self.readers
            .ask(move |conn| callback::list(conn, number.as_deref(), limit))
    }

    fn callback_books(&self) -> Reply<'_, CallbackBooks> {
        self.readers.ask(callback::books)
    }

    fn paper(&self, digest: [u8; 32]) -> Reply<'_, Option<Vec<u8>>> {
        self.readers.ask(move |conn| callback::paper(conn, &digest))
    }

    fn events(&self, system: &str, after: i64, limit: usize) -> Reply<'_, Vec<EventRow>> {
        let system = system.to_owned();
        self.readers
            .ask(move |conn| event::feed(conn, &system, after, limit))
    }

    fn due_events(&self, system: &str, now: i64, limit: usize) -> Reply<'_, Vec<EventRow>> {
        let system = system.to_owned();
        self.readers
            .ask(move |conn| event::due(conn, &system, now, limit))
    }

    fn event_wakes_at(&self, system: &str) -> Reply<'_, Option<i64>> {
        let system = system.to_owned();
        self.readers.ask(move |conn| event::wakes_at(conn, &system))
    }

    fn told(&self, event: ExchangeId, how: Told) -> Reply<'_, ()> {
        self.write(move |tx| event::told(tx, event, &how))
    }

    fn dossier(&self, number: &str) -> Reply<'_, Option<DossierRow>> {
        let number = number.to_owned();
        self.readers.ask(move |conn| read::dossier(conn, &number))
    }

    fn exchange(&self, id: ExchangeId) -> Reply<'_, Option<ExchangeRow>> {
        self.readers.ask(move |conn| read::exchange(conn, id))
    }

    fn attempts(&self, id: ExchangeId) -> Reply<'_, Vec<AttemptRow>> {
        self.readers.ask(move |conn| read::attempts(conn, id))
    }

    fn rendered(&self, id: ExchangeId) -> Reply<'_, Option<Rendered>> {
        self.readers.ask(move |conn| read::rendered(conn, id))
    }

    fn leaf_of(&self, id: ExchangeId) -> Reply<'_, Option<u64>> {
        self.readers.ask(move |conn| read::leaf_of(conn, id))
    }

    fn exchanges(&self, query: Query) -> Reply<'_, Vec<ExchangeRow>> {
        self.readers.ask(move |conn| read::exchanges(conn, &query))
    }

    fn books(&self) -> Reply<'_, Books> {
        self.readers.ask(tx::books)
    }

    fn head(&self) -> Reply<'_, Head> {
        match &self.writer {
            Some(writer) => {
                let head = writer.seen.head();
                Box::pin(async move {
                    head.ok_or_else(|| StoreError::Unusable("the log was not read".to_owned()))
                })
            }
            // Beside a writer the log grows: it is read anew, so that it reaches every checkpoint read before.
            None => self.readers.ask(|conn| {
                let log = log::resume(conn)?;
                Ok(Head {
                    size: log.size(),
                    root: log.root(),
                })
            }),
        }
    }

    fn entries(&self, from: u64, limit: usize) -> Reply<'_, Vec<Entry>> {
        self.readers.ask(move |conn| read::entries(conn, from, limit))
    }

    fn tile(&self, level: u8, number: u64) -> Reply<'_, Option<Vec<u8>>> {
        self.readers.ask(move |conn| read::tile(conn, level, number))
    }

    fn publish(&self, checkpoint: SignedCheckpoint) -> Reply<'_, ()> {
        self.write(move |tx| read::publish(tx, &checkpoint))
    }

    fn checkpoint(&self) -> Reply<'_, Option<SignedCheckpoint>> {
        self.readers.ask(read::checkpoint)
    }

    fn discrepancies(&self) -> Reply<'_, Vec<String>> {
        self.readers.ask(check::discrepancies)
    }

    fn backup(&self, to: &Path) -> Reply<'_, ()> {
        let to = to.to_owned();
        self.readers.ask(move |conn| copy::backup(conn, &to))
    }

    fn flushes(&self) -> u64 {
        self.writer.as_ref().map_or(0, |writer| writer.seen.flushes())
    }
}
