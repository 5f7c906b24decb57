//! Files under a scanner: a thread that speaks as clamd does, and finds what it is told to find. It is no clamd.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::{address, fetch, filed, kept, kind, naming, paper, site, whole};
use crate::console::waits::accounts;
use crate::console::{PASSWORD, cookie, enter, look, text};
use crate::support::node::Alive;
use crate::support::portal::Portal;

/// What it finds.
const BAD: &[u8] = b"CHUOI-KY-TU-THU-NGHIEM";

struct Scanner {
    address: SocketAddr,
    /// It hears, and says nothing.
    silent: Arc<AtomicBool>,
    scanned: Arc<AtomicUsize>,
}

impl Scanner {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (silent, scanned) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (quiet, count) = (Arc::clone(&silent), Arc::clone(&scanned));
        let serve = move || {
            listener
                .incoming()
                .for_each(|stream| answer(stream.unwrap(), &quiet, &count))
        };
        std::thread::spawn(serve);
        Self {
            address,
            silent,
            scanned,
        }
    }

    fn settings(&self, more: &str) -> String {
        format!(
            "[files]\nscanner = \"{}\"\nscan_wait = \"2 s\"\n{more}",
            self.address
        )
    }
}

/// Answers one file, unless it is silent.
fn answer(mut stream: TcpStream, silent: &AtomicBool, scanned: &AtomicUsize) {
    let Some(bytes) = heard(&mut stream) else { return };
    scanned.fetch_add(1, Ordering::SeqCst);
    if silent.load(Ordering::SeqCst) {
        return;
    }
    let found = bytes.windows(BAD.len()).any(|part| part == BAD);
    let answer: &[u8] = if found {
        b"stream: Thu.Nghiem-1 FOUND\0"
    } else {
        b"stream: OK\0"
    };
    let _gone = stream.write_all(answer);
}

/// The whole file, as INSTREAM sends it.
fn heard(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut command = [0; 10];
    stream.read_exact(&mut command).ok()?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut bytes = Vec::new();
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length).ok()?;
        let length = u32::from_be_bytes(length) as usize;
        if length == 0 {
            return Some(bytes);
        }
        let start = bytes.len();
        bytes.resize(start + length, 0);
        stream.read_exact(&mut bytes[start..]).ok()?;
    }
}

async fn state(alive: &Alive, digest: &str) -> Value {
    let path = format!("/v1/systems/igate/files/{digest}");
    let headers = [("authorization", "Bearer token-igate")];
    let shown = alive.call("GET", &path, &headers, b"").await.json();
    json!([shown["scan"], shown["scan_says"]])
}

/// Waits until a file is said to be so.
async fn stands(alive: &Alive, digest: &str, wanted: Value) {
    for _ in 0..400 {
        if state(alive, digest).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} is not {wanted}", state(alive, digest).await);
}

fn bad() -> Vec<u8> {
    [paper(9), BAD.to_vec()].concat()
}

/// Operators see it among what waits.
async fn on_the_console(alive: &Alive, digest: &str) {
    let session = cookie(&enter(alive, "hai", PASSWORD, "").await);
    let page = text(&look(alive, "/console/queues", &session).await);
    for words in ["Thu.Nghiem-1", digest, "nộp tệp sạch"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_is_given_to_nobody_and_has_an_owner() {
    let portal = Portal::start(|_, honest| honest());
    let scanner = Scanner::start();
    let site = site(
        &portal.base,
        &scanner.settings("[console]\nsecond_factor = false\n"),
    );
    accounts(&site.path("accounts.toml"));
    let alive = site.start().await;
    let clean = kept(&alive, "igate", &paper(1)).await;
    stands(&alive, &clean, json!(["clean", null])).await;
    // Named before it was scanned, and then found.
    scanner.silent.store(true, Ordering::SeqCst);
    let path = filed(&alive, "H99.14-260601-0001", &bad()).await;
    assert_eq!(
        fetch(&alive, &path, &[]).await.status,
        200,
        "nobody knows yet, and nothing is held"
    );
    let waiting = alive.node.store.unscanned_files(i64::MAX, 9);
    let digest = waiting.await.unwrap().remove(0).digest;
    let digest = format!("sha-256:{}", data_encoding::HEXLOWER.encode(&digest));
    stands(&alive, &digest, json!(["not-scanned", "scanner-refused"])).await;
    scanner.silent.store(false, Ordering::SeqCst);
    alive.stop().await;
    // What was not scanned is scanned again, a minute later or by the clock of the next hour.
    rusqlite::Connection::open(site.config().store.path)
        .unwrap()
        .execute("UPDATE file SET scan_wake = 0", [])
        .unwrap();
    let alive = site.start().await;
    stands(&alive, &digest, json!(["found", "Thu.Nghiem-1"])).await;
    let harmful = fetch(&alive, &path, &[]).await;
    assert_eq!((harmful.status, kind(&harmful)), (451, "file-harmful".to_owned()));
    let refused = alive
        .push("igate", &naming("igate", "H99.14-260601-0002", &digest))
        .await;
    assert_eq!((refused.status, kind(&refused)), (422, "file-refused".to_owned()));
    assert_eq!(refused.json()["errors"][0]["digest"], json!(digest));
    let seen = |token: &'static str| {
        let alive = &alive;
        async move {
            alive
                .call("GET", "/v1/files", &[("authorization", token)], b"")
                .await
        }
    };
    assert_eq!(seen("Bearer token-igate").await.status, 403);
    let seen = seen("Bearer hand").await.json();
    assert_eq!(seen["books"], json!({ "held": 2, "not_scanned": 0, "found": 1 }));
    let parked = &seen["parked"][0];
    assert_eq!(
        (&parked["owner"], &parked["system"], &parked["found"]),
        (&json!("system"), &json!("igate"), &json!("Thu.Nghiem-1"))
    );
    on_the_console(&alive, &digest).await;
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_scanned_is_held_back_where_that_is_asked_for() {
    let scanner = Scanner::start();
    let site = site("http://127.0.0.1:9", &scanner.settings("hold_unscanned = true\n"));
    scanner.silent.store(true, Ordering::SeqCst);
    let alive = site.start().await;
    let path = filed(&alive, "H99.14-260601-0001", &paper(1)).await;
    let held = fetch(&alive, &path, &[]).await;
    assert_eq!((held.status, kind(&held)), (503, "file-held".to_owned()));
    assert!(held.header("retry-after").is_some());
    while scanner.scanned.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    alive.stop().await;
    let rows = rusqlite::Connection::open(site.config().store.path).unwrap();
    rows.execute("UPDATE file SET scan_wake = 0", []).unwrap();
    drop(rows);
    scanner.silent.store(false, Ordering::SeqCst);
    let alive = site.start().await;
    for _ in 0..400 {
        if fetch(&alive, &path, &[]).await.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(fetch(&alive, &path, &[]).await.body, paper(1));
    assert_eq!(address(&alive, "H99.14-260601-0001").await, path);
    // A verdict that the log does not tell is named.
    alive.stop().await;
    let rows = rusqlite::Connection::open(site.config().store.path).unwrap();
    rows.execute("UPDATE file SET scan = 'not-scanned'", []).unwrap();
    drop(rows);
    scanner.silent.store(true, Ordering::SeqCst);
    let alive = site.start().await;
    let found = alive.node.store.discrepancies().await.unwrap();
    assert!(
        found
            .iter()
            .any(|one| one.contains("which the log does not tell")),
        "{found:?}"
    );
    alive.stop().await;
}
