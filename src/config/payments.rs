use std::time::Duration;

use super::outbox::Schedule;
use super::section::Section;

/// Payments that begin here.
#[derive(Clone, Debug)]
pub struct Payments {
    /// The platform, where one is named; without it no payment begins.
    pub platform: Option<Platform>,
    /// How long a request waits for where to pay.
    pub wait: Duration,
    /// How long to wait after each call that was not answered.
    pub schedule: Schedule,
    /// How long to wait before each question how a payment stands.
    pub asking: Schedule,
    /// After this long a payment that nobody knows the end of waits for a person.
    pub give_up: Duration,
}

/// Through whom payments begin.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The partner that is asked.
    pub partner: String,
    /// The listener to whom its confirmations come.
    pub callbacks: String,
}

impl Payments {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let platform = match (from.maybe_text("partner"), from.maybe_text("callbacks")) {
            (Some(partner), Some(callbacks)) => Some(Platform { partner, callbacks }),
            (None, None) => None,
            (Some(_), None) => {
                from.wrong(
                    "partner",
                    "a platform needs its `callbacks`: what it says of a payment is received there",
                );
                None
            }
            (None, Some(_)) => {
                from.wrong(
                    "callbacks",
                    "payments need their `partner`: the platform that begins them",
                );
                None
            }
        };
        let wait = from.duration("wait");
        let schedule = from.durations("schedule").map(Schedule::of);
        let asking = from.durations("asking").map(Schedule::of);
        let give_up = from.duration("give_up");
        Some(Self {
            platform,
            wait: wait?,
            schedule: schedule?,
            asking: asking?,
            give_up: give_up?,
        })
    }
}
