use std::path::PathBuf;

use super::section::Section;

/// A folder laid over what is shipped in the binary.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder; none when what is shipped stands alone.
    pub folder: Option<PathBuf>,
}

impl Folder {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        Some(Self {
            folder: from.maybe_path("folder"),
        })
    }
}
