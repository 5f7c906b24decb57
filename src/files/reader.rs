//! A file of the folder, read part by part.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::{PART, SEAL, marked, parts, place};
use crate::model::{ExchangeId, SealError, Sealer, Warrant};

/// Reads a file.
pub struct Reader {
    file: File,
    id: ExchangeId,
    size: u64,
    sealer: Arc<dyn Sealer>,
}

/// Why a file, or a part of it, is not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It is not in the folder.
    #[error("it is not in the folder")]
    Gone,
    /// It is longer or shorter than it was.
    #[error("it is not as long as it was")]
    Length,
    /// The system does not read it.
    #[error("it cannot be read: {0}")]
    Disk(#[from] io::Error),
    /// It does not open.
    #[error(transparent)]
    Sealed(#[from] SealError),
}

impl Reader {
    pub(super) fn open(
        path: &Path,
        (id, size): (ExchangeId, u64),
        sealer: Arc<dyn Sealer>,
    ) -> Result<Self, Unread> {
        let file = File::open(path).map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                Unread::Gone
            } else {
                Unread::Disk(error)
            }
        })?;
        let whole = size.saturating_add(parts(size).saturating_mul(SEAL as u64));
        if file.metadata()?.len() != whole {
            return Err(Unread::Length);
        }
        Ok(Self {
            file,
            id,
            size,
            sealer,
        })
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The bytes of a part, from 0; none behind the last.
    pub fn part(&self, number: u64) -> Result<Vec<u8>, Unread> {
        let start = number.saturating_mul(PART as u64);
        let length = self.size.saturating_sub(start).min(PART as u64);
        if length == 0 {
            return Ok(Vec::new());
        }
        let mut sealed = vec![0; length as usize + SEAL];
        let offset = number.saturating_mul((PART + SEAL) as u64);
        self.file.read_exact_at(&mut sealed, offset)?;
        let mark = marked(number, number + 1 == parts(self.size));
        Ok(self.sealer.open(Warrant::Work, place(&self.id, &mark), &sealed)?)
    }
}
