//! Statements held against the log while it is read: each must be signed, be the one that its leaf tells of, and say what the leaves
//! come to at its moment. So must the store's rows, at the newest.

use std::collections::BTreeMap;

use crate::evidence::hash::Hash;
use crate::evidence::leaf::{Kind, Seen};
use crate::evidence::note::Vkey;
use crate::evidence::statement::reckoning::Reckoning;
use crate::evidence::statement::{Count, Statement, Told, digest};

/// A statement as it is kept beside the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub number: u64,
    /// The partner.
    pub partner: String,
    /// The index of its leaf.
    pub leaf: u64,
    /// The signed note.
    pub note: String,
}

/// What is wrong with a statement, or with the books that it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is not signed by the log, or no statement.
    #[error("statement {number} does not stand: {why}")]
    Unsigned {
        /// Its number.
        number: u64,
        /// Why it is not believed.
        why: String,
    },
    /// Kept under another number or partner than it says.
    #[error("statement {number} of {partner} says that it is another")]
    Other {
        /// The number that it is kept under.
        number: u64,
        /// The partner that it is kept under.
        partner: String,
    },
    /// A leaf tells of a statement that is not there.
    #[error("leaf {position} tells of statement {number}, which is not there")]
    Gone {
        /// The leaf's position.
        position: u64,
        /// The number that it tells of.
        number: u64,
    },
    /// It is not what its leaf commits to.
    #[error("statement {number} is not what leaf {position} commits to")]
    Changed {
        /// Its number.
        number: u64,
        /// The leaf's position.
        position: u64,
    },
    /// No leaf tells of it where it says.
    #[error("no leaf tells of statement {number}")]
    Leafless {
        /// Its number.
        number: u64,
    },
    /// What it says the leaves come to is not what they come to.
    #[error(
        "statement {number} of {partner} says `{says}` of the first {leaves} leaves, which come to `{comes}`"
    )]
    Miscounted {
        /// Its number.
        number: u64,
        /// The partner.
        partner: String,
        /// Of how many first leaves it speaks.
        leaves: u64,
        /// What it says.
        says: Count,
        /// What they come to.
        comes: Count,
    },
    /// It names another root than that of the leaves it speaks of.
    #[error("statement {number} names another root than that of its {leaves} leaves")]
    Root {
        /// Its number.
        number: u64,
        /// Of how many first leaves it speaks.
        leaves: u64,
    },
    /// The store's rows are not what the leaves come to, or not whole.
    #[error("the store has `{rows}` for {partner}, but the first {leaves} leaves come to `{comes}`")]
    Rows {
        /// The partner.
        partner: String,
        /// How many leaves the log had when the rows were counted.
        leaves: u64,
        /// What the rows are.
        rows: Count,
        /// What the leaves come to.
        comes: Count,
    },
    /// A leaf that does not follow from those before it.
    #[error("{0}")]
    Odd(String),
}

/// Holds statements against a log that is read to it.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    reckoning: Reckoning,
    /// What was said of how many first leaves.
    ahead: BTreeMap<u64, Vec<Said>>,
    /// The digest of each statement, and its leaf.
    kept: BTreeMap<u64, (String, u64)>,
    remarks: Vec<String>,
    judged: u64,
    wrong: Vec<Wrong>,
}

/// What was said of the books at some moment.
#[derive(Clone, Debug)]
enum Said {
    Statement {
        number: u64,
        partner: String,
        root: Hash,
        folded: Count,
    },
    Rows(BTreeMap<String, Count>),
}

impl Judge {
    /// Takes a statement in. Without a known key its signature is not looked at.
    pub fn hold(&mut self, kept: &Kept, known: Option<&Vkey>) {
        let number = kept.number;
        self.kept.insert(number, (digest(&kept.note), kept.leaf));
        let statement = match opened(&kept.note, known) {
            Ok(statement) => statement,
            Err(why) => return self.wrong.push(Wrong::Unsigned { number, why }),
        };
        if (statement.number, &statement.partner) != (number, &kept.partner) {
            let partner = kept.partner.clone();
            self.wrong.push(Wrong::Other { number, partner });
        }
        if statement.leaves > kept.leaf {
            let why = "it speaks of leaves after its own".to_owned();
            return self.wrong.push(Wrong::Unsigned { number, why });
        }
        if !statement.agrees() {
            self.remarks.push(format!(
                "statement {number} of {} says that the books did not agree",
                statement.partner
            ));
        }
        let said = Said::Statement {
            number,
            partner: statement.partner,
            root: statement.root,
            folded: statement.folded,
        };
        self.ahead.entry(statement.leaves).or_default().push(said);
    }

