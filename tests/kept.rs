//! How long things are kept: each class goes in its time, the log tells of it, and every proof that was taken before still verifies.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use lienthong::app::{self, Node};
use lienthong::clock::{Clock, SystemClock, Timestamp};
use lienthong::config::{Config, Layer};
use lienthong::evidence::note::Vkey;
use lienthong::keys::FileKey;
use lienthong::store::{ExchangeRow, Query};
use lienthong::upkeep::Retained;
use rusqlite::Connection;

use crate::support::node::{Alive, National, Site, samples};

const DAY: i64 = 86_400_000;

/// The machine's clock, moved by so many milliseconds.
#[derive(Default)]
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().millis() + self.0.load(SeqCst))
    }
}

impl Moved {
    fn to(&self, days: i64) {
        self.0.store(days * DAY, SeqCst);
    }
}

fn node(config: &Config, clock: &Arc<Moved>) -> Node {
    let store = Arc::new(app::opened(config).unwrap());
    app::timed(config, store, Arc::clone(clock) as Arc<dyn Clock>).unwrap()
}

/// All that has served its time now.
async fn ended(node: &Node) -> Retained {
    let mut all = Retained::default();
    loop {
        let round = node.upkeep.retain().await.unwrap();
        if round == Retained::default() {
            return all;
        }
        all.erased += round.erased;
        all.months += round.months;
        all.dropped += round.dropped;
    }
}

/// The books agree, and everything fits. Says what was accepted for all partners.
async fn sound(node: &Node, config: &Config) -> u64 {
    let stated = node.upkeep.state().await.unwrap();
    stated.iter().for_each(|one| assert!(one.agrees(), "{one}"));
    node.upkeep.checkpoint().await.unwrap();
    let checked = app::check_log(node, config).await.unwrap();
    assert_eq!(checked.findings, Vec::<String>::new());
    stated.iter().map(|one| one.rows.accepted).sum()
}

fn trust(config: &Config) -> String {
    let key = FileKey::read(&config.log.key_file).unwrap();
    Vkey::of(&config.node.name, &key).unwrap().to_string()
}

async fn taken(alive: &Alive, path: &str, to: std::path::PathBuf) {
    let answer = alive
        .call("GET", path, &[("authorization", "Bearer hand")], b"")
        .await;
    assert_eq!(answer.status, 200, "{path}");
    std::fs::write(to, answer.body).unwrap();
}

/// Whether files that were taken earlier still verify.
fn verifies(site: &Site, names: &[&str]) -> bool {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    verify
        .arg("verify")
        .args(names.iter().map(|name| site.path(name)));
    let out = verify.args(["--trust", &trust(&site.config())]).output().unwrap();
    out.status.success()
}

