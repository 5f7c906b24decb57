//! A file on its way to the disk.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::sha::Sha256;

use super::{Files, Kept, NEW, PART, Unkept, marked, media, place, unwritable};
use crate::model::{ExchangeId, Sealer, Slot};

/// A file that is being written. Dropped before its end, it leaves nothing.
pub struct Draft {
    id: ExchangeId,
    slot: Slot,
    sealer: Arc<dyn Sealer>,
    file: File,
    path: PathBuf,
    limit: u64,
    sha: Sha256,
    media: &'static str,
    /// The part that is not full yet, or of which it is not known yet whether it is the last.
    part: Vec<u8>,
    number: u64,
    size: u64,
    whole: bool,
}

impl Draft {
    pub(super) fn begin(files: &Files, id: ExchangeId) -> Result<Self, Unkept> {
        let path = files.path(id).with_extension(NEW);
        let file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&path);
        let file = file.map_err(|source| unwritable(&path, source))?;
        Self::over(files, id, file, &path)
    }

    /// Over a file that is open already, which goes with it.
    pub(super) fn over(files: &Files, id: ExchangeId, file: File, path: &Path) -> Result<Self, Unkept> {
        let slot = files.sealer.take().inspect_err(|_| {
            let _gone = fs::remove_file(path);
        })?;
        Ok(Self {
            id,
            slot,
            sealer: Arc::clone(&files.sealer),
            file,
            path: path.to_owned(),
            limit: files.limit,
            sha: Sha256::new(),
            media: media::UNKNOWN,
            part: Vec::with_capacity(PART),
            number: 0,
            size: 0,
            whole: false,
        })
    }

    /// Takes the next bytes.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Unkept> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.limit {
            return Err(Unkept::TooLarge(self.limit));
        }
        self.sha.update(bytes);
        while !bytes.is_empty() {
            if self.part.len() == PART {
                self.seal(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(PART - self.part.len()));
            self.part.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Ends it: the file has its name and is on disk.
    pub fn finish(mut self, files: &Files) -> Result<Kept, Unkept> {
        if self.size == 0 {
            return Err(Unkept::Empty);
        }
        self.seal(true)?;
        let path = files.path(self.id);
        let named = self.file.sync_all().and_then(|()| fs::rename(&self.path, &path));
        named.map_err(|source| unwritable(&self.path, source))?;
        self.path = path;
        files.sync()?;
        self.whole = true;
        Ok(Kept {
            id: self.id,
            slot: self.slot,
            digest: self.sha.clone().finish(),
            size: self.size,
            media: self.media,
        })
    }

    fn seal(&mut self, last: bool) -> Result<(), Unkept> {
        if self.number == 0 {
            self.media = media::of(&self.part);
        }
        let mark = marked(self.number, last);
        let sealed = self.sealer.seal(self.slot, place(&self.id, &mark), &self.part)?;
        let written = self.file.write_all(&sealed);
        written.map_err(|source| unwritable(&self.path, source))?;
        self.number += 1;
        self.part.clear();
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.whole {
            // What stays is taken away at the next start.
            let _gone = fs::remove_file(&self.path);
            self.sealer.give_back(self.slot);
        }
    }
}
