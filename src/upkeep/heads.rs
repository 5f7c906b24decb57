//! The map of heads, followed beside the log: neither an acceptance nor a delivery waits for it. Its root is entered as a leaf, and a
//! checkpoint is signed over just the leaves up to that one.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::shelf::{self, Shelf, Unshown, looking};
use crate::evidence::hash::Hash;
use crate::evidence::leaf::{Chain, Seen};
use crate::evidence::map::text::Completeness;
use crate::evidence::map::{Bins, Item, Map, MapProof, Mapper, Told, bin, key};
use crate::evidence::tile;
use crate::store::{Store, StoreError};

/// Leaves that are read at once.
const SLICE: u64 = 1_024;
/// Bins that are read at once when the map is taken up again.
const RUN: usize = 256;
/// Chains that are held in memory beyond the upper levels of the map: below 10 MiB.
const HELD: usize = 65_536;
/// Chains that wait to be written at most, and leaves that are read again after a kill.
const WAITING: usize = 8_192;
const AGAIN: u64 = 16_384;
/// Chains that are written in one transaction: no other waits long for it.
const WRITTEN: usize = 256;
/// How often the map is worked out anew because leaves came in between. After that it is entered behind them.
const TRIES: u32 = 3;

/// The map as it stands, and those of its chains that are in memory.
pub(super) struct Keeper {
    mapper: Mapper,
    held: Held,
    /// All of so many first leaves are in the store's table.
    kept: u64,
}

/// Bins in memory: a few that were used last, over those of the table.
#[derive(Default)]
struct Held {
    bins: HashMap<u16, Vec<Item>>,
    count: usize,
    /// What the table lacks, by key.
    waiting: BTreeMap<Hash, Item>,
    /// Whether the table is not to be believed: it is ahead of the map that is asked for.
    alone: bool,
}

/// Bins, looked up where they are.
struct Look<'a> {
    held: &'a mut Held,
    shelf: &'a Shelf,
}

impl Bins for Look<'_> {
    type Error = StoreError;

    fn bin(&mut self, number: u16) -> Result<&mut Vec<Item>, StoreError> {
        if !self.held.bins.contains_key(&number) {
            self.held.fetch(self.shelf, vec![number])?;
        }
        Ok(self.held.bins.entry(number).or_default())
    }
}

impl Held {
    /// Brings bins into memory.
    fn fetch(&mut self, shelf: &Shelf, numbers: Vec<u16>) -> Result<(), StoreError> {
        if self.count > HELD && !self.alone {
            (self.bins, self.count) = (HashMap::new(), 0);
        }
        let missing = numbers
            .into_iter()
            .filter(|number| !self.bins.contains_key(number));
        let missing: Vec<u16> = missing.collect();
        let found = if self.alone {
            Vec::new()
        } else {
            shelf.bins(missing.clone())?
        };
        self.count += found.len();
        let mut found = found
            .chunk_by(|one, other| bin(&one.key) == bin(&other.key))
            .peekable();
        for number in missing {
            let kept = found.next_if(|items| bin(&items[0].key) == number);
            let mut items = kept.map(<[Item]>::to_vec).unwrap_or_default();
            // What waits to be written is newer than the table.
            for (_, newer) in self.waiting.range(ends(number)) {
                lay(&mut items, *newer);
            }
            self.bins.insert(number, items);
        }
        Ok(())
    }
}

/// The keys of a bin.
fn ends(number: u16) -> RangeInclusive<Hash> {
    let (mut first, mut last) = ([0x00; 32], [0xff; 32]);
    first[..2].copy_from_slice(&number.to_be_bytes());
    last[..2].copy_from_slice(&number.to_be_bytes());
    first..=last
}

fn lay(items: &mut Vec<Item>, newer: Item) {
    match items.binary_search_by(|item| item.key.cmp(&newer.key)) {
        Ok(place) => items[place] = newer,
        Err(place) => items.insert(place, newer),
    }
}

impl Keeper {
    /// Stands where the store's table stands.
    fn resume(shelf: &Shelf) -> Result<Self, Unshown> {
        let kept = shelf.mapped()?;
        let mut map = Map::default();
        let numbers: Vec<u16> = (0..=u16::MAX).collect();
        for run in numbers.chunks(RUN) {
            let items = shelf.bins(run.to_vec())?;
            for same in items.chunk_by(|one, other| bin(&one.key) == bin(&other.key)) {
                map.set(bin(&same[0].key), same);
            }
        }
        Ok(Self {
            mapper: Mapper::resume(map, kept),
            held: Held::default(),
            kept,
        })
    }

    /// Stands before the first leaf, and believes no table.
    fn alone() -> Self {
        Self {
            mapper: Mapper::default(),
            held: Held {
                alone: true,
                ..Held::default()
            },
            kept: 0,
        }
    }

