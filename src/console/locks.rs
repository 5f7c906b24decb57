//! Names that were tried too often. A name that nobody has is shut likewise, so that being shut tells nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Names that are remembered at a time: beyond it the oldest are forgotten.
const MOST: usize = 10_000;

/// Tries of one name.
#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    wrong: u32,
    latest: i64,
    /// The newest step of one-time codes that was used.
    step: Option<i64>,
    /// Somebody has the name: it is never forgotten, whoever tries however many others.
    known: bool,
}

/// All of them.
pub(super) struct Locks {
    tries: u32,
    lock: i64,
    names: Mutex<HashMap<String, Tried>>,
}

impl Locks {
    /// So many wrong tries in a row shut a name for so long.
    pub(super) fn new(tries: u32, lock: Duration) -> Self {
        Self {
            tries,
            lock: i64::try_from(lock.as_millis()).unwrap_or(i64::MAX),
            names: Mutex::default(),
        }
    }

    /// Takes one try of a name before it is judged, so that many at once count as many: the moment until which the name is
    /// shut instead, ms since 1970.
    pub(super) fn take(&self, name: &str, known: bool, now: i64) -> Result<(), i64> {
        self.with(|names| {
            if names.len() >= MOST && !names.contains_key(name) {
                forget(names);
            }
            let tried = names.entry(name.to_owned()).or_default();
            tried.known |= known;
            let until = tried.latest.saturating_add(self.lock);
            match tried.wrong >= self.tries {
                true if now < until => return Err(until),
                true => tried.wrong = 0,
                false => {}
            }
            tried.wrong += 1;
            tried.latest = now;
            Ok(())
        })
    }

    /// The step of one-time codes that a name used last.
    pub(super) fn step(&self, name: &str) -> Option<i64> {
        self.with(|names| names.get(name).and_then(|tried| tried.step))
    }

    /// A sign-in was right: tries count from the beginning. False when its code was used a moment ago.
    pub(super) fn right(&self, name: &str, step: Option<i64>) -> bool {
        self.with(|names| {
            let tried = names.entry(name.to_owned()).or_default();
            if step.is_some() && tried.step >= step {
                return false;
            }
            tried.wrong = 0;
            tried.step = step.or(tried.step);
            true
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, Tried>) -> T) -> T {
        act(&mut self.names.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn forget(names: &mut HashMap<String, Tried>) {
    let mut times: Vec<i64> = names.values().map(|tried| tried.latest).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    names.retain(|_, tried| tried.known || tried.latest > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_wrong_tries_shut_a_name_for_a_while_and_no_other() {
        let locks = Locks::new(3, Duration::from_millis(100));
        for now in 0..3 {
            assert_eq!(locks.take("an", true, now), Ok(()));
        }
        assert_eq!(locks.take("an", true, 50), Err(102));
        assert_eq!(
            locks.take("an", true, 101),
            Err(102),
            "trying on does not move it"
        );
        assert_eq!(locks.take("binh", true, 50), Ok(()));
        assert_eq!(locks.take("an", true, 102), Ok(()));
        assert!(locks.right("an", None));
        for now in 103..106 {
            assert_eq!(locks.take("an", true, now), Ok(()), "counted from the beginning");
        }
        assert!(locks.take("an", true, 107).is_err());
    }

    #[test]
    fn a_code_is_used_once_however_many_come_at_once() {
        let locks = Locks::new(3, Duration::from_millis(100));
        assert!(locks.right("an", Some(7)));
        assert!(!locks.right("an", Some(7)) && !locks.right("an", Some(6)));
        assert_eq!(locks.step("an"), Some(7));
        assert!(locks.right("an", Some(8)));
    }

    #[test]
    fn names_without_end_take_no_memory_without_end() {
        let locks = Locks::new(3, Duration::from_millis(100));
        for now in 0..3 {
            assert_eq!(locks.take("an", true, now), Ok(()));
        }
        for n in 0..3 * MOST {
            let _taken = locks.take(&n.to_string(), false, 4);
        }
        assert!(locks.with(|names| names.len()) <= MOST + 1);
        assert!(
            locks.take("an", true, 5).is_err(),
            "who has a name is not made to be forgotten"
        );
    }
}
