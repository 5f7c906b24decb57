//! The log read from its first leaf to its last, believing nothing: hashes, places, links, kept tiles, known checkpoints.

mod finding;

use std::collections::HashMap;

pub use finding::{Backdated, Finding};

use crate::evidence::checkpoint::Checkpoint;
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::{Chain, Head, Kind, Seen};
use crate::evidence::map::{Loose, Mapper, Told};
use crate::evidence::sequencer::Heads;
use crate::evidence::statement::judge::Judge;
use crate::evidence::tile::{FullTile, ReadError, Reader, WIDTH};
use crate::evidence::tree::Edge;

/// How many findings are named; a log that is rotten throughout must not fill the memory.
const NAMED: usize = 10_000;
/// How many leaves a map may lie behind the leaf that says it. It is worked out beside a log that grows.
pub const LAG: u64 = 65_536;

/// A leaf may say that it happened this long before one that was entered earlier, in milliseconds: what is done side by side, and clocks
/// that are set.
const LATE: i64 = 600_000;
/// How many leaves are named that are older than their place.
const REMARKED: usize = 100;

/// Reads the log leaf by leaf. Its memory grows with the number of chains.
#[derive(Clone, Debug, Default)]
pub struct Auditor {
    edge: Edge,
    heads: HashMap<Chain, Head>,
    mapper: Mapper,
    bins: Loose,
    judge: Option<Judge>,
    maps: u64,
    mapped: u64,
    latest: i64,
    backdated: Vec<Backdated>,
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
    /// How many maps of heads were worked out anew and are right.
    pub maps: u64,
    /// Of how many first leaves the newest of them is.
    pub mapped: u64,
    /// Leaves that are older than their place, the first hundred.
    pub backdated: Vec<Backdated>,
    /// How many statements of the books were what their leaves commit to.
    pub statements: u64,
    /// What statements say that an auditor should hear.
    pub remarks: Vec<String>,
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

    /// Holds statements of the books, too, against what is read.
    pub fn with(mut self, judge: Judge) -> Self {
        self.judge = Some(judge);
        self
    }

    /// Reads the next leaf.
    pub fn entry(&mut self, bytes: &[u8]) {
        let position = self.edge.size();
        let hash = hash::leaf(bytes);
        if let Some(judge) = &mut self.judge {
            judge.arrive(position, || self.edge.root());
        }
        match Seen::read(bytes) {
            Ok(seen) => self.follow(position, hash, seen),
            Err(source) => {
                self.find(Finding::Unreadable { position, source });
                self.judge.iter_mut().for_each(Judge::skip);
                self.next += 1;
            }
        }
        self.edge.append(hash, &mut self.tiles);
        // No map of fewer leaves may follow.
        if position >= LAG + self.mapper.leaves() + WIDTH {
            self.go_on(position - LAG);
        }
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
        let (statements, remarks) = self.judged();
        let Self {
            edge,
            heads,
            maps,
            mapped,
            backdated,
            findings,
            unnamed,
            ..
        } = self;
        Audit {
            size,
            root: edge.root(),
            heads,
            maps,
            mapped,
            backdated,
            statements,
            remarks,
            findings,
            unnamed,
        }
    }

