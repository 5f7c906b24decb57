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

/// What is known of a file's harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scan {
    /// Nobody looked: no scanner is named, or none has answered yet.
    NotScanned,
    /// The scanner found nothing.
    Clean,
    /// The scanner found something: it is given to nobody, and its owner must act.
    Found,
}

impl Scan {
    /// The word in the store and in the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotScanned => "not-scanned",
            Self::Clean => "clean",
            Self::Found => "found",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::NotScanned, Self::Clean, Self::Found]
            .into_iter()
            .find(|scan| scan.word() == word)
    }
}

/// What a scan came to.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The file.
    pub id: ExchangeId,
    /// What is known now.
    pub scan: Scan,
    /// What was found, by the scanner's name for it; or why there is no verdict.
    pub says: Option<String>,
    /// Where there is no verdict: it is not scanned again before, ms since 1970.
    pub wake: i64,
    /// The leaf, where there is a verdict.
    pub leaf: Option<Draft>,
}

/// How many files stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct FileBooks {
    /// Those whose bytes are here.
    pub held: u64,
    /// Those of them that nobody looked at.
    pub not_scanned: u64,
    /// Those that nobody is given, because of what was found.
    pub found: u64,
}

/// What became of a file that was to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKept {
    /// It is kept.
    New(FileRow),
    /// The system handed the same bytes in before: those count, and nothing else was kept.
    Again(FileRow),
}

/// What its system does about a file in which something was found.
pub const REPLACE: &str = "hand in a clean file and push the dossiers that name this one again";

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
    /// What is known of its harm.
    pub scan: Scan,
    /// What was found, or why nobody knows.
    pub scan_says: Option<String>,
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
    /// What is known of its harm.
    pub scan: Scan,
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
    /// What is known of its harm.
    pub scan: Scan,
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
    /// Files that nobody looked at and that may be scanned now, the longest waiting first.
    fn unscanned_files(&self, now: i64, limit: usize) -> Reply<'_, Vec<FileRow>>;
    /// Keeps what a scan came to; a verdict with its leaf.
    fn scanned(&self, scanned: Scanned) -> Reply<'_, ()>;
    /// The files in which something was found, and that are not gone.
    fn found_files(&self, limit: usize) -> Reply<'_, Vec<FileRow>>;
    /// How many stand where.
    fn file_books(&self) -> Reply<'_, FileBooks>;
    /// The files whose bytes are here, after a place in their order, with their places.
    fn held_files(&self, after: i64, limit: usize) -> Reply<'_, Vec<(i64, FileRow)>>;
}
