//! Looks into a log of a fixed size: serves its tiles and makes its proofs (RFC 6962 §2.1.1 and §2.1.2).

use std::collections::HashMap;

use crate::evidence::hash::{self, Hash};
use crate::evidence::tile::{self, HEIGHT, Place, ReadError, Reader, WIDTH};
use crate::evidence::tree::{self, Edge};

/// Why something of the log cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewError<E: std::error::Error + 'static> {
    /// What was asked for lies beyond the log as it is published.
    #[error("the log has {size} leaves; that lies beyond them")]
    Beyond {
        /// How many leaves there are.
        size: u64,
    },
    /// What must be there could not be read.
    #[error(transparent)]
    Read(#[from] ReadError<E>),
}

/// The log at one size: its right edge, and where its full tiles are kept.
pub struct View<'a, R> {
    edge: &'a Edge,
    reader: &'a R,
    /// Full tiles already read; a proof comes back to the same few.
    seen: HashMap<(u8, u64), Vec<u8>>,
}

impl<'a, R: Reader> View<'a, R> {
    /// Looks at a log of which this is the right edge.
    pub fn new(edge: &'a Edge, reader: &'a R) -> Self {
        Self {
            edge,
            reader,
            seen: HashMap::new(),
        }
    }

    /// The bytes of a tile or a bundle.
    pub fn serve(&mut self, place: Place) -> Result<Vec<u8>, ViewError<R::Error>> {
        let start = place.number.saturating_mul(WIDTH);
        let end = start.saturating_add(u64::from(place.width));
        let shift = u32::from(place.level.unwrap_or(0)) * HEIGHT;
        if end > self.edge.size().checked_shr(shift).unwrap_or(0) {
            return Err(ViewError::Beyond {
                size: self.edge.size(),
            });
        }
        match place.level {
            None => {
                let entries = tile::entries(self.reader, start..end)?;
                Ok(tile::bundle(&entries).ok_or(ReadError::Entries(start..end))?)
            }
            Some(level) => Ok(self.tile(level, place.number)?[..usize::from(place.width) * 32].to_vec()),
        }
    }

    /// The root the log had at `size` leaves.
    pub fn root(&mut self, size: u64) -> Result<Hash, ViewError<R::Error>> {
        self.within(size)?;
        if size == 0 {
            Ok(hash::empty())
        } else {
            Ok(self.range(0, size)?)
        }
    }

    /// The path that proves leaf `index` in the tree of `size` leaves, from the leaf up.
    pub fn inclusion(&mut self, index: u64, size: u64) -> Result<Vec<Hash>, ViewError<R::Error>> {
        self.within(size)?;
        if index >= size {
            return Err(ViewError::Beyond { size });
        }
        let (mut low, mut high) = (0, size);
        let mut path = Vec::new();
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                path.push(self.range(middle, high)?);
                high = middle;
            } else {
                path.push(self.range(low, middle)?);
                low = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The path that proves that the tree of `new` leaves begins with the tree of `old` leaves.
    pub fn consistency(&mut self, old: u64, new: u64) -> Result<Vec<Hash>, ViewError<R::Error>> {
        self.within(new)?;
        if old > new {
            return Err(ViewError::Beyond { size: new });
        }
        if old == 0 || old == new {
            return Ok(Vec::new());
        }
        let (mut low, mut high, mut path) = (0, new, Vec::new());
        while high > old {
            let middle = low + split(high - low);
            if old <= middle {
                path.push(self.range(middle, high)?);
                high = middle;
            } else {
                path.push(self.range(low, middle)?);
                low = middle;
            }
        }
        // A tree that begins at leaf 0 is the old tree itself, whose root the asker has.
        if low > 0 {
            path.push(self.range(low, high)?);
        }
        path.reverse();
        Ok(path)
    }

    fn within(&self, size: u64) -> Result<(), ViewError<R::Error>> {
        if size <= self.edge.size() {
            Ok(())
        } else {
            Err(ViewError::Beyond {
                size: self.edge.size(),
            })
        }
    }

    /// The root over the leaves from `low` up to `high`; `low` is a multiple of the largest power of two that fits.
    fn range(&mut self, low: u64, high: u64) -> Result<Hash, ReadError<R::Error>> {
        let mut nodes = Vec::new();
        let mut start = low;
        while start < high {
            let height = (high - start).ilog2();
            nodes.push(self.node(height, start >> height)?);
            start += 1 << height;
        }
        // The smallest subtree hangs deepest.
        let last = nodes.pop().unwrap_or_else(hash::empty);
        Ok(nodes
            .iter()
            .rev()
            .fold(last, |right, left| hash::node(left, &right)))
    }

    /// The root of a perfect subtree, worked out from the tile it lies in.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, ReadError<R::Error>> {
        let many = 1_u64 << (height % HEIGHT);
        let start = index * many;
        let place = (start % WIDTH) as usize * 32;
        let tile = self.tile((height / HEIGHT) as u8, start / WIDTH)?;
        Ok(tree::fold(&tile[place..place + many as usize * 32]))
    }

