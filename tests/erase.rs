//! Whoever asks to be erased is: over the door and at the command line, in every file, while the log still verifies; and who looked
//! is told.

use std::io::Write;
use std::process::{Command, Stdio};

use lienthong::app;
use lienthong::evidence::note::Vkey;
use lienthong::keys::FileKey;
use lienthong::model::Dossier;
use lienthong::store::Query;
use lienthong::translate::identities;
use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::node::{Alive, National, Site, samples};

const OPERATOR: (&str, &str) = ("authorization", "Bearer hand");
const SYSTEM: (&str, &str) = ("authorization", "Bearer token-igate");

/// A province whose dossiers are all with the portal.
async fn delivered(site: &Site) -> Alive {
    let alive = site.start().await;
    for (_, body) in samples("igate") {
        assert_eq!(alive.push("igate", &body).await.status, 202);
    }
    alive.settle().await;
    alive
}

async fn dossier(alive: &Alive, number: &str) -> Option<Dossier> {
    let filed = alive.node.store.filed(number).await.unwrap()?;
    Some(serde_json::from_slice(&filed).unwrap())
}

async fn numbers(alive: &Alive) -> Vec<String> {
    let query = Query {
        all: true,
        limit: 1_000,
        ..Query::default()
    };
    let rows = alive.node.store.exchanges(query).await.unwrap();
    let mut numbers: Vec<String> = rows.into_iter().map(|row| row.dossier).collect();
    numbers.sort();
    numbers.dedup();
    numbers
}

/// A dossier, whom it is about, and what it is about them.
async fn somebody(alive: &Alive) -> (String, String, Vec<String>) {
    for number in numbers(alive).await {
        let about = dossier(alive, &number).await.unwrap();
        let first = identities(&about).into_iter().next().map(str::to_owned);
        if let Some(subject) = first {
            let mut words: Vec<String> = about.facts.owner.name.iter().cloned().collect();
            words.push(subject.clone());
            return (number, subject, words);
        }
    }
    panic!("nobody has a number");
}

async fn post(alive: &Alive, path: &str, who: (&str, &str), body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), who];
    alive
        .call("POST", path, &headers, body.to_string().as_bytes())
        .await
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

async fn verified(alive: &Alive, site: &Site) -> u64 {
    alive.node.upkeep.checkpoint().await.unwrap();
    let checked = app::check_log(&alive.node, &site.config()).await.unwrap();
    assert_eq!(checked.findings, Vec::<String>::new());
    checked.leaves
}

/// All evidence of a dossier, in a file as well.
async fn evidence(alive: &Alive, site: &Site, number: &str, name: &str) -> Vec<u8> {
    let target = format!("/v1/dossiers/{number}/evidence");
    let answer = alive.call("GET", &target, &[OPERATOR], b"").await;
    assert_eq!(answer.status, 200);
    std::fs::write(site.path(name), &answer.body).unwrap();
    answer.body
}

/// Auditors believe these files, by the two keys that they were told.
fn believed(site: &Site, files: &[&str]) {
    let config = site.config();
    let key = FileKey::read(&config.keys.receipt_file).unwrap().public_pem();
    std::fs::write(site.path("receipt.pub"), key).unwrap();
    let log = FileKey::read(&config.log.key_file).unwrap();
    let log = Vkey::of(&config.node.name, &log).unwrap().to_string();
    let mut verify = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    verify.arg("verify").args(files);
    verify.args(["--trust", &log, "--trust", "receipt.pub"]);
    let out = verify.current_dir(site.folder.path()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
}

/// Whether a word stands among bytes; those of a container are not packed.
fn stands(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|part| part == word.as_bytes())
}

fn request(subject: &str) -> Value {
    json!({ "subject": subject, "reason": "yêu cầu của công dân", "basis": "Luật 91/2025" })
}

