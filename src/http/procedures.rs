//! Procedures: which there are, what each asks for, and its electronic form.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::problem::{Flaw, Kind, Language, Problem, Wrong};
use super::{Doors, Head, Part, body, denied, dossiers};
use crate::model::codes::Status;
use crate::model::{Day, Time};
use crate::procedures::{self, Active, Answers, Ask, Due, Length, Procedure, Procedures, Term, Tongue};

/// The most procedures of one page.
const PAGE: usize = 500;

/// What a list asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    after: Option<String>,
    limit: Option<usize>,
}

/// Procedures in the order of their codes; `next` is the cursor for `after`.
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
    head: Head,
) -> Result<Response, Problem> {
    known(&doors, &head)?;
    let Query(wanted) = wanted.map_err(|_| Problem::new(Kind::BadQuery))?;
    let after = wanted.after.unwrap_or_default();
    let limit = wanted.limit.unwrap_or(100).clamp(1, PAGE);
    let page: Vec<&Procedure> = asked(&doors).after(&after).take(limit).collect();
    let next = page.last().filter(|_| page.len() == limit).map(|last| &last.code);
    let rows: Vec<Value> = page.iter().map(|procedure| row(&doors, procedure)).collect();
    Ok(Json(json!({ "procedures": rows, "next": next })).into_response())
}

/// One procedure, whole.
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    Part(code): Part,
    head: Head,
) -> Result<Response, Problem> {
    known(&doors, &head)?;
    let (procedures, on) = (asked(&doors), today(&doors));
    let procedure = listed(procedures, &code)?;
    let mut shown = row(&doors, procedure);
    let words = |words: Vec<&'static str>| json!(words);
    shown["agency"] = json!(procedure.agency);
    shown["channels"] = words(procedure.channels.iter().map(|channel| channel.word()).collect());
    shown["term"] = json!(procedure.term.as_ref().map(term));
    shown["basis"] = json!(procedure.basis);
    shown["strict"] = json!(procedure.strict);
    shown["facts"] = procedure.asks.iter().map(fact).collect();
    shown["papers"] = json!(procedures::needs(procedures, procedure, on));
    shown["fees"] = procedure.fees.iter().map(due).collect();
    shown["results"] = procedure
        .results
        .iter()
        .map(|result| json!({ "code": result.code, "name": result.name }))
        .collect();
    shown["reuse"] = procedures.active(&code, on).iter().map(rule).collect();
    shown["on"] = json!(on.to_string());
    shown["follows"] = json!(procedure.follows);
    shown["guessed"] = json!(procedure.guessed);
    Ok(Json(shown).into_response())
}

/// What the body of a form may say: for whom, by whom, for which dossier and on what basis it is asked for.
const PURPOSE: [&str; 4] = ["subject", "officer", "dossier", "basis"];

/// The electronic form of a procedure: its schema, and its values with the source of each.
pub(super) async fn form(
    State(doors): State<Arc<Doors>>,
    Part(code): Part,
    head: Head,
    said: Body,
) -> Result<Response, Problem> {
    known(&doors, &head)?;
    let mut room = doors.room.part();
    let said = body::within(&doors, said, &mut room).await?;
    let (procedures, on) = (asked(&doors), today(&doors));
    let procedure = listed(procedures, &code)?;
    let tongue = tongue(&head.headers);
    let answers = match purpose(&said)?.get("dossier").and_then(Value::as_str) {
        Some(number) => filed(&doors, procedure, number, &head).await?,
        None => Answers::new(),
    };
    let form = json!({
        "procedure": procedure.code,
        "version": procedure.version,
        "name": procedure.name,
        "on": on.to_string(),
        "prefilled": !answers.is_empty(),
        "schema": procedures::schema(procedures, procedure, on, tongue),
        "values": procedures::values(procedure, &answers),
        "papers": procedures::needs(procedures, procedure, on),
        "fees": procedure.fees.iter().map(due).collect::<Value>(),
    });
    Ok(Json(form).into_response())
}

/// The body of a form, which may be empty.
fn purpose(said: &[u8]) -> Result<Map<String, Value>, Problem> {
    if said.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let purpose: Map<String, Value> = serde_json::from_slice(said)
        .map_err(|_| Problem::new(Kind::NotJson).error(Wrong::new("", Flaw::NotJson)))?;
    let strange = purpose
        .iter()
        .filter(|(name, value)| !PURPOSE.contains(&name.as_str()) || !value.is_string());
    let wrong: Vec<Wrong> = strange
        .map(|(name, _)| {
            Wrong::new(
                format!("/{}", name.replace('~', "~0").replace('/', "~1")),
                Flaw::WrongType,
            )
        })
        .collect();
    if wrong.is_empty() {
        Ok(purpose)
    } else {
        Err(Problem::new(Kind::WrongShape).errors(wrong))
    }
}

