//! The answer to a question, held for a short time for the same question again: sealed, in memory only.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use wire::Class;

use crate::clock::Dice;
use crate::evidence::blind::Blind;
use crate::model::ExchangeId;
use crate::vault::{Fleeting, Sealed};

/// So many answers are held; beyond that the oldest go.
const MOST: usize = 4_096;

/// The same question: same dossier, service, subject and officer (national-databases.md §9.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The dossier's or draft's number.
    pub number: String,
    /// The service.
    pub service: String,
    /// Whom it is about, with everything that was asked of them, blinded.
    pub subject: Blind,
    /// Who asks, blinded.
    pub officer: Blind,
}

/// An answer from before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The look-up that brought it.
    pub source: ExchangeId,
    /// When it came, ms since 1970.
    pub at: i64,
    /// What it came to.
    pub class: Class,
    /// What it said, sealed until it is on record that it is used again.
    pub answer: Held,
}

/// A sealed answer; two are the same when they are of one look-up.
#[derive(Clone, Debug)]
pub struct Held {
    of: ExchangeId,
    sealed: Sealed,
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of
    }
}
impl Eq for Held {}

/// What is remembered.
pub struct Memory {
    sealer: Fleeting,
    /// How long, in ms.
    life: i64,
    held: Mutex<HashMap<Key, Remembered>>,
}

impl Memory {
    /// An empty memory that holds things so long, in ms.
    pub fn new(dice: &dyn Dice, life: i64) -> Self {
        Self {
            sealer: Fleeting::new(dice),
            life,
            held: Mutex::default(),
        }
    }

    /// What was answered to this question lately.
    pub fn find(&self, key: &Key, now: i64) -> Option<Remembered> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(key)
            .filter(|one| (one.at..one.at.saturating_add(self.life)).contains(&now))
            .cloned()
    }

    /// The bytes of a remembered answer, for the look-up that is on record now.
    pub fn open(&self, remembered: &Remembered, recorded: ExchangeId) -> Option<Vec<u8>> {
        let Held { of, sealed } = &remembered.answer;
        let opened = self.sealer.open(sealed, *of, recorded).ok()?;
        Some(opened.to_vec())
    }

    /// Remembers what a look-up brought: its class, and what was found.
    pub fn keep(&self, key: Key, (of, at): (ExchangeId, i64), dice: &dyn Dice, answer: (Class, &[u8])) {
        let Ok(sealed) = self.sealer.seal(dice, of, answer.1) else {
            return;
        };
        let remembered = Remembered {
            source: of,
            at,
            class: answer.0,
            answer: Held { of, sealed },
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST {
            held.retain(|_, one| one.at.saturating_add(self.life) > at);
        }
        if held.len() >= MOST {
            let oldest = held
                .iter()
                .min_by_key(|(_, one)| one.at)
                .map(|(key, _)| key.clone());
            oldest.iter().for_each(|key| drop(held.remove(key)));
        }
        held.insert(key, remembered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemDice;

    fn key(number: &str) -> Key {
        Key {
            number: number.to_owned(),
            service: "population/citizen".to_owned(),
            subject: Blind([1; 16]),
            officer: Blind([2; 16]),
        }
    }

    #[test]
    fn an_answer_serves_its_own_question_for_its_time_and_no_other() {
        let dice = SystemDice::new().unwrap();
        let memory = Memory::new(&dice, 600_000);
        let of = ExchangeId::new(1, &[3; 10]);
        memory.keep(key("1"), (of, 1_000), &dice, (Class::Match, b"answer"));
        let found = memory.find(&key("1"), 600_999).unwrap();
        assert_eq!(memory.open(&found, of).unwrap(), b"answer");
        assert_eq!(memory.find(&key("1"), 601_000), None);
        assert_eq!(
            memory.find(&key("1"), 999),
            None,
            "a clock that was set back proves nothing"
        );
        assert_eq!(memory.find(&key("2"), 1_001), None);
        let other = Key {
            officer: Blind([9; 16]),
            ..key("1")
        };
        assert_eq!(memory.find(&other, 1_001), None);
        assert!(!format!("{found:?}").contains("answer\""));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let dice = SystemDice::new().unwrap();
        let memory = Memory::new(&dice, 600_000);
        for n in 0..MOST + 10 {
            let of = ExchangeId::new(1, &[3; 10]);
            memory.keep(key(&n.to_string()), (of, n as i64), &dice, (Class::Match, b"a"));
        }
        assert_eq!(memory.held.lock().unwrap().len(), MOST);
        assert!(memory.find(&key("0"), 5_000).is_none());
    }
}
