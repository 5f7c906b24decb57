//! The map of heads in its table.

use rusqlite::{Connection, params};

use crate::evidence::leaf::Draft;
use crate::evidence::map::Item;
use crate::store::sqlite::tx::Tx;
use crate::store::{Chains, Reply, Sqlite, StoreError};

impl Chains for Sqlite {
    fn enter(&self, leaf: Draft, leaves: Option<u64>) -> Reply<'_, Option<u64>> {
        self.write(move |tx| enter(tx, &leaf, leaves))
    }

    fn mapped(&self) -> Reply<'_, u64> {
        self.readers.ask(mapped)
    }

    fn bins(&self, numbers: Vec<u16>) -> Reply<'_, Vec<Item>> {
        self.readers.ask(move |conn| bins(conn, &numbers))
    }

    fn keep(&self, items: Vec<Item>, leaves: Option<u64>) -> Reply<'_, ()> {
        self.write(move |tx| keep(tx, &items, leaves))
    }
}

fn enter(tx: &mut Tx<'_>, leaf: &Draft, leaves: Option<u64>) -> Result<Option<u64>, StoreError> {
    let next = tx.base + tx.staged.len() as u64;
    if leaves.is_some_and(|leaves| leaves != next) {
        return Ok(None);
    }
    Ok(Some(tx.stage(leaf)? as u64))
}

fn mapped(conn: &Connection) -> Result<u64, StoreError> {
    let leaves: i64 = conn
        .prepare_cached("SELECT leaves FROM mapped")?
        .query_row([], |row| row.get(0))?;
    Ok(leaves as u64)
}

fn bins(conn: &Connection, numbers: &[u16]) -> Result<Vec<Item>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT key, leaf, count FROM head WHERE key BETWEEN ?1 AND ?2 ORDER BY key")?;
    let mut items = Vec::new();
    // Bins that follow one another are read at once.
    for run in numbers.chunk_by(|one, next| one.checked_add(1) == Some(*next)) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let (mut from, mut to) = ([0x00; 32], [0xff; 32]);
        from[..2].copy_from_slice(&first.to_be_bytes());
        to[..2].copy_from_slice(&last.to_be_bytes());
        let rows = select.query_map([from, to], |row| {
            Ok(Item {
                key: row.get(0)?,
                index: row.get::<_, i64>(1)? as u64,
                count: row.get::<_, i64>(2)? as u64,
            })
        })?;
        for item in rows {
            items.push(item?);
        }
    }
    Ok(items)
}

fn keep(tx: &Tx<'_>, items: &[Item], leaves: Option<u64>) -> Result<(), StoreError> {
    let mut upsert = tx.conn.prepare_cached(
        "INSERT INTO head (key, leaf, count) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET leaf = excluded.leaf, count = excluded.count",
    )?;
    for item in items {
        upsert.execute(params![item.key, item.index as i64, item.count as i64])?;
    }
    if let Some(leaves) = leaves {
        let mut update = tx.conn.prepare_cached("UPDATE mapped SET leaves = ?1")?;
        update.execute([leaves as i64])?;
    }
    Ok(())
}
