//! The log read from its first leaf to its last, believing nothing: hashes, places, links, kept tiles, known checkpoints.

use std::collections::HashMap;

use crate::evidence::checkpoint::Checkpoint;
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::{Chain, Head, LeafError, Seen};
use crate::evidence::sequencer::Heads;
use crate::evidence::tile::{FullTile, ReadError, Reader, WIDTH};
use crate::evidence::tree::Edge;

/// How many findings are named; a log that is rotten throughout must not fill the memory.
const NAMED: usize = 10_000;

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
}

/// Reads the log leaf by leaf. Its memory grows with the number of chains.
#[derive(Clone, Debug, Default)]
pub struct Auditor {
    edge: Edge,
    heads: HashMap<Chain, Head>,
    /// The index the next leaf should have; not its position once something was removed or added.
    next: u64,
    /// Known checkpoints that lie ahead, the smallest last.
    ahead: Vec<Checkpoint>,
    tiles: Vec<FullTile>,
    findings: Vec<Finding>,
    unnamed: u64,
}

/// What an audit came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// How many leaves were read.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The last leaf of every chain.
    pub heads: HashMap<Chain, Head>,
    /// What does not fit, the first 10,000 of it; empty is well.
    pub findings: Vec<Finding>,
    /// How many findings there were beyond those.
    pub unnamed: u64,
}

impl Auditor {
    /// Begins before the first leaf, with the checkpoints that are known to have been given out, in any order.
    pub fn new(checkpoints: impl IntoIterator<Item = Checkpoint>) -> Self {
        let mut ahead: Vec<_> = checkpoints.into_iter().collect();
        ahead.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size));
        let mut auditor = Self {
            ahead,
            ..Self::default()
        };
        auditor.compare();
        auditor
    }

    /// Reads the next leaf.
    pub fn entry(&mut self, bytes: &[u8]) {
        let position = self.edge.size();
        let hash = hash::leaf(bytes);
        match Seen::read(bytes) {
            Ok(seen) => self.follow(position, hash, seen),
            Err(source) => {
                self.find(Finding::Unreadable { position, source });
                self.next += 1;
            }
        }
        self.edge.append(hash, &mut self.tiles);
        self.compare();
    }

    /// The tiles that became full since this was last asked, as the leaves give them.
    pub fn take_tiles(&mut self) -> Vec<FullTile> {
        std::mem::take(&mut self.tiles)
    }

    /// Adds what the reader of the log found by other means.
    pub fn find(&mut self, finding: Finding) {
        if self.findings.len() < NAMED {
            self.findings.push(finding);
        } else {
            self.unnamed += 1;
        }
    }

    /// Ends the audit.
    pub fn finish(mut self) -> Audit {
        let size = self.edge.size();
        while let Some(known) = self.ahead.pop() {
            self.find(Finding::Short {
                size: known.size,
                log: size,
            });
        }
        let Self {
            edge,
            heads,
            findings,
            unnamed,
            ..
        } = self;
        Audit {
            size,
            root: edge.root(),
            heads,
            findings,
            unnamed,
        }
    }

    /// Holds a leaf's place and links against all that came before.
    fn follow(&mut self, position: u64, hash: Hash, seen: Seen<'_>) {
        let index = seen.index;
        if index != self.next {
            self.find(Finding::Place {
                position,
                expected: self.next,
                found: index,
            });
        }
        self.next = index.saturating_add(1);
        for (chain, found) in seen.links {
            let expected = self.heads.insert(chain.clone(), Head { index, hash });
            if found != expected {
                self.find(Finding::Link {
                    position,
                    chain,
                    expected,
                    found,
                });
            }
        }
    }

    /// Holds the root against every known checkpoint of just this size.
    fn compare(&mut self) {
        let size = self.edge.size();
        while let Some(known) = self.ahead.pop_if(|known| known.size <= size) {
            let found = self.edge.root();
            if known.root != found {
                self.find(Finding::Root {
                    size,
                    expected: known.root,
                    found,
                });
            }
        }
    }
}

