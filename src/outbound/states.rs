//! In the worker: what became of what lay in a tray is told to its national side, each state once, in the order that it insists
//! on, and none before the tray was told that it is kept.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::Notify;
use wire::tray::{Issued, Place};

use super::prepare::untranslated;
use super::register::{Message, digest};
use super::{Error, Outbound};
use crate::codes::{Level, UnitCode};
use crate::model::codes::Status;
use crate::model::{Dossier, Operation, Step, Time};
use crate::partner::Partner;
use crate::store::{Push, Stale, StateTelling};
use crate::translate::Local;

/// Who is told of what lay in one tray.
pub struct Teller {
    /// The conversation.
    pub partner: Arc<Partner>,
    /// The mapping of a state.
    pub mapping: String,
    /// The order, and the result.
    pub wire: Box<dyn wire::tray::Tells>,
    /// Told when something was put in its outbox.
    pub queued: Notify,
}

/// The states, by the hub's numbers, with ours (linked-hub-status): 7 says that the register has it.
const STATES: [(u8, Status); 7] = [
    (1, Status::Registered),
    (2, Status::SupplementRequested),
    (3, Status::Accepted),
    (4, Status::Finished),
    (5, Status::Returned),
    (6, Status::NotAccepted),
    (7, Status::Processing),
];
/// The one that carries the result.
const FINISHED: u8 = 4;
/// The register's own words for a result and for a refusal (national-databases.md §4.6).
const RESULT: &str = "4";
const REFUSED: &str = "6";
/// Who acted, where a desk does not say.
const DESK: &str = "Bộ phận một cửa";

/// The paper of a result, as the register's document tells it.
#[derive(Deserialize)]
struct Said {
    #[serde(rename = "giayTo", default)]
    papers: Vec<SaidPaper>,
}

#[derive(Deserialize)]
struct SaidPaper {
    bytes: String,
    #[serde(default)]
    code: Option<String>,
}

impl Outbound {
    /// Tells what there is to tell of what lay in trays, of at most so many; says of how many.
    pub async fn tell_states(&self, most: usize) -> Result<usize, Error> {
        if self.parts.tellers.is_empty() {
            return Ok(0);
        }
        let stale = self.parts.store.stale(most).await?;
        for one in &stale {
            let at = self.now();
            let states = match self.parts.tellers.get(&one.tray) {
                Some(teller) => self.states(teller, one, at).await?,
                None => Vec::new(),
            };
            let telling = StateTelling {
                number: one.number.clone(),
                filing: one.filing,
                stale: one.stale,
                at,
                states,
            };
            self.parts.store.tell_states(telling).await?;
        }
        for teller in self.parts.tellers.values() {
            teller.queued.notify_one();
        }
        Ok(stale.len())
    }

    /// The states that are to be told now, each with its message. One that cannot be made holds those after it.
    async fn states(&self, teller: &Teller, one: &Stale, at: i64) -> Result<Vec<(u8, Push)>, Error> {
        let Ok(dossier) = serde_json::from_slice::<Dossier>(&one.dossier) else {
            return Ok(Vec::new());
        };
        let wanted = wanted(dossier.facts.status, one);
        let mut states = Vec::new();
        for state in teller.wire.road(&one.told, &wanted) {
            match self.state(teller, one, &dossier, (state, at)).await? {
                Ok(push) => states.push((state, push)),
                Err(cause) => {
                    tracing::error!(
                        partner.name = teller.partner.name(),
                        state,
                        cause,
                        "a state cannot be told"
                    );
                    break;
                }
            }
        }
        Ok(states)
    }

