//! The main job, whole: push, translate, sign, deliver, log; on good days, on bad days, and killed in the middle.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use lienthong::app;
use lienthong::model::{Dossier, Operation, State};
use lienthong::store::{ExchangeRow, Query};
use lienthong::translate::identities;
use lienthong::twin::{Options, days};
use serde_json::Value;

use crate::support::node::{Alive, National, SYSTEMS, Site, samples};
use crate::support::state;

async fn push_everything(alive: &Alive) -> u64 {
    let mut pushed = 0;
    for system in SYSTEMS {
        for (case, body) in samples(system) {
            let answer = alive.push(system, &body).await;
            assert_eq!(
                answer.status,
                202,
                "{system}/{case}: {}",
                String::from_utf8_lossy(&answer.body)
            );
            pushed += 1;
        }
    }
    pushed
}

/// Births of one family, each of which asks the state: enough calls for every day to touch one.
async fn push_births(alive: &Alive) -> u64 {
    let mut pushed = 0;
    for last in 9000..9020 {
        let birth = state::birth(&format!("001.00.40.H99-260310-{last}"), state::P1);
        let answer = alive.push("tandan", birth.to_string().as_bytes()).await;
        assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
        pushed += 1;
    }
    pushed
}

async fn exchanges(alive: &Alive) -> Vec<ExchangeRow> {
    let all = Query {
        all: true,
        limit: 100_000,
        ..Query::default()
    };
    alive.node.store.exchanges(all).await.unwrap()
}

/// Everything is settled, nothing was made twice, and what stands parked is a step whose fate nobody can know.
async fn agree(alive: &Alive, national: &National, site: &Site, pushed: u64) {
    let books = alive.node.store.books().await.unwrap();
    let summary = national.twin.summary();
    assert_eq!(books.dossiers, pushed);
    assert_eq!(
        (books.waiting, books.unprepared, books.refused),
        (0, 0, 0),
        "{books:?}"
    );
    assert_eq!(summary.totals.duplicates, 0);
    assert_eq!(summary.totals.duplicate_steps, 0);
    assert_eq!(summary.totals.dossiers, pushed, "{summary:?}");
    for row in exchanges(alive).await {
        match row.state {
            State::Delivered => {}
            State::Parked => {
                assert_eq!(row.operation, Operation::Progress, "{row:?}");
                assert!(row.owner.is_some() && row.action.is_some(), "{row:?}");
            }
            State::Held | State::Ready | State::Later | State::Leased | State::Refused => panic!("{row:?}"),
        }
    }
    alive.node.upkeep.checkpoint().await.unwrap();
    let checked = app::check_log(&alive.node, &site.config()).await.unwrap();
    assert_eq!(checked.findings, Vec::<String>::new());
    assert!(checked.leaves > 0);
    sealed(alive, site).await;
}

/// At how many places one of these words stands. It looks closely only where two bytes are those with which a word begins.
fn said(bytes: &[u8], words: &BTreeSet<String>) -> usize {
    let begins = |of: &[u8]| usize::from(of[0]) << 8 | usize::from(of[1]);
    let mut may_begin = vec![false; 1 << 16];
    for word in words {
        may_begin[begins(word.as_bytes())] = true;
    }
    let places = bytes
        .windows(2)
        .enumerate()
        .filter(|(_, two)| may_begin[begins(two)]);
    let stands = |at: usize| words.iter().any(|word| bytes[at..].starts_with(word.as_bytes()));
    places.filter(|(at, _)| stands(*at)).count()
}

