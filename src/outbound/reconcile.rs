//! What a partner knows of a dossier, held against our books.

use wire::Call;

use super::Outbound;
use super::dispatch::{LOOKUP, NUMBER};
use crate::deliver;
use crate::model::{Ending, Operation, State};
use crate::partner::{Gate, NoSession, Partner, Session};
use crate::store::ExchangeRow;

/// How an exchange stands once the partner was asked about its dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Both books say the same.
    Agreed,
    /// Delivered in our books, and the partner does not know the dossier.
    Lost,
    /// Parked here while the partner has it: it was delivered.
    Found,
    /// Parked here, and the partner surely does not have it: it is to be sent again.
    Absent,
    /// What the partner knows does not decide it: a person must.
    Open,
    /// The partner could not be asked, or its answer was not understood.
    Unheard,
}

impl Outbound {
    /// Asks a partner about a dossier, at its pace and outside of any exchange.
    pub async fn look_up(&self, partner: &Partner, number: &str) -> Ending {
        while let Gate::Open(until) = partner.gate() {
            tokio::time::sleep(self.until(until)).await;
        }
        partner.places(1).await;
        let since = self.now();
        match self.look(partner, number).await {
            // The session had ended; a fresh one may do.
            Ok((Ending::NotTaken { at_once: true, .. }, Some(session)))
                if partner.forget(&session, since).await =>
            {
                self.look(partner, number)
                    .await
                    .map_or(Ending::NotSent, |(outcome, _)| outcome)
            }
            Ok((outcome, _)) => outcome,
            Err(_) => Ending::NotSent,
        }
    }

    async fn look(&self, partner: &Partner, number: &str) -> Result<(Ending, Option<Session>), NoSession> {
        let session = partner.session().await?;
        let arguments = [(NUMBER, number)];
        let call = Call {
            operation: LOOKUP,
            session: session.as_ref().map(Session::id),
            arguments: &arguments,
            ..Call::default()
        };
        let Ok(request) = partner.frame(&call) else {
            return Ok((Ending::NotSent, session));
        };
        Ok((
            deliver::outcome(&partner.send(LOOKUP, &request).await, false),
            session,
        ))
    }

    /// Holds what was heard of a dossier against one of its exchanges.
    pub fn weigh(&self, partner: &Partner, row: &ExchangeRow, heard: &Ending) -> Stands {
        // What was sent last may still take effect: until then nothing is absent.
        let over = self.now() >= row.changed_at.saturating_add(partner.longest());
        weigh(row.state, row.operation, row.attempts > 0, heard, over)
    }
}

fn weigh(state: State, operation: Operation, sent: bool, heard: &Ending, over: bool) -> Stands {
    let known = match heard {
        Ending::Accepted | Ending::Exists => true,
        Ending::Absent => false,
        Ending::Refused { .. } | Ending::NotTaken { .. } | Ending::NotSent | Ending::Unclear => {
            return Stands::Unheard;
        }
    };
    match (state, known) {
        (State::Delivered, true) => Stands::Agreed,
        (State::Delivered, false) if over => Stands::Lost,
        // That a dossier is there says that it was made, not that a later state of it arrived.
        (State::Parked, true) if sent && operation == Operation::Create => Stands::Found,
        (State::Parked, false) if sent && over && operation != Operation::Progress => Stands::Absent,
        (State::Delivered | State::Parked, _) => Stands::Open,
        // The outbox itself goes on with these, and a refused one is its owner's.
        (State::Held | State::Ready | State::Later | State::Leased | State::Refused, _) => Stands::Agreed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_is_decided() {
        use Operation::{Create, Progress, Update};
        use State::{Delivered, Parked};
        let (there, gone) = (Ending::Accepted, Ending::Absent);
        let stands = |state, operation, heard: &Ending| weigh(state, operation, true, heard, true);
        assert_eq!(stands(Delivered, Create, &there), Stands::Agreed);
        assert_eq!(stands(Delivered, Update, &gone), Stands::Lost);
        assert_eq!(stands(Parked, Create, &there), Stands::Found);
        assert_eq!(
            stands(Parked, Update, &there),
            Stands::Open,
            "an older state of it may be what is there"
        );
        assert_eq!(stands(Parked, Update, &gone), Stands::Absent);
        assert_eq!(stands(Parked, Progress, &there), Stands::Open);
        assert_eq!(stands(Parked, Progress, &gone), Stands::Open);
        assert_eq!(stands(Parked, Create, &Ending::Unclear), Stands::Unheard);
    }

    #[test]
    fn absence_counts_late_and_what_was_never_sent_is_not_found() {
        let (there, gone) = (Ending::Accepted, Ending::Absent);
        let (create, parked) = (Operation::Create, State::Parked);
        assert_eq!(weigh(parked, create, true, &gone, false), Stands::Open);
        assert_eq!(weigh(State::Delivered, create, true, &gone, false), Stands::Open);
        assert_eq!(weigh(parked, create, false, &there, true), Stands::Open);
        assert_eq!(weigh(parked, create, false, &gone, true), Stands::Open);
    }
}
