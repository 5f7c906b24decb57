//! In the worker, at the partner's pace: render what is not rendered, attempt, send, settle.

use wire::Call;

use super::prepare::untranslated;
use super::record::{About, Ended, commit};
use super::{Error, Outbound};
use crate::deliver;
use crate::evidence::hash;
use crate::evidence::leaf::Kind;
use crate::model::{Ending, ExchangeId, Owner, Phase, Release};
use crate::outbox::{self, Standing};
use crate::partner::{Heard, NoSession, Partner, Session};
use crate::store::{Attempt, Handling, Leased, NextMove, Rendered, Settlement};

/// The operation that asks the portal what it knows.
pub(super) const LOOKUP: &str = "lookup";
/// The argument that names the dossier, in the portal's spelling.
pub(super) const NUMBER: &str = "mahoso";

/// What an operator asks of a parked exchange.
#[derive(Clone, Debug)]
pub struct Hand {
    /// The exchange.
    pub exchange: ExchangeId,
    /// None is `retry`.
    pub release: Option<Release>,
    /// Why.
    pub reason: String,
    /// Whose hand, where a person of the console laid it.
    pub account: Option<String>,
}

/// A message in a worker's hand, and what it takes to settle it.
struct InHand<'a> {
    leased: &'a Leased,
    partner: &'a Partner,
    message: Rendered,
    attempt: u32,
}

impl Outbound {
    /// Sends one leased message and settles it. An error leaves the lease to end by itself.
    pub async fn dispatch(&self, partner: &Partner, leased: Leased) -> Result<(), Error> {
        let (message, fresh) = match self.rendered(partner, &leased).await? {
            Ok(found) => found,
            Err(cause) => return self.stop(partner, &leased, cause).await,
        };
        let attempt = leased.attempts.saturating_add(1);
        let hand = InHand {
            leased: &leased,
            partner,
            message,
            attempt,
        };
        let began = self.now();
        let session = match partner.session().await {
            Ok(session) => session,
            Err(why) => return self.unopened(&hand, &why).await,
        };
        let arguments = [(NUMBER, leased.number.as_str())];
        let request = match partner.frame(&call(&hand, session.as_ref(), &arguments)) {
            Ok(request) => request,
            Err(malformed) => return self.stop(partner, &leased, &malformed.to_string()).await,
        };
        let at = self.now();
        self.begin(&hand, at, hash::digest(&[&request.body]), fresh)
            .await?;
        let heard = partner.send(asked(&leased), &request).await;
        let outcome = self.outcome(&hand, &heard, session.as_ref(), began).await;
        let sent_at = match leased.phase {
            Phase::Send => at,
            Phase::Probe => leased.sent_at.unwrap_or(at),
        };
        self.end(&hand, &heard, &outcome, sent_at).await
    }

