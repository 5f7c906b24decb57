//! Gives each staged leaf its index and its links, and grows the tree. A batch is worked out aside and adopted only once the
//! store has committed it, so that a failed commit leaves no trace here.

use std::collections::HashMap;

use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::{self, Chain, Head, Staged};
use crate::evidence::tile::{FullTile, LONGEST_ENTRY, ReadError, Reader};
use crate::evidence::tree::Edge;

/// Where the newest leaf of each chain is kept.
pub trait Heads {
    /// Why looking failed.
    type Error: std::error::Error + 'static;

    /// The newest committed leaf of a chain; `None` if the chain has not begun.
    fn head(&mut self, chain: &Chain) -> Result<Option<Head>, Self::Error>;
}

/// Why a leaf was not appended; the batch is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum AppendError<E: std::error::Error + 'static> {
    /// The entry would be longer than a bundle can say.
    #[error("an entry of {0} bytes is too long for the log; it holds {LONGEST_ENTRY}")]
    Long(usize),
    /// The heads could not be read.
    #[error("the heads of the log could not be read")]
    Heads(#[source] E),
}

/// A batch was worked out on another state than the one it was to change.
#[derive(Debug, thiserror::Error)]
#[error("the batch begins at leaf {batch}, but the log stands at {log}")]
pub struct Stale {
    /// The size the batch began with.
    pub batch: u64,
    /// The size the log has.
    pub log: u64,
}

/// A leaf that has its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its index.
    pub index: u64,
    /// Its leaf hash.
    pub hash: Hash,
    /// The entry: what is kept, served and hashed.
    pub entry: Vec<u8>,
}

/// The log's growing end; one in the whole world for one log.
#[derive(Clone, Debug, Default)]
pub struct Sequencer {
    edge: Edge,
}

impl Sequencer {
    /// Stands at the end of a log of `size` leaves; [`root`](Self::root) is then to be held against the last checkpoint.
    pub fn resume<R: Reader>(size: u64, reader: &R) -> Result<Self, ReadError<R::Error>> {
        Ok(Self {
            edge: Edge::read(size, reader)?,
        })
    }

    /// How many leaves the log has.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.edge.root()
    }

    /// The right edge, from which partial tiles are served and proofs are made.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Begins a batch on top of what is committed.
    pub fn batch(&self) -> Batch {
        Batch {
            base: self.size(),
            edge: self.edge.clone(),
            tiles: Vec::new(),
            heads: HashMap::new(),
        }
    }

    /// Takes over a batch that the store has committed.
    pub fn adopt(&mut self, batch: Batch) -> Result<(), Stale> {
        if batch.base != self.size() {
            return Err(Stale {
                batch: batch.base,
                log: self.size(),
            });
        }
        self.edge = batch.edge;
        Ok(())
    }
}

/// Leaves that are appended together; dropped, it never was.
#[derive(Clone, Debug)]
pub struct Batch {
    base: u64,
    edge: Edge,
    tiles: Vec<FullTile>,
    heads: HashMap<Chain, Head>,
}

impl Batch {
    /// Appends a staged leaf, linked to the heads of its chains; those of this batch go before those of `heads`.
    pub fn append<H: Heads>(
        &mut self,
        staged: &Staged,
        heads: &mut H,
    ) -> Result<Appended, AppendError<H::Error>> {
        let index = self.edge.size();
        let mut links = Vec::with_capacity(staged.chains.len());
        for chain in &staged.chains {
            let head = match self.heads.get(chain) {
                Some(head) => Some(*head),
                None => heads.head(chain).map_err(AppendError::Heads)?,
            };
            links.push((chain.clone(), head));
        }
        let entry = leaf::entry(&staged.body, index, &links);
        if entry.len() > LONGEST_ENTRY {
            return Err(AppendError::Long(entry.len()));
        }
        let hash = hash::leaf(&entry);
        self.edge.append(hash, &mut self.tiles);
        self.heads
            .extend(links.into_iter().map(|(chain, _)| (chain, Head { index, hash })));
        Ok(Appended { index, hash, entry })
    }

    /// How many leaves the log will have.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The root it will have.
    pub fn root(&self) -> Hash {
        self.edge.root()
    }

    /// The tiles that became full, to be kept with the leaves; lower levels and numbers first.
    pub fn tiles(&self) -> &[FullTile] {
        &self.tiles
    }

