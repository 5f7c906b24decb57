//! The shipped fixtures of the wires that are pushed to, and of what they answer: each mapping writes and reads what its files
//! say, byte for byte where it leaves; then the twin of the national side is talked to with nothing but what is shipped.

mod talk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lienthong::codes::Codes;
use lienthong::mapping::{Context, Plan};
use lienthong::model::{Day, Dossier, News, Time};
use lienthong::registry;
use serde_json::Value;

use crate::support;

/// The wires whose mappings are shown here.
pub(crate) const WIRES: [&str; 4] = ["civil-status", "criminal-record", "edxml", "linked-hub"];

/// The shipped code lists and the mappings of the wires, compiled.
struct Shipped {
    codes: Codes,
    plans: BTreeMap<String, Plan>,
}

impl Shipped {
    fn load() -> Self {
        let lists = texts("mappings/codes");
        let codes = Codes::compile(lists.iter().map(|(file, text)| (file.as_str(), text.as_str())));
        let codes = codes.unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let mut plans = BTreeMap::new();
        for (file, text) in WIRES.iter().flat_map(|wire| texts(&format!("mappings/{wire}"))) {
            let plan = Plan::compile(&file, &text, &codes);
            let plan = plan.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
            assert_eq!(format!("mappings/{}.toml", plan.name()), file);
            plans.insert(plan.name().to_owned(), plan);
        }
        Self { codes, plans }
    }

    fn context(&self) -> Context<'_> {
        Context {
            lists: &self.codes,
            site: "",
            on: Day::new(2026, 8, 1).unwrap(),
        }
    }

    fn written(&self, mapping: &str, dossier: &Dossier) -> Vec<u8> {
        let mut bytes = Vec::new();
        let written = self.plans[mapping].write(dossier, &self.context(), &mut bytes);
        written.unwrap_or_else(|faults| panic!("{mapping}: {faults:?}"));
        bytes
    }
}

/// The text files of a folder, by their paths from the root.
fn texts(folder: &str) -> Vec<(String, String)> {
    let mut paths = support::files(folder, ".toml");
    paths.sort();
    let name = |path: &PathBuf| path.strip_prefix(support::root()).unwrap().display().to_string();
    paths
        .iter()
        .map(|path| (name(path), std::fs::read_to_string(path).unwrap()))
        .collect()
}

/// Every case: its mapping and its folder.
fn cases() -> Vec<(String, PathBuf)> {
    let entries = |folder: &Path| {
        let read = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut found: Vec<PathBuf> = read.map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    };
    let mut all = Vec::new();
    for wire in WIRES {
        for mapping in entries(&support::root().join("fixtures").join(wire)) {
            let name = format!("{wire}/{}", mapping.file_name().unwrap().to_string_lossy());
            all.extend(entries(&mapping).into_iter().map(|case| (name.clone(), case)));
        }
    }
    all
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares with an expected file, or writes it when `UPDATE_EXPECT` is set.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says so; the gateway's config is no part of it"
)]
fn expect(path: &Path, found: &Value, wrong: &mut Vec<String>) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, format!("{found:#}\n")).unwrap();
    } else if !path.is_file() {
        wrong.push(format!("{} is missing", path.display()));
    } else if json(path) != *found {
        wrong.push(format!("{} differs", path.display()));
    }
}

/// The answer of a case, in the wire's normal form.
fn normal(mapping: &str, case: &Path) -> Vec<u8> {
    let (wire, operation, profile) = match mapping {
        "civil-status/results" => ("civil-status", "results", "ngsp"),
        "linked-hub/birth" | "linked-hub/death" => ("linked-hub", "detail", "dvclt"),
        other => panic!("{other} reads no answer"),
    };
    let profile = support::root().join(format!("config/profiles/{wire}/{profile}.toml"));
    let framing = toml::from_str(&std::fs::read_to_string(profile).unwrap()).unwrap();
    let body = std::fs::read(case.join("answer.json")).unwrap();
    let answer = wire::Answer {
        status: 200,
        body: &body,
        ..wire::Answer::default()
    };
    let reading = registry::adapter(wire, framing).unwrap().read(operation, &answer);
    assert_eq!(reading.class, Some(wire::Class::Match), "{}", case.display());
    let whole = reading.result.unwrap();
    // What was awaited is one dossier of the answer, with its paper taken out.
    if let Some(awaited) = registry::awaited(wire) {
        let mut rows = awaited.rows(&whole, openssl::sha::sha256).unwrap();
        assert_eq!(rows.len(), 1, "{}", case.display());
        return rows.remove(0).said.document;
    }
    // What lies in a tray is read with its papers taken out.
    match registry::tray(wire) {
        None => whole,
        Some(tray) => {
            let form: Value = serde_json::from_slice(&whole).unwrap();
            let item = wire::tray::Item {
                id: String::new(),
                key: form["maHoSo"].as_str().unwrap().to_owned(),
            };
            tray.read(&item, &whole, openssl::sha::sha256).unwrap().document
        }
    }
}

