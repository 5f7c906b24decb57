use std::path::PathBuf;

use super::section::Section;

/// Where this node's keys are.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Signs receipts.
    pub receipt_file: PathBuf,
    /// Signs payloads.
    pub payload_file: PathBuf,
    /// Blinds what the log says about persons.
    pub blinding_file: PathBuf,
}

impl Keys {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let receipt_file = from.path("receipt_file");
        let payload_file = from.path("payload_file");
        let blinding_file = from.path("blinding_file");
        Some(Self {
            receipt_file: receipt_file?,
            payload_file: payload_file?,
            blinding_file: blinding_file?,
        })
    }
}
