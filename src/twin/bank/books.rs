//! The platform's books: what began, who paid what, and what the province was told, on their own file, flushed before anything goes on.

use crate::twin::Error;
use crate::twin::journal::{Flush, Journal};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file of these books in the twin's folder.
const NAME: &str = "payments.jsonl";

/// How a payment is made, and how the province hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::twin) enum Way {
    /// Paid, and confirmed once.
    Plain,
    /// The answer to its beginning is lost.
    LostReply,
    /// Confirmed before its beginning is answered.
    Early,
    /// Paid, and never confirmed.
    Silent,
    /// Confirmed twice, word for word.
    Duplicates,
    /// Another amount is paid.
    OtherAmount,
    /// Paid by two transactions.
    PaidTwice,
    /// Confirmed first with a checksum that differs by a character.
    WrongChecksum,
    /// Confirmed after the province has asked.
    Late,
    /// Never paid.
    Fails,
}

/// The ways that payments take in turn; what fails is chosen by its dossier.
const WAYS: [Way; 9] = [
    Way::Plain,
    Way::LostReply,
    Way::Early,
    Way::Silent,
    Way::Duplicates,
    Way::OtherAmount,
    Way::PaidTwice,
    Way::WrongChecksum,
    Way::Late,
];

/// What somebody paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::twin) struct Paid {
    pub(in crate::twin) transaction: String,
    pub(in crate::twin) amount: i64,
    pub(in crate::twin) at: String,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::twin) struct Payment {
    /// Which one it was, from 0.
    pub(in crate::twin) place: usize,
    pub(in crate::twin) reference: String,
    pub(in crate::twin) dossier: String,
    pub(in crate::twin) amount: i64,
    pub(in crate::twin) at: String,
    pub(in crate::twin) words: String,
    pub(in crate::twin) digest: String,
    pub(in crate::twin) way: Way,
    /// How often it was begun.
    pub(in crate::twin) inits: u32,
    pub(in crate::twin) paid: Vec<Paid>,
    pub(in crate::twin) failed: bool,
    /// The province asked, and heard how it ended.
    pub(in crate::twin) asked: bool,
    /// The province was told all that it will be.
    pub(in crate::twin) told: bool,
}

impl Payment {
    /// `TrangThaiGD`.
    pub(in crate::twin) fn said(&self) -> char {
        match (self.failed, self.paid.is_empty()) {
            (_, false) => '1',
            (true, true) => '4',
            (false, true) => '3',
        }
    }
}

/// What the books say of all payments; it survives a restart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Bank {
    /// Payments that began.
    pub begun: u64,
    /// Begun again in the same bytes.
    pub again: u64,
    /// Begun again under the same reference in other bytes, and turned away.
    pub altered: u64,
    /// Begun for a dossier that had one already that was open or paid.
    pub second: u64,
    /// Paid, with the amount that was asked.
    pub paid: u64,
    /// What was asked and paid, whole đồng.
    pub amount: i64,
    /// Paid with another amount.
    pub other: u64,
    /// Paid by two transactions.
    pub twice: u64,
    /// Never paid.
    pub failed: u64,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub(in crate::twin) enum Act {
    /// A payment began.
    Begun {
        reference: String,
        dossier: String,
        amount: i64,
        at: String,
        words: String,
        digest: String,
        way: Way,
    },
    /// It was begun again.
    Again { reference: String, same: bool },
    /// Somebody paid.
    Paid { reference: String, paid: Paid },
    /// Nobody will.
    Failed { reference: String },
    /// The province asked, and heard how it ended.
    Asked { reference: String },
    /// The province was told all that it will be.
    Told { reference: String },
}

/// What the lines come to.
#[derive(Debug, Default)]
pub(in crate::twin) struct State {
    payments: Vec<Payment>,
    places: HashMap<String, usize>,
    again: u64,
    altered: u64,
    second: u64,
    turns: usize,
}

/// The books, open.
#[derive(Debug)]
pub(in crate::twin) struct Books {
    state: Mutex<State>,
    journal: Journal,
}

