use std::time::Duration;

use serde_json::{Value, json};

use super::{events, site, whole};
use crate::support::http;
use crate::support::node::{Alive, National, Site};

/// A gateway that takes what lies at the hub.
const POLLING: &str = r#"
[partners.hub]
adapter = "linked-hub"
base = "{base}/dvclt"
username = "h99-demo"
password_file = "portal.password"
connect = "1 s"
answer = "1500 ms"
longest = "3 s"
pace = { per_second = 100000, burst = 1000 }
circuit = { failures = 20, open = "50 ms", longest_open = "100 ms" }
[partners.hub.poll]
waits = ["20 ms", "50 ms"]
batch = 2
numbers = "H99.14"
"#;

/// A site that polls the hub of a twin on that day, once `polling` is laid over what calls it.
pub(super) async fn polling(day: &str) -> ((National, tempfile::TempDir), Site) {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), day, 1).await;
    let ((_other, _folder), mut site) = site("").await;
    site.base.clone_from(&national.base);
    let origin = national.base.replace("/VXPAdapter/RestService/forward", "");
    site.more.push_str(&POLLING.replace("{base}", &origin));
    ((national, books), site)
}

/// The twin's own account of what it was told of its linked dossiers.
pub(super) async fn hub(national: &National) -> Value {
    let address = national.base.split('/').nth(2).unwrap().parse().unwrap();
    let ask = move || http::call(address, "GET", "/twin/registrations", &[], &[]);
    tokio::task::spawn_blocking(ask).await.unwrap().json()["hub"].clone()
}

/// Waits until the hub has been told of so many.
async fn taken(alive: &Alive, national: &National, count: usize) -> Value {
    for _ in 0..400 {
        let told = hub(national).await;
        let items = alive.node.store.tray_items(99).await.unwrap();
        let all = items.len() == count && items.iter().all(|item| item.acknowledged);
        if all && told.as_object().is_some_and(|told| told.len() == count) {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!(
        "the hub was not told of {count}: {:?} {:?}",
        hub(national).await,
        alive.node.store.tray_items(99).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_at_the_hub_is_kept_numbered_told_to_the_province_and_acknowledged() {
    let ((national, _books), site) = polling("calm").await;
    let alive = site.start().await;
    taken(&alive, &national, 3).await;
    let told = events(&alive, "opencps", 3).await;
    let mut seen = Vec::new();
    for event in &told {
        assert_eq!(event["type"], "dossier.filed");
        let (data, facts) = (&event["data"], &event["data"]["facts"]);
        let (number, theirs) = (
            data["number"].as_str().unwrap(),
            facts["other_number"].as_str().unwrap(),
        );
        assert!(number.starts_with("H99.14-"), "{number}");
        assert_eq!(facts["number"], number);
        assert_eq!(data["partner"], "hub");
        assert_eq!(data["untranslated"], json!([]));
        assert_eq!(data["document"]["dossierNo"], number);
        // The paper that came inside is kept by its digest.
        let digest = facts["components"][0]["files"][0]["digest"].as_str().unwrap();
        let bytes = data_encoding::HEXLOWER.decode(digest.as_bytes()).unwrap();
        let paper = alive.node.store.paper(bytes.try_into().unwrap()).await.unwrap();
        assert!(paper.unwrap().starts_with(b"%PDF-"));
        seen.push((theirs.to_owned(), number.to_owned()));
    }
    seen.sort();
    seen.dedup_by(|one, other| one.1 == other.1);
    let theirs: Vec<&str> = seen.iter().map(|(theirs, _)| theirs.as_str()).collect();
    assert_eq!(theirs, ["LT-2026-0000001", "LT-2026-0000002", "LT-2026-0000003"]);
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untidy_hub_and_every_bad_day_end_in_the_same_books() {
    for day in [
        "untidy",
        "storm",
        "lies",
        "resets",
        "limits",
        "hangs-after-applying",
        "short-sessions",
        "garbled",
        "bombs",
        "stranger",
    ] {
        let ((national, _books), site) = polling(day).await;
        let alive = site.start().await;
        taken(&alive, &national, 3).await;
        let told = events(&alive, "opencps", 3).await;
        let books = alive.node.store.callback_books().await.unwrap();
        let filed = told
            .iter()
            .filter(|event| event["type"] == "dossier.filed")
            .count();
        assert_eq!(
            (filed, books.parked, books.refused),
            (3, 0, 0),
            "{day}: {books:?}"
        );
        if day == "untidy" {
            // What changed while it was not acknowledged is what stands.
            let amended: Vec<&Value> = told
                .iter()
                .filter(|event| event["type"] == "dossier.amended")
                .collect();
            assert!(!amended.is_empty(), "{books:?}");
            assert!(
                amended
                    .iter()
                    .all(|event| event["data"]["facts"]["owner"]["phone"] == "0000000009")
            );
        } else {
            assert_eq!((books.kept, told.len()), (3, 3), "{day}");
        }
        whole(&alive).await;
        alive.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_dies_between_any_two_steps_takes_everything_once() {
    let ((national, _books), site) = polling("calm").await;
    // Broken off again and again, wherever it stands; the last one may finish.
    for pause in [1, 3, 6, 10, 15, 25, 40] {
        let alive = site.start().await;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        alive.abandon().await;
    }
    let alive = site.start().await;
    let told = taken(&alive, &national, 3).await;
    assert!(
        told.as_object()
            .unwrap()
            .values()
            .all(|states| states == &json!([0]))
    );
    let told = events(&alive, "opencps", 3).await;
    let books = alive.node.store.callback_books().await.unwrap();
    assert_eq!((told.len(), books.kept), (3, 3));
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_of_a_tray_without_numbers_to_give() {
    let ((national, _books), mut site) = polling("calm").await;
    site.more = site.more.replace("numbers = \"H99.14\"\n", "");
    let alive = site.start().await;
    assert!(alive.node.inbound.trays().is_empty());
    assert_eq!(hub(&national).await, json!({}));
    alive.stop().await;
    let wrong = format!("{}{}", super::CALLED, POLLING.replace("\"H99.14\"", "\"không\""));
    let layers = [lienthong::config::Layer {
        name: "more",
        text: &wrong,
    }];
    let mistakes = lienthong::config::Config::layered(&layers, std::iter::empty()).unwrap_err();
    assert!(
        format!("{mistakes:?}").contains("agency's identifier"),
        "{mistakes:?}"
    );
}
