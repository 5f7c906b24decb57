use std::path::PathBuf;

use super::section::Section;

/// The store of dossiers, outbox and exchange log.
#[derive(Clone, Debug)]
pub struct Store {
    /// The folder of its file.
    pub path: PathBuf,
    /// The most transactions that share one flush.
    pub batch: u32,
    /// The most transactions that wait for the disk.
    pub queue: u32,
    /// Memory for its pages, in bytes.
    pub cache: u64,
}

impl Store {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let path = from.path("path");
        let batch = from.count("batch", 1..=100_000);
        let queue = from.count("queue", 1..=10_000_000);
        let cache = from.size("cache");
        Some(Self {
            path: path?,
            batch: batch?,
            queue: queue?,
            cache: cache?,
        })
    }
}
