//! What operators say of callbacks and payments that wait for a person, with a reason, in the log.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::problem::{Kind, Problem};
use super::{Doors, Head, Part, body, denied};
use crate::inbound::{self, Says};
use crate::intake::Caller;
use crate::model::ExchangeId;
use crate::payments;
use crate::store::{RulingEnd, StoreError};

/// What an operator says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    reason: String,
    dossier: Option<String>,
    system: Option<String>,
}

/// One callback, and what was ruled of it. Nothing of what it says.
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    Part(id): Part,
    head: Head,
) -> Result<Response, Problem> {
    operator(&doors, &head)?;
    let id = identified(&id)?;
    let store = doors.inbound.store();
    let full = |_: StoreError| Problem::new(Kind::Full);
    let row = store.callback(id).await.map_err(full)?;
    let row = row.ok_or_else(|| Problem::new(Kind::UnknownCallback))?;
    let rulings = store.rulings(id).await.map_err(full)?;
    Ok(Json(json!({ "callback": row, "rulings": rulings })).into_response())
}

/// Whose a callback is.
pub(super) async fn assign(
    State(doors): State<Arc<Doors>>,
    Part(id): Part,
    head: Head,
    sent: Body,
) -> Result<Response, Problem> {
    let said = heard(&doors, &head, sent).await?;
    let says = match (said.dossier, said.system) {
        (Some(number), None) => Says::Dossier(number),
        (None, Some(system)) => Says::System(system),
        (Some(_), Some(_)) | (None, None) => return Err(Problem::new(Kind::NoOwner)),
    };
    rule(&doors, &id, (says, said.reason)).await
}

/// Nothing is to follow from a callback.
pub(super) async fn set_aside(
    State(doors): State<Arc<Doors>>,
    Part(id): Part,
    head: Head,
    sent: Body,
) -> Result<Response, Problem> {
    let said = heard(&doors, &head, sent).await?;
    rule(&doors, &id, (Says::Aside, said.reason)).await
}

async fn rule(doors: &Doors, id: &str, (says, reason): (Says, String)) -> Result<Response, Problem> {
    let hand = inbound::Hand {
        callback: identified(id)?,
        says,
        reason,
        account: None,
    };
    ended(doors.inbound.handle(hand).await)
}

/// The platform is to be asked again how a payment stands.
pub(super) async fn ask(
    State(doors): State<Arc<Doors>>,
    Part(reference): Part,
    head: Head,
    sent: Body,
) -> Result<Response, Problem> {
    let said = heard(&doors, &head, sent).await?;
    pay(&doors, reference, (payments::Says::AskAgain, said.reason)).await
}

/// Nobody will pay a payment.
pub(super) async fn drop_payment(
    State(doors): State<Arc<Doors>>,
    Part(reference): Part,
    head: Head,
    sent: Body,
) -> Result<Response, Problem> {
    let said = heard(&doors, &head, sent).await?;
    pay(&doors, reference, (payments::Says::Drop, said.reason)).await
}

async fn pay(
    doors: &Doors,
    reference: String,
    (says, reason): (payments::Says, String),
) -> Result<Response, Problem> {
    let payments = doors.payments.as_ref();
    let payments = payments.ok_or_else(|| Problem::new(Kind::NoPlatform))?;
    let hand = payments::Hand {
        reference,
        says,
        reason,
        account: None,
    };
    ended(payments.handle(hand).await)
}

fn ended(end: Result<RulingEnd, StoreError>) -> Result<Response, Problem> {
    match end {
        Ok(RulingEnd::Done) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(RulingEnd::WrongState) => Err(Problem::new(Kind::WrongState)),
        Ok(RulingEnd::NoDossier) => Err(Problem::new(Kind::UnknownDossier)),
        Ok(RulingEnd::NoSystem) => Err(Problem::new(Kind::UnknownSystem)),
        Err(_) => Err(Problem::new(Kind::Full)),
    }
}

/// What an operator says; who is none is told so before anything of the body is waited for.
async fn heard(doors: &Doors, head: &Head, sent: Body) -> Result<Said, Problem> {
    operator(doors, head)?;
    let mut room = doors.room.part();
    let said = body::within(doors, sent, &mut room).await?;
    let said = serde_json::from_slice::<Said>(&said).ok();
    let said = said.filter(|said| !said.reason.trim().is_empty());
    said.ok_or_else(|| Problem::new(Kind::NoReason))
}

fn operator(doors: &Doors, head: &Head) -> Result<(), Problem> {
    match doors.outbound.systems().caller(head.shown()).map_err(denied)? {
        Caller::Operator(_) => Ok(()),
        Caller::System(_) => Err(Problem::new(Kind::OperatorOnly)),
    }
}

fn identified(id: &str) -> Result<ExchangeId, Problem> {
    id.parse().map_err(|_| Problem::new(Kind::UnknownCallback))
}
