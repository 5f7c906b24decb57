//! The `.completeness` file: what the map of heads says of one chain, and the proof of the leaf that says that map. With the chain's
//! entries beside it, it proves that they are all; alone, that there is none, or how many there are.

use std::fmt;

use data_encoding::BASE64;

use crate::evidence::checkpoint::{Checkpoint, decimal};
use crate::evidence::hash::Hash;
use crate::evidence::leaf::{Chain, LeafError, Seen};
use crate::evidence::map::{End, Item, MapProof, Told, Unproven, key};
use crate::evidence::note::Vkey;
use crate::evidence::proof::text::{ProofText, TextError};

/// The first line.
pub const FIRST: &str = "lienthong/completeness@v1";

/// What is proved of one chain, as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// The chain.
    pub chain: Chain,
    /// What the map says of it.
    pub proof: MapProof,
    /// The proof of the leaf that says the map, with that leaf in it.
    pub leaf: ProofText,
}

/// What a completeness file comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    /// The newest leaf of the chain and how many it has; none where it is proved that it has not begun.
    pub newest: Option<(u64, u64)>,
    /// It is said of so many first leaves of the log.
    pub leaves: u64,
    /// The checkpoint that stands over it.
    pub checkpoint: Checkpoint,
}

/// Why a completeness file is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Incomplete {
    /// Not such a file.
    #[error("this is no proof of completeness")]
    Malformed,
    /// The proof of the map's leaf.
    #[error(transparent)]
    Leaf(#[from] TextError),
    /// What is proved is no leaf.
    #[error("what stands under the checkpoint is no leaf")]
    Entry(#[from] LeafError),
    /// A leaf that says no map of the leaves before it.
    #[error("the leaf under the checkpoint says no map of the leaves before it")]
    NoMap,
    /// The way through the map.
    #[error(transparent)]
    Map(#[from] Unproven),
}

impl Completeness {
    /// Reads the file, in its one spelling.
    pub fn parse(text: &str) -> Result<Self, Incomplete> {
        let (head, leaf) = text.split_once("\n\n").ok_or(Incomplete::Malformed)?;
        let leaf = ProofText::parse(leaf)?;
        let read = read(head, leaf).ok_or(Incomplete::Malformed)?;
        if read.to_string() == text {
            Ok(read)
        } else {
            Err(Incomplete::Malformed)
        }
    }

    /// Checks it from the signature down to the chain.
    pub fn check(&self, known: &[Vkey]) -> Result<Complete, Incomplete> {
        let checkpoint = self.leaf.check(None, known)?;
        let entry = self.leaf.extra.as_deref().unwrap_or_default();
        let seen = Seen::read(entry)?;
        let told =
            Told::read(&seen).filter(|told| told.leaves <= seen.index && seen.index == self.leaf.index);
        let told = told.ok_or(Incomplete::NoMap)?;
        Ok(Complete {
            newest: self.proof.check(&key(&self.chain), &told.root)?,
            leaves: told.leaves,
            checkpoint,
        })
    }
}

impl fmt::Display for Completeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}\nchain {}", self.chain)?;
        match self.proof.end {
            End::Here { index, count } => writeln!(f, "newest {index} of {count}")?,
            End::Nothing => writeln!(f, "none")?,
            End::Other(Item { key, index, count }) => {
                writeln!(
                    f,
                    "none beside {} {index} of {count}",
                    BASE64.encode_display(&key)
                )?;
            }
        }
        for hash in &self.proof.path {
            writeln!(f, "{}", BASE64.encode_display(hash))?;
        }
        write!(f, "\n{}", self.leaf)
    }
}

fn read(head: &str, leaf: ProofText) -> Option<Completeness> {
    let mut lines = head.split('\n');
    if lines.next() != Some(FIRST) {
        return None;
    }
    let chain = Chain::parse(lines.next()?.strip_prefix("chain ")?)?;
    let end = end(lines.next()?)?;
    let path = lines.map(hash).collect::<Option<_>>()?;
    let proof = MapProof { path, end };
    Some(Completeness { chain, proof, leaf })
}

fn end(line: &str) -> Option<End> {
    if line == "none" {
        return Some(End::Nothing);
    }
    if let Some(counted) = line.strip_prefix("newest ") {
        let (index, count) = of(counted)?;
        return Some(End::Here { index, count });
    }
    let (key, counted) = line.strip_prefix("none beside ")?.split_once(' ')?;
    let ((index, count), key) = (of(counted)?, hash(key)?);
    Some(End::Other(Item { key, index, count }))
}

