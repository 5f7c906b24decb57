//! What a scanner said of files.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, params};

use crate::store::sqlite::tx::Tx;
use crate::store::{FileBooks, Scan, Scanned, StoreError};

impl FromSql for Scan {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::from_word(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// Keeps what a scan came to. A file that has a verdict keeps it.
pub(super) fn keep(tx: &mut Tx<'_>, scanned: &Scanned) -> Result<(), StoreError> {
    let open = tx
        .conn
        .prepare_cached("SELECT 1 FROM file WHERE uid = ?1 AND scan = 'not-scanned' AND gone IS NULL")?
        .exists([scanned.id])?;
    if !open {
        return Ok(());
    }
    let leaf = scanned.leaf.as_ref().map(|leaf| tx.stage(leaf)).transpose()?;
    tx.conn
        .prepare_cached(
            "UPDATE file SET scan = ?2, scan_says = ?3, scan_wake = ?4, scan_leaf = ?5 WHERE uid = ?1",
        )?
        .execute(params![
            scanned.id,
            scanned.scan.word(),
            scanned.says,
            scanned.wake,
            leaf
        ])?;
    Ok(())
}

pub(super) fn books(conn: &Connection) -> Result<FileBooks, StoreError> {
    let mut books = FileBooks::default();
    let mut select =
        conn.prepare_cached("SELECT scan, count(*) FROM file WHERE gone IS NULL GROUP BY scan")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)? as u64;
        books.held += count;
        match row.get(0)? {
            Scan::NotScanned => books.not_scanned = count,
            Scan::Clean => {}
            Scan::Found => books.found = count,
        }
    }
    Ok(books)
}