    async fn state(
        &self,
        teller: &Teller,
        one: &Stale,
        dossier: &Dossier,
        (state, at): (u8, i64),
    ) -> Result<Result<Push, &'static str>, Error> {
        let local = Local {
            mapping: &teller.mapping,
            site: "",
            files: None,
        };
        let told = told(dossier, one, state);
        let written = match self.parts.translator.local(local, &told) {
            Ok(written) => written,
            Err(why) => return Ok(Err(untranslated(&why))),
        };
        let payload = if state == FINISHED {
            match self.finished(teller, one, dossier, &written.payload).await? {
                Some(payload) => payload,
                None => return Ok(Err("no-result")),
            }
        } else {
            written.payload
        };
        let message = Message {
            number: &one.number,
            partner: teller.partner.name(),
            operation: Operation::Status,
            payload,
            mapping: written.mapping,
            due_at: one.due_at,
        };
        let mut push = self.out(message, dossier, at);
        push.leaf = push.leaf.fact("state", state.to_string());
        Ok(Ok(push))
    }

    /// The payload with the result in it: what the register said, its paper, and the code of what that is.
    async fn finished(
        &self,
        teller: &Teller,
        one: &Stale,
        dossier: &Dossier,
        payload: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some(result) = &one.result else {
            return Ok(None);
        };
        let Ok(said) = serde_json::from_slice::<Said>(result) else {
            return Ok(None);
        };
        let Some(paper) = said.papers.into_iter().next() else {
            return Ok(None);
        };
        let Some(digest) = digest(&paper.bytes) else {
            return Ok(None);
        };
        let Some(bytes) = self.parts.store.paper(digest).await? else {
            return Ok(None);
        };
        let procedure = self
            .parts
            .translator
            .procedures()
            .find(&dossier.facts.procedure.code);
        let main = procedure.and_then(|procedure| procedure.results.first());
        let code = paper.code.or_else(|| main.map(|main| main.code.clone()));
        let Some(code) = code else { return Ok(None) };
        let issued = Issued {
            bytes: &bytes,
            code: &code,
        };
        let place = |place: Place<'_>| self.words(place);
        Ok(teller.wire.finished(payload, result, issued, &place))
    }

    /// A place in words, by what its codes are called today; a code that nobody knows stands for itself.
    fn words(&self, place: Place<'_>) -> String {
        let on = self.time().day();
        let name = |level, code: &str| {
            let known = UnitCode::new(level, code, on).ok();
            let unit = known.and_then(|code| self.parts.reusing.units.find(&code).ok());
            unit.map_or_else(|| code.to_owned(), |unit| unit.name().to_owned())
        };
        let parts = [
            place.line.to_owned(),
            name(Level::Commune, place.commune),
            name(Level::District, place.district),
            name(Level::Province, place.province),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}

/// The states that the desk and the register have reached.
fn wanted(status: Status, one: &Stale) -> Vec<u8> {
    let mut wanted = vec![1];
    match status {
        Status::Registered => {}
        Status::SupplementRequested => wanted.push(2),
        Status::NotAccepted | Status::Withdrawn | Status::Stopped => wanted.push(6),
        Status::Accepted | Status::Processing | Status::PaymentRequested | Status::Finished => wanted.push(3),
        Status::Returned => wanted.extend([3, 5]),
    }
    if let Some(code) = &one.registered {
        wanted.extend([3, 7]);
        match code.as_deref() {
            Some(RESULT) => wanted.push(FINISHED),
            Some(REFUSED) => wanted.push(6),
            Some(_) | None => {}
        }
    }
    wanted
}

/// The dossier with the one step that is told: the desk's own, or what is known of it.
fn told(dossier: &Dossier, one: &Stale, state: u8) -> Dossier {
    let mut told = dossier.clone();
    let facts = &mut told.facts;
    facts.other_number = Some(one.item.clone());
    let status = STATES
        .iter()
        .find(|(number, _)| *number == state)
        .map(|(_, status)| *status);
    let steps = std::mem::take(&mut facts.steps);
    let last = steps.last().cloned().unwrap_or_default();
    let own = steps.into_iter().rfind(|step| step.status == status);
    let step = own.unwrap_or(Step {
        status,
        at: None,
        content: None,
        ..last
    });
    facts.steps = vec![Step {
        at: step.at.or(Some(Time::at(one.at.div_euclid(1_000)))),
        officer: step.officer.or(Some(DESK.to_owned())),
        ..step
    }];
    let round = facts.supplements.pop();
    facts.supplements = round.into_iter().collect();
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stale(registered: Option<Option<&str>>) -> Stale {
        Stale {
            tray: "hub".into(),
            item: "LT-1".into(),
            number: "H99-1".into(),
            stale: 1,
            filing: 1,
            dossier: Vec::new(),
            at: 0,
            due_at: None,
            registered: registered.map(|code| code.map(str::to_owned)),
            result: None,
            told: Vec::new(),
        }
    }

    #[test]
    fn what_is_wanted_follows_from_the_desk_and_the_register() {
        for (status, registered, states) in [
            (Status::Registered, None, &[1][..]),
            (Status::Accepted, None, &[1, 3]),
            (Status::Processing, Some(None), &[1, 3, 3, 7]),
            (Status::Processing, Some(Some("3")), &[1, 3, 3, 7]),
            (Status::Finished, Some(Some("4")), &[1, 3, 3, 7, 4]),
            (Status::Returned, Some(Some("4")), &[1, 3, 5, 3, 7, 4]),
            (Status::SupplementRequested, Some(Some("2")), &[1, 2, 3, 7]),
            (Status::NotAccepted, None, &[1, 6]),
            (Status::Processing, Some(Some("6")), &[1, 3, 3, 7, 6]),
        ] {
            assert_eq!(wanted(status, &stale(registered)), states, "{status:?}");
        }
    }

    #[test]
    fn the_desks_own_step_is_told_and_else_what_is_known() {
        let mut dossier = crate::model::sample::registration(7, 7);
        let at = Time::at(1_000);
        let step = |status, officer: &str| Step {
            status: Some(status),
            officer: Some(officer.to_owned()),
            at: Some(at),
            ..Step::default()
        };
        dossier.facts.steps = vec![step(Status::Accepted, "A"), step(Status::Processing, "B")];
        let of = |dossier: &Dossier, state| told(dossier, &stale(None), state).facts.steps.remove(0);
        let own = of(&dossier, 3);
        assert_eq!((own.officer.as_deref(), own.at), (Some("A"), Some(at)));
        let other = of(&dossier, 4);
        assert_eq!(
            (other.officer.as_deref(), other.status),
            (Some("B"), Some(Status::Finished))
        );
        assert_eq!(other.at, Some(Time::at(0)), "when its filing came");
        dossier.facts.steps.clear();
        assert_eq!(of(&dossier, 1).officer.as_deref(), Some(DESK));
        let told = told(&dossier, &stale(None), 1);
        assert_eq!(told.facts.other_number.as_deref(), Some("LT-1"));
    }
}