/// Which dossiers an answer names as erased.
fn erased(answer: &Answer) -> Vec<String> {
    serde_json::from_value(read(answer)["erased"].clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_operator_with_a_reason_erases_and_a_dry_run_touches_nothing() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = delivered(&site).await;
    let (number, subject, _) = somebody(&alive).await;
    let asked = request(&subject);
    assert_eq!(post(&alive, "/v1/erasures", SYSTEM, &asked).await.status, 403);
    assert_eq!(post(&alive, "/v1/deeds", SYSTEM, &asked).await.status, 403);
    for missing in ["reason", "basis", "subject"] {
        let mut bare = asked.clone();
        bare[missing] = json!(" ");
        assert_eq!(
            post(&alive, "/v1/erasures", OPERATOR, &bare).await.status,
            422,
            "{missing}"
        );
    }
    let leaves = verified(&alive, &site).await;
    let mut dry = asked.clone();
    dry["dry_run"] = json!(true);
    let would = erased(&post(&alive, "/v1/erasures", OPERATOR, &dry).await);
    assert!(would.contains(&number), "{would:?}");
    assert!(dossier(&alive, &number).await.is_some());
    assert_eq!(verified(&alive, &site).await, leaves);
    assert_eq!(
        erased(&post(&alive, "/v1/erasures", OPERATOR, &asked).await),
        would
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subject_is_erased_over_the_door_and_nobody_elses_dossier_is() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = delivered(&site).await;
    let (number, subject, words) = somebody(&alive).await;
    let before = evidence(&alive, &site, &number, "before.asice").await;
    assert_eq!(
        words.iter().filter(|word| stands(&before, word)).count(),
        words.len()
    );
    std::fs::remove_file(site.path("before.asice")).unwrap();
    let gone = erased(&post(&alive, "/v1/erasures", OPERATOR, &request(&subject)).await);
    assert!(gone.contains(&number));
    let answer = alive
        .call("GET", &format!("/v1/dossiers/{number}"), &[SYSTEM], b"")
        .await;
    assert_eq!(
        (answer.status, read(&answer)["type"].clone()),
        (410, json!("/problems/erased"))
    );
    let (mut left, all) = (0, numbers(&alive).await);
    for other in all.iter().filter(|other| !gone.contains(other)) {
        assert!(dossier(&alive, other).await.is_some(), "{other}");
        left += 1;
    }
    assert!(left > 0 && dossier(&alive, &number).await.is_none());
    for file in std::fs::read_dir(site.folder.path()).unwrap() {
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap_or_default();
        let found = words.iter().filter(|word| stands(&bytes, word)).count();
        assert_eq!(found, 0, "{}", file.display());
    }
    verified(&alive, &site).await;
    // What was taken before still proves what it proved; what is taken now proves as much, and shows nothing.
    std::fs::write(site.path("before.asice"), &before).unwrap();
    let after = evidence(&alive, &site, &number, "after.asice").await;
    assert_eq!(words.iter().filter(|word| stands(&after, word)).count(), 0);
    believed(&site, &["before.asice", "after.asice"]);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_look_is_in_the_log_and_the_list_says_who_why_and_on_what_basis() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = delivered(&site).await;
    let (number, subject, _) = somebody(&alive).await;
    let path = format!("/v1/dossiers/{number}");
    let leaves = verified(&alive, &site).await;
    assert_eq!(alive.call("GET", &path, &[SYSTEM], b"").await.status, 200);
    let origins = alive
        .call("GET", &format!("{path}/origins"), &[OPERATOR], b"")
        .await;
    assert_eq!(origins.status, 200);
    evidence(&alive, &site, &number, "looked.asice").await;
    assert!(verified(&alive, &site).await >= leaves + 3, "each look is a leaf");
    erased(&post(&alive, "/v1/erasures", OPERATOR, &request(&subject)).await);
    let deeds = read(&post(&alive, "/v1/deeds", OPERATOR, &request(&subject)).await);
    let deeds = deeds["deeds"].as_array().unwrap();
    let told: Vec<(bool, &str, &str)> = deeds
        .iter()
        .filter(|deed| deed["dossier"] == json!(number))
        .map(|deed| {
            (
                deed["erased"].as_bool().unwrap(),
                deed["what"].as_str().unwrap(),
                deed["says"]["who"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (true, "dossier", "hand"),
            (false, "evidence", "hand"),
            (false, "dossier", "hand"),
            (false, "dossier", "igate")
        ]
    );
    assert_eq!(deeds[0]["says"]["basis"], "Luật 91/2025");
    verified(&alive, &site).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_node_erases_at_the_command_line_and_the_number_stands_in_no_argument() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = delivered(&site).await;
    let (number, subject, _) = somebody(&alive).await;
    alive.stop().await;
    let lienthong = |arguments: &[&str], says: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lienthong"))
            .args(arguments)
            .arg("--dir")
            .arg(site.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who reads nothing has ended already.
        let _ended = child.stdin.take().unwrap().write_all(says.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    };
    let erase = [
        "erase",
        "--subject-file",
        "-",
        "--reason",
        "asked",
        "--basis",
        "law",
    ];
    let (code, text) = lienthong(&erase, "\n");
    assert_eq!(code, Some(2), "{text}");
    let (code, text) = lienthong(&erase, &format!("{subject}\n"));
    assert!(
        code == Some(0) && text.contains(&format!("{number}: erased")),
        "{text}"
    );
    assert!(!text.contains(&subject));
    let (code, text) = lienthong(&["log", "verify"], "");
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = lienthong(&erase, &format!("{subject}\n"));
    assert!(code == Some(0) && text.contains("0 dossiers erased"), "{text}");
}