    /// All there is of a tile that reaches into the log.
    fn tile(&mut self, level: u8, number: u64) -> Result<&[u8], ReadError<R::Error>> {
        let whole = self.edge.size() >> (u32::from(level) * HEIGHT);
        if number >= whole / WIDTH {
            return Ok(self.edge.partial(level));
        }
        if !self.seen.contains_key(&(level, number)) {
            let bytes = tile::full(self.reader, level, number)?;
            self.seen.insert((level, number), bytes);
        }
        self.seen
            .get(&(level, number))
            .map(Vec::as_slice)
            .ok_or(ReadError::Tile { level, number })
    }
}

/// The largest power of two below `n`, which is at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::proof::{verify_consistency, verify_inclusion};
    use crate::evidence::sequencer::tests::{Kept, log};

    /// A log of bare numbers, quickly.
    fn numbers(size: u64) -> (Kept, Edge, Vec<Hash>) {
        let (mut kept, mut edge, mut full) = (Kept::default(), Edge::default(), Vec::new());
        let mut roots = vec![edge.root()];
        for n in 0..size {
            kept.entries.push(n.to_be_bytes().to_vec());
            edge.append(hash::leaf(&n.to_be_bytes()), &mut full);
            roots.push(edge.root());
        }
        kept.tiles.extend(
            full.into_iter()
                .map(|tile| ((tile.level, tile.number), tile.bytes)),
        );
        (kept, edge, roots)
    }

    /// Every path that differs in one bit, is one hash short, or one hash longer.
    fn damaged(path: &[Hash], bit: usize) -> Vec<Vec<Hash>> {
        let mut all: Vec<Vec<Hash>> = (0..path.len())
            .map(|place| {
                let mut other = path.to_vec();
                other[place][bit / 8 % 32] ^= 1 << (bit % 8);
                other
            })
            .collect();
        all.extend((0..path.len()).map(|gone| [&path[..gone], &path[gone + 1..]].concat()));
        all.push([path, &[[0; 32]]].concat());
        all.push([&[[0; 32]], path].concat());
        all
    }

    fn check_inclusion(view: &mut View<'_, Kept>, index: u64, size: u64, root: &Hash) {
        let path = view.inclusion(index, size).unwrap();
        let leaf = hash::leaf(&index.to_be_bytes());
        assert!(
            verify_inclusion(&leaf, index, size, &path, root).is_ok(),
            "{index} in {size}"
        );
        for other in damaged(&path, (index * 31 + size) as usize) {
            assert!(
                verify_inclusion(&leaf, index, size, &other, root).is_err(),
                "{index} in {size}"
            );
        }
        let mut other = leaf;
        other[5] ^= 4;
        assert!(verify_inclusion(&other, index, size, &path, root).is_err());
        assert!(size == 1 || verify_inclusion(&leaf, index ^ 1, size, &path, root).is_err());
        assert!(verify_inclusion(&leaf, index + size, size, &path, root).is_err());
    }

    fn check_consistency(view: &mut View<'_, Kept>, old: u64, new: u64, roots: &[Hash]) {
        let path = view.consistency(old, new).unwrap();
        let (before, after) = (&roots[old as usize], &roots[new as usize]);
        assert!(
            verify_consistency(old, before, new, after, &path).is_ok(),
            "{old} to {new}"
        );
        for other in damaged(&path, (old * 31 + new) as usize) {
            assert!(
                verify_consistency(old, before, new, after, &other).is_err(),
                "{old} to {new}"
            );
        }
        assert!(verify_consistency(old, &[1; 32], new, after, &path).is_err());
        // From nothing one comes to any root: the one case in which the new root is not bound.
        assert!(old == 0 || verify_consistency(old, before, new, &[1; 32], &path).is_err());
        assert!(old == new || verify_consistency(new, after, old, before, &path).is_err());
    }

    #[test]
    fn every_proof_of_every_small_tree_and_none_that_is_damaged() {
        let (kept, edge, roots) = numbers(70);
        let mut view = View::new(&edge, &kept);
        for size in 0..=70 {
            assert_eq!(view.root(size).unwrap(), roots[size as usize]);
            (0..size).for_each(|index| check_inclusion(&mut view, index, size, &roots[size as usize]));
            (0..=size).for_each(|old| check_consistency(&mut view, old, size, &roots));
        }
        assert!(matches!(
            view.inclusion(3, 71),
            Err(ViewError::Beyond { size: 70 })
        ));
        assert!(matches!(view.inclusion(3, 3), Err(ViewError::Beyond { size: 3 })));
        assert!(matches!(view.consistency(4, 3), Err(ViewError::Beyond { .. })));
    }

    #[test]
    fn proofs_across_tiles_and_levels() {
        let (kept, edge, roots) = numbers(66_000);
        proptest!(ProptestConfig::with_cases(300), |(size in 1..=66_000_u64, a in any::<u64>(), b in any::<u64>())| {
            let mut view = View::new(&edge, &kept);
            check_inclusion(&mut view, a % size, size, &roots[size as usize]);
            check_consistency(&mut view, b % (size + 1), size, &roots);
        });
    }

    #[test]
    fn tiles_and_bundles_as_the_specification_counts_them() {
        let (kept, edge, _) = numbers(70_000 - 66_000 + 65_536);
        let mut view = View::new(&edge, &kept);
        let mut wide = |path: &str| {
            view.serve(Place::parse(path).unwrap())
                .map(|bytes| bytes.len() / 32)
                .ok()
        };
        let last = (69_536 / 256).to_string();
        assert_eq!(wide(&format!("tile/0/{last}.p/160")), Some(160));
        assert_eq!(wide(&format!("tile/0/{last}.p/161")), None);
        assert_eq!(wide(&format!("tile/0/{last}")), None);
        assert_eq!(wide("tile/0/000"), Some(256));
        assert_eq!(wide("tile/0/000.p/17"), Some(17));
        assert_eq!(wide("tile/1/000"), Some(256));
        assert_eq!(wide("tile/1/001.p/15"), Some(15));
        assert_eq!(wide("tile/1/001.p/16"), None);
        assert_eq!(wide("tile/2/000.p/1"), Some(1));
        assert_eq!(wide("tile/3/000.p/1"), None);
        assert_eq!(wide("tile/63/000.p/1"), None);
    }

    #[test]
    fn what_is_served_is_what_a_mirror_needs() {
        let (kept, sequencer) = log(600);
        let mut view = View::new(sequencer.edge(), &kept);
        let mut mirror = Edge::default();
        for path in ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"] {
            let bundle = view.serve(Place::parse(path).unwrap()).unwrap();
            let hashes = view
                .serve(Place::parse(&path.replace("entries", "0")).unwrap())
                .unwrap();
            let mut own = Vec::new();
            for entry in tile::unbundle(&bundle).unwrap() {
                own.extend(hash::leaf(&entry));
                mirror.append(hash::leaf(&entry), &mut Vec::new());
            }
            assert_eq!(own, hashes);
        }
        assert_eq!(mirror.root(), sequencer.root());
    }
}
