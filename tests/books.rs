//! The gateway states its own books: they agree at every moment of a bad day, and whoever touches a row, a leaf or a statement is found.

use std::path::Path;
use std::process::Command;

use lienthong::app;
use lienthong::evidence::note::Vkey;
use lienthong::evidence::statement::Statement;
use lienthong::keys::FileKey;
use lienthong::model::State;
use lienthong::store::Query;
use rusqlite::Connection;

use crate::support::node::{Alive, National, SYSTEMS, Site, samples};

/// Days on which answers are lost, late, wrong or nonsense, and steps are parked.
const DAYS: [&str; 4] = ["storm", "hangs-after-applying", "forgetful-steps", "lies"];

/// How long is pushed between two statements.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

async fn push(alive: &Alive) {
    for system in SYSTEMS {
        for (_, body) in samples(system) {
            assert_eq!(alive.push(system, &body).await.status, 202);
        }
    }
}

/// States the books again and again while everything is pushed; says how many waited in all of that.
async fn stated_while_pushed(alive: &Alive, day: &str) -> u64 {
    let pushing = push(alive);
    tokio::pin!(pushing);
    let (mut waiting, mut done) = (0, false);
    while !done {
        done = tokio::time::timeout(PAUSE, &mut pushing).await.is_ok();
        let stated = state(alive).await;
        waiting += stated.iter().map(|one| one.rows.waiting).sum::<u64>();
        agree(day, &stated);
    }
    waiting
}

/// What the node states now.
async fn state(alive: &Alive) -> Vec<Statement> {
    alive.node.upkeep.state().await.unwrap()
}

fn agree(day: &str, stated: &[Statement]) {
    for statement in stated {
        assert!(statement.agrees(), "{day}: {statement}");
    }
}

