//! Which database reads a call, tells what it holds, and how that is worded for the road.

use super::call::{Asked, Call, Said, Told, Want};
use super::people::Trap;
use super::reply::{JSON, Reply};
use super::road::Wrap;
use super::service::{By, Part, Service, Turn};
use super::{Databases, Inquiry, business, civil, fault, hub, insurance, papers, population, record, spoil};
use crate::twin::now;
use serde_json::{Value, json};
use std::sync::PoisonError;

impl Databases {
    /// Reads a call strictly.
    pub(super) fn read(&self, call: &Call<'_>) -> Result<Asked, Told> {
        match call.service {
            Service::Population(about) => population::read(call, about, self.access.any_officer),
            Service::Business(entry) => business::read(call, entry),
            Service::Papers(Part::List) => papers::list(call),
            Service::Papers(Part::File) => papers::file(call),
            Service::Civil(Turn::Push) => civil::push(call),
            Service::Civil(Turn::Poll) => civil::poll(call),
            Service::Hub(wish) => hub::read(call, wish),
            Service::Insurance(by) => insurance::read(call, by),
            Service::Record(Turn::Push) => record::push(call, &self.access),
            Service::Record(Turn::Poll) => record::poll(call, &self.access),
            Service::Sent => record::sent(call),
            Service::Licence => self.licence_asked(call, now()),
        }
    }

    /// What is told, with the trap that the subject or the day lays.
    pub(super) fn tell(&self, call: &Call<'_>, want: Want, trap: Option<Trap>) -> Told {
        if let Some(told) = trap.and_then(|trap| spoil::before(trap, call)) {
            return told;
        }
        match want {
            Want::Population(kind, question) => self.citizen(kind, &question, trap),
            Want::Business(want) => self.business(&want, trap),
            Want::Papers(want) => self.papers(call, &want, trap),
            Want::Civil(want) => self.civil(call, want, trap),
            Want::Hub(want) => self.hub(&want, call.untidy),
            Want::Insurance(want) => self.insurance(call, &want, trap),
            Want::Record(want) => self.record(call, want, trap),
            Want::Licence(want) => self.licence(call, &want),
        }
    }

    /// What the subject of a call does to it, unless it has done so before and does it once.
    pub(super) fn trap(&self, call: &Call<'_>, note: &Inquiry) -> Option<Trap> {
        let subject = if note.subject.is_empty() {
            self.asker(&note.dossier)?
        } else {
            note.subject.clone()
        };
        let person = self
            .people
            .numbered(&subject)
            .or_else(|| self.people.insured(&subject));
        let trap = person
            .and_then(|person| person.trap)
            .or_else(|| business::trap(&subject))?;
        if !trap.once() {
            return Some(trap);
        }
        let mut sprung = self.sprung.lock().unwrap_or_else(PoisonError::into_inner);
        sprung
            .insert((trap, call.service.word(), subject))
            .then_some(trap)
    }

    /// Whoever asked for a registered dossier.
    fn asker(&self, dossier: &str) -> Option<String> {
        self.books.look(|state| {
            let one = |channel: &str| state.registered.get(&format!("{channel}/{dossier}"));
            one("civil")
                .or_else(|| one("record"))
                .map(|known| known.asker.clone())
        })
    }

    /// What is said, in the words of this road.
    pub(super) fn worded(&self, call: &Call<'_>, said: Said) -> Reply {
        match said {
            Said::People(found) => self.found(call, &found),
            Said::Client(wrong) => population::refusal(call, "Client", &wrong),
            Said::Server(wrong) => population::refusal(call, "Server", &wrong),
            Said::Fault(fault) => fault.told(call.road.manner),
            Said::Ready(reply) => reply,
            Said::Json(body) => match (call.road.wrap, call.service) {
                (Wrap::Tn, Service::Insurance(by)) => wrapped(by, body),
                _ => Reply::new(200, JSON, body.to_string()),
            },
        }
    }
}

/// Thái Nguyên puts three envelopes around the answer, and the code beside it.
fn wrapped(by: By, mut body: Value) -> Reply {
    let code = body
        .as_object_mut()
        .and_then(|members| members.remove("errorCode"));
    let inner = json!({"successful": {"dataThongTinHgd": body, "errorCode": code}});
    Reply::json(
        200,
        &fault::correlated(200, "success", json!({ insurance::outer(by): inner })),
    )
}
