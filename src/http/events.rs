//! The feed: what happened to a system's dossiers, in order, from a place on.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::problem::{Kind, Problem};
use super::{Doors, Head, Part, denied};
use crate::intake::Caller;
use crate::store::EventRow;

/// How many events one answer holds.
const PAGE: usize = 100;

/// Where to go on.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    after: i64,
}

/// An event in the feed: what a webhook carries, and where the proof of it stands.
#[derive(Serialize)]
struct Event {
    place: i64,
    id: String,
    number: String,
    leaf: u64,
    #[serde(flatten)]
    told: Told,
}

/// What a webhook carries.
#[derive(Serialize, Deserialize)]
struct Told {
    r#type: String,
    timestamp: String,
    data: Box<RawValue>,
}

/// The events of a system after a place; `next` is where to go on.
pub(super) async fn feed(
    State(doors): State<Arc<Doors>>,
    Part(system): Part,
    from: Result<Query<From>, QueryRejection>,
    head: Head,
) -> Result<Response, Problem> {
    doors
        .inbound
        .systems()
        .writer(&system, head.shown())
        .map_err(denied)?;
    let Query(from) = from.map_err(|_| Problem::new(Kind::BadQuery))?;
    let rows = doors.inbound.store().events(&system, from.after, PAGE).await;
    let rows = rows.map_err(|_| Problem::new(Kind::Full))?;
    let next = rows.last().map_or(from.after, |row| row.place);
    let events: Result<Vec<Event>, Problem> = rows.into_iter().map(event).collect();
    Ok(Json(serde_json::json!({ "events": events?, "next": next })).into_response())
}

/// The callbacks that somebody must act on, for operators.
pub(super) async fn callbacks(State(doors): State<Arc<Doors>>, head: Head) -> Result<Response, Problem> {
    match doors.inbound.systems().caller(head.shown()).map_err(denied)? {
        Caller::Operator(_) => {}
        Caller::System(_) => return Err(Problem::new(Kind::OtherSystem)),
    }
    let store = doors.inbound.store();
    let parked = store
        .callbacks(None, PAGE)
        .await
        .map_err(|_| Problem::new(Kind::Full))?;
    let books = store
        .callback_books()
        .await
        .map_err(|_| Problem::new(Kind::Full))?;
    Ok(Json(serde_json::json!({ "parked": parked, "books": books })).into_response())
}

fn event(row: EventRow) -> Result<Event, Problem> {
    let told = serde_json::from_slice(&row.body).map_err(|_| Problem::new(Kind::Broken))?;
    Ok(Event {
        place: row.place,
        id: row.id.to_string(),
        number: row.number,
        leaf: row.leaf,
        told,
    })
}
