//! A few threads that only read, each with its own connection: looking never waits for the writer.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use crate::store::sqlite::schema;
use crate::store::{Reply, StoreError};

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// How many questions may wait.
const QUEUE: usize = 1024;

/// The way to the readers.
pub(super) struct Readers {
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Opens `count` connections to the database and gives each a thread.
    pub(super) fn start(path: &Path, count: usize) -> Result<Self, StoreError> {
        let (queue, waiting) = sync_channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        let threads = (0..count.max(1)).map(|_| spawn(schema::open_to_read(path)?, waiting.clone()));
        let threads = threads.collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    /// Asks one question; all it reads is of one moment.
    pub(super) fn ask<T, F>(&self, question: F) -> Reply<'static, T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            // A caller that no longer waits needs no answer.
            let _ = reply.send(at_one_moment(conn, question));
        });
        let sent = self.queue.as_ref().map(|queue| queue.try_send(job));
        Box::pin(async move {
            match sent {
                Some(Ok(())) => answer.await.unwrap_or_else(|_| Err(stopped())),
                Some(Err(TrySendError::Full(_))) => Err(StoreError::Full("too many wait for a reader")),
                Some(Err(TrySendError::Disconnected(_))) | None => Err(stopped()),
            }
        })
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unusable("the store has stopped".to_owned())
}

fn spawn(conn: Connection, queue: Arc<Mutex<Receiver<Job>>>) -> Result<JoinHandle<()>, StoreError> {
    let run = move || {
        while let Some(job) = next(&queue) {
            job(&conn);
        }
    };
    let thread = thread::Builder::new().name("store-reader".to_owned()).spawn(run);
    thread.map_err(|error| StoreError::Unusable(error.to_string()))
}

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn at_one_moment<T>(
    conn: &Connection,
    question: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let moment = rusqlite::Transaction::new_unchecked(conn, TransactionBehavior::Deferred)?;
    let answer = question(&moment)?;
    moment.commit()?;
    Ok(answer)
}
