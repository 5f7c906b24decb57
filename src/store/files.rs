//! Files that systems hand in: what they are, whose, and where they are fetched. Their bytes are elsewhere.

use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, Slot};
use crate::store::{Deed, Reply};

/// A file whose bytes are on disk, with all that keeping it commits.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its id: its name in the folder and in the log.
    pub id: ExchangeId,
    /// The system that hands it in.
    pub system: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size: u64,
    /// What they are, by themselves.
    pub media: &'static str,
    /// When, ms since 1970.
    pub at: i64,
    /// What they are sealed under.
    pub slot: Slot,
    /// Salt of the commitment in the leaf.
    pub salt: [u8; 16],
    /// The leaf; it commits to the digest.
    pub leaf: Draft,
}

/// What became of a file that was to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKept {
    /// It is kept.
    New(FileRow),
    /// The system handed the same bytes in before: those count, and nothing else was kept.
    Again(FileRow),
}

/// A file as its system sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Its id.
    pub id: ExchangeId,
    /// The system that handed it in.
    pub system: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size: u64,
    /// What they are.
    pub media: String,
    /// When it came, ms since 1970.
    pub at: i64,
    /// How many dossiers name it.
    pub named: u64,
}

/// What a dossier may say of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    /// The digest that was asked for.
    pub digest: [u8; 32],
    /// The address that the dossier has for it already.
    pub address: Option<String>,
    /// What the file is.
    pub media: String,
}

/// A file that a dossier names, and its address.
#[derive(Clone, PartialEq, Eq)]
pub struct Naming {
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// The address, 36 characters.
    pub address: String,
    /// What people read.
    pub name: String,
}

/// The address opens the file, the name may be about a person.
impl std::fmt::Debug for Naming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Naming").finish_non_exhaustive()
    }
}

/// What stands at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// The file.
    pub id: ExchangeId,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size: u64,
    /// What they are.
    pub media: String,
    /// Whether the bytes are here no more, or the dossier was erased.
    pub gone: bool,
}

/// When files have served their time; both ms since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    /// Before that, every dossier that names it ended, and nothing is owed for it.
    pub ended: i64,
    /// Before that it was handed in, and no dossier has named it since.
    pub unnamed: i64,
}

/// The files of the store. Each call is one transaction, as those of [`Store`](crate::store::Store).
pub trait FileRows: Send + Sync {
    /// Keeps a file with its leaf, or finds the one of the same bytes. The answer waits for the disk.
    fn keep_file(&self, file: NewFile) -> Reply<'_, FileKept>;
    /// A file of a system by its digest.
    fn file(&self, system: &str, digest: [u8; 32]) -> Reply<'_, Option<FileRow>>;
    /// What a dossier of a system may say of these files: those that are not here and of which it has no address are left out.
    fn places(&self, system: &str, number: &str, digests: Vec<[u8; 32]>) -> Reply<'_, Vec<Place>>;
    /// What stands at an address.
    fn addressed(&self, address: &str) -> Reply<'_, Option<Addressed>>;
    /// Those of these files whose bytes nothing needs, and whether the store ever knew them.
    fn needless_files(&self, ids: Vec<ExchangeId>) -> Reply<'_, Vec<(ExchangeId, bool)>>;
    /// Ends files that have served their time, at most so many: those whose dossiers all ended, and those that no dossier ever named.
    /// Their leaves first, then rows and keys; how many.
    fn end_files(&self, served: Served, limit: usize, deed: Deed) -> Reply<'_, usize>;
    /// The files whose bytes are here, after a place in their order, with their places.
    fn held_files(&self, after: i64, limit: usize) -> Reply<'_, Vec<(i64, FileRow)>>;
}
