use std::path::PathBuf;
use std::time::Duration;

use super::section::Section;

/// The bytes of files that systems hand in.
#[derive(Clone, Debug)]
pub struct Files {
    /// Their folder.
    pub path: PathBuf,
    /// The largest file taken, in bytes.
    pub limit: u64,
    /// How long a file is kept after all its dossiers ended.
    pub ended: Duration,
    /// How long a file is kept that no dossier names.
    pub unnamed: Duration,
}

impl Files {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let path = from.path("path");
        let limit = from.size("limit");
        let ended = from.duration("ended");
        let unnamed = from.duration("unnamed");
        Some(Self {
            path: path?,
            limit: limit?,
            ended: ended?,
            unnamed: unnamed?,
        })
    }
}
