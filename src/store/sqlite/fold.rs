//! Folds the write-ahead file into the database beside the writer, so that a commit seldom waits for it.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use crate::store::StoreError;
use crate::store::sqlite::schema;

/// So many flushes are folded in together: with more, what is left to the writer at times takes it longer; with fewer,
/// pages that change often are written too often.
const FLUSHES: u64 = 4;

/// The way to the folding thread; when it is dropped, the thread ends.
pub(super) struct Fold {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Fold {
    /// Starts the thread with a connection of its own.
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let conn = schema::open_to_fold(path)?;
        let (wake, woken) = sync_channel(1);
        let run = move || run(&conn, &woken);
        let thread = thread::Builder::new().name("store-fold".to_owned()).spawn(run);
        let thread = thread.map_err(|error| StoreError::Unusable(error.to_string()))?;
        Ok(Self {
            wake: Some(wake),
            thread: Some(thread),
        })
    }

    /// Hears of each flush.
    pub(super) fn flushed(&self, flushes: u64) {
        if flushes.is_multiple_of(FLUSHES)
            && let Some(wake) = &self.wake
        {
            // It is awake already, then.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Fold {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

fn run(conn: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        // What cannot be folded in now stays safe where it is; the writer folds it in when it grows too long.
        let _ = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    }
}
