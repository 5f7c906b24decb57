//! The right edge of a growing Merkle tree: enough to append, to give the root, and to fill tiles.

use crate::evidence::hash::{self, Hash};
use crate::evidence::tile::{self, FullTile, HEIGHT, TILE_BYTES};

/// The roots of the perfect subtrees that make up a tree, largest first: a compact range from leaf 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash; `grown` hears of each subtree that became perfect, with its height, lowest first.
    pub fn append(&mut self, leaf: Hash, mut grown: impl FnMut(u32, &Hash)) {
        let mut node = leaf;
        let mut height = 0;
        grown(height, &node);
        // One trailing one in the size is one perfect subtree that waits for its right sibling.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = hash::node(&left, &node);
                height += 1;
                grown(height, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root (RFC 6962 §2.1).
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => hash::empty(),
            Some(last) => peaks.fold(*last, |right, left| hash::node(left, &right)),
        }
    }
}

/// The root over hashes that lie one after another, 32 bytes each.
pub fn fold(hashes: &[u8]) -> Hash {
    let mut frontier = Frontier::default();
    for hash in hashes.as_chunks::<32>().0 {
        frontier.append(*hash, |_, _| ());
    }
    frontier.root()
}

/// The right edge of a tiled tree: its frontier and the tile of each level that is not full yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    frontier: Frontier,
    /// One buffer a level, lowest first, each below [`TILE_BYTES`] long.
    partial: Vec<Vec<u8>>,
}

impl Edge {
    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The hashes of the tile of `level` that is not full yet; empty where there is none.
    pub fn partial(&self, level: u8) -> &[u8] {
        self.partial.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// Appends a leaf hash; tiles that became full are added to `full`, lowest level first.
    pub fn append(&mut self, leaf: Hash, full: &mut Vec<FullTile>) {
        let size = self.frontier.size() + 1;
        let partial = &mut self.partial;
        self.frontier.append(leaf, |height, node| {
            if height.is_multiple_of(HEIGHT) {
                push(partial, height / HEIGHT, node, size, full);
            }
        });
    }

    /// Builds the edge of a tree of `size` leaves again, from its full tiles and the entries after the last full one.
    pub fn read<R: tile::Reader>(size: u64, reader: &R) -> Result<Self, tile::ReadError<R::Error>> {
        let mut partial = Vec::new();
        let mut level = 0;
        while size >> (u32::from(level) * HEIGHT) > 0 {
            partial.push(read_level(size, level, reader)?);
            level += 1;
        }
        let frontier = Frontier {
            size,
            peaks: partial.iter().rev().flat_map(|hashes| peaks(hashes)).collect(),
        };
        Ok(Self { frontier, partial })
    }
}

/// Puts a node into its level's tile and takes the tile out when it is full.
fn push(partial: &mut Vec<Vec<u8>>, level: u32, node: &Hash, size: u64, full: &mut Vec<FullTile>) {
    let place = level as usize;
    if partial.len() <= place {
        partial.resize_with(place + 1, || Vec::with_capacity(TILE_BYTES));
    }
    let hashes = &mut partial[place];
    hashes.extend_from_slice(node);
    if hashes.len() == TILE_BYTES {
        let bytes = std::mem::replace(hashes, Vec::with_capacity(TILE_BYTES));
        full.push(FullTile {
            level: level as u8,
            number: (size >> ((level + 1) * HEIGHT)) - 1,
            bytes,
        });
    }
}

/// The hashes of the partial tile of one level: leaf hashes of entries, or roots of the full tiles below.
fn read_level<R: tile::Reader>(
    size: u64,
    level: u8,
    reader: &R,
) -> Result<Vec<u8>, tile::ReadError<R::Error>> {
    let end = size >> (u32::from(level) * HEIGHT);
    let start = end - end % tile::WIDTH;
    let mut hashes = Vec::with_capacity(TILE_BYTES);
    if level == 0 {
        for entry in tile::entries(reader, start..end)? {
            hashes.extend_from_slice(&hash::leaf(&entry));
        }
    } else {
        for number in start..end {
            hashes.extend_from_slice(&fold(&tile::full(reader, level - 1, number)?));
        }
    }
    Ok(hashes)
}

/// The roots of the perfect subtrees over the hashes of one partial tile, largest first.
fn peaks(hashes: &[u8]) -> Vec<Hash> {
    let mut frontier = Frontier::default();
    for hash in hashes.as_chunks::<32>().0 {
        frontier.append(*hash, |_, _| ());
    }
    frontier.peaks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_roots() {
        let leaves = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut edge = Edge::default();
        assert_eq!(edge.root(), hash::empty());
        for (leaf, root) in leaves.iter().zip(roots) {
            let data = data_encoding::HEXLOWER.decode(leaf.as_bytes()).unwrap();
            edge.append(hash::leaf(&data), &mut Vec::new());
            assert_eq!(data_encoding::HEXLOWER.encode(&edge.root()), root);
        }
    }

    /// The definition itself: split at the largest power of two below n.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => hash::empty(),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
                hash::node(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn appending_is_the_definition() {
        let mut edge = Edge::default();
        let mut leaves = Vec::new();
        for n in 0..600_u32 {
            let leaf = hash::leaf(&n.to_be_bytes());
            leaves.push(leaf);
            edge.append(leaf, &mut Vec::new());
            assert_eq!(edge.root(), by_definition(&leaves));
        }
    }
}
