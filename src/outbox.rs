//! When a message that was not settled is tried again, and what an answer makes of it: rule 3, as pure functions.

use crate::model::{Ending, Operation, Owner, Phase};
use crate::store::NextMove;

/// The retry schedule, as a person can read it: waits in ms, the last one repeats.
#[derive(Clone, Debug)]
pub struct Schedule {
    waits: Vec<i64>,
}

impl Schedule {
    /// A schedule of these waits in ms; an empty one waits a minute.
    pub fn new(waits: Vec<i64>) -> Self {
        if waits.is_empty() {
            Self { waits: vec![60_000] }
        } else {
            Self { waits }
        }
    }

    /// The wait after the `attempts`-th attempt, with full jitter: any time from nothing to the written one.
    /// `chance` is in 0..1. What the partner asked for (`asked`, seconds) is never shortened.
    pub fn wait(&self, attempts: u32, chance: f64, asked: Option<u64>) -> i64 {
        let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let written = self.waits[place.min(self.waits.len() - 1)];
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "waits are far below 2^52 ms"
        )]
        let jittered = (written as f64 * chance) as i64;
        let asked = asked.map_or(0, |seconds| {
            i64::try_from(seconds)
                .unwrap_or(i64::MAX / 2_000)
                .saturating_mul(1_000)
        });
        jittered.max(asked)
    }
}

/// Where the exchange stood when the attempt ended.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// What was asked.
    pub operation: Operation,
    /// Send, or probe.
    pub phase: Phase,
    /// Attempts begun, this one included.
    pub attempts: u32,
    /// When the latest send began, ms since 1970.
    pub sent_at: i64,
    /// Now, ms since 1970.
    pub now: i64,
    /// Deadline of delivery, ms since 1970.
    pub give_up_at: i64,
    /// How long a call may still take effect after it was sent, ms.
    pub longest: i64,
    /// What the partner asked us to wait, in seconds, whatever else it said.
    pub asked: Option<u64>,
    /// Chance in 0..1, for the jitter.
    pub chance: f64,
}

/// What to write beside a parked step.
pub const LOOK: &str = "look at the portal, then `lienthong outbox release --as delivered|again`";
/// What to write beside a message whose time is over.
pub const OVERDUE: &str =
    "the partner did not take it before its deadline: find out why, then `lienthong outbox retry`";
/// What to write beside a message that the partner refused.
pub const CORRECT: &str = "correct the dossier in the provincial system and push it again";

/// Attempts after which a change of operation waits like any other retry: an answer that flips for ever is a fault.
const FLIPS_AT_ONCE: u32 = 6;

/// Rule 3: what happens next. Unclear is never read as failed or absent; nothing ends by count.
pub fn next_move(schedule: &Schedule, standing: &Standing, outcome: &Ending) -> NextMove {
    let Standing {
        operation,
        phase,
        now,
        ..
    } = *standing;
    let wait = |asked: Option<u64>| {
        now.saturating_add(schedule.wait(standing.attempts, standing.chance, asked.max(standing.asked)))
    };
    let flip = if standing.attempts < FLIPS_AT_ONCE {
        now
    } else {
        wait(None)
    };
    let wanted = match outcome {
        Ending::Accepted => NextMove::Delivered,
        Ending::Refused { owner } => NextMove::Refused {
            owner: *owner,
            action: CORRECT.to_owned(),
        },
        Ending::Exists => exists(operation, flip),
        Ending::Absent => absent(standing, flip, wait(None)),
        Ending::NotTaken { after, at_once } => {
            again(phase, operation, if *at_once { now } else { wait(*after) })
        }
        Ending::NotSent => again(phase, operation, wait(None)),
        Ending::Unclear => unclear(standing, wait(None)),
    };
    within(wanted, standing.give_up_at)
}

fn again(phase: Phase, operation: Operation, at: i64) -> NextMove {
    match phase {
        Phase::Send => NextMove::Again { operation, at },
        Phase::Probe => NextMove::Probe { at },
    }
}

fn exists(operation: Operation, at: i64) -> NextMove {
    match operation {
        Operation::Create | Operation::Update => NextMove::Again {
            operation: Operation::Update,
            at,
        },
        // Both are told so of what is there already.
        Operation::Register | Operation::Status => NextMove::Delivered,
        Operation::Progress => park(),
    }
}

/// "Absent" counts only once nothing that was sent can still take effect.
fn absent(standing: &Standing, flip: i64, wait: i64) -> NextMove {
    match (standing.phase, standing.operation) {
        (Phase::Send, Operation::Create | Operation::Update) => NextMove::Again {
            operation: Operation::Create,
            at: flip,
        },
        (
            Phase::Send | Phase::Probe,
            operation @ (Operation::Progress | Operation::Register | Operation::Status),
        ) => NextMove::Again { operation, at: wait },
        (Phase::Probe, Operation::Create | Operation::Update) => {
            let counts_from = standing.sent_at.saturating_add(standing.longest);
            if standing.now >= counts_from {
                NextMove::Again {
                    operation: Operation::Create,
                    at: standing.now,
                }
            } else {
                NextMove::Probe { at: counts_from }
            }
        }
    }
}

