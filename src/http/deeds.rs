//! What people do with personal data: have a subject erased, and see who looked at what. For operators; the subject's number stands
//! in the body, never in an address.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::body;
use super::problem::{Kind, Problem};
use super::{Doors, Head, denied};
use crate::intake::Caller;
use crate::upkeep::Doer;

/// What an operator says of a subject.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// The identity number.
    subject: String,
    reason: String,
    basis: String,
    #[serde(default)]
    dry_run: bool,
}

/// Erases everything about a subject.
pub(super) async fn erase(
    State(doors): State<Arc<Doors>>,
    head: Head,
    said: Body,
) -> Result<Response, Problem> {
    let (doer, said) = heard(&doors, &head, said).await?;
    let erased = doors.upkeep.erase(&doer, &said.subject, said.dry_run).await;
    let erased = erased.map_err(|_| Problem::new(Kind::Full))?;
    Ok(Json(erased).into_response())
}

/// Who looked at what of a subject, and had what erased.
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    head: Head,
    said: Body,
) -> Result<Response, Problem> {
    let (doer, said) = heard(&doors, &head, said).await?;
    let deeds = doors.upkeep.deeds(&doer, &said.subject).await;
    let deeds = deeds.map_err(|_| Problem::new(Kind::Full))?;
    Ok(Json(json!({ "deeds": deeds })).into_response())
}

async fn heard(doors: &Doors, head: &Head, said: Body) -> Result<(Doer, Said), Problem> {
    let caller = doors.outbound.systems().caller(head.shown()).map_err(denied)?;
    let Caller::Operator(who) = caller else {
        return Err(Problem::new(Kind::OperatorOnly));
    };
    let mut room = doors.room.part();
    let said = body::within(doors, said, &mut room).await?;
    let said = serde_json::from_slice::<Said>(&said).ok();
    let given = |text: &str| !text.trim().is_empty();
    let said = said.filter(|said| given(&said.subject) && given(&said.reason) && given(&said.basis));
    let said = said.ok_or_else(|| Problem::new(Kind::NoReason))?;
    let doer = Doer {
        who,
        reason: said.reason.clone(),
        basis: said.basis.clone(),
    };
    Ok((doer, said))
}
