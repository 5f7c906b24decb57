//! A time to say nothing, as long as it was meant to be, even where the clock was set back meanwhile.

/// From when until when, ms since 1970.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wait {
    since: i64,
    until: i64,
}

impl Wait {
    /// So long from now on, in ms.
    pub(super) fn new(now: i64, length: i64) -> Self {
        Self {
            since: now,
            until: now.saturating_add(length),
        }
    }

    /// When it ends. A clock that shows a time before it began was set back: it begins anew.
    pub(super) fn until(&mut self, now: i64) -> i64 {
        if now < self.since {
            *self = Self::new(now, self.until.saturating_sub(self.since));
        }
        self.until
    }

    /// Makes it end no earlier than another.
    pub(super) fn prolong(&mut self, now: i64, length: i64) {
        let other = Self::new(now, length);
        if self.until(now) < other.until {
            *self = other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_never_shortened_and_a_clock_set_back_does_not_make_it_longer() {
        let mut wait = Wait::new(10_000, 500);
        wait.prolong(10_100, 100);
        assert_eq!(wait.until(10_100), 10_500);
        wait.prolong(10_100, 900);
        assert_eq!(wait.until(10_100), 11_000);
        assert_eq!(wait.until(3_000), 3_900);
        assert_eq!(wait.until(3_500), 3_900);
    }
}
