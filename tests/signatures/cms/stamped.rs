//! Checkpoints of a node that runs, stamped by an authority made of `openssl ts`, and judged by `openssl ts` again.

mod evidence;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use data_encoding::{BASE64, HEXLOWER};
use lienthong::app;
use serde_json::Value;

use super::shop::{Order, STAMPER, Shop};
use crate::support::node::{Alive, Site, samples};

/// No portal stands there: what is accepted makes the log grow.
const NOWHERE: &str = "http://127.0.0.1:9";

/// What the authority does when it is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Stamps = 0,
    Fails = 1,
    Babbles = 2,
    StampsSomethingElse = 3,
    StampsAsAnother = 4,
}

/// An authority that answers on loopback, and what it was asked.
struct Tsa {
    shop: Shop,
    address: String,
    mood: Arc<AtomicU64>,
    asked: Arc<AtomicU64>,
}

impl Tsa {
    fn open(mood: Mood) -> Self {
        let shop = Shop::with_holder("p256");
        for (name, subject) in [
            ("tsa", "/C=VN/O=Trial/CN=Trial TSA"),
            ("other", "/C=VN/O=Trial/CN=Other"),
        ] {
            let issuer = if name == "tsa" { "sub" } else { "stranger" };
            if issuer == "stranger" {
                shop.make(&Order {
                    name: issuer,
                    issuer,
                    subject: "/C=VN/O=Strange/CN=Strange Root",
                    ..Order::ROOT
                });
            }
            shop.make(&Order {
                name,
                issuer,
                subject,
                extensions: STAMPER,
                ..Order::HOLDER
            });
            shop.write(
                &format!("{name}.ts"),
                format!(
                    "[tsa]\ndefault_tsa=me\n[me]\nserial=serial\nsigner_cert={name}.pem\nsigner_key={name}.key\ncerts={issuer}.pem\n\
                     signer_digest=sha256\ndefault_policy=1.2.3.4.1\nother_policies=1.2.3.4.2\ndigests=sha256\ness_cert_id_alg=sha256\n"
                ),
            );
        }
        shop.write("serial", "0123456789ABCDEF\n");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/tsa", listener.local_addr().unwrap());
        let (mood, asked) = (Arc::new(AtomicU64::new(mood as u64)), Arc::new(AtomicU64::new(0)));
        let (folder, moods, count) = (shop.path(""), Arc::clone(&mood), Arc::clone(&asked));
        // It ends with the test's process, and serves nobody else.
        drop(thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                answer(stream, &folder, moods.load(Ordering::SeqCst));
            }
        }));
        Self {
            shop,
            address,
            mood,
            asked,
        }
    }

    fn is(&self, mood: Mood) {
        self.mood.store(mood as u64, Ordering::SeqCst);
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    /// A node whose checkpoints it stamps.
    fn site(&self, more: &str) -> Site {
        let pin = HEXLOWER.encode(self.shop.certificate("root").fingerprint());
        Site::new(
            NOWHERE,
            &format!(
                "[stamps]\nauthority = '{}'\nroots_file = '{}'\nroots_sha256 = ['{pin}']\nevery = '1 s'\nretries = 0\n{more}\n",
                self.address,
                self.shop.path("root.pem").display()
            ),
        )
    }
}

fn answer(stream: TcpStream, folder: &std::path::Path, mood: u64) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if let Some((_, value)) = line.split_once(':')
            && line.to_ascii_lowercase().starts_with("content-length:")
        {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut query = vec![0; length];
    reader.read_exact(&mut query).unwrap();
    let (status, body) = match mood {
        1 => ("500 Internal Server Error", Vec::new()),
        2 => ("200 OK", b"<html>please log in</html>".to_vec()),
        mood => ("200 OK", reply(folder, &query, mood)),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = stream;
    let _gone = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&body));
}

