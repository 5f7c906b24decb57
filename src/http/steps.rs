//! Steps of a dossier, pushed by themselves in the system's own format.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;

use super::body;
use super::dossiers::{accepted, is_json, key};
use super::problem::{Kind, Problem};
use super::refusal::refused;
use super::{Doors, Head, Part, denied};
use crate::outbound::Submission;

/// Accepts steps of a dossier that the system pushed before. The answer waits for the disk.
pub(super) async fn push(
    State(doors): State<Arc<Doors>>,
    Part(system): Part,
    head: Head,
    body: Body,
) -> Result<Response, Problem> {
    let systems = doors.outbound.systems();
    let system = systems.writer(&system, head.shown()).map_err(denied)?;
    is_json(&head.headers)?;
    let key = key(&head.headers)?;
    let mut room = doors.room.part();
    let body = body::within(&doors, body, &mut room).await?;
    let _turn = doors.room.turn(body.len()).await;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::new(Kind::Empty));
    }
    let submission = Submission {
        system,
        key,
        body: &body,
    };
    let taken = doors.outbound.submit_steps(submission).await;
    taken.map(accepted).map_err(refused)
}
