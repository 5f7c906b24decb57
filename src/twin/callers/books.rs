//! The books of the calls: what was sent and what was heard, on their own file, flushed before anything goes on.

use crate::twin::Error;
use crate::twin::journal::{Flush, Journal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file of these books in the twin's folder.
const NAME: &str = "calls.jsonl";

/// What became of the calls of one kind; it survives a restart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Sent, each time counted.
    pub sent: u64,
    /// Different ones that were said to be taken.
    pub taken: u64,
    /// Sent again and answered in the same bytes.
    pub repeated: u64,
    /// Sent again and answered otherwise.
    pub differing: u64,
    /// Different ones that were said not to be taken.
    pub refused: u64,
    /// Questions answered.
    pub answered: u64,
    /// With a wrong checksum or key, and turned away.
    pub disbelieved: u64,
    /// With a wrong checksum or key, and taken all the same.
    pub believed: u64,
}

/// What the books say of all calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Called {
    /// By kind.
    pub kinds: BTreeMap<String, Calls>,
    /// Calls that were answered otherwise than a province should, by kind and way.
    pub unexpected: Vec<String>,
}

impl Called {
    /// All kinds together.
    #[must_use]
    pub fn all(&self) -> Calls {
        let mut all = Calls::default();
        for calls in self.kinds.values() {
            all.sent += calls.sent;
            all.taken += calls.taken;
            all.repeated += calls.repeated;
            all.differing += calls.differing;
            all.refused += calls.refused;
            all.answered += calls.answered;
            all.disbelieved += calls.disbelieved;
            all.believed += calls.believed;
        }
        all
    }
}

/// How a call ended, by what was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum End {
    Taken,
    Refused,
    Answered,
    Believed,
    Disbelieved,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub(super) enum Act {
    /// A call is about to leave.
    Sent {
        at: u64,
        kind: String,
        way: String,
        digest: String,
    },
    /// An answer was heard.
    Heard {
        kind: String,
        way: String,
        /// Of what was sent.
        digest: String,
        /// Of what was heard.
        reply: String,
        status: u16,
        end: End,
        expected: bool,
    },
}

impl Act {
    pub(super) fn sent(kind: &str, way: &str, digest: &str) -> Act {
        Act::Sent {
            at: crate::twin::now(),
            kind: kind.to_owned(),
            way: way.to_owned(),
            digest: digest.to_owned(),
        }
    }
}

/// The books, open.
#[derive(Debug)]
pub(in crate::twin) struct Books {
    state: Mutex<State>,
    journal: Journal,
}

#[derive(Debug, Default)]
struct State {
    called: Called,
    /// What was heard first, by kind and digest of what was sent.
    heard: HashMap<(String, String), String>,
}

impl Books {
    /// Opens or begins the books in the twin's folder, whose lock is held already.
    pub(in crate::twin) fn open(folder: &Path) -> Result<Books, Error> {
        let (state, journal) = Journal::open(folder, NAME, State::apply)?;
        Ok(Books {
            state: Mutex::new(state),
            journal,
        })
    }

    /// Writes one act down.
    pub(super) fn write(&self, act: Act) -> Flush {
        let mut state = self.lock();
        let flush = self.journal.write(&act);
        state.apply(act);
        flush
    }

    pub(super) fn called(&self) -> Called {
        self.lock().called.clone()
    }

    pub(in crate::twin) fn flushes(&self) -> u64 {
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
            Act::Sent { kind, .. } => self.called.kinds.entry(kind).or_default().sent += 1,
            Act::Heard {
                kind,
                way,
                digest,
                reply,
                end,
                expected,
                ..
            } => {
                if !expected {
                    self.called.unexpected.push(format!("{kind}, {way}"));
                }
                self.hear((kind, digest), reply, end);
            }
        }
    }

    /// What was sent, by its kind and digest, and what was heard: a word said twice is answered as it was the first time.
    fn hear(&mut self, sent: (String, String), reply: String, end: End) {
        let first = self.heard.get(&sent);
        let calls = self.called.kinds.entry(sent.0.clone()).or_default();
        match (end, first) {
            (End::Answered, _) => calls.answered += 1,
            (End::Believed, _) => calls.believed += 1,
            (End::Disbelieved, _) => calls.disbelieved += 1,
            (End::Taken | End::Refused, Some(first)) if *first == reply => calls.repeated += 1,
            (End::Taken | End::Refused, Some(_)) => calls.differing += 1,
            (End::Taken, None) => calls.taken += 1,
            (End::Refused, None) => calls.refused += 1,
        }
        if first.is_none() && matches!(end, End::Taken | End::Refused) {
            self.heard.insert(sent, reply);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(digest: &str, reply: &str, end: End, expected: bool) -> Act {
        Act::Heard {
            kind: "confirm".to_owned(),
            way: "plain".to_owned(),
            digest: digest.to_owned(),
            reply: reply.to_owned(),
            status: 200,
            end,
            expected,
        }
    }

    #[tokio::test]
    async fn what_was_heard_once_must_be_heard_again_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let books = Books::open(folder.path()).unwrap();
        for act in [
            Act::sent("confirm", "plain", "a"),
            heard("a", "1", End::Taken, true),
            heard("a", "1", End::Taken, true),
            heard("b", "2", End::Refused, true),
            heard("c", "3", End::Believed, false),
        ] {
            assert!(books.write(act).kept().await);
        }
        drop(books);
        let path = folder.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [whole.as_slice(), b"{\"act\":"].concat()).unwrap();
        let books = Books::open(folder.path()).unwrap();
        assert!(books.write(heard("a", "9", End::Taken, true)).kept().await);
        let called = books.called();
        let expected = Calls {
            sent: 1,
            taken: 1,
            repeated: 1,
            differing: 1,
            refused: 1,
            believed: 1,
            ..Calls::default()
        };
        assert_eq!(
            (called.all(), called.unexpected.as_slice()),
            (expected, ["confirm, plain".to_owned()].as_slice())
        );
    }
}
