//! The end of files: with their last dossier, some time after all their dossiers ended, or because none ever named them.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ExchangeId, Slot};
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{Sqlite, deed, seal};
use crate::store::{Deed, Served, StoreError};

/// Whether a file has served its time. Statuses after which the portal is not owed its papers any more end a dossier, once all of it is
/// delivered and nothing was pushed since then.
macro_rules! served {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.uid, f.slot, (SELECT a.number FROM file_address a WHERE a.file = f.id AND a.dead = 0 LIMIT 1)
             FROM file f WHERE f.gone IS NULL AND CASE
               WHEN EXISTS (SELECT 1 FROM file_address a WHERE a.file = f.id) THEN NOT EXISTS (
                 SELECT 1 FROM file_address a JOIN dossier d ON d.number = a.number JOIN filing g ON g.id = d.filing
                 WHERE a.file = f.id AND a.dead = 0 AND (
                   d.status NOT IN ('not-accepted', 'withdrawn', 'stopped', 'finished', 'returned') OR g.at >= ?1
                   OR EXISTS (SELECT 1 FROM lane l JOIN exchange e ON e.lane = l.id WHERE l.dossier = d.id
                              AND (e.state NOT IN ('delivered', 'refused') OR e.changed_at >= ?1))
                   OR EXISTS (SELECT 1 FROM unprepared u JOIN filing h ON h.id = u.filing WHERE h.dossier = d.id)))
               ELSE f.at < ?2 END ",
            $rest
        )
    };
}

/// A file that has served its time.
struct Over {
    row: i64,
    id: ExchangeId,
    slot: i64,
    /// A dossier that names it.
    number: Option<String>,
}

impl Sqlite {
    /// Leaves and rows, then keys.
    pub(super) async fn ended_files(
        &self,
        served: Served,
        limit: usize,
        deed: Deed,
    ) -> Result<usize, StoreError> {
        let slots = self.write(move |tx| end_served(tx, served, limit, &deed)).await?;
        let ended = slots.len();
        self.destroy(slots).await?;
        Ok(ended)
    }
}

fn end_served(tx: &mut Tx<'_>, served: Served, limit: usize, deed: &Deed) -> Result<Vec<Slot>, StoreError> {
    let mut select = tx.conn.prepare_cached(served!("ORDER BY f.id LIMIT ?3"))?;
    let rows = select.query_map(params![served.ended, served.unnamed, limit as i64], |row| {
        Ok(Over {
            row: row.get(0)?,
            id: row.get(1)?,
            slot: row.get(2)?,
            number: row.get(3)?,
        })
    })?;
    let all: Vec<Over> = rows.collect::<Result<_, _>>()?;
    drop(select);
    for over in &all {
        let leaf = deed::file(tx, over.number.as_deref(), over.id, deed)?;
        tx.conn
            .prepare_cached("UPDATE slot SET erased = ?2 WHERE id = ?1")?
            .execute([over.slot, leaf])?;
        tx.conn
            .prepare_cached("UPDATE file SET gone = ?2 WHERE id = ?1")?
            .execute([over.row, leaf])?;
        if over.number.is_none() {
            forget(tx.conn, over.row)?;
        }
    }
    Ok(all.iter().map(|over| seal::slot(over.slot)).collect())
}

/// Nothing is left of a file but that it was here.
fn forget(conn: &Connection, row: i64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE file SET digest = zeroblob(32), salt = zeroblob(16) WHERE id = ?1")?
        .execute([row])?;
    Ok(())
}

/// At the end of a dossier: its addresses open nothing any more, and files that no other dossier names end with it. The slots of those
/// that had not ended before.
pub(in crate::store::sqlite) fn end(
    conn: &Connection,
    number: &str,
    leaf: i64,
) -> Result<Vec<i64>, StoreError> {
    conn.prepare_cached("UPDATE file_address SET dead = 1, address = x'', name = x'' WHERE number = ?1")?
        .execute([number])?;
    let mut select = conn.prepare_cached(
        "SELECT f.id, f.slot, f.gone FROM file f WHERE f.id IN (SELECT a.file FROM file_address a WHERE a.number = ?1)
         AND NOT EXISTS (SELECT 1 FROM file_address o WHERE o.file = f.id AND o.dead = 0)",
    )?;
    let rows = select.query_map([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let all: Vec<(i64, i64, Option<i64>)> = rows.collect::<Result<_, _>>()?;
    let mut slots = Vec::new();
    for (row, slot, gone) in all {
        forget(conn, row)?;
        if gone.is_some() {
            continue;
        }
        conn.prepare_cached("UPDATE slot SET erased = ?2 WHERE id = ?1")?
            .execute([slot, leaf])?;
        conn.prepare_cached("UPDATE file SET gone = ?2 WHERE id = ?1")?
            .execute([row, leaf])?;
        slots.push(slot);
    }
    Ok(slots)
}

/// A file that had ended is handed in again: its dossiers keep their addresses.
pub(super) fn returned(
    conn: &Connection,
    (system, digest): (&str, &[u8; 32]),
    row: i64,
) -> Result<(), StoreError> {
    let mut select =
        conn.prepare_cached("SELECT id FROM file WHERE system = ?1 AND digest = ?2 AND gone IS NOT NULL")?;
    let rows = select.query_map(params![system, digest], |row| row.get(0))?;
    for old in rows.collect::<Result<Vec<i64>, _>>()? {
        conn.prepare_cached("UPDATE file_address SET file = ?2 WHERE file = ?1 AND dead = 0")?
            .execute([old, row])?;
        forget(conn, old)?;
    }
    Ok(())
}

/// Those of these files whose bytes nothing needs, and whether they were ever known.
pub(super) fn needless(
    conn: &Connection,
    ids: Vec<ExchangeId>,
) -> Result<Vec<(ExchangeId, bool)>, StoreError> {
    let mut select = conn.prepare_cached("SELECT gone IS NOT NULL FROM file WHERE uid = ?1")?;
    let mut needless = Vec::new();
    for id in ids {
        match select.query_row([id], |row| row.get(0)).optional()? {
            Some(false) => {}
            Some(true) => needless.push((id, true)),
            None => needless.push((id, false)),
        }
    }
    Ok(needless)
}
