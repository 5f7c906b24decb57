//! Payments that begin here: begin one, show it and its fee receipt; and for operators what stands.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::problem::{Flaw, Kind, Problem, Wrong};
use super::refusal;
use super::{Doors, Head, Part, body, denied, dossiers};
use crate::intake::Caller;
use crate::payments::{Begun, Refusal};
use crate::store::{self, PayState, PaymentRow, StoreError};
use crate::translate::Untranslatable;

/// The most payments of one answer.
const PAGE: usize = 100;

/// What is to be paid for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    dossier: String,
}

/// Begins to ask for what is due for a dossier. The answer waits for the disk, and a while for where to pay.
pub(super) async fn begin(
    State(doors): State<Arc<Doors>>,
    Part(system): Part,
    head: Head,
    sent: Body,
) -> Result<Response, Problem> {
    let systems = doors.outbound.systems();
    let system = systems.writer(&system, head.shown()).map_err(denied)?;
    let payments = doors.payments.as_ref();
    let payments = payments.ok_or_else(|| Problem::new(Kind::NoPlatform))?;
    let mut room = doors.room.part();
    let sent = body::within(&doors, sent, &mut room).await?;
    let wanted: Wanted = serde_json::from_slice(&sent)
        .map_err(|_| Problem::new(Kind::WrongShape).error(Wrong::new("/dossier", Flaw::Missing)))?;
    let begun = payments
        .begin(&system.name, &wanted.dossier)
        .await
        .map_err(refused)?;
    let Begun { row, .. } = begun;
    // Where to pay is not known yet: it will be shown at the payment's own address.
    let status = match row.state {
        PayState::Asked => StatusCode::ACCEPTED,
        PayState::Open | PayState::Paid | PayState::Failed | PayState::Parked | PayState::Dropped => {
            StatusCode::OK
        }
    };
    let location = format!("/v1/systems/{}/payments/{}", row.system, row.reference);
    let mut response = (status, Json(row)).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// One payment, as it stands.
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    head: Head,
) -> Result<Response, Problem> {
    let row = visible(&doors, path, &head).await?;
    Ok(Json(row).into_response())
}

/// The fee receipt of a payment, as the platform gave it.
pub(super) async fn receipt(
    State(doors): State<Arc<Doors>>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    head: Head,
) -> Result<Response, Problem> {
    let row = visible(&doors, path, &head).await?;
    let wanted = store::Wanted::FeeReceipt(row.reference);
    let seen = doors.upkeep.look(&dossiers::doer(&doors, &head)?, wanted).await;
    let seen = seen.map_err(|_| Problem::new(Kind::Full))?;
    let receipt = seen.and_then(|seen| seen.parts.into_iter().next());
    let (media, bytes) = receipt.ok_or_else(|| Problem::new(Kind::NoFeeReceipt))?;
    let media = HeaderValue::from_str(&media).map_err(|_| Problem::new(Kind::Broken))?;
    Ok(([(CONTENT_TYPE, media)], bytes).into_response())
}

/// What somebody must act on, and how many payments stand where; for operators.
pub(super) async fn list(State(doors): State<Arc<Doors>>, head: Head) -> Result<Response, Problem> {
    match doors.outbound.systems().caller(head.shown()).map_err(denied)? {
        Caller::Operator(_) => {}
        Caller::System(_) => return Err(Problem::new(Kind::OtherSystem)),
    }
    let store = doors.outbound.store();
    let full = |_: StoreError| Problem::new(Kind::Full);
    let parked = store.payments(None, PAGE).await.map_err(full)?;
    let books = store.payment_books().await.map_err(full)?;
    Ok(Json(json!({ "parked": parked, "books": books })).into_response())
}

/// A payment of a system that this caller may see; another system's is as good as absent.
async fn visible(
    doors: &Doors,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    head: &Head,
) -> Result<PaymentRow, Problem> {
    let Path((system, reference)) = path.map_err(|_| Problem::new(Kind::UnknownAddress))?;
    let caller = doors.outbound.systems().caller(head.shown()).map_err(denied)?;
    match caller {
        Caller::Operator(_) => {}
        Caller::System(own) if own == system => {}
        Caller::System(_) => return Err(Problem::new(Kind::OtherSystem)),
    }
    let row = doors.outbound.store().payment(&reference).await;
    let row = row.map_err(|_| Problem::new(Kind::Full))?;
    row.filter(|row| row.system == system)
        .ok_or_else(|| Problem::new(Kind::UnknownPayment))
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::UnknownDossier => Problem::new(Kind::UnknownDossier),
        Refusal::Erased => Problem::new(Kind::Erased),
        Refusal::NothingDue => Problem::new(Kind::NothingDue),
        Refusal::Untranslatable(Untranslatable::Facts(faults)) => {
            Problem::new(Kind::WrongShape).errors(faults.iter().map(|fault| {
                let wrong = refusal::wrong("", &fault.wrong);
                wrong
                    .with("fact", fault.ours.as_deref().unwrap_or_default())
                    .with("wanted", fault.pointer.as_str())
            }))
        }
        Refusal::Store(StoreError::Full(_)) => Problem::new(Kind::Full),
        Refusal::Unreadable
        | Refusal::Untranslatable(Untranslatable::Step | Untranslatable::Mapping(_))
        | Refusal::Store(
            StoreError::LostLease
            | StoreError::Unusable(_)
            | StoreError::Database(_)
            | StoreError::Absent(_)
            | StoreError::Sealed(_)
            | StoreError::Held(_),
        ) => {
            tracing::error!(error = %refusal, "a payment did not begin for a fault of the gateway's own");
            Problem::new(Kind::Broken)
        }
    }
}
