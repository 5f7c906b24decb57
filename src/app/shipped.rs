//! What the binary carries: mappings, code lists, procedures, laws, and the sandbox's dossiers. One file copied to a server is
//! an installation.

use std::borrow::Cow;
use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};

use crate::translate::Shelves;

static MAPPINGS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/mappings");
static PROFILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/config/profiles");
static DOSSIERS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/local");

/// A shipped dossier of a local system, as that system pushes it. All persons in it are invented.
pub struct Sample {
    /// The local system.
    pub system: &'static str,
    /// What the case shows.
    pub case: &'static str,
    /// The document.
    pub body: &'static [u8],
}

/// The shipped texts, by their path without ending.
pub(super) fn shelves() -> Shelves {
    let mut shelves = Shelves::default();
    let mut files = BTreeMap::new();
    gather(&MAPPINGS, &mut files);
    for (path, bytes) in files {
        let Some(name) = path.strip_suffix(".toml") else {
            continue;
        };
        let text = String::from_utf8_lossy(bytes).into_owned();
        match name.split_once('/') {
            Some(("codes", list)) => shelves.codes.insert(list.to_owned(), text),
            Some(("procedures", code)) => shelves.procedures.insert(code.to_owned(), text),
            Some(("reuse", law)) => shelves.laws.insert(law.to_owned(), text),
            _ => shelves.mappings.insert(name.to_owned(), text),
        };
    }
    shelves
}

/// The shipped profiles of the national databases, by adapter and name.
pub(super) fn profiles() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    gather(&PROFILES, &mut files);
    let named = files.into_iter();
    named
        .filter_map(|(path, bytes)| {
            let name = path.strip_suffix(".toml")?;
            Some((name.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
        })
        .collect()
}

/// The shipped tables of administrative units, by their name.
pub(super) fn units() -> BTreeMap<String, Cow<'static, str>> {
    let mut files = BTreeMap::new();
    gather(&MAPPINGS, &mut files);
    let table = |(path, bytes): (&str, &'static [u8])| {
        let name = path.strip_prefix("units/")?.strip_suffix(".tsv")?;
        Some((name.to_owned(), String::from_utf8_lossy(bytes)))
    };
    files.into_iter().filter_map(table).collect()
}

/// The shipped dossiers of every local system, in order.
pub fn samples() -> Vec<Sample> {
    let mut files = BTreeMap::new();
    gather(&DOSSIERS, &mut files);
    let sample = |(path, body): (&'static str, &'static [u8])| {
        let mut steps = path.split('/');
        match (steps.next(), steps.next(), steps.next(), steps.next()) {
            (Some(system), Some("dossier"), Some(case), Some("theirs.json")) => {
                Some(Sample { system, case, body })
            }
            _ => None,
        }
    };
    files.into_iter().filter_map(sample).collect()
}

fn gather(dir: &'static Dir<'static>, into: &mut BTreeMap<&'static str, &'static [u8]>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(inner) => gather(inner, into),
            DirEntry::File(file) => {
                if let Some(path) = file.path().to_str() {
                    into.insert(path, file.contents());
                }
            }
        }
    }
}
