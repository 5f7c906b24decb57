//! The newest leaf of every chain. The leaves are the truth; the table of chains trails behind them, so that a commit does
//! not touch a page for each chain that it goes on: newer heads are held here and written a few at a time, in the order of
//! their keys. What was not written when a process died is read from the leaves again.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::evidence::hash;
use crate::evidence::leaf::{Chain, Entry, Head};
use crate::evidence::sequencer::{Batch, Heads};
use crate::evidence::tile::Reader;
use crate::store::StoreError;
use crate::store::sqlite::log::{self, Kept};

/// So many chains a generation, of which there are two: below 10 MiB.
const GENERATION: usize = if cfg!(test) { 24 } else { 16_384 };
/// So many leaves a generation at most: what is read again after a kill stays bounded, however few the chains are.
const LEAVES: u64 = if cfg!(test) { 40 } else { 32_768 };
/// Heads that are written for each leaf that is entered: a leaf goes on at most as many chains, so that the older generation
/// is in its table before the younger one is full.
const PACE: usize = 4;
/// Leaves that are read at once.
const READ: u64 = 1_024;

/// Heads in memory: those of the newest leaves, and those of the generation before, which are on their way into the table.
#[derive(Default)]
pub(super) struct Newest {
    young: HashMap<Chain, Head>,
    /// The first leaf of the young generation.
    since: u64,
    old: HashMap<Chain, Head>,
    /// What of the old generation is not in the table, by key, the first at the end.
    due: Vec<(Vec<u8>, i64)>,
}

/// What one transaction writes of the heads.
pub(super) struct Slice {
    left: usize,
}

impl Newest {
    /// Reads the heads that the table lacks.
    pub(super) fn resume(conn: &Connection) -> Result<Self, StoreError> {
        let since: i64 = conn
            .prepare_cached("SELECT leaves FROM chained")?
            .query_row([], |row| row.get(0))?;
        let (since, size) = (since as u64, log::size(conn)?);
        let mut newest = Self {
            since,
            ..Self::default()
        };
        let mut from = since;
        while from < size {
            let to = size.min(from + READ);
            for (index, bytes) in (from..).zip(Kept(conn).entries(from..to)?) {
                newest.read(index, &bytes);
            }
            from = to;
        }
        Ok(newest)
    }

    /// A leaf that cannot be read is named by whoever checks the log; it stands in no chain.
    fn read(&mut self, index: u64, bytes: &[u8]) {
        if let Ok(entry) = Entry::read(bytes) {
            let hash = hash::leaf(bytes);
            let heads = entry.links.into_iter();
            self.young
                .extend(heads.map(|(chain, _)| (chain, Head { index, hash })));
        }
    }

    /// Writes the next few of the heads that are due, inside the transaction that enters so many leaves.
    pub(super) fn write(&self, conn: &Connection, leaves: usize) -> Result<Slice, StoreError> {
        let left = self.due.len().saturating_sub(leaves.saturating_mul(PACE));
        upsert(conn, self.due[left..].iter().rev())?;
        if left == 0 && !self.due.is_empty() {
            mark(conn, self.since)?;
        }
        Ok(Slice { left })
    }

    /// Takes over what a committed transaction wrote and entered; the log now has `size` leaves.
    pub(super) fn adopt(&mut self, slice: &Slice, batch: &Batch, size: u64) {
        self.due.truncate(slice.left);
        let heads = batch.heads().map(|(chain, head)| (chain.clone(), *head));
        self.young.extend(heads);
        let full = self.young.len() >= GENERATION || size.saturating_sub(self.since) >= LEAVES;
        if full && self.due.is_empty() {
            self.turn(size);
        }
    }

    /// The young generation becomes the old one.
    fn turn(&mut self, size: u64) {
        self.old = std::mem::take(&mut self.young);
        self.since = size;
        self.due = sorted(&self.old);
        self.due.reverse();
    }

    /// Writes all that is not in the table: before the store is closed, so that it opens at once.
    pub(super) fn close(&self, conn: &Connection, size: u64) -> Result<(), StoreError> {
        upsert(conn, self.due.iter().rev())?;
        upsert(conn, sorted(&self.young).iter())?;
        mark(conn, size)
    }

    fn find(&self, chain: &Chain) -> Option<Head> {
        self.young.get(chain).or_else(|| self.old.get(chain)).copied()
    }
}

/// Looks in memory first, then in the tables.
pub(super) struct Look<'a> {
    /// The writer's connection.
    pub(super) conn: &'a Connection,
    /// The heads in memory.
    pub(super) newest: &'a Newest,
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

fn sorted(heads: &HashMap<Chain, Head>) -> Vec<(Vec<u8>, i64)> {
    let rows = heads.iter().map(|(chain, head)| (key(chain), head.index as i64));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    rows
}

fn upsert<'a>(conn: &Connection, rows: impl Iterator<Item = &'a (Vec<u8>, i64)>) -> Result<(), StoreError> {
    let mut upsert = conn.prepare_cached(
        "INSERT INTO chain (key, leaf) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET leaf = excluded.leaf",
    )?;
    for (key, leaf) in rows {
        upsert.execute(params![key, leaf])?;
    }
    Ok(())
}

/// Says that the table has the heads of all leaves before this one.
fn mark(conn: &Connection, leaves: u64) -> Result<(), StoreError> {
    let mut update = conn.prepare_cached("UPDATE chained SET leaves = ?1")?;
    update.execute([leaves as i64])?;
    Ok(())
}
