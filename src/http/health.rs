//! Liveness, readiness, figures.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Doors;
use crate::model::Time;
use crate::partner::Gate;
use crate::store::Books;

/// The process runs.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The gateway can accept, and stands by every checkpoint it gave out. A partner that is down does not make it unready.
pub(super) async fn ready(State(doors): State<Arc<Doors>>) -> Response {
    let store = doors.outbound.store().books().await.is_ok();
    let log = doors.upkeep.is_sound();
    let partners: serde_json::Map<_, _> = doors
        .outbound
        .partners()
        .map(|partner| (partner.name().to_owned(), json!(gate(partner.gate()))))
        .collect();
    let status = if store && log {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "ready": store && log, "store": store, "log": log, "partners": partners })),
    )
        .into_response()
}

fn gate(gate: Gate) -> &'static str {
    match gate {
        Gate::Closed => "open for messages",
        Gate::HalfOpen => "trying one message",
        Gate::Open(_) => "waiting",
    }
}

/// Prometheus text.
pub(super) async fn figures(State(doors): State<Arc<Doors>>) -> Response {
    if let Ok(books) = doors.outbound.store().books().await {
        publish(&books);
    }
    laws(&doors);
    certificates(&doors);
    stamps(&doors).await;
    stated(&doors).await;
    metrics::counter!("lienthong_store_flushes_total").absolute(doors.outbound.store().flushes());
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4")],
        doors.figures.render(),
    )
        .into_response()
}

/// How long the time-stamp authority may still be silent, and how far the log is stamped.
async fn stamps(doors: &Doors) {
    let stamped = doors.outbound.store().newest_stamp().await;
    let (Ok(Some(left)), Ok(stamped)) = (doors.upkeep.stamp_left().await, stamped) else {
        return;
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; seconds and leaves are far below 2^52"
    )]
    {
        metrics::gauge!("lienthong_stamp_seconds_left").set(left as f64);
        metrics::gauge!("lienthong_stamp_leaves").set(stamped.map_or(0, |stamp| stamp.leaves) as f64);
    }
}

/// Whether the books agreed when they were stated last, and how long ago that was.
async fn stated(doors: &Doors) {
    let Ok(stated) = doors.outbound.store().stated().await else {
        return;
    };
    let now = doors.clock.now().millis();
    for one in stated {
        let partner = one.partner;
        let balanced = if one.agrees { 1.0 } else { 0.0 };
        metrics::gauge!("lienthong_books_balanced", "partner" => partner.clone()).set(balanced);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge is a float; seconds are far below 2^52"
        )]
        let age = now.saturating_sub(one.at).max(0).div_euclid(1_000) as f64;
        metrics::gauge!("lienthong_books_stated_seconds_ago", "partner" => partner).set(age);
    }
}

/// How many days each certificate of the node has left; fewer than none once it is over.
fn certificates(doors: &Doors) {
    let now = now(doors);
    for one in doors.certificates.now() {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge is a float; days are far below 2^52"
        )]
        let days = one.days_left(now) as f64;
        metrics::gauge!("lienthong_certificate_days_left", "place" => one.place).set(days);
    }
}

fn now(doors: &Doors) -> Time {
    Time::at(doors.clock.now().millis().div_euclid(1_000))
}

/// How many days each law of reuse that ends has left.
fn laws(doors: &Doors) {
    let today = now(doors).day();
    let procedures = doors.outbound.translator().procedures();
    for lapse in procedures.laws().lapses_within(today, u32::MAX) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge is a float; days are far below 2^52"
        )]
        metrics::gauge!("lienthong_law_days_left", "law" => lapse.law).set(lapse.days as f64);
    }
}

fn publish(books: &Books) {
    let states = [
        ("unprepared", books.unprepared),
        ("waiting", books.waiting),
        ("delivered", books.delivered),
        ("refused", books.refused),
        ("parked", books.parked),
    ];
    for (state, count) in states {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge is a float; counts are far below 2^52"
        )]
        metrics::gauge!("lienthong_exchanges", "state" => state).set(count as f64);
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; counts are far below 2^52"
    )]
    metrics::gauge!("lienthong_dossiers").set(books.dossiers as f64);
}
