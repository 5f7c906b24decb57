//! The shipped fixtures of payments that begin here: an order is written and framed, an answer to a question is read and mapped, as
//! their files say.
//!
//! `fixtures/payment/init/<case>/`: `case.toml` (the dossier, reference and time), `payload.json` (what the mapping writes) and
//! `request.json` (what leaves). `fixtures/payment/{queried,query-declined}/<case>/`: `answer.json` (as it came), `normal.json` (the
//! wire's normal form) and `news.json` (what the mapping reads).

use std::path::PathBuf;

use lienthong::codes::Codes;
use lienthong::mapping::{Context, Plan};
use lienthong::model::{Day, Dossier, News, Order};
use lienthong::registry;
use serde_json::{Value, json};
use wire::{Adapter, Answer, Auth, Call, Credentials};

use crate::fixtures::{entries, expect, files, json as read_json, root, told};

fn cases(kind: &str) -> Vec<PathBuf> {
    entries(&root().join("fixtures/payment").join(kind))
}

fn codes() -> Codes {
    let mut lists = Vec::new();
    files(&root().join("mappings/codes"), &mut lists);
    Codes::compile(lists.iter().map(|(file, text)| (file.as_str(), text.as_str())))
        .unwrap_or_else(|mistakes| panic!("{}", told(mistakes)))
}

fn plan(kind: &str, codes: &Codes) -> Plan {
    let file = format!("mappings/payment/{kind}.toml");
    let text = std::fs::read_to_string(root().join(&file)).unwrap();
    Plan::compile(&file, &text, codes).unwrap_or_else(|mistakes| panic!("{}", told(mistakes)))
}

fn context(codes: &Codes) -> Context<'_> {
    Context {
        lists: codes,
        site: "",
        on: Day::new(2026, 8, 1).unwrap(),
    }
}

fn platform() -> Box<dyn Adapter> {
    let text = std::fs::read_to_string(root().join("config/profiles/payment/direct.toml")).unwrap();
    let mut framing: toml::Table = text.parse().unwrap();
    framing["platform"]
        .as_table_mut()
        .unwrap()
        .insert("ip".to_owned(), "10.0.0.5".into());
    registry::adapter("payment", framing).unwrap()
}

fn order(case: &toml::Table) -> Order {
    let word = |name: &str| case[name].as_str().unwrap();
    let file = root().join(format!("fixtures/{}/dossier.json", word("dossier")));
    let facts = serde_json::from_value::<Dossier>(read_json(&file)).unwrap().facts;
    Order {
        reference: word("reference").to_owned(),
        amount: facts.fees.iter().filter_map(|fee| fee.amount).sum(),
        at: word("at").parse().unwrap(),
        number: facts.number,
        procedure: facts.procedure,
        competent: facts.competent,
        payer: facts.owner,
        fees: facts.fees,
    }
}

#[test]
fn an_order_is_written_and_leaves_as_its_files_say() {
    let codes = codes();
    let plan = plan("init", &codes);
    let mut wrong = Vec::new();
    for case in cases("init") {
        let told: toml::Table = std::fs::read_to_string(case.join("case.toml"))
            .unwrap()
            .parse()
            .unwrap();
        let mut payload = Vec::new();
        plan.write_as((&order(&told), None), &context(&codes), &mut payload)
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", case.display()));
        let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        expect(&case.join("payload.json"), &value(&payload), &mut wrong);
        let call = Call {
            operation: "init",
            payload: &payload,
            auth: Some(Auth {
                at: 0,
                credentials: Credentials {
                    secrets: &[("key", "KHOA-BI-MAT-THU-NGHIEM")],
                    ..Credentials::default()
                },
                sha256: openssl::sha::sha256,
                hmac: |_, _| [0; 32],
            }),
            ..Call::default()
        };
        let request = platform().frame(&call).unwrap();
        expect(&case.join("request.json"), &value(&request.body), &mut wrong);
        // It is asked after by exactly what it was sent with.
        let asking = registry::asking("payment", &payload).unwrap();
        let sent = value(&payload);
        assert!(
            asking.iter().all(|(name, said)| sent[*name] == json!(said)),
            "{asking:?}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_question_brings_is_news_as_a_confirmation_is() {
    let codes = codes();
    let mut wrong = Vec::new();
    for kind in ["queried", "query-declined"] {
        let plan = plan(kind, &codes);
        for case in cases(kind) {
            let body = std::fs::read(case.join("answer.json")).unwrap();
            let answer = Answer {
                status: 200,
                content_type: Some("application/json"),
                body: &body,
                ..Answer::default()
            };
            let normal = platform().read("query", &answer).result.unwrap();
            expect(
                &case.join("normal.json"),
                &serde_json::from_slice(&normal).unwrap(),
                &mut wrong,
            );
            let callback = registry::standing("payment", &normal).unwrap().unwrap();
            assert_eq!(callback.kind, kind);
            let read = plan
                .read_as::<News>(&callback.document, &context(&codes))
                .unwrap();
            expect(
                &case.join("news.json"),
                &serde_json::to_value(&read.fact).unwrap(),
                &mut wrong,
            );
            let mut again = Vec::new();
            plan.write_as((&read.fact, Some(&read.extension)), &context(&codes), &mut again)
                .unwrap();
            assert_eq!(
                serde_json::from_slice::<Value>(&again).unwrap(),
                serde_json::from_slice::<Value>(&normal).unwrap(),
                "{} is written back otherwise",
                case.display()
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The one is the other in other words: what stands of a dossier does not tell which of them came.
#[test]
fn a_confirmation_and_the_answer_to_a_question_are_the_same_news() {
    let read = |path: &str| read_json(&root().join("fixtures/payment").join(path));
    assert_eq!(read("confirm/sample/news.json"), read("queried/sample/news.json"));
    assert_eq!(
        read("declined/at-the-bank/news.json"),
        read("query-declined/sample/news.json")
    );
}

/// Whatever else is in it, a payment that failed pays nothing.
#[test]
fn what_a_question_says_was_declined_never_pays() {
    let codes = codes();
    let mut paid = read_json(&root().join("fixtures/payment/queried/sample/normal.json"));
    paid["TrangThaiGD"] = json!("4");
    let read = plan("query-declined", &codes)
        .read_as::<News>(paid.to_string().as_bytes(), &context(&codes))
        .unwrap();
    assert_eq!(read.fact.paths(), ["note"]);
}
