//! The shipped fixtures of the national wires: each question is framed, each answer read and mapped, as its files say.
//!
//! `fixtures/<wire>/<mapping>/<case>/`: `case.toml` (profile, class; operation where it is not called as its mapping; status
//! where it is not 200; question and target where a question is shown), `request.json` or `.xml` as it is framed, `answer.json`
//! or `.xml` as it came, `normal.json` as the adapter hands it on, `held.json` as we hold it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lienthong::codes::Codes;
use lienthong::mapping::{Context, Plan, Refused, laws};
use lienthong::model::sample::Chance;
use lienthong::model::{Day, Fact as _, Held, Path as FactPath, Value as Fact};
use lienthong::registry;
use serde_json::Value;
use wire::{Adapter, Answer, Auth, Call, Credentials, Reading, Verdict};

use crate::fixtures::{entries, expect, files, json, real, root, texts, told};

/// One case, and the mapping it is of.
struct Case {
    folder: PathBuf,
    wire: String,
    /// `business/enterprise-2`.
    mapping: String,
    /// What `case.toml` says.
    says: toml::Table,
}

impl Case {
    fn word(&self, key: &str) -> Option<&str> {
        self.says.get(key).map(|value| value.as_str().unwrap())
    }

    fn operation(&self) -> &str {
        let folder = self.mapping.rsplit('/').next().unwrap();
        self.word("operation").unwrap_or(folder)
    }

    /// A file of that stem, with whatever ending.
    fn file(&self, stem: &str) -> Option<Vec<u8>> {
        let path = entries(&self.folder)
            .into_iter()
            .find(|path| path.file_stem().unwrap() == stem)?;
        Some(std::fs::read(path).unwrap())
    }

    fn adapter(&self) -> Box<dyn Adapter> {
        let profile = self.word("profile").unwrap();
        let path = root().join(format!("config/profiles/{}/{profile}.toml", self.wire));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        registry::adapter(&self.wire, toml::from_str(&text).unwrap()).unwrap()
    }

    fn read(&self) -> Reading {
        let body = self
            .file("answer")
            .unwrap_or_else(|| panic!("{} has no answer", self.folder.display()));
        let status = self
            .says
            .get("status")
            .map_or(200, |status| status.as_integer().unwrap());
        let answer = Answer {
            status: u16::try_from(status).unwrap(),
            body: &body,
            ..Answer::default()
        };
        self.adapter().read(self.operation(), &answer)
    }
}

/// The wires that are asked and nothing else: those that something is pushed to are shown in `pushes.rs`, and the portal in
/// `fixtures.rs`, with the dossiers of the local systems; payments stand in `pays.rs`.
fn wires() -> impl Iterator<Item = &'static str> {
    let pushed = |name: &&str| ["portal", "payment"].contains(name) || crate::pushes::WIRES.contains(name);
    registry::NAMES.iter().copied().filter(move |name| !pushed(name))
}

fn cases() -> Vec<Case> {
    let mut found = Vec::new();
    for wire in wires() {
        for mapping in entries(&root().join("fixtures").join(wire)) {
            let name = mapping.file_name().unwrap().to_string_lossy();
            found.extend(entries(&mapping).into_iter().map(|folder| {
                Case {
                    says: std::fs::read_to_string(folder.join("case.toml"))
                        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
                        .parse()
                        .unwrap(),
                    folder,
                    wire: wire.to_owned(),
                    mapping: format!("{wire}/{name}"),
                }
            }));
        }
    }
    found
}

/// The code lists, and the mappings of the wires by name.
struct Shipped {
    codes: Codes,
    plans: BTreeMap<String, Plan>,
}

