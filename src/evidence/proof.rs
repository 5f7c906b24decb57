//! Checks inclusion and consistency (RFC 9162 §2.1.3.2 and §2.1.4.2); [`View`](crate::evidence::view::View) makes the paths.

use crate::evidence::hash::{self, Hash};

pub mod text;

/// Why a proof is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not below the size, or the sizes run backwards.
    #[error("the proof speaks of a leaf or a size that cannot be")]
    Range,
    /// The path is longer or shorter than for these numbers.
    #[error("the proof has the wrong length")]
    Length,
    /// The path leads to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Whether leaf `index`, with this leaf hash, is in the tree of `size` leaves with this root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut place, mut last, mut found) = (index, size - 1, *leaf);
    for step in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place % 2 == 1 || place == last {
            found = hash::node(step, &found);
            (place, last) = up_to_left(place, last);
        } else {
            found = hash::node(&found, step);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    ends(last == 0, found == *root)
}

/// Whether the tree of `new` leaves begins with the tree of `old` leaves. From nothing to anything there is an empty proof.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Range);
    }
    if old == new {
        return ends(path.is_empty(), old_root == new_root);
    }
    if old == 0 {
        return ends(path.is_empty(), *old_root == hash::empty());
    }
    // A whole power of two is its own first node, which the path leaves out.
    let (first, rest) = match path.split_first() {
        None => return Err(ProofError::Length),
        Some(_) if old.is_power_of_two() => (old_root, path),
        Some((first, rest)) => (first, rest),
    };
    let skip = (old - 1).trailing_ones();
    let (mut place, mut last) = ((old - 1) >> skip, (new - 1) >> skip);
    let (mut before, mut after) = (*first, *first);
    for step in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place % 2 == 1 || place == last {
            (before, after) = (hash::node(step, &before), hash::node(step, &after));
            (place, last) = up_to_left(place, last);
        } else {
            after = hash::node(&after, step);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    ends(last == 0, before == *old_root && after == *new_root)
}

/// A node without a right sibling stands for its parents too, up to where it is one itself.
fn up_to_left(place: u64, last: u64) -> (u64, u64) {
    let skip = if place == 0 { 0 } else { place.trailing_zeros() };
    (place >> skip, last >> skip)
}

fn ends(whole: bool, same: bool) -> Result<(), ProofError> {
    match (whole, same) {
        (false, _) => Err(ProofError::Length),
        (true, false) => Err(ProofError::Root),
        (true, true) => Ok(()),
    }
}
