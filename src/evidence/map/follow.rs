//! Follows the log leaf by leaf, so that the map is that of its first leaves.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;

use crate::evidence::hash::Hash;
use crate::evidence::leaf::Chain;
use crate::evidence::map::{Bins, Item, Map, MapProof, bin, key};

/// The map of a log's first leaves, and the leaves behind those that were read already.
#[derive(Clone, Debug, Default)]
pub struct Mapper {
    map: Map,
    leaves: u64,
    ahead: VecDeque<(u64, Hash)>,
}

impl Mapper {
    /// The map of so many first leaves, from the bins that hold their chains.
    pub fn resume(map: Map, leaves: u64) -> Self {
        Self {
            map,
            leaves,
            ahead: VecDeque::new(),
        }
    }

    /// Of how many first leaves the map is.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Reads the next leaf; the map does not change yet.
    pub fn read<'a>(&mut self, index: u64, chains: impl Iterator<Item = &'a Chain>) {
        self.ahead.extend(chains.map(|chain| (index, key(chain))));
    }

    /// The bins that [`advance`](Self::advance) will look into, each once, in order.
    pub fn needs(&self, leaves: u64) -> Vec<u16> {
        let ahead = self.ahead.iter().take_while(|(index, _)| *index < leaves);
        let mut needed: Vec<u16> = ahead.map(|(_, key)| bin(key)).collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// Takes the leaves before `leaves` into the map; gives the chains that changed, by key. A leaf that a bin knows of already
    /// counts once.
    pub fn advance<B: Bins>(&mut self, leaves: u64, bins: &mut B) -> Result<Vec<Item>, B::Error> {
        let many = self.ahead.partition_point(|(index, _)| *index < leaves);
        let mut touched: Vec<(Hash, u64)> = self
            .ahead
            .drain(..many)
            .map(|(index, key)| (key, index))
            .collect();
        touched.sort_unstable();
        let mut changed = Vec::new();
        for same in touched.chunk_by(|(one, _), (other, _)| bin(one) == bin(other)) {
            let number = bin(&same[0].0);
            let items = bins.bin(number)?;
            for chain in same.chunk_by(|(one, _), (other, _)| one == other) {
                changed.push(go_on(items, chain));
            }
            self.map.set(number, items);
        }
        self.leaves = self.leaves.max(leaves);
        Ok(changed)
    }

    /// The root of the map.
    pub fn root(&mut self) -> Hash {
        self.map.root()
    }

    /// Proves what the map says of a key.
    pub fn prove<B: Bins>(&mut self, key: &Hash, bins: &mut B) -> Result<MapProof, B::Error> {
        self.map.prove(key, bins)
    }
}

/// Enters the leaves of one chain, in their order; `chain` is not empty.
fn go_on(items: &mut Vec<Item>, chain: &[(Hash, u64)]) -> Item {
    let (key, first) = chain[0];
    let (place, mut rest) = match items.binary_search_by(|item| item.key.cmp(&key)) {
        Ok(place) => (place, chain),
        Err(place) => {
            let (index, count) = (first, 1);
            items.insert(place, Item { key, index, count });
            (place, &chain[1..])
        }
    };
    let item = &mut items[place];
    while let Some(((_, index), more)) = rest.split_first() {
        if *index > item.index {
            item.index = *index;
            item.count += 1;
        }
        rest = more;
    }
    *item
}

/// Bins in memory, for whoever reads a whole log.
#[derive(Clone, Debug, Default)]
pub struct Loose(HashMap<u16, Vec<Item>>);

impl Bins for Loose {
    type Error = Infallible;

    fn bin(&mut self, number: u16) -> Result<&mut Vec<Item>, Infallible> {
        Ok(self.0.entry(number).or_default())
    }
}