fn touched(config: &Config, sql: &str) -> Vec<String> {
    let conn = Connection::open(&config.store.path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    assert!(conn.execute(sql, []).unwrap() > 0, "{sql}");
    drop(conn);
    let out = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["log", "verify", "--json", "--dir"])
        .arg(&config.node.dir)
        .output()
        .unwrap();
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let findings = told["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_class_goes_in_its_time_and_every_proof_still_verifies() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let (config, clock) = (site.config(), Arc::new(Moved::default()));
    let alive = site.run(node(&config, &clock)).await;
    let pushed = samples("igate");
    for (_, body) in &pushed {
        assert_eq!(alive.push("igate", body).await.status, 202);
    }
    alive.settle().await;
    let accepted = sound(&alive.node, &config).await;
    let first = first(&alive.node).await;
    let proof = format!("/v1/exchanges/{}/proof", first.exchange);
    taken(&alive, &proof, site.path("early.tlog-proof")).await;
    assert!(verifies(&site, &["early.tlog-proof"]));
    serve_their_time(&alive.node, &config, &clock, pushed.len()).await;
    assert_eq!(
        sound(&alive.node, &config).await,
        accepted,
        "what went is counted"
    );
    assert_eq!(alive.node.store.books().await.unwrap().dossiers, 1);
    assert!(alive.node.store.exchange(first.exchange).await.unwrap().is_none());
    let gone = format!("/v1/dossiers/{}", first.dossier);
    let headers = [("authorization", "Bearer hand")];
    assert_eq!(alive.call("GET", &gone, &headers, b"").await.status, 404);
    assert!(verifies(&site, &["early.tlog-proof"]));

    // What comes again is new, under the same number, and stands beside what went.
    assert_eq!(alive.push("igate", &pushed[0].1).await.status, 202);
    alive.settle().await;
    assert!(sound(&alive.node, &config).await > accepted);
    alive.stop().await;
    excuses_nothing_else(&config);
}

async fn first(node: &Node) -> ExchangeRow {
    let query = Query {
        all: true,
        limit: 1,
        ..Query::default()
    };
    node.store.exchanges(query).await.unwrap().remove(0)
}

/// Day by day of the classes: bodies, who asked and looked, and what was left.
async fn serve_their_time(node: &Node, config: &Config, clock: &Moved, dossiers: usize) {
    let accepted = sound(node, config).await;
    clock.to(89);
    assert_eq!(ended(node).await, Retained::default(), "nothing before its time");
    clock.to(91);
    let round = ended(node).await;
    assert_eq!((round.erased, round.dropped), (dossiers, 0));
    assert_eq!(sound(node, config).await, accepted);
    clock.to(91 + 730 + 32);
    let round = ended(node).await;
    assert!(round.months > 0 && round.dropped == 0, "{round:?}");
    clock.to(1_820);
    assert_eq!(ended(node).await.dropped, 0);
    assert_eq!(sound(node, config).await, accepted);
    clock.to(1_830);
    // The newest filing stays until there is another, so that its number is given to none.
    assert_eq!(ended(node).await.dropped, dossiers - 1);
}

/// Only what a leaf says was dropped may be missing.
fn excuses_nothing_else(config: &Config) {
    let back = "UPDATE dropped SET leaf = leaf - 1 WHERE leaf = (SELECT max(leaf) FROM dropped)";
    let more = "UPDATE dropped_count SET delivered = delivered + 1";
    for (sql, names) in [
        (back, "which does not say so"),
        ("DELETE FROM dropped", "which the store does not have"),
        (more, "the store has `accepted"),
    ] {
        let found = touched(config, sql);
        assert!(
            found.iter().any(|finding| finding.contains(names)),
            "{sql}: {found:?}"
        );
    }
}

/// Everything that a dossier may have: callbacks, payments, look-ups, what lay in trays, registrations.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_dossier_that_served_its_time_stays_but_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["sandbox", "--once", "--json", "--dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    let text = std::fs::read_to_string(folder.path().join("lienthong.toml")).unwrap();
    let layers = [Layer {
        name: "sandbox",
        text: &text,
    }];
    let config = Config::layered(&layers, std::iter::empty()).unwrap();
    let clock = Arc::new(Moved::default());
    let node = node(&config, &clock);
    let before = sound(&node, &config).await;
    clock.to(1_830);
    let round = ended(&node).await;
    let left = node.store.books().await.unwrap().dossiers;
    assert!(round.dropped > 80 && left < 20, "{round:?}, and {left} stay");
    assert_eq!(sound(&node, &config).await, before);
    drop(node);
    let conn = Connection::open(&config.store.path).unwrap();
    let tables = [
        "dossier",
        "filing",
        "body",
        "lane",
        "exchange",
        "message",
        "step",
        "attempt",
        "answer",
        "inquiry",
        "callback",
        "callback_body",
        "event",
        "pay_order",
        "pay_call",
        "registration",
        "tray_item",
    ];
    for table in tables {
        let rows: i64 = conn
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap();
        assert!(
            rows <= 12 * left as i64 + 12,
            "{rows} rows of {table} stay for {left} dossiers"
        );
    }
}