impl Shipped {
    fn load() -> Self {
        let mut lists = Vec::new();
        files(&root().join("mappings/codes"), &mut lists);
        let codes = Codes::compile(lists.iter().map(|(file, text)| (file.as_str(), text.as_str())))
            .unwrap_or_else(|mistakes| panic!("{}", told(mistakes)));
        let mut found = Vec::new();
        for wire in wires() {
            files(&root().join("mappings").join(wire), &mut found);
        }
        let compile = |(file, text): (String, String)| {
            let plan =
                Plan::compile(&file, &text, &codes).unwrap_or_else(|mistakes| panic!("{}", told(mistakes)));
            let name = file.trim_start_matches("mappings/").trim_end_matches(".toml");
            assert_eq!(plan.name(), name, "a mapping is called as its file is");
            (plan.name().to_owned(), plan)
        };
        let plans = found.into_iter().map(compile).collect();
        Self { codes, plans }
    }

    fn context(&self) -> Context<'_> {
        Context {
            lists: &self.codes,
            site: "",
            on: Day::new(2026, 1, 6).unwrap(),
        }
    }

    /// Law 1, back then forth gives what was, and law 2, forth then back gives what was; or how one of them does not hold.
    fn laws(&self, plan: &Plan, normal: &[u8]) -> Result<Option<Held>, String> {
        let context = self.context();
        let read = match plan.read_as::<Held>(normal, &context) {
            Ok(read) => read,
            Err(Refused::Faults(_)) => return Ok(None),
            Err(Refused::Unreadable(why)) => return Err(why.to_string()),
        };
        let said = said(&read.fact, &read.derived);
        let write = |extension| {
            let mut bytes = Vec::new();
            plan.write_as((&said, extension), &context, &mut bytes)
                .map_err(|faults| format!("{faults:?}"))?;
            Ok::<_, String>(bytes)
        };
        let back = write(Some(&read.extension))?;
        let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        if parsed(&back) != parsed(normal) {
            return Err("back then forth is another document".to_owned());
        }
        let again = plan
            .read_as::<Held>(&write(None)?, &context)
            .map_err(|why| format!("{why:?}"))?;
        if again.fact != read.fact {
            return Err("forth then back is another fact".to_owned());
        }
        Ok(Some(read.fact))
    }
}

/// What the answer itself said: without what the mapping worked out.
fn said(held: &Held, derived: &[(String, u32)]) -> Held {
    let mut value = held.value();
    for (path, _) in derived {
        let path = FactPath::parse(path, Held::RECORD).unwrap();
        *path.find_mut(&mut value).unwrap() = Fact::Absent;
    }
    Held::from_value(value, &mut Vec::new()).unwrap()
}

const AUTH: Auth<'static> = Auth {
    at: 1_767_666_600_000,
    credentials: Credentials {
        username: "thu-nghiem",
        password: "mat-khau-thu-nghiem",
        secrets: &[],
    },
    sha256: |_| [7; 32],
    hmac: |_, _| [8; 32],
};

#[test]
fn every_question_is_framed_as_its_files_say() {
    let mut asked = 0;
    for case in cases() {
        let Some(question) = case.says.get("question") else {
            continue;
        };
        asked += 1;
        let adapter = case.adapter();
        let operation = adapter.operation(case.operation()).unwrap();
        let arguments: Vec<(&str, &str)> = question
            .as_table()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let call = Call {
            operation: operation.name,
            arguments: &arguments,
            session: operation.session.then_some("0f1c"),
            auth: Some(AUTH),
            ..Call::default()
        };
        let request = adapter
            .frame(&call)
            .unwrap_or_else(|why| panic!("{}: {why}", case.folder.display()));
        if let Some(target) = case.word("target") {
            assert_eq!(request.target, target, "{}", case.folder.display());
        }
        let body = case.file("request").unwrap_or_default();
        let (one, other) = (
            String::from_utf8_lossy(&request.body),
            String::from_utf8_lossy(&body),
        );
        assert_eq!(one, other, "{}", case.folder.display());
    }
    assert!(asked > 15, "only {asked} questions");
}

