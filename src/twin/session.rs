//! Sessions: opaque ids with an end (§1.3).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// More open sessions than this are a caller that logs in for every call; the oldest are forgotten.
const MOST: usize = 1_000;
/// A short session ends after so many calls …
const SHORT_CALLS: u32 = 25;
/// … or after so many milliseconds.
const SHORT_TIME: u64 = 1_000;

/// The sessions that were given out since the start.
#[derive(Debug)]
pub(super) struct Sessions {
    ttl: u64,
    open: Mutex<HashMap<String, Session>>,
}

#[derive(Debug)]
struct Session {
    end: u64,
    calls: u32,
    short: bool,
}

/// What a session id is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Valid,
    /// Never given out, or ended on its own.
    Ended,
    /// Ended early, because it was a short one.
    CutShort,
}

impl Sessions {
    pub(super) fn new(ttl: Duration) -> Sessions {
        let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        Sessions {
            ttl,
            open: Mutex::default(),
        }
    }

    /// A new session; `now` in milliseconds since 1970.
    pub(super) fn begin(&self, short: bool, now: u64) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        let id = data_encoding::HEXLOWER.encode(&bytes);
        let (time, calls) = if short {
            (SHORT_TIME, SHORT_CALLS)
        } else {
            (self.ttl, u32::MAX)
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST {
            let oldest = open.iter().min_by_key(|(_, s)| s.end).map(|(id, _)| id.clone());
            oldest.and_then(|id| open.remove(&id));
        }
        open.insert(
            id.clone(),
            Session {
                end: now.saturating_add(time),
                calls,
                short,
            },
        );
        Ok(id)
    }

    /// Uses a session for one call.
    pub(super) fn spend(&self, id: &str, now: u64) -> Standing {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(session) = open.get_mut(id) else {
            return Standing::Ended;
        };
        if now < session.end && session.calls > 0 {
            session.calls -= 1;
            return Standing::Valid;
        }
        let standing = if session.short {
            Standing::CutShort
        } else {
            Standing::Ended
        };
        open.remove(id);
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_its_time_and_a_short_one_by_its_calls() {
        let sessions = Sessions::new(Duration::from_secs(600));
        let long = sessions.begin(false, 0).unwrap();
        assert_eq!(sessions.spend(&long, 599_999), Standing::Valid);
        assert_eq!(sessions.spend(&long, 600_000), Standing::Ended);
        let short = sessions.begin(true, 0).unwrap();
        assert!((0..SHORT_CALLS).all(|_| sessions.spend(&short, 1) == Standing::Valid));
        assert_eq!(sessions.spend(&short, 1), Standing::CutShort);
        assert_eq!(sessions.spend(&short, 1), Standing::Ended);
        let short = sessions.begin(true, 0).unwrap();
        assert_eq!(sessions.spend(&short, 1_000), Standing::CutShort);
    }

    #[test]
    fn only_so_many_are_remembered() {
        let sessions = Sessions::new(Duration::from_secs(1));
        let first = sessions.begin(false, 0).unwrap();
        for now in 1..=MOST as u64 {
            sessions.begin(false, now).unwrap();
        }
        assert_eq!(sessions.spend(&first, 2), Standing::Ended);
    }
}
