//! The books of the databases: who asked what, and what was registered, on their own file, flushed before the answer.

use super::civil::Registration;
use crate::twin::Error;
use crate::twin::journal::{Flush, Journal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file of these books in the twin's folder.
const NAME: &str = "inquiries.jsonl";
/// So many inquiries are shown one by one; the counts know all of them.
const SHOWN: usize = 20_000;

/// One call that was let in: who asked whom for what about whom, and what was answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inquiry {
    /// Milliseconds since 1970.
    pub at: u64,
    /// The road it came by.
    pub road: String,
    /// What was asked, as `database/question`.
    pub service: String,
    /// The class of what the database made of it, of the specification's closed list.
    pub class: String,
    /// What was done to the answer instead of giving it; empty when it was given.
    pub fault: String,
    /// The caller's own number of the request.
    pub request: String,
    /// Code of the procedure it was asked for.
    pub procedure: String,
    /// Number of the dossier it was asked for, where the wire has a place for it.
    pub dossier: String,
    /// The officer who asked.
    pub officer: String,
    /// The agency that asked.
    pub agency: String,
    /// The number asked about: of a person, an enterprise, an insured person or a dossier.
    pub subject: String,
}

/// What the books of the databases count; it survives a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Calls that were let in.
    pub inquiries: u64,
    /// The same by service.
    pub by_service: BTreeMap<String, u64>,
    /// The same by the class of what the database made of it.
    pub by_class: BTreeMap<String, u64>,
    /// Answers that were not given as they were, by what was done instead.
    pub by_fault: BTreeMap<String, u64>,
    /// Requests whose own number had been used before, which no request's may.
    pub reused_requests: u64,
    /// Questions with a place for an officer, and none in it.
    pub without_officer: u64,
    /// Questions in the officer's name where the owner was said to ask.
    pub owner_as_officer: u64,
    /// Registrations taken: civil status and criminal record, one per dossier.
    pub registrations: u64,
    /// Pushes of a dossier that was there already.
    pub repeated_registrations: u64,
    /// Linked dossiers that the hub was told to be taken.
    pub hub_taken: u64,
    /// States of linked dossiers that the hub took.
    pub hub_states: u64,
    /// Calls that were not let in, since the start.
    pub turned_away: u64,
    /// Tokens given out, since the start.
    pub tokens: u64,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub(super) enum Act {
    /// A call.
    Inquiry(Inquiry),
    /// A dossier was registered, or registered anew after a supplement.
    Registered(Registration),
    /// A dossier that was there was pushed again.
    Repeated { number: String },
    /// The hub's dossier was acknowledged.
    Taken { number: String },
    /// A state of the hub's dossier.
    State { number: String, state: u8 },
    /// A state of a criminal record on the sign-on platform.
    Sent { number: String, state: String },
}

/// The books, open.
#[derive(Debug)]
pub(super) struct Books {
    state: Mutex<State>,
    journal: Journal,
}

/// What the lines come to.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tally: Tally,
    requests: HashMap<Box<str>, u32>,
    shown: VecDeque<Inquiry>,
    /// By the dossier's number, with the channel before it.
    pub(super) registered: HashMap<String, Registration>,
    /// States of the hub's dossiers, in the order they came; the first is 0 for “acknowledged”.
    pub(super) hub: HashMap<String, Vec<u8>>,
    pub(super) sent: HashMap<String, String>,
}

impl Books {
    /// Opens or begins the books in the twin's folder, whose lock is held already.
    pub(super) fn open(folder: &Path) -> Result<Books, Error> {
        let (state, journal) = Journal::open(folder, NAME, State::apply)?;
        let state = Mutex::new(state);
        Ok(Books { state, journal })
    }

    /// Writes acts down while they are decided on; the wait is for all of them.
    pub(super) fn write<T>(&self, decide: impl FnOnce(&mut State) -> (Vec<Act>, T)) -> (T, Flush) {
        let mut state = self.lock();
        let (acts, told) = decide(&mut state);
        for act in acts {
            let mut line = serde_json::to_vec(&act).unwrap_or_default();
            line.push(b'\n');
            self.journal.append(&line);
            state.apply(act);
        }
        (told, self.journal.flush())
    }

