//! The routes, as a provincial system, an operator and an auditor hold them.

use lienthong::evidence::note::Vkey;
use lienthong::evidence::proof::text::ProofText;
use lienthong::keys::FileKey;
use serde_json::Value;

use crate::support::http::Answer;
use crate::support::node::{Alive, National, Site, samples};

async fn read(alive: &Alive, token: &str, path: &str) -> Answer {
    let token = format!("Bearer {token}");
    alive
        .call("GET", path, &[("authorization", token.as_str())], b"")
        .await
}

async fn world() -> (tempfile::TempDir, National, Site, Alive) {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = site.start().await;
    (books, national, site, alive)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_array_answers_each_item_for_itself() {
    let (_books, _national, _site, alive) = world().await;
    let bodies: Vec<Value> = samples("tandan")
        .iter()
        .take(2)
        .map(|(_, body)| serde_json::from_slice(body).unwrap())
        .collect();
    let array = serde_json::json!([bodies[0], { "MaHoSo": "no dossier" }, bodies[1]]).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("authorization", "Bearer token-tandan"),
        ("idempotency-key", "batch-1"),
    ];
    let path = "/v1/systems/tandan/dossiers";
    let first = alive.call("POST", path, &headers, array.as_bytes()).await;
    assert_eq!(first.status, 207);
    let items = first.json();
    assert_eq!(items[0]["number"], bodies[0]["MaHoSo"]);
    assert_eq!(items[1]["type"], "/problems/wrong-shape");
    assert!(
        items[1]["errors"].as_array().unwrap().len() > 1,
        "all that is wrong at once: {items:#}"
    );
    assert_eq!(items[2]["number"], bodies[1]["MaHoSo"]);
    let again = alive.call("POST", path, &headers, array.as_bytes()).await;
    assert_eq!(
        again.json()[0],
        items[0],
        "a repeated batch gets the same receipts"
    );
    assert_eq!(alive.node.store.books().await.unwrap().dossiers, 2);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_sees_its_own_dossiers_and_an_operator_all() {
    let (_books, _national, _site, alive) = world().await;
    let (_, body) = samples("opencps").remove(0);
    let taken = alive.push("opencps", &body).await;
    let location = taken.header("location").unwrap().to_owned();
    alive.settle().await;
    for path in [
        location.clone(),
        format!("{location}/exchanges"),
        format!("{location}/origins"),
    ] {
        assert_eq!(read(&alive, "token-opencps", &path).await.status, 200, "{path}");
        assert_eq!(read(&alive, "hand", &path).await.status, 200, "{path}");
        assert_eq!(
            read(&alive, "token-igate", &path).await.status,
            404,
            "{path}: another system's is as good as absent"
        );
        assert_eq!(read(&alive, "nobody", &path).await.status, 401, "{path}");
    }
    let shown = read(&alive, "token-opencps", &location).await.json();
    assert_eq!(shown["receipt"], taken.json());
    assert_eq!(shown["versions"], 1);
    let listed = read(&alive, "token-igate", "/v1/exchanges").await.json();
    assert_eq!(listed["exchanges"], Value::Array(Vec::new()));
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fact_of_a_dossier_says_where_it_came_from() {
    let (_books, _national, _site, alive) = world().await;
    for system in ["opencps", "igate", "tandan"] {
        let (_, body) = samples(system).remove(0);
        let location = alive
            .push(system, &body)
            .await
            .header("location")
            .unwrap()
            .to_owned();
        let answer = read(&alive, "hand", &format!("{location}/origins")).await.json();
        let origins = answer["origins"].as_array().unwrap();
        let told = |path: &str| origins.iter().find(|one| one[0] == path).map(|one| &one[1]);
        assert!(origins.len() > 20, "{system}: {origins:#?}");
        assert_eq!(told("procedure.name").unwrap()["how"], "catalogue", "{system}");
        let number = told("number").unwrap();
        assert_eq!(number["how"], "filed", "{system}");
        assert!(
            number["line"].as_u64().is_some() && number["theirs"].as_str().is_some(),
            "{system}: {number}"
        );
    }
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_is_proved_to_whoever_knows_the_key_of_the_log() {
    let (_books, _national, site, alive) = world().await;
    let (_, body) = samples("igate").remove(0);
    alive.push("igate", &body).await;
    alive.settle().await;
    alive.node.upkeep.checkpoint().await.unwrap();
    let listed = read(&alive, "hand", "/v1/exchanges").await.json();
    let id = listed["exchanges"][0]["exchange"].as_str().unwrap().to_owned();
    let answer = read(&alive, "hand", &format!("/v1/exchanges/{id}/proof")).await;
    let text = String::from_utf8(answer.body).unwrap();
    let key = FileKey::read(&site.config().log.key_file).unwrap();
    let known = [Vkey::of("lienthong.example/test", &key).unwrap()];
    let proof = ProofText::parse(&text).unwrap();
    proof.check(proof.extra.as_deref(), &known).unwrap();
    let entry = String::from_utf8(proof.extra.clone().unwrap()).unwrap();
    assert!(
        entry.contains(&id) && entry.contains("\"verdict\":\"accepted\""),
        "{entry}"
    );
    let forged = entry.replace("accepted", "refused!").into_bytes();
    assert!(
        proof.check(Some(&forged), &known).is_err(),
        "another leaf is not proved"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_hand_needs_an_operator_a_reason_and_something_that_stands_still() {
    let (_books, _national, _site, alive) = world().await;
    let (_, body) = samples("tandan").remove(0);
    alive.push("tandan", &body).await;
    alive.settle().await;
    let listed = read(&alive, "hand", "/v1/exchanges").await.json();
    let path = format!(
        "/v1/exchanges/{}/release",
        listed["exchanges"][0]["exchange"].as_str().unwrap()
    );
    let say = |token: &'static str, body: &'static str| {
        let headers = vec![("content-type", "application/json"), ("authorization", token)];
        let (alive, path) = (&alive, path.clone());
        async move { alive.call("POST", &path, &headers, body.as_bytes()).await }
    };
    let whole = r#"{"as":"delivered","reason":"seen at the portal"}"#;
    let kind = |answer: Answer| answer.json()["type"].as_str().unwrap().to_owned();
    assert_eq!(
        kind(say("Bearer token-tandan", whole).await),
        "/problems/operator-only"
    );
    assert_eq!(
        kind(say("Bearer hand", r#"{"as":"delivered","reason":" "}"#).await),
        "/problems/no-reason"
    );
    assert_eq!(
        kind(say("Bearer hand", whole).await),
        "/problems/wrong-state",
        "it is delivered already"
    );
    alive.stop().await;
}