#[test]
fn every_answer_is_read_and_held_as_its_files_say() {
    let shipped = Shipped::load();
    let mut wrong = Vec::new();
    for case in cases() {
        let reading = case.read();
        let class = reading.class.map(wire::Class::word);
        assert_eq!(class, case.word("class"), "{}", case.folder.display());
        assert!(reading.result.is_none() || reading.verdict == Verdict::Accepted);
        let Some(normal) = reading.result else {
            assert!(
                !case.folder.join("normal.json").exists(),
                "{}",
                case.folder.display()
            );
            continue;
        };
        if let Some(media) = case.word("media") {
            assert_eq!(wire::media::of(&normal), media, "{}", case.folder.display());
            continue;
        }
        expect(
            &case.folder.join("normal.json"),
            &serde_json::from_slice(&normal).unwrap(),
            &mut wrong,
        );
        let Some(plan) = shipped.plans.get(&case.mapping) else {
            continue;
        };
        match shipped.laws(plan, &normal) {
            Ok(Some(held)) => expect(
                &case.folder.join("held.json"),
                &serde_json::to_value(&held).unwrap(),
                &mut wrong,
            ),
            Ok(None) => wrong.push(format!("{}: its mapping refuses it", case.folder.display())),
            Err(why) => wrong.push(format!("{}: {why}", case.folder.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_laws_hold_for_disturbed_answers() {
    let shipped = Shipped::load();
    for case in cases() {
        let (Some(plan), Some(normal)) = (shipped.plans.get(&case.mapping), case.file("normal")) else {
            continue;
        };
        let mut held = 0;
        for seed in 0..200 {
            let mut document: Value = serde_json::from_slice(&normal).unwrap();
            laws::disturb(&mut document, &mut Chance::new(seed));
            let bytes = serde_json::to_vec(&document).unwrap();
            match shipped.laws(plan, &bytes) {
                Ok(found) => held += i32::from(found.is_some()),
                Err(why) => panic!(
                    "{} disturbed by {seed}: {why}\n{document:#}",
                    case.folder.display()
                ),
            }
        }
        assert!(
            held > 20,
            "{}: only {held} of 200 could be asked",
            case.folder.display()
        );
    }
}

#[test]
fn an_answer_read_with_the_mapping_of_another_format_is_refused() {
    let shipped = Shipped::load();
    let normal = |mapping: &str| {
        let case = cases()
            .into_iter()
            .find(|case| case.mapping == mapping && case.folder.ends_with("sample"));
        case.unwrap().read().result.unwrap()
    };
    for (mapping, other) in [
        ("business/enterprise", "business/enterprise-2"),
        ("business/enterprise-2", "business/enterprise"),
    ] {
        let read = shipped.plans[other].read_as::<Held>(&normal(mapping), &shipped.context());
        assert!(
            matches!(read, Err(Refused::Faults(_))),
            "{mapping} read as {other}"
        );
    }
}

#[test]
fn every_mapping_of_a_wire_has_its_cases_and_every_case_its_mapping_or_needs_none() {
    let shipped = Shipped::load();
    let cases = cases();
    for name in shipped.plans.keys() {
        assert!(
            cases.iter().any(|case| case.mapping == *name),
            "{name} has no fixtures"
        );
    }
    for case in &cases {
        let held = case.folder.join("held.json").exists();
        assert_eq!(
            held,
            case.folder.join("normal.json").exists() && shipped.plans.contains_key(&case.mapping),
            "{}",
            case.folder.display()
        );
    }
}

/// A digit string inside a code of the national catalogue names an agency that exists, and nobody.
fn person(word: &str) -> Option<&'static str> {
    real(word).filter(|_| word.len() > 3)
}

#[test]
fn nobody_in_the_answers_is_real() {
    let mut seen = 0;
    for file in cases()
        .iter()
        .flat_map(|case| entries(&case.folder))
        .filter(|file| is_json(file))
    {
        let document = json(&file);
        let mut found = Vec::new();
        texts(&document, &mut found);
        for text in found {
            seen += 1;
            let mut words = text.split(|c: char| !c.is_alphanumeric());
            let bad = words.find_map(|word| person(word).map(|why| format!("{word} is {why}")));
            assert_eq!(bad, None, "{}", file.display());
            let host = text.split_once('@').map(|(_, host)| host);
            assert!(
                host.is_none_or(|host| !host.contains('.') || host.ends_with(".example")),
                "{}: {text}",
                file.display()
            );
        }
    }
    assert!(seen > 300, "only {seen} texts");
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
}
