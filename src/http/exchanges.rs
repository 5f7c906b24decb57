//! Exchanges: search, show, prove, and an operator's hand on them.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::problem::{Kind, Problem};
use super::{Doors, Head, Part, body, denied};
use crate::clock::Timestamp;
use crate::intake::Caller;
use crate::model::{ExchangeId, Release, State as Standing};
use crate::outbound::Hand;
use crate::store::{self, ExchangeRow};

/// The most rows of one page.
const PAGE: usize = 500;

/// What a search asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    dossier: Option<String>,
    agency: Option<String>,
    status: Option<String>,
    since: Option<String>,
    until: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// Exchanges in order of id; `next` is the cursor for `after`.
pub(super) async fn search(
    State(doors): State<Arc<Doors>>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
    head: Head,
) -> Result<Response, Problem> {
    let caller = caller(&doors, &head)?;
    let Query(wanted) = wanted.map_err(|_| Problem::new(Kind::BadQuery))?;
    let query = query(wanted, caller).ok_or_else(|| Problem::new(Kind::BadQuery))?;
    let limit = query.limit;
    let rows = doors
        .outbound
        .store()
        .exchanges(query)
        .await
        .map_err(|_| Problem::new(Kind::Full))?;
    let next = rows
        .last()
        .filter(|_| rows.len() == limit)
        .map(|row| row.exchange);
    Ok(Json(json!({ "exchanges": rows, "next": next })).into_response())
}

fn query(wanted: Wanted, caller: Caller) -> Option<store::Query> {
    let moment = |text: Option<String>| match text {
        None => Some(None),
        Some(text) => text.parse::<Timestamp>().ok().map(|at| Some(at.millis())),
    };
    let state = match &wanted.status {
        None => None,
        Some(word) => Some(Standing::from_word(word)?),
    };
    let after = match &wanted.after {
        None => None,
        Some(id) => Some(id.parse().ok()?),
    };
    let system = match caller {
        Caller::System(name) => Some(name),
        Caller::Operator(_) => None,
    };
    Some(store::Query {
        dossier: wanted.dossier,
        system,
        agency: wanted.agency,
        state,
        all: true,
        since: moment(wanted.since)?,
        until: moment(wanted.until)?,
        after,
        limit: wanted.limit.unwrap_or(100).clamp(1, PAGE),
    })
}

/// One exchange with its attempts.
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    Part(id): Part,
    head: Head,
) -> Result<Response, Problem> {
    let row = visible(&doors, &id, &head).await?;
    let attempts = doors
        .outbound
        .store()
        .attempts(row.exchange)
        .await
        .map_err(|_| Problem::new(Kind::Full))?;
    let mut shown = json!(row);
    shown["tried"] = json!(attempts);
    Ok(Json(shown).into_response())
}

/// The proof that the exchange's newest leaf stands in the log, as C2SP tlog-proof.
pub(super) async fn proof(
    State(doors): State<Arc<Doors>>,
    Part(id): Part,
    head: Head,
) -> Result<Response, Problem> {
    let row = visible(&doors, &id, &head).await?;
    let proof = crate::upkeep::prove(doors.outbound.store(), row.exchange)
        .await
        .map_err(|_| Problem::new(Kind::Full))?
        .ok_or_else(|| Problem::new(Kind::NotYetProved))?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], proof).into_response())
}

/// What an operator says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    reason: String,
    #[serde(rename = "as")]
    release: Option<Release>,
}

/// Send again as soon as possible.
pub(super) async fn retry(
    State(doors): State<Arc<Doors>>,
    Part(id): Part,
    head: Head,
    said: Body,
) -> Result<Response, Problem> {
    handle(&doors, &id, &head, said, |said| said.release.is_none()).await
}

/// Say how a parked exchange ended, or that it is to be sent again.
pub(super) async fn release(
    State(doors): State<Arc<Doors>>,
    Part(id): Part,
    head: Head,
    said: Body,
) -> Result<Response, Problem> {
    handle(&doors, &id, &head, said, |said| said.release.is_some()).await
}

async fn handle(
    doors: &Doors,
    id: &str,
    head: &Head,
    said: Body,
    fits: fn(&Said) -> bool,
) -> Result<Response, Problem> {
    match caller(doors, head)? {
        Caller::Operator(_) => {}
        Caller::System(_) => return Err(Problem::new(Kind::OperatorOnly)),
    }
    let exchange = identified(id)?;
    // Who may not act is told so before anything of the body is waited for.
    let mut room = doors.room.part();
    let said = body::within(doors, said, &mut room).await?;
    let said = serde_json::from_slice::<Said>(&said).ok();
    let said = said.filter(|said| fits(said) && !said.reason.trim().is_empty());
    let said = said.ok_or_else(|| Problem::new(Kind::NoReason))?;
    let hand = Hand {
        exchange,
        release: said.release,
        reason: said.reason,
        account: None,
    };
    match doors.outbound.handle(hand).await {
        Ok(true) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(false) => Err(Problem::new(Kind::WrongState)),
        Err(_) => Err(Problem::new(Kind::Full)),
    }
}

fn identified(id: &str) -> Result<ExchangeId, Problem> {
    id.parse().map_err(|_| Problem::new(Kind::UnknownExchange))
}

fn caller(doors: &Doors, head: &Head) -> Result<Caller, Problem> {
    doors.outbound.systems().caller(head.shown()).map_err(denied)
}

/// An exchange that this caller may see; another system's is as good as absent.
async fn visible(doors: &Doors, id: &str, head: &Head) -> Result<ExchangeRow, Problem> {
    let caller = caller(doors, head)?;
    let id = identified(id)?;
    let row = doors
        .outbound
        .store()
        .exchange(id)
        .await
        .map_err(|_| Problem::new(Kind::Full))?;
    row.filter(|row| match &caller {
        Caller::System(name) => row.system == *name,
        Caller::Operator(_) => true,
    })
    .ok_or_else(|| Problem::new(Kind::UnknownExchange))
}