fn unclear(standing: &Standing, wait: i64) -> NextMove {
    match (standing.phase, standing.operation) {
        (Phase::Probe, _) => NextMove::Probe { at: wait },
        (Phase::Send, Operation::Create) => NextMove::Probe {
            at: if standing.asked.is_some() {
                wait
            } else {
                standing.now
            },
        },
        (Phase::Send, operation @ (Operation::Update | Operation::Register | Operation::Status)) => {
            NextMove::Again { operation, at: wait }
        }
        (Phase::Send, Operation::Progress) => park(),
    }
}

fn park() -> NextMove {
    NextMove::Park {
        owner: Owner::Operator,
        action: LOOK.to_owned(),
    }
}

/// Past its deadline a message is parked with an owner, never dropped.
fn within(wanted: NextMove, give_up_at: i64) -> NextMove {
    match wanted {
        NextMove::Again { at, .. } | NextMove::Probe { at } if at > give_up_at => NextMove::Park {
            owner: Owner::Operator,
            action: OVERDUE.to_owned(),
        },
        kept @ (NextMove::Again { .. }
        | NextMove::Probe { .. }
        | NextMove::Delivered
        | NextMove::Refused { .. }
        | NextMove::Park { .. }) => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDING: Standing = Standing {
        operation: Operation::Create,
        phase: Phase::Send,
        attempts: 1,
        sent_at: 1_000,
        now: 2_000,
        give_up_at: 1_000_000,
        longest: 120_000,
        asked: None,
        chance: 0.5,
    };

    fn schedule() -> Schedule {
        Schedule::new(vec![1_000, 4_000])
    }

    #[test]
    fn the_schedule_is_a_list_whose_last_wait_repeats_and_a_partner_is_never_shortened() {
        let schedule = schedule();
        assert_eq!(schedule.wait(1, 0.5, None), 500);
        assert_eq!(schedule.wait(2, 0.5, None), 2_000);
        assert_eq!(schedule.wait(900, 0.5, None), 2_000);
        assert_eq!(schedule.wait(1, 0.99, Some(7_200)), 7_200_000);
    }

    #[test]
    fn an_unclear_create_is_probed_an_unclear_update_is_sent_again_an_unclear_step_is_parked() {
        let next = |operation| {
            next_move(
                &schedule(),
                &Standing {
                    operation,
                    ..STANDING
                },
                &Ending::Unclear,
            )
        };
        assert_eq!(next(Operation::Create), NextMove::Probe { at: 2_000 });
        assert_eq!(
            next(Operation::Update),
            NextMove::Again {
                operation: Operation::Update,
                at: 2_500
            }
        );
        assert_eq!(next(Operation::Progress), park());
        for operation in [Operation::Register, Operation::Status] {
            let again = NextMove::Again { operation, at: 2_500 };
            assert_eq!(next(operation), again);
        }
    }

    #[test]
    fn absent_counts_only_after_the_longest_time_a_call_may_take() {
        let probe = Standing {
            phase: Phase::Probe,
            ..STANDING
        };
        assert_eq!(
            next_move(&schedule(), &probe, &Ending::Absent),
            NextMove::Probe { at: 121_000 }
        );
        let later = Standing {
            now: 121_000,
            ..probe
        };
        let create = NextMove::Again {
            operation: Operation::Create,
            at: 121_000,
        };
        assert_eq!(next_move(&schedule(), &later, &Ending::Absent), create);
    }

    #[test]
    fn a_failed_probe_is_not_absent() {
        let probe = Standing {
            phase: Phase::Probe,
            now: 500_000,
            ..STANDING
        };
        for outcome in [
            Ending::Unclear,
            Ending::NotSent,
            Ending::NotTaken {
                after: None,
                at_once: false,
            },
        ] {
            assert_eq!(
                next_move(&schedule(), &probe, &outcome),
                NextMove::Probe { at: 500_500 }
            );
        }
    }

    #[test]
    fn what_exists_is_said_as_an_update_and_what_is_unknown_as_a_creation() {
        let update = NextMove::Again {
            operation: Operation::Update,
            at: 2_000,
        };
        assert_eq!(next_move(&schedule(), &STANDING, &Ending::Exists), update);
        let unknown = Standing {
            operation: Operation::Update,
            ..STANDING
        };
        let create = NextMove::Again {
            operation: Operation::Create,
            at: 2_000,
        };
        assert_eq!(next_move(&schedule(), &unknown, &Ending::Absent), create);
    }

    #[test]
    fn past_its_deadline_a_message_is_parked_and_never_by_count() {
        let late = Standing {
            give_up_at: 2_100,
            ..STANDING
        };
        let parked = NextMove::Park {
            owner: Owner::Operator,
            action: OVERDUE.to_owned(),
        };
        assert_eq!(next_move(&schedule(), &late, &Ending::NotSent), parked);
        let many = Standing {
            attempts: 100_000,
            ..STANDING
        };
        assert!(matches!(
            next_move(&schedule(), &many, &Ending::NotSent),
            NextMove::Again { .. }
        ));
    }
}
