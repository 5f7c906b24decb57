//! Files that systems handed in, held against the log: each row has its leaf, which commits to its digest.

use rusqlite::{Connection, OptionalExtension};

use super::{MOST, Shut, read};
use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::StoreError;

/// The fact of a leaf that names the file it tells of.
pub(super) const FILE: &str = "file";

/// What is wrong with a leaf that tells that a file was handed in.
pub(super) fn file_of(conn: &Connection, index: i64, draft: &Draft) -> Result<Option<String>, StoreError> {
    let name = draft.facts.get(FILE).filter(|_| draft.kind == Kind::Accepted);
    let Some(name) = name else { return Ok(None) };
    let row: Option<i64> = match name.parse::<ExchangeId>() {
        Ok(id) => conn
            .prepare_cached("SELECT leaf FROM file WHERE uid = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?,
        Err(_) => None,
    };
    Ok((row != Some(index))
        .then(|| format!("Leaf {index} tells of file {name}, which the store does not have so.")))
}

/// Every file is what its leaf commits to, or was erased and the log tells of it.
pub(super) fn kept(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT f.uid, f.leaf, f.salt, f.digest, f.slot, l.entry, f.scan, v.entry FROM file f
         LEFT JOIN leaf l ON l.id = f.leaf LEFT JOIN leaf v ON v.id = f.scan_leaf ORDER BY f.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (id, leaf) = (row.get::<_, ExchangeId>(0)?, row.get::<_, i64>(1)?);
        let (salt, digest): ([u8; 16], [u8; 32]) = (row.get(2)?, row.get(3)?);
        let said = read(row, 5)?.filter(|draft| draft.facts.get(FILE) == Some(&id.to_string()));
        let commits = said.as_ref().and_then(|draft| draft.commit) == Some(commitment(&salt, &digest));
        let fits = commits || (digest == [0; 32] && shut.erased(row.get(4)?)?);
        if !fits || said.is_none() {
            found.push(format!("File {id} is not what its leaf {leaf} commits to."));
        }
        let (scan, verdict) = (row.get::<_, String>(6)?, read(row, 7)?);
        let told = verdict.filter(|draft| draft.facts.get(FILE) == Some(&id.to_string()));
        let told = told.and_then(|draft| draft.facts.get("scan").cloned());
        if told.as_deref().unwrap_or("not-scanned") != scan {
            found.push(format!("File {id} is {scan}, which the log does not tell."));
        }
    }
    Ok(())
}
