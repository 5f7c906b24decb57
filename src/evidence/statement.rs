//! What the gateway says of its own books: for each partner, from time to time, what was accepted for it and what became of that, once
//! as the store's rows have it and once as the leaves have it, at the same moment. A signed note, and a leaf that commits to it.
//!
//! The equation: accepted = delivered + refused + parked + waiting. What was accepted and not prepared yet waits; so does what is held
//! only by a parked message in front of it, of which no leaf tells.

pub mod judge;
pub mod reckoning;

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};

use crate::evidence::checkpoint::decimal;
use crate::evidence::day::{moment, rfc3339};
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::{Draft, Kind, Seen};
use crate::evidence::note::{self, NoteError, Role, Vkey};
use crate::model::signer::Signer;

/// What is added to the log's name for the first line, so that no statement can be taken for a checkpoint.
const ENDING: &str = "/statement";
/// How many sentences a statement says of what it found.
pub const FOUND: usize = 10;

/// What one partner is owed, and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What it is owed: one message for each filing, and whatever was made beside that.
    pub accepted: u64,
    /// What it took.
    pub delivered: u64,
    /// What it refused.
    pub refused: u64,
    /// What stands still until somebody acts.
    pub parked: u64,
    /// What is on its way, or waits for its turn.
    pub waiting: u64,
}

/// One of the places where an exchange is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    /// The partner took it.
    Delivered,
    /// The partner refused it.
    Refused,
    /// It stands still until somebody acts.
    Parked,
    /// It is on its way.
    Waiting,
}

impl Count {
    /// Whether nothing is missing and nothing too many.
    pub fn balances(&self) -> bool {
        self.accepted == self.delivered + self.refused + self.parked + self.waiting
    }

    /// The number in a column.
    pub fn column(&mut self, column: Column) -> &mut u64 {
        match column {
            Column::Delivered => &mut self.delivered,
            Column::Refused => &mut self.refused,
            Column::Parked => &mut self.parked,
            Column::Waiting => &mut self.waiting,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut number = |before: &str, name: &str| {
            let sign = before.is_empty() || words.next() == Some(before);
            let named = words.next() == Some(name);
            (sign && named).then(|| words.next().and_then(decimal)).flatten()
        };
        let count = Self {
            accepted: number("", "accepted")?,
            delivered: number("=", "delivered")?,
            refused: number("+", "refused")?,
            parked: number("+", "parked")?,
            waiting: number("+", "waiting")?,
        };
        words.next().is_none().then_some(count)
    }
}

/// The equation as a person reads it.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            accepted,
            delivered,
            refused,
            parked,
            waiting,
        } = self;
        write!(
            f,
            "accepted {accepted} = delivered {delivered} + refused {refused} + parked {parked} + waiting {waiting}"
        )
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The log's name, which is its key's.
    pub log: String,
    /// Its number: how many leaves of statements there were before its own, and one.
    pub number: u64,
    /// The partner.
    pub partner: String,
    /// When it was made, in milliseconds since 1970.
    pub at: i64,
    /// How many leaves the log had at the moment of which it speaks.
    pub leaves: u64,
    /// The root over them.
    pub root: Hash,
    /// As the store's rows had it.
    pub rows: Count,
    /// As the leaves have it.
    pub folded: Count,
    /// What else did not fit, one sentence each.
    pub found: Vec<String>,
}

/// Why a statement is not believed.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not the lines of a statement.
    #[error("the statement cannot be read")]
    Malformed,
    /// Signed, but not by the log that it speaks for.
    #[error("the statement is not signed by the log it speaks for, {0}")]
    Foreign(String),
}

impl Statement {
    /// Whether both counts are the same, each is whole, and nothing else was found.
    pub fn agrees(&self) -> bool {
        self.rows == self.folded && self.rows.balances() && self.found.is_empty()
    }

    /// Reads the text that is signed, in its one spelling.
    pub fn parse(text: &str) -> Result<Self, StatementError> {
        let read = read(text).filter(|read| read.to_string() == text);
        read.ok_or(StatementError::Malformed)
    }

    /// Signs it as a note, under the log's name.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, StatementError> {
        Ok(note::sign(&self.to_string(), &self.log, signer)?)
    }

    /// Opens a signed statement; one of the known keys that signed it must be the log's own.
    pub fn open(signed: &str, known: &[Vkey]) -> Result<Self, StatementError> {
        let opened = note::open(signed, known)?;
        let statement = Self::parse(opened.text)?;
        let own = |key: &Vkey| key.role() == Role::Log && key.name() == statement.log;
        if opened.signed_by.iter().any(|signed| own(signed.key)) {
            Ok(statement)
        } else {
            Err(StatementError::Foreign(statement.log))
        }
    }

    /// Reads a signed statement without looking at who signed it.
    pub fn unverified(signed: &str) -> Result<Self, StatementError> {
        let text = signed
            .split_once("\n\n")
            .map_or(signed, |(text, _)| &signed[..=text.len()]);
        Self::parse(text)
    }

    /// The leaf that enters its note in the log; it belongs to no chain, so that no day and no partner is made busy by it.
    pub fn draft(&self, note: &str) -> Draft {
        Draft::new(Kind::Statement, self.at)
            .fact("agrees", if self.agrees() { "yes" } else { "no" })
            .fact("digest", digest(note))
            .fact("leaves", self.leaves.to_string())
            .fact("number", self.number.to_string())
            .fact("of", self.partner.clone())
    }
}

