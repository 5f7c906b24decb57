//! In the worker, at the platform's pace: one call for one order, on record before it leaves, and what was heard of it.

use wire::Call;

use super::Payments;
use super::heard::{Said, Standing, next};
use super::record::About;
use crate::deliver;
use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::model::Ending;
use crate::partner::{Heard, Session};
use crate::registry;
use crate::store::{DueOrder, PayCall, PayEnd, PayMove, PayPhase, StoreError};

/// How a call ended, or why none was made.
pub(super) struct Ended {
    pub(super) said: Said,
    pub(super) cause: String,
    pub(super) status: Option<u16>,
    /// Which call it was; none when none was begun.
    pub(super) call: Option<u32>,
}

impl Ended {
    fn uncalled(said: Said, cause: impl Into<String>) -> Self {
        Self {
            said,
            cause: cause.into(),
            status: None,
            call: None,
        }
    }
}

impl Payments {
    /// Asks the platform what is due for one order, and records what that came to. An error leaves the order to be taken up again.
    pub async fn turn(&self, due: DueOrder) -> Result<(), StoreError> {
        let ended = match self.called(&due).await {
            // It was turned while it was in hand, as by a confirmation.
            Err(StoreError::LostLease) => return Ok(()),
            ended => ended?,
        };
        self.end(&due, ended).await?;
        self.turned.notify_waiters();
        Ok(())
    }

    async fn called(&self, due: &DueOrder) -> Result<Ended, StoreError> {
        let partner = &self.parts.partner;
        if due.payload.is_empty() {
            return Ok(Ended::uncalled(Said::Unframed, "payload-unreadable"));
        }
        if due.broken && due.phase == PayPhase::Init {
            return Ok(Ended::uncalled(Said::Unclear, "broke-off"));
        }
        let Some(operation) = partner.operation(due.phase.word()) else {
            return Ok(Ended::uncalled(Said::Unframed, "not-framed"));
        };
        let began = self.now();
        let session = match partner.session().await {
            Ok(session) => session,
            Err(why) => return Ok(Ended::uncalled(Said::NotSent, deliver::unopened(&why))),
        };
        let asking = registry::asking(partner.wire(), &due.payload).unwrap_or_default();
        let arguments: Vec<(&str, &str)> = asking
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let is_init = due.phase == PayPhase::Init;
        let call = Call {
            operation: operation.name,
            session: session.as_ref().map(Session::id),
            payload: if is_init { &due.payload } else { &[] },
            arguments: if is_init { &[] } else { &arguments },
            ..Call::default()
        };
        let request = match partner.frame(&call) {
            Ok(request) => request,
            Err(malformed) => return Ok(Ended::uncalled(Said::Unframed, malformed.to_string())),
        };
        let number = self.begun(due, hash::digest(&[&request.body])).await?;
        let heard = partner.send(operation.name, &request).await;
        if let (Ending::NotTaken { at_once: true, .. }, Some(session)) =
            (deliver::outcome(&heard, false), &session)
        {
            partner.forget(session, began).await;
        }
        let said = self.said(due, &heard).await?;
        metrics::counter!("lienthong_payment_calls_total", "phase" => due.phase.word(), "verdict" => deliver::verdict(&heard))
            .increment(1);
        Ok(Ended {
            said,
            cause: deliver::cause(&heard),
            status: match &heard {
                Heard::Answer { response, .. } => Some(response.status),
                Heard::Nothing(_) => None,
            },
            call: Some(number),
        })
    }

    /// Records that a call begins; gives its number.
    async fn begun(&self, due: &DueOrder, digest: [u8; 32]) -> Result<u32, StoreError> {
        let (at, call) = (self.now(), due.calls.saturating_add(1));
        let commit = commitment(&due.salt, &digest);
        let leaf = self.parts.recorder.called(self.about(due), at, call, commit);
        let begun = PayCall {
            id: due.id,
            fence: due.fence,
            call,
            phase: due.phase,
            at,
            digest,
            leaf,
        };
        self.parts.store.pay_call(begun).await?;
        Ok(call)
    }

    async fn end(&self, due: &DueOrder, ended: Ended) -> Result<(), StoreError> {
        let now = self.now();
        let Ended {
            said,
            cause,
            status,
            call,
        } = ended;
        let standing = Standing {
            state: due.state,
            phase: due.phase,
            tries: due.tries.saturating_add(1),
            doubtful: due.doubtful,
            since: due.since,
            now,
            chance: self.parts.dice.fraction(),
        };
        let doubtful = due.phase == PayPhase::Init && said.is_unclear();
        let next = next(self.pace(), &standing, said);
        let commit = match &next {
            PayMove::Receipt { bytes, .. } => Some(commitment(&due.salt, bytes)),
            PayMove::Open { .. }
            | PayMove::Again { .. }
            | PayMove::Failed { .. }
            | PayMove::Park { .. }
            | PayMove::NoReceipt { .. }
            | PayMove::Stands => None,
        };
        let recorder = &self.parts.recorder;
        let leaf = recorder.ended(self.about(due), now, (call, &cause, next.word()), commit);
        tracing::debug!(payment.id = %due.id, payment.phase = due.phase.word(), cause, next = next.word(), "a call for a payment ended");
        let end = PayEnd {
            id: due.id,
            fence: due.fence,
            call,
            at: now,
            status,
            cause,
            doubtful,
            next,
            leaf,
        };
        self.parts.store.pay_end(end).await
    }

    pub(super) fn about<'a>(&'a self, due: &'a DueOrder) -> About<'a> {
        About {
            payment: due.id,
            number: &due.number,
            partner: self.parts.partner.name(),
            phase: due.phase,
        }
    }
}
