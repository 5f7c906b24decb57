//! The map of heads: for each chain its newest leaf and how many leaves it has, under one root. What is under the root can be
//! proved, and so can what is not: a chain that has not begun.
//!
//! It is a binary tree over hashed keys in which a subtree of one chain is that chain's leaf and an empty one is 32 zero bytes
//! (the compact sparse Merkle tree of Diem). A root and a key lead to one end only: each hash opens in one way, as an inner node, as a
//! chain or as nothing; so a root says of each chain one thing, whoever made it. That it says the truth, a replay of the leaves tells
//! ([`audit`](crate::evidence::audit)). Of a head its index is kept and not its hash: which leaf has that index, the log's own tree says.
//!
//! The upper 16 levels are held in memory, 4 MiB whatever the number of chains; below each of their 65,536 ends lies a *bin* of
//! chains, in whatever keeps them, from which its subtree is worked out when one of them changes.

mod follow;
mod proof;
pub mod text;

pub use follow::{Loose, Mapper};
pub use proof::{End, MapProof, Unproven};

use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::{Chain, Draft, Kind, Seen};

/// Levels of the tree that are held in memory.
const LEVELS: u32 = 16;
/// How many bins there are.
const BINS: usize = 1 << LEVELS;

/// A chain in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// The chain's place, see [`key`].
    pub key: Hash,
    /// The index of its newest leaf.
    pub index: u64,
    /// How many leaves it has.
    pub count: u64,
}

/// Where chains are kept, in bins of those whose keys begin with the same 16 bits.
pub trait Bins {
    /// Why a bin could not be read.
    type Error;

    /// The chains of one bin, by key.
    fn bin(&mut self, number: u16) -> Result<&mut Vec<Item>, Self::Error>;
}

/// What the leaf of a map says: the root, and of how many leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The map is that of the log's first leaves, so many. At most the index of the leaf that says it.
    pub leaves: u64,
    /// Its root.
    pub root: Hash,
}

/// Where a chain has its place: the hash of its name.
pub fn key(chain: &Chain) -> Hash {
    hash::digest(&[b"lienthong/chain\0", chain.to_string().as_bytes()])
}

/// The bin in which a key lies.
pub fn bin(key: &Hash) -> u16 {
    u16::from_be_bytes([key[0], key[1]])
}

impl Item {
    fn hash(&self) -> Hash {
        hash::digest(&[
            b"\x02",
            &self.key,
            &self.index.to_be_bytes(),
            &self.count.to_be_bytes(),
        ])
    }
}

impl Told {
    /// The leaf that enters it in the log; it belongs to no chain, so that it changes none.
    pub fn draft(&self, at: i64) -> Draft {
        Draft::new(Kind::Mapped, at)
            .fact("leaves", self.leaves.to_string())
            .fact("root", data_encoding::HEXLOWER.encode(&self.root))
    }

    /// Reads what a leaf says, if it is one of these.
    pub fn read(seen: &Seen<'_>) -> Option<Self> {
        if seen.kind() != Kind::Mapped {
            return None;
        }
        let root = data_encoding::HEXLOWER.decode(seen.fact("root")?.as_bytes());
        Some(Self {
            leaves: super::checkpoint::decimal(seen.fact("leaves")?)?,
            root: root.ok()?.try_into().ok()?,
        })
    }
}

/// What stands in a place of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Empty,
    /// One chain, however deep its place would be.
    Chain(Hash),
    Inner(Hash),
}

impl Node {
    const fn hash(&self) -> Hash {
        match self {
            Self::Empty => [0; 32],
            Self::Chain(hash) | Self::Inner(hash) => *hash,
        }
    }

    fn over(left: Self, right: Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            (Self::Chain(hash), Self::Empty) | (Self::Empty, Self::Chain(hash)) => Self::Chain(hash),
            (Self::Empty | Self::Chain(_) | Self::Inner(_), _) => {
                Self::Inner(inner(&left.hash(), &right.hash()))
            }
        }
    }
}

fn inner(left: &Hash, right: &Hash) -> Hash {
    hash::digest(&[b"\x03", left, right])
}

/// The bit of a key that says which way it goes below `depth`.
const fn turns_right(key: &Hash, depth: usize) -> bool {
    key[depth / 8] >> (7 - depth % 8) & 1 == 1
}

/// The subtree of chains that agree in the first `depth` bits, by key.
fn subtree(items: &[Item], depth: usize) -> Node {
    match items {
        [] => Node::Empty,
        [one] => Node::Chain(one.hash()),
        more => {
            let (left, right) = parted(more, depth);
            Node::over(subtree(left, depth + 1), subtree(right, depth + 1))
        }
    }
}

fn parted(items: &[Item], depth: usize) -> (&[Item], &[Item]) {
    items.split_at(items.partition_point(|item| !turns_right(&item.key, depth)))
}

/// The upper levels of the tree.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// The root at 1, the children of n at 2n and 2n + 1, the bins last; empty before anything is in it.
    nodes: Vec<Node>,
    /// Bins whose change is not in the levels above.
    changed: Vec<u16>,
}

impl Map {
    /// Says what is in a bin now, by key.
    pub fn set(&mut self, number: u16, items: &[Item]) {
        if self.nodes.is_empty() {
            self.nodes = vec![Node::Empty; 2 * BINS];
        }
        self.nodes[BINS + usize::from(number)] = subtree(items, LEVELS as usize);
        self.changed.push(number);
    }

    /// The root; of an empty map, 32 zero bytes.
    pub fn root(&mut self) -> Hash {
        let mut level: Vec<usize> = self
            .changed
            .drain(..)
            .map(|bin| BINS + usize::from(bin))
            .collect();
        level.sort_unstable();
        for _ in 0..LEVELS {
            level.iter_mut().for_each(|place| *place /= 2);
            level.dedup();
            for place in &level {
                self.nodes[*place] = Node::over(self.nodes[2 * place], self.nodes[2 * place + 1]);
            }
        }
        self.at(1).hash()
    }

    /// Proves what the map says of a key, under the root it has now.
    pub fn prove<B: Bins>(&mut self, key: &Hash, bins: &mut B) -> Result<MapProof, B::Error> {
        self.root();
        let (mut place, mut path) = (1, Vec::new());
        while place < BINS && matches!(self.at(place), Node::Inner(_)) {
            let right = usize::from(turns_right(key, path.len()));
            path.push(self.at(2 * place + (1 - right)).hash());
            place = 2 * place + right;
        }
        // One chain alone may stand above the bins: it lies in one that is not the key's.
        while place < BINS {
            let left = matches!(self.at(2 * place), Node::Chain(_));
            place = 2 * place + usize::from(!left);
        }
        let mut items: &[Item] = bins.bin((place - BINS) as u16)?;
        while items.len() > 1 {
            let depth = path.len();
            let (left, right) = parted(items, depth);
            let (own, other) = if turns_right(key, depth) {
                (right, left)
            } else {
                (left, right)
            };
            path.push(subtree(other, depth + 1).hash());
            items = own;
        }
        let end = match items.first() {
            None => End::Nothing,
            Some(item) if item.key == *key => End::Here {
                index: item.index,
                count: item.count,
            },
            Some(item) => End::Other(*item),
        };
        Ok(MapProof { path, end })
    }

    fn at(&self, place: usize) -> Node {
        self.nodes.get(place).copied().unwrap_or(Node::Empty)
    }
}

#[cfg(test)]
mod tests;