impl Books {
    /// Opens or begins the books in the twin's folder, whose lock is held already.
    pub(in crate::twin) fn open(folder: &Path) -> Result<Books, Error> {
        let (state, journal) = Journal::open(folder, NAME, State::apply)?;
        let state = Mutex::new(state);
        Ok(Books { state, journal })
    }

    /// Writes an act down while it is decided on.
    pub(in crate::twin) fn write<T>(&self, decide: impl FnOnce(&State) -> (Act, T)) -> (T, Flush) {
        let mut state = self.lock();
        let (act, told) = decide(&state);
        let flush = self.journal.write(&act);
        state.apply(act);
        (told, flush)
    }

    /// Looks without writing.
    pub(in crate::twin) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// One payment.
    pub(in crate::twin) fn payment(&self, reference: &str) -> Option<Payment> {
        self.look(|state| state.payment(reference).cloned())
    }

    /// All of which the province was not told all yet.
    pub(in crate::twin) fn untold(&self) -> Vec<Payment> {
        self.look(|state| state.payments.iter().filter(|one| !one.told).cloned().collect())
    }

    pub(in crate::twin) fn bank(&self) -> Bank {
        self.look(State::bank)
    }

    pub(in crate::twin) fn flushes(&self) -> u64 {
        self.journal.flushes()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(in crate::twin) fn payment(&self, reference: &str) -> Option<&Payment> {
        let place = self.places.get(reference)?;
        self.payments.get(*place)
    }

    /// The way of the next payment.
    pub(in crate::twin) fn turn(&self) -> Way {
        let turn = self.turns % WAYS.len();
        WAYS.get(turn).copied().unwrap_or(Way::Plain)
    }

    /// One act, whether it happens now or is read back.
    fn apply(&mut self, act: Act) {
        match act {
            Act::Begun {
                reference,
                dossier,
                amount,
                at,
                words,
                digest,
                way,
            } => {
                let standing = |one: &Payment| one.dossier == dossier && !one.failed;
                self.second += u64::from(self.payments.iter().any(standing));
                self.turns += usize::from(way != Way::Fails);
                self.places.insert(reference.clone(), self.payments.len());
                self.payments.push(Payment {
                    place: self.payments.len(),
                    reference,
                    dossier,
                    amount,
                    at,
                    words,
                    digest,
                    way,
                    inits: 1,
                    paid: Vec::new(),
                    failed: false,
                    asked: false,
                    told: false,
                });
            }
            Act::Again { reference, same } => {
                self.again += u64::from(same);
                self.altered += u64::from(!same);
                self.change(&reference, |payment| payment.inits += 1);
            }
            Act::Paid { reference, paid } => self.change(&reference, |payment| payment.paid.push(paid)),
            Act::Failed { reference } => self.change(&reference, |payment| payment.failed = true),
            Act::Asked { reference } => self.change(&reference, |payment| payment.asked = true),
            Act::Told { reference } => self.change(&reference, |payment| payment.told = true),
        }
    }

    fn change(&mut self, reference: &str, change: impl FnOnce(&mut Payment)) {
        let place = self.places.get(reference).copied();
        if let Some(payment) = place.and_then(|place| self.payments.get_mut(place)) {
            change(payment);
        }
    }

    fn bank(&self) -> Bank {
        let count = |is: fn(&&Payment) -> bool| self.payments.iter().filter(is).count() as u64;
        let right = |payment: &&Payment| payment.paid.iter().any(|paid| paid.amount == payment.amount);
        Bank {
            begun: self.payments.len() as u64,
            again: self.again,
            altered: self.altered,
            second: self.second,
            paid: count(right),
            amount: self
                .payments
                .iter()
                .filter(right)
                .map(|payment| payment.amount)
                .sum(),
            other: count(|payment| {
                !payment.paid.is_empty() && payment.paid.iter().all(|paid| paid.amount != payment.amount)
            }),
            twice: count(|payment| payment.paid.len() > 1),
            failed: count(|payment| payment.failed),
        }
    }
}
