//! What `bench` holds the store against: one table, one row a call, and the store's own rules for sharing a flush. It keeps
//! nothing that anybody needs.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::sqlite::schema;
use crate::store::{Reply, Settings, StoreError};

/// One row to keep, and who waits for it.
type Row = (Vec<u8>, oneshot::Sender<Result<(), StoreError>>);

/// A store of rows. Dropped, it finishes what waits and closes its file.
pub struct Bare {
    queue: Option<SyncSender<Row>>,
    thread: Option<JoinHandle<()>>,
}

impl Bare {
    /// Makes one, with the batch and the queue of a store.
    pub fn create(path: &Path, settings: &Settings) -> Result<Self, StoreError> {
        schema::make(path)?;
        let conn = schema::open_to_write(path, settings.cache_kib)?;
        conn.execute_batch("CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")?;
        let (queue, waiting) = sync_channel(settings.queue);
        let batch = settings.batch;
        let thread = thread::Builder::new()
            .name("bare-writer".to_owned())
            .spawn(move || write(&conn, &waiting, batch));
        let thread = thread.map_err(|error| StoreError::Unusable(error.to_string()))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Keeps one row; the reply comes after the flush.
    pub fn keep(&self, bytes: Vec<u8>) -> Reply<'_, ()> {
        let (reply, answer) = oneshot::channel();
        let sent = self.queue.as_ref().map(|queue| queue.try_send((bytes, reply)));
        Box::pin(async move {
            match sent {
                Some(Ok(())) => answer
                    .await
                    .unwrap_or(Err(StoreError::Full("the writer has stopped"))),
                Some(Err(_)) | None => Err(StoreError::Full("too many wait for the writer")),
            }
        })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

fn write(conn: &Connection, queue: &Receiver<Row>, batch: usize) {
    let mut rows = Vec::with_capacity(batch);
    while let Ok(first) = queue.recv() {
        rows.push(first);
        rows.extend(queue.try_iter().take(batch.saturating_sub(1)));
        let end = insert(conn, &rows);
        for (_, reply) in rows.drain(..) {
            // A caller that no longer waits needs no answer.
            let _ = reply.send(end.clone());
        }
    }
}

fn insert(conn: &Connection, rows: &[Row]) -> Result<(), StoreError> {
    let transaction = conn.unchecked_transaction()?;
    let mut insert = transaction.prepare_cached("INSERT INTO row (bytes) VALUES (?1)")?;
    for (bytes, _) in rows {
        insert.execute([bytes])?;
    }
    drop(insert);
    Ok(transaction.commit()?)
}
