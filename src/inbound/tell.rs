//! In the worker: notify. What happened to its dossiers is told to each system that has a webhook: in order within a dossier,
//! side by side across them, until it is taken.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::Inbound;
use crate::notify::{Ended, Hook};
use crate::store::{EventRow, StoreError, Told};

/// The longest that a loop of a webhook sleeps before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

impl Inbound {
    /// Tells a system what is due, at most so many events; says how many were tried.
    pub async fn tell(&self, system: &str, limit: usize) -> Result<usize, StoreError> {
        let Some(hook) = self.parts.hooks.get(system) else {
            return Ok(0);
        };
        let due = self.parts.store.due_events(system, self.now(), limit).await?;
        let each = due.iter().map(|event| self.tell_one(hook, event));
        join_all(each).await.into_iter().collect::<Result<(), _>>()?;
        Ok(due.len())
    }

    /// How long nothing of this system is due.
    pub async fn quiet(&self, system: &str) -> Duration {
        match self.parts.store.event_wakes_at(system).await {
            Ok(Some(at)) => {
                let wait = u64::try_from(at.saturating_sub(self.now()).max(1)).unwrap_or(1);
                Duration::from_millis(wait).min(LOOK_AGAIN)
            }
            Ok(None) | Err(_) => LOOK_AGAIN,
        }
    }

    async fn tell_one(&self, hook: &Arc<Hook>, event: &EventRow) -> Result<(), StoreError> {
        let at = self.now();
        let ended = hook
            .tell(event.id, at, &event.body)
            .await
            .unwrap_or(Ended::Again {
                cause: "key-not-at-hand",
                after: None,
            });
        let how = match ended {
            Ended::Taken => Told::Taken {
                leaf: self.parts.recorder.told(
                    event.id,
                    &event.system,
                    &event.number,
                    self.now(),
                    event.tries.saturating_add(1),
                ),
            },
            Ended::Again { cause, after } => {
                tracing::warn!(
                    system.name = %event.system, event.id = %event.id, event.tries = event.tries, cause,
                    "a system did not take an event"
                );
                let wait = self.parts.schedule.wait(
                    event.tries.saturating_add(1),
                    self.parts.dice.fraction(),
                    after,
                );
                Told::Later(self.now().saturating_add(wait))
            }
        };
        let word = match &how {
            Told::Taken { .. } => "taken",
            Told::Later(_) => "again",
        };
        metrics::counter!("lienthong_events_told_total", "system" => event.system.clone(), "end" => word)
            .increment(1);
        self.parts.store.told(event.id, how).await
    }
}
