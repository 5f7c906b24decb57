use std::time::Duration;

use super::section::Section;

/// How long and how often we try.
#[derive(Clone, Debug)]
pub struct Outbox {
    /// How long to wait after each attempt.
    pub schedule: Schedule,
    /// After this long an exchange is parked, where the dossier has no appointment.
    pub give_up: Duration,
    /// How long a worker holds an exchange.
    pub lease: Duration,
    /// The most exchanges that may wait.
    pub limit: u32,
    /// The room that must stay free on the disk of the store, in bytes.
    pub min_free_disk: u64,
}

/// Waits between attempts; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

impl Schedule {
    pub(super) const fn of(waits: Vec<Duration>) -> Self {
        Self(waits)
    }

    /// The longest wait after so many attempts (from 1); the last one repeats. The wait itself is drawn below it.
    pub fn after(&self, attempts: u32) -> Duration {
        let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        self.0.get(index).or(self.0.last()).copied().unwrap_or_default()
    }

    /// All waits, in order.
    pub fn waits(&self) -> &[Duration] {
        &self.0
    }
}

impl Outbox {
    /// `attempt` is the longest that an attempt at any partner may last.
    pub(super) fn read(from: &Section<'_>, attempt: Duration) -> Option<Self> {
        let schedule = from.durations("schedule").map(Schedule::of);
        let give_up = from.duration("give_up");
        let lease = from.duration("lease");
        let limit = from.count("limit", 1..=u32::MAX);
        let min_free_disk = from.size("min_free_disk");
        if lease.is_some_and(|lease| lease <= attempt) {
            let seconds = attempt.as_secs();
            from.wrong(
                "lease",
                format!("a lease outlasts an attempt: more than the {seconds} s of `connect` + `answer`"),
            );
        }
        Some(Self {
            schedule: schedule?,
            give_up: give_up?,
            lease: lease?,
            limit: limit?,
            min_free_disk: min_free_disk?,
        })
    }
}
