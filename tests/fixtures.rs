//! The shipped fixtures: each reads both ways as its files say; they mirror the mappings, repeat no number and name
//! nobody real.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lienthong::codes::Codes;
use lienthong::mapping::{Context, Plan};
use lienthong::model::{Day, Diagnostic, Dossier, How, Origin, Value as Fact};
use serde_json::{Value, json};

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What is in that folder, in the order of names.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// The cases of every mapping of the local systems: (`local/igate/dossier`, folder of a case).
fn cases() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for system in entries(&root().join("fixtures/local")) {
        for mapping in entries(&system) {
            let name = mapping
                .strip_prefix(root().join("fixtures"))
                .unwrap()
                .display()
                .to_string();
            found.extend(entries(&mapping).into_iter().map(|case| (name.clone(), case)));
        }
    }
    found
}

/// That file as JSON.
pub(crate) fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file of that ending below a folder, named from the root.
pub(crate) fn files(folder: &Path, found: &mut Vec<(String, String)>) {
    for path in entries(folder) {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// All that is wrong with a file, as people are told.
pub(crate) fn told(mistakes: Vec<Diagnostic>) -> String {
    mistakes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The shipped code lists and mappings, compiled.
struct Shipped {
    codes: Codes,
    plans: BTreeMap<String, Plan>,
    /// The procedures by their codes.
    catalogue: BTreeMap<String, toml::Table>,
}

/// The shipped procedures by their codes.
fn catalogue() -> BTreeMap<String, toml::Table> {
    let mut texts = Vec::new();
    files(&root().join("mappings/procedures"), &mut texts);
    let read = |(file, text): (String, String)| {
        let procedure: toml::Table = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        (procedure["procedure"].as_str().unwrap().to_owned(), procedure)
    };
    texts.into_iter().map(read).collect()
}

impl Shipped {
    fn load() -> Self {
        let mut lists = Vec::new();
        files(&root().join("mappings/codes"), &mut lists);
        let codes = Codes::compile(lists.iter().map(|(file, text)| (file.as_str(), text.as_str())))
            .unwrap_or_else(|mistakes| panic!("{}", told(mistakes)));
        let mut texts = Vec::new();
        let folders = entries(&root().join("mappings")).into_iter();
        // What stands beside the mappings is none: code lists, procedures, laws, tables of units.
        let others = ["codes", "procedures", "reuse", "units"];
        for folder in folders.filter(|folder| !others.iter().any(|other| folder.ends_with(other))) {
            files(&folder, &mut texts);
        }
        let compile = |(file, text): (String, String)| {
            let plan =
                Plan::compile(&file, &text, &codes).unwrap_or_else(|mistakes| panic!("{}", told(mistakes)));
            (plan.name().to_owned(), plan)
        };
        let plans = texts.into_iter().map(compile).collect();
        Self {
            codes,
            plans,
            catalogue: catalogue(),
        }
    }

    /// A run of the system a mapping belongs to, on a day after every dossier.
    fn context<'a>(&'a self, mapping: &'a str) -> Context<'a> {
        let site = mapping.split('/').nth(1).unwrap_or_default();
        Context {
            lists: &self.codes,
            site,
            on: Day::new(2026, 8, 1).unwrap(),
        }
    }

    /// Fills in what the catalogue knows, as the gateway does before it writes for the portal.
    fn complete(&self, dossier: &mut Dossier) {
        let row = &self.catalogue[&dossier.facts.procedure.code];
        let origin = Origin {
            how: How::Catalogue,
            source: "catalogue".to_owned(),
            ..dossier.origins.read().clone()
        };
        let mut facts = vec![
            ("procedure.name".to_owned(), row["name"].as_str()),
            ("procedure.field.code".to_owned(), row["field"]["code"].as_str()),
            ("procedure.field.name".to_owned(), row["field"]["name"].as_str()),
        ];
        let results = 0..dossier.facts.results.len();
        facts.extend(results.map(|n| (format!("results[{n}].code"), row["results"][0]["code"].as_str())));
        for (path, fact) in facts {
            let fact = Fact::Text(fact.unwrap().into());
            dossier.fill(&path, fact, origin.clone()).unwrap();
        }
    }
}

/// Compares with an expected file, or writes it when `UPDATE_EXPECT` is set.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says so; the gateway's config is no part of it"
)]
pub(crate) fn expect(path: &Path, found: &Value, wrong: &mut Vec<String>) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, format!("{found:#}\n")).unwrap();
    } else if !path.is_file() {
        wrong.push(format!("{} is missing", path.display()));
    } else if json(path) != *found {
        wrong.push(format!("{} differs", path.display()));
    }
}

