//! Every refused input, with the whole problem document that answers it; and nothing of any of them is kept.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::support::http::Answer;
use crate::support::node::{Alive, SYSTEMS, Site};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "type")]
    kind: String,
    method: String,
    path: String,
    token: String,
    content_type: Option<String>,
    language: Option<String>,
    idempotency_key: Option<String>,
    gateway: Option<String>,
    body: Option<String>,
    parts: Option<Vec<Part>>,
    #[serde(default)]
    before: Vec<Before>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    text: String,
    times: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    path: String,
    token: Option<String>,
    body: String,
    idempotency_key: Option<String>,
}

fn cases() -> Vec<(PathBuf, Case)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/refused");
    let mut folders: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(path.join("case.toml")).unwrap();
        let case = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, case)
    };
    folders.into_iter().map(read).collect()
}

fn system(path: &str) -> &str {
    path.split('/').nth(3).unwrap()
}

fn token(case: &Case) -> Option<String> {
    let own = Some(system(&case.path))
        .filter(|name| SYSTEMS.contains(name))
        .unwrap_or("opencps");
    let other = SYSTEMS.iter().find(|name| **name != own).unwrap();
    match case.token.as_str() {
        "own" => Some(format!("Bearer token-{own}")),
        "other" => Some(format!("Bearer token-{other}")),
        "wrong" => Some("Bearer nobody".to_owned()),
        "none" => None,
        unknown => panic!("token = {unknown}"),
    }
}

fn body(folder: &Path, case: &Case) -> Vec<u8> {
    match (&case.body, &case.parts) {
        (Some(name), _) => std::fs::read(folder.join(name)).unwrap(),
        (None, Some(parts)) => parts
            .iter()
            .map(|part| part.text.repeat(part.times))
            .collect::<String>()
            .into_bytes(),
        (None, None) => Vec::new(),
    }
}

async fn ask(alive: &Alive, folder: &Path, case: &Case) -> Answer {
    for before in &case.before {
        assert!(
            matches!(before.token.as_deref(), None | Some("own")),
            "what comes before is pushed by its own system"
        );
        let bytes = std::fs::read(folder.join(&before.body)).unwrap();
        let token = format!("Bearer token-{}", system(&before.path));
        let mut headers = vec![
            ("content-type", "application/json"),
            ("authorization", token.as_str()),
        ];
        headers.extend(
            before
                .idempotency_key
                .as_deref()
                .map(|key| ("idempotency-key", key)),
        );
        let answer = alive.call("POST", &before.path, &headers, &bytes).await;
        assert_eq!(
            answer.status,
            202,
            "{}: {}",
            folder.display(),
            String::from_utf8_lossy(&answer.body)
        );
    }
    let media = case
        .content_type
        .clone()
        .unwrap_or_else(|| "application/json".to_owned());
    let token = token(case);
    let mut headers = Vec::new();
    if !media.is_empty() {
        headers.push(("content-type", media.as_str()));
    }
    headers.extend(token.as_deref().map(|token| ("authorization", token)));
    headers.extend(
        case.language
            .as_deref()
            .map(|language| ("accept-language", language)),
    );
    headers.extend(
        case.idempotency_key
            .as_deref()
            .map(|key| ("idempotency-key", key)),
    );
    alive
        .call(&case.method, &case.path, &headers, &body(folder, case))
        .await
}

fn compare(folder: &Path, case: &Case, answer: &Answer) -> Result<(), String> {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let found = answer.json();
    let kind = format!("/problems/{}", case.kind);
    assert_eq!(
        expected["type"],
        Value::String(kind),
        "{}: the case contradicts itself",
        folder.display()
    );
    if answer.header("content-type") != Some("application/problem+json") {
        return Err(format!(
            "{}: {:?}",
            folder.display(),
            answer.header("content-type")
        ));
    }
    if found != expected || Some(u64::from(answer.status)) != expected["status"].as_u64() {
        return Err(format!(
            "{}:\n expected {expected:#}\n found {} {found:#}",
            folder.display(),
            answer.status
        ));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refused_input_gets_its_whole_problem_and_nothing_is_kept() {
    // No portal stands there: acceptance and refusal need none.
    let site = Site::new("http://127.0.0.1:9", "");
    let alive = site.start().await;
    let mut wrong = Vec::new();
    let (mut asked, mut accepted) = (0, 0);
    for (folder, case) in cases().iter().filter(|(_, case)| case.gateway.is_none()) {
        let answer = ask(&alive, folder, case).await;
        wrong.extend(compare(folder, case, &answer).err());
        asked += 1;
        accepted += case.before.len();
    }
    assert!(asked >= 30, "only {asked} cases");
    assert!(
        wrong.is_empty(),
        "{} of {asked} differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let books = alive.node.store.books().await.unwrap();
    assert!(
        books.dossiers <= accepted as u64,
        "{} kept, {accepted} accepted",
        books.dossiers
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_outbox_is_a_problem_before_anything_is_acknowledged() {
    let full: Vec<_> = cases()
        .into_iter()
        .filter(|(_, case)| case.gateway.is_some())
        .collect();
    assert!(!full.is_empty());
    for (folder, case) in full {
        let site = Site::new("http://127.0.0.1:9", "outbox = { limit = 1 }");
        let alive = site.start().await;
        let mut filled = Vec::new();
        for (_, body) in crate::support::node::samples(system(&case.path))
            .into_iter()
            .take(3)
        {
            filled.push(alive.push(system(&case.path), &body).await.status);
        }
        assert_eq!(filled.first(), Some(&202));
        let kept = alive.node.store.books().await.unwrap();
        let answer = ask(&alive, &folder, &case).await;
        compare(&folder, &case, &answer).unwrap();
        assert!(answer.header("retry-after").is_some());
        assert_eq!(alive.node.store.books().await.unwrap().dossiers, kept.dossiers);
        alive.stop().await;
    }
}
