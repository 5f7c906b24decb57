//! Completeness: leaves of one chain that lie gaplessly one on another, from the chain's beginning to its head.

use crate::evidence::hash;
use crate::evidence::leaf::{Chain, Entry, Head, LeafError};

/// Why leaves are not a whole chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// An entry that cannot be read; by its place among those given.
    #[error("entry {place} of the chain cannot be read")]
    Unreadable {
        /// Its place, from 0.
        place: usize,
        /// What is wrong with it.
        #[source]
        source: LeafError,
    },
    /// An entry of another chain.
    #[error("leaf {index} does not belong to the chain")]
    Stranger {
        /// Its index in the log.
        index: u64,
    },
    /// An entry that names another predecessor than the one given before it: something was left out or put in.
    #[error("leaf {index} follows another leaf than the one before it")]
    Missing {
        /// Its index in the log.
        index: u64,
        /// The predecessor it names.
        named: Option<u64>,
    },
}

/// Checks that entries, oldest first, are a chain from its beginning; gives its head, to be held against a proven one.
pub fn complete<T: AsRef<[u8]>>(chain: &Chain, entries: &[T]) -> Result<Option<Head>, Gap> {
    let mut before = None;
    for (place, bytes) in entries.iter().map(AsRef::as_ref).enumerate() {
        let entry = Entry::read(bytes).map_err(|source| Gap::Unreadable { place, source })?;
        let index = entry.index;
        match entry.links.iter().find(|(name, _)| name == chain) {
            None => return Err(Gap::Stranger { index }),
            Some((_, named)) if *named != before => {
                return Err(Gap::Missing {
                    index,
                    named: named.map(|head| head.index),
                });
            }
            Some(_) => {
                before = Some(Head {
                    index,
                    hash: hash::leaf(bytes),
                })
            }
        }
    }
    Ok(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::sequencer::tests::{log, sample};

    #[test]
    fn whole_chains_pass_and_gaps_are_named() {
        let (kept, _) = log(60);
        let chain = sample(3).chains()[0].clone();
        let mut own: Vec<_> = (3..60).step_by(5).map(|n| kept.entries[n].clone()).collect();
        assert_eq!(complete(&chain, &own).unwrap(), Some(kept.heads[&chain]));
        assert_eq!(complete::<Vec<u8>>(&chain, &[]), Ok(None));
        assert_eq!(
            complete(&chain, &own[1..]),
            Err(Gap::Missing {
                index: 8,
                named: Some(3)
            })
        );
        own.remove(4);
        assert_eq!(
            complete(&chain, &own),
            Err(Gap::Missing {
                index: 28,
                named: Some(23)
            })
        );
        own[4] = kept.entries[24].clone();
        assert_eq!(complete(&chain, &own), Err(Gap::Stranger { index: 24 }));
        own[4] = b"{}".to_vec();
        assert!(matches!(
            complete(&chain, &own),
            Err(Gap::Unreadable { place: 4, .. })
        ));
    }
}
