//! The shipped fixtures of what a national side sends by itself: each body is read at its door; what files or tells is mapped and
//! written back, what asks is answered, as its files say.
//!
//! `fixtures/<caller>/<kind>/<case>/`: `callback.json` (the body as it came), `normal.json` (the wire's normal form, papers taken
//! out), and `dossier.json` or `news.json` (the facts that the mapping `<caller>/<kind>` reads from it), or `case.toml` (the dossier
//! that is asked for) and `reply.json` (what the caller hears).

use std::path::{Path, PathBuf};

use lienthong::codes::Codes;
use lienthong::mapping::{Context, Plan, Refused};
use lienthong::model::{Day, Dossier, News, Time};
use lienthong::registry;
use serde_json::Value;
use wire::Method;
use wire::callback::{Callback, Callbacks, Effect, End, Sent};

use crate::fixtures::{entries, expect, files, json, root, told};

/// A caller, the door where a kind comes, and the kind: what files dossiers.
const FILES: [(&str, &str, &str); 4] = [
    ("portal", "promotion", "promotion"),
    ("portal", "amendment", "amendment"),
    ("criminal-record", "filed", "filed"),
    ("online", "dossier", "dossier"),
];

/// What tells news of dossiers.
const TELLS: [(&str, &str, &str); 6] = [
    ("payment", "confirm", "confirm"),
    ("payment", "confirm", "declined"),
    ("portal", "amendment", "tax-receipt"),
    ("portal", "notice", "tax-notice"),
    ("online", "progress", "progress"),
    ("online", "status", "status"),
];

/// What asks for a dossier.
const ASKS: [(&str, &str, &str); 2] = [("portal", "search", "search"), ("payment", "bill", "bill")];

fn cases(caller: &str, kind: &str) -> Vec<PathBuf> {
    entries(&root().join("fixtures").join(caller).join(kind))
}

fn plan(caller: &str, kind: &str, codes: &Codes) -> Plan {
    let file = format!("mappings/{caller}/{kind}.toml");
    let text = std::fs::read_to_string(root().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    Plan::compile(&file, &text, codes).unwrap_or_else(|mistakes| panic!("{}", told(mistakes)))
}

fn codes() -> Codes {
    let mut lists = Vec::new();
    files(&root().join("mappings/codes"), &mut lists);
    Codes::compile(lists.iter().map(|(file, text)| (file.as_str(), text.as_str())))
        .unwrap_or_else(|mistakes| panic!("{}", told(mistakes)))
}

/// A case read at its door; its normal form is compared.
fn come(
    callbacks: &dyn Callbacks,
    (door, kind): (&str, &str),
    case: &Path,
    wrong: &mut Vec<String>,
) -> Callback {
    let body = std::fs::read(case.join("callback.json")).unwrap();
    let sent = Sent {
        method: Method::Post,
        path: "",
        query: "",
        body: &body,
        sha256: openssl::sha::sha256,
    };
    let callback = callbacks.read(door, &sent).unwrap();
    assert_eq!(callback.kind, kind, "{}", case.display());
    let normal: Value = serde_json::from_slice(&callback.document).unwrap();
    expect(&case.join("normal.json"), &normal, wrong);
    callback
}

fn context(codes: &Codes) -> Context<'_> {
    Context {
        lists: codes,
        site: "",
        on: Day::new(2026, 8, 1).unwrap(),
    }
}

/// Compares what was written back with the normal form.
fn back(case: &Path, written: &[u8], normal: &[u8], wrong: &mut Vec<String>) {
    let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    if value(written) != value(normal) {
        wrong.push(format!("{} is written back otherwise", case.display()));
    }
}

