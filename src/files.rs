//! Bytes of papers and results in a folder of this machine, a file for each, in parts that are sealed one by one.
//!
//! Each part is sealed for its place: this file, this number, and whether it is the last. A part that was changed, moved, taken from
//! another file or cut off does not open, and one part opens without the others. What a file is about stands in the store; the name
//! here is an id and says nothing.
//!
//! A file is written under a name of its own that ends in `.new`, flushed, and renamed; then the store is told. May the folder be
//! lost? No: the portal fetches from it. Who can write it can spoil files, not change them; who can read it reads nothing.

mod draft;
mod media;
mod reader;

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::sha::Sha256;
use rustix::fs::{Access, statvfs};

use crate::model::{ExchangeId, Place, SealError, Sealer, Slot};

pub use draft::Draft;
pub use media::{ending, of as media};
pub use reader::{Reader, Unread};

/// Clear bytes in a part; the last one may have fewer.
pub const PART: usize = 64 * 1024;
/// What sealing adds to a part.
const SEAL: usize = 41;
/// The ending of a file that is being written.
const NEW: &str = "new";
/// The column of the place that a part is sealed for.
const COLUMN: &str = "file.part";

/// The folder.
pub struct Files {
    folder: PathBuf,
    sealer: Arc<dyn Sealer>,
    limit: u64,
    room: u64,
}

/// A file that is whole and on disk, and that the store does not know yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id: its name in the folder.
    pub id: ExchangeId,
    /// What its parts are sealed under.
    pub slot: Slot,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size: u64,
    /// What its bytes are, by themselves.
    pub media: &'static str,
}

/// Why a file was not kept. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum Unkept {
    /// It has no bytes.
    #[error("it has no bytes")]
    Empty,
    /// It has more bytes than are taken.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// The disk is full, or has less free room than must stay.
    #[error("the disk takes nothing more at present")]
    Full,
    /// The folder or the file cannot be written.
    #[error("{path}: {source}")]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It could not be sealed.
    #[error(transparent)]
    Sealed(#[from] SealError),
}

impl Files {
    /// The folder at `folder`, which need not be there yet, for files of at most `limit` bytes; with less than `room` bytes free on its
    /// disk nothing is taken.
    pub fn new(folder: &Path, sealer: Arc<dyn Sealer>, (limit, room): (u64, u64)) -> Self {
        Self {
            folder: folder.to_owned(),
            sealer,
            limit,
            room,
        }
    }

    fn make(&self) -> Result<(), Unkept> {
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder);
        made.map_err(|source| unwritable(&self.folder, source))
    }

    /// Whether files can be kept in a folder, which need not be there yet; nothing is touched.
    pub fn usable(folder: &Path) -> Result<(), Unkept> {
        let stands = folder
            .ancestors()
            .find(|folder| folder.exists())
            .unwrap_or(folder);
        let open = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
        if !stands.is_dir() {
            return Err(unwritable(stands, ErrorKind::NotADirectory.into()));
        }
        rustix::fs::access(stands, open).map_err(|error| unwritable(stands, error.into()))
    }

    /// The most bytes of one file.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Begins a file. Its bytes go to the disk as they come.
    pub fn begin(&self, id: ExchangeId) -> Result<Draft, Unkept> {
        self.make()?;
        let disk = statvfs(&self.folder).map_err(|error| unwritable(&self.folder, error.into()))?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < self.room {
            return Err(Unkept::Full);
        }
        Draft::begin(self, id)
    }

    /// Takes away a file that nothing names. Where the store may have kept it, it is left: the next start looks.
    pub fn discard(&self, kept: &Kept) {
        self.remove(kept.id);
        self.sealer.give_back(kept.slot);
    }

    /// Takes a file away; one that is gone already is as good.
    pub fn remove(&self, id: ExchangeId) {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(file.id = %id, error = %error, "a file that nothing names stays in the folder");
            }
            Ok(()) | Err(_) => {}
        }
    }

    /// Opens a file of so many bytes, to read.
    pub fn read(&self, id: ExchangeId, size: u64) -> Result<Reader, Unread> {
        Reader::open(&self.path(id), (id, size), Arc::clone(&self.sealer))
    }

    /// At the start of the only process: takes away what a dead one left half written, and names all others.
    pub fn tidy(&self) -> Result<Vec<ExchangeId>, Unkept> {
        self.make()?;
        self.names(true)
    }

    /// All files that are whole.
    pub fn all(&self) -> Result<Vec<ExchangeId>, Unkept> {
        if self.folder.is_dir() {
            self.names(false)
        } else {
            Ok(Vec::new())
        }
    }

    fn names(&self, tidies: bool) -> Result<Vec<ExchangeId>, Unkept> {
        let unreadable = |source| unwritable(&self.folder, source);
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let Ok(id) = name.parse::<ExchangeId>() else {
                continue;
            };
            match path.extension() {
                None => all.push(id),
                Some(ending) if ending == NEW && tidies => fs::remove_file(&path).map_err(unreadable)?,
                Some(_) => {}
            }
        }
        Ok(all)
    }

    /// Whether a file's bytes are those of a digest; why not, if not.
    pub fn holds(&self, id: ExchangeId, size: u64, digest: &[u8; 32]) -> Result<bool, Unread> {
        let reader = self.read(id, size)?;
        let mut sha = Sha256::new();
        for number in 0..parts(size) {
            sha.update(&reader.part(number)?);
        }
        Ok(sha.finish() == *digest)
    }

    fn path(&self, id: ExchangeId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    /// Makes the names in the folder durable.
    fn sync(&self) -> Result<(), Unkept> {
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(|source| unwritable(&self.folder, source))
    }
}

/// How many parts a file of so many bytes has.
const fn parts(size: u64) -> u64 {
    size.div_ceil(PART as u64)
}

/// The place of a part: its number, and whether it is the last.
fn marked(number: u64, last: bool) -> [u8; 9] {
    let mut mark = [u8::from(last); 9];
    mark[..8].copy_from_slice(&number.to_be_bytes());
    mark
}

fn place<'a>(id: &'a ExchangeId, mark: &'a [u8; 9]) -> Place<'a> {
    Place {
        column: COLUMN,
        row: [id.as_bytes(), mark],
    }
}

fn unwritable(path: &Path, source: io::Error) -> Unkept {
    if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        return Unkept::Full;
    }
    let path = path.to_owned();
    Unkept::Unwritable { path, source }
}

#[cfg(test)]
mod tests;
