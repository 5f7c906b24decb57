//! Dropping: what is left of a dossier after all that was sealed of it was erased (who exchanged what with whom, when, and how it
//! ended) serves its own time, and then goes as well. Its leaves stay, and so does one row for each dossier, blinded, that says why
//! the log tells of rows that are not there.

use rusqlite::{Connection, params};

use super::{dossier, keep};
use crate::store::sqlite::tx::Tx;
use crate::store::{Deed, StoreError};

/// The dossiers that are wholly erased and on which nothing has happened since then, the oldest first. What stands before the first
/// filing that is too young is all that is looked at; the newest filing stays, so that its number is given to no other.
fn aged(conn: &Connection, before: i64, limit: usize) -> Result<Vec<(i64, String)>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT d.id, d.number FROM filing f JOIN dossier d ON d.id = f.dossier AND d.filing = f.id
         WHERE f.id < coalesce((SELECT id FROM filing WHERE at >= ?1 ORDER BY id LIMIT 1), (SELECT max(id) FROM filing))
           AND d.blind IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM filing g JOIN slot s ON s.id = g.slot WHERE g.dossier = d.id AND s.erased IS NULL)
           AND NOT EXISTS (SELECT 1 FROM callback c LEFT JOIN slot s ON s.id = c.slot WHERE c.number = d.number
                           AND (c.state IN ('waiting', 'parked') OR c.at >= ?1 OR (s.id IS NOT NULL AND s.erased IS NULL)))
           AND NOT EXISTS (SELECT 1 FROM unprepared u JOIN filing g ON g.id = u.filing WHERE g.dossier = d.id)
           AND NOT EXISTS (SELECT 1 FROM lane l JOIN exchange e ON e.lane = l.id WHERE l.dossier = d.id
                           AND (e.state NOT IN ('delivered', 'refused') OR e.changed_at >= ?1))
           AND NOT EXISTS (SELECT 1 FROM inquiry i WHERE i.number = d.number AND (i.ended_at IS NULL OR i.ended_at >= ?1))
           AND NOT EXISTS (SELECT 1 FROM event v WHERE v.number = d.number AND v.wake IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM tray_item t WHERE t.number = d.number AND (t.acknowledged IS NULL OR t.stale > 0))
           AND NOT EXISTS (SELECT 1 FROM registration r WHERE r.number = d.number
                           AND (r.wake IS NOT NULL OR r.state NOT IN ('idle', 'refused', 'ended')))
           AND NOT EXISTS (SELECT 1 FROM pay_order p WHERE p.number = d.number
                           AND (p.wake IS NOT NULL OR p.state IN ('asked', 'open', 'parked') OR coalesce(p.paid_at, p.at) >= ?1))
         ORDER BY f.id LIMIT ?2",
    )?;
    let rows = select.query_map(params![before, limit as i64], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Drops the rows of dossiers on which nothing has happened since then, each under a leaf that says so. How many.
pub(in crate::store::sqlite) fn drop_rows(
    tx: &mut Tx<'_>,
    before: i64,
    limit: usize,
    deed: &Deed,
) -> Result<usize, StoreError> {
    let aged = aged(tx.conn, before, limit)?;
    for (id, number) in &aged {
        let about = dossier(tx.conn, number)?;
        let leaf = keep(tx, &about, "rows", deed)?;
        count(tx, *id)?;
        empty(tx.conn, *id, number)?;
        tx.conn
            .prepare_cached(
                "INSERT INTO dropped (dossier, leaf) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET leaf = ?2",
            )?
            .execute(params![about.blind.map(|blind| blind.0), leaf])?;
    }
    Ok(aged.len())
}

/// Takes what goes from the books, and puts it where the statements look for it.
fn count(tx: &mut Tx<'_>, dossier: i64) -> Result<(), StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT p.name, sum(owed), sum(delivered), sum(refused) FROM (
           SELECT partner, 1 AS owed, 0 AS delivered, 0 AS refused FROM filing WHERE dossier = ?1
           UNION ALL SELECT e.partner, e.operation NOT IN ('create', 'update'), e.state = 'delivered', e.state = 'refused'
           FROM exchange e JOIN lane l ON l.id = e.lane WHERE l.dossier = ?1
         ) JOIN partner p ON p.id = partner GROUP BY p.id",
    )?;
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO dropped_count (partner, accepted, delivered, refused) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE
         SET accepted = accepted + ?2, delivered = delivered + ?3, refused = refused + ?4",
    )?;
    let mut rows = select.query([dossier])?;
    while let Some(row) = rows.next()? {
        let (partner, accepted) = (row.get::<_, String>(0)?, row.get::<_, i64>(1)?);
        let (delivered, refused) = (row.get::<_, i64>(2)?, row.get::<_, i64>(3)?);
        insert.execute(params![partner, accepted, delivered, refused])?;
        tx.books.delivered = tx.books.delivered.saturating_sub(delivered as u64);
        tx.books.refused = tx.books.refused.saturating_sub(refused as u64);
    }
    tx.books.dossiers = tx.books.dossiers.saturating_sub(1);
    Ok(())
}