    /// The newest leaf of every chain this batch touched, each once, in no order.
    pub fn heads(&self) -> impl Iterator<Item = (&Chain, &Head)> {
        self.heads.iter()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::convert::Infallible;
    use std::ops::Range;

    use super::*;
    use crate::evidence::leaf::tests::draft;
    use crate::evidence::leaf::{Draft, Entry, Kind};

    /// A log in memory, kept as a store keeps it.
    #[derive(Clone, Default)]
    pub(crate) struct Kept {
        pub(crate) entries: Vec<Vec<u8>>,
        pub(crate) tiles: HashMap<(u8, u64), Vec<u8>>,
        pub(crate) heads: HashMap<Chain, Head>,
    }

    impl Heads for Kept {
        type Error = Infallible;

        fn head(&mut self, chain: &Chain) -> Result<Option<Head>, Infallible> {
            Ok(self.heads.get(chain).copied())
        }
    }

    impl Reader for Kept {
        type Error = Infallible;

        fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, Infallible> {
            Ok(self.tiles.get(&(level, number)).cloned())
        }

        fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, Infallible> {
            let end = (range.end as usize).min(self.entries.len());
            Ok(self.entries[(range.start as usize).min(end)..end].to_vec())
        }
    }

    impl Kept {
        /// Commits what a batch brought.
        pub(crate) fn commit(&mut self, sequencer: &mut Sequencer, batch: Batch, appended: Vec<Appended>) {
            self.entries.extend(appended.into_iter().map(|leaf| leaf.entry));
            self.tiles.extend(
                batch
                    .tiles()
                    .iter()
                    .map(|t| ((t.level, t.number), t.bytes.clone())),
            );
            self.heads
                .extend(batch.heads().map(|(chain, head)| (chain.clone(), *head)));
            sequencer.adopt(batch).unwrap();
        }

        /// Appends in batches of `many` until the log has `size` leaves.
        pub(crate) fn grow(&mut self, sequencer: &mut Sequencer, size: u64, many: u64) {
            while sequencer.size() < size {
                let mut batch = sequencer.batch();
                let range = sequencer.size()..size.min(sequencer.size() + many);
                let appended = range
                    .map(|n| batch.append(&sample(n).stage(), self).unwrap())
                    .collect();
                self.commit(sequencer, batch, appended);
            }
        }
    }

    /// The n-th leaf of a made-up log: a few dossiers, two partners, several days.
    pub(crate) fn sample(n: u64) -> Draft {
        let mut draft = draft(
            Kind::ALL[(n % 7) as usize],
            (n % 5) as u8,
            ["portal", "population"][(n % 2) as usize],
        );
        draft.at += n as i64 * 3_600_000;
        draft.facts.insert("attempt".into(), n.to_string());
        draft
    }

    pub(crate) fn log(size: u64) -> (Kept, Sequencer) {
        let (mut kept, mut sequencer) = (Kept::default(), Sequencer::default());
        kept.grow(&mut sequencer, size, 7);
        (kept, sequencer)
    }

    #[test]
    fn links_name_the_leaf_before_within_a_batch_and_across() {
        let (kept, _) = log(40);
        let read = |n: usize| Entry::read(&kept.entries[n]).unwrap();
        let twelve = read(12);
        assert_eq!(twelve.index, 12);
        let link = |entry: &Entry, name: &str| {
            entry
                .links
                .iter()
                .find(|(chain, _)| chain.name() == name)
                .unwrap()
                .1
                .map(|head| head.index)
        };
        assert_eq!(link(&twelve, "dossier"), Some(7));
        assert_eq!(link(&twelve, "partner"), Some(10));
        assert_eq!(link(&read(0), "day"), None);
        assert_eq!(twelve.links[0].1.unwrap().hash, hash::leaf(&kept.entries[7]));
    }

    #[test]
    fn resumed_at_any_size_it_goes_on_as_if_never_stopped() {
        let (whole, at_the_end) = log(1100);
        for size in (0..=20)
            .chain(250..=260)
            .chain([511, 512, 513, 767, 768, 769, 1024, 1025, 1100])
        {
            let mut part = Kept::default();
            let mut sequencer = Sequencer::default();
            part.grow(&mut sequencer, size, 97);
            let resumed = Sequencer::resume(size, &part).unwrap();
            assert_eq!(resumed.edge(), sequencer.edge(), "at {size}");
            sequencer = resumed;
            if size % 4 == 0 {
                part.grow(&mut sequencer, 1100, 211);
                assert_eq!(
                    (sequencer.root(), &part.entries),
                    (at_the_end.root(), &whole.entries)
                );
                assert_eq!(part.tiles, whole.tiles);
            }
        }
    }

    #[test]
    fn resumes_over_three_levels() {
        let mut edge = Edge::default();
        let mut kept = Kept::default();
        let mut full = Vec::new();
        for n in 0..65_536_u64 + 256 + 3 {
            kept.entries.push(n.to_be_bytes().to_vec());
            edge.append(hash::leaf(&n.to_be_bytes()), &mut full);
        }
        kept.tiles
            .extend(full.into_iter().map(|t| ((t.level, t.number), t.bytes)));
        let resumed = Sequencer::resume(edge.size(), &kept).unwrap();
        assert_eq!((resumed.edge(), resumed.root()), (&edge, edge.root()));
        kept.tiles.remove(&(1, 0));
        assert!(matches!(
            Sequencer::resume(edge.size(), &kept),
            Err(ReadError::Tile { level: 1, number: 0 })
        ));
    }

    #[test]
    fn a_batch_that_is_dropped_never_was() {
        let (mut kept, mut sequencer) = log(300);
        let root = sequencer.root();
        let mut dropped = sequencer.batch();
        dropped.append(&sample(300).stage(), &mut kept).unwrap();
        let late = dropped.clone();
        assert_eq!((sequencer.size(), sequencer.root()), (300, root));
        kept.grow(&mut sequencer, 301, 1);
        assert_eq!(sequencer.root(), late.root());
        assert!(sequencer.adopt(late).is_err());
    }

    #[test]
    fn too_long_an_entry_is_refused_and_leaves_no_trace() {
        let (mut kept, sequencer) = log(3);
        let mut batch = sequencer.batch();
        let long = sample(3).fact("mapping", "m".repeat(LONGEST_ENTRY)).stage();
        assert!(matches!(
            batch.append(&long, &mut kept),
            Err(AppendError::Long(_))
        ));
        assert_eq!((batch.root(), batch.heads().count()), (sequencer.root(), 0));
    }
}
