//! The signer's clock against the time-stamp's.

use jiff::{SignedDuration, Timestamp};

/// So far ahead may a signer's clock be (spec §3.4).
const TOLERANCE: SignedDuration = SignedDuration::from_secs(60);
/// Viet Nam is seven hours ahead of UTC.
const VIET_NAM: SignedDuration = SignedDuration::from_hours(7);
/// How near to seven hours it must be to be that.
const AROUND: SignedDuration = SignedDuration::from_hours(1);

/// How the time that a signer claims stands to the one that a time-stamp proves. Told, never corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skew {
    /// Claimed at most 60 s after it was stamped, or before: by so much did the stamp come later.
    Before(SignedDuration),
    /// About seven hours ahead: the clock of Viet Nam, marked as UTC. Some signing tools do.
    LocalTime,
    /// Claimed so much later than it was stamped, which cannot be.
    Ahead(SignedDuration),
}

/// Compares the claimed time with the proven one.
pub fn skew(claimed: Timestamp, stamped: Timestamp) -> Skew {
    let ahead = claimed.duration_since(stamped);
    if ahead <= TOLERANCE {
        Skew::Before(-ahead)
    } else if (ahead - VIET_NAM).abs() <= AROUND {
        Skew::LocalTime
    } else {
        Skew::Ahead(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_hours_ahead_is_the_clock_of_viet_nam() {
        let stamped: Timestamp = "2026-03-05T08:00:00Z".parse().unwrap();
        let at = |seconds| skew(stamped + SignedDuration::from_secs(seconds), stamped);
        assert_eq!(at(-30), Skew::Before(SignedDuration::from_secs(30)));
        assert_eq!(at(60), Skew::Before(SignedDuration::from_secs(-60)));
        assert_eq!(at(61), Skew::Ahead(SignedDuration::from_secs(61)));
        assert_eq!(
            at(6 * 3600 - 1),
            Skew::Ahead(SignedDuration::from_secs(6 * 3600 - 1))
        );
        for seconds in [6 * 3600, 7 * 3600 - 90, 7 * 3600, 8 * 3600] {
            assert_eq!(at(seconds), Skew::LocalTime);
        }
        assert_eq!(
            at(8 * 3600 + 1),
            Skew::Ahead(SignedDuration::from_secs(8 * 3600 + 1))
        );
    }
}