fn of(text: &str) -> Option<(u64, u64)> {
    let (index, count) = text.split_once(" of ")?;
    Some((decimal(index)?, decimal(count)?))
}

fn hash(text: &str) -> Option<Hash> {
    BASE64.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::leaf::Draft;
    use crate::evidence::map::{Loose, Mapper};
    use crate::evidence::note::tests::Key;
    use crate::evidence::sequencer::tests::{log, sample};
    use crate::evidence::view::View;

    const ORIGIN: &str = "log.h99.example/exchanges";

    /// A log of 40 leaves and its map, and what it says of a chain; `leaf` makes the leaf that says the map.
    fn proved(chain: Chain, leaf: impl Fn(Told) -> Draft) -> (Completeness, Vkey) {
        let (mut kept, mut sequencer) = log(40);
        let (mut mapper, mut bins) = (Mapper::default(), Loose::default());
        for (index, bytes) in (0..).zip(&kept.entries) {
            let seen = Seen::read(bytes).unwrap();
            mapper.read(index, seen.links.iter().map(|(chain, _)| chain));
        }
        let Ok(_changed) = mapper.advance(40, &mut bins);
        let (leaves, root) = (40, mapper.root());
        let mut batch = sequencer.batch();
        let appended = batch
            .append(&leaf(Told { leaves, root }).stage(), &mut kept)
            .unwrap();
        let extra = Some(appended.entry.clone());
        kept.commit(&mut sequencer, batch, vec![appended]);
        let signer = Key::new();
        let (size, root) = (sequencer.size(), sequencer.root());
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size,
            root,
        }
        .sign(&signer)
        .unwrap();
        let path = View::new(sequencer.edge(), &kept).inclusion(40, size).unwrap();
        let Ok(proof) = mapper.prove(&key(&chain), &mut bins);
        let leaf = ProofText {
            extra,
            index: 40,
            path,
            checkpoint,
        };
        (
            Completeness { chain, proof, leaf },
            Vkey::of(ORIGIN, &signer).unwrap(),
        )
    }

    fn said(told: Told) -> Draft {
        told.draft(1_795_458_235_123)
    }

    #[test]
    fn so_many_and_none_are_proved_by_a_file_alone() {
        let dossier = sample(3).chains()[0].clone();
        let day = Chain::parse("day/2020-01-01").unwrap();
        for (chain, newest) in [(dossier, Some((38, 8))), (day, None)] {
            let (made, vkey) = proved(chain, said);
            let read = Completeness::parse(&made.to_string()).unwrap();
            assert_eq!(read, made);
            let known = [vkey];
            let complete = read.check(&known).unwrap();
            assert_eq!(
                (complete.newest, complete.leaves, complete.checkpoint.size),
                (newest, 40, 41)
            );
            assert!(matches!(read.check(&[]), Err(Incomplete::Leaf(_))));
            let other = Completeness {
                chain: sample(4).chains()[0].clone(),
                ..read
            };
            assert!(
                matches!(other.check(&known), Err(Incomplete::Map(_))),
                "another chain's way"
            );
        }
    }

    #[test]
    fn no_letter_of_the_file_may_change() {
        let (made, vkey) = proved(sample(3).chains()[0].clone(), said);
        let (text, known) = (made.to_string(), [vkey]);
        for place in (0..text.len()).filter(|place| text.is_char_boundary(*place) && *place + 1 < text.len())
        {
            for letter in ["A", "7", "\n"] {
                let mut other = text.clone();
                let end = place + text[place..].chars().next().unwrap().len_utf8();
                other.replace_range(place..end, letter);
                let believed = Completeness::parse(&other).and_then(|proof| proof.check(&known));
                assert!(other == text || believed.is_err(), "{other}");
            }
        }
    }

    #[test]
    fn only_a_leaf_that_says_a_map_of_those_before_it_will_do() {
        let chain = sample(3).chains()[0].clone();
        let (other, vkey) = proved(chain.clone(), |_| sample(40));
        assert!(matches!(other.check(&[vkey]), Err(Incomplete::NoMap)));
        let (ahead, vkey) = proved(chain, |told| said(Told { leaves: 41, ..told }));
        assert!(matches!(ahead.check(&[vkey]), Err(Incomplete::NoMap)));
    }
}
