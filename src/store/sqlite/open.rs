//! How a store is made, and opened: to write, to read beside whoever writes, or for one look.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::OptionalExtension;

use crate::model::Sealer;
use crate::store::sqlite::fold::Fold;
use crate::store::sqlite::reader::Readers;
use crate::store::sqlite::writer::Writer;
use crate::store::sqlite::{Settings, Sqlite, deed, drain, log, schema, statement};
use crate::store::{Head, StatementRow, StoreError};

impl Sqlite {
    /// Makes a store, and its folder if need be; refuses to make one where one stands.
    pub fn create(path: &Path, settings: Settings, sealer: Arc<dyn Sealer>) -> Result<Self, StoreError> {
        if present(path).is_ok() {
            return Err(StoreError::Unusable(format!(
                "a store stands at {} already",
                path.display()
            )));
        }
        // It gets its name when it is marked: killed in the middle, this leaves nothing that is half a store.
        let new = schema::beside(path, "-new");
        // What an earlier making left; should it stay, the next line says why.
        let _left = fs::remove_file(&new);
        schema::make(&new)?;
        schema::mark(&new)?;
        fs::rename(&new, path).map_err(|error| schema::unusable(path, &error))?;
        schema::sync(schema::folder(path))?;
        Self::open(path, settings, sealer)
    }

    /// Opens a store, for this process alone, and brings its form up to date: what stands in clear is sealed first.
    pub fn open(path: &Path, settings: Settings, sealer: Arc<dyn Sealer>) -> Result<Self, StoreError> {
        present(path)?;
        let lock = schema::lock(path)?;
        let conn = schema::open(path, settings.cache_kib)?;
        drain::whole(&conn, &*sealer)?;
        deed::finish(&conn, &*sealer)?;
        let readers = settings.readers;
        let beside = (Fold::start(path)?, lock);
        let writer = Writer::start(conn, beside, settings, Arc::clone(&sealer))?;
        let readers = Readers::start(path, readers)?;
        Ok(Self {
            readers,
            writer: Some(writer),
            sealer,
            path: path.to_owned(),
        })
    }

    /// Opens a store to look into it, beside whoever writes; everything that would write is refused.
    pub fn open_read_only(path: &Path, sealer: Arc<dyn Sealer>) -> Result<Self, StoreError> {
        present(path)?;
        let conn = schema::open_to_read(path)?;
        schema::version(&conn)?;
        log::resume(&conn)?;
        let readers = Readers::start(path, 1)?;
        Ok(Self {
            readers,
            writer: None,
            sealer,
            path: path.to_owned(),
        })
    }

    /// Whether the store there is of a form that seals what it says of persons, read without leaving a trace beside it.
    pub fn is_sealed(path: &Path) -> Result<bool, StoreError> {
        present(path)?;
        Ok(schema::version(&schema::open_to_look(path)?)? >= schema::SEALED)
    }

    /// Size and root of a store's log, read without leaving a trace beside it.
    pub fn glance(path: &Path) -> Result<Head, StoreError> {
        present(path)?;
        let conn = schema::open_to_look(path)?;
        schema::version(&conn)?;
        let log = log::resume(&conn)?;
        Ok(Head {
            size: log.size(),
            root: log.root(),
        })
    }

    /// Since when a checkpoint of a store waits for its time-stamp, ms since 1970, read without leaving a trace beside it.
    pub fn unstamped_since(path: &Path) -> Result<Option<i64>, StoreError> {
        present(path)?;
        let conn = schema::open_to_look(path)?;
        if schema::version(&conn)? < schema::MIGRATIONS.len() {
            return Ok(None);
        }
        let newest = "SELECT coalesce(max(leaves), 0) FROM stamp";
        let since = format!("SELECT at FROM checkpoint WHERE size > ({newest}) ORDER BY id LIMIT 1");
        Ok(conn.query_row(&since, [], |row| row.get(0)).optional()?)
    }

    /// The newest statement of each partner, read without leaving a trace beside the store; none of a store of an earlier form.
    pub fn stated_in(path: &Path) -> Result<Vec<StatementRow>, StoreError> {
        present(path)?;
        let conn = schema::open_to_look(path)?;
        if schema::version(&conn)? < schema::MIGRATIONS.len() {
            return Ok(Vec::new());
        }
        statement::stated(&conn)
    }
}

/// A file without a byte is what a `create` leaves that was ended in its first moment: no store yet.
fn present(path: &Path) -> Result<(), StoreError> {
    match path.metadata() {
        Ok(about) if about.len() > 0 => Ok(()),
        Ok(_) | Err(_) => Err(StoreError::Absent(path.display().to_string())),
    }
}