/// Every row of a dossier; what names another goes before it.
fn empty(conn: &Connection, id: i64, number: &str) -> Result<(), StoreError> {
    for of in BY_NUMBER {
        conn.prepare_cached(of)?.execute([number])?;
    }
    let mut select =
        conn.prepare_cached("SELECT e.id FROM exchange e JOIN lane l ON l.id = e.lane WHERE l.dossier = ?1")?;
    let exchanges = select.query_map([id], |row| row.get(0))?;
    let exchanges = exchanges.collect::<Result<Vec<i64>, _>>()?;
    conn.prepare_cached("DELETE FROM step WHERE lane IN (SELECT id FROM lane WHERE dossier = ?1)")?
        .execute([id])?;
    for exchange in exchanges {
        for of in BY_EXCHANGE {
            conn.prepare_cached(of)?.execute([exchange])?;
        }
    }
    for of in BY_DOSSIER {
        conn.prepare_cached(of)?.execute([id])?;
    }
    Ok(())
}

/// Who looked, and that it was erased, stays: its subject may ask for it.
const BY_NUMBER: [&str; 15] = [
    "DELETE FROM event WHERE number = ?1",
    "DELETE FROM callback_body WHERE callback IN (SELECT id FROM callback WHERE number = ?1)",
    "DELETE FROM slot WHERE destroyed = 1 AND id IN (SELECT slot FROM callback WHERE number = ?1)",
    "DELETE FROM callback WHERE number = ?1",
    "DELETE FROM news WHERE number = ?1",
    "DELETE FROM pay_call WHERE pay_order IN (SELECT id FROM pay_order WHERE number = ?1)",
    "DELETE FROM pay_receipt WHERE pay_order IN (SELECT id FROM pay_order WHERE number = ?1)",
    "DELETE FROM pay_order WHERE number = ?1",
    "DELETE FROM act WHERE inquiry IN (SELECT id FROM inquiry WHERE number = ?1)",
    "DELETE FROM inquiry WHERE number = ?1",
    "DELETE FROM draft WHERE number = ?1",
    "DELETE FROM told_state WHERE number = ?1",
    "DELETE FROM tray_item WHERE number = ?1",
    "DELETE FROM registration WHERE number = ?1",
    "DELETE FROM file_address WHERE number = ?1",
];

/// The attempts of an exchange lie together.
const BY_EXCHANGE: [&str; 5] = [
    "DELETE FROM handling WHERE exchange = ?1",
    "DELETE FROM message WHERE exchange = ?1",
    "DELETE FROM answer WHERE attempt BETWEEN ?1 << 20 AND (?1 << 20) + 1048575",
    "DELETE FROM attempt WHERE id BETWEEN ?1 << 20 AND (?1 << 20) + 1048575",
    "DELETE FROM exchange WHERE id = ?1",
];

const BY_DOSSIER: [&str; 5] = [
    "DELETE FROM lane WHERE dossier = ?1",
    "DELETE FROM body WHERE filing IN (SELECT id FROM filing WHERE dossier = ?1)",
    "DELETE FROM slot WHERE destroyed = 1 AND id IN (SELECT slot FROM filing WHERE dossier = ?1)",
    "DELETE FROM filing WHERE dossier = ?1",
    "DELETE FROM dossier WHERE id = ?1",
];