fn reply(folder: &std::path::Path, query: &[u8], mood: u64) -> Vec<u8> {
    let mut query = query.to_vec();
    if mood == Mood::StampsSomethingElse as u64 {
        // The imprint begins after version and algorithm; any of its bytes will do.
        let at = query.len() - 40;
        query[at] ^= 1;
    }
    std::fs::write(folder.join("query"), query).unwrap();
    let config = if mood == Mood::StampsAsAnother as u64 {
        "other.ts"
    } else {
        "tsa.ts"
    };
    let made = std::process::Command::new("openssl")
        .args(["ts", "-reply", "-config", config, "-queryfile", "query"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

/// The stamp over so many leaves, once it is there.
async fn stamp(alive: &Alive, leaves: u64) -> Value {
    for _ in 0..600 {
        let answer = alive.call("GET", &format!("/log/stamp/{leaves}"), &[], b"").await;
        if answer.status == 200 {
            return answer.json();
        }
        assert_eq!(answer.status, 404);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was stamped over {leaves} leaves");
}

/// Waits until the authority was asked so often.
async fn until_asked(tsa: &Tsa, times: u64) {
    for _ in 0..600 {
        if tsa.asked() >= times {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it was asked {} times only", tsa.asked());
}

async fn push(alive: &Alive, one: usize) {
    let (_name, body) = samples("opencps").swap_remove(one);
    let answer = alive.push("opencps", &body).await;
    assert!(matches!(answer.status, 200..=202), "{}", answer.status);
}

async fn findings(alive: &Alive, site: &Site) -> Vec<String> {
    app::check_log(&alive.node, &site.config())
        .await
        .unwrap()
        .findings
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_stamped_with_all_before_it_and_openssl_agrees() {
    let tsa = Tsa::open(Mood::Stamps);
    let site = tsa.site("policy = '1.2.3.4.2'");
    let alive = site.start().await;
    push(&alive, 0).await;
    let first = stamp(&alive, 1).await;
    let leaves = first["leaves"].as_u64().unwrap();
    let note = first["checkpoint"].as_str().unwrap();
    assert!(note.contains(&format!("\n{leaves}\n")), "{note}");
    tsa.shop.write("note", note);
    let token = BASE64
        .decode(first["token"].as_str().unwrap().as_bytes())
        .unwrap();
    tsa.shop.write("token", token);
    let verify = "ts -verify -in token -token_in -CAfile root.pem -untrusted sub.pem";
    tsa.shop.run(&format!("{verify} -data note"));
    let printed = tsa.shop.run("ts -reply -token_in -in token -text");
    assert!(String::from_utf8_lossy(&printed).contains("1.2.3.4.2"));
    tsa.shop.write("note", note.replace('\n', "\n\n"));
    assert!(!tsa.shop.try_run(&format!("{verify} -data note")).status.success());
    // What comes later is under a later stamp; the first stays what it was.
    push(&alive, 1).await;
    let later = stamp(&alive, leaves + 1).await;
    assert!(later["leaves"].as_u64().unwrap() > leaves);
    assert_eq!(stamp(&alive, 1).await, first);
    for beyond in ["/log/stamp/999999", "/log/stamp/x", "/log/stamp/-1"] {
        assert_eq!(alive.call("GET", beyond, &[], b"").await.status, 404);
    }
    assert_eq!(findings(&alive, &site).await, [""; 0]);
    let figures = alive.call("GET", "/metrics", &[], b"").await;
    let figures = String::from_utf8(figures.body).unwrap();
    assert!(figures.contains("lienthong_stamp_seconds_left 86"), "{figures}");
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_proves_nothing_is_not_kept_and_stops_nothing() {
    let tsa = Tsa::open(Mood::Fails);
    let site = tsa.site("patience = '1 s'");
    let alive = site.start().await;
    push(&alive, 0).await;
    for mood in [
        Mood::Fails,
        Mood::Babbles,
        Mood::StampsSomethingElse,
        Mood::StampsAsAnother,
    ] {
        tsa.is(mood);
        // One may have been under way already.
        until_asked(&tsa, tsa.asked() + 2).await;
        assert!(alive.node.store.newest_stamp().await.unwrap().is_none());
    }
    // It is told of, and accepting goes on.
    let left = alive.node.upkeep.stamp_left().await.unwrap().unwrap();
    assert!(left < 0, "{left}");
    push(&alive, 1).await;
    assert_eq!(alive.call("GET", "/readyz", &[], b"").await.status, 200);
    let size = alive.node.store.head().await.unwrap().size;
    while alive.node.store.checkpoint().await.unwrap().unwrap().size < size {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tsa.is(Mood::Stamps);
    // The first stamp covers everything that had waited.
    let stamped = stamp(&alive, 0).await;
    assert!(stamped["leaves"].as_u64().unwrap() >= size);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_that_was_changed_is_named_by_the_audit() {
    let tsa = Tsa::open(Mood::Stamps);
    let site = tsa.site("");
    let alive = site.start().await;
    push(&alive, 0).await;
    stamp(&alive, 1).await;
    alive.abandon().await;
    let conn = rusqlite::Connection::open(site.path("store")).unwrap();
    let first = "WHERE leaves = (SELECT min(leaves) FROM stamp)";
    type Row = (i64, i64, String, Vec<u8>);
    let row = conn.query_row(
        &format!("SELECT leaves, at, note, token FROM stamp {first}"),
        [],
        |row| Ok::<Row, _>((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    );
    let row = row.unwrap();
    for (change, why) in [
        ("at = at + 1", "another moment"),
        ("leaves = leaves - 1", "its checkpoint is over"),
        (
            "note = replace(note, 'lienthong', 'lienthonG')",
            "its checkpoint does not stand",
        ),
        (
            "token = CAST(substr(token, 1, length(token) - 8) || x'0000000000000000' AS BLOB)",
            "signature",
        ),
        ("token = x'3000'", "cannot be read"),
    ] {
        assert_eq!(
            conn.execute(&format!("UPDATE stamp SET {change} {first}"), []),
            Ok(1)
        );
        let node = app::node(&site.config()).unwrap();
        let found = app::check_log(&node, &site.config()).await.unwrap().findings;
        drop(node);
        assert_eq!(found.len(), 1, "{change}: {found:?}");
        assert!(found[0].contains(why), "{change}: {found:?}");
        let back = format!("UPDATE stamp SET leaves = ?1, at = ?2, note = ?3, token = ?4 {first}");
        assert_eq!(
            conn.execute(&back, rusqlite::params![row.0, row.1, row.2, row.3]),
            Ok(1)
        );
    }
}
