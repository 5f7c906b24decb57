//! What was heard of a call, and what comes next: unclear is never read as failed. An `init` whose fate nobody knows is asked after,
//! and begun again only in the same bytes under the same reference; what a question brings is received as a confirmation is.

use std::sync::Arc;

use wire::callback::Callback;
use wire::media;

use super::Payments;
use crate::deliver;
use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::model::{Ending, Owner};
use crate::outbox::Schedule;
use crate::partner::Heard;
use crate::registry;
use crate::store::{
    DueOrder, Heard as Reply, PayMove, PayPhase, PayState, Paying, Receipt, Received, Renewal, StoreError,
};

/// The media types of a fee receipt.
const PDF: &str = "application/pdf";
const JSON: &str = "application/json";

/// What was heard of a call.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Where to pay.
    Page(String),
    /// What a confirmation would say; it has been received, and the order stands as that left it.
    Received,
    /// The platform does not know yet.
    Pending,
    /// The fee receipt, and its media type.
    Receipt(&'static str, Vec<u8>),
    /// The platform says no.
    Refused,
    /// It did not take it: the same again, at once or not before so many seconds.
    NotTaken { after: Option<u64>, at_once: bool },
    /// Nothing left.
    NotSent,
    /// Nobody can tell.
    Unclear,
    /// As it is configured here, it cannot be asked.
    Unframed,
}

impl Said {
    pub(super) fn is_unclear(&self) -> bool {
        *self == Self::Unclear
    }
}

/// Where an order stood when a call for it ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) state: PayState,
    pub(super) phase: PayPhase,
    /// Calls of this phase, this one included.
    pub(super) tries: u32,
    pub(super) doubtful: bool,
    pub(super) since: i64,
    pub(super) now: i64,
    /// In 0..1, for the jitter.
    pub(super) chance: f64,
}

/// How long and how often is asked.
#[derive(Clone, Copy)]
pub(super) struct Pace<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) asking: &'a [i64],
    pub(super) give_up: i64,
}

impl Pace<'_> {
    /// When the same is tried again that nobody answered.
    fn again(&self, standing: &Standing, after: Option<u64>) -> i64 {
        let wait = self.schedule.wait(standing.tries, standing.chance, after);
        standing.now.saturating_add(wait)
    }

    /// When it is asked how a payment stands that was asked after so often.
    fn ask(&self, standing: &Standing, asked: u32) -> i64 {
        let place = usize::try_from(asked).unwrap_or(usize::MAX);
        let wait = self.asking.get(place).or(self.asking.last()).copied();
        standing.now.saturating_add(wait.unwrap_or(60_000))
    }
}

/// What comes next.
pub(super) fn next(pace: Pace<'_>, standing: &Standing, said: Said) -> PayMove {
    let wanted = match standing.phase {
        PayPhase::Init => begun(pace, standing, said),
        PayPhase::Query => asked(pace, standing, said),
        PayPhase::Bill => billed(pace, standing, said),
    };
    within(pace, standing, wanted)
}

fn begun(pace: Pace<'_>, standing: &Standing, said: Said) -> PayMove {
    let again = |phase, after| PayMove::Again {
        phase,
        at: pace.again(standing, after),
    };
    match said {
        Said::Page(page) => PayMove::Open {
            page,
            at: pace.ask(standing, 0),
        },
        // One of them may have arrived before.
        Said::Refused | Said::Unframed if standing.doubtful => again(PayPhase::Query, None),
        Said::Refused => PayMove::Failed {
            owner: Owner::Operator,
            action: "the platform does not take it: see its code, correct what it names, then begin another payment".to_owned(),
        },
        Said::Unframed => PayMove::Failed {
            owner: Owner::Gateway,
            action: "it cannot be sent: see the cause, correct mapping or configuration, then begin another payment".to_owned(),
        },
        Said::NotTaken { at_once: true, .. } if standing.tries < 3 => PayMove::Again {
            phase: PayPhase::Init,
            at: standing.now,
        },
        Said::NotTaken { after, .. } => again(PayPhase::Init, after),
        Said::NotSent => again(PayPhase::Init, None),
        Said::Unclear | Said::Pending | Said::Received | Said::Receipt(..) => again(PayPhase::Query, None),
    }
}

fn asked(pace: Pace<'_>, standing: &Standing, said: Said) -> PayMove {
    let again = |phase, at| PayMove::Again { phase, at };
    let unpaged = standing.state == PayState::Asked;
    match said {
        Said::Received => PayMove::Stands,
        // It is not paid, and nobody knows where to pay it: the same bytes again under the same reference are the same payment.
        Said::Pending | Said::Refused | Said::Unframed | Said::Page(_) | Said::Receipt(..) if unpaged => {
            again(PayPhase::Init, pace.again(standing, None))
        }
        Said::Pending | Said::Refused | Said::Unframed | Said::Page(_) | Said::Receipt(..) => {
            again(PayPhase::Query, pace.ask(standing, standing.tries))
        }
        Said::NotTaken { at_once: true, .. } if standing.tries < 3 => again(PayPhase::Query, standing.now),
        Said::NotTaken { after, .. } => again(PayPhase::Query, pace.again(standing, after)),
        Said::NotSent | Said::Unclear => again(PayPhase::Query, pace.again(standing, None)),
    }
}

