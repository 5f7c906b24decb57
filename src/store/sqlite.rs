//! The embedded store: SQLite in write-ahead mode, every commit flushed, one thread that writes for all.
//!
//! Beside its file stand `-wal` and `-shm` (SQLite's, part of it) and `.lock`. It may not be lost: accepted dossiers and the
//! exchange log are in it. Who can write it can forge what is not yet under a checkpoint that others have seen; who can
//! read it sees who exchanged what with whom, but nothing about persons: that is sealed, with keys that are elsewhere.

mod accept;
mod bare;
mod callback;
mod check;
mod copy;
mod deed;
mod destroy;
mod drain;
mod enqueue;
mod event;
mod exhibit;
mod file;
mod fold;
mod handle;
mod heads;
mod inquiry;
mod lane;
mod lease;
mod log;
mod look;
mod map;
mod month;
mod open;
mod payment;
mod read;
mod reader;
mod registration;
mod row;
mod ruling;
mod schema;
mod seal;
mod settle;
mod stamp;
mod statement;
mod states;
mod task;
#[cfg(test)]
mod tests;
mod tray;
mod tx;
mod words;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use crate::evidence::blind::Blind;
use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, Sealer};
use crate::store::{
    Acceptance, Accepted, Acknowledged, Answered, Applied, Attempt, AttemptRow, Awaiting, Books,
    CallbackBooks, CallbackRow, Deed, DeedRow, DossierRow, Entry, Erasure, EventRow, ExchangeRow, Filing,
    Found, Handling, Head, Inquiry, InquiryRow, Leased, LookupsRow, Opening, Permit, Pile, Prepared, Query,
    Receipt, Reception, Registered, Registrable, RegistrationRow, Rendered, Reply, Seen, Series, Settlement,
    SignedCheckpoint, Stale, StateTelling, Store, StoreError, Told, TrayRow, Wanted,
};

pub use bare::Bare;
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
    sealer: Arc<dyn Sealer>,
    path: PathBuf,
}

impl Sqlite {
    /// Puts a backup in the place of a store that nobody uses. It is checked whole before; a store that stands there is
    /// only replaced when `replace` says so.
    pub fn restore(backup: &Path, to: &Path, replace: bool) -> Result<(), StoreError> {
        copy::restore(backup, to, replace)
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks a reader that opens what is sealed, for the gateway's own work.
    fn opened<T, F>(&self, question: F) -> Reply<'_, T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, &dyn Sealer) -> Result<T, StoreError> + Send + 'static,
    {
        let sealer = Arc::clone(&self.sealer);
        self.readers.ask(move |conn| question(conn, &*sealer))
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

impl Store for Sqlite {
    fn accept(&self, acceptance: Acceptance) -> Reply<'_, Accepted> {
        match accept::Ready::of(acceptance, Arc::clone(&self.sealer)) {
            Ok(mut ready) => self.write(move |tx| accept::accept(tx, &mut ready)),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }

    fn unprepared(&self, limit: usize, held: &[String]) -> Reply<'_, Vec<Filing>> {
        let held = held.to_vec();
        self.opened(move |conn, sealer| read::unprepared(conn, sealer, limit, &held))
    }

    fn filed(&self, number: &str) -> Reply<'_, Option<Vec<u8>>> {
        let number = number.to_owned();
        self.opened(move |conn, sealer| read::latest(conn, sealer, &number))
    }

    fn filed_before(&self, filing: i64) -> Reply<'_, Option<Vec<u8>>> {
        self.opened(move |conn, sealer| read::filed_before(conn, sealer, filing))
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
            payment::orphans(tx, now)?;
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

    fn reserve(&self, series: &Series) -> Reply<'_, String> {
        let series = series.clone();
        self.write(move |tx| tray::reserve(tx, &series))
    }

