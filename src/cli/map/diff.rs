//! `map diff`: what a new version of a mapping would change, line by line and on dossiers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::super::{Failed, say, say_json};
use super::shelf::{self, Shelf};
use crate::mapping::{Carried, Fault, Plan};

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    old: String,
    new: String,
    /// Lines that only one of them has, or that carry another fact.
    lines: Vec<Changed>,
    dossiers: usize,
    /// Per dossier that comes out otherwise, where.
    changed: BTreeMap<String, Vec<String>>,
}

/// A field of theirs that is carried otherwise.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Changed {
    theirs: String,
    old: Option<String>,
    new: Option<String>,
}

/// Compares two mappings, by themselves and on every dossier of a folder. No value is shown, only its place.
pub(super) fn run(old: &Path, new: &Path, dossiers: &Path, json: bool) -> Result<bool, Failed> {
    let shelf = Shelf::open()?;
    let (old, new) = (shelf.file(old)?, shelf.file(new)?);
    let files = files(dossiers)?;
    let mut changed = BTreeMap::new();
    for file in &files {
        let dossier = shelf::dossier(file)?;
        let written = |plan: &Plan| {
            let mut bytes = Vec::new();
            let context = shelf.context(plan.name(), shelf::day(&dossier));
            plan.write(&dossier, &context, &mut bytes).map(|_| bytes)
        };
        let places = places(written(&old), written(&new));
        if !places.is_empty() {
            changed.insert(file.display().to_string(), places);
        }
    }
    let lines = lines(&old.lines(), &new.lines());
    let report = Report {
        old: old.stamp(),
        new: new.stamp(),
        lines,
        dossiers: files.len(),
        changed,
    };
    if json {
        say_json(&report);
    } else {
        print(&report);
    }
    Ok(true)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failed::file(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Failed::file(folder, &error))?.path();
        files.extend(
            path.extension()
                .is_some_and(|ending| ending == "json")
                .then_some(path),
        );
    }
    files.sort();
    Ok(files)
}

/// Fields of theirs whose fact is another one.
fn lines(old: &[Carried], new: &[Carried]) -> Vec<Changed> {
    let by_field = |lines: &[Carried]| -> BTreeMap<String, String> {
        lines
            .iter()
            .map(|line| (line.theirs.clone(), line.ours.clone()))
            .collect()
    };
    let (old, new) = (by_field(old), by_field(new));
    let fields: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = fields.into_iter().map(|theirs| Changed {
        theirs: theirs.clone(),
        old: old.get(theirs).cloned(),
        new: new.get(theirs).cloned(),
    });
    changed.filter(|changed| changed.old != changed.new).collect()
}

/// Where two documents differ, or why one of them is not made.
fn places(old: Result<Vec<u8>, Vec<Fault>>, new: Result<Vec<u8>, Vec<Fault>>) -> Vec<String> {
    let faults = |faults: Vec<Fault>| faults.into_iter().map(|fault| fault.to_string());
    match (old, new) {
        (Ok(old), Ok(new)) => {
            let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
            let mut places = Vec::new();
            differ(&read(&old), &read(&new), String::new(), &mut places);
            places
        }
        (Ok(_), Err(new)) => faults(new)
            .map(|fault| format!("can no longer be written: {fault}"))
            .collect(),
        (Err(old), Ok(_)) => faults(old)
            .map(|fault| format!("can now be written: {fault}"))
            .collect(),
        (Err(old), Err(new)) if old == new => Vec::new(),
        (Err(_), Err(new)) => faults(new)
            .map(|fault| format!("still cannot be written: {fault}"))
            .collect(),
    }
}

fn differ(old: &Value, new: &Value, at: String, places: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(one), Value::Object(two)) => {
            let keys: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            for key in keys {
                let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                differ(
                    one.get(key).unwrap_or(&Value::Null),
                    two.get(key).unwrap_or(&Value::Null),
                    place,
                    places,
                );
            }
        }
        (Value::Array(one), Value::Array(two)) => {
            for row in 0..one.len().max(two.len()) {
                let item = |rows: &[Value]| rows.get(row).cloned().unwrap_or_default();
                differ(&item(one), &item(two), format!("{at}/{row}"), places);
            }
        }
        (one, two) if one == two => {}
        (_, _) => places.push(at),
    }
}

fn print(report: &Report) {
    say(&format!("{} → {}", report.old, report.new));
    for Changed { theirs, old, new } in &report.lines {
        let word = |ours: &Option<String>| ours.clone().unwrap_or_else(|| "nothing".to_owned());
        say(&format!("  {theirs}: {} → {}", word(old), word(new)));
    }
    for (file, places) in &report.changed {
        say(file);
        places.iter().for_each(|place| say(&format!("  {place}")));
    }
    let (lines, changed) = (report.lines.len(), report.changed.len());
    say(&format!(
        "{lines} lines carry something else; {changed} of {} dossiers come out otherwise",
        report.dossiers
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_differ_by_place_and_never_show_a_value() {
        let (old, new) = (
            json!({"a": [1, {"b/c": "x"}], "d": 1}),
            json!({"a": [1, {"b/c": "y"}, 3], "e": null}),
        );
        let bytes = |value: &Value| Ok(value.to_string().into_bytes());
        assert_eq!(places(bytes(&old), bytes(&new)), ["/a/1/b~1c", "/a/2", "/d"]);
        assert_eq!(places(bytes(&old), bytes(&old)), [""; 0]);
    }

    #[test]
    fn a_field_that_carries_another_fact_is_named() {
        let line = |theirs: &str, ours: &str| Carried {
            theirs: theirs.into(),
            ours: ours.into(),
            line: 1,
            forth: true,
            back: true,
            lossy: false,
        };
        let changed = lines(
            &[line("A", "x"), line("B", "y")],
            &[line("A", "x"), line("B", "z"), line("C", "w")],
        );
        let named: Vec<_> = changed
            .iter()
            .map(|it| (it.theirs.as_str(), it.old.as_deref(), it.new.as_deref()))
            .collect();
        assert_eq!(named, [("B", Some("y"), Some("z")), ("C", None, Some("w"))]);
    }
}