/// A payload that is written, read again, and written the same.
fn pushed(shipped: &Shipped, mapping: &str, case: &Path, wrong: &mut Vec<String>) {
    let plan = &shipped.plans[mapping];
    let theirs = std::fs::read(case.join("theirs.json")).unwrap();
    let at = "2026-08-01T08:00:00+07:00".parse::<Time>().unwrap();
    let mut dossier = match plan.read(&theirs, &shipped.context(), at) {
        Ok(dossier) => dossier,
        Err(refused) => return wrong.push(format!("{}: {refused:?}", case.display())),
    };
    let kept = serde_json::to_value(&dossier.extensions).unwrap();
    dossier.extensions.clear();
    let facts = serde_json::to_value(&dossier.facts).unwrap();
    expect(&case.join("dossier.json"), &facts, wrong);
    let written: Value = serde_json::from_slice(&shipped.written(mapping, &dossier)).unwrap();
    // The order of members is the wire's.
    let (ours, theirs) = (written.to_string(), json(&case.join("theirs.json")).to_string());
    if ours != theirs {
        wrong.push(format!("{}: written {written:#}\nkept {kept:#}", case.display()));
    }
}

/// An answer that is read into what the state holds, or into a dossier, and written again.
fn answered(shipped: &Shipped, mapping: &str, case: &Path, wrong: &mut Vec<String>) {
    let plan = &shipped.plans[mapping];
    let normal = normal(mapping, case);
    let form: Value = serde_json::from_slice(&normal).unwrap();
    expect(&case.join("normal.json"), &form, wrong);
    let mut again = Vec::new();
    if mapping == "civil-status/results" {
        let read = plan.read_as::<News>(&normal, &shipped.context());
        let read = read.unwrap_or_else(|refused| panic!("{}: {refused:?}", case.display()));
        expect(
            &case.join("news.json"),
            &serde_json::to_value(&read.fact).unwrap(),
            wrong,
        );
        plan.write_as(
            (&read.fact, Some(&read.extension)),
            &shipped.context(),
            &mut again,
        )
        .unwrap();
    } else {
        let read = plan.read(&normal, &shipped.context(), Time::at(0));
        let dossier = read.unwrap_or_else(|refused| panic!("{}: {refused:?}", case.display()));
        let facts = serde_json::to_value(&dossier.facts).unwrap();
        expect(&case.join("dossier.json"), &facts, wrong);
        plan.write(&dossier, &shipped.context(), &mut again).unwrap();
    }
    if serde_json::from_slice::<Value>(&again).unwrap() != form {
        wrong.push(format!("{} is written back otherwise", case.display()));
    }
}

