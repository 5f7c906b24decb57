use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::trays::{hub, polling};
use super::{events, whole};
use crate::support::node::{Alive, National, Site};

/// A gateway that registers births and deaths with the register of the twin.
const REGISTERING: &str = r#"
[registers]
civil-status = "justice"
[partners.justice]
adapter = "civil-status"
base = "{base}/ndxp"
username = "consumer-key-demo"
password_file = "justice.password"
connect = "1 s"
answer = "1500 ms"
longest = "3 s"
pace = { per_second = 100000, burst = 1000 }
circuit = { failures = 20, open = "50 ms", longest_open = "100 ms" }
[partners.justice.poll]
waits = ["20 ms", "50 ms"]
batch = 10
[partners.teller]
adapter = "linked-hub"
profile = "dvclt-status"
base = "{base}/dvclt"
username = "secret-id-demo"
password_file = "teller.password"
connect = "1 s"
answer = "1500 ms"
longest = "3 s"
pace = { per_second = 100000, burst = 1000 }
circuit = { failures = 20, open = "50 ms", longest_open = "100 ms" }
"#;

async fn registering(day: &str) -> ((National, tempfile::TempDir), Site) {
    let (books, mut site) = polling(day).await;
    let origin = books.0.base.replace("/VXPAdapter/RestService/forward", "");
    site.more = site
        .more
        .replace("batch = 2\n", "batch = 2\ntells = \"teller\"\n");
    site.more.push_str(&REGISTERING.replace("{base}", &origin));
    std::fs::write(site.path("justice.password"), "consumer-secret-demo").unwrap();
    std::fs::write(site.path("teller.password"), "secret-pass-demo").unwrap();
    (books, site)
}

/// The paper that an event names is served to the system whose dossier it is, and to nobody else.
async fn served(alive: &Alive, digest: &str) {
    for (system, token, status) in [
        ("opencps", "token-opencps", 200),
        ("opencps", "hand", 200),
        ("opencps", "token-igate", 403),
        ("opencps", "nobody", 401),
        ("igate", "token-igate", 404),
    ] {
        let token = format!("Bearer {token}");
        let path = format!("/v1/systems/{system}/papers/{digest}");
        let leaves = alive.node.store.head().await.unwrap().size;
        let paper = alive
            .call("GET", &path, &[("authorization", token.as_str())], b"")
            .await;
        assert_eq!(paper.status, status, "{system} {token}");
        let seen = status == 200;
        assert_eq!(paper.body.starts_with(b"%PDF-"), seen);
        assert!(!seen || paper.header("content-type") == Some("application/pdf"));
        assert!(
            !seen || alive.node.store.head().await.unwrap().size > leaves,
            "a look is entered"
        );
    }
}

/// What the desk makes of a dossier that came from the hub: its own document, accepted.
pub(crate) fn accepted(document: &Value, status: &str) -> Value {
    let mut document = document.clone();
    document["dossierStatus"] = json!(status);
    document["receiveDate"] = json!("09/01/2026 08:00:00");
    document["dossierName"] = json!("Đăng ký hộ tịch");
    document["govAgencyCode"] = json!("H99.14");
    document["govAgencyName"] = json!("Ủy ban nhân dân phường Mẫu");
    for file in document["dossierFiles"].as_array_mut().into_iter().flatten() {
        file["fileUrl"] = json!("http://opencps.h99.example/files/1");
    }
    document
}

/// Pushes the three dossiers of the hub as their desk does.
async fn desk(alive: &Alive, status: &str) -> Vec<String> {
    let mut count = 3;
    let filed = loop {
        let told = events(alive, "opencps", count).await;
        let filed = told.iter().filter(|event| event["type"] == "dossier.filed");
        let filed: BTreeMap<String, Value> = filed
            .map(|event| &event["data"])
            .map(|data| {
                (
                    data["number"].as_str().unwrap().to_owned(),
                    data["document"].clone(),
                )
            })
            .collect();
        if filed.len() == 3 {
            break filed;
        }
        // On a bad day a dossier may be changed, and told of again, before the last one is told of at all.
        count = told.len() + 1;
    };
    for document in filed.values() {
        let body = accepted(document, status).to_string();
        let answer = alive.push("opencps", body.as_bytes()).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
    }
    filed.into_keys().collect()
}

