//! What the provincial systems are told: the feed, and what a webhook has not taken yet.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{ExchangeId, Sealer};
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;
use crate::store::{EventRow, StoreError, Told};

/// The columns of an event.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.uid, e.system, e.number, e.kind, e.at, c.uid, coalesce(c.applied, c.leaf), e.body, e.tries
             FROM event e JOIN callback c ON c.id = e.callback ",
            $rest
        )
    };
}

/// The events of a system after a place, in their order.
pub(super) fn feed(
    conn: &Connection,
    sealer: &dyn Sealer,
    system: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<EventRow>, StoreError> {
    let mut select = conn.prepare_cached(select!(
        "WHERE e.system = ?1 AND e.id > ?2 ORDER BY e.id LIMIT ?3"
    ))?;
    let rows = select.query_map(params![system, after, limit as i64], row)?;
    opened(sealer, rows.collect::<Result<_, _>>()?)
}

/// Events that a webhook may be tried with now: of each dossier the first that it has not taken.
pub(super) fn due(
    conn: &Connection,
    sealer: &dyn Sealer,
    system: &str,
    now: i64,
    limit: usize,
) -> Result<Vec<EventRow>, StoreError> {
    let mut select = conn.prepare_cached(select!(
        "WHERE e.system = ?1 AND e.wake <= ?2 AND NOT EXISTS
           (SELECT 1 FROM event f WHERE f.number = e.number AND f.id < e.id AND f.wake IS NOT NULL)
         ORDER BY e.id LIMIT ?3"
    ))?;
    let rows = select.query_map(params![system, now, limit as i64], row)?;
    opened(sealer, rows.collect::<Result<_, _>>()?)
}

/// What was erased is told no more.
fn opened(sealer: &dyn Sealer, rows: Vec<EventRow>) -> Result<Vec<EventRow>, StoreError> {
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        let place = seal::place(seal::EVENT_BODY, row.id.as_bytes());
        if let Some(body) = seal::open(sealer, place, &row.body)? {
            told.push(EventRow { body, ..row });
        }
    }
    Ok(told)
}

/// When something of a system may be told next.
pub(super) fn wakes_at(conn: &Connection, system: &str) -> Result<Option<i64>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT min(wake) FROM event WHERE system = ?1 AND wake IS NOT NULL")?;
    Ok(select.query_row([system], |row| row.get(0)).optional()?.flatten())
}

/// Keeps how telling ended.
pub(super) fn told(tx: &mut Tx<'_>, event: ExchangeId, how: &Told) -> Result<(), StoreError> {
    match how {
        Told::Taken { leaf } => {
            let mut open = tx
                .conn
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM event WHERE uid = ?1 AND wake IS NOT NULL)")?;
            if open.query_row([event], |row| row.get::<_, bool>(0))? {
                drop(open);
                let leaf = tx.stage(leaf)?;
                let mut update = tx.conn.prepare_cached(
                    "UPDATE event SET wake = NULL, tries = tries + 1, told = ?2 WHERE uid = ?1",
                )?;
                update.execute(params![event, leaf])?;
            }
        }
        Told::Later(wake) => {
            let mut update = tx.conn.prepare_cached(
                "UPDATE event SET wake = ?2, tries = tries + 1 WHERE uid = ?1 AND wake IS NOT NULL",
            )?;
            update.execute(params![event, wake])?;
        }
    }
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        place: row.get(0)?,
        id: row.get(1)?,
        system: row.get(2)?,
        number: row.get(3)?,
        kind: row.get(4)?,
        at: row.get(5)?,
        callback: row.get(6)?,
        leaf: row.get::<_, i64>(7)? as u64,
        body: row.get(8)?,
        tries: row.get(9)?,
    })
}
