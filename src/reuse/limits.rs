//! How fast may be asked, by the whole province. What may be asked for one dossier, and by one officer in an hour and in a
//! day, the store counts where it keeps the record, so that no restart forgives anything.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::store::Bounds;

/// The limits, as they stand.
pub struct Limits {
    province: DefaultDirectRateLimiter,
    bounds: Bounds,
}

impl Limits {
    /// Limits of which nothing is used yet: calls of the province in a second, and what the store counts.
    pub fn new(per_second: NonZeroU32, bounds: Bounds) -> Self {
        Self {
            province: RateLimiter::direct(Quota::per_second(per_second)),
            bounds,
        }
    }

    /// What the store counts.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Waits for the province's turn, at most so long; false when it did not come.
    pub async fn turn(&self, most: Duration) -> bool {
        tokio::time::timeout(most, self.province.until_ready())
            .await
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_province_has_one_pace() {
        let bounds = Bounds {
            subjects: 5,
            calls: 20,
            hour: 60,
            day: 300,
        };
        let limits = Limits::new(NonZeroU32::new(2).unwrap(), bounds);
        let none = Duration::ZERO;
        assert!(limits.turn(none).await && limits.turn(none).await);
        assert!(!limits.turn(none).await);
    }
}