    /// The message, and whether it was rendered just now: steps are fixed at their first lease.
    ///
    /// The outer error leaves it to another attempt: its key is not at hand.
    async fn rendered(
        &self,
        partner: &Partner,
        leased: &Leased,
    ) -> Result<Result<(Rendered, bool), &'static str>, Error> {
        if let Some(rendered) = &leased.rendered {
            if rendered.payload.is_empty() {
                return Ok(Err("message-unreadable"));
            }
            return Ok(Ok((rendered.clone(), false)));
        }
        let destination = self.destination(partner.name())?;
        let steps = self
            .parts
            .translator
            .steps(&destination.progress, &leased.number, &leased.steps);
        let written = match steps {
            Ok(written) => written,
            Err(why) => return Ok(Err(untranslated(&why))),
        };
        let rendered = self.seal(destination, written).await?;
        Ok(rendered.map(|rendered| (rendered, true)))
    }

    async fn begin(&self, hand: &InHand<'_>, at: i64, digest: [u8; 32], fresh: bool) -> Result<(), Error> {
        let kind = match hand.leased.phase {
            Phase::Send => Kind::Attempted,
            Phase::Probe => Kind::Probed,
        };
        let committed = commit(&hand.message.salt, &digest);
        let leaf = self
            .parts
            .recorder
            .attempted(kind, hand.about(), at, hand.attempt, committed);
        let attempt = Attempt {
            exchange: hand.leased.id,
            fence: hand.leased.fence,
            phase: hand.leased.phase,
            operation: hand.leased.operation,
            at,
            digest,
            rendered: fresh.then(|| hand.message.clone()),
            leaf,
        };
        Ok(self.parts.store.attempt(attempt).await?)
    }

    /// What was heard, in the outbox's words; a session that is no longer taken is forgotten.
    async fn outcome(
        &self,
        hand: &InHand<'_>,
        heard: &Heard,
        session: Option<&Session>,
        began: i64,
    ) -> Ending {
        let outcome = deliver::outcome(heard, false);
        let refused = matches!(outcome, Ending::NotTaken { at_once: true, .. });
        match session.filter(|_| refused) {
            None => outcome,
            Some(session) => deliver::outcome(heard, !hand.partner.forget(session, began).await),
        }
    }

    async fn end(
        &self,
        hand: &InHand<'_>,
        heard: &Heard,
        outcome: &Ending,
        sent_at: i64,
    ) -> Result<(), Error> {
        let next = outbox::next_move(
            &self.parts.schedule,
            &Standing {
                asked: deliver::asked(heard),
                ..self.standing(hand, sent_at)
            },
            outcome,
        );
        let (status, answer) = match heard {
            Heard::Answer { response, .. } => (Some(response.status), response.body.clone()),
            Heard::Nothing(_) => (None, Vec::new()),
        };
        let turn = Turn {
            verdict: deliver::verdict(heard),
            cause: deliver::cause(heard),
            words: deliver::words(heard),
            next,
        };
        self.settle(hand, turn, status, answer).await
    }

    fn standing(&self, hand: &InHand<'_>, sent_at: i64) -> Standing {
        Standing {
            operation: hand.leased.operation,
            phase: hand.leased.phase,
            attempts: hand.attempt,
            sent_at,
            now: self.now(),
            give_up_at: hand.leased.give_up_at,
            longest: hand.partner.longest(),
            asked: None,
            chance: self.parts.dice.fraction(),
        }
    }

    /// No session: nothing of the message left, and no attempt was made.
    async fn unopened(&self, hand: &InHand<'_>, why: &NoSession) -> Result<(), Error> {
        let outcome = Ending::NotSent;
        let sent_at = hand.leased.sent_at.unwrap_or_else(|| self.now());
        let next = outbox::next_move(&self.parts.schedule, &self.standing(hand, sent_at), &outcome);
        tracing::warn!(partner.name = hand.partner.name(), cause = %why, "no session");
        let cause = deliver::unopened(why);
        let turn = Turn {
            verdict: "not-sent",
            words: cause.clone(),
            cause,
            next,
        };
        self.settle(hand, turn, None, Vec::new()).await
    }

    /// A message that cannot be made or framed is the gateway's own fault: it stands until its operator acts.
    async fn stop(&self, partner: &Partner, leased: &Leased, cause: &str) -> Result<(), Error> {
        let action = "the message cannot be made: see the cause, correct mapping or configuration, then `lienthong outbox retry`";
        let next = NextMove::Park {
            owner: Owner::Gateway,
            action: action.to_owned(),
        };
        let message = Rendered {
            payload: Vec::new(),
            signature: None,
            salt: self.salt(),
            mapping: String::new(),
        };
        let hand = InHand {
            leased,
            partner,
            message,
            attempt: leased.attempts,
        };
        let turn = Turn {
            verdict: "not-sent",
            cause: cause.to_owned(),
            words: cause.to_owned(),
            next,
        };
        self.settle(&hand, turn, None, Vec::new()).await
    }

    async fn settle(
        &self,
        hand: &InHand<'_>,
        turn: Turn,
        status: Option<u16>,
        answer: Vec<u8>,
    ) -> Result<(), Error> {
        let at = self.now();
        let ended = Ended {
            attempt: hand.attempt,
            verdict: turn.verdict,
            cause: &turn.cause,
            next: &turn.next,
            commit: status.map(|_| commit(&hand.message.salt, &answer)),
        };
        let leaf = self.parts.recorder.settled(hand.about(), at, &ended);
        tracing::debug!(
            exchange.id = %hand.leased.id, partner.name = hand.partner.name(), attempt.verdict = turn.verdict,
            attempt.cause = turn.cause, "an attempt ended"
        );
        metrics::counter!("lienthong_attempts_total", "partner" => hand.partner.name().to_owned(), "verdict" => turn.verdict)
            .increment(1);
        let settlement = Settlement {
            exchange: hand.leased.id,
            fence: hand.leased.fence,
            at,
            status,
            answer,
            verdict: turn.verdict,
            cause: turn.words,
            next: turn.next,
            leaf,
        };
        Ok(self.parts.store.settle(settlement).await?)
    }

    /// An operator's hand on a parked or waiting exchange. False when it is not there or not to be handled so.
    pub async fn handle(&self, hand: Hand) -> Result<bool, Error> {
        let Some(row) = self.parts.store.exchange(hand.exchange).await? else {
            return Ok(false);
        };
        let at = self.now();
        let about = About {
            exchange: row.exchange,
            number: &row.dossier,
            subject: None,
            partner: &row.partner,
            operation: row.operation,
        };
        let (kind, says) = match hand.release {
            None => (Kind::Reopened, "retry"),
            Some(Release::Again) => (Kind::Released, "again"),
            Some(Release::Delivered) => (Kind::Released, "delivered"),
        };
        let leaf = self.parts.recorder.handled(kind, about, at, says);
        let account = hand.account.as_deref().map(|name| self.account(name));
        let leaf = match account {
            Some(account) => leaf.fact("by", account.to_string()),
            None => leaf,
        };
        let handling = Handling {
            exchange: hand.exchange,
            release: hand.release,
            reason: hand.reason,
            account,
            at,
            leaf,
        };
        let handled = self.parts.store.handle(handling).await?;
        let queued = self.queue(&row.partner);
        queued
            .ok_or_else(|| Error::Partner(row.partner.clone()))?
            .notify_one();
        // A message that could not be made is prepared anew.
        self.accepted.notify_one();
        Ok(handled)
    }
}

/// How an attempt turned out.
struct Turn {
    verdict: &'static str,
    /// For the log: about nobody.
    cause: String,
    /// For the operator: the partner's words too.
    words: String,
    next: NextMove,
}

impl<'a> InHand<'a> {
    fn about(&self) -> About<'a> {
        About {
            exchange: self.leased.id,
            number: &self.leased.number,
            subject: self.leased.subject,
            partner: self.partner.name(),
            operation: self.leased.operation,
        }
    }
}

fn asked(leased: &Leased) -> &'static str {
    match leased.phase {
        Phase::Probe => LOOKUP,
        Phase::Send => leased.operation.word(),
    }
}

fn call<'a>(
    hand: &'a InHand<'_>,
    session: Option<&'a Session>,
    number: &'a [(&'a str, &'a str)],
) -> Call<'a> {
    let plain = Call {
        operation: asked(hand.leased),
        session: session.map(Session::id),
        ..Call::default()
    };
    match hand.leased.phase {
        Phase::Probe => Call {
            arguments: number,
            ..plain
        },
        Phase::Send => Call {
            payload: &hand.message.payload,
            signature: hand.message.signature.as_deref(),
            ..plain
        },
    }
}
