//! Looking at callbacks and at what they brought.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{ExchangeId, Sealer};
use crate::store::sqlite::seal;
use crate::store::{CallbackBooks, CallbackRow, StoreError};

/// What the national side said of a dossier, JSON.
pub(in crate::store::sqlite) fn news(
    conn: &Connection,
    sealer: &dyn Sealer,
    number: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = conn.prepare_cached("SELECT facts FROM news WHERE number = ?1")?;
    let facts: Option<Vec<u8>> = select.query_row([number], |row| row.get(0)).optional()?;
    match facts {
        Some(facts) => seal::open(sealer, seal::place(seal::NEWS_FACTS, number.as_bytes()), &facts),
        None => Ok(None),
    }
}

/// The columns of a callback as people see it.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT uid, listener, kind, number, system, at, state, owner, action, cause FROM callback ",
            $rest
        )
    };
}

/// One callback.
pub(in crate::store::sqlite) fn one(
    conn: &Connection,
    id: ExchangeId,
) -> Result<Option<CallbackRow>, StoreError> {
    let mut select = conn.prepare_cached(select!("WHERE uid = ?1"))?;
    Ok(select.query_row([id], row).optional()?)
}

/// The callbacks of a dossier, or all that somebody must act on.
pub(in crate::store::sqlite) fn list(
    conn: &Connection,
    number: Option<&str>,
    limit: usize,
) -> Result<Vec<CallbackRow>, StoreError> {
    let mut select = conn.prepare_cached(select!(
        "WHERE (?1 IS NULL AND state = 'parked') OR number = ?1 ORDER BY id LIMIT ?2"
    ))?;
    let rows = select.query_map(params![number, limit as i64], row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<CallbackRow> {
    Ok(CallbackRow {
        callback: row.get::<_, ExchangeId>(0)?,
        partner: row.get(1)?,
        kind: row.get(2)?,
        dossier: row.get(3)?,
        system: row.get(4)?,
        at: row.get(5)?,
        state: row.get(6)?,
        owner: row.get(7)?,
        action: row.get(8)?,
        cause: row.get(9)?,
    })
}

/// How many stand where.
pub(in crate::store::sqlite) fn books(conn: &Connection) -> Result<CallbackBooks, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT state, count(*), sum(sought) FROM callback GROUP BY state")?;
    let mut rows = select.query([])?;
    let mut books = CallbackBooks::default();
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)? as u64;
        books.kept += count;
        match row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)? {
            "applied" => books.applied = count,
            "waiting" => books.waiting = count,
            "parked" => books.parked = count,
            "known" => books.known = count,
            "aside" => books.aside = count,
            _ => {
                books.refused = count;
                continue;
            }
        }
        books.sought += row.get::<_, i64>(2)? as u64;
    }
    Ok(books)
}

/// A paper that came inside a callback.
pub(in crate::store::sqlite) fn paper(
    conn: &Connection,
    sealer: &dyn Sealer,
    digest: &[u8; 32],
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = conn.prepare_cached("SELECT bytes FROM paper WHERE digest = ?1 ORDER BY slot DESC")?;
    let mut rows = select.query([digest])?;
    while let Some(row) = rows.next()? {
        let sealed = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        if let Some(bytes) = seal::open(sealer, seal::place(seal::PAPER_BYTES, digest), sealed)? {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}
