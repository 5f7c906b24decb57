//! The one thread that writes. It takes all commands that wait into one transaction, enters their leaves, flushes once,
//! and only then answers.

use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::evidence::sequencer::Sequencer;
use crate::store::sqlite::fold::Fold;
use crate::store::sqlite::log::{self, Newest};
use crate::store::sqlite::tx::{self, Tx};
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
        fold: Fold,
        lock: File,
        settings: Settings,
    ) -> Result<Self, StoreError> {
        let (queue, waiting) = sync_channel(settings.queue);
        let sequencer = log::resume(&conn)?;
        let books = tx::books(&conn)?;
        let seen = Arc::new(Seen::default());
        seen.show(&sequencer);
        let state = Thread {
            sequencer,
            books,
            newest: Newest::default(),
            conn,
            fold,
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
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Command {
            command: Some(command),
            outcome: None,
            reply,
        });
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

fn stopped() -> StoreError {
    StoreError::Unusable("the store has stopped".to_owned())
}

/// A command in the queue, whatever it answers.
trait Task: Send {
    /// Carries it out; false when it failed and nothing of it may stay.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Answers the caller, now that it is known how the transaction ended.
    fn answer(self: Box<Self>, end: &Result<(), StoreError>);
}

struct Command<T, F> {
    command: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Task for Command<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let outcome = self.command.take().map(|command| command(tx));
        let kept = matches!(outcome, Some(Ok(_)));
        self.outcome = outcome;
        kept
    }

    fn answer(self: Box<Self>, end: &Result<(), StoreError>) {
        let answer = match (self.outcome, end) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(all)) => Err(all.clone()),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => Err(stopped()),
        };
        // A caller that no longer waits needs no answer.
        let _ = self.reply.send(answer);
    }
}

struct Thread {
    conn: Connection,
    fold: Fold,
    settings: Settings,
    sequencer: Sequencer,
    newest: Newest,
    books: Books,
    seen: Arc<Seen>,
}

impl Thread {
    fn run(mut self, queue: &Receiver<Box<dyn Task>>) {
        let mut tasks = Vec::with_capacity(self.settings.batch);
        while let Ok(first) = queue.recv() {
            tasks.push(first);
            tasks.extend(queue.try_iter().take(self.settings.batch.saturating_sub(1)));
            let end = self.transact(&mut tasks);
            let end = end.inspect_err(|_| self.start_over());
            tasks.drain(..).for_each(|task| task.answer(&end));
        }
    }

    /// One transaction for all of them. Memory changes only after the disk has it.
    fn transact(&mut self, tasks: &mut [Box<dyn Task>]) -> Result<(), StoreError> {
        let conn = &self.conn;
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let before = conn.total_changes();
        let base = self.sequencer.size();
        let mut tx = Tx {
            conn,
            settings: &self.settings,
            books: self.books,
            base,
            staged: Vec::new(),
        };
        for task in tasks {
            tx.alone(|tx| task.run(tx))?;
        }
        let Tx { books, staged, .. } = tx;
        let batch = log::sequence(conn, &self.sequencer, &self.newest, &staged)?;
        tx::write_books(conn, self.books, books)?;
        let changed = conn.total_changes() != before;
        conn.prepare_cached("COMMIT")?.execute([])?;
        if changed {
            self.fold
                .flushed(self.seen.flushes.fetch_add(1, Ordering::Relaxed) + 1);
        }
        self.books = books;
        if let Some(batch) = batch {
            self.newest.adopt(&batch);
            self.sequencer
                .adopt(batch)
                .map_err(|error| StoreError::Unusable(error.to_string()))?;
            self.seen.show(&self.sequencer);
        }
        Ok(())
    }

    /// After a failure nothing in memory is believed: a commit may have failed and yet be kept.
    fn start_over(&mut self) {
        if !self.conn.is_autocommit() {
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        self.newest = Newest::default();
        let disk = log::resume(&self.conn).and_then(|log| Ok((log, tx::books(&self.conn)?)));
        // If the disk cannot be read either, the next transaction fails on the leaf's index: nothing wrong is kept.
        if let Ok((sequencer, books)) = disk {
            self.sequencer = sequencer;
            self.books = books;
            self.seen.show(&self.sequencer);
        }
    }
}
