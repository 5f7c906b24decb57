//! The dossiers of which a filing is in a worker's hand, or put off for a moment: the next one of each waits for it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The most dossiers that are put off at the same time.
const MOST: usize = 1_000;
/// For how long, in ms.
const PAUSE: i64 = 2_000;

/// Numbers of dossiers.
#[derive(Default)]
pub(super) struct Hands(Mutex<Held>);

#[derive(Default)]
struct Held {
    numbers: HashSet<String>,
    /// Those that are put off, and until when all of them are.
    put_off: Vec<String>,
    until: i64,
}

impl Hands {
    /// All of them, at that moment.
    pub(super) fn held(&self, now: i64) -> Vec<String> {
        self.with(|held| {
            let over = if now >= held.until {
                std::mem::take(&mut held.put_off)
            } else {
                Vec::new()
            };
            held.numbers.retain(|number| !over.contains(number));
            held.numbers.iter().cloned().collect()
        })
    }

    /// Takes a dossier in hand; false when it is in one.
    pub(super) fn take(&self, number: &str) -> bool {
        self.with(|held| held.numbers.insert(number.to_owned()))
    }

    /// Puts a dossier off, so that others pass it; false when too many are.
    pub(super) fn put_off(&self, number: &str, now: i64) -> bool {
        self.with(|held| {
            if held.put_off.len() >= MOST || !held.numbers.insert(number.to_owned()) {
                return false;
            }
            if held.put_off.is_empty() {
                held.until = now.saturating_add(PAUSE);
            }
            held.put_off.push(number.to_owned());
            true
        })
    }

    pub(super) fn let_go(&self, number: &str) {
        self.with(|held| held.numbers.remove(number));
    }

    fn with<T>(&self, act: impl FnOnce(&mut Held) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_off_comes_back_and_what_is_in_hand_stays() {
        let hands = Hands::default();
        assert!(hands.take("in-hand") && hands.put_off("waits", 10) && hands.put_off("waits-too", 500));
        assert!(!hands.take("waits") && !hands.put_off("in-hand", 10));
        let held = |now| {
            let mut held = hands.held(now);
            held.sort();
            held
        };
        assert_eq!(held(PAUSE + 9), ["in-hand", "waits", "waits-too"]);
        assert_eq!(held(PAUSE + 10), ["in-hand"]);
        assert!(hands.take("waits"));
        let all = (0..MOST + 1).filter(|n| hands.put_off(&n.to_string(), 0)).count();
        assert_eq!(all, MOST);
    }
}
