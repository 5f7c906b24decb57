//! Backup while in use, and its way back.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::store::StoreError;
use crate::store::sqlite::schema::{self, beside, unusable};

/// Writes what this connection sees to a new file, flushed and under its name only when it is whole.
pub(super) fn backup(conn: &Connection, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::Unusable(format!(
            "{} stands there already",
            to.display()
        )));
    }
    place(to, |part| pages(conn, part))
}

/// Copies every page in one step, inside the reader's own moment: a later commit cannot get in between.
fn pages(conn: &Connection, part: &Path) -> Result<(), StoreError> {
    let mut copy = Connection::open(part)?;
    copy.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;")?;
    let step = Backup::new(conn, &mut copy)?.step(-1)?;
    if step == StepResult::Done {
        return Ok(());
    }
    Err(StoreError::Database(
        "the store was busy; the backup was not made".to_owned(),
    ))
}

/// Makes a file beside its name, flushes it and gives it its name.
fn place(to: &Path, write: impl FnOnce(&Path) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let part = beside(to, ".part");
    remove(&part)?;
    schema::make(&part)?;
    let written = write(&part).and_then(|()| {
        let synced = File::open(&part).and_then(|file| file.sync_all());
        synced
            .and_then(|()| fs::rename(&part, to))
            .map_err(|error| unusable(to, &error))
    });
    if written.is_err() {
        remove(&part)?;
    }
    written.and_then(|()| schema::sync(schema::folder(to)))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unusable(path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Puts a checked backup in a store's place.
pub(super) fn restore(backup: &Path, to: &Path, replace: bool) -> Result<(), StoreError> {
    if !backup.exists() {
        return Err(StoreError::Absent(backup.display().to_string()));
    }
    if to.exists() && !replace {
        return Err(StoreError::Unusable(format!(
            "a store stands at {} already",
            to.display()
        )));
    }
    let folder = schema::folder(to);
    fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    let _lock = schema::lock(to)?;
    place(to, |part| {
        fs::copy(backup, part).map_err(|error| unusable(part, &error))?;
        whole(part)?;
        // What the old store had not folded in must not be read into the new one; it goes before the name changes hands.
        ["-wal", "-shm"]
            .into_iter()
            .try_for_each(|ending| remove(&beside(to, ending)))
    })
}

/// Whether a file is a store of ours without damage.
fn whole(path: &Path) -> Result<(), StoreError> {
    // Opened to write, so that SQLite takes its two companions away again when it closes.
    let conn = Connection::open(path)?;
    schema::version(&conn)?;
    let verdict: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(StoreError::Unusable(format!("the backup is damaged: {verdict}")))
    }
}