    fn acknowledged(&self, acknowledged: Acknowledged) -> Reply<'_, ()> {
        self.write(move |tx| tray::acknowledged(tx, &acknowledged))
    }

    fn untold(&self, tray: &str, limit: usize) -> Reply<'_, Vec<String>> {
        let tray = tray.to_owned();
        self.readers.ask(move |conn| tray::untold(conn, &tray, limit))
    }

    fn tray_items(&self, limit: usize) -> Reply<'_, Vec<TrayRow>> {
        self.readers.ask(move |conn| tray::items(conn, limit))
    }

    fn registrable(&self, limit: usize) -> Reply<'_, Vec<Registrable>> {
        self.opened(move |conn, sealer| registration::registrable(conn, sealer, limit))
    }

    fn register(&self, registered: Vec<Registered>) -> Reply<'_, ()> {
        self.write(move |tx| {
            let mut each = registered.iter();
            each.try_for_each(|one| registration::register(tx, one))
        })
    }

    fn awaiting(&self, partner: &str, now: i64, limit: usize) -> Reply<'_, Vec<Awaiting>> {
        let partner = partner.to_owned();
        self.readers
            .ask(move |conn| registration::awaiting(conn, &partner, now, limit))
    }

    fn awaits_at(&self, partner: &str) -> Reply<'_, Option<i64>> {
        let partner = partner.to_owned();
        self.readers
            .ask(move |conn| registration::awaits_at(conn, &partner))
    }

    fn found(&self, found: Vec<Found>) -> Reply<'_, ()> {
        self.write(move |tx| registration::found(tx, &found))
    }

    fn registrations(&self, number: Option<&str>, limit: usize) -> Reply<'_, Vec<RegistrationRow>> {
        let number = number.map(str::to_owned);
        self.readers
            .ask(move |conn| registration::list(conn, number.as_deref(), limit))
    }

    fn stale(&self, limit: usize) -> Reply<'_, Vec<Stale>> {
        self.opened(move |conn, sealer| states::stale(conn, sealer, limit))
    }

    fn tell_states(&self, telling: StateTelling) -> Reply<'_, ()> {
        self.write(move |tx| states::tell(tx, &telling))
    }

    fn states_told(&self) -> Reply<'_, u64> {
        self.readers.ask(states::count)
    }

    fn piles(&self, limit: usize) -> Reply<'_, Vec<Pile>> {
        self.opened(move |conn, sealer| callback::piles(conn, sealer, limit))
    }

    fn apply(&self, applied: Applied) -> Reply<'_, ()> {
        self.write(move |tx| callback::apply(tx, &applied))
    }

    fn news(&self, number: &str) -> Reply<'_, Option<Vec<u8>>> {
        let number = number.to_owned();
        self.opened(move |conn, sealer| callback::news(conn, sealer, &number))
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
        self.opened(move |conn, sealer| callback::paper(conn, sealer, &digest))
    }

    fn events(&self, system: &str, after: i64, limit: usize) -> Reply<'_, Vec<EventRow>> {
        let system = system.to_owned();
        self.opened(move |conn, sealer| event::feed(conn, sealer, &system, after, limit))
    }

    fn due_events(&self, system: &str, now: i64, limit: usize) -> Reply<'_, Vec<EventRow>> {
        let system = system.to_owned();
        self.opened(move |conn, sealer| event::due(conn, sealer, &system, now, limit))
    }

    fn event_wakes_at(&self, system: &str) -> Reply<'_, Option<i64>> {
        let system = system.to_owned();
        self.readers.ask(move |conn| event::wakes_at(conn, &system))
    }

    fn told(&self, event: ExchangeId, how: Told) -> Reply<'_, ()> {
        self.write(move |tx| event::told(tx, event, &how))
    }

    fn look(&self, wanted: Wanted, deed: Deed) -> Reply<'_, Option<Seen>> {
        Box::pin(self.seen(wanted, deed))
    }

    fn deeds(&self, subject: Blind) -> Reply<'_, Vec<DeedRow>> {
        self.readers.ask(move |conn| deed::of(conn, subject))
    }

    fn about(&self, subject: Blind) -> Reply<'_, Vec<String>> {
        self.readers.ask(move |conn| deed::about(conn, subject))
    }

    fn ended(&self, before: i64, limit: usize) -> Reply<'_, Vec<String>> {
        self.readers.ask(move |conn| deed::ended(conn, before, limit))
    }

    fn erasable(&self, numbers: Vec<String>) -> Reply<'_, Erasure> {
        self.readers.ask(move |conn| deed::erasable(conn, numbers))
    }

    fn erase(&self, numbers: Vec<String>, subject: Option<Blind>, deed: Deed) -> Reply<'_, Erasure> {
        Box::pin(self.erased(numbers, subject, deed))
    }

    fn erase_months(&self, before: i64, deed: Deed) -> Reply<'_, usize> {
        Box::pin(self.erased_months(before, deed))
    }

    fn drop_rows(&self, before: i64, limit: usize, deed: Deed) -> Reply<'_, usize> {
        self.write(move |tx| deed::drop_rows(tx, before, limit, &deed))
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
        self.opened(move |conn, sealer| read::rendered(conn, sealer, id))
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
        self.readers.ask(move |conn| log::entries(conn, from, limit))
    }

    fn tile(&self, level: u8, number: u64) -> Reply<'_, Option<Vec<u8>>> {
        self.readers.ask(move |conn| log::tile(conn, level, number))
    }

    fn publish(&self, checkpoint: SignedCheckpoint) -> Reply<'_, ()> {
        self.write(move |tx| log::publish(tx, &checkpoint))
    }

    fn checkpoint(&self) -> Reply<'_, Option<SignedCheckpoint>> {
        self.readers.ask(log::checkpoint)
    }

    fn discrepancies(&self) -> Reply<'_, Vec<String>> {
        self.opened(check::discrepancies)
    }

    fn backup(&self, to: &Path) -> Reply<'_, ()> {
        let to = to.to_owned();
        self.readers.ask(move |conn| copy::backup(conn, &to))
    }

    fn sealer(&self) -> Arc<dyn Sealer> {
        Arc::clone(&self.sealer)
    }

    fn flushes(&self) -> u64 {
        self.writer.as_ref().map_or(0, |writer| writer.seen.flushes())
    }
}