    /// Ends with the statements: how many stand, and what they say that should be heard.
    fn judged(&mut self) -> (u64, Vec<String>) {
        let Some(mut judge) = self.judge.take() else {
            return (0, Vec::new());
        };
        judge.arrive(self.edge.size(), || self.edge.root());
        let statements = judge.judged();
        let (wrong, remarks) = judge.finish();
        wrong.into_iter().for_each(|wrong| self.find(wrong.into()));
        (statements, remarks)
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
        self.date(position, seen.at());
        self.judge
            .iter_mut()
            .for_each(|judge| judge.read(position, &seen));
        if seen.kind() == Kind::Mapped {
            self.hold_map(position, Told::read(&seen));
        }
        self.mapper
            .read(position, seen.links.iter().map(|(chain, _)| chain));
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

    fn date(&mut self, position: u64, at: i64) {
        let before = self.latest.saturating_sub(at);
        if before > LATE && position > 0 && self.backdated.len() < REMARKED {
            self.backdated.push(Backdated { position, at, before });
        }
        self.latest = if position == 0 { at } else { self.latest.max(at) };
    }

    /// Holds a map that a leaf says against the leaves before it.
    fn hold_map(&mut self, position: u64, told: Option<Told>) {
        let held = self.mapper.leaves()..=position;
        let Some(told) = told.filter(|told| held.contains(&told.leaves)) else {
            return self.find(Finding::NoMap { position });
        };
        self.go_on(told.leaves);
        let leaves = told.leaves;
        if self.mapper.root() == told.root {
            self.maps += 1;
            self.mapped = leaves;
        } else {
            self.find(Finding::Map { position, leaves });
        }
    }

    fn go_on(&mut self, leaves: u64) {
        let Ok(_changed) = self.mapper.advance(leaves, &mut self.bins);
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
    progress: impl FnMut(u64),
) -> Result<Audit, ReadError<R::Error>> {
    audit_by(Auditor::new(checkpoints), size, reader, progress)
}

/// The same, by an auditor who knows already what to hold it against.
pub fn audit_by<R: Reader>(
    mut auditor: Auditor,
    size: u64,
    reader: &R,
    mut progress: impl FnMut(u64),
) -> Result<Audit, ReadError<R::Error>> {
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
            Finding::Map { .. } | Finding::NoMap { .. } | Finding::Statement(_) => None,
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

    /// A log that says its map after every 50 leaves, the way `told` would have it.
    fn mapped(told: impl Fn(Told) -> Told) -> Audit {
        let (mut kept, mut sequencer) = (Kept::default(), Sequencer::default());
        let (mut mapper, mut bins) = (Mapper::default(), Loose::default());
        while sequencer.size() < 500 {
            let from = sequencer.size();
            kept.grow(&mut sequencer, from + 50, 10);
            for index in from..sequencer.size() {
                let seen = Seen::read(&kept.entries[index as usize]).unwrap();
                mapper.read(index, seen.links.iter().map(|(chain, _)| chain));
            }
            let Ok(_changed) = mapper.advance(sequencer.size(), &mut bins);
            let (leaves, root) = (sequencer.size(), mapper.root());
            let mut batch = sequencer.batch();
            let staged = told(Told { leaves, root }).draft(1_795_458_235_123).stage();
            let leaf = batch.append(&staged, &mut kept).unwrap();
            kept.commit(&mut sequencer, batch, vec![leaf]);
        }
        audit(sequencer.size(), &kept, [], |_| ()).unwrap()
    }

    #[test]
    fn every_map_is_worked_out_anew() {
        let audit = mapped(|told| told);
        assert_eq!(
            (audit.findings, audit.maps, audit.mapped),
            (vec![], 10, 509 - 50 + 50)
        );
    }

    /// Whoever signs may sign what is wrong: a map without some chain, of leaves that are not there yet, of fewer than before.
    #[test]
    fn a_map_that_hides_a_chain_and_maps_that_cannot_be() {
        let other = mapped(|told| {
            if told.leaves == 101 {
                Told {
                    root: [7; 32],
                    ..told
                }
            } else {
                told
            }
        });
        assert_eq!(
            (other.findings, other.maps),
            (
                vec![Finding::Map {
                    position: 101,
                    leaves: 101
                }],
                9
            )
        );
        let late = mapped(|told| Told {
            leaves: told.leaves + u64::from(told.leaves == 152),
            ..told
        });
        assert_eq!(
            (late.findings, late.maps),
            (vec![Finding::NoMap { position: 152 }], 9)
        );
        let back = mapped(|told| {
            if told.leaves == 203 {
                Told { leaves: 49, ..told }
            } else {
                told
            }
        });
        assert_eq!(
            (back.findings, back.maps),
            (vec![Finding::NoMap { position: 203 }], 9)
        );
    }

    /// Appended today and dated last week: place, links and tree are as they should be.
    #[test]
    fn a_leaf_that_is_older_than_its_place_is_remarked() {
        let (mut kept, mut sequencer) = log(100);
        let mut late = sample(100);
        late.at -= 20 * 3_600_000;
        let mut batch = sequencer.batch();
        let leaf = batch.append(&late.stage(), &mut kept).unwrap();
        kept.commit(&mut sequencer, batch, vec![leaf]);
        kept.grow(&mut sequencer, 110, 10);
        let audit = audit(110, &kept, [], |_| ()).unwrap();
        let (position, at, before) = (100, late.at, 19 * 3_600_000);
        assert_eq!(
            (audit.findings, audit.backdated),
            (vec![], vec![Backdated { position, at, before }])
        );
    }
}
