//! The short retries inside the process: the waits between tries to *reach* a partner, before anything was sent.
//!
//! The only file that names `backoff`. That crate is unmaintained (RUSTSEC-2025-0012, and RUSTSEC-2024-0384 through
//! it): we use its interval maths and nothing else, so that another crate or twenty lines can take its place here.
//! Retries that outlive the process are not here: they follow the outbox's written schedule.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff;

/// Waits between short tries: from 50 ms, doubling, randomised by half, until `most` tries were made.
pub(super) struct Waits {
    inner: ExponentialBackoff,
    left: u32,
}

impl Waits {
    /// Waits for at most `most` further tries.
    pub(super) fn new(most: u32) -> Self {
        let inner = ExponentialBackoff {
            current_interval: Duration::from_millis(50),
            initial_interval: Duration::from_millis(50),
            multiplier: 2.0,
            randomization_factor: 0.5,
            max_interval: Duration::from_secs(1),
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        Self { inner, left: most }
    }
}

impl Iterator for Waits {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        self.inner.next_backoff()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<_> = Waits::new(3).collect();
        assert_eq!(waits.len(), 3);
        assert!(waits[0] >= Duration::from_millis(25) && waits[0] <= Duration::from_millis(75));
        assert!(waits[2] >= Duration::from_millis(100) && waits[2] <= Duration::from_millis(300));
    }
}