/// No file of the node says the name or the identity number of anybody in its dossiers.
async fn sealed(alive: &Alive, site: &Site) {
    let mut words = BTreeSet::new();
    for row in exchanges(alive).await {
        let filed = alive.node.store.filed(&row.dossier).await.unwrap().unwrap();
        let dossier: Dossier = serde_json::from_slice(&filed).unwrap();
        words.extend(identities(&dossier).into_iter().map(str::to_owned));
        words.extend(dossier.facts.owner.name.clone());
    }
    assert!(words.len() > 5, "{words:?}");
    assert_eq!(
        said(format!(" {}.", words.first().unwrap()).as_bytes(), &words),
        1
    );
    for file in ["store", "store-wal", "vault", "checkpoint"] {
        let bytes = std::fs::read(site.config().node.dir.join(file)).unwrap();
        assert_eq!(said(&bytes, &words), 0, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calm_day_delivers_everything_and_repeats_get_the_first_receipt() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = site.start().await;
    let pushed = push_everything(&alive).await;
    alive.settle().await;
    agree(&alive, &national, &site, pushed).await;
    assert_eq!(alive.node.store.books().await.unwrap().parked, 0);

    let before = national.twin.summary().totals;
    let (_, body) = samples("igate").remove(0);
    let (first, again) = (alive.push("igate", &body).await, alive.push("igate", &body).await);
    assert_eq!(first.body, again.body, "a repeat gets the receipt's bytes");
    alive.settle().await;
    let after = national.twin.summary().totals;
    assert_eq!(
        (before.creates, before.updates, before.steps),
        (after.creates, after.updates, after.steps)
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_portal_has_is_what_was_rendered_and_signed() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = site.start().await;
    push_everything(&alive).await;
    alive.settle().await;
    let key = lienthong::keys::FileKey::read(&site.config().keys.payload_file).unwrap();
    let public = lienthong::signing::public::PublicKey::from_pem(key.public_pem().as_bytes()).unwrap();
    let mut compared = 0;
    for row in exchanges(&alive)
        .await
        .iter()
        .filter(|row| row.operation != Operation::Progress)
    {
        let rendered = alive.node.store.rendered(row.exchange).await.unwrap().unwrap();
        let page = national.twin.page(&row.dossier).await.unwrap();
        let digest: String = openssl::sha::sha256(&rendered.payload)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(page.digest, digest, "{}", row.dossier);
        let token = rendered.signature.unwrap();
        lienthong::signing::jws::verify_detached(&token, &rendered.payload, &public).unwrap();
        compared += 1;
    }
    assert!(compared >= 40);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_travels_in_the_header_that_the_partner_names() {
    let books = tempfile::tempdir().unwrap();
    let national = National::with(Options {
        signature: Some("X-Signature".to_owned()),
        ..National::options(books.path())
    })
    .await;
    let site = Site::new(
        &national.base,
        "partners.portal.framing.signature_header = 'X-Signature'",
    );
    let alive = site.start().await;
    for (_, body) in samples("igate").into_iter().take(5) {
        assert_eq!(alive.push("igate", &body).await.status, 202);
    }
    alive.settle().await;
    let sent = exchanges(&alive).await.len() as u64;
    assert_eq!(
        national.twin.summary().signed,
        sent,
        "every push is signed, and nothing else"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_that_refuses_the_fields_of_766_takes_the_classic_profile() {
    let books = tempfile::tempdir().unwrap();
    let national = National::with(Options {
        newer: false,
        ..National::options(books.path())
    })
    .await;
    let site = Site::new(
        &national.base,
        "partners.portal.mappings.dossier = 'portal/classic'",
    );
    let alive = site.start().await;
    let pushed = push_everything(&alive).await;
    alive.settle().await;
    agree(&alive, &national, &site, pushed).await;
    alive.stop().await;
}

/// A day must bite: a run in which nothing went wrong proves nothing. The databases have the same day as the portal.
async fn bad_day(day: &str, seed: u64) {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), day, seed).await;
    let site = state::site(&national, "");
    let alive = site.start().await;
    let pushed = push_everything(&alive).await + push_births(&alive).await;
    alive.settle_on(day).await;
    agree(&alive, &national, &site, pushed).await;
    let summary = national.twin.summary();
    let tally = &summary.databases;
    let turned_away = summary.faults.keys().any(|fault| fault.starts_with("lookup-"));
    assert!(
        tally.inquiries > 0 || turned_away,
        "{day}: the state was not asked"
    );
    let faults: u64 = summary.faults.values().chain(tally.by_fault.values()).sum();
    // Steps are fragile only to who sends one twice, and the hub is untidy only to who takes from it, as `back::trays` does.
    let may_pass_by = ["calm", "fragile-steps", "untidy"];
    assert!(
        may_pass_by.contains(&day) || faults > 0,
        "{day}: nothing went wrong"
    );
    alive.stop().await;
}

/// Most of a bad day is waiting: several pass beside each other, each with a portal and a node of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_day_ends_with_books_that_agree() {
    stream::iter(days())
        .for_each_concurrent(4, |day| bad_day(day, 7))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_that_is_down_stops_no_acceptance_and_gets_everything_later() {
    let books = tempfile::tempdir().unwrap();
    // A port that is free again, and nobody's.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let site = Site::new(
        &format!("http://127.0.0.1:{port}/VXPAdapter/RestService/forward"),
        "",
    );
    let alive = site.start().await;
    let pushed = push_everything(&alive).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(alive.node.store.books().await.unwrap().delivered, 0);
    alive.stop().await;

    let national = National::start(books.path(), "calm", 1).await;
    let site = Site {
        base: national.base.clone(),
        ..site
    };
    let alive = site.start().await;
    alive.settle().await;
    agree(&alive, &national, &site, pushed).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_dossier_is_said_as_an_update_and_only_new_steps_are_told() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = site.start().await;
    let (_, body) = samples("opencps")
        .into_iter()
        .find(|(_, body)| steps(body) > 1)
        .unwrap();
    let whole: Value = serde_json::from_slice(&body).unwrap();
    let mut early = whole.clone();
    early["actions"].as_array_mut().unwrap().pop();
    for version in [&early, &whole] {
        assert_eq!(
            alive.push("opencps", version.to_string().as_bytes()).await.status,
            202
        );
        alive.settle().await;
    }
    let totals = national.twin.summary().totals;
    assert_eq!(
        (totals.creates, totals.updates, totals.duplicate_steps),
        (1, 1, 0)
    );
    assert_eq!(totals.steps, steps(&body) as u64);
    alive.stop().await;
}

fn steps(body: &[u8]) -> usize {
    let document: Value = serde_json::from_slice(body).unwrap();
    document["actions"].as_array().map_or(0, Vec::len)
}

fn sandbox(dir: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command
        .args(["sandbox", "--once", "--json", "--dir"])
        .arg(dir)
        .args(more)
        .stdin(Stdio::null());
    command
}

fn report(output: &std::process::Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last)
        .unwrap_or_else(|error| panic!("{error}: {text}\n{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn the_sandbox_ends_with_one_line_of_json_and_books_that_agree() {
    let dir = tempfile::tempdir().unwrap();
    let output = sandbox(dir.path(), &[]).output().unwrap();
    let report = report(&output);
    assert!(output.status.success(), "{report:#}");
    let exchanges = &report["exchanges"];
    let count = |name: &str| exchanges[name].as_u64().unwrap();
    assert_eq!(
        count("owed"),
        count("delivered") + count("refused") + count("parked")
    );
    assert_eq!(report["twin"]["duplicates"], 0);
    assert_eq!(report["log"]["verified"], true);
    assert!(report["dossiers"].as_u64().unwrap() >= 40);
}

#[test]
fn killed_at_any_moment_and_run_again_it_loses_nothing_and_creates_nothing_twice() {
    for (day, moments) in [
        ("calm", [40, 120, 250, 400, 650, 900]),
        ("lies", [60, 150, 300, 500, 800, 1_200]),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut killed = 0;
        for moment in moments {
            let mut child = sandbox(dir.path(), &["--day", day, "--count", "4000"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::park_timeout(Duration::from_millis(moment));
            killed += u32::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(killed >= 3, "{day}: only {killed} kills met a running process");
        let output = sandbox(dir.path(), &["--day", day, "--count", "4000"])
            .output()
            .unwrap();
        let report = report(&output);
        assert!(output.status.success(), "{day}: {report:#}");
        assert_eq!(report["dossiers"], 4_000, "{report:#}");
        assert_eq!(report["twin"]["dossiers"], 4_000, "{report:#}");
        assert_eq!(report["twin"]["duplicates"], 0, "{report:#}");
        assert_eq!(report["log"]["verified"], true, "{report:#}");
    }
}
