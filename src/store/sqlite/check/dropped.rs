//! Dossiers whose rows have served their time: the log tells of what was in them, and that they went.

use rusqlite::{Connection, OptionalExtension};

use super::{MOST, read};
use crate::evidence::blind::Blind;
use crate::evidence::leaf::{Draft, Kind};
use crate::store::StoreError;

/// Whether a leaf tells of rows that a later leaf says were dropped.
pub(super) fn excused(conn: &Connection, index: i64, draft: &Draft) -> Result<bool, StoreError> {
    let Some(dossier) = draft.dossier else {
        return Ok(false);
    };
    let mut select = conn.prepare_cached("SELECT leaf FROM dropped WHERE dossier = ?1")?;
    let leaf: Option<i64> = select.query_row([dossier.0], |row| row.get(0)).optional()?;
    Ok(leaf.is_some_and(|leaf| index < leaf))
}

/// Every dossier that is said to be dropped has the leaf that says so: nothing else may excuse what is missing.
pub(super) fn told(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT d.dossier, d.leaf, l.entry FROM dropped d LEFT JOIN leaf l ON l.id = d.leaf ORDER BY d.leaf",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (dossier, leaf) = (Blind(row.get(0)?), row.get::<_, i64>(1)?);
        let says = |draft: &Draft| {
            let rows = draft.facts.get("what").is_some_and(|what| what == "rows");
            draft.kind == Kind::Erased && rows && draft.dossier == Some(dossier)
        };
        if !read(row, 2)?.is_some_and(|draft| says(&draft)) {
            found.push(format!(
                "Rows are said to be dropped by leaf {leaf}, which does not say so."
            ));
        }
    }
    Ok(())
}
