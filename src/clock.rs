//! The only place that asks what time it is, or rolls the dice. Both are handed in everywhere else, so that a test can
//! turn the clock and roll the same dice again.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::Date;
use jiff::tz::Offset;

/// Viet Nam is seven hours ahead of UTC all year.
const VIET_NAM: Offset = Offset::constant(7);

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Gives what nobody can guess.
pub trait Dice: Send + Sync {
    /// A number from 0 (included) to 1 (excluded), evenly spread: for jitter.
    fn fraction(&self) -> f64 {
        let mut bytes = [0; 8];
        self.bytes(&mut bytes);
        // 53 bits are what a double holds exactly.
        (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Fills `into`: for salts, ids and file names.
    fn bytes(&self, into: &mut [u8]);
}

/// A moment, in milliseconds since 1970 (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A text that is not a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a moment: expected RFC 3339, such as 2026-01-15T08:15:00+07:00")]
pub struct NotAMoment;

impl Timestamp {
    /// The moment so many milliseconds after the beginning of 1970 (UTC).
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 (UTC).
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The moment `wait` later; the last moment there is, if that is nearer.
    pub fn after(self, wait: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long ago `earlier` was; nothing, if it is still to come.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The calendar day in Viet Nam.
    pub fn day(self) -> Date {
        VIET_NAM.to_datetime(self.exact()).date()
    }

    /// RFC 3339 with Viet Nam's offset, for people: `2026-01-15T08:15:00.000+07:00`.
    pub fn local(self) -> String {
        VIET_NAM
            .to_datetime(self.exact())
            .strftime("%Y-%m-%dT%H:%M:%S%.3f+07:00")
            .to_string()
    }

    /// As the calendar counts; what lies outside it is its first or its last moment.
    fn exact(self) -> jiff::Timestamp {
        let edge = if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        };
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(edge)
    }
}

/// RFC 3339 in UTC, for programs: `2026-01-15T01:15:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exact().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        text.parse::<jiff::Timestamp>()
            .map(|at| Self(at.as_millisecond()))
            .map_err(|_| NotAMoment)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    fn now(&self) -> Timestamp {
        // A clock before 1970 is unset; 1970 says so in every log line.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is turned.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `at`.
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Turns it forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().after(by));
    }

    /// Turns it to `at`, forward or back.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The machine's randomness is out of reach.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system gives no random bytes: {0}")]
pub struct NoRandomness(getrandom::Error);

/// The machine's randomness.
#[derive(Clone, Copy, Debug)]
pub struct SystemDice(());

impl SystemDice {
    /// Rolls once, to learn at the start whether the machine has any.
    pub fn new() -> Result<Self, NoRandomness> {
        getrandom::fill(&mut [0; 16])
            .map(|()| Self(()))
            .map_err(NoRandomness)
    }
}

impl Dice for SystemDice {
    fn bytes(&self, into: &mut [u8]) {
        if let Err(error) = getrandom::fill(into) {
            // A salt that can be guessed would betray what it covers, unseen and for good: ending is the lesser harm.
            tracing::error!(%error, "the operating system gives no random bytes any more");
            std::process::abort();
        }
    }
}

/// Dice that fall the same way for the same seed (SplitMix64): for tests and the sandbox, never for keys or salts of a
/// real node.
#[derive(Debug)]
pub struct SeededDice(AtomicU64);

impl SeededDice {
    /// Dice of this seed.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn roll(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Dice for SeededDice {
    fn bytes(&self, into: &mut [u8]) {
        for part in into.chunks_mut(8) {
            part.copy_from_slice(&self.roll().to_le_bytes()[..part.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_for_programs_and_for_people() {
        let at: Timestamp = "2026-01-15T18:15:00.5Z".parse().unwrap();
        assert_eq!(at.to_string(), "2026-01-15T18:15:00.500Z");
        assert_eq!(at.local(), "2026-01-16T01:15:00.500+07:00");
        assert_eq!(
            at.day().to_string(),
            "2026-01-16",
            "in Viet Nam the day has begun"
        );
        assert_eq!(at.local().parse(), Ok(at));
        assert_eq!("yesterday".parse::<Timestamp>(), Err(NotAMoment));
    }

    #[test]
    fn no_number_of_milliseconds_breaks_the_calendar() {
        for millis in [i64::MIN, -1, 0, i64::MAX] {
            let at = Timestamp::from_millis(millis);
            assert!(!at.to_string().is_empty() && !at.local().is_empty());
            assert!(at.after(Duration::MAX) >= at);
        }
    }

    #[test]
    fn a_fixed_clock_stands_until_it_is_turned() {
        let clock = FixedClock::new(Timestamp::from_millis(1_000));
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::from_secs(2));
        assert_eq!(
            clock.now().since(Timestamp::from_millis(1_000)),
            Duration::from_secs(2)
        );
        assert_eq!(Timestamp::default().since(clock.now()), Duration::ZERO);
    }

    #[test]
    fn the_same_seed_falls_the_same_way() {
        let roll = |seed| {
            let mut bytes = [0; 20];
            SeededDice::new(seed).bytes(&mut bytes);
            bytes
        };
        assert_eq!(roll(1), roll(1));
        assert_ne!(roll(1), roll(2));
        let dice = SeededDice::new(3);
        let mean = (0..1_000).map(|_| dice.fraction()).sum::<f64>() / 1_000.0;
        assert!(
            (0.45..0.55).contains(&mean),
            "fractions are evenly spread, their mean was {mean}"
        );
    }

    #[test]
    fn the_machine_has_dice() {
        let dice = SystemDice::new().unwrap();
        let (mut one, mut two) = ([0; 16], [0; 16]);
        dice.bytes(&mut one);
        dice.bytes(&mut two);
        assert_ne!(one, two);
    }
}