    /// Follows the log up to so many leaves; gives the root then. A leaf that cannot be read is named by whoever checks the log; it
    /// stands in no chain.
    fn follow(&mut self, shelf: &Shelf, leaves: u64, writes: Writes) -> Result<Hash, Unshown> {
        while self.mapper.leaves() < leaves {
            let from = self.mapper.leaves();
            let to = leaves.min(from + SLICE);
            for (index, bytes) in (from..).zip(tile::entries(shelf, from..to)?) {
                let links = Seen::read(&bytes).map_or_else(|_| Vec::new(), |seen| seen.links);
                self.mapper.read(index, links.iter().map(|(chain, _)| chain));
            }
            let Self { mapper, held, .. } = self;
            held.fetch(shelf, mapper.needs(to))?;
            let changed = mapper.advance(to, &mut Look { held, shelf })?;
            held.count += changed.len();
            if !held.alone {
                held.waiting
                    .extend(changed.into_iter().map(|item| (item.key, item)));
            }
            if writes == Writes::Yes && held.waiting.len() > 2 * WAITING {
                self.write(shelf)?;
            }
        }
        Ok(self.mapper.root())
    }

    /// Writes what waits, in the order of its keys, a few chains at a time.
    fn write(&mut self, shelf: &Shelf) -> Result<(), Unshown> {
        let waiting: Vec<Item> = self.held.waiting.values().copied().collect();
        for few in waiting.chunks(WRITTEN) {
            shelf.keep(few.to_vec(), None)?;
        }
        let leaves = self.mapper.leaves();
        shelf.keep(Vec::new(), Some(leaves))?;
        self.held.waiting.clear();
        self.kept = leaves;
        Ok(())
    }

    /// Whether so much waits that it is time to write it.
    fn is_due(&self) -> bool {
        self.held.waiting.len() > WAITING || self.mapper.leaves() - self.kept > AGAIN
    }

    fn prove(&mut self, shelf: &Shelf, chain: &Chain) -> Result<MapProof, Unshown> {
        let Self { mapper, held, .. } = self;
        Ok(mapper.prove(&key(chain), &mut Look { held, shelf })?)
    }
}

/// Whether the store is ours to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writes {
    Yes,
    No,
}

/// Sees to it that the log's last leaf says the map of those before it; gives how many leaves it then has. Under load others may stand
/// between: the leaf says of how many it speaks.
pub(super) async fn enter(
    store: &Arc<dyn Store>,
    keeper: &mut Option<Keeper>,
    at: i64,
) -> Result<u64, Unshown> {
    let mut tries = 0;
    loop {
        tries += 1;
        let leaves = store.head().await?.size;
        let held = keeper.take();
        let (held, root, said) = looking(store, move |shelf| {
            let mut held = held.map_or_else(|| Keeper::resume(shelf), Ok)?;
            let root = held.follow(shelf, leaves, Writes::Yes)?;
            Ok((held, root, said(shelf, leaves)?))
        })
        .await?;
        *keeper = Some(held);
        // It was entered by a round whose checkpoint was not signed: there is nothing to add to it.
        if said.is_some_and(|said| said.root == root) {
            return Ok(leaves);
        }
        let exactly = (tries < TRIES).then_some(leaves);
        if let Some(index) = store.enter(Told { leaves, root }.draft(at), exactly).await? {
            return Ok(index + 1);
        }
    }
}

/// What the map under the newest checkpoint says of a chain; none where no checkpoint stands over a map.
pub(super) async fn complete(
    store: &Arc<dyn Store>,
    keeper: &mut Option<Keeper>,
    chain: Chain,
) -> Result<Option<String>, Unshown> {
    let Some(newest) = store.checkpoint().await? else {
        return Ok(None);
    };
    let held = keeper.take();
    let (held, text) = looking(store, move |shelf| {
        let mut held = held.map_or_else(|| Keeper::resume(shelf), Ok)?;
        let Some(told) = said(shelf, newest.size)? else {
            return Ok((held, None));
        };
        let mut proof = None;
        if held.follow(shelf, told.leaves, Writes::No)? == told.root {
            proof = Some(held.prove(shelf, &chain)?);
        }
        let proof = proof.map_or_else(|| anew(shelf, told, &chain), Ok)?;
        let leaf = shelf::leaf(shelf, newest.size - 1, newest)?;
        let text = Completeness { chain, proof, leaf }.to_string();
        Ok((held, Some(text)))
    })
    .await?;
    *keeper = Some(held);
    Ok(text)
}

/// What an earlier map says than the one that is held: worked out from the first leaf.
fn anew(shelf: &Shelf, told: Told, chain: &Chain) -> Result<MapProof, Unshown> {
    let mut alone = Keeper::alone();
    if alone.follow(shelf, told.leaves, Writes::No)? == told.root {
        alone.prove(shelf, chain)
    } else {
        Err(Unshown::Map)
    }
}

/// What the last of so many leaves says, if it says a map.
fn said(shelf: &Shelf, leaves: u64) -> Result<Option<Told>, Unshown> {
    let Some(last) = leaves.checked_sub(1) else {
        return Ok(None);
    };
    let entry = tile::entries(shelf, last..leaves)?;
    let seen = entry.first().and_then(|bytes| Seen::read(bytes).ok());
    Ok(seen.and_then(|seen| Told::read(&seen)))
}

/// Writes what waits when there is enough of it, or whatever there is.
pub(super) async fn write(
    store: &Arc<dyn Store>,
    keeper: &mut Option<Keeper>,
    all: bool,
) -> Result<(), Unshown> {
    let Some(mut held) = keeper.take() else {
        return Ok(());
    };
    if all || held.is_due() {
        held = looking(store, move |shelf| held.write(shelf).map(|()| held)).await?;
    }
    *keeper = Some(held);
    Ok(())
}
