//! The shipped mappings under the two laws, what a mapping promises, and the words of diagnostics.

mod mistakes;
mod promises;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::{ProptestConfig, TestCaseError, any};
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;

use super::laws::{self, Broken};
use super::{Context, Plan};
use crate::codes::Codes;
use crate::model::sample::{self, Chance};
use crate::model::{Diagnostic, Dossier};

fn texts(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<PathBuf> = fs::read_dir(root.join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    let name = |path: &PathBuf| path.strip_prefix(root).unwrap().display().to_string();
    found
        .iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .map(|path| (name(path), fs::read_to_string(path).unwrap()))
        .collect()
}

fn told(mistakes: Vec<Diagnostic>) -> String {
    mistakes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn codes() -> Codes {
    let texts = texts("mappings/codes");
    let codes = Codes::compile(texts.iter().map(|(file, text)| (file.as_str(), text.as_str())));
    codes.unwrap_or_else(|mistakes| panic!("{}", told(mistakes)))
}

fn plan(file: &str, codes: &Codes) -> Plan {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    Plan::compile(file, &text, codes).unwrap_or_else(|mistakes| panic!("{}", told(mistakes)))
}

const DOSSIERS: &[&str] = &[
    "mappings/portal/dossier.toml",
    "mappings/portal/classic.toml",
    "mappings/local/opencps/dossier.toml",
    "mappings/local/igate/dossier.toml",
    "mappings/local/tandan/dossier.toml",
];

/// Written from what an electronic form says.
const REGISTRATIONS: &[&str] = &[
    "mappings/civil-status/birth.toml",
    "mappings/civil-status/death.toml",
    "mappings/civil-status/marriage.toml",
    "mappings/criminal-record/register.toml",
    "mappings/criminal-record/vneid.toml",
    "mappings/linked-hub/birth.toml",
    "mappings/linked-hub/death.toml",
    "mappings/linked-hub/status.toml",
];

/// Written from a dossier that has come to its result.
const LETTERS: &[&str] = &["mappings/edxml/result.toml"];

/// An invented dossier with a result that is known to all.
fn finished(seed: u64, n: u64) -> Dossier {
    let mut dossier = sample::dossier(seed, n);
    let facts = &mut dossier.facts;
    facts.received_by.code = Some("H99.14".to_owned());
    facts.competent.code = Some("H99.10".to_owned());
    facts.results.truncate(1);
    if facts.results.is_empty() {
        facts.results.push(crate::model::Outcome::default());
    }
    facts.results[0].symbol = Some(format!("{}/GP-STN", n + 1));
    facts.results[0].issued_on = Some("2026-01-06".parse().unwrap());
    dossier
}

/// Invents the dossier of a seed and a number.
type Invent = fn(u64, u64) -> Dossier;

/// Every mapping of a dossier, with what invents dossiers for it.
fn dossiers() -> impl Iterator<Item = (&'static str, Invent)> {
    let invent: [(_, Invent); 3] = [
        (DOSSIERS, sample::dossier),
        (REGISTRATIONS, sample::registration),
        (LETTERS, finished),
    ];
    invent
        .into_iter()
        .flat_map(|(files, invent)| files.iter().map(move |file| (*file, invent)))
}

fn context(codes: &Codes) -> Context<'_> {
    Context {
        lists: codes,
        site: "opencps",
        on: "2026-01-15".parse().unwrap(),
    }
}

#[test]
fn law_two_holds_for_generated_dossiers() {
    let codes = codes();
    for (file, invent) in dossiers() {
        let plan = plan(file, &codes);
        let mut held = 0;
        for n in 0..400 {
            match laws::forth_then_back(&plan, &invent(2, n), &context(&codes)) {
                Ok(()) => held += 1,
                Err(Broken::Unwritable(_)) => {}
                Err(broken) => panic!("{file}, dossier {n}: {broken}"),
            }
        }
        assert!(held > 200, "{file}: only {held} of 400 could be written");
    }
}

#[test]
fn law_one_holds_for_disturbed_documents() {
    let codes = codes();
    let context = context(&codes);
    for (file, invent) in dossiers() {
        let plan = plan(file, &codes);
        let asked = Cell::new(0);
        let law = |seed: u64| {
            let mut bytes = Vec::new();
            if plan.write(&invent(seed, 1), &context, &mut bytes).is_err() {
                return Ok(());
            }
            let mut document: Json = serde_json::from_slice(&bytes).unwrap();
            laws::disturb(&mut document, &mut Chance::new(seed));
            match laws::back_then_forth(&plan, &serde_json::to_vec(&document).unwrap(), &context) {
                Err(Broken::Refused(_)) => Ok(()),
                Err(broken) => Err(TestCaseError::fail(format!("{file}: {broken}\n{document:#}"))),
                Ok(()) => {
                    asked.set(asked.get() + 1);
                    Ok(())
                }
            }
        };
        let config = ProptestConfig {
            cases: 500,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        TestRunner::new(config)
            .run(&any::<u64>(), law)
            .unwrap_or_else(|failed| panic!("{failed}"));
        assert!(
            asked.get() > 100,
            "{file}: only {} of 500 documents could be asked",
            asked.get()
        );
    }
}
