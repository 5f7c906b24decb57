//! Time-stamps of checkpoints.

use super::{Reply, SignedCheckpoint};

/// A checkpoint with the time-stamp over its note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampRow {
    /// Leaves under the checkpoint.
    pub leaves: u64,
    /// When the authority says that it existed, ms since 1970.
    pub at: i64,
    /// The checkpoint's signed note: what is stamped.
    pub note: String,
    /// The TimeStampToken, DER.
    pub token: Vec<u8>,
}

/// What a store keeps of time-stamps. They are never rewritten, and are kept as long as the log.
pub trait Stamps {
    /// Keeps a stamp; one over as many leaves is left as it was.
    fn stamped(&self, stamp: StampRow) -> Reply<'_, ()>;
    /// The earliest stamp over at least so many leaves.
    fn stamp_over(&self, leaves: u64) -> Reply<'_, Option<StampRow>>;
    /// The newest stamp.
    fn newest_stamp(&self) -> Reply<'_, Option<StampRow>>;
    /// Stamps over more leaves than these, in their order.
    fn stamps_after(&self, leaves: u64, limit: usize) -> Reply<'_, Vec<StampRow>>;
    /// The earliest checkpoint over more leaves than these that is still kept: since when there is something to stamp.
    fn unstamped(&self, leaves: u64) -> Reply<'_, Option<SignedCheckpoint>>;
}