fn billed(pace: Pace<'_>, standing: &Standing, said: Said) -> PayMove {
    let again = |at| PayMove::Again {
        phase: PayPhase::Bill,
        at,
    };
    match said {
        Said::Receipt(media, bytes) => PayMove::Receipt { media, bytes },
        Said::Unframed => unbilled(),
        Said::NotTaken { at_once: true, .. } if standing.tries < 3 => again(standing.now),
        Said::NotTaken { after, .. } => again(pace.again(standing, after)),
        // It may be made a while after the payment.
        Said::Refused | Said::Pending | Said::Received | Said::Page(_) => {
            again(pace.ask(standing, standing.tries))
        }
        Said::NotSent | Said::Unclear => again(pace.again(standing, None)),
    }
}

fn unbilled() -> PayMove {
    PayMove::NoReceipt {
        owner: Owner::Operator,
        action: "it is paid, and the platform gives no fee receipt: get it there by hand".to_owned(),
    }
}

/// Whatever waits longer than that waits for a person; the last question is put when the time is over.
fn within(pace: Pace<'_>, standing: &Standing, wanted: PayMove) -> PayMove {
    let over = standing.since.saturating_add(pace.give_up);
    match wanted {
        PayMove::Again {
            phase: PayPhase::Bill,
            ..
        } if standing.now >= over => unbilled(),
        PayMove::Again { .. } if standing.now >= over => PayMove::Park {
            owner: Owner::Operator,
            action: "nobody knows whether it was paid: ask the platform; what it confirms later still counts"
                .to_owned(),
        },
        PayMove::Again { phase, at } => PayMove::Again {
            phase,
            at: at.min(over),
        },
        kept @ (PayMove::Open { .. }
        | PayMove::Failed { .. }
        | PayMove::Park { .. }
        | PayMove::Receipt { .. }
        | PayMove::NoReceipt { .. }
        | PayMove::Stands) => kept,
    }
}

impl Payments {
    /// What an answer says of an order.
    pub(super) async fn said(&self, due: &DueOrder, heard: &Heard) -> Result<Said, StoreError> {
        let result = match heard {
            Heard::Answer { reading, .. } => reading.result.as_deref(),
            Heard::Nothing(_) => None,
        };
        match deliver::outcome(heard, false) {
            Ending::Accepted | Ending::Exists => self.brought(due, result.unwrap_or_default()).await,
            Ending::Refused { .. } | Ending::Absent => Ok(Said::Refused),
            Ending::NotTaken { after, at_once } => Ok(Said::NotTaken { after, at_once }),
            Ending::NotSent => Ok(Said::NotSent),
            Ending::Unclear => Ok(Said::Unclear),
        }
    }

    async fn brought(&self, due: &DueOrder, result: &[u8]) -> Result<Said, StoreError> {
        let wire = self.parts.partner.wire();
        match due.phase {
            PayPhase::Init => Ok(registry::page(wire, result).map_or(Said::Unclear, Said::Page)),
            PayPhase::Bill => Ok(Said::Receipt(
                if media::of(result) == PDF { PDF } else { JSON },
                result.to_vec(),
            )),
            PayPhase::Query => match registry::standing(wire, result) {
                Ok(None) => Ok(Said::Pending),
                Ok(Some(callback)) if callback.reference.as_deref() == Some(due.reference.as_str()) => {
                    self.receive(due, callback).await
                }
                // It is about another payment, or cannot be what it should be.
                Ok(Some(_)) | Err(_) => {
                    tracing::error!(payment.id = %due.id, "what a platform says of a payment is not believed");
                    Ok(Said::Unclear)
                }
            },
        }
    }

