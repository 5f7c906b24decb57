//! What an auditor finds: what does not fit, and what he should hear though it does.

use crate::evidence::day::rfc3339;
use crate::evidence::hash::Hash;
use crate::evidence::leaf::{Chain, Head, LeafError};
use crate::evidence::statement::judge::Wrong;

/// A leaf that says that it happened long before leaves that were entered earlier: a clock was set back, or it was backdated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("leaf {position} says {}, {} minutes before a leaf that was entered earlier", rfc3339(*.at), .before / 60_000)]
pub struct Backdated {
    /// Its position.
    pub position: u64,
    /// When it says that it happened, in milliseconds since 1970.
    pub at: i64,
    /// By how much, in milliseconds.
    pub before: i64,
}

/// Something in the log that does not fit. A leaf is named by its position, which is its index where all is well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A leaf that is not one of this log.
    #[error("leaf {position} cannot be read")]
    Unreadable {
        /// Its position.
        position: u64,
        /// What is wrong with it.
        #[source]
        source: LeafError,
    },
    /// A leaf in the wrong place: others were removed, added or moved before it. What follows is counted from it.
    #[error("position {position} should hold leaf {expected}, and holds leaf {found}")]
    Place {
        /// Its position.
        position: u64,
        /// The index that would have come next.
        expected: u64,
        /// The index it has.
        found: u64,
    },
    /// A leaf that names another predecessor in a chain than the one that is there.
    #[error("leaf {position} does not follow the last leaf of {chain}")]
    Link {
        /// Its position.
        position: u64,
        /// The chain.
        chain: Chain,
        /// The last leaf of that chain before it.
        expected: Option<Head>,
        /// What it names.
        found: Option<Head>,
    },
    /// A known checkpoint has another root than the leaves give at its size.
    #[error("the checkpoint over {size} leaves has another root than these leaves")]
    Root {
        /// The checkpoint's size.
        size: u64,
        /// Its root.
        expected: Hash,
        /// The root of the leaves.
        found: Hash,
    },
    /// A known checkpoint speaks of more leaves than there are.
    #[error("a checkpoint over {size} leaves is known, and there are only {log}")]
    Short {
        /// The checkpoint's size.
        size: u64,
        /// How many leaves there are.
        log: u64,
    },
    /// A kept tile that is missing, or is not what the leaves give.
    #[error("tile {number} of level {level} is not what the leaves give")]
    Tile {
        /// Its level.
        level: u8,
        /// Its number.
        number: u64,
    },
    /// A leaf that says another map of heads than that of the leaves: chains were hidden, or some that are not there were shown.
    #[error("the map of heads in leaf {position} is not that of the first {leaves} leaves")]
    Map {
        /// Its position.
        position: u64,
        /// Of how many leaves it should be the map.
        leaves: u64,
    },
    /// A leaf that says a map which cannot be: of leaves after it, of fewer than the map before, or of too few.
    #[error("leaf {position} says no map of heads that could be")]
    NoMap {
        /// Its position.
        position: u64,
    },
    /// A kept head that is not the last leaf of its chain.
    #[error("the head kept for {chain} is not its last leaf")]
    Head {
        /// The chain.
        chain: Chain,
        /// Its last leaf.
        expected: Head,
        /// What is kept.
        found: Option<Head>,
    },
    /// A statement of the gateway's books, or those books, at the moment of which it speaks.
    #[error(transparent)]
    Statement(#[from] Wrong),
}
