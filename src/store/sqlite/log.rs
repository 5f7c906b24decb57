//! The exchange log in its tables: where chains stand, and what is read of entries and tiles.

use std::collections::HashMap;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use crate::evidence::hash;
use crate::evidence::leaf::{Chain, Head, Staged};
use crate::evidence::sequencer::{AppendError, Batch, Heads, Sequencer};
use crate::evidence::tile::{FullTile, ReadError, Reader};
use crate::store::StoreError;

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

/// The newest leaves of the chains used last; bounded, what fell out is read from its table again.
#[derive(Default)]
pub(super) struct Newest {
    young: HashMap<Chain, Head>,
    old: HashMap<Chain, Head>,
}

/// So many chains a generation: two generations of some hundred bytes each, below 10 MiB.
const GENERATION: usize = 20_000;

impl Newest {
    /// Takes over what a committed batch says.
    pub(super) fn adopt(&mut self, batch: &Batch) {
        for (chain, head) in batch.heads() {
            self.keep(chain.clone(), *head);
        }
    }

    fn keep(&mut self, chain: Chain, head: Head) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(chain, head);
    }

    fn find(&self, chain: &Chain) -> Option<Head> {
        self.young.get(chain).or_else(|| self.old.get(chain)).copied()
    }
}

/// Looks in memory first, then in the tables.
struct Look<'a> {
    conn: &'a Connection,
    newest: &'a Newest,
}

impl Heads for Look<'_> {
    type Error = rusqlite::Error;

    fn head(&mut self, chain: &Chain) -> rusqlite::Result<Option<Head>> {
        if let Some(head) = self.newest.find(chain) {
            return Ok(Some(head));
        }
        let mut select = self.conn.prepare_cached(
            "SELECT leaf.id, leaf.entry FROM chain JOIN leaf ON leaf.id = chain.leaf WHERE chain.key = ?1",
        )?;
        let found = select.query_row([key(chain)], |row| {
            Ok(Head {
                index: row.get::<_, i64>(0)? as u64,
                hash: hash::leaf(row.get_ref(1)?.as_blob()?),
            })
        });
        found.optional()
    }
}

/// A chain's key: a letter for its kind and what it is about, as short as it can be.
fn key(chain: &Chain) -> Vec<u8> {
    match chain {
        Chain::Dossier(blind) => [b"d", blind.0.as_slice()].concat(),
        Chain::Partner(partner) => [b"p", partner.as_bytes()].concat(),
        Chain::Day(day) => format!("y{day}").into_bytes(),
        Chain::Subject(blind) => [b"s", blind.0.as_slice()].concat(),
    }
}

/// Gives all staged leaves of one transaction their places and writes them; `None` when there are none.
pub(super) fn sequence(
    conn: &Connection,
    sequencer: &Sequencer,
    newest: &Newest,
    staged: &[Staged],
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
    write_heads(conn, &batch)?;
    batch.tiles().iter().try_for_each(|tile| write_tile(conn, tile))?;
    Ok(Some(batch))
}

fn write_heads(conn: &Connection, batch: &Batch) -> Result<(), StoreError> {
    let mut upsert = conn.prepare_cached(
        "INSERT INTO chain (key, leaf) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET leaf = excluded.leaf",
    )?;
    for (chain, head) in batch.heads() {
        upsert.execute(params![key(chain), head.index as i64])?;
    }
    Ok(())
}

fn write_tile(conn: &Connection, tile: &FullTile) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached("INSERT INTO tile (id, hashes) VALUES (?1, ?2)")?;
    insert.execute(params![tile_id(tile.level, tile.number), tile.bytes])?;
    Ok(())
}
