//! What the state already holds for a dossier that is being filled in.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body;
use super::problem::{Flaw, Kind, Problem, Wrong};
use super::refusal::misread;
use super::{Caller, Doors, Head, Part, denied};
use crate::mapping;
use crate::model::{Fact, Facts, Finding, Path};
use crate::outbound::{Preview, Unseen, Wish, why_not};

/// What is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    procedure: String,
    officer: String,
    reason: String,
    #[serde(default)]
    facts: Map<String, Value>,
}

/// Opens a draft and tells what the state holds about its subjects, and what the citizen need not bring.
pub(super) async fn preview(
    State(doors): State<Arc<Doors>>,
    Part(system): Part,
    caller: Caller,
    head: Head,
    body: Body,
) -> Result<Response, Problem> {
    let system = doors
        .outbound
        .systems()
        .writer(&system, head.shown())
        .map_err(denied)?;
    let mut room = doors.room.part();
    let body = body::within(&doors, body, &mut room).await?;
    let asked = read(&body)?;
    let wish = Wish {
        system: &system.name,
        officer: &asked.officer,
        reason: &asked.reason,
        client: &caller.0,
        procedure: &asked.procedure,
        facts: asked.facts,
    };
    let preview = doors.outbound.preview(wish).await.map_err(unseen)?;
    Ok(Json(shown(&preview)).into_response())
}

fn read(body: &[u8]) -> Result<Asked, Problem> {
    if let Some(unread) = mapping::unreadable(body) {
        return Err(misread(unread));
    }
    let shape = |pointer: &str, flaw| Problem::new(Kind::WrongShape).error(Wrong::new(pointer, flaw));
    let asked: Asked = serde_json::from_slice(body).map_err(|_| shape("", Flaw::WrongType))?;
    if asked.reason.trim().is_empty() {
        return Err(shape("/reason", Flaw::Missing));
    }
    Ok(asked)
}

fn unseen(why: Unseen) -> Problem {
    match why {
        Unseen::Procedure => Problem::new(Kind::UnknownProcedure)
            .error(Wrong::new("/procedure", Flaw::UnknownCode).with("list", "catalogue")),
        Unseen::Officer => Problem::new(Kind::UnknownOfficer)
            .error(Wrong::new("/officer", Flaw::UnknownCode).with("list", "officers")),
        Unseen::Facts(_) => Problem::new(Kind::WrongShape).error(Wrong::new("/facts", Flaw::WrongType)),
        Unseen::Store(_) => Problem::new(Kind::Full),
    }
}

fn shown(preview: &Preview) -> Value {
    let draft = &preview.draft;
    let facts = draft.facts.value();
    let known = preview.known.iter().map(|(path, origin)| {
        let value = Path::parse(path, Facts::RECORD)
            .ok()
            .and_then(|path| crate::model::shown(&path, &facts));
        json!({ "fact": path, "value": value, "origin": origin })
    });
    let spared = preview
        .spared
        .iter()
        .map(|(code, name)| json!({ "code": code, "name": name }));
    json!({
        "number": draft.facts.number.as_str(),
        "procedure": draft.facts.procedure.code,
        "held": known.collect::<Vec<_>>(),
        "not_needed": spared.collect::<Vec<_>>(),
        "differs": draft.findings.iter().flat_map(|finding| &finding.differs).collect::<Vec<_>>(),
        "not_fetched": draft.findings.iter().filter_map(unfetched).collect::<Vec<_>>(),
        "findings": draft.findings,
    })
}

/// What a rule did not bring, why, and what whoever must act does next.
pub(super) fn unfetched(finding: &Finding) -> Option<Value> {
    let (why, owner, action) = why_not(finding)?;
    Some(json!({
        "service": finding.service,
        "subject": finding.subject,
        "why": why,
        "class": finding.class,
        "owner": owner,
        "action": action,
        "evidence": finding.evidence,
    }))
}
