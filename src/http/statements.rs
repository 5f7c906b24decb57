//! What the gateway states of its own books, readable by anybody: it names partners and counts, and no person.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::problem::{Kind, Problem};
use super::{Doors, Part};
use crate::model::Time;
use crate::store::StatementRow;

/// How many statements one answer holds.
const PAGE: usize = 100;

/// Where to go on, and whose.
#[derive(Deserialize)]
pub(super) struct From {
    before: Option<u64>,
    partner: Option<String>,
}

/// A statement in the list.
#[derive(Serialize)]
struct Stated {
    number: u64,
    partner: String,
    at: String,
    leaves: u64,
    agrees: bool,
    leaf: u64,
    note: String,
}

/// Statements before a number, the newest first; `next` is where to go on, none at the end.
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    from: Result<Query<From>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(from) = from.map_err(|_| Problem::new(Kind::BadQuery))?;
    let rows = doors
        .outbound
        .store()
        .statements(from.before, from.partner, PAGE)
        .await;
    let rows = rows.map_err(|_| Problem::new(Kind::Full))?;
    let next = rows.last().filter(|_| rows.len() == PAGE).map(|row| row.number);
    let statements: Vec<Stated> = rows.into_iter().map(stated).collect();
    let told = json!({ "statements": statements, "next": next });
    Ok(([(CACHE_CONTROL, "max-age=60")], Json(told)).into_response())
}

/// One statement, as it was signed.
pub(super) async fn show(State(doors): State<Arc<Doors>>, Part(number): Part) -> Result<Response, Problem> {
    let number: u64 = number.parse().map_err(|_| Problem::new(Kind::UnknownAddress))?;
    let found = doors.outbound.store().statement(number).await;
    let statement = found
        .map_err(|_| Problem::new(Kind::Full))?
        .ok_or_else(|| Problem::new(Kind::UnknownAddress))?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "max-age=60"),
    ];
    Ok((headers, statement.note).into_response())
}

fn stated(row: StatementRow) -> Stated {
    Stated {
        number: row.number,
        partner: row.partner,
        at: Time::at(row.at.div_euclid(1_000)).to_string(),
        leaves: row.leaves,
        agrees: row.agrees,
        leaf: row.leaf,
        note: row.note,
    }
}