#[test]
fn every_mapping_of_a_wire_writes_and_reads_its_cases() {
    let shipped = Shipped::load();
    let mut wrong = Vec::new();
    let cases = cases();
    for (mapping, case) in &cases {
        if case.join("answer.json").is_file() {
            answered(&shipped, mapping, case, &mut wrong);
        } else if !case.join("callback.json").is_file() {
            // What a national side files by itself is shown in `callers.rs`.
            pushed(&shipped, mapping, case, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for mapping in shipped.plans.keys() {
        assert!(
            cases.iter().any(|(name, _)| name == mapping),
            "{mapping} has no case"
        );
    }
}

/// Whether every member of a sample stands in a document, with the same value and in the same order.
fn stands_in(sample: &Value, document: &Value, path: &str) {
    match (sample, document) {
        (Value::Object(sample), Value::Object(document)) => {
            let known: Vec<&String> = document.keys().filter(|key| sample.contains_key(*key)).collect();
            assert_eq!(known, sample.keys().collect::<Vec<_>>(), "{path}");
            sample
                .iter()
                .for_each(|(key, value)| stands_in(value, &document[key], &format!("{path}/{key}")));
        }
        (Value::Array(sample), Value::Array(document)) => {
            assert_eq!(sample.len(), document.len(), "{path}");
            sample
                .iter()
                .zip(document)
                .for_each(|(one, other)| stands_in(one, other, path));
        }
        (Value::String(one), Value::String(other)) if one.starts_with('{') => {
            let open = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            stands_in(&open(one), &open(other), path);
        }
        _ => {
            // A paper is a digest until it is sent, and numbers of telephones and letters are the fixtures' own.
            let own = [
                "/fileDinhKem/duLieuTepDinhKem",
                "/toKhai/fileHoSo/noiDungFile",
                "SoDienThoai",
                "DienThoai",
                "Email",
            ];
            let same = sample == document || own.iter().any(|end| path.ends_with(end));
            assert!(same, "{path}: {sample} is {document}");
        }
    }
}

#[test]
fn the_samples_of_the_specification_are_written_member_by_member_in_their_order() {
    for (sample, case) in [
        ("civil-status/samples/push.json", "civil-status/birth/sample"),
        ("linked-hub/samples/status.json", "linked-hub/status/sample"),
        (
            "criminal-record/samples/push.json",
            "criminal-record/register/sample",
        ),
    ] {
        let mut sample = json(&support::root().join("adapters").join(sample));
        // The key and the province stand beside the payload.
        for name in ["authKey", "maTinh", "tenTinh"] {
            sample.as_object_mut().unwrap().shift_remove(name);
        }
        let document = json(&support::root().join("fixtures").join(case).join("theirs.json"));
        stands_in(&sample, &document, "");
    }
}

#[test]
fn a_day_of_receipt_without_the_clock_is_one_word_of_a_mapping() {
    let shipped = Shipped::load();
    let file = "mappings/civil-status/birth.toml";
    let text = std::fs::read_to_string(support::root().join(file)).unwrap();
    let other = text.replace("time dd/MM/yyyy HH:mm:ss", "time dd/MM/yyyy");
    assert_ne!(other, text);
    let plan = Plan::compile(file, &other, &shipped.codes).unwrap();
    let dossier = lienthong::model::sample::registration(1, 1);
    let mut bytes = Vec::new();
    plan.write(&dossier, &shipped.context(), &mut bytes).unwrap();
    let day: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(day["ngayTiepNhan"].as_str().unwrap().len(), "06/01/2026".len());
}

#[test]
fn a_result_becomes_a_letter_that_is_read_back_with_its_file() {
    let at = edxml::Moment::parse("2026/01/06 09:30:00").unwrap();
    let file = edxml::Enclosure {
        id: "0d5b9f1c-7f1e-4d34-9a53-3f6d0c1f2a77".to_owned(),
        name: "giay-phep.pdf".to_owned(),
        description: "Kết quả".to_owned(),
        bytes: b"%PDF-1.7\n".to_vec(),
    };
    let cases = cases()
        .into_iter()
        .filter(|(mapping, _)| mapping == "edxml/result");
    let mut seen = 0;
    for (_, case) in cases {
        seen += 1;
        let theirs = json(&case.join("theirs.json"));
        let letter = edxml::normal::letter(theirs.to_string().as_bytes(), at).unwrap();
        let parts = edxml::identity::split(&letter.document_id).unwrap();
        assert_eq!(parts.code, letter.code, "{}", case.display());
        let packet =
            edxml::write::document(&letter, std::slice::from_ref(&file), &edxml::Limits::default()).unwrap();
        let read = edxml::parse(&packet, &edxml::Tolerance::default()).unwrap();
        assert_eq!(read.repairs(), [], "{}", case.display());
        assert_eq!(read.attachments[0].bytes.as_deref(), Ok(&file.bytes[..]));
        let edxml::packet::Packet::Document(came) = &read.packet else {
            panic!("{} is no document", case.display())
        };
        // What came says what the mapping wrote, and its key and its hop besides.
        let mut form = edxml::normal::of(came);
        for made in ["DocumentId", "TraceHeaderList"] {
            assert!(form.as_object_mut().unwrap().shift_remove(made).is_some());
        }
        assert_eq!(form, theirs, "{}", case.display());
    }
    assert!(seen >= 2, "only {seen} letters");
}