#[test]
fn every_dossier_reads_writes_back_and_reaches_the_portal_as_expected() {
    let shipped = Shipped::load();
    let portal = &shipped.plans["portal/dossier"];
    let progress = &shipped.plans["portal/progress"];
    let mut wrong = Vec::new();
    for (mapping, case) in cases() {
        let (plan, context) = (&shipped.plans[&mapping], shipped.context(&mapping));
        let bytes = std::fs::read(case.join("theirs.json")).unwrap();
        let at = "2026-08-01T08:00:00+07:00".parse().unwrap();
        let mut dossier = match plan.read(&bytes, &context, at) {
            Ok(dossier) => dossier,
            Err(refused) => {
                wrong.push(format!("{}: {refused:?}", case.display()));
                continue;
            }
        };
        let mut back = Vec::new();
        plan.write(&dossier, &context, &mut back).unwrap();
        if serde_json::from_slice::<Value>(&back).unwrap() != json(&case.join("theirs.json")) {
            wrong.push(format!("{} is written back otherwise", case.display()));
        }
        expect(
            &case.join("dossier.json"),
            &serde_json::to_value(&dossier).unwrap(),
            &mut wrong,
        );
        shipped.complete(&mut dossier);
        let context = Context { site: "", ..context };
        let mut out = Vec::new();
        match portal.write(&dossier, &context, &mut out) {
            Ok(_) => expect(
                &case.join("portal.json"),
                &json!([serde_json::from_slice::<Value>(&out).unwrap()]),
                &mut wrong,
            ),
            Err(faults) => wrong.push(format!("{}: {faults:?}", case.display())),
        }
        out.clear();
        match progress.write_steps(&dossier.facts.number, &dossier.facts.steps, &context, &mut out) {
            Ok(_) => expect(
                &case.join("progress.json"),
                &serde_json::from_slice(&out).unwrap(),
                &mut wrong,
            ),
            Err(faults) => wrong.push(format!("{}: {faults:?}", case.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_local_mapping_has_its_cases_and_every_case_its_mapping() {
    let mappings = entries(&root().join("mappings/local"));
    for file in mappings.iter().flat_map(|system| entries(system)) {
        let name = file
            .strip_prefix(root().join("mappings"))
            .unwrap()
            .with_extension("");
        assert!(
            root().join("fixtures").join(&name).is_dir(),
            "{} has no fixtures",
            name.display()
        );
    }
    for (mapping, case) in cases() {
        let file = root().join("mappings").join(&mapping).with_extension("toml");
        assert!(file.is_file(), "{} shows no mapping", case.display());
        assert!(
            case.join("theirs.json").is_file(),
            "{} has no theirs.json",
            case.display()
        );
    }
}

#[test]
fn no_two_dossiers_have_one_number() {
    let mut seen = BTreeMap::new();
    for (mapping, case) in cases() {
        let key = match mapping.as_str() {
            "local/opencps/dossier" => "dossierNo",
            "local/igate/dossier" => "code",
            _ => "MaHoSo",
        };
        let number = json(&case.join("theirs.json"))[key].as_str().unwrap().to_owned();
        if let Some(other) = seen.insert(number, case.clone()) {
            panic!("{} and {} have the same number", other.display(), case.display());
        }
    }
    assert!(seen.len() >= 48, "only {} dossiers", seen.len());
}

/// Every text of a document, names of members too.
pub(crate) fn texts<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(members) => {
            for (name, member) in members {
                out.push(name);
                texts(member, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Why that word could belong to somebody real, if it could.
pub(crate) fn real(word: &str) -> Option<&'static str> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    let agency = matches!(word.as_bytes(), [b'G' | b'H' | b'K', tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit());
    match word.len() {
        12 if digits && !word.starts_with("099") => Some("an identity number that does not start with 099"),
        10 if digits && word.starts_with('0') && !word.starts_with("0900000") && !word.starts_with("099") => {
            Some("a phone or tax number that is not 0900000xxx or 099…")
        }
        9 if digits && !word.starts_with("099") && !word.starts_with("9999999") => {
            Some("an old identity number that does not start with 099 or 9999999")
        }
        3 if agency && !["H99", "G99", "G22"].contains(&word) => Some("an agency that exists"),
        _ => None,
    }
}

/// The codes of the field, the papers and the results of a procedure.
fn codes_of(procedure: &toml::Table) -> Vec<String> {
    let code = |row: &toml::Value| row["code"].as_str().unwrap().to_owned();
    let rows = ["papers", "results"]
        .into_iter()
        .flat_map(|key| procedure[key].as_array().unwrap());
    std::iter::once(&procedure["field"])
        .chain(rows)
        .map(code)
        .collect()
}

#[test]
fn nobody_in_the_fixtures_is_real() {
    // Codes of the national catalogue name an agency that exists, and nobody.
    let known: Vec<String> = catalogue().values().flat_map(codes_of).collect();
    let refused = entries(&root().join("fixtures/refused"))
        .into_iter()
        .map(|case| case.join("body.json"));
    let readable = |path: &PathBuf| {
        std::fs::read(path).is_ok_and(|bytes| serde_json::from_slice::<Value>(&bytes).is_ok())
    };
    for file in cases()
        .into_iter()
        .map(|(_, case)| case.join("theirs.json"))
        .chain(refused.filter(readable))
    {
        let document = json(&file);
        let mut found = Vec::new();
        texts(&document, &mut found);
        for text in found {
            if known.iter().any(|code| code == text) {
                continue;
            }
            let named = known.iter().filter(|_| text.contains("-KQ"));
            let bare = named.fold(text.to_owned(), |text, code| text.replace(code, ""));
            let mut words = bare.split(|c: char| !c.is_alphanumeric());
            let bad = words.find_map(|word| real(word).map(|why| format!("{word} is {why}")));
            assert_eq!(bad, None, "{}", file.display());
            let host = text
                .split("://")
                .nth(1)
                .map(|rest| rest.split('/').next().unwrap_or(rest));
            let mail = text.split_once('@').map(|(_, host)| host);
            for host in host.into_iter().chain(mail) {
                assert!(host.ends_with(".example"), "{}: {host} may exist", file.display());
            }
        }
    }
}

#[test]
fn the_catalogue_and_the_local_codes_agree() {
    let read = |path: &str| -> toml::Table {
        std::fs::read_to_string(root().join(path))
            .unwrap()
            .parse()
            .unwrap()
    };
    let catalogue = catalogue();
    let codes: Vec<&str> = catalogue.keys().map(String::as_str).collect();
    for system in ["igate", "opencps", "tandan"] {
        let list = read(&format!("mappings/codes/{system}-procedure.toml"));
        let mut ours: Vec<_> = list["rows"]
            .as_table()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        ours.sort_unstable();
        assert_eq!(ours, codes, "{system}-procedure");
    }
}
