//! The exchange log as C2SP tlog-tiles: a checkpoint and tiles, readable by anybody. Leaves carry no personal data.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde_json::json;

use super::problem::{Kind, Problem};
use super::{Doors, Part};
use crate::evidence::leaf::Chain;
use crate::model::Time;

/// The newest signed checkpoint.
pub(super) async fn checkpoint(State(doors): State<Arc<Doors>>) -> Result<Response, Problem> {
    let found = doors.outbound.store().checkpoint().await;
    match found {
        Ok(Some(signed)) => {
            let headers = [
                (CONTENT_TYPE, "text/plain; charset=utf-8"),
                (CACHE_CONTROL, "max-age=1"),
            ];
            Ok((headers, signed.note).into_response())
        }
        Ok(None) => Err(Problem::new(Kind::UnknownAddress)),
        Err(_) => Err(Problem::new(Kind::Full)),
    }
}

/// A tile of hashes or a bundle of entries, full or partial, as far as the newest checkpoint reaches.
pub(super) async fn tile(State(doors): State<Arc<Doors>>, Part(path): Part) -> Result<Response, Problem> {
    let bytes = crate::upkeep::tile(doors.outbound.store(), &format!("tile/{path}"))
        .await
        .map_err(|_| Problem::new(Kind::Full))?
        .ok_or_else(|| Problem::new(Kind::UnknownAddress))?;
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

/// What the map of heads under the newest checkpoint says of a chain.
pub(super) async fn chain(State(doors): State<Arc<Doors>>, Part(path): Part) -> Result<Response, Problem> {
    let chain = Chain::parse(&path).ok_or_else(|| Problem::new(Kind::UnknownAddress))?;
    let proof = doors.upkeep.complete(chain).await;
    let proof = proof
        .map_err(|_| Problem::new(Kind::Full))?
        .ok_or_else(|| Problem::new(Kind::UnknownAddress))?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "max-age=1"),
    ];
    Ok((headers, proof).into_response())
}

/// The earliest time-stamp over at least so many leaves, with the checkpoint that is stamped.
pub(super) async fn stamp(State(doors): State<Arc<Doors>>, Part(leaves): Part) -> Result<Response, Problem> {
    let leaves: u64 = leaves.parse().map_err(|_| Problem::new(Kind::UnknownAddress))?;
    let found = doors.upkeep.stamp_over(leaves).await;
    let stamp = found
        .map_err(|_| Problem::new(Kind::Full))?
        .ok_or_else(|| Problem::new(Kind::UnknownAddress))?;
    let at = Time::at(stamp.at.div_euclid(1_000)).to_string();
    let told = json!({
        "leaves": stamp.leaves,
        "at": at,
        "checkpoint": stamp.note,
        "token": BASE64.encode(&stamp.token),
    });
    Ok(([(CACHE_CONTROL, "max-age=60")], Json(told)).into_response())
}
