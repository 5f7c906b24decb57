//! `map check`: everything that is wrong with mappings, code lists, procedures and laws, at once.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::{Failed, node, say, say_json};
use crate::app;
use crate::codes::Codes;
use crate::mapping::Plan;
use crate::model::Diagnostic;
use crate::procedures::Procedures;
use crate::translate::Shelves;

/// A diagnostic as `--json` shows it.
#[derive(Serialize)]
struct Shown {
    file: String,
    line: u32,
    column: usize,
    text: String,
    what: String,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    good: bool,
    mappings: usize,
    codes: usize,
    procedures: usize,
    laws: usize,
    diagnostics: Vec<Shown>,
}

/// Texts to check, with the names diagnostics give them.
#[derive(Default)]
struct Texts {
    mappings: Vec<(String, String)>,
    codes: Vec<(String, String)>,
    procedures: Vec<(String, String)>,
    laws: Vec<(String, String)>,
}

/// Checks the files and folders named; the shipped ones without any. True when nothing is wrong.
pub(super) fn run(paths: &[PathBuf], json: bool) -> Result<bool, Failed> {
    let shelves = app::shelves(&node::configured(None)?)?;
    let texts = if paths.is_empty() {
        shipped(&shelves)
    } else {
        named(paths, &shelves)?
    };
    let found = diagnostics(&texts);
    let good = found.is_empty();
    let (mappings, codes) = (texts.mappings.len(), texts.codes.len());
    let (procedures, laws) = (texts.procedures.len(), texts.laws.len());
    if json {
        let diagnostics = found.into_iter().map(Shown::from).collect();
        say_json(&Report {
            good,
            mappings,
            codes,
            procedures,
            laws,
            diagnostics,
        });
        return Ok(good);
    }
    found.iter().for_each(|one| say(&one.to_string()));
    match found.len() {
        0 => say(&format!(
            "{mappings} mappings, {codes} code lists, {procedures} procedures and {laws} laws: nothing is wrong"
        )),
        many => say(&format!("{many} mistakes")),
    }
    Ok(good)
}

fn shipped(shelves: &Shelves) -> Texts {
    let named = |folder: &str, texts: &std::collections::BTreeMap<String, String>| {
        texts
            .iter()
            .map(|(name, text)| (format!("{folder}{name}.toml"), text.clone()))
            .collect()
    };
    Texts {
        mappings: named("mappings/", &shelves.mappings),
        codes: named("mappings/codes/", &shelves.codes),
        procedures: named("mappings/procedures/", &shelves.procedures),
        laws: named("mappings/reuse/", &shelves.laws),
    }
}

/// The files named, over the shipped code lists and laws: one that is named takes the place of the shipped one.
fn named(paths: &[PathBuf], shelves: &Shelves) -> Result<Texts, Failed> {
    let mut texts = Texts::default();
    let mut open = paths.to_vec();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            for entry in std::fs::read_dir(&path).map_err(|error| Failed::file(&path, &error))? {
                let inside = entry.map_err(|error| Failed::file(&path, &error))?.path();
                let toml = inside.extension().is_some_and(|ending| ending == "toml");
                open.extend((inside.is_dir() || toml).then_some(inside));
            }
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| Failed::file(&path, &error))?;
        let file = path.display().to_string();
        match holds(&text) {
            Holds::Codes => texts.codes.push((file, text)),
            Holds::Procedure => texts.procedures.push((file, text)),
            Holds::Law => texts.laws.push((file, text)),
            Holds::Mapping => texts.mappings.push((file, text)),
        }
    }
    let all = shipped(shelves);
    beside(&mut texts.codes, all.codes);
    beside(&mut texts.laws, all.laws);
    texts.mappings.sort();
    texts.procedures.sort();
    Ok(texts)
}

/// Adds the shipped files whose names are not there.
fn beside(texts: &mut Vec<(String, String)>, shipped: Vec<(String, String)>) {
    let stem = |file: &str| {
        Path::new(file)
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    };
    let own: Vec<String> = texts.iter().filter_map(|(file, _)| stem(file)).collect();
    let others = shipped.into_iter();
    texts.extend(others.filter(|(file, _)| stem(file).is_none_or(|name| !own.contains(&name))));
}

/// What a file of `mappings/` holds.
enum Holds {
    Mapping,
    Codes,
    Procedure,
    Law,
}

/// By its first words; what says nothing is judged as a mapping, which then says what is missing.
fn holds(text: &str) -> Holds {
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    if table.contains_key("list") {
        Holds::Codes
    } else if table.contains_key("procedure") {
        Holds::Procedure
    } else if table.contains_key("law") || table.contains_key("scope_of") {
        Holds::Law
    } else {
        Holds::Mapping
    }
}

fn diagnostics(texts: &Texts) -> Vec<Diagnostic> {
    // Without its code lists no mapping can be judged: their mistakes come first.
    let codes = match Codes::compile(borrowed(&texts.codes)) {
        Ok(codes) => codes,
        Err(found) => return found,
    };
    let compiled = texts
        .mappings
        .iter()
        .map(|(file, text)| Plan::compile(file, text, &codes));
    let mut found: Vec<Diagnostic> = compiled.filter_map(Result::err).flatten().collect();
    let asked = Procedures::compile(borrowed(&texts.procedures), borrowed(&texts.laws), None);
    found.extend(asked.err().into_iter().flatten());
    found
}

fn borrowed(texts: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    texts.iter().map(|(file, text)| (file.as_str(), text.as_str()))
}

impl From<Diagnostic> for Shown {
    fn from(found: Diagnostic) -> Self {
        let Diagnostic {
            file,
            line,
            column,
            text,
            width: _,
            what,
        } = found;
        Self {
            file,
            line,
            column,
            text,
            what,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn what_is_shipped_is_right_and_a_slip_is_found_in_its_place() {
        let shelves = app::shelves(&Config::shipped().unwrap()).unwrap();
        let texts = shipped(&shelves);
        assert_eq!(diagnostics(&texts), []);
        assert!(super::super::shelf::compile(&shelves).is_ok());
        let dir = tempfile::tempdir().unwrap();
        let slip = shelves.mappings["portal/dossier"].replacen("\"owner.name\"", "\"owner.nam\"", 1);
        std::fs::write(dir.path().join("slip.toml"), slip).unwrap();
        let texts = named(&[dir.path().to_owned()], &shelves).unwrap();
        let found = diagnostics(&texts);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].file.ends_with("slip.toml") && found[0].text.contains("owner.nam"));
    }

    #[test]
    fn a_slip_in_a_procedure_and_one_in_a_law_are_found() {
        let shelves = app::shelves(&Config::shipped().unwrap()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let slip = shelves.procedures["1.001193"].replacen("\"owner.born\"", "\"owner.bron\"", 1);
        std::fs::write(dir.path().join("1.001193.toml"), slip).unwrap();
        let slip = shelves.laws["104-2022"].replacen("2023-01-01", "2023-02-29", 1);
        std::fs::write(dir.path().join("104-2022.toml"), slip).unwrap();
        let found = diagnostics(&named(&[dir.path().to_owned()], &shelves).unwrap());
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(
            told.iter().any(|one| one.contains("`bron`; it has `born`")),
            "{told:#?}"
        );
        assert!(told.iter().any(|one| one.contains("no such day")), "{told:#?}");
    }
}
