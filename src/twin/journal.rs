//! The file under the books: appended to by one thread, one flush for all that wait at that moment.

use super::Error;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Where a line went, and the wait until it is on the disk.
#[derive(Debug)]
pub(super) struct Flush(oneshot::Receiver<()>);

impl Flush {
    /// True once everything up to here is on the disk; false when the disk refused.
    pub(super) async fn kept(self) -> bool {
        self.0.await.is_ok()
    }
}

/// An open journal. Dropped, it writes what is pending and closes.
#[derive(Debug)]
pub(super) struct Journal {
    shared: Arc<Shared>,
    reader: File,
    writer: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    pending: Mutex<Pending>,
    wake: Condvar,
    flushes: AtomicU64,
}

#[derive(Debug, Default)]
struct Pending {
    bytes: Vec<u8>,
    waiting: Vec<oneshot::Sender<()>>,
    /// Offset at which the next byte will stand in the file.
    end: u64,
    closed: bool,
    broken: bool,
}

impl Journal {
    /// Opens or begins the books of a name in the twin's folder, whose lock is held already, and lays each of their acts on a state;
    /// an end that was torn is cut off, a broken line before it is an error.
    pub(super) fn open<S: Default, A: DeserializeOwned>(
        folder: &Path,
        name: &str,
        apply: impl FnMut(&mut S, A),
    ) -> Result<(S, Journal), Error> {
        let path = folder.join(name);
        let wrong = |source| Error::Books {
            path: path.clone(),
            source,
        };
        let opened = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&path);
        let file = opened.map_err(wrong)?;
        let bytes = std::fs::read(&path).map_err(wrong)?;
        let (state, end) = replay(&bytes, apply).map_err(|offset| Error::Broken {
            path: path.clone(),
            offset,
        })?;
        if end < bytes.len() as u64 {
            file.set_len(end).map_err(wrong)?;
        }
        file.sync_all().map_err(wrong)?;
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(wrong)?;
        let journal = Journal::start(file, end).map_err(Error::Thread)?;
        Ok((state, journal))
    }

    /// Appends one act as a line, and waits for the disk.
    pub(super) fn write(&self, act: &impl serde::Serialize) -> Flush {
        let mut line = serde_json::to_vec(act).unwrap_or_default();
        line.push(b'\n');
        self.append(&line);
        self.flush()
    }

    /// Starts the writing thread over a file that is opened for appending and `end` bytes long.
    pub(super) fn start(file: File, end: u64) -> Result<Journal, std::io::Error> {
        let reader = file.try_clone()?;
        let shared = Arc::new(Shared::default());
        shared.lock().end = end;
        let inner = Arc::clone(&shared);
        let name = std::thread::Builder::new().name("twin-books".to_owned());
        let writer = name.spawn(move || inner.write(file, end))?;
        Ok(Journal {
            shared,
            reader,
            writer: Some(writer),
        })
    }

    /// Appends whole lines and gives the offset of the first byte. Callers that need an order hold their own lock.
    pub(super) fn append(&self, lines: &[u8]) -> u64 {
        let mut pending = self.shared.lock();
        let offset = pending.end;
        pending.end += lines.len() as u64;
        pending.bytes.extend_from_slice(lines);
        offset
    }

    /// Waits for everything appended so far.
    pub(super) fn flush(&self) -> Flush {
        let (kept, wait) = oneshot::channel();
        let mut pending = self.shared.lock();
        if !pending.broken {
            pending.waiting.push(kept);
            self.shared.wake.notify_one();
        }
        Flush(wait)
    }

    /// How often the disk was asked to flush.
    pub(super) fn flushes(&self) -> u64 {
        self.shared.flushes.load(Ordering::Relaxed)
    }

    /// Reads bytes that were flushed before.
    pub(super) fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, std::io::Error> {
        let mut bytes = vec![0; length];
        self.reader.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }
}

/// What the lines come to and where they end; an end that was torn is left out, a broken line before it is an error.
fn replay<S: Default, A: DeserializeOwned>(
    bytes: &[u8],
    mut apply: impl FnMut(&mut S, A),
) -> Result<(S, u64), u64> {
    let (mut state, mut end) = (S::default(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let last = end + line.len() == bytes.len();
        let act = line
            .ends_with(b"\n")
            .then(|| serde_json::from_slice(line).ok())
            .flatten();
        match act {
            Some(act) => apply(&mut state, act),
            None if last => break,
            None => return Err(end as u64),
        }
        end += line.len();
    }
    Ok((state, end as u64))
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_one();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has already failed its waiters; there is nothing left to do here.
            let _ = writer.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mut file: File, mut end: u64) {
        let mut batch = Vec::new();
        while let Some(waiting) = self.take(&mut batch) {
            if !batch.is_empty() && self.keep(&mut file, &batch).is_err() {
                self.give_up();
                // What was half written must not be read as a line; a failure here is found at the next start.
                let _ = file.set_len(end);
                return;
            }
            end += batch.len() as u64;
            for kept in waiting {
                // The caller may have gone; its line is kept all the same.
                let _ = kept.send(());
            }
        }
    }

    /// Nobody is told “kept” any more, neither those who wait nor those who come.
    fn give_up(&self) {
        let mut pending = self.lock();
        pending.broken = true;
        pending.waiting.clear();
    }

    fn keep(&self, file: &mut File, batch: &[u8]) -> Result<(), std::io::Error> {
        file.write_all(batch)?;
        file.sync_data()?;
        self.flushes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Sleeps until there is something to write, and takes all of it. `None` ends the thread.
    fn take(&self, batch: &mut Vec<u8>) -> Option<Vec<oneshot::Sender<()>>> {
        batch.clear();
        let mut pending = self.lock();
        while pending.waiting.is_empty() && !pending.closed {
            pending = self.wake.wait(pending).unwrap_or_else(PoisonError::into_inner);
        }
        if pending.waiting.is_empty() && pending.bytes.is_empty() {
            return None;
        }
        std::mem::swap(batch, &mut pending.bytes);
        Some(std::mem::take(&mut pending.waiting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_flush_serves_all_that_wait() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.jsonl");
        let shared = Arc::new(Shared::default());
        let journal = Journal {
            shared,
            reader: File::create(&path).unwrap(),
            writer: None,
        };
        let waiting: Vec<Flush> = (0..500)
            .map(|n| {
                assert_eq!(journal.append(b"line\n"), n * 5);
                journal.flush()
            })
            .collect();
        journal.shared.lock().closed = true;
        journal.shared.write(File::create(&path).unwrap(), 0);
        assert_eq!(journal.flushes(), 1);
        for flush in waiting {
            assert!(flush.kept().await);
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"line\n".repeat(500));
    }

    #[tokio::test]
    async fn a_disk_that_refuses_fails_those_who_wait_and_those_who_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.jsonl");
        std::fs::write(&path, "").unwrap();
        let journal = Journal::start(File::open(&path).unwrap(), 0).unwrap();
        for _ in 0..3 {
            journal.append(b"line\n");
            assert!(!journal.flush().kept().await);
        }
        assert_eq!(journal.flushes(), 0);
    }

    #[test]
    fn what_nobody_waits_for_is_kept_when_it_closes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.jsonl");
        let journal = Journal::start(File::create(&path).unwrap(), 0).unwrap();
        journal.append(b"line\n");
        drop(journal);
        assert_eq!(std::fs::read(&path).unwrap(), b"line\n");
    }
}
