//! The twin's own books: what it took, on its own disk, flushed before it answers.
//!
//! One line of `books.jsonl` is one act. Memory holds per dossier only its state, a digest and where its last
//! payload stands in the file.

mod line;
mod replay;

pub(super) use line::hex;

use super::Error;
use super::check::{Dossier, Step};
use super::journal::{Flush, Journal};
use line::{Act, Line};
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the books count; it survives a restart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Dossiers known, by whoever created them.
    pub dossiers: u64,
    /// Creates that were taken.
    pub creates: u64,
    /// Updates that were taken.
    pub updates: u64,
    /// Steps that were appended, repeated ones among them.
    pub steps: u64,
    /// Creates of a dossier that the portal already had, refused with “đã tồn tại”.
    pub duplicates: u64,
    /// Steps that came again: same dossier, time, content, status and officer.
    pub duplicate_steps: u64,
    /// Dossiers put in as created by another system, on the days that do so.
    pub by_another: u64,
}

/// What the books say about one dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Its number, `MaHoSo`.
    pub number: String,
    /// National status code 1–10 of the last push.
    pub status: u8,
    /// SHA-256 of the `data` value of the last push, exactly as received, in hex.
    pub digest: String,
    /// SHA-256 of this dossier's own element of `data`, in hex.
    pub element_digest: String,
    /// Creates taken: 0 when another system created it.
    pub creates: u32,
    /// Updates taken.
    pub updates: u32,
    /// Steps held, in the order they came.
    pub steps: usize,
    /// The last payload: this dossier's element of `data`.
    pub payload: serde_json::Value,
}

/// What became of a push. Every way but `Unknown` must be flushed before it is answered.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Taken.
    Done(Flush),
    /// A create of a dossier that is there already.
    Exists {
        number: String,
        by_another: bool,
        flush: Flush,
    },
    /// A step that is there already, on a day that does not take it twice.
    Repeated(Flush),
    /// An update or a step of a dossier that is not there.
    Unknown,
}

/// The books, open.
#[derive(Debug)]
pub(super) struct Books {
    state: Mutex<State>,
    journal: Journal,
}

#[derive(Debug, Default)]
struct State {
    dossiers: HashMap<Box<str>, Entry>,
    totals: Totals,
}

#[derive(Debug)]
struct Entry {
    digest: [u8; 32],
    /// Where the line of the last payload stands in the file, and how long it is.
    offset: u64,
    length: u32,
    creates: u32,
    updates: u32,
    status: u8,
    /// Prints of the steps; sorted is not needed, a dossier has few.
    steps: Vec<u64>,
}

impl Books {
    /// Opens or begins the books in a folder and reads them through.
    pub(super) fn open(folder: &Path) -> Result<Books, Error> {
        let (file, end, state) = replay::open(folder)?;
        let journal = Journal::start(file, end).map_err(Error::Thread)?;
        Ok(Books {
            state: Mutex::new(state),
            journal,
        })
    }