/// What an open dossier of this procedure answers by itself. Any other leaves the form blank; what the state holds is
/// looked up under the rules of purpose only, and is no part of this.
async fn filed(doors: &Doors, procedure: &Procedure, number: &str, head: &Head) -> Result<Answers, Problem> {
    let dossier = dossiers::read(&dossiers::seen(doors, number, head).await?.1)?;
    let facts = &dossier.facts;
    let open = [
        Status::Registered,
        Status::Accepted,
        Status::Processing,
        Status::SupplementRequested,
        Status::PaymentRequested,
    ];
    if facts.procedure.code != procedure.code || !open.contains(&facts.status) {
        return Ok(Answers::new());
    }
    Ok(procedures::answers(procedure, &dossier))
}

/// Any system and any operator may ask what procedures ask for.
fn known(doors: &Doors, head: &Head) -> Result<(), Problem> {
    let caller = doors.outbound.systems().caller(head.shown());
    caller.map(|_| ()).map_err(denied)
}

fn asked(doors: &Doors) -> &Procedures {
    doors.outbound.translator().procedures()
}

fn listed<'p>(procedures: &'p Procedures, code: &str) -> Result<&'p Procedure, Problem> {
    procedures
        .find(code)
        .ok_or_else(|| Problem::new(Kind::UnlistedProcedure))
}

fn today(doors: &Doors) -> Day {
    Time::at(doors.clock.now().millis().div_euclid(1_000)).day()
}

fn tongue(headers: &HeaderMap) -> Tongue {
    match Language::of(headers) {
        Language::Vietnamese => Tongue::Vietnamese,
        Language::English => Tongue::English,
    }
}

/// What stands in a list; the name and the field are the portal's where it has told them.
fn row(doors: &Doors, procedure: &Procedure) -> Value {
    let told = doors.outbound.translator().catalogue().find(&procedure.code);
    let (name, field, field_name) = told.map_or_else(
        || {
            let field = procedure.field.clone();
            (procedure.name.clone(), field.code, field.name)
        },
        |told| (told.name, told.field, told.field_name),
    );
    json!({
        "code": procedure.code,
        "version": procedure.version,
        "name": name,
        "field": { "code": field, "name": field_name },
        "competent": { "level": procedure.competent.level, "name": procedure.competent.name },
        "levels": procedure.levels,
    })
}

fn term(term: &Term) -> Value {
    let mut shown = match term.length {
        Length::Days(days) => json!({ "days": days }),
        Length::Hours(hours) => json!({ "hours": hours }),
    };
    shown["cutoff"] = json!(term.cutoff);
    shown
}

fn fact(ask: &Ask) -> Value {
    let owners: Vec<&str> = ask.owners.iter().map(|owner| owner.word()).collect();
    json!({
        "path": ask.path,
        "kind": ask.kind.word(),
        "of": if ask.fact.is_some() { "dossier" } else { "form" },
        "titles": { "vi": ask.title[0], "en": ask.title[1] },
        "required": ask.required,
        "max": ask.max,
        "owners": owners,
    })
}

fn due(due: &Due) -> Value {
    let channels: Vec<&str> = due.channels.iter().map(|channel| channel.word()).collect();
    json!({ "kind": due.kind.word(), "name": due.name, "amount": due.amount, "channels": channels })
}

/// A rule that holds.
fn rule(by: &Active<'_>) -> Value {
    let pairs = |pairs: &[(String, String)]| -> Value {
        pairs
            .iter()
            .map(|(ours, held)| (ours.clone(), json!(held)))
            .collect()
    };
    let owners: Vec<&str> = by.rule.owners.iter().map(|owner| owner.word()).collect();
    json!({
        "service": by.rule.asks,
        "subject": by.rule.subject,
        "owners": owners,
        "sets": by.rule.sets,
        "fills": pairs(&by.rule.fills),
        "verifies": pairs(&by.rule.verifies),
        "replaces": by.rule.replaces,
        "basis": by.basis.to_string(),
        "since": by.standing.since.to_string(),
        "due": by.standing.due.to_string(),
        "until": by.standing.until.map(|day| day.to_string()),
    })
}
