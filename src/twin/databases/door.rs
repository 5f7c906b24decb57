//! One call from the path to the bytes of its answer.

use super::call::{Asked, Call, Told};
use super::pass::{Barred, Gate};
use super::people::Trap;
use super::reply::{End, Reply, TEXT};
use super::road::{Pass, Row, Wrap, road_of};
use super::service::Service;
use super::token::{self, Flow, Plea};
use super::visit::Visit;
use super::{Inquiry, books, fault, luck, spoil, wsdl};
use crate::twin::day::{self, CodeAs, Plan};
use crate::twin::{Inner, now};
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;

/// The largest call taken; files travel inside.
const LARGEST: usize = 64 << 20;

/// Whether a path belongs to the databases.
pub(in crate::twin) fn is_here(path: &str) -> bool {
    road_of(path).is_some() || path.starts_with("/r1/")
}

impl Inner {
    /// Answers a call on one of the databases' paths.
    pub(in crate::twin) async fn inquire(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let Some((road, rest)) = road_of(&path) else {
            return fault::xroad("Server.ClientProxy.UnknownMember", "Unknown service provider").send();
        };
        let Ok(body) = to_bytes(body, LARGEST).await else {
            return Reply::new(413, TEXT, "body too large or cut").send();
        };
        let visit = Visit {
            road,
            rest,
            path,
            method: head.method,
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: body.to_vec(),
        };
        let mut reply = self.visited(&visit).await;
        if road.pass == Pass::Client {
            reply = visit.echoed(reply);
        }
        if reply.end == End::Hang {
            self.hang().await;
        }
        reply.send()
    }

    async fn visited(&self, visit: &Visit) -> Reply {
        if let Some(flow) = token::flow(visit.road, &visit.rest) {
            return self.token(visit, flow);
        }
        let Some((row, more)) = visit.road.row(&visit.rest, &visit.method) else {
            return fault::LOST.told(visit.road.manner);
        };
        if let Some(described) = described(visit) {
            return described;
        }
        let Some(row) = row else {
            return fault::BAD_METHOD.told(visit.road.manner);
        };
        match self.let_in(visit, row) {
            Ok(()) => self.see_through(visit, row, more).await,
            Err(reply) => reply,
        }
    }

    /// Pass and media; whoever is turned away is only counted.
    fn let_in(&self, visit: &Visit, row: &Row) -> Result<(), Reply> {
        let gate = Gate {
            access: &self.databases.access,
            tokens: &self.databases.tokens,
            headers: &visit.headers,
            body: &visit.body,
            now: now(),
        };
        // The session of the licences travels in the body, which is read later.
        let open = row.service == Service::Licence;
        let barred = if open {
            Ok(())
        } else {
            gate.pass(visit.road, &visit.rest, row.service)
        };
        if let Err(barred) = barred {
            if matches!(barred, Barred::CutShort) {
                self.weather.hit("lookup-token-ended");
            }
            self.databases.books.count(|tally| tally.turned_away += 1);
            return Err(barred.told(visit.road.manner));
        }
        if row.method != Method::GET && !visit.is_right_kind(row.service) {
            return Err(fault::MEDIA.told(visit.road.manner));
        }
        Ok(())
    }

