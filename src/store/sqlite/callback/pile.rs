//! What was said of dossiers and is not on them yet.

use rusqlite::{Connection, OptionalExtension, params};

use super::{NO_DOSSIER, NO_SYSTEM};
use crate::store::{Pile, Said, StoreError};

/// Dossiers of which something was said that is not on them yet, with all that was ever said of them. What was parked
/// because its dossier had not come yet is taken up when it has.
pub(in crate::store::sqlite) fn piles(conn: &Connection, limit: usize) -> Result<Vec<Pile>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT c.number, coalesce(d.system, max(c.system)), d.filing FROM callback c LEFT JOIN dossier d ON d.number = c.number
         WHERE (c.state = 'waiting' AND c.number IS NOT NULL)
            OR (c.state = 'parked' AND c.cause IN (?2, ?3) AND d.number IS NOT NULL)
         GROUP BY c.number ORDER BY min(c.id) LIMIT ?1",
    )?;
    let rows = select.query_map(params![limit as i64, NO_DOSSIER, NO_SYSTEM], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, Option<i64>>(2)?,
        ))
    })?;
    let open: Vec<(String, String, Option<i64>)> = rows.collect::<Result<_, _>>()?;
    open.into_iter()
        .map(|(number, system, filing)| {
            Ok(Pile {
                filed: filed(conn, filing)?,
                said: said(conn, &number)?,
                number,
                system,
            })
        })
        .collect()
}

fn filed(conn: &Connection, filing: Option<i64>) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(filing) = filing else { return Ok(None) };
    let mut select = conn.prepare_cached("SELECT dossier FROM body WHERE filing = ?1")?;
    Ok(select.query_row([filing], |row| row.get(0)).optional()?)
}

fn said(conn: &Connection, number: &str) -> Result<Vec<Said>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT c.uid, c.listener, c.kind, coalesce(c.said_at, 0), c.updating, c.digest, b.document, c.state = 'applied', c.salt
         FROM callback c JOIN callback_body b ON b.callback = c.id
         WHERE c.number = ?1 AND (c.state IN ('waiting', 'applied') OR (c.state = 'parked' AND c.cause IN (?2, ?3)))
         ORDER BY c.id",
    )?;
    let rows = select.query_map(params![number, NO_DOSSIER, NO_SYSTEM], |row| {
        Ok(Said {
            id: row.get(0)?,
            listener: row.get(1)?,
            kind: row.get(2)?,
            at: row.get(3)?,
            updating: row.get(4)?,
            digest: row.get(5)?,
            document: row.get(6)?,
            applied: row.get(7)?,
            salt: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
