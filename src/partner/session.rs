//! The session with a partner: who holds it, and how long it is used.

use std::sync::Arc;

use wire::Lifetime;

use crate::transport::Failure;

/// A token is exchanged so long before it ends, in ms (national-databases.md §1.2); one that lives less than twice as long,
/// after half of its life.
const EARLY: i64 = 300_000;

/// A session with a partner, shared by all calls until it is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    id: Arc<str>,
    opened_at: i64,
    /// Used until then, ms since 1970.
    until: i64,
}

/// Why there is no session to speak in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSession {
    /// The partner could not be asked.
    #[error("the partner could not be asked for a session: {0}")]
    Unreachable(Failure),
    /// The partner does not know the account. A person must act.
    #[error("the partner refused the account")]
    Refused,
    /// The answer was not understood.
    #[error("the partner's answer to the login was not understood")]
    Unclear,
}

/// The session that is held, or why the last login came to nothing.
#[derive(Default)]
pub(super) struct Held {
    pub(super) session: Option<Session>,
    pub(super) failed: Option<NoSession>,
}

impl Session {
    pub(super) fn new(token: String, opened_at: i64, until: i64) -> Self {
        Self {
            id: token.into(),
            opened_at,
            until,
        }
    }

    /// Whether it is used now.
    pub(super) fn holds(&self, now: i64) -> bool {
        (self.opened_at..self.until).contains(&now)
    }

    /// Whether it was opened before that moment, so that a fresh one may do what it could not.
    pub(super) fn opened_before(&self, since: i64) -> bool {
        self.opened_at < since
    }

    /// The id that goes into envelopes.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Until when a session that was asked for at that moment is used, at most `longest`: not to the end of its life, so that
/// no call meets it.
pub(super) fn until(asked_at: i64, longest: i64, lives: Lifetime) -> i64 {
    let life = match lives {
        Lifetime::Unsaid => return longest,
        Lifetime::Seconds(seconds) => i64::try_from(seconds)
            .unwrap_or(i64::MAX / 1_000)
            .saturating_mul(1_000),
        Lifetime::Until(end) => end.saturating_sub(asked_at),
    };
    let used = if life > 2 * EARLY { life - EARLY } else { life / 2 };
    longest.min(asked_at.saturating_add(used.max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_exchanged_five_minutes_before_its_end_and_a_short_one_after_half_its_life() {
        let used = |lives| until(1_000, 600_000_000, lives);
        assert_eq!(used(Lifetime::Unsaid), 600_000_000);
        assert_eq!(used(Lifetime::Seconds(3_600)), 1_000 + 3_300_000);
        assert_eq!(used(Lifetime::Seconds(60)), 1_000 + 30_000);
        assert_eq!(used(Lifetime::Until(1_000 + 3_600_000)), 1_000 + 3_300_000);
        assert_eq!(used(Lifetime::Until(0)), 1_000, "it has ended already");
        assert_eq!(used(Lifetime::Seconds(u64::MAX)), 600_000_000);
    }
}
