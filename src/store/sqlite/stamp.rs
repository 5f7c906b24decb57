//! Time-stamps of checkpoints in their table.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Sqlite;
use super::log::signed;
use super::read::bounded;
use crate::store::{Reply, SignedCheckpoint, StampRow, Stamps};

const COLUMNS: &str = "SELECT leaves, at, note, token FROM stamp";

impl Stamps for Sqlite {
    fn stamped(&self, stamp: StampRow) -> Reply<'_, ()> {
        self.write(move |tx| {
            let mut insert = tx.conn.prepare_cached(
                "INSERT INTO stamp (leaves, at, note, token) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )?;
            insert.execute(params![stamp.leaves as i64, stamp.at, stamp.note, stamp.token])?;
            Ok(())
        })
    }

    fn stamp_over(&self, leaves: u64) -> Reply<'_, Option<StampRow>> {
        self.readers
            .ask(move |conn| one(conn, "WHERE leaves >= ?1 ORDER BY leaves LIMIT 1", leaves))
    }

    fn newest_stamp(&self) -> Reply<'_, Option<StampRow>> {
        self.readers
            .ask(|conn| one(conn, "WHERE leaves >= ?1 ORDER BY leaves DESC LIMIT 1", 0))
    }

    fn stamps_after(&self, leaves: u64, limit: usize) -> Reply<'_, Vec<StampRow>> {
        self.readers.ask(move |conn| {
            let mut select =
                conn.prepare_cached(&format!("{COLUMNS} WHERE leaves > ?1 ORDER BY leaves LIMIT ?2"))?;
            let rows = select.query_map(params![leaves as i64, bounded(limit)], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn unstamped(&self, leaves: u64) -> Reply<'_, Option<SignedCheckpoint>> {
        self.readers.ask(move |conn| {
            let mut select = conn.prepare_cached(
                "SELECT size, root, at, note FROM checkpoint WHERE size > ?1 ORDER BY id LIMIT 1",
            )?;
            Ok(select.query_row([leaves as i64], signed).optional()?)
        })
    }
}

fn one(conn: &Connection, which: &str, leaves: u64) -> Result<Option<StampRow>, crate::store::StoreError> {
    let mut select = conn.prepare_cached(&format!("{COLUMNS} {which}"))?;
    Ok(select.query_row([leaves as i64], row).optional()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<StampRow> {
    Ok(StampRow {
        leaves: row.get::<_, i64>(0)? as u64,
        at: row.get(1)?,
        note: row.get(2)?,
        token: row.get(3)?,
    })
}
