//! What lies in trays: the number that it is given here, and whether the tray was told that it is kept.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::sqlite::tx::Tx;
use crate::store::{Acknowledged, Receipt, Series, StoreError, TrayRow};

/// What stands of an item that is being received.
pub(super) struct Taken {
    pub(super) number: String,
    /// The tray was told of what came last. True of what never came before: nothing of it is untold.
    pub(super) acknowledged: bool,
}

/// The number of what was taken from a tray: the one that it was given when it came first, else the next. None where it
/// comes from no tray.
pub(super) fn taken(tx: &mut Tx<'_>, receipt: &Receipt) -> Result<Option<Taken>, StoreError> {
    let Some(series) = &receipt.series else {
        return Ok(None);
    };
    let mut select = tx.conn.prepare_cached(
        "SELECT number, acknowledged IS NOT NULL FROM tray_item WHERE tray = ?1 AND item = ?2",
    )?;
    let known = select.query_row([&receipt.listener, &receipt.key], |row| {
        Ok(Taken {
            number: row.get(0)?,
            acknowledged: row.get(1)?,
        })
    });
    let known = known.optional()?;
    drop(select);
    match known {
        Some(known) => Ok(Some(known)),
        None => Ok(Some(Taken {
            number: reserve(tx, series)?,
            acknowledged: true,
        })),
    }
}

/// Keeps the number with the item. What came now is not acknowledged yet.
pub(super) fn keep(tx: &Tx<'_>, receipt: &Receipt, number: &str) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "INSERT INTO tray_item (tray, item, number, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tray, item) DO UPDATE SET acknowledged = NULL",
        )?
        .execute(params![receipt.listener, receipt.key, number, receipt.at])?;
    Ok(())
}

/// The next number of a row that no dossier has.
pub(super) fn reserve(tx: &mut Tx<'_>, series: &Series) -> Result<String, StoreError> {
    let mut upsert = tx.conn.prepare_cached(
        "INSERT INTO reserved (begins, day, last) VALUES (?1, ?2, 1)
         ON CONFLICT (begins, day) DO UPDATE SET last = last + 1 RETURNING last",
    )?;
    let mut used = tx
        .conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM dossier WHERE number = ?1)")?;
    loop {
        let count = upsert.query_row(params![series.begins, series.day], |row| row.get(0))?;
        let number = series.number(count);
        if !used.query_row([&number], |row| row.get::<_, bool>(0))? {
            return Ok(number);
        }
    }
}

/// Notes that a tray was told of an item. What was acknowledged before is left alone, and so is what is not kept.
pub(super) fn acknowledged(tx: &mut Tx<'_>, told: &Acknowledged) -> Result<(), StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT number FROM tray_item WHERE tray = ?1 AND item = ?2 AND acknowledged IS NULL",
    )?;
    let open = select.query_row([&told.tray, &told.item], |row| row.get::<_, String>(0));
    let open = open.optional()?;
    drop(select);
    let Some(number) = open else { return Ok(()) };
    let leaf = tx.stage(&(told.leaf)(&number))?;
    tx.conn
        .prepare_cached("UPDATE tray_item SET acknowledged = ?3 WHERE tray = ?1 AND item = ?2")?
        .execute(params![told.tray, told.item, leaf])?;
    Ok(())
}

/// What is kept and of which its tray was not told.
pub(super) fn untold(conn: &Connection, tray: &str, limit: usize) -> Result<Vec<String>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT item FROM tray_item WHERE tray = ?1 AND acknowledged IS NULL ORDER BY at, item LIMIT ?2",
    )?;
    let rows = select.query_map(params![tray, limit as i64], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What was taken from trays.
pub(super) fn items(conn: &Connection, limit: usize) -> Result<Vec<TrayRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT tray, item, number, acknowledged IS NOT NULL FROM tray_item ORDER BY at, item LIMIT ?1",
    )?;
    let rows = select.query_map([limit as i64], |row| {
        Ok(TrayRow {
            tray: row.get(0)?,
            item: row.get(1)?,
            number: row.get(2)?,
            acknowledged: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