    /// Takes in what the store's rows were when the log had so many leaves.
    pub fn hold_rows(&mut self, leaves: u64, rows: BTreeMap<String, Count>) {
        self.ahead.entry(leaves).or_default().push(Said::Rows(rows));
    }

    /// The log has so many leaves now, under this root.
    pub fn arrive(&mut self, leaves: u64, root: impl Fn() -> Hash) {
        while let Some(entry) = self.ahead.first_entry()
            && *entry.key() <= leaves
        {
            for said in entry.remove() {
                self.compare(leaves, said, &root);
            }
        }
    }

    /// Reads the next leaf.
    pub fn read(&mut self, position: u64, seen: &Seen<'_>) {
        self.reckoning.read(seen);
        self.wrong
            .extend(self.reckoning.take_odd().into_iter().map(Wrong::Odd));
        if seen.kind() == Kind::Statement
            && let Some(Told { number, digest, .. }) = Told::read(seen)
        {
            match self.kept.remove(&number) {
                None => self.wrong.push(Wrong::Gone { position, number }),
                Some((kept, leaf)) if kept == digest && leaf == position => self.judged += 1,
                Some(_) => self.wrong.push(Wrong::Changed { number, position }),
            }
        }
    }

    /// Passes the next leaf over: it cannot be read, as its reader says.
    pub fn skip(&mut self) {
        self.reckoning.skip();
        let _named = self.reckoning.take_odd();
    }

    /// How many statements were what their leaves commit to.
    pub fn judged(&self) -> u64 {
        self.judged
    }

    /// Ends: what is wrong, and what an auditor should hear though nothing is. Statements whose leaf comes later are left alone.
    pub fn finish(mut self) -> (Vec<Wrong>, Vec<String>) {
        let leaves = self.reckoning.leaves();
        let own = self.kept.iter().filter(|(_, (_, leaf))| *leaf < leaves);
        let leafless = own.map(|(number, _)| Wrong::Leafless { number: *number });
        self.wrong.extend(leafless);
        (self.wrong, self.remarks)
    }

    fn compare(&mut self, leaves: u64, said: Said, root: &impl Fn() -> Hash) {
        let counts = self.reckoning.counts();
        match said {
            Said::Statement {
                number,
                partner,
                root: named,
                folded,
            } => {
                let comes = counts.get(&partner).copied().unwrap_or_default();
                if folded != comes {
                    self.wrong.push(Wrong::Miscounted {
                        number,
                        partner,
                        leaves,
                        says: folded,
                        comes,
                    });
                }
                if named != root() {
                    self.wrong.push(Wrong::Root { number, leaves });
                }
            }
            Said::Rows(rows) => self.wrong.extend(unequal(leaves, counts, &rows)),
        }
    }
}

/// The partners of which rows and leaves come to something else, or of which the rows are not whole.
fn unequal(leaves: u64, counts: &BTreeMap<String, Count>, rows: &BTreeMap<String, Count>) -> Vec<Wrong> {
    let partners: std::collections::BTreeSet<_> = counts.keys().chain(rows.keys()).collect();
    let count = |of: &BTreeMap<String, Count>, partner: &String| of.get(partner).copied().unwrap_or_default();
    let all = partners
        .into_iter()
        .map(|partner| (partner, count(rows, partner), count(counts, partner)));
    all.filter(|(_, rows, comes)| rows != comes || !rows.balances())
        .map(|(partner, rows, comes)| Wrong::Rows {
            partner: partner.clone(),
            leaves,
            rows,
            comes,
        })
        .collect()
}

/// The statement in a note: verified where the key is known, else as it is written.
fn opened(note: &str, known: Option<&Vkey>) -> Result<Statement, String> {
    let opened = match known {
        Some(known) => Statement::open(note, std::slice::from_ref(known)),
        None => Statement::unverified(note),
    };
    opened.map_err(|error| error.to_string())
}