    /// Receives what a question brought exactly as if the platform had sent it by itself.
    async fn receive(&self, due: &DueOrder, callback: Callback) -> Result<Said, StoreError> {
        let (at, salt) = (self.now(), self.salt());
        let id = self.id(at);
        let money = callback.money.as_ref();
        let paying = Paying {
            reference: due.reference.clone(),
            amount: money.map(|money| money.amount),
            paid: money.is_some_and(|money| money.paid),
            transaction: money.and_then(|money| money.transaction.clone()),
        };
        let commit = commitment(&salt, &callback.document);
        let (recorder, listener) = (self.parts.recorder.clone(), self.parts.listener.clone());
        let kind = callback.kind;
        let receipt = Receipt {
            id,
            listener: listener.clone(),
            kind,
            key: callback.key,
            digest: hash::digest(&[&callback.document]),
            document: callback.document,
            papers: Vec::new(),
            at,
            said_at: callback.at,
            updating: false,
            renewal: Renewal::Never,
            files: false,
            series: None,
            number: Some(due.number.clone()),
            system: None,
            order: Some(paying),
            sought: true,
            salt,
            telling: Arc::new(move |end, number| {
                let leaf = recorder.received((id, number, &listener, kind), at, end.word(), commit);
                // Nobody sent it, so nobody hears a reply.
                let reply = Reply {
                    status: 200,
                    media: JSON.to_owned(),
                    body: Vec::new(),
                };
                (reply, leaf)
            }),
        };
        let reception = self.parts.store.receive(receipt).await?;
        self.parts.received.notify_one();
        Ok(match reception.end {
            Some(Received::Taken | Received::Parked | Received::Differs) => Said::Received,
            Some(Received::Conflict | Received::Closed | Received::Known | Received::Twice) | None => {
                Said::Pending
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    fn standing(state: PayState, phase: PayPhase) -> Standing {
        Standing {
            state,
            phase,
            tries: 1,
            doubtful: false,
            since: 0,
            now: 1_000,
            chance: 1.0,
        }
    }

    fn turned(standing: &Standing, said: Said) -> PayMove {
        let schedule = Schedule::new(vec![1_000, 5_000]);
        let pace = Pace {
            schedule: &schedule,
            asking: &[HOUR / 2, HOUR, 2 * HOUR],
            give_up: 3 * DAY,
        };
        next(pace, standing, said)
    }

    fn again(phase: PayPhase, at: i64) -> PayMove {
        PayMove::Again { phase, at }
    }

    #[test]
    fn an_answer_that_was_lost_is_asked_after_and_never_read_as_a_failure() {
        let first = standing(PayState::Asked, PayPhase::Init);
        assert_eq!(turned(&first, Said::Unclear), again(PayPhase::Query, 2_000));
        // The platform has it, or does not: the same bytes again, which say where to pay.
        let asked = Standing {
            doubtful: true,
            ..standing(PayState::Asked, PayPhase::Query)
        };
        assert_eq!(turned(&asked, Said::Pending), again(PayPhase::Init, 2_000));
        assert_eq!(turned(&asked, Said::Refused), again(PayPhase::Init, 2_000));
        // That the second one is refused says nothing of the first.
        let second = Standing {
            doubtful: true,
            ..first
        };
        assert_eq!(turned(&second, Said::Refused), again(PayPhase::Query, 2_000));
        assert!(matches!(turned(&first, Said::Refused), PayMove::Failed { .. }));
        assert_eq!(turned(&first, Said::NotSent), again(PayPhase::Init, 2_000));
    }

    #[test]
    fn a_payment_is_asked_after_in_growing_waits_until_a_person_is_asked() {
        let begun = turned(
            &standing(PayState::Asked, PayPhase::Init),
            Said::Page("https://x".into()),
        );
        let open = PayMove::Open {
            page: "https://x".into(),
            at: 1_000 + HOUR / 2,
        };
        assert_eq!(begun, open);
        let asked = |tries, now| {
            let standing = Standing {
                tries,
                now,
                ..standing(PayState::Open, PayPhase::Query)
            };
            turned(&standing, Said::Pending)
        };
        assert_eq!(asked(1, 0), again(PayPhase::Query, HOUR));
        assert_eq!(asked(2, 0), again(PayPhase::Query, 2 * HOUR));
        assert_eq!(asked(9, 0), again(PayPhase::Query, 2 * HOUR));
        // The last question is put when the time is over, and then a person is asked.
        assert_eq!(asked(9, 3 * DAY - 1), again(PayPhase::Query, 3 * DAY));
        assert!(matches!(
            asked(9, 3 * DAY),
            PayMove::Park {
                owner: Owner::Operator,
                ..
            }
        ));
    }

    #[test]
    fn a_fee_receipt_that_does_not_come_leaves_the_payment_paid() {
        let bill = standing(PayState::Paid, PayPhase::Bill);
        assert_eq!(
            turned(&bill, Said::Receipt(PDF, vec![1])),
            PayMove::Receipt {
                media: PDF,
                bytes: vec![1],
            }
        );
        assert_eq!(turned(&bill, Said::Unclear), again(PayPhase::Bill, 2_000));
        let late = Standing { now: 3 * DAY, ..bill };
        assert!(matches!(turned(&late, Said::Refused), PayMove::NoReceipt { .. }));
        assert!(matches!(turned(&bill, Said::Unframed), PayMove::NoReceipt { .. }));
    }

    #[test]
    fn a_session_that_is_refused_for_ever_is_not_opened_without_a_pause() {
        let refused = |tries| {
            let standing = Standing {
                tries,
                ..standing(PayState::Asked, PayPhase::Init)
            };
            let said = Said::NotTaken {
                after: None,
                at_once: true,
            };
            turned(&standing, said)
        };
        assert_eq!(refused(1), again(PayPhase::Init, 1_000));
        assert_eq!(refused(3), again(PayPhase::Init, 6_000));
    }
}