    fn token(&self, visit: &Visit, flow: (Flow, &'static str)) -> Reply {
        if visit.method != Method::POST {
            return fault::BAD_METHOD.told(visit.road.manner);
        }
        let plan = self
            .weather
            .plan(day::Call::Token, day::print(visit.path.as_bytes()));
        if let Some(before) = plan.before {
            return luck::instead(&self.weather, visit.road, before);
        }
        let plea = Plea {
            headers: &visit.headers,
            body: &visit.body,
            now: now(),
            short: plan.short,
        };
        self.databases.books.count(|tally| tally.tokens += 1);
        self.databases.tokens.plead(&self.databases.access, flow, &plea)
    }

    /// One call on one day: it is read, meets the day and its trap, is noted, and the note is flushed.
    async fn see_through(&self, visit: &Visit, row: &Row, more: &str) -> Reply {
        let mut call = Call {
            road: visit.road,
            service: row.service,
            more,
            query: token::pairs(&visit.query),
            headers: &visit.headers,
            body: &visit.body,
            shape: CodeAs::Sample,
            untidy: false,
        };
        let asked = match self.databases.read(&call) {
            Ok(asked) => asked,
            Err(told) => {
                return self
                    .given(&call, visit, Inquiry::default(), (told, None), &Plan::default())
                    .await;
            }
        };
        let plan = self.planned(row.service, &asked.note);
        if let Some(before) = plan.before {
            return luck::instead(&self.weather, visit.road, before);
        }
        if let Some(wait) = plan.wait {
            self.weather.hit("lookup-slow");
            tokio::time::sleep(wait).await;
        }
        call.shape = plan.shape.code;
        call.untidy = plan.untidy && matches!(row.service, Service::Hub(_));
        if call.untidy {
            self.weather.hit("hub-untidy");
        }
        let trap = self.trapped(&call, &asked.note, &plan);
        let Asked { note, want } = asked;
        let told = self.databases.tell(&call, want, trap);
        self.given(&call, visit, note, (told, trap), &plan).await
    }

    /// The key leaves the request's own number out: a repetition under a fresh one is the same call.
    fn planned(&self, service: Service, note: &Inquiry) -> Plan {
        let kind = if service.pushes() {
            day::Call::Register
        } else {
            day::Call::Inquire
        };
        let about = [service.word(), &note.subject, &note.dossier].concat();
        self.weather.plan(kind, day::print(about.as_bytes()))
    }

    /// The subject's own trap goes before the day's.
    fn trapped(&self, call: &Call<'_>, note: &Inquiry, plan: &Plan) -> Option<Trap> {
        self.databases.trap(call, note).or_else(|| {
            let trap = plan.trap.and_then(|trap| luck::fitted(trap, call));
            trap.inspect(|trap| luck::laid(&self.weather, *trap))
        })
    }

    /// Words an answer, spoils it if it is to be, and flushes the note of it before it is given.
    async fn given(
        &self,
        call: &Call<'_>,
        visit: &Visit,
        note: Inquiry,
        (told, trap): (Told, Option<Trap>),
        plan: &Plan,
    ) -> Reply {
        let note = told.note.map_or(note, |note| *note);
        let reply = self.databases.worded(call, told.said);
        let (fault, reply) = match (trap, plan.after) {
            (Some(trap), _) => (spoil::word(trap), spoil::after(trap, reply)),
            (None, Some(after)) => luck::after(&self.weather, after, reply),
            (None, None) => ("", reply),
        };
        let note = noted(visit, call.service, note, [told.class, fault]);
        let ((), flush) = self
            .databases
            .books
            .write(|_| (vec![books::Act::Inquiry(note)], ()));
        if flush.kept().await {
            reply
        } else {
            // The disk refused: nothing was asked, and nothing more will be.
            Reply::new(500, TEXT, "server error")
        }
    }
}

/// The description of a SOAP service, when it is asked for at the service's own address.
fn described(visit: &Visit) -> Option<Reply> {
    let row = visit.road.ends().find(|row| row.end == visit.rest)?;
    let here = visit.method == Method::GET && visit.road.wrap == Wrap::Plain;
    let Service::Population(about) = row.service else {
        return None;
    };
    here.then(|| wsdl::described(about, &visit.address(), &visit.query))
        .flatten()
}

/// The note of a call; what its wire had no place for, X-Road may have said.
fn noted(visit: &Visit, service: Service, note: Inquiry, [class, fault]: [&str; 2]) -> Inquiry {
    let or = |own: String, other: String| if own.is_empty() { other } else { own };
    let [request, dossier, officer] = visit.of_xroad();
    Inquiry {
        at: now(),
        road: visit.road.name.to_owned(),
        service: service.word().to_owned(),
        class: class.to_owned(),
        fault: fault.to_owned(),
        request: or(note.request, request),
        dossier: or(note.dossier, dossier),
        officer: or(note.officer, officer),
        ..note
    }
}
