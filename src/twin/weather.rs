//! The day in force: hands out plans and counts what was really done.

use super::day::{Call, Day, Draw, Plan};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Weather {
    day: Day,
    seed: u64,
    turn: AtomicU64,
    /// How often each payload came; empty on a calm day.
    tries: Mutex<HashMap<u64, u64>>,
    faults: Mutex<BTreeMap<&'static str, u64>>,
}

impl Weather {
    pub(super) fn new(day: Day, seed: u64) -> Weather {
        let (tries, faults) = (Mutex::default(), Mutex::default());
        Weather {
            day,
            seed,
            turn: AtomicU64::new(0),
            tries,
            faults,
        }
    }

    /// What happens to this call; `key` is the same for a repetition of it.
    pub(super) fn plan(&self, call: Call, key: u64) -> Plan {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        if self.day == Day::Calm {
            return Plan::default();
        }
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = tries.entry(key).or_default();
        let attempt = *seen;
        *seen += 1;
        drop(tries);
        self.day.plan(
            call,
            &Draw {
                seed: self.seed,
                key,
                attempt,
                turn,
                boost: 1,
            },
        )
    }

    pub(super) fn hit(&self, fault: &'static str) {
        *self
            .faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(fault)
            .or_default() += 1;
    }

    pub(super) fn faults(&self) -> BTreeMap<String, u64> {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    }
}
