//! What a store shows of one dossier as evidence: bytes, and the salts that open what leaves commit to.

use crate::evidence::file::Role;
use crate::model::ExchangeId;
use crate::store::{Deed, Reply};

/// Something of a dossier that a leaf tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// What it is.
    pub role: Role,
    /// The leaf that tells of it, or the attempt of which a leaf does.
    pub of: Of,
    /// The salt of the leaf's commitment.
    pub salt: [u8; 16],
    /// Its bytes; of what is not kept itself, its SHA-256.
    pub bytes: Vec<u8>,
}

/// Where the log tells of an exhibit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// In this leaf.
    Leaf(u64),
    /// In the leaf of this attempt, counted from 1.
    Attempt(ExchangeId, u32),
}

/// What a store has of one dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibits {
    /// The dossier, blinded, as its leaves name it.
    pub blind: [u8; 16],
    /// What there is to show.
    pub exhibits: Vec<Exhibit>,
}

/// Evidence of one dossier.
pub trait Shows {
    /// Everything of a dossier that leaves tell of, shown to somebody: the leaves of the look are flushed first, then it is
    /// opened. Of what was erased there is nothing. None, and nothing entered, where there is no such dossier.
    fn exhibits(&self, number: &str, deed: Deed) -> Reply<'_, Option<Exhibits>>;
}
