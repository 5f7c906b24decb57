//! Opening the books: the folder is locked, the file read through, a torn end cut off.

use super::State;
use super::line::Line;
use crate::twin::Error;
use serde::de::IgnoredAny;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The file of the books in their folder.
const NAME: &str = "books.jsonl";

/// The file ready for appending, its length, and what it says.
pub(super) fn open(folder: &Path) -> Result<(File, u64, State), Error> {
    let path = folder.join(NAME);
    let wrong = |source| Error::Books {
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(wrong)?;
    let file = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(&path)
        .map_err(wrong)?;
    if file.try_lock().is_err() {
        return Err(Error::Locked { path });
    }
    let (end, state) = read(&file, &path)?;
    if end < file.metadata().map_err(wrong)?.len() {
        file.set_len(end).map_err(wrong)?;
    }
    file.sync_all().map_err(wrong)?;
    // A file that is new must be found again after a power cut.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(wrong)?;
    Ok((file, end, state))
}

fn read(file: &File, path: &Path) -> Result<(u64, State), Error> {
    let wrong = |source| Error::Books {
        path: path.to_owned(),
        source,
    };
    let mut from = BufReader::with_capacity(1 << 18, file);
    let (mut state, mut end) = (State::default(), 0);
    let (mut bytes, mut room) = (Vec::new(), Vec::new());
    loop {
        bytes.clear();
        from.read_until(b'\n', &mut bytes).map_err(wrong)?;
        let last = from.fill_buf().map_err(wrong)?.is_empty();
        let Some(line) = whole(&bytes, last)
            .then(|| Line::read(&bytes, &mut room))
            .flatten()
        else {
            return if last {
                Ok((end, state))
            } else {
                Err(broken(path, end))
            };
        };
        state.apply(&line, end, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        end += bytes.len() as u64;
    }
}

/// Only the last line can be torn, so only the last one is read in full.
fn whole(bytes: &[u8], last: bool) -> bool {
    bytes.ends_with(b"}\n") && (!last || serde_json::from_slice::<IgnoredAny>(bytes).is_ok())
}

fn broken(path: &Path, offset: u64) -> Error {
    Error::Broken {
        path: PathBuf::from(path),
        offset,
    }
}
