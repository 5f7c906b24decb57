//! The exchange log in its tables: entries and tiles.

use std::ops::Range;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::evidence::leaf::Staged;
use crate::evidence::sequencer::{AppendError, Batch, Sequencer};
use crate::evidence::tile::{FullTile, ReadError, Reader};
use crate::store::sqlite::heads::{Look, Newest};
use crate::store::sqlite::read::bounded;
use crate::store::sqlite::tx::Tx;
use crate::store::{Entry, SignedCheckpoint, StoreError};

/// Checkpoints that are kept besides the latest.
const CHECKPOINTS: i64 = 1_000;

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

/// Entries of the log.
pub(super) fn entries(conn: &Connection, from: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
    let end = from.saturating_add(bounded(limit) as u64).min(size(conn)?);
    let bytes = Kept(conn).entries(from.min(end)..end)?;
    Ok((from..)
        .zip(bytes)
        .map(|(index, bytes)| Entry { index, bytes })
        .collect())
}

/// A full tile of the log.
pub(super) fn tile(conn: &Connection, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
    if level > 7 || number >= 1 << 48 {
        return Ok(None);
    }
    Ok(Kept(conn).tile(level, number)?)
}

/// Keeps a checkpoint; never one that contradicts what was given out, or that speaks of leaves that are not on disk.
pub(super) fn publish(tx: &mut Tx<'_>, new: &SignedCheckpoint) -> Result<(), StoreError> {
    let latest = checkpoint(tx.conn)?;
    let forks =
        latest.is_some_and(|old| old.size > new.size || (old.size == new.size && old.root != new.root));
    if forks || new.size > tx.base {
        let size = new.size;
        return Err(StoreError::Unusable(format!(
            "a checkpoint over {size} leaves does not follow the latest"
        )));
    }
    let mut insert = tx
        .conn
        .prepare_cached("INSERT INTO checkpoint (size, root, at, note) VALUES (?1, ?2, ?3, ?4)")?;
    let id = insert.insert(params![new.size as i64, new.root, new.at, new.note])?;
    // The first that waits for a stamp is kept too: it says since when.
    tx.conn
        .prepare_cached(
            "DELETE FROM checkpoint WHERE id < ?1 AND id <> coalesce(
                 (SELECT min(id) FROM checkpoint WHERE size > (SELECT coalesce(max(leaves), 0) FROM stamp)), -1)",
        )?
        .execute([id - CHECKPOINTS])?;
    Ok(())
}

/// The latest checkpoint.
pub(super) fn checkpoint(conn: &Connection) -> Result<Option<SignedCheckpoint>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT size, root, at, note FROM checkpoint ORDER BY id DESC LIMIT 1")?;
    Ok(select.query_row([], signed).optional()?)
}

/// A row of `size, root, at, note`.
pub(super) fn signed(row: &Row<'_>) -> rusqlite::Result<SignedCheckpoint> {
    Ok(SignedCheckpoint {
        size: row.get::<_, i64>(0)? as u64,
        root: row.get(1)?,
        at: row.get(2)?,
        note: row.get(3)?,
    })
}
