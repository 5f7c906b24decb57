//! Every reader of strangers' bytes, given what it may be given: what is shipped, cut, doubled, swapped and written over. The same
//! readers stand before libFuzzer in `tests/fuzz/run`.

mod targets;

use std::fs;
use std::path::{Path, PathBuf};

/// Mutants of one seed for one reader.
const MUTANTS: usize = 300;
/// The longest mutant.
const LONGEST: usize = 1 << 16;

/// A small generator, the same in each run: a finding is found again.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    /// A place, and one at most 64 octets after it.
    fn span(&mut self, bytes: &[u8]) -> (usize, usize) {
        let from = self.below(bytes.len() + 1);
        (from, (from + self.below(64)).min(bytes.len()))
    }
}

/// Up to four changes, each of a kind that readers get wrong.
fn mutant(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    const TELLING: [&[u8]; 10] = [
        b"\0",
        b"\xff\xff\xff\xff",
        b"<",
        b"&#0;",
        b"\"",
        b"\\ud800",
        b"\x30\x80",
        b"PK\x05\x06",
        b"\xef\xbf\xbf",
        b"]]>",
    ];
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(4) {
        let (from, to) = dice.span(&bytes);
        match dice.below(6) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let again = bytes[from..to].to_vec();
                drop(bytes.splice(from..from, again));
            }
            2 if from < bytes.len() => bytes[from] ^= 1 << dice.below(8),
            3 => drop(bytes.splice(from..to, TELLING[dice.below(TELLING.len())].iter().copied())),
            4 => {
                let (start, end) = dice.span(other);
                drop(bytes.splice(from..to, other[start..end].iter().copied()));
            }
            _ => bytes.truncate(bytes.len() - dice.below(bytes.len() / 8 + 1)),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

/// What is shipped for these readers, in the order of its names.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["tests/fuzz/seeds", "tests/vectors", "fixtures/edxml"] {
        files(&root.join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: &PathBuf| fs::read(path).unwrap();
    let seeds: Vec<Vec<u8>> = paths.iter().map(read).collect();
    seeds.into_iter().filter(|seed| seed.len() <= LONGEST).collect()
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push(path);
        }
    }
}

#[test]
fn no_reader_falls_over_or_breaks_its_promise() {
    let seeds = seeds();
    assert!(seeds.len() > 20, "{} seeds", seeds.len());
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for (name, target) in targets::ALL {
        for seed in &seeds {
            target(seed);
            for _ in 0..MUTANTS {
                let other = &seeds[dice.below(seeds.len())];
                let bytes = mutant(seed, other, &mut dice);
                let held = std::panic::catch_unwind(|| target(&bytes));
                assert!(held.is_ok(), "{name}: {}", bytes.escape_ascii());
            }
        }
    }
}