    /// Takes new dossiers, all or none. `pretend` says that another system was faster.
    pub(super) fn create(&self, dossiers: &[Dossier<'_>], digest: &[u8; 32], pretend: bool) -> Outcome {
        let mut state = self.lock();
        if let Some(number) = self.refuse_known(&mut state, dossiers, digest) {
            return Outcome::Exists {
                number,
                by_another: false,
                flush: self.journal.flush(),
            };
        }
        let act = if pretend { Act::Other } else { Act::Create };
        for dossier in dossiers {
            self.write(&mut state, &Line::dossier(act, dossier, digest), dossier.raw);
        }
        let flush = self.journal.flush();
        match dossiers.first() {
            Some(first) if pretend => Outcome::Exists {
                number: first.number.to_string(),
                by_another: true,
                flush,
            },
            _ => Outcome::Done(flush),
        }
    }

    /// Takes new versions of known dossiers, all or none.
    pub(super) fn update(&self, dossiers: &[Dossier<'_>], digest: &[u8; 32]) -> Outcome {
        let mut state = self.lock();
        if dossiers.iter().any(|d| !state.dossiers.contains_key(&*d.number)) {
            return Outcome::Unknown;
        }
        for dossier in dossiers {
            self.write(
                &mut state,
                &Line::dossier(Act::Update, dossier, digest),
                dossier.raw,
            );
        }
        Outcome::Done(self.journal.flush())
    }

    /// Appends steps of known dossiers, all or none; `fragile` refuses all when one is there already.
    pub(super) fn append(&self, steps: &[Step<'_>], fragile: bool) -> Outcome {
        let mut state = self.lock();
        if steps.iter().any(|s| !state.dossiers.contains_key(&*s.number)) {
            return Outcome::Unknown;
        }
        if fragile && let Some(again) = steps.iter().find(|s| state.has(s)) {
            self.write(&mut state, &Line::step(Act::Refused, again), "");
            return Outcome::Repeated(self.journal.flush());
        }
        for step in steps {
            self.write(&mut state, &Line::step(Act::Step, step), step.raw);
        }
        Outcome::Done(self.journal.flush())
    }

    /// The status of a dossier, and the wait until what made it known is on the disk.
    pub(super) fn look(&self, number: &str) -> Option<(u8, Flush)> {
        let state = self.lock();
        let status = state.dossiers.get(number)?.status;
        Some((status, self.journal.flush()))
    }

    /// The page of a dossier, its payload read back from the file.
    pub(super) async fn page(&self, number: &str) -> Option<Page> {
        let (page, offset, length, flush) = {
            let state = self.lock();
            let entry = state.dossiers.get(number)?;
            (
                entry.page(number),
                entry.offset,
                entry.length,
                self.journal.flush(),
            )
        };
        if !flush.kept().await {
            return None;
        }
        let bytes = self.journal.read(offset, length as usize).ok()?;
        let element = line::payload(&bytes)?;
        let payload = serde_json::from_slice(element).ok()?;
        Some(Page {
            element_digest: line::hex(&openssl::sha::sha256(element)),
            payload,
            ..page
        })
    }

    pub(super) fn totals(&self) -> Totals {
        self.lock().totals
    }

    pub(super) fn flushes(&self) -> u64 {
        self.journal.flushes()
    }

    /// Counts every dossier that is there already and gives the first of them.
    fn refuse_known(&self, state: &mut State, dossiers: &[Dossier<'_>], digest: &[u8; 32]) -> Option<String> {
        let mut first = None;
        for old in dossiers {
            if state.dossiers.contains_key(&*old.number) {
                self.write(state, &Line::dossier(Act::Duplicate, old, digest), "");
                first.get_or_insert_with(|| old.number.to_string());
            }
        }
        first
    }

    /// Memory and file change under one lock, so that a replay sees the same order.
    fn write(&self, state: &mut State, line: &Line<'_>, payload: &str) {
        let bytes = line.bytes(payload);
        let offset = self.journal.append(&bytes);
        state.apply(line, offset, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has(&self, step: &Step<'_>) -> bool {
        self.dossiers
            .get(&*step.number)
            .is_some_and(|entry| entry.steps.contains(&step.print))
    }

    /// One act, whether it happens now or is read back.
    fn apply(&mut self, line: &Line<'_>, offset: u64, length: u32) {
        match line.act {
            Act::Create | Act::Other => self.begin(line, offset, length),
            Act::Update => {
                self.totals.updates += 1;
                if let Some(entry) = self.dossiers.get_mut(&*line.number) {
                    entry.updates += 1;
                    (entry.status, entry.digest) = (line.status, line.digest);
                    (entry.offset, entry.length) = (offset, length);
                }
            }
            Act::Step => self.append(line),
            Act::Duplicate => self.totals.duplicates += 1,
            Act::Refused => self.totals.duplicate_steps += 1,
        }
    }

    fn begin(&mut self, line: &Line<'_>, offset: u64, length: u32) {
        let creates = u32::from(line.act == Act::Create);
        let entry = Entry {
            digest: line.digest,
            offset,
            length,
            creates,
            updates: 0,
            status: line.status,
            steps: Vec::new(),
        };
        self.totals.dossiers += 1;
        self.totals.creates += u64::from(creates);
        self.totals.by_another += u64::from(creates == 0);
        self.dossiers.insert(line.number.as_ref().into(), entry);
    }

    fn append(&mut self, line: &Line<'_>) {
        self.totals.steps += 1;
        if let Some(entry) = self.dossiers.get_mut(&*line.number) {
            let print = super::check::start(&line.digest);
            self.totals.duplicate_steps += u64::from(entry.steps.contains(&print));
            entry.steps.push(print);
        }
    }
}

impl Entry {
    /// The page without what only the file knows.
    fn page(&self, number: &str) -> Page {
        Page {
            number: number.to_owned(),
            status: self.status,
            digest: line::hex(&self.digest),
            element_digest: String::new(),
            creates: self.creates,
            updates: self.updates,
            steps: self.steps.len(),
            payload: serde_json::Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::borrow::Cow;
    use std::io::Write;

    const DIGEST: [u8; 32] = [9; 32];

    fn dossier(number: &str) -> Dossier<'_> {
        Dossier {
            number: Cow::Borrowed(number),
            status: 2,
            raw: r#"{"MaHoSo":"x"}"#,
        }
    }

    fn step(number: &str, print: u64) -> Step<'_> {
        Step {
            number: Cow::Borrowed(number),
            status: 4,
            print,
            raw: "{}",
        }
    }

    /// Waits for the disk and says in one word what became of it.
    async fn settle(outcome: Outcome) -> &'static str {
        let (word, flush) = match outcome {
            Outcome::Done(flush) => ("done", flush),
            Outcome::Exists {
                by_another: false,
                flush,
                ..
            } => ("exists", flush),
            Outcome::Exists {
                by_another: true,
                flush,
                ..
            } => ("another", flush),
            Outcome::Repeated(flush) => ("repeated", flush),
            Outcome::Unknown => return "unknown",
        };
        assert!(flush.kept().await);
        word
    }

    async fn fill(books: &Books) {
        assert_eq!(
            settle(books.create(&[dossier("a"), dossier("b")], &DIGEST, false)).await,
            "done"
        );
        assert_eq!(
            settle(books.create(&[dossier("a")], &DIGEST, false)).await,
            "exists"
        );
        assert_eq!(
            settle(books.create(&[dossier("c")], &DIGEST, true)).await,
            "another"
        );
        assert_eq!(settle(books.update(&[dossier("c")], &DIGEST)).await, "done");
        assert_eq!(
            settle(books.update(&[dossier("a"), dossier("d")], &DIGEST)).await,
            "unknown"
        );
        assert_eq!(
            settle(books.append(&[step("a", 1), step("b", 1), step("a", 1)], false)).await,
            "done"
        );
        assert_eq!(
            settle(books.append(&[step("a", 2), step("b", 1)], true)).await,
            "repeated"
        );
        assert_eq!(settle(books.append(&[step("d", 1)], false)).await, "unknown");
    }

    const FILLED: Totals = Totals {
        dossiers: 3,
        creates: 2,
        updates: 1,
        steps: 3,
        duplicates: 1,
        duplicate_steps: 2,
        by_another: 1,
    };

    #[tokio::test]
    async fn books_count_and_a_restart_keeps_them() {
        let folder = tempfile::tempdir().unwrap();
        let books = Books::open(folder.path()).unwrap();
        fill(&books).await;
        assert_eq!(books.totals(), FILLED);
        let page = books.page("a").await.unwrap();
        assert!(matches!(Books::open(folder.path()), Err(Error::Locked { .. })));
        drop(books);
        let again = Books::open(folder.path()).unwrap();
        assert_eq!(again.totals(), FILLED);
        assert_eq!(again.page("a").await.unwrap(), page);
        assert_eq!(
            (page.creates, page.updates, page.steps, page.payload),
            (1, 0, 2, json!({"MaHoSo": "x"}))
        );
        assert_eq!(again.page("c").await.unwrap().creates, 0);
        assert!(again.page("d").await.is_none());
    }

    #[tokio::test]
    async fn a_torn_end_is_cut_off_wherever_it_was_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.jsonl");
        let books = Books::open(folder.path()).unwrap();
        settle(books.create(&[dossier("a")], &DIGEST, false)).await;
        let whole = std::fs::metadata(&path).unwrap().len();
        settle(books.create(&[dossier("b")], &DIGEST, false)).await;
        drop(books);
        let bytes = std::fs::read(&path).unwrap();
        for end in usize::try_from(whole).unwrap()..bytes.len() {
            std::fs::write(&path, &bytes[..end]).unwrap();
            let books = Books::open(folder.path()).unwrap();
            assert_eq!(books.totals().dossiers, 1, "torn at {end}");
            assert_eq!(std::fs::metadata(&path).unwrap().len(), whole);
            assert_eq!(
                settle(books.create(&[dossier("c")], &DIGEST, false)).await,
                "done"
            );
            drop(books);
            assert_eq!(Books::open(folder.path()).unwrap().totals().dossiers, 2);
        }
    }

    #[tokio::test]
    async fn a_broken_line_that_is_not_the_last_is_an_error_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        fill(&Books::open(folder.path()).unwrap()).await;
        let path = folder.path().join("books.jsonl");
        let mut bytes = b"{}\n".to_vec();
        bytes.extend(std::fs::read(&path).unwrap());
        std::fs::File::create(&path).unwrap().write_all(&bytes).unwrap();
        assert!(matches!(
            Books::open(folder.path()),
            Err(Error::Broken { offset: 0, .. })
        ));
    }
}
