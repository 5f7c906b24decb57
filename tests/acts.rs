//! Steps that a system pushes by themselves: in its own format, kept as dossiers are, and told the portal once.

use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::node::{Alive, SYSTEMS, Site, samples};
use crate::support::portal::{Portal, STEPS};

/// Where a system's number, its steps and the time of each stand.
fn names(system: &str) -> (&'static str, &'static str, &'static str) {
    match system {
        "igate" => ("code", "task", "updatedDate"),
        "opencps" => ("dossierNo", "actions", "createDate"),
        _ => ("MaHoSo", "QuaTrinhXuLyHoSo", "ThoiGian"),
    }
}

/// A dossier with steps, and a document with one step more.
fn dossier(system: &str) -> (Vec<u8>, Value) {
    let (number, list, time) = names(system);
    let all = samples(system);
    let mut all = all
        .iter()
        .map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap());
    let dossier = all
        .find(|one| one[list].as_array().is_some_and(|steps| !steps.is_empty()))
        .unwrap();
    let mut step = dossier[list][0].clone();
    step[time] = json!(step[time].as_str().unwrap().replacen("2026", "2027", 1));
    let said = json!({ number: dossier[number], list: [dossier[list][0], step] });
    (dossier.to_string().into_bytes(), said)
}

async fn push(alive: &Alive, system: &str, key: Option<&str>, body: &Value) -> Answer {
    let token = format!("Bearer token-{system}");
    let mut headers = vec![
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    let path = format!("/v1/systems/{system}/steps");
    alive
        .call("POST", &path, &headers, body.to_string().as_bytes())
        .await
}

/// How many steps of a dossier the portal was told.
fn told(portal: &Portal, number: &str) -> usize {
    let all = portal.asked();
    let calls = all.iter().filter(|asked| asked.service == STEPS);
    let about = |row: &&Value| row["MaHoSo"] == number;
    calls
        .map(|asked| {
            asked.body["data"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(about)
                .count()
        })
        .sum()
}

fn kind(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_of_every_system_is_accepted_and_told_the_portal_once() {
    let portal = Portal::start(|_, honest| honest());
    let site = Site::new(&portal.base, "");
    let alive = site.start().await;
    for system in SYSTEMS {
        let (number, list, _) = names(system);
        let (body, said) = dossier(system);
        let number = said[number].as_str().unwrap();
        let early = push(&alive, system, None, &said).await;
        assert_eq!(
            (early.status, kind(&early).as_str()),
            (404, "/problems/unknown-dossier")
        );
        assert_eq!(alive.push(system, &body).await.status, 202);
        alive.settle().await;
        let before = told(&portal, number);
        assert!(before > 0, "{system}");
        let taken = push(&alive, system, Some("k1"), &said).await;
        assert_eq!(
            (taken.status, &taken.json()["number"]),
            (202, &json!(number)),
            "{system}: {}",
            taken.json()
        );
        alive.settle().await;
        assert_eq!(
            told(&portal, number),
            before + 1,
            "{system}: of two steps one was known"
        );
        // A repeat is the same receipt; another content under its key is none; and nothing is told again.
        assert_eq!(push(&alive, system, Some("k1"), &said).await.body, taken.body);
        assert_eq!(push(&alive, system, None, &said).await.body, taken.body);
        let mut other = said.clone();
        other[list].as_array_mut().unwrap().pop();
        assert_eq!(
            kind(&push(&alive, system, Some("k1"), &other).await),
            "/problems/key-reused"
        );
        assert_eq!(push(&alive, system, None, &other).await.status, 202);
        alive.settle().await;
        assert_eq!(told(&portal, number), before + 1, "{system}");
        let known = alive.node.store.filed(number).await.unwrap().unwrap();
        let known: Value = serde_json::from_slice(&known).unwrap();
        assert!(known["facts"]["steps"].as_array().unwrap().len() > 1 || known["steps"].is_array());
    }
    assert_eq!(
        alive.node.store.discrepancies().await.unwrap(),
        Vec::<String>::new()
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_step_of_an_own_dossier_is_refused_with_its_place() {
    let portal = Portal::start(|_, honest| honest());
    let site = Site::new(&portal.base, "");
    let alive = site.start().await;
    let (body, said) = dossier("igate");
    alive.push("igate", &body).await;
    let versions = async || {
        let row = alive.node.store.dossier(said["code"].as_str().unwrap()).await;
        row.unwrap().unwrap().versions
    };
    let with = |change: &dyn Fn(&mut Value)| {
        let mut said = said.clone();
        change(&mut said);
        said
    };
    for (said, status, pointer) in [
        (with(&|said| said["task"] = json!([])), 422, "/task"),
        (with(&|said| said["task"] = json!("none")), 422, "/task"),
        (with(&|said| said["code"] = json!(7)), 422, "/code"),
        (
            with(&|said| said["task"][1]["updatedDate"] = json!("hôm qua")),
            422,
            "/task/1/updatedDate",
        ),
        (
            with(&|said| {
                said["task"][1]["bpmProcessDefinitionTask"]["remind"]["id"] = json!("no-such-status")
            }),
            422,
            "/task/1/bpmProcessDefinitionTask/remind/id",
        ),
    ] {
        let refused = push(&alive, "igate", None, &said).await;
        assert_eq!(refused.status, status, "{}", refused.json());
        assert_eq!(
            refused.json()["errors"][0]["pointer"],
            pointer,
            "{}",
            refused.json()
        );
    }
    // Another system's dossier is as good as absent.
    let (_, list, _) = names("opencps");
    let strange = json!({ "dossierNo": said["code"], list: dossier("opencps").1[list] });
    assert_eq!(
        kind(&push(&alive, "opencps", None, &strange).await),
        "/problems/unknown-dossier"
    );
    assert_eq!(versions().await, 1, "nothing was accepted");
    alive.stop().await;
}
