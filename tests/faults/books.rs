//! The store and the log tampered with, put back, and unable to write.

use lienthong::app;
use lienthong::model::{Operation, Owner, State};
use lienthong::outbound::Submission;
use lienthong::upkeep::Unsigned;
use rusqlite::Connection;

use super::{generated, hand, parked, push, pushed, rows, until};
use crate::support::node::Site;
use crate::support::portal::Portal;

fn store(site: &Site) -> std::path::PathBuf {
    site.config().store.path
}

fn honest() -> Portal {
    Portal::start(|_, honest| honest())
}

/// Flips one bit in the middle of a blob.
fn flip(conn: &Connection, table: &str, column: &str, row: i64) {
    let select = format!("SELECT {column} FROM {table} WHERE rowid = ?1");
    let mut bytes: Vec<u8> = conn.query_row(&select, [row], |row| row.get(0)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let update = format!("UPDATE {table} SET {column} = ?2 WHERE rowid = ?1");
    assert_eq!(conn.execute(&update, rusqlite::params![row, bytes]).unwrap(), 1);
}

/// A change by hand, and words of which the findings, or the refusal to open, hold all.
type Change = (&'static str, fn(&Connection), &'static [&'static str]);

const FIRST: &str = "SELECT id FROM exchange ORDER BY id LIMIT 1";

fn first(conn: &Connection) -> i64 {
    conn.query_row(FIRST, [], |row| row.get(0)).unwrap()
}

fn run(conn: &Connection, sql: &str) {
    assert!(conn.execute(sql, []).unwrap() > 0, "{sql}");
}

const CHANGES: &[Change] = &[
    (
        "a byte of a leaf",
        |conn| flip(conn, "leaf", "entry", 2),
        &["leaf", "another root"],
    ),
    (
        "a byte of a payload",
        |conn| flip(conn, "message", "payload", first(conn)),
        &["payload of exchange"],
    ),
    (
        "a byte of a body",
        |conn| flip(conn, "body", "filed", 1),
        &["Filing 1"],
    ),
    (
        "a byte of what left",
        |conn| flip(conn, "attempt", "digest", (first(conn) << 20) + 1),
        &["digest of attempt 1"],
    ),
    (
        "a byte of an answer",
        |conn| flip(conn, "answer", "bytes", (first(conn) << 20) + 1),
        &["answer to attempt 1"],
    ),
    (
        "a kept checkpoint",
        |conn| {
            run(
                conn,
                "UPDATE checkpoint SET note = replace(note, char(10, 10), char(10, 120, 10, 10))",
            )
        },
        &["checkpoint"],
    ),
    (
        "a state that there is not",
        |conn| run(conn, "UPDATE exchange SET state = 'deliveree' WHERE id = 1"),
        &["state"],
    ),
    (
        "another state",
        |conn| run(conn, "UPDATE exchange SET state = 'refused' WHERE id = 1"),
        &["refused"],
    ),
    (
        "an answer that is gone",
        |conn| run(conn, "DELETE FROM answer"),
        &["answer to attempt"],
    ),
    (
        "a leaf that is gone",
        |conn| run(conn, "DELETE FROM leaf WHERE id = 3"),
        &["entries 0 to", "not all there"],
    ),
    (
        "the last leaf gone",
        |conn| run(conn, "DELETE FROM leaf WHERE id = (SELECT max(id) FROM leaf)"),
        &["checkpoint"],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_changed_by_hand_in_a_store_is_named() {
    let portal = honest();
    let (site, alive) = pushed(&portal, "", 6).await;
    alive.settle().await;
    alive.node.upkeep.checkpoint().await.unwrap();
    alive.stop().await;
    let sound = std::fs::read(store(&site)).unwrap();
    for (what, change, words) in CHANGES {
        let conn = Connection::open(store(&site)).unwrap();
        change(&conn);
        drop(conn);
        let found = match app::node(&site.config()) {
            Ok(node) => app::check_log(&node, &site.config())
                .await
                .map_or_else(|error| error.to_string(), |checked| checked.findings.join("\n")),
            Err(error) => error.to_string(),
        };
        assert!(
            !found.is_empty() && words.iter().all(|word| found.contains(word)),
            "{what}: {found:?}"
        );
        for ending in ["-wal", "-shm"] {
            let _none = std::fs::remove_file(
                store(&site)
                    .with_file_name(format!("{}{ending}", store(&site).file_name().unwrap().display())),
            );
        }
        std::fs::write(store(&site), &sound).unwrap();
    }
    let node = app::node(&site.config()).unwrap();
    assert_eq!(
        app::check_log(&node, &site.config()).await.unwrap().findings,
        Vec::<String>::new()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_older_than_its_checkpoint_signs_nothing_and_says_so() {
    let portal = honest();
    let (site, alive) = pushed(&portal, "", 2).await;
    alive.settle().await;
    alive.stop().await;
    let old = std::fs::read(store(&site)).unwrap();
    let alive = site.start().await;
    push(&alive, 2..4).await;
    alive.settle().await;
    alive.node.upkeep.checkpoint().await.unwrap();
    alive.stop().await;
    std::fs::write(store(&site), &old).unwrap();
    let alive = site.start().await;
    assert!(matches!(
        alive.node.upkeep.checkpoint().await,
        Err(Unsigned::Older { .. })
    ));
    until("it says that it is not ready", async || {
        alive.call("GET", "/readyz", &[], b"").await.status == 503
    })
    .await;
    // Grown past the size of what was given out, it is still not the same log.
    push(&alive, 10..30).await;
    alive.settle().await;
    assert!(matches!(
        alive.node.upkeep.checkpoint().await,
        Err(Unsigned::Forked(_))
    ));
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_file_that_cannot_be_written_stops_checkpoints_and_nothing_else() {
    let portal = honest();
    let site = Site::new(&portal.base, "log.interval = '50 ms'");
    let head = site.config().log.head_file;
    let _old = std::fs::remove_file(&head);
    std::fs::create_dir(&head).unwrap();
    let alive = site.start().await;
    push(&alive, 0..3).await;
    alive.settle().await;
    assert_eq!(portal.known(), 3);
    until("it says that it is not ready", async || {
        alive.call("GET", "/readyz", &[], b"").await.status == 503
    })
    .await;
    assert!(
        alive.node.store.checkpoint().await.unwrap().is_none(),
        "nothing is served that is not kept outside"
    );
    std::fs::remove_dir(&head).unwrap();
    until("it is ready again", async || {
        alive.call("GET", "/readyz", &[], b"").await.status == 200
    })
    .await;
    assert!(alive.node.store.checkpoint().await.unwrap().is_some());
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filing_that_cannot_be_read_back_stops_itself_and_goes_when_it_is_mended() {
    let portal = honest();
    let site = Site::new(&portal.base, "");
    let node = app::node(&site.config()).unwrap();
    let body = node
        .outbound
        .translator()
        .sample("local/igate/dossier", "igate", 7, 0)
        .unwrap();
    let system = node.outbound.systems().named("igate").unwrap();
    node.outbound
        .submit(Submission {
            system,
            key: None,
            body: &body,
        })
        .await
        .unwrap();
    drop(node);
    let conn = Connection::open(store(&site)).unwrap();
    let dossier: Vec<u8> = conn
        .query_row("SELECT dossier FROM body", [], |row| row.get(0))
        .unwrap();
    run(&conn, "UPDATE body SET dossier = x'7b'");
    drop(conn);

    let alive = site.start().await;
    push(&alive, 1..6).await;
    alive.settle().await;
    assert_eq!(portal.known(), 5, "all others went");
    let stopped = parked(&alive).await;
    assert_eq!(
        (stopped.len(), stopped[0].owner, stopped[0].operation),
        (1, Some(Owner::Gateway), Operation::Create)
    );
    alive.stop().await;

    let conn = Connection::open(store(&site)).unwrap();
    conn.execute("UPDATE body SET dossier = ?1 WHERE filing = 1", [dossier])
        .unwrap();
    drop(conn);
    let alive = site.start().await;
    assert_eq!(
        hand(&alive, &stopped[0], "retry", r#"{"reason":"mended"}"#).await,
        204
    );
    assert_eq!(alive.push("igate", &generated(&alive, 6)).await.status, 202);
    alive.settle().await;
    assert_eq!(portal.known(), 7);
    assert!(rows(&alive).await.iter().all(|row| row.state == State::Delivered));
    let checked = app::check_log(&alive.node, &site.config()).await.unwrap();
    assert_eq!(checked.findings, Vec::<String>::new());
    alive.stop().await;
}

/// The portal is away when they are prepared; then one of the messages is spoilt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_cannot_be_read_back_stops_itself_and_goes_when_it_is_mended() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let site = Site::new(&format!("http://127.0.0.1:{port}"), "");
    let alive = site.start().await;
    push(&alive, 0..4).await;
    until("all are prepared", async || {
        let books = alive.node.store.books().await.unwrap();
        (books.unprepared, books.waiting >= 4) == (0, true)
    })
    .await;
    alive.stop().await;
    let conn = Connection::open(store(&site)).unwrap();
    let row = first(&conn);
    flip(&conn, "message", "payload", row);
    drop(conn);

    let portal = honest();
    let base = portal.base.clone();
    let site = Site { base, ..site };
    let alive = site.start().await;
    alive.settle().await;
    assert_eq!(portal.known(), 3, "all others went");
    // What stands behind it in its dossier waits with it.
    let mut stopped = parked(&alive).await;
    stopped.retain(|row| row.cause.as_deref() != Some("behind"));
    assert_eq!(
        (stopped.len(), stopped[0].owner, stopped[0].cause.as_deref()),
        (1, Some(Owner::Gateway), Some("message-unreadable"))
    );
    alive.stop().await;

    let conn = Connection::open(store(&site)).unwrap();
    flip(&conn, "message", "payload", row);
    drop(conn);
    let alive = site.start().await;
    assert_eq!(
        hand(&alive, &stopped[0], "retry", r#"{"reason":"mended"}"#).await,
        204
    );
    alive.settle().await;
    assert_eq!(portal.known(), 4);
    let checked = app::check_log(&alive.node, &site.config()).await.unwrap();
    assert_eq!(checked.findings, Vec::<String>::new());
    alive.stop().await;
}
