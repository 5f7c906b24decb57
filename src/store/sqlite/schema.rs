//! The file: who may hold it, how a connection to it is set up, and its numbered migrations.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::store::StoreError;

/// In the file's header: this is a store of ours ("LTh" and a zero).
const APPLICATION: i64 = 0x4c54_6800;
/// Every change of the form, oldest first; never edited once released.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0010.sql"),
    include_str!("migrations/0011.sql"),
    include_str!("migrations/0012.sql"),
    include_str!("migrations/0013.sql"),
    include_str!("migrations/0014.sql"),
    include_str!("migrations/0015.sql"),
    include_str!("migrations/0016.sql"),
    include_str!("migrations/0017.sql"),
];

/// The form from which on everything about persons is sealed.
pub(super) const SEALED: usize = 7;

/// A file that belongs to another, by its name and an ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// The folder a file stands in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Takes the store for this process; it is free again when the lock's file is closed, however the process ends.
pub(super) fn lock(store: &Path) -> Result<File, StoreError> {
    let path = beside(store, ".lock");
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path);
    let file = file.map_err(|error| unusable(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Held(store.display().to_string())),
        Err(TryLockError::Error(error)) => Err(unusable(&path, &error)),
    }
}

/// An error of the file system, with the path it was about.
pub(super) fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unusable(format!("{}: {error}", path.display()))
}

/// Makes a file, empty unless it stands there, that only this user can read, and its folder if need be.
pub(super) fn make(path: &Path) -> Result<(), StoreError> {
    let folder = folder(path);
    fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    let made = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path);
    made.map(drop).map_err(|error| unusable(path, &error))
}

/// Makes the names in a folder durable: a new file is lost with its folder's entry.
pub(super) fn sync(folder: &Path) -> Result<(), StoreError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| unusable(folder, &error))
}

/// Opens the connection that writes, and brings the form up to date.
pub(super) fn open(path: &Path, cache_kib: u32) -> Result<Connection, StoreError> {
    let mut conn = open_to_write(path, cache_kib)?;
    migrate(&mut conn)?;
    Ok(conn)
}

/// Opens a connection that writes as the store writes, whatever is in the file.
pub(super) fn open_to_write(path: &Path, cache_kib: u32) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // The write-ahead file is folded in beside the writer; at 32 MiB the writer folds the rest in itself.
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{cache_kib}; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;"
    ))?;
    stay_prepared(&conn, 128)?;
    Ok(conn)
}

/// Opens the connection that folds the write-ahead file in.
pub(super) fn open_to_fold(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -256;")?;
    Ok(conn)
}

/// Opens a connection that only reads.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    conn.execute_batch("PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000;")?;
    stay_prepared(&conn, 64)?;
    Ok(conn)
}

/// Keeps statements prepared. Without the second line SQLite plans many of them anew whenever a value is bound, in case
/// the value asks for another plan: a third of the writer's time.
fn stay_prepared(conn: &Connection, statements: usize) -> Result<(), StoreError> {
    conn.set_prepared_statement_cache_capacity(statements);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Opens a connection for one look. Where no write-ahead file stands, nobody writes, and SQLite is told so: otherwise it
/// would put its two companions beside the store.
pub(super) fn open_to_look(path: &Path) -> Result<Connection, StoreError> {
    match path.to_str() {
        Some(name) if !beside(path, "-wal").exists() => {
            let name = name.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            let flags = flags() | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Ok(Connection::open_with_flags(
                format!("file:{name}?immutable=1"),
                flags,
            )?)
        }
        Some(_) | None => open_to_read(path),
    }
}

fn flags() -> OpenFlags {
    // One thread owns each connection.
    OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Says whether the file is a store that this program can use, and how many migrations it has.
pub(super) fn version(conn: &Connection) -> Result<usize, StoreError> {
    let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let version = usize::try_from(pragma("user_version")?).unwrap_or(usize::MAX);
    if pragma("application_id")? != APPLICATION {
        return Err(StoreError::Unusable(
            "the file is not a store of this program".to_owned(),
        ));
    }
    if version > MIGRATIONS.len() {
        let newest = MIGRATIONS.len();
        return Err(StoreError::Unusable(format!(
            "it is of version {version}; this program knows {newest}"
        )));
    }
    Ok(version)
}

/// Marks an empty database as a store, of no version yet.
pub(super) fn mark(path: &Path) -> Result<(), StoreError> {
    let conn = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    Ok(conn.pragma_update(None, "application_id", APPLICATION)?)
}

fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    let done = version(conn)?;
    for (step, sql) in (1..).zip(MIGRATIONS).skip(done) {
        let change = conn.transaction()?;
        change.execute_batch(sql)?;
        change.pragma_update(None, "user_version", step)?;
        change.commit()?;
    }
    Ok(())
}
