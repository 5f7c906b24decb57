use std::path::PathBuf;

use super::section::Section;

/// What seals personal data in the store.
#[derive(Clone, Debug)]
pub struct Vault {
    /// The node key: it wraps all others.
    pub node_key_file: PathBuf,
    /// The file of keys, one for each filing and each callback.
    pub keys_file: PathBuf,
}

impl Vault {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let node_key_file = from.path("node_key_file");
        let keys_file = from.path("keys_file");
        Some(Self {
            node_key_file: node_key_file?,
            keys_file: keys_file?,
        })
    }
}
