//! The `.tlog-proof` file (C2SP tlog-proof v1): a leaf's place, its path and a signed checkpoint, in one text.

use std::fmt;

use data_encoding::BASE64;

use crate::evidence::checkpoint::{Checkpoint, CheckpointError, decimal};
use crate::evidence::hash::{self, Hash};
use crate::evidence::note::Vkey;
use crate::evidence::proof::{ProofError, verify_inclusion};

/// The first line.
const FIRST: &str = "c2sp.org/tlog-proof@v1";
/// No path in a tree of 2^63 leaves is longer.
const LONGEST: usize = 63;

/// A proof that a leaf is in the log, as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofText {
    /// Whatever its maker added; ours puts the entry here, so that the file proves itself.
    pub extra: Option<Vec<u8>>,
    /// The leaf's index.
    pub index: u64,
    /// The inclusion path, from the leaf up.
    pub path: Vec<Hash>,
    /// The signed checkpoint the path leads to, byte for byte.
    pub checkpoint: String,
}

/// Why a proof file is not believed.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// Not the text that C2SP describes.
    #[error("this is no tlog-proof")]
    Malformed,
    /// Neither was an entry given nor does the file carry one.
    #[error("the proof carries no entry and none was given")]
    Entry,
    /// The checkpoint in it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The path in it.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl ProofText {
    /// Reads the file, in its one spelling.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(TextError::Malformed)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST) {
            return Err(TextError::Malformed);
        }
        let extra = lines
            .next_if(|line| line.starts_with("extra "))
            .map(|line| decode(&line[6..]))
            .transpose()?;
        let index = lines
            .next()
            .and_then(|line| decimal(line.strip_prefix("index ")?));
        let path = lines.map(hash_line).collect::<Result<Vec<_>, _>>()?;
        if path.len() > LONGEST {
            return Err(TextError::Malformed);
        }
        let index = index.ok_or(TextError::Malformed)?;
        Ok(Self {
            extra,
            index,
            path,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Checks checkpoint and path for this entry, or for the one in `extra`; gives the checkpoint it leads to.
    pub fn check(&self, entry: Option<&[u8]>, known: &[Vkey]) -> Result<Checkpoint, TextError> {
        let entry = entry.or(self.extra.as_deref()).ok_or(TextError::Entry)?;
        let checkpoint = Checkpoint::open(&self.checkpoint, known)?;
        verify_inclusion(
            &hash::leaf(entry),
            self.index,
            checkpoint.size,
            &self.path,
            &checkpoint.root,
        )?;
        Ok(checkpoint)
    }
}

impl fmt::Display for ProofText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64.encode_display(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", BASE64.encode_display(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

fn decode(text: &str) -> Result<Vec<u8>, TextError> {
    BASE64.decode(text.as_bytes()).map_err(|_| TextError::Malformed)
}

fn hash_line(line: &str) -> Result<Hash, TextError> {
    decode(line)?.try_into().map_err(|_| TextError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::note::tests::Key;
    use crate::evidence::sequencer::tests::log;
    use crate::evidence::view::View;

    const ORIGIN: &str = "log.h99.example/exchanges";

    fn proof(index: u64, size: u64) -> (ProofText, Vkey) {
        let (kept, sequencer) = log(size);
        let key = Key::new();
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size,
            root: sequencer.root(),
        };
        let path = View::new(sequencer.edge(), &kept).inclusion(index, size).unwrap();
        let extra = Some(kept.entries[index as usize].clone());
        let checkpoint = checkpoint.sign(&key).unwrap();
        (
            ProofText {
                extra,
                index,
                path,
                checkpoint,
            },
            Vkey::of(ORIGIN, &key).unwrap(),
        )
    }

    #[test]
    fn a_file_proves_itself_to_whoever_knows_the_log() {
        for (index, size) in [(0, 1), (2, 3), (299, 300)] {
            let (made, vkey) = proof(index, size);
            let read = ProofText::parse(&made.to_string()).unwrap();
            assert_eq!(read, made);
            let known = [vkey];
            assert_eq!(read.check(None, &known).unwrap().size, size);
            assert!(matches!(
                read.check(Some(b"another"), &known),
                Err(TextError::Proof(ProofError::Root))
            ));
            assert!(matches!(read.check(None, &[]), Err(TextError::Checkpoint(_))));
            let bare = ProofText { extra: None, ..read };
            assert_eq!(ProofText::parse(&bare.to_string()).unwrap(), bare);
            assert!(matches!(bare.check(None, &known), Err(TextError::Entry)));
            assert!(bare.check(made.extra.as_deref(), &known).is_ok());
        }
    }

    #[test]
    fn no_letter_of_the_file_may_change() {
        let (made, vkey) = proof(5, 20);
        let known = [vkey];
        let text = made.to_string();
        for place in text
            .char_indices()
            .map(|(place, _)| place)
            .filter(|place| *place + 1 < text.len())
        {
            for letter in ["A", "7", "\n", " "] {
                let mut other = text.clone();
                let end = place + text[place..].chars().next().unwrap().len_utf8();
                other.replace_range(place..end, letter);
                let believed = ProofText::parse(&other).and_then(|proof| proof.check(None, &known));
                assert!(other == text || believed.is_err(), "{other}");
            }
        }
    }
}
