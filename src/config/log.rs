use std::path::PathBuf;
use std::time::Duration;

use super::section::Section;

/// The exchange log.
#[derive(Clone, Debug)]
pub struct Log {
    /// The newest signed head, beside the store.
    pub head_file: PathBuf,
    /// How often a checkpoint is signed.
    pub interval: Duration,
    /// The key that signs checkpoints.
    pub key_file: PathBuf,
}

impl Log {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let head_file = from.path("head_file");
        let interval = from.duration("interval");
        let key_file = from.path("key_file");
        Some(Self {
            head_file: head_file?,
            interval: interval?,
            key_file: key_file?,
        })
    }
}
