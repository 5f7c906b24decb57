//! Slots by the month: who asked, who looked and who laid a hand on what is kept longer than what it was about, and ends by the
//! month.

use rusqlite::{Connection, OptionalExtension, params};

use crate::evidence::day::Day;
use crate::model::{Sealer, Slot};
use crate::store::StoreError;
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;

/// The slot of the month of a moment, in Viet Nam.
pub(super) fn slot(tx: &Tx<'_>, at: i64) -> Result<Slot, StoreError> {
    of(tx.conn, tx.sealer, at)
}

/// The same; taken when the month is met for the first time.
pub(super) fn of(conn: &Connection, sealer: &dyn Sealer, at: i64) -> Result<Slot, StoreError> {
    let mut month = Day::of(at).to_string();
    month.truncate("2026-11".len());
    let mut select = conn.prepare_cached("SELECT id FROM slot WHERE month = ?1 AND erased IS NULL")?;
    if let Some(id) = select.query_row([&month], |row| row.get(0)).optional()? {
        return Ok(seal::slot(id));
    }
    let slot = sealer.take()?;
    conn.prepare_cached("INSERT INTO slot (id, month) VALUES (?1, ?2)")?
        .execute(params![seal::row(slot), month])?;
    Ok(slot)
}
