//! Reads a body within its limit. What is beyond it is let pass unread, so that the caller hears the answer.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use futures_util::StreamExt;

use super::Doors;
use super::problem::{Kind, Problem};
use super::room::Part;

/// Why there is no body to work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It came too slowly.
    TooSlow,
    /// Longer than allowed.
    TooLarge,
    /// The connection broke.
    Broken,
    /// Too many bodies are being read at once.
    NoRoom,
}

impl Unread {
    /// Whether it is more than is taken.
    pub(super) fn is_large(self) -> bool {
        self == Self::TooLarge
    }
}

/// How many times the limit is let pass before the connection is given up.
const PATIENCE: usize = 16;

/// The whole body, within the limit, the time and the room that the door allows.
pub(super) async fn within(doors: &Doors, body: Body, room: &mut Part) -> Result<Vec<u8>, Problem> {
    let read = bytes(body, (doors.body_limit, doors.patience), room).await;
    read.map_err(|why| {
        Problem::new(match why {
            Unread::TooSlow => Kind::TooSlow,
            Unread::TooLarge => Kind::TooLarge,
            Unread::Broken => Kind::NotJson,
            Unread::NoRoom => Kind::Full,
        })
    })
}

/// The same within a limit and a time of the caller's own.
pub(super) async fn bytes(
    body: Body,
    (limit, patience): (usize, Duration),
    room: &mut Part,
) -> Result<Vec<u8>, Unread> {
    let reading = tokio::time::timeout(patience, read(body, limit, room));
    reading.await.unwrap_or(Err(Unread::TooSlow))
}

/// The whole body, at most `limit` bytes; memory never grows beyond that, nor beyond its part of the room.
async fn read(body: Body, limit: usize, room: &mut Part) -> Result<Vec<u8>, Unread> {
    // Told beforehand how long it is, it is not copied from one place to a larger one as it grows.
    let told = usize::try_from(body.size_hint().upper().unwrap_or(0)).unwrap_or(usize::MAX);
    let mut kept = Vec::with_capacity(if told > limit { 0 } else { told });
    let mut stream = body.into_data_stream();
    let mut passed = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Unread::Broken)?;
        passed = passed.saturating_add(chunk.len());
        if passed > limit.saturating_mul(PATIENCE) {
            return Err(Unread::TooLarge);
        }
        if passed.max(told) > limit {
            kept = Vec::new();
            room.leave();
        } else if !room.grow(passed) {
            return Err(Unread::NoRoom);
        } else {
            kept.extend_from_slice(&chunk);
        }
    }
    if passed > limit {
        Err(Unread::TooLarge)
    } else {
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::room::Room;

    #[tokio::test]
    async fn the_limit_itself_is_allowed_and_one_more_is_not() {
        let room = Room::new(10);
        assert_eq!(
            read(Body::from(vec![1; 10]), 10, &mut room.part()).await,
            Ok(vec![1; 10])
        );
        assert_eq!(
            read(Body::from(vec![1; 11]), 10, &mut room.part()).await,
            Err(Unread::TooLarge)
        );
        assert_eq!(
            read(Body::from(vec![1; 1_000]), 10, &mut room.part()).await,
            Err(Unread::TooLarge)
        );
    }
}
