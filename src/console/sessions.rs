//! Who is signed in. Sessions live in memory and end with the process; of a cookie only its digest is kept.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use crate::clock::Dice;
use crate::evidence::hash::{self, Hash};

/// Sessions of one account at a time: one more ends the oldest.
const EACH: usize = 5;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) account: String,
    /// What the account's secrets were: other ones end the session.
    pub(super) mark: Hash,
    /// What each form of this session carries.
    pub(super) token: String,
    began: i64,
    seen: i64,
}

/// All of them.
pub(super) struct Sessions {
    idle: i64,
    longest: i64,
    open: Mutex<HashMap<Hash, Session>>,
}

impl Sessions {
    /// Nobody is signed in.
    pub(super) fn new(idle: Duration, longest: Duration) -> Self {
        let millis = |wait: Duration| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        Self {
            idle: millis(idle),
            longest: millis(longest),
            open: Mutex::default(),
        }
    }

    /// Begins a session and gives what the cookie is to say: 256 random bits.
    pub(super) fn begin(&self, account: &str, mark: Hash, now: i64, dice: &dyn Dice) -> String {
        let fresh = || {
            let mut bytes = [0; 32];
            dice.bytes(&mut bytes);
            BASE64URL_NOPAD.encode(&bytes)
        };
        let (cookie, token) = (fresh(), fresh());
        let session = Session {
            account: account.to_owned(),
            mark,
            token,
            began: now,
            seen: now,
        };
        self.with(|open| {
            open.retain(|_, session| self.holds(session, now));
            let mut own: Vec<(Hash, i64)> = open
                .iter()
                .filter(|(_, session)| session.account == account)
                .map(|(key, session)| (*key, session.began))
                .collect();
            own.sort_by_key(|(_, began)| *began);
            for (key, _) in own.iter().rev().skip(EACH - 1) {
                open.remove(key);
            }
            open.insert(key(&cookie), session);
        });
        cookie
    }

    /// The session of a cookie, which is thereby seen; none when there is none or it is over.
    pub(super) fn of(&self, cookie: &str, now: i64) -> Option<Session> {
        self.with(|open| {
            let key = key(cookie);
            let session = open.get_mut(&key)?;
            if !self.holds(session, now) {
                open.remove(&key);
                return None;
            }
            session.seen = session.seen.max(now);
            Some(session.clone())
        })
    }

    /// Ends one.
    pub(super) fn end(&self, cookie: &str) {
        self.with(|open| open.remove(&key(cookie)));
    }

    fn holds(&self, session: &Session, now: i64) -> bool {
        // A clock that was set back ends no session early, and keeps none for ever: it counts from what was seen last.
        now.saturating_sub(session.seen) < self.idle && now.saturating_sub(session.began) < self.longest
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Hash, Session>) -> T) -> T {
        act(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn key(cookie: &str) -> Hash {
    hash::digest(&[cookie.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededDice;

    fn sessions() -> Sessions {
        Sessions::new(Duration::from_millis(100), Duration::from_millis(250))
    }

    #[test]
    fn a_session_ends_when_nobody_looks_and_at_its_time_in_any_case() {
        let (all, dice) = (sessions(), SeededDice::new(1));
        let cookie = all.begin("an", [1; 32], 0, &dice);
        assert!(all.of(&cookie, 99).is_some() && all.of("else", 99).is_none());
        assert!(all.of(&cookie, 198).is_some(), "seen at 99");
        assert!(all.of(&cookie, 249).is_some());
        assert!(all.of(&cookie, 250).is_none(), "its time is over");
        let cookie = all.begin("an", [1; 32], 0, &dice);
        assert!(all.of(&cookie, 100).is_none(), "nobody looked");
        assert!(all.of(&cookie, 1).is_none(), "what ended stays ended");
    }

    #[test]
    fn who_leaves_is_out_and_one_too_many_ends_the_oldest() {
        let (all, dice) = (sessions(), SeededDice::new(1));
        let cookies: Vec<String> = (0..6).map(|n| all.begin("an", [1; 32], n, &dice)).collect();
        let other = all.begin("binh", [2; 32], 6, &dice);
        let open: Vec<bool> = cookies
            .iter()
            .map(|cookie| all.of(cookie, 10).is_some())
            .collect();
        assert_eq!(open, [false, true, true, true, true, true]);
        all.end(&cookies[3]);
        assert!(all.of(&cookies[3], 10).is_none() && all.of(&other, 10).is_some());
    }
}
