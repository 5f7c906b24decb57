//! The one thread that writes. It takes all commands that wait into one transaction, enters their leaves, flushes once,
//! and only then answers.

use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::evidence::sequencer::{Batch, Sequencer};
use crate::model::Sealer;
use crate::store::sqlite::fold::Fold;
use crate::store::sqlite::heads::{Newest, Slice};
use crate::store::sqlite::log;
use crate::store::sqlite::task::{Command, Task, stopped};
use crate::store::sqlite::tx::{self, Care, Left, Tx};
use crate::store::{Books, Head, Reply, Settings, StoreError};

/// What others may see of the writer's work without asking it.
#[derive(Default)]
pub(super) struct Seen {
    flushes: AtomicU64,
    head: Mutex<Option<Head>>,
}

impl Seen {
    /// Flushes so far.
    pub(super) fn flushes(&self) -> u64 {
        self.flushes.load(Ordering::Relaxed)
    }

    /// The log as it is on disk.
    pub(super) fn head(&self) -> Option<Head> {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows where the log stands.
    pub(super) fn show(&self, sequencer: &Sequencer) {
        let head = Head {
            size: sequencer.size(),
            root: sequencer.root(),
        };
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
    }
}

/// The way to the writer's thread; when it is dropped, what waits is finished and the file is closed.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Task>>>,
    thread: Option<JoinHandle<()>>,
    /// What is seen of its work.
    pub(super) seen: Arc<Seen>,
}

impl Writer {
    /// Starts the thread on an open connection; it keeps `lock` as long as it lives.
    pub(super) fn start(
        conn: Connection,
        (fold, lock): (Fold, File),
        settings: Settings,
        sealer: Arc<dyn Sealer>,
    ) -> Result<Self, StoreError> {
        let (queue, waiting) = sync_channel(settings.queue);
        let known = Known::read(&conn)?;
        let seen = Arc::new(Seen::default());
        seen.show(&known.sequencer);
        let state = Thread {
            known: Some(known),
            conn,
            fold,
            sealer,
            settings,
            seen: seen.clone(),
        };
        let run = move || {
            state.run(&waiting);
            drop(lock);
        };
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(run);
        let thread = thread.map_err(|error| StoreError::Unusable(error.to_string()))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            seen,
        })
    }

    /// Hands a command over; the reply comes after the flush. A full queue says so at once.
    pub(super) fn ask<T, F>(&self, command: F) -> Reply<'static, T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Command::new(command, reply));
        let sent = self.queue.as_ref().map(|queue| queue.try_send(task));
        Box::pin(async move {
            match sent {
                Some(Ok(())) => answer.await.unwrap_or_else(|_| Err(stopped())),
                Some(Err(TrySendError::Full(_))) => Err(StoreError::Full("too many wait for the writer")),
                Some(Err(TrySendError::Disconnected(_))) | None => Err(stopped()),
            }
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

struct Thread {
    conn: Connection,
    fold: Fold,
    sealer: Arc<dyn Sealer>,
    settings: Settings,
    /// What memory holds of the disk; nothing where it cannot be believed.
    known: Option<Known>,
    seen: Arc<Seen>,
}

/// What the writer knows without asking the disk.
struct Known {
    sequencer: Sequencer,
    newest: Newest,
    books: Books,
}

/// What a transaction changes of that, once the disk has it.
struct Change {
    books: Books,
    batch: Option<(Batch, Slice)>,
}

impl Known {
    fn read(conn: &Connection) -> Result<Self, StoreError> {
        Ok(Self {
            sequencer: log::resume(conn)?,
            newest: Newest::resume(conn)?,
            books: tx::books(conn)?,
        })
    }

    fn adopt(&mut self, change: Change) -> Result<(), StoreError> {
        self.books = change.books;
        if let Some((batch, slice)) = change.batch {
            self.newest.adopt(&slice, &batch, batch.size());
            self.sequencer
                .adopt(batch)
                .map_err(|error| StoreError::Unusable(error.to_string()))?;
        }
        Ok(())
    }
}

impl Thread {
    fn run(mut self, queue: &Receiver<Box<dyn Task>>) {
        let mut tasks = Vec::with_capacity(self.settings.batch);
        while let Ok(first) = queue.recv() {
            tasks.push(first);
            tasks.extend(queue.try_iter().take(self.settings.batch.saturating_sub(1)));
            let end = self.transact(&mut tasks);
            tasks.drain(..).for_each(|task| task.answer(&end));
        }
        self.close();
    }

    /// One transaction for all of them. Memory changes only after the disk has it; after a failure nothing in memory is
    /// believed: a commit may have failed and yet be kept.
    fn transact(&mut self, tasks: &mut [Box<dyn Task>]) -> Result<(), StoreError> {
        let mut known = match self.known.take() {
            Some(known) => known,
            None => Known::read(&self.conn)?,
        };
        let end = self.commit(&known, tasks).and_then(|change| known.adopt(change));
        let known = match &end {
            Ok(()) => Some(known),
            Err(_) => {
                self.roll_back();
                Known::read(&self.conn).ok()
            }
        };
        if let Some(known) = &known {
            self.seen.show(&known.sequencer);
        }
        self.known = known;
        end
    }

    fn commit(&self, known: &Known, tasks: &mut [Box<dyn Task>]) -> Result<Change, StoreError> {
        let conn = &self.conn;
        let mut before = conn.total_changes();
        let change = match self.carry_out(known, tasks, Care::Hope)? {
            Some(change) => change,
            None => {
                self.roll_back();
                before = conn.total_changes();
                let again = self.carry_out(known, tasks, Care::Savepoints)?;
                again.ok_or_else(|| StoreError::Unusable("a command left half of its work".to_owned()))?
            }
        };
        let changed = conn.total_changes() != before;
        conn.prepare_cached("COMMIT")?.execute([])?;
        if changed {
            self.fold
                .flushed(self.seen.flushes.fetch_add(1, Ordering::Relaxed) + 1);
        }
        Ok(change)
    }

    /// Begins a transaction and does in it all that was asked; nothing when a command failed halfway and no care was taken.
    fn carry_out(
        &self,
        known: &Known,
        tasks: &mut [Box<dyn Task>],
        care: Care,
    ) -> Result<Option<Change>, StoreError> {
        let conn = &self.conn;
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut tx = Tx {
            conn,
            sealer: &*self.sealer,
            settings: &self.settings,
            books: known.books,
            base: known.sequencer.size(),
            staged: Vec::new(),
            partners: Vec::new(),
            accepting: None,
            room: None,
        };
        for task in tasks {
            if tx.alone(care, |tx| task.run(tx))? == Left::Half {
                return Ok(None);
            }
        }
        let Tx { books, staged, .. } = tx;
        let batch = log::sequence(conn, &known.sequencer, &known.newest, &staged)?;
        let batch = match batch {
            Some(batch) => Some((batch, known.newest.write(conn, staged.len())?)),
            None => None,
        };
        tx::write_books(conn, known.books, books)?;
        Ok(Some(Change { books, batch }))
    }

    fn roll_back(&self) {
        if !self.conn.is_autocommit() {
            let _ = self.conn.execute_batch("ROLLBACK");
        }
    }

    /// What cannot be written now is read from the leaves again when the store is opened.
    fn close(&self) {
        if let Some(known) = &self.known
            && let Ok(end) = self.conn.unchecked_transaction()
            && known.newest.close(&end, known.sequencer.size()).is_ok()
        {
            let _ = end.commit();
        }
    }
}