/// The text that is signed, each line ended.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}{ENDING}", self.log)?;
        writeln!(f, "statement {}", self.number)?;
        writeln!(f, "partner {}", self.partner)?;
        writeln!(f, "at {}", rfc3339(self.at))?;
        writeln!(f, "leaves {}", self.leaves)?;
        writeln!(f, "root {}", BASE64.encode_display(&self.root))?;
        writeln!(f, "rows: {}", self.rows)?;
        writeln!(f, "log: {}", self.folded)?;
        for found in &self.found {
            writeln!(f, "found: {found}")?;
        }
        writeln!(f, "{}", if self.agrees() { AGREE } else { DIFFER })
    }
}

const AGREE: &str = "the books agree";
const DIFFER: &str = "the books do not agree";

/// Fails, too, on what could be read but would be written in another way: the caller compares.
fn read(text: &str) -> Option<Statement> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let log = lines.next()?.strip_suffix(ENDING)?.to_owned();
    let mut line = |name: &str| lines.next()?.strip_prefix(name);
    let statement = Statement {
        log,
        number: decimal(line("statement ")?)?,
        partner: line("partner ")?.to_owned(),
        at: moment(line("at ")?)?,
        leaves: decimal(line("leaves ")?)?,
        root: BASE64.decode(line("root ")?.as_bytes()).ok()?.try_into().ok()?,
        rows: Count::parse(line("rows: ")?)?,
        folded: Count::parse(line("log: ")?)?,
        found: lines
            .filter_map(|line| Some(line.strip_prefix("found: ")?.to_owned()))
            .collect(),
    };
    Some(statement)
}

/// What the leaf of a statement says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its number.
    pub number: u64,
    /// The partner.
    pub partner: String,
    /// The digest of its note.
    pub digest: String,
}

impl Told {
    /// Reads what a leaf says, if it is one of these.
    pub fn read(seen: &Seen<'_>) -> Option<Self> {
        Some(Self {
            number: decimal(seen.fact("number")?)?,
            partner: seen.fact("of")?.to_owned(),
            digest: seen.fact("digest")?.to_owned(),
        })
    }
}

/// What the leaf says of a note. The note is public, so that no salt is needed.
pub fn digest(note: &str) -> String {
    HEXLOWER.encode(&hash::digest(&[note.as_bytes()]))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::evidence::checkpoint::Checkpoint;
    use crate::evidence::note::tests::Key;

    const LOG: &str = "log.h99.example/exchanges";

    pub(crate) fn statement() -> Statement {
        let count = Count {
            accepted: 1_204,
            delivered: 1_190,
            refused: 3,
            parked: 4,
            waiting: 7,
        };
        Statement {
            log: LOG.to_owned(),
            number: 42,
            partner: "portal".to_owned(),
            at: 1_795_458_235_123,
            leaves: 70_123,
            root: [9; 32],
            rows: count,
            folded: count,
            found: Vec::new(),
        }
    }

    #[test]
    fn a_statement_byte_for_byte() {
        let expected = "log.h99.example/exchanges/statement\n\
            statement 42\n\
            partner portal\n\
            at 2026-11-23T18:23:55.123Z\n\
            leaves 70123\n\
            root CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n\
            rows: accepted 1204 = delivered 1190 + refused 3 + parked 4 + waiting 7\n\
            log: accepted 1204 = delivered 1190 + refused 3 + parked 4 + waiting 7\n\
            the books agree\n";
        assert_eq!(statement().to_string(), expected);
    }

    #[test]
    fn signed_by_the_log_and_nobodys_checkpoint() {
        let key = Key::new();
        let known = [Vkey::of(LOG, &key).unwrap()];
        let signed = statement().sign(&key).unwrap();
        assert_eq!(Statement::open(&signed, &known).unwrap(), statement());
        assert!(Checkpoint::open(&signed, &known).is_err());
        let checkpoint = Checkpoint {
            origin: LOG.to_owned(),
            size: 1,
            root: [1; 32],
        };
        assert!(Statement::open(&checkpoint.sign(&key).unwrap(), &known).is_err());
        let other = Statement {
            log: "log.h98.example".to_owned(),
            ..statement()
        };
        let foreign = note::sign(&other.to_string(), LOG, &key).unwrap();
        assert!(matches!(
            Statement::open(&foreign, &known),
            Err(StatementError::Foreign(_))
        ));
    }

    #[test]
    fn it_agrees_only_when_both_counts_are_whole_and_the_same() {
        assert!(statement().agrees());
        let mut lost = statement();
        lost.rows.waiting -= 1;
        let mut both = lost.clone();
        both.folded = both.rows;
        let found = Statement {
            found: vec!["statement 41 is gone".to_owned()],
            ..statement()
        };
        for broken in [lost, both, found] {
            assert!(!broken.agrees());
            assert!(broken.to_string().ends_with("the books do not agree\n"));
            assert_eq!(Statement::parse(&broken.to_string()).unwrap(), broken);
        }
    }

    /// No other bytes mean the same: whoever changes one changes what is said, or is refused.
    #[test]
    fn every_changed_byte_is_refused_or_says_something_else() {
        let text = statement().to_string();
        for place in 0..text.len() {
            for byte in [b'0', b'9', b' ', b'\n', b'a', b'+'] {
                let mut bytes = text.clone().into_bytes();
                bytes[place] = byte;
                let changed = String::from_utf8(bytes).unwrap();
                match Statement::parse(&changed) {
                    Ok(read) => assert_eq!(
                        (read == statement(), read.to_string()),
                        (changed == text, changed)
                    ),
                    Err(_) => assert_ne!(changed, text),
                }
            }
        }
    }
}