#[test]
fn what_is_filed_becomes_a_dossier_and_is_written_back_whole() {
    let codes = codes();
    let context = context(&codes);
    let mut wrong = Vec::new();
    for (caller, door, kind) in FILES {
        let callbacks = registry::callbacks(caller, toml::Table::new()).unwrap();
        let plan = plan(caller, kind, &codes);
        for case in cases(caller, kind) {
            let callback = come(&*callbacks, (door, kind), &case, &mut wrong);
            assert_eq!(callback.effect, Effect::Files);
            let dossier = plan
                .read(&callback.document, &context, Time::at(0))
                .unwrap_or_else(|refused| panic!("{}: {refused:?}", case.display()));
            assert_eq!(callback.number.as_deref(), Some(dossier.facts.number.as_str()));
            expect(
                &case.join("dossier.json"),
                &serde_json::to_value(&dossier.facts).unwrap(),
                &mut wrong,
            );
            let mut again = Vec::new();
            plan.write(&dossier, &context, &mut again).unwrap();
            back(&case, &again, &callback.document, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_told_becomes_news_and_is_written_back_whole() {
    let codes = codes();
    let context = context(&codes);
    let mut wrong = Vec::new();
    for (caller, door, kind) in TELLS {
        let callbacks = registry::callbacks(caller, toml::Table::new()).unwrap();
        let plan = plan(caller, kind, &codes);
        for case in cases(caller, kind) {
            let callback = come(&*callbacks, (door, kind), &case, &mut wrong);
            assert_eq!(callback.effect, Effect::Tells);
            let read = plan
                .read_as::<News>(&callback.document, &context)
                .unwrap_or_else(|refused| panic!("{}: {refused:?}", case.display()));
            expect(
                &case.join("news.json"),
                &serde_json::to_value(&read.fact).unwrap(),
                &mut wrong,
            );
            let mut again = Vec::new();
            plan.write_as((&read.fact, Some(&read.extension)), &context, &mut again)
                .unwrap();
            back(&case, &again, &callback.document, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_asked_is_answered_with_the_dossier() {
    let codes = codes();
    let context = context(&codes);
    let mut wrong = Vec::new();
    for (caller, door, kind) in ASKS {
        let callbacks = registry::callbacks(caller, toml::Table::new()).unwrap();
        let plan = plan(caller, kind, &codes);
        for case in cases(caller, kind) {
            let callback = come(&*callbacks, (door, kind), &case, &mut wrong);
            assert_eq!(callback.effect, Effect::Asks);
            let told: toml::Table = std::fs::read_to_string(case.join("case.toml"))
                .unwrap()
                .parse()
                .unwrap();
            let file = format!("fixtures/{}/dossier.json", told["dossier"].as_str().unwrap());
            let dossier: Dossier = serde_json::from_value(json(&root().join(file))).unwrap();
            assert_eq!(callback.number.as_deref(), Some(dossier.facts.number.as_str()));
            let mut found = Vec::new();
            plan.write(&dossier, &context, &mut found).unwrap();
            let reply = callbacks.reply(door, Some(&callback), End::Found(&found));
            let heard: Value = serde_json::from_slice(&reply.body).unwrap();
            expect(&case.join("reply.json"), &heard, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever else is in it, a payment that failed pays nothing.
#[test]
fn what_was_declined_never_pays() {
    let codes = codes();
    let plan = plan("payment", "declined", &codes);
    let paid = std::fs::read(root().join("fixtures/payment/confirm/sample/normal.json")).unwrap();
    let read = plan.read_as::<News>(&paid, &context(&codes)).unwrap();
    assert_eq!(read.fact.paths(), ["note"]);
}

#[test]
fn a_tax_receipt_of_what_is_not_paid_is_none() {
    let codes = codes();
    let plan = plan("portal", "tax-receipt", &codes);
    let mut receipt = json(&root().join("fixtures/portal/tax-receipt/sample/normal.json"));
    receipt["ThongTinThanhToan"]["TrangThaiThanhToan"] = Value::from("0");
    let read = plan.read_as::<News>(receipt.to_string().as_bytes(), &context(&codes));
    assert!(matches!(read, Err(Refused::Faults(faults)) if faults.len() == 1));
}

/// Every kind that a shipped caller knows has the mapping that its settings name, and every mapping its cases.
#[test]
fn every_kind_that_the_settings_name_has_its_mapping_and_its_cases() {
    let known: Vec<String> = FILES
        .iter()
        .chain(&TELLS)
        .chain(&ASKS)
        .map(|(caller, _, kind)| format!("{caller}/{kind}"))
        .collect();
    for file in entries(&root().join("config/callbacks")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let settings: toml::Table = text.parse().unwrap();
        let (_, caller) = settings["callbacks"].as_table().unwrap().iter().next().unwrap();
        // What a platform says when it is asked is shown in `pays.rs`.
        let asked_for = ["queried", "query-declined"];
        let mappings = caller["mappings"].as_table().unwrap().iter();
        for (kind, mapping) in mappings.filter(|(kind, _)| !asked_for.contains(&kind.as_str())) {
            let mapping = mapping.as_str().unwrap();
            assert!(
                known.iter().any(|known| known == mapping),
                "{kind}: nothing reads {mapping}"
            );
            let (caller, kind) = mapping.split_once('/').unwrap();
            assert!(!cases(caller, kind).is_empty(), "{mapping} has no case");
        }
    }
}