/// An operator's hands on all that is parked, one way and the other.
async fn hands(alive: &Alive) {
    let query = Query {
        all: true,
        limit: 10_000,
        ..Query::default()
    };
    let rows = alive.node.store.exchanges(query).await.unwrap();
    let parked = rows.iter().filter(|row| row.state == State::Parked);
    for (place, row) in parked.enumerate() {
        let says = [
            "{\"as\":\"delivered\",\"reason\":\"seen\"}",
            "{\"as\":\"again\",\"reason\":\"absent\"}",
        ];
        let path = format!("/v1/exchanges/{}/release", row.exchange);
        let headers = [
            ("authorization", "Bearer hand"),
            ("content-type", "application/json"),
        ];
        alive
            .call("POST", &path, &headers, says[place % 2].as_bytes())
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_bad_days_the_books_agree_at_every_statement_for_every_partner() {
    let (mut waiting, mut parked) = (0, 0);
    for day in DAYS {
        let books = tempfile::tempdir().unwrap();
        let national = National::start(books.path(), day, 5).await;
        let site = Site::new(&national.base, "");
        let alive = site.start().await;
        waiting += stated_while_pushed(&alive, day).await;
        // Broken off in the middle: what was counted before is taken up from the disk.
        alive.abandon().await;
        let alive = site.start().await;
        agree(day, &state(&alive).await);
        alive.settle_on(day).await;
        let stated = state(&alive).await;
        parked += stated.iter().map(|statement| statement.rows.parked).sum::<u64>();
        agree(day, &stated);
        hands(&alive).await;
        agree(day, &state(&alive).await);
        alive.node.upkeep.checkpoint().await.unwrap();
        let checked = app::check_log(&alive.node, &site.config()).await.unwrap();
        assert_eq!((checked.findings, checked.remarks), (vec![], vec![]), "{day}");
        assert_eq!(
            checked.statements,
            state(&alive).await[0].number - 1,
            "{day}: all were judged"
        );
        alive.stop().await;
    }
    assert!(
        waiting > 0 && parked > 0,
        "{waiting} waited and {parked} were parked: days without trouble prove nothing"
    );
}

/// A site whose dossiers are delivered and whose books were stated twice, stopped; and its store as it was.
async fn stopped(national: &National) -> (Site, Vec<u8>) {
    let site = Site::new(&national.base, "");
    let alive = site.start().await;
    push(&alive).await;
    alive.settle().await;
    agree("calm", &state(&alive).await);
    agree("calm", &state(&alive).await);
    alive.node.upkeep.checkpoint().await.unwrap();
    alive.stop().await;
    let sound = std::fs::read(site.config().store.path).unwrap();
    (site, sound)
}

fn put_back(site: &Site, sound: &[u8]) {
    let path = site.config().store.path;
    for ending in ["-wal", "-shm"] {
        let name = format!("{}{ending}", path.file_name().unwrap().display());
        let _none = std::fs::remove_file(path.with_file_name(name));
    }
    std::fs::write(&path, sound).unwrap();
    let _none = std::fs::remove_file(site.config().log.head_file);
}

fn touch(site: &Site, sql: &str) {
    let conn = Connection::open(site.config().store.path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(sql).unwrap();
    assert!(conn.total_changes() > 0, "{sql}");
}

fn vkey(site: &Site) -> Vkey {
    let config = site.config();
    Vkey::of(&config.node.name, &FileKey::read(&config.log.key_file).unwrap()).unwrap()
}

/// What the auditor's tool says of the node's folder.
fn judged(folder: &Path, trust: &Vkey) -> (bool, String) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    verify
        .args(["log", "verify", "--json", "--trust"])
        .arg(trust.to_string());
    let out = verify.arg("--dir").arg(folder).output().unwrap();
    (
        out.status.success(),
        String::from_utf8_lossy(&out.stdout).into_owned(),
    )
}

/// What was done, how, what the node's next statement says of it if it can see it, and what `log verify` says.
type Deed = (&'static str, &'static str, &'static str, &'static str);

const DEEDS: &[Deed] = &[
    (
        "a message's row is deleted",
        "DELETE FROM message WHERE exchange = 3; DELETE FROM exchange WHERE id = 3",
        "the books do not agree",
        "the store has `accepted",
    ),
    (
        "a delivered message is put on its way again",
        "UPDATE exchange SET state = 'held', wake = NULL WHERE id = 3",
        " is waiting by the store, and over or not there by the log",
        "which does not follow from its leaf",
    ),
    (
        "a delivered message is called refused",
        "UPDATE exchange SET state = 'refused' WHERE id = 3",
        "refused 1",
        "the store has `accepted",
    ),
    (
        "a filing is gone",
        "DELETE FROM body WHERE filing = 2; DELETE FROM filing WHERE id = 2",
        "the books do not agree",
        "the store has `accepted",
    ),
    (
        "a message is in a state that there is not",
        "UPDATE exchange SET state = 'lost' WHERE id = 3",
        "the books do not agree",
        "the store has `accepted",
    ),
    (
        "a leaf says another end",
        "UPDATE leaf SET entry = CAST(replace(CAST(entry AS TEXT), '\"next\":\"delivered\"', '\"next\":\"refused\"') AS BLOB)
         WHERE id = (SELECT leaf FROM exchange WHERE id = 3)",
        "",
        "says `accepted",
    ),
    (
        "the newest statement is changed",
        "UPDATE statement SET note = replace(note, 'waiting 0', 'waiting 1') WHERE number = 2",
        "statement 2 is not what its leaf commits to",
        "statement 2 does not stand",
    ),
    (
        "an older statement is changed",
        "UPDATE statement SET note = replace(note, 'rows: accepted', 'rows: accepted 0') WHERE number = 1",
        "",
        "statement 1 does not stand",
    ),
    (
        "one statement stands in another's place",
        "UPDATE statement SET note = (SELECT note FROM statement WHERE number = 2) WHERE number = 1",
        "",
        "statement 1 is not what leaf",
    ),
    (
        "the newest statement is gone",
        "DELETE FROM statement WHERE number = 2",
        "statement 2 is gone",
        "tells of statement 2, which is not there",
    ),
    (
        "an older statement is gone",
        "DELETE FROM statement WHERE number = 1",
        "the log tells of 2 statements, and 1 are there",
        "tells of statement 1, which is not there",
    ),
    (
        "a statement is added",
        "INSERT INTO statement SELECT 90, partner, at, leaves, agrees, leaf, note FROM statement WHERE number = 2",
        "the log tells of 2 statements, and 3 are there",
        "no leaf tells of statement 90",
    ),
    (
        "what was kept of the leaves is changed",
        "UPDATE reckoned SET state = CAST(replace(CAST(state AS TEXT), '\"refused\":0', '\"refused\":1') AS BLOB)",
        "the books do not agree",
        "",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_touches_a_row_a_leaf_or_a_statement_is_found() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let (site, sound) = stopped(&national).await;
    let trust = vkey(&site);
    let (good, said) = judged(site.folder.path(), &trust);
    assert!(good && said.contains("\"statements\":2"), "{said}");
    for (what, sql, by_node, by_tool) in DEEDS {
        touch(&site, sql);
        let (good, said) = judged(site.folder.path(), &trust);
        assert_eq!(good, by_tool.is_empty(), "{what}: {said}");
        assert!(said.contains(by_tool), "{what}: {said}");
        if !by_node.is_empty() {
            let node = app::node(&site.config()).unwrap();
            let stated = node.upkeep.state().await.unwrap();
            let text: String = stated.iter().map(ToString::to_string).collect();
            assert!(
                text.contains(by_node) && text.contains("the books do not agree"),
                "{what}: {text}"
            );
        }
        put_back(&site, &sound);
    }
    assert!(judged(site.folder.path(), &trust).0);
}

/// What a person, a program and an operator see of books that do not agree; and that nothing stops for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn books_that_do_not_agree_are_told_everywhere_and_stop_nothing() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let (site, _) = stopped(&national).await;
    touch(&site, "UPDATE exchange SET state = 'refused' WHERE id = 3");
    let alive = site.start().await;
    assert!(!state(&alive).await[0].agrees());
    listed(&alive, &vkey(&site)).await;
    let metrics = alive.call("GET", "/metrics", &[], b"").await.body;
    let metrics = String::from_utf8(metrics).unwrap();
    assert!(
        metrics.contains("lienthong_books_balanced{partner=\"portal\"} 0"),
        "{metrics}"
    );
    assert!(metrics.contains("lienthong_books_stated_seconds_ago{partner=\"portal\"} "));
    assert_eq!(alive.call("GET", "/readyz", &[], b"").await.status, 200);
    let (_, body) = samples("tandan").remove(0);
    assert_eq!(alive.push("tandan", &body).await.status, 202);
    followed(&alive).await;
    alive.stop().await;
    let check = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["check", "--config"])
        .arg(site.path("lienthong.toml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(
        check.status.success() && said.contains("warning: books: portal: statement 3"),
        "{said}"
    );
}

/// Three statements, as anybody reads them.
async fn listed(alive: &Alive, known: &Vkey) {
    let read = async |path: &str| alive.call("GET", path, &[], b"").await;
    let list = read("/log/statements").await.json();
    let newest = &list["statements"][0];
    assert_eq!(
        (newest["number"].as_u64(), newest["agrees"].as_bool()),
        (Some(3), Some(false))
    );
    assert_eq!(
        (
            list["statements"].as_array().unwrap().len(),
            list["next"].is_null()
        ),
        (3, true)
    );
    let older = read("/log/statements?before=3&partner=portal").await.json();
    assert_eq!(older["statements"][0]["number"], 2);
    let none = read("/log/statements?partner=nobody").await.json();
    assert_eq!(none["statements"], serde_json::json!([]));
    let signed = String::from_utf8(read("/log/statements/3").await.body).unwrap();
    let statement = Statement::open(&signed, std::slice::from_ref(known)).unwrap();
    assert!(!statement.agrees());
    for nothing in ["/log/statements/4", "/log/statements/three"] {
        assert_eq!(read(nothing).await.status, 404, "{nothing}");
    }
    assert_eq!(read("/log/statements?before=x").await.status, 400);
}

/// What an auditor's tool says who sees the node only from outside: that it was said is in order, and he hears what was said.
async fn followed(alive: &Alive) {
    alive.node.upkeep.checkpoint().await.unwrap();
    let url = format!("http://{}", alive.address);
    let told = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_lienthong"))
            .args(["log", "verify", "--json", "--url", &url])
            .output()
            .unwrap()
    });
    let told: serde_json::Value = serde_json::from_slice(&told.await.unwrap().stdout).unwrap();
    assert_eq!(
        (&told["statements"], &told["verified"]),
        (&3.into(), &true.into()),
        "{told}"
    );
    let says = "statement 3 of portal says that the books did not agree";
    assert!(told["remarks"].to_string().contains(says), "{told}");
}

/// When it is time, and not before: by the clock, also over a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_states_its_books_by_itself() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "statements.every = '1 s'");
    let alive = site.start().await;
    push(&alive).await;
    alive.settle().await;
    let mut last = 0;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        last = alive
            .node
            .store
            .statements(None, None, 1)
            .await
            .unwrap()
            .first()
            .map_or(0, |row| row.number);
        if last >= 2 {
            break;
        }
    }
    assert!(last >= 2, "only {last} statements in ten seconds");
    alive.stop().await;
    let alive = Site {
        more: String::new(),
        ..site
    }
    .start()
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let now = alive.node.store.statements(None, None, 1).await.unwrap()[0].number;
    assert!(now <= last + 1, "{now} after {last}: an hour has not gone by");
    alive.stop().await;
}