/// Waits until the hub has been told exactly these states of each dossier, in this order; the first says that it is kept.
async fn states(alive: &Alive, national: &National, day: &str, wanted: &[u8]) {
    for _ in 0..3_000 {
        let told = hub(national).await;
        let told: Vec<&Value> = told.as_object().unwrap().values().collect();
        if told.len() == 3 && told.iter().all(|states| **states == json!(wanted)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!(
        "{day}: {:?} {:?}",
        hub(national).await,
        alive.node.store.stale(9).await.map(|stale| stale.len())
    );
}

/// Waits until everything that was registered came to its end.
async fn ended(alive: &Alive, day: &str) {
    for _ in 0..3_000 {
        let rows = alive.node.store.registrations(None, 99).await.unwrap();
        let books = alive.node.store.callback_books().await.unwrap();
        if rows.len() == 3 && rows.iter().all(|row| row.state == "ended") && books.waiting == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{day}: {:?}", alive.node.store.registrations(None, 99).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desk_accepted_is_registered_once_and_its_entry_is_told_to_the_province() {
    let ((national, _books), site) = registering("calm").await;
    let alive = site.start().await;
    let numbers = desk(&alive, "receiving").await;
    ended(&alive, "calm").await;
    let told = events(&alive, "opencps", 12).await;
    for number in &numbers {
        let news: Vec<&Value> = told
            .iter()
            .map(|event| &event["data"])
            .filter(|data| data["partner"] == "justice" && data["number"] == number.as_str())
            .collect();
        let last = news.last().unwrap();
        assert_eq!((news.len(), &last["kind"]), (3, &json!("result")));
        assert_eq!(last["facts"]["status"], "finished");
        assert_eq!(last["untranslated"], json!([]));
        assert_eq!(last["document"]["dossierStatus"], "releasing");
        let entry = &last["facts"]["registrations"][0];
        assert!(entry["number"].is_string() && entry["book"].is_string(), "{last}");
        let digest = last["facts"]["results"][0]["reference"].as_str().unwrap();
        served(&alive, digest).await;
        // Before that it was on its way, and no state of its own desk was touched.
        assert!(news[..2].iter().all(|data| data["facts"]["status"].is_null()));
    }
    states(&alive, &national, "calm", &[0, 1, 3, 7, 4]).await;
    alive.settle().await;
    let tally = national.twin.summary().databases;
    assert_eq!((tally.registrations, tally.repeated_registrations), (3, 0));
    whole(&alive).await;
    // Another filing of the same dossier registers nothing again, and tells what is new.
    desk(&alive, "done").await;
    states(&alive, &national, "calm", &[0, 1, 3, 7, 4, 5]).await;
    alive.settle().await;
    let tally = national.twin.summary().databases;
    assert_eq!(tally.by_service["civil-status/push"], 3);
    assert_eq!(tally.by_service["hub/state"], 15, "each state is told once");
    assert_eq!(tally.hub_states, alive.node.store.states_told().await.unwrap());
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desk_has_not_accepted_is_not_registered() {
    let ((national, _books), site) = registering("calm").await;
    let alive = site.start().await;
    desk(&alive, "new").await;
    for _ in 0..200 {
        let rows = alive.node.store.registrations(None, 9).await.unwrap();
        if rows.len() == 3 && rows.iter().all(|row| row.state == "idle") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(national.twin.summary().databases.registrations, 0);
    states(&alive, &national, "calm", &[0, 1]).await;
    desk(&alive, "processing").await;
    ended(&alive, "calm").await;
    assert_eq!(national.twin.summary().databases.registrations, 3);
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_desk_refuses_is_told_as_refused_and_never_registered() {
    let ((national, _books), site) = registering("calm").await;
    let alive = site.start().await;
    desk(&alive, "waiting").await;
    states(&alive, &national, "calm", &[0, 1, 2]).await;
    desk(&alive, "unresolved").await;
    states(&alive, &national, "calm", &[0, 1, 2, 6]).await;
    // Nothing but a person changes that there.
    desk(&alive, "done").await;
    alive.settle().await;
    states(&alive, &national, "calm", &[0, 1, 2, 6]).await;
    assert_eq!(national.twin.summary().databases.registrations, 0);
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_days_register_everything_once() {
    for day in [
        "lies",
        "storm",
        "resets",
        "hangs-after-applying",
        "untidy",
        "stranger",
    ] {
        let ((national, _books), site) = registering(day).await;
        let alive = site.start().await;
        desk(&alive, "receiving").await;
        ended(&alive, day).await;
        states(&alive, &national, day, &[0, 1, 3, 7, 4]).await;
        alive.settle_on(day).await;
        let hub = national.twin.summary().databases;
        assert_eq!(hub.registrations, 3, "{day}");
        let told = alive.node.store.states_told().await.unwrap();
        assert_eq!(
            told, hub.hub_states,
            "{day}: what the hub took is known to be taken"
        );
        whole(&alive).await;
        alive.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_dies_while_it_registers_makes_each_entry_once() {
    let ((national, _books), site) = registering("calm").await;
    let alive = site.start().await;
    let numbers = desk(&alive, "receiving").await;
    alive.abandon().await;
    for pause in [1, 4, 9, 16, 30, 60] {
        let alive = site.start().await;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        alive.abandon().await;
    }
    let alive = site.start().await;
    ended(&alive, "killed").await;
    states(&alive, &national, "killed", &[0, 1, 3, 7, 4]).await;
    alive.settle().await;
    assert_eq!(national.twin.summary().databases.registrations, 3);
    for number in &numbers {
        let heard = alive.node.store.callbacks(Some(number), 99).await.unwrap();
        let finished = heard.iter().filter(|row| row.partner == "justice").count();
        assert!((1..=3).contains(&finished), "{heard:?}");
        assert!(heard.iter().all(|row| row.state == "applied"), "{heard:?}");
    }
    whole(&alive).await;
    alive.stop().await;
}
