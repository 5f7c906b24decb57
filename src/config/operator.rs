//! `[operators.<name>]`: who may look into every exchange, and lay a hand on those that stand still.

use super::section::Section;

/// An operator of this node.
#[derive(Clone, Debug)]
pub struct Operator {
    /// SHA-256 of each token it may use.
    pub tokens: Vec<[u8; 32]>,
    /// SHA-256 of each certificate it may show instead (DER).
    pub certificates: Vec<[u8; 32]>,
}

impl Operator {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let tokens = from.digests("token_sha256");
        let certificates = from.maybe_digests("certificate_sha256");
        Some(Self {
            tokens: tokens?,
            certificates: certificates?,
        })
    }
}
