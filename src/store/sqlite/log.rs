//! The exchange log in its tables: entries and tiles.

use std::ops::Range;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::evidence::leaf::Staged;
use crate::evidence::sequencer::{AppendError, Batch, Sequencer};
use crate::evidence::tile::{FullTile, ReadError, Reader};
use crate::store::StoreError;
use crate::store::sqlite::heads::{Look, Newest};

/// Entries and full tiles, as the mathematics of the log reads them.
pub(super) struct Kept<'a>(pub(super) &'a Connection);

impl Reader for Kept<'_> {
    type Error = rusqlite::Error;

    fn tile(&self, level: u8, number: u64) -> rusqlite::Result<Option<Vec<u8>>> {
        let mut select = self.0.prepare_cached("SELECT hashes FROM tile WHERE id = ?1")?;
        select
            .query_row([tile_id(level, number)], |row| row.get(0))
            .optional()
    }

    fn entries(&self, range: Range<u64>) -> rusqlite::Result<Vec<Vec<u8>>> {
        let mut select = self
            .0
            .prepare_cached("SELECT entry FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
        select
            .query_map([range.start as i64, range.end as i64], |row| row.get(0))?
            .collect()
    }
}

/// Level and number in one integer, so that tiles lie in their order.
fn tile_id(level: u8, number: u64) -> i64 {
    (i64::from(level) << 48) + number as i64
}

/// How many leaves the store has.
pub(super) fn size(conn: &Connection) -> Result<u64, StoreError> {
    let size: i64 = conn
        .prepare_cached("SELECT coalesce(max(id) + 1, 0) FROM leaf")?
        .query_row([], |row| row.get(0))?;
    Ok(size as u64)
}

/// Stands at the end of the log that is on disk.
pub(super) fn resume(conn: &Connection) -> Result<Sequencer, StoreError> {
    let kept = Kept(conn);
    Sequencer::resume(size(conn)?, &kept).map_err(|error| match error {
        ReadError::Store(error) => error.into(),
        ReadError::Tile { .. } | ReadError::Entries(_) => StoreError::Unusable(error.to_string()),
    })
}

/// Gives all staged leaves of one transaction their places and writes them; `None` when there are none.
pub(super) fn sequence(
    conn: &Connection,
    sequencer: &Sequencer,
    newest: &Newest,
    staged: &[Arc<Staged>],
) -> Result<Option<Batch>, StoreError> {
    if staged.is_empty() {
        return Ok(None);
    }
    let mut batch = sequencer.batch();
    let mut look = Look { conn, newest };
    let mut insert = conn.prepare_cached("INSERT INTO leaf (id, entry) VALUES (?1, ?2)")?;
    for leaf in staged {
        let appended = batch.append(leaf, &mut look).map_err(|error| match error {
            AppendError::Heads(error) => StoreError::from(error),
            AppendError::Long(_) => StoreError::Unusable(error.to_string()),
        })?;
        insert.execute(params![appended.index as i64, appended.entry])?;
    }
    batch.tiles().iter().try_for_each(|tile| write_tile(conn, tile))?;
    Ok(Some(batch))
}

fn write_tile(conn: &Connection, tile: &FullTile) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached("INSERT INTO tile (id, hashes) VALUES (?1, ?2)")?;
    insert.execute(params![tile_id(tile.level, tile.number), tile.bytes])?;
    Ok(())
}
