//! Papers that the national side sent, by their digest, for the system whose dossier they are about.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::files::{disposition, is_own, unstored, wanted};
use super::problem::{Kind, Problem};
use super::{Doors, Head, dossiers};
use crate::files::media;
use crate::store::Wanted;

/// A paper's bytes. That it was looked at is in the log before it is opened.
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    path: Result<Path<(String, String)>, PathRejection>,
    head: Head,
) -> Result<Response, Problem> {
    let Path((system, digest)) = path.map_err(|_| Problem::new(Kind::UnknownAddress))?;
    is_own(&doors, &system, &head)?;
    let digest = wanted(&digest)?;
    let doer = dossiers::doer(&doors, &head)?;
    let seen = doors.upkeep.look(&doer, Wanted::Paper { system, digest }).await;
    let seen = seen.map_err(unstored)?;
    let paper = seen.and_then(|seen| seen.parts.into_iter().next());
    let (_, bytes) = paper.ok_or_else(|| Problem::new(Kind::UnknownFile))?;
    let media = media(&bytes);
    let name = HeaderValue::from_str(&disposition("", media)).map_err(|_| Problem::new(Kind::Broken))?;
    let media = HeaderValue::from_static(media);
    Ok(([(CONTENT_TYPE, media), (CONTENT_DISPOSITION, name)], bytes).into_response())
}
