use std::path::PathBuf;

use super::section::Section;

/// The bytes of files that systems hand in.
#[derive(Clone, Debug)]
pub struct Files {
    /// Their folder.
    pub path: PathBuf,
    /// The largest file taken, in bytes.
    pub limit: u64,
}

impl Files {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let path = from.path("path");
        let limit = from.size("limit");
        Some(Self {
            path: path?,
            limit: limit?,
        })
    }
}
