//! Deeds against the log: nothing was opened or erased that the log does not tell of, and it tells of nothing else.

use rusqlite::{Connection, OptionalExtension};

use super::{MOST, Shut, read};
use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::store::StoreError;
use crate::store::sqlite::seal;

/// What is wrong between a leaf of a deed and the row that it names.
pub(super) fn deed_of(conn: &Connection, index: i64, draft: &Draft) -> Result<Option<String>, StoreError> {
    if draft.kind != Kind::Opened && draft.kind != Kind::Erased {
        return Ok(None);
    }
    let mut select = conn.prepare_cached("SELECT what, subject FROM deed WHERE leaf = ?1")?;
    let row = select.query_row([index], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<[u8; 16]>>(1)?))
    });
    let fits = row.optional()?.is_some_and(|(what, subject)| {
        draft.facts.get("what") == Some(&what) && draft.subject.map(|blind| blind.0) == subject
    });
    Ok((!fits).then(|| format!("Leaf {index} tells of a deed that the store does not have so.")))
}

/// Every deed has its leaf, which commits to who, why and on what basis.
pub(super) fn kept(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT d.leaf, l.entry, d.salt, d.says FROM deed d LEFT JOIN leaf l ON l.id = d.leaf ORDER BY d.leaf",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let leaf: i64 = row.get(0)?;
        let (salt, index) = (row.get(2)?, leaf.to_be_bytes());
        let said = read(row, 1)?.filter(|draft| matches!(draft.kind, Kind::Opened | Kind::Erased));
        let says = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
        // Who it was is erased by the month; the leaf stays.
        let fits = says.is_empty()
            || shut.fits(seal::place(seal::DEED_SAYS, &index), says, None, |says| {
                said.as_ref().and_then(|draft| draft.commit) == Some(commitment(&salt, says))
            })?;
        if !fits || said.is_none() {
            found.push(format!(
                "The deed of leaf {leaf} is not in the log as it is in the store."
            ));
        }
    }
    Ok(())
}
