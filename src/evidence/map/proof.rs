//! Checks what a map says of one chain.

use crate::evidence::hash::Hash;
use crate::evidence::map::{Item, inner, turns_right};

/// No path is longer: a key has so many bits.
const LONGEST: usize = 256;

/// Where the way of a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At the chain itself.
    Here {
        /// The index of its newest leaf.
        index: u64,
        /// How many leaves it has.
        count: u64,
    },
    /// At another chain, alone in the subtree where this one would be.
    Other(Item),
    /// At nothing.
    Nothing,
}

/// What a map says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapProof {
    /// The hashes beside the way, from the root down.
    pub path: Vec<Hash>,
    /// Where it ends.
    pub end: End,
}

/// Why a proof is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// A way longer than a key, or an end that does not lie on it.
    #[error("the way through the map does not lead to this chain's place")]
    Way,
    /// The way leads to another root.
    #[error("the way through the map leads to another root")]
    Root,
}

impl MapProof {
    /// The newest leaf of the chain with this key and how many leaves it has; `None` where it is proved that it has none.
    pub fn check(&self, key: &Hash, root: &Hash) -> Result<Option<(u64, u64)>, Unproven> {
        let depth = self.path.len();
        if depth > LONGEST {
            return Err(Unproven::Way);
        }
        let (mut found, says) = match self.end {
            End::Nothing => ([0; 32], None),
            End::Here { index, count } => {
                let key = *key;
                (Item { key, index, count }.hash(), Some((index, count)))
            }
            End::Other(item) if item.key != *key && agree(&item.key, key, depth) => (item.hash(), None),
            End::Other(_) => return Err(Unproven::Way),
        };
        for (depth, beside) in self.path.iter().enumerate().rev() {
            found = if turns_right(key, depth) {
                inner(beside, &found)
            } else {
                inner(&found, beside)
            };
        }
        if found == *root {
            Ok(says)
        } else {
            Err(Unproven::Root)
        }
    }
}

/// Whether two keys have the first `depth` bits in common.
fn agree(one: &Hash, other: &Hash, depth: usize) -> bool {
    (0..depth).all(|depth| turns_right(one, depth) == turns_right(other, depth))
}