    /// Looks without writing.
    pub(super) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    pub(super) fn tally(&self) -> Tally {
        self.lock().tally.clone()
    }

    /// Counts what is not worth a line.
    pub(super) fn count(&self, count: impl FnOnce(&mut Tally)) {
        count(&mut self.lock().tally);
    }

    /// The last inquiries of which this is true, the oldest first.
    pub(super) fn inquiries(&self, wanted: impl Fn(&Inquiry) -> bool) -> Vec<Inquiry> {
        self.lock()
            .shown
            .iter()
            .filter(|one| wanted(one))
            .cloned()
            .collect()
    }

    /// How often a request's own number was used.
    pub(super) fn uses(&self, request: &str) -> u32 {
        self.lock().requests.get(request).copied().unwrap_or_default()
    }

    pub(super) fn flushes(&self) -> u64 {
        self.journal.flushes()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// One act, whether it happens now or is read back.
    fn apply(&mut self, act: Act) {
        match act {
            Act::Inquiry(inquiry) => self.note(inquiry),
            Act::Registered(registration) => {
                let old = self.registered.insert(registration.key(), registration);
                self.tally.registrations += u64::from(old.is_none());
            }
            Act::Repeated { .. } => self.tally.repeated_registrations += 1,
            Act::Taken { number } => {
                self.hub.entry(number).or_default().insert(0, 0);
                self.tally.hub_taken += 1;
            }
            Act::State { number, state } => {
                self.hub.entry(number).or_default().push(state);
                self.tally.hub_states += 1;
            }
            Act::Sent { number, state } => drop(self.sent.insert(number, state)),
        }
    }

    fn note(&mut self, inquiry: Inquiry) {
        let tally = &mut self.tally;
        tally.inquiries += 1;
        bump(&mut tally.by_service, &inquiry.service);
        bump(&mut tally.by_class, &inquiry.class);
        if !inquiry.fault.is_empty() {
            bump(&mut tally.by_fault, &inquiry.fault);
        }
        let asks = super::names_officer(&inquiry.service);
        tally.without_officer += u64::from(asks && inquiry.officer.is_empty());
        let hidden = asks && !inquiry.officer.is_empty() && inquiry.officer == inquiry.subject;
        tally.owner_as_officer += u64::from(hidden);
        if !inquiry.request.is_empty() {
            let uses = self.requests.entry(inquiry.request.as_str().into()).or_default();
            *uses += 1;
            tally.reused_requests += u64::from(*uses > 1);
        }
        if self.shown.len() == SHOWN {
            self.shown.pop_front();
        }
        self.shown.push_back(inquiry);
    }
}

fn bump(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => drop(counts.insert(key.to_owned(), 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inquiry(request: &str, officer: &str) -> Inquiry {
        Inquiry {
            service: "population/citizen".to_owned(),
            class: "match".to_owned(),
            request: request.to_owned(),
            officer: officer.to_owned(),
            subject: "099090000017".to_owned(),
            ..Inquiry::default()
        }
    }

    #[tokio::test]
    async fn what_was_asked_is_counted_and_a_restart_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let books = Books::open(folder.path()).unwrap();
        for one in [
            inquiry("1", "099185000058"),
            inquiry("1", ""),
            inquiry("2", "099090000017"),
        ] {
            let ((), flush) = books.write(|_| (vec![Act::Inquiry(one)], ()));
            assert!(flush.kept().await);
        }
        let tally = books.tally();
        assert_eq!(
            (
                tally.inquiries,
                tally.reused_requests,
                tally.without_officer,
                tally.owner_as_officer
            ),
            (3, 1, 1, 1)
        );
        assert_eq!((books.uses("1"), tally.by_class["match"]), (2, 3));
        drop(books);
        let path = folder.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [whole.as_slice(), b"{\"act\":\"inq"].concat()).unwrap();
        let again = Books::open(folder.path()).unwrap();
        assert_eq!(again.tally(), tally);
        assert_eq!(again.inquiries(|one| one.request == "1").len(), 2);
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        drop(again);
        std::fs::write(&path, [b"{}\n", whole.as_slice()].concat()).unwrap();
        assert!(matches!(
            Books::open(folder.path()),
            Err(Error::Broken { offset: 0, .. })
        ));
    }
}
