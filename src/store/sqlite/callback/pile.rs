//! What was said of dossiers and is not on them yet.

use rusqlite::{Connection, params};

use super::{NO_DOSSIER, NO_SYSTEM};
use crate::model::Sealer;
use crate::store::sqlite::{read, seal};
use crate::store::{Pile, Said, StoreError};

/// Dossiers of which something was said that is not on them yet, with all that was ever said of them. What was parked
/// because its dossier had not come yet is taken up when it has.
pub(in crate::store::sqlite) fn piles(
    conn: &Connection,
    sealer: &dyn Sealer,
    limit: usize,
) -> Result<Vec<Pile>, StoreError> {
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
                filed: read::filed_alone(conn, sealer, filing)?,
                said: said(conn, sealer, &number)?,
                number,
                system,
            })
        })
        .collect()
}

/// What was erased is not said any more.
fn said(conn: &Connection, sealer: &dyn Sealer, number: &str) -> Result<Vec<Said>, StoreError> {
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
    let mut said = Vec::new();
    for one in rows {
        let one = one?;
        let place = seal::place(seal::CALLBACK_DOCUMENT, one.id.as_bytes());
        if let Some(document) = seal::alone(seal::open(sealer, place, &one.document))? {
            said.push(Said { document, ..one });
        }
    }
    Ok(said)
}