impl Audit {
    /// Holds the heads that a store keeps against the last leaves of all chains.
    pub fn compare_heads<H: Heads>(&mut self, kept: &mut H) -> Result<(), H::Error> {
        for (chain, expected) in &self.heads {
            let found = kept.head(chain)?;
            if found != Some(*expected) {
                self.findings.push(Finding::Head {
                    chain: chain.clone(),
                    expected: *expected,
                    found,
                });
            }
        }
        Ok(())
    }
}

/// Audits a kept log of `size` leaves whole; `progress` hears how many leaves are read.
pub fn audit<R: Reader>(
    size: u64,
    reader: &R,
    checkpoints: impl IntoIterator<Item = Checkpoint>,
    mut progress: impl FnMut(u64),
) -> Result<Audit, ReadError<R::Error>> {
    let mut auditor = Auditor::new(checkpoints);
    let mut start = 0;
    while start < size {
        let end = size.min(start.saturating_add(WIDTH));
        // Fewer than asked for is not an error here but a finding: the next leaf is then out of its place.
        for entry in reader.entries(start..end).map_err(ReadError::Store)? {
            auditor.entry(&entry);
        }
        for tile in auditor.take_tiles() {
            let kept = reader.tile(tile.level, tile.number).map_err(ReadError::Store)?;
            if kept.as_ref() != Some(&tile.bytes) {
                auditor.find(Finding::Tile {
                    level: tile.level,
                    number: tile.number,
                });
            }
        }
        start = end;
        progress(end);
    }
    Ok(auditor.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::sequencer::Sequencer;
    use crate::evidence::sequencer::tests::{Kept, log, sample};

    const ORIGIN: &str = "log.h99.example/exchanges";

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.into(),
            size,
            root: log(size).1.root(),
        }
    }

    fn found(kept: &mut Kept, size: u64) -> Vec<Finding> {
        let mut audit = audit(size, kept, [600, 0, 100, 256].map(checkpoint), |_| ()).unwrap();
        audit.compare_heads(kept).unwrap();
        audit.findings
    }

    fn roots(findings: &[Finding]) -> Vec<u64> {
        let size = |finding: &Finding| match finding {
            Finding::Root { size, .. } | Finding::Short { size, .. } => Some(*size),
            Finding::Unreadable { .. } | Finding::Place { .. } | Finding::Link { .. } => None,
            Finding::Tile { .. } | Finding::Head { .. } => None,
        };
        findings.iter().filter_map(size).collect()
    }

    #[test]
    fn a_good_log_gives_no_findings() {
        let (mut kept, sequencer) = log(600);
        assert_eq!(found(&mut kept, 600), []);
        let audit = audit(600, &kept, [], |_| ()).unwrap();
        assert_eq!(
            (audit.size, audit.root, audit.heads),
            (600, sequencer.root(), kept.heads)
        );
    }

    #[test]
    fn a_removed_leaf() {
        let (mut kept, _) = log(600);
        kept.entries.remove(120);
        let findings = found(&mut kept, 599);
        assert_eq!(
            findings[0],
            Finding::Place {
                position: 120,
                expected: 120,
                found: 121
            }
        );
        let follower = Finding::Link {
            position: 124,
            chain: sample(120).chains()[0].clone(),
            expected: Some(Head {
                index: 115,
                hash: hash::leaf(&kept.entries[115]),
            }),
            found: Some(Head {
                index: 120,
                hash: hash::leaf(&log(121).0.entries[120]),
            }),
        };
        assert!(findings.contains(&follower));
        assert_eq!(
            findings
                .iter()
                .filter(|f| matches!(f, Finding::Place { .. }))
                .count(),
            1
        );
        assert_eq!(roots(&findings), [256, 600]);
        kept.entries.truncate(590);
        assert!(found(&mut kept, 590).contains(&Finding::Short { size: 600, log: 590 }));
    }

    #[test]
    fn an_added_leaf() {
        let (mut kept, _) = log(600);
        kept.entries.insert(120, kept.entries[119].clone());
        let findings = found(&mut kept, 601);
        assert_eq!(
            findings[0],
            Finding::Place {
                position: 120,
                expected: 120,
                found: 119
            }
        );
        assert_eq!(roots(&findings), [256, 600]);
    }

    #[test]
    fn two_leaves_in_each_others_place() {
        let (mut kept, _) = log(600);
        kept.entries.swap(300, 301);
        let findings = found(&mut kept, 600);
        assert_eq!(
            findings[0],
            Finding::Place {
                position: 300,
                expected: 300,
                found: 301
            }
        );
        assert!(findings.contains(&Finding::Tile { level: 0, number: 1 }));
        assert_eq!(roots(&findings), [600]);
    }

    #[test]
    fn any_changed_byte() {
        let (kept, _) = log(256);
        let mut before = Auditor::new([checkpoint(256)]);
        kept.entries[..230].iter().for_each(|entry| before.entry(entry));
        for place in 0..kept.entries[230].len() {
            let mut entries = kept.entries[230..].to_vec();
            entries[0][place] ^= 0x01;
            let mut auditor = before.clone();
            entries.iter().for_each(|entry| auditor.entry(entry));
            let findings = auditor.finish().findings;
            assert_eq!(roots(&findings), [256]);
            assert!(
                findings.len() > 1,
                "only the root told of the change at byte {place}"
            );
        }
    }

    /// Whoever holds the log and rewrites it from a leaf on, well-formed throughout, still contradicts what was signed.
    #[test]
    fn a_log_rewritten_with_care_contradicts_its_checkpoints() {
        let (mut kept, mut sequencer) = (Kept::default(), Sequencer::default());
        kept.grow(&mut sequencer, 120, 10);
        let mut batch = sequencer.batch();
        let forged = batch
            .append(&sample(120).fact("verdict", "accepted").stage(), &mut kept)
            .unwrap();
        kept.commit(&mut sequencer, batch, vec![forged]);
        kept.grow(&mut sequencer, 600, 10);
        assert_eq!(roots(&found(&mut kept, 600)), [256, 600]);
        assert_eq!(found(&mut kept, 600).len(), 2);
    }

    /// A leaf that hides another of its dossier, though place, tree and checkpoints all agree with it.
    #[test]
    fn a_broken_link_under_a_good_signature() {
        let (mut kept, mut sequencer) = log(100);
        let chain = sample(100).chains()[0].clone();
        let hidden = kept.heads.insert(
            chain.clone(),
            Head {
                index: 90,
                hash: hash::leaf(&kept.entries[90]),
            },
        );
        kept.grow(&mut sequencer, 600, 10);
        let findings = audit(600, &kept, [], |_| ()).unwrap().findings;
        let [
            Finding::Link {
                position: 100,
                chain: named,
                expected,
                ..
            },
        ] = &findings[..]
        else {
            panic!("{findings:?}");
        };
        assert_eq!((named, *expected), (&chain, hidden));
    }

    #[test]
    fn a_damaged_tile_and_a_wrong_head() {
        let (mut kept, _) = log(600);
        kept.tiles.get_mut(&(0, 1)).unwrap()[77] ^= 1;
        kept.tiles.remove(&(0, 0));
        let chain = sample(599).chains()[0].clone();
        kept.heads.remove(&chain);
        let findings = found(&mut kept, 600);
        assert_eq!(findings[0], Finding::Tile { level: 0, number: 0 });
        assert_eq!(findings[1], Finding::Tile { level: 0, number: 1 });
        assert!(
            matches!(&findings[2..], [Finding::Head { chain: named, found: None, .. }] if *named == chain)
        );
    }
}
