//! The judge's own pages about the databases: what is served where, and what the books say.

use super::road::{ROADS, Wrap};
use super::token;
use crate::twin::Inner;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{Router, get};
use serde_json::{Value, json};
use std::sync::Weak;

/// Pages below `/twin`.
pub(in crate::twin) fn pages() -> Router<Weak<Inner>> {
    Router::new()
        .route("/twin", get(index))
        .route("/twin/paths", get(async || Json(paths())))
        .route("/twin/inquiries", get(inquiries))
        .route("/twin/registrations", get(registrations))
}

/// Every path, by the road it stands on.
fn paths() -> Value {
    let ends = ROADS.iter().flat_map(|road| {
        road.ends().map(move |row| {
            json!({
                "service": row.service.word(), "method": row.method.as_str(),
                "path": format!("{}{}", road.prefix, row.end), "road": road.name,
                "pass": format!("{:?}", road.pass).to_lowercase(), "wrap": wrap(road.wrap),
            })
        })
    });
    let tokens = token::ENDS
        .iter()
        .map(|(path, flow)| json!({"service": format!("token/{flow}"), "method": "POST", "path": path}));
    ends.chain(tokens).collect()
}

fn wrap(wrap: Wrap) -> String {
    format!("{wrap:?}").to_lowercase()
}

/// The same as a table that people read.
async fn index() -> Response {
    let all = paths();
    let rows: Vec<String> = all.as_array().into_iter().flatten().map(line).collect();
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>twin</title><h1>The simulated national side</h1><p>Books: <a href=\"/twin/books\">all</a>, <a href=\"/twin/inquiries\">inquiries</a> (?dossier= ?officer= ?subject= ?request= ?service=), <a href=\"/twin/registrations\">registrations</a>, /twin/dossiers/{{number}}. SOAP services describe themselves at ?wsdl.</p><table>{}</table></html>",
        rows.concat()
    );
    ([(header::CONTENT_TYPE, super::reply::HTML)], page).into_response()
}

fn line(row: &Value) -> String {
    let cell = |name: &str| {
        format!(
            "<td>{}</td>",
            row.get(name).and_then(Value::as_str).unwrap_or_default()
        )
    };
    let cells: Vec<String> = ["service", "method", "path", "pass", "wrap"]
        .iter()
        .map(|name| cell(name))
        .collect();
    format!("<tr>{}</tr>", cells.concat())
}

/// The last inquiries, all or those with these words.
async fn inquiries(State(twin): State<Weak<Inner>>, Query(words): Query<Vec<(String, String)>>) -> Response {
    let Some(twin) = twin.upgrade() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let books = &twin.databases.books;
    let uses = words
        .iter()
        .find(|(name, _)| name == "request")
        .map(|(_, request)| books.uses(request));
    let found = books.inquiries(|one| {
        words.iter().all(|(name, value)| match name.as_str() {
            "dossier" => one.dossier == *value,
            "officer" => one.officer == *value,
            "procedure" => one.procedure == *value,
            "request" => one.request == *value,
            "service" => one.service == *value,
            "subject" => one.subject == *value,
            _ => false,
        })
    });
    Json(json!({"tally": books.tally(), "uses": uses, "inquiries": found})).into_response()
}

/// What was registered, one per dossier and channel.
async fn registrations(State(twin): State<Weak<Inner>>) -> Response {
    let Some(twin) = twin.upgrade() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let all = twin.databases.books.look(|state| {
        let mut all: Vec<_> = state.registered.values().cloned().collect();
        all.sort_by_key(|one| one.serial);
        json!({"registrations": all, "hub": state.hub, "sent": state.sent})
    });
    Json(all).into_response()
}
