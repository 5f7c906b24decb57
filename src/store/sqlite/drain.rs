//! What an earlier version kept in clear is sealed when the store is opened: a bounded number of rows at a time, so that a death
//! in the middle costs nothing. Then the file is written anew, since deleted rows leave their bytes behind.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ExchangeId, Sealer, Slot};
use crate::store::StoreError;
use crate::store::sqlite::seal::{self, place};

mod clear;

/// Rows in one transaction.
const ROWS: usize = if cfg!(test) { 2 } else { 256 };
/// The tables that were set aside, in the order in which they are drained: filings first, whose slots the others share.
const ASIDE: [&str; 10] = [
    "clear_body",
    "clear_message",
    "clear_step",
    "clear_answer",
    "clear_handling",
    "clear_act",
    "clear_callback_body",
    "clear_paper",
    "clear_news",
    "clear_event",
];

/// One table's rows, at most so many; how many there were.
type Drain = fn(&Connection, &dyn Sealer) -> Result<usize, StoreError>;

/// Sees to it that a store is sealed, whole, and with these keys.
pub(super) fn whole(conn: &Connection, sealer: &dyn Sealer) -> Result<(), StoreError> {
    let kept: Option<([u8; 16], bool)> = conn
        .query_row("SELECT name, whole FROM vault", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    if kept.is_some_and(|(name, _)| name != sealer.name()) {
        return Err(StoreError::Unusable(
            "it was sealed with other keys: bring back the file of keys that belongs to it".to_owned(),
        ));
    }
    let free: i64 = conn.query_row("SELECT coalesce(max(id) + 1, 0) FROM slot", [], |row| row.get(0))?;
    sealer.resume(seal::slot(free))?;
    match kept {
        Some((_, true)) => return Ok(()),
        Some((_, false)) => {}
        None => {
            conn.execute("INSERT INTO vault (name, whole) VALUES (?1, 0)", [sealer.name()])?;
        }
    }
    // What is deleted from now on is overwritten; what was deleted before goes when the file is written anew.
    conn.pragma_update(None, "secure_delete", true)?;
    let drained = drain(conn, sealer)?;
    for table in ASIDE {
        conn.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
    }
    clear::drop_words(conn)?;
    if drained > 0 || clear::has_leaves(conn)? {
        tracing::info!(
            rows.count = drained,
            "what stood in clear is sealed; the file is written anew"
        );
        conn.execute_batch("VACUUM")?;
        fold(conn)?;
    }
    conn.pragma_update(None, "secure_delete", false)?;
    conn.execute("UPDATE vault SET whole = 1", [])?;
    Ok(())
}

/// Folds the write-ahead file in and cuts it to nothing.
pub(super) fn fold(conn: &Connection) -> Result<(), StoreError> {
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        return Err(StoreError::Unusable(
            "the write-ahead file is read by another process: end that first".to_owned(),
        ));
    }
    Ok(())
}

fn drain(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let tables: [Drain; 10] = [
        clear::bodies,
        clear::messages,
        clear::steps,
        clear::answers,
        clear::reasons,
        clear::acts,
        clear::callbacks,
        clear::papers,
        clear::news,
        clear::events,
    ];
    let mut all = 0;
    for (name, rows) in ASIDE.into_iter().zip(tables) {
        let stands = conn
            .prepare("SELECT 1 FROM sqlite_schema WHERE name = ?1")?
            .exists([name])?;
        let mut left = stands;
        while left {
            let batch = conn.unchecked_transaction()?;
            let some = rows(conn, sealer)?;
            batch.commit()?;
            all += some;
            left = some > 0;
            tracing::info!(table.name = name, rows.count = all, "sealing what stood in clear");
        }
    }
    Ok(all)
}

/// A slot for something that was kept before there were slots.
fn fresh(
    conn: &Connection,
    sealer: &dyn Sealer,
    (filing, callback): (Option<i64>, Option<i64>),
    subjects: Option<Vec<u8>>,
) -> Result<Slot, StoreError> {
    let slot = sealer.take()?;
    conn.prepare_cached("INSERT INTO slot (id, filing, callback, subjects) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![seal::row(slot), filing, callback, subjects])?;
    Ok(slot)
}

/// Sealed bytes of something that an id names.
fn sealed(
    sealer: &dyn Sealer,
    slot: i64,
    (column, id): (&'static str, &ExchangeId),
    bytes: &[u8],
) -> Result<Vec<u8>, StoreError> {
    Ok(sealer.seal(seal::slot(slot), place(column, id.as_bytes()), bytes)?)
}
