//! How much of the callers' bodies is held at once: memory is bounded whoever calls, and however often.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies that are being read, in KiB.
const READING: usize = 16 * 1024;
/// Bodies that are being worked on, in KiB. Read, a hostile one takes many times its length.
const WORKING: usize = 5 * 1024;

/// The room for bodies.
pub struct Room {
    reading: Arc<Semaphore>,
    working: Arc<Semaphore>,
    /// KiB of `working`.
    whole: usize,
}

/// A part of the room; given back when it is dropped.
pub(super) struct Part {
    room: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Room in which a body of `limit` bytes has a place.
    pub fn new(limit: usize) -> Self {
        let whole = kib(limit).max(WORKING);
        Self {
            reading: Arc::new(Semaphore::new(READING.max(whole.saturating_mul(2)))),
            working: Arc::new(Semaphore::new(whole)),
            whole,
        }
    }

    /// A part for a body of which nothing was read yet.
    pub(super) fn part(&self) -> Part {
        Part {
            room: Arc::clone(&self.reading),
            held: None,
        }
    }

    /// Waits until a body of so many bytes may be worked on. Who waits does so in turn, and nobody who is slow to send is
    /// before him.
    pub(super) async fn turn(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let wanted = u32::try_from(kib(bytes).min(self.whole)).unwrap_or(u32::MAX);
        Arc::clone(&self.working).acquire_many_owned(wanted).await.ok()
    }
}

impl Part {
    /// Makes it large enough for so many bytes; false when the room is full.
    #[must_use]
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(kib(bytes).saturating_sub(held)).unwrap_or(u32::MAX);
        let Ok(more) = Arc::clone(&self.room).try_acquire_many_owned(more) else {
            return false;
        };
        match &mut self.held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        true
    }

    /// Gives all of it back.
    pub(super) fn leave(&mut self) {
        self.held = None;
    }
}

fn kib(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_full_when_it_is_full_and_empties() {
        let room = Room::new(READING * 1024);
        let (mut one, mut two) = (room.part(), room.part());
        assert!(one.grow(READING * 1024) && two.grow(READING * 1024));
        assert!(!one.grow(READING * 1024 + 1));
        two.leave();
        assert!(one.grow(READING * 1024 + 1));
        let all = room.turn(usize::MAX).await;
        assert!(all.is_some() && room.working.available_permits() == 0);
    }
}
