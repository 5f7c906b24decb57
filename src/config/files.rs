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
    /// Where the scanner for malware listens, if one is named.
    pub scanner: Option<String>,
    /// How long it may take for one file.
    pub scan_wait: Duration,
    /// Whether a file is held back until it was scanned.
    pub hold_unscanned: bool,
}

impl Files {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let path = from.path("path");
        let limit = from.size("limit");
        let ended = from.duration("ended");
        let unnamed = from.duration("unnamed");
        let scanner = from.maybe_text("scanner");
        let scan_wait = from.duration("scan_wait");
        let hold_unscanned = from.truth("hold_unscanned");
        Some(Self {
            path: path?,
            limit: limit?,
            ended: ended?,
            unnamed: unnamed?,
            scanner,
            scan_wait: scan_wait?,
            hold_unscanned: hold_unscanned?,
        })
    }
}
