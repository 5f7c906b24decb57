//! Files handed in, named by digest in dossiers, and fetched at addresses that nobody guesses: whole or not at all, and never unseen.

mod broken;
mod lasting;
mod scanned;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::node::{Alive, SYSTEMS, Site, samples};
use crate::support::portal::Portal;

pub(crate) const PUBLIC: &str = "https://door.h99.example";

/// A site whose files have addresses; `more` is laid over it.
pub(crate) fn site(base: &str, more: &str) -> Site {
    Site::new(base, &format!("[http]\npublic = \"{PUBLIC}/\"\n{more}"))
}

/// The bytes of a paper: several parts, and the last not full.
pub(crate) fn paper(n: u8) -> Vec<u8> {
    let mut bytes = format!("%PDF-1.7\n% NGUYEN VAN MAU {n}\n").into_bytes();
    bytes.extend((0..200_000_u32).map(|at| (at.wrapping_mul(31) >> 3) as u8 ^ n));
    bytes
}

pub(crate) async fn hand_in(alive: &Alive, system: &str, token: &str, bytes: &[u8]) -> Answer {
    let token = format!("Bearer {token}");
    let headers = [
        ("authorization", token.as_str()),
        // What it claims to be is not believed.
        ("content-type", "text/html"),
    ];
    let path = format!("/v1/systems/{system}/files");
    alive.call("POST", &path, &headers, bytes).await
}

/// A dossier of a system with a number of its own, whose first file is named so.
pub(crate) fn naming(system: &str, number: &str, name: &str) -> Vec<u8> {
    let (list, case) = match system {
        "igate" => ("dossierFormFile", "born-in-a-month"),
        "opencps" => ("dossierFiles", ""),
        _ => ("ThanhPhanHoSo", "agency-of-the-state"),
    };
    let all = samples(system).into_iter();
    let mut dossiers = all
        .filter(|(name, _)| name.ends_with(case))
        .map(|(_, body)| serde_json::from_slice::<Value>(&body).unwrap());
    let mut dossier = dossiers
        .find(|dossier| dossier[list].as_array().is_some_and(|all| !all.is_empty()))
        .unwrap();
    let (key, place) = match system {
        "igate" => ("code", "/dossierFormFile/0/file/0/downloadURL"),
        "opencps" => ("dossierNo", "/dossierFiles/0/fileUrl"),
        _ => ("MaHoSo", "/ThanhPhanHoSo/0/DinhKem"),
    };
    dossier[key] = json!(number);
    *dossier.pointer_mut(place).unwrap() = json!(name);
    dossier.to_string().into_bytes()
}

/// The addresses of all files of the dossiers that a portal was sent, as paths.
fn addresses(portal: &Portal, number: &str) -> Vec<String> {
    let mut found = Vec::new();
    for asked in portal
        .asked()
        .iter()
        .filter(|asked| asked.dossier() && asked.number == number)
    {
        let text = asked.body.to_string();
        let parts = text.split("\"DuongDanTaiTepTin\":\"").skip(1);
        found.extend(parts.map(|part| part.split('"').next().unwrap().to_owned()));
    }
    let own = found
        .into_iter()
        .filter_map(|url| Some(url.strip_prefix(PUBLIC)?.to_owned()));
    own.collect()
}

/// The address of the one file of a dossier, through its own system's eyes.
pub(crate) async fn address(alive: &Alive, number: &str) -> String {
    let filed = alive.node.store.filed(number).await.unwrap().unwrap();
    let text = String::from_utf8(filed).unwrap();
    let at = text.find(PUBLIC).unwrap_or_else(|| panic!("{text}"));
    text[at + PUBLIC.len()..].split('"').next().unwrap().to_owned()
}

/// Hands a file in; its digest.
pub(crate) async fn kept(alive: &Alive, system: &str, bytes: &[u8]) -> String {
    let answer = hand_in(alive, system, &format!("token-{system}"), bytes).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()["digest"].as_str().unwrap().to_owned()
}

/// Hands a file in and pushes a dossier that names it; its path.
pub(crate) async fn filed(alive: &Alive, number: &str, bytes: &[u8]) -> String {
    let digest = kept(alive, "igate", bytes).await;
    let taken = alive.push("igate", &naming("igate", number, &digest)).await;
    assert_eq!(taken.status, 202, "{}", taken.json());
    address(alive, number).await
}

pub(crate) async fn fetch(alive: &Alive, path: &str, headers: &[(&str, &str)]) -> Answer {
    alive.call("GET", path, headers, b"").await
}

/// How many downloads the log tells of.
pub(crate) async fn downloads(alive: &Alive) -> usize {
    let entries = alive.node.store.entries(0, 100_000).await.unwrap();
    let told = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.contains("\"kind\":\"opened\"") && text.contains("\"what\":\"file\"")
    };
    entries.iter().filter(|entry| told(&entry.bytes)).count()
}

pub(crate) fn folder(site: &Site) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(site.config().files.path).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

pub(crate) async fn whole(alive: &Alive) {
    assert_eq!(
        alive.node.store.discrepancies().await.unwrap(),
        Vec::<String>::new()
    );
}

fn kind(answer: &Answer) -> String {
    answer.json()["type"]
        .as_str()
        .unwrap()
        .trim_start_matches("/problems/")
        .to_owned()
}

/// What an answer with a whole paper says of it.
fn as_it_should(fetched: &Answer, bytes: &[u8]) {
    for (header, value) in [
        ("content-type", "application/pdf"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, no-cache"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("content-length", &bytes.len().to_string()),
        ("etag", &format!("\"{}\"", hex(bytes))),
    ] {
        assert_eq!(fetched.header(header), Some(value), "{header}");
    }
    let disposition = fetched.header("content-disposition").unwrap().to_owned();
    assert!(
        disposition.starts_with("attachment; ") && disposition.contains(".pdf"),
        "{disposition}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_every_system_is_handed_in_named_delivered_and_fetched() {
    let portal = Portal::start(|_, honest| honest());
    let site = site(&portal.base, "");
    let alive = site.start().await;
    for (n, system) in SYSTEMS.into_iter().enumerate() {
        let bytes = paper(n as u8);
        let token = format!("token-{system}");
        let first = hand_in(&alive, system, &token, &bytes).await;
        assert_eq!(first.status, 201, "{}", first.json());
        let digest = first.json()["digest"].as_str().unwrap().to_owned();
        assert_eq!(digest, format!("sha-256:{}", hex(&bytes)));
        assert_eq!(first.json()["media"], "application/pdf");
        let again = hand_in(&alive, system, &token, &bytes).await;
        assert_eq!(
            (again.status, again.body),
            (201, first.body.clone()),
            "the same answer"
        );
        assert_eq!(folder(&site).len(), n + 1, "and nothing more is kept");
        let number = format!("H99.14-260601-000{n}");
        let name = format!("{digest}/đơn đề nghị.pdf");
        let taken = alive.push(system, &naming(system, &number, &name)).await;
        assert_eq!(taken.status, 202, "{}", taken.json());
        alive.settle().await;
        let path = addresses(&portal, &number).remove(0);
        assert_eq!(path.len(), "/files/".len() + 36, "{path}");
        assert_eq!(path, address(&alive, &number).await);
        let fetched = fetch(&alive, &path, &[]).await;
        assert_eq!((fetched.status, fetched.body == bytes), (200, true), "{system}");
        as_it_should(&fetched, &bytes);
        let shown = alive
            .call(
                "GET",
                first.header("location").unwrap(),
                &[("authorization", "Bearer hand")],
                b"",
            )
            .await;
        assert_eq!((shown.status, &shown.json()["named"]), (200, &json!(1)));
    }
    assert_eq!(downloads(&alive).await, SYSTEMS.len());
    whole(&alive).await;
    alive.stop().await;
    for path in folder(&site) {
        let sealed = std::fs::read(path).unwrap();
        assert!(
            !sealed.windows(6).any(|part| part == b"NGUYEN"),
            "nothing stands there in clear"
        );
    }
}

async fn status(alive: &Alive, body: String) -> u16 {
    alive.push("igate", body.as_bytes()).await.status
}

fn hex(bytes: &[u8]) -> String {
    openssl::sha::sha256(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_stays_for_a_dossier_and_is_another_for_another() {
    let portal = Portal::start(|_, honest| honest());
    let site = site(&portal.base, "");
    let alive = site.start().await;
    let digest = hand_in(&alive, "igate", "token-igate", &paper(1)).await.json()["digest"].clone();
    let digest = digest.as_str().unwrap();
    let mut known = Vec::new();
    for number in ["H99.14-260601-0001", "H99.14-260601-0002"] {
        let mut body: Value = serde_json::from_slice(&naming("igate", number, digest)).unwrap();
        // Twenty pushes of the same dossier at the same time, each a version of its own.
        let pushes = (0..20).map(|n| {
            body["note"] = json!(format!("lần {n}"));
            status(&alive, body.to_string())
        });
        let all = futures_util::future::join_all(pushes).await;
        assert!(all.iter().all(|status| *status == 202), "{all:?}");
        alive.settle().await;
        let mut paths = addresses(&portal, number);
        paths.dedup();
        assert_eq!(paths.len(), 1, "{paths:?}");
        known.extend(paths);
    }
    assert_ne!(known[0], known[1]);
    // The gateway's own address, pushed back, is an address like any other.
    let own = format!("{PUBLIC}{}", known[0]);
    assert_eq!(
        alive
            .push("igate", &naming("igate", "H99.14-260601-0001", &own))
            .await
            .status,
        202
    );
    alive.settle().await;
    assert_eq!(addresses(&portal, "H99.14-260601-0001").last(), Some(&known[0]));
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_are_served_and_every_answer_with_bytes_is_in_the_log_before() {
    let site = site("http://127.0.0.1:9", "");
    let alive = site.start().await;
    let bytes = paper(1);
    let path = filed(&alive, "H99.14-260601-0001", &bytes).await;
    let tag = format!("\"{}\"", hex(&bytes));
    for (range, part) in [
        ("bytes=0-0", 0..1),
        ("bytes=65535-65536", 65_535..65_537),
        ("bytes=131072-", 131_072..bytes.len()),
        ("bytes=-7", bytes.len() - 7..bytes.len()),
    ] {
        let some = fetch(&alive, &path, &[("range", range), ("if-range", tag.as_str())]).await;
        assert_eq!(
            (some.status, some.body == bytes[part.clone()]),
            (206, true),
            "{range}"
        );
        let said = format!("bytes {}-{}/{}", part.start, part.end - 1, bytes.len());
        assert_eq!(some.header("content-range"), Some(said.as_str()));
    }
    assert_eq!(downloads(&alive).await, 4);
    let other = fetch(
        &alive,
        &path,
        &[("range", "bytes=0-0"), ("if-range", "\"other\"")],
    )
    .await;
    assert_eq!((other.status, other.body.len()), (200, bytes.len()));
    assert_eq!(downloads(&alive).await, 5);
    // Nothing leaves, and nothing is entered.
    let beyond = fetch(&alive, &path, &[("range", "bytes=9999999-")]).await;
    assert_eq!((beyond.status, kind(&beyond)), (416, "bad-range".to_owned()));
    assert_eq!(
        beyond.header("content-range"),
        Some(format!("bytes */{}", bytes.len()).as_str())
    );
    let known = fetch(&alive, &path, &[("if-none-match", tag.as_str())]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let head = alive.call("HEAD", &path, &[], b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(
        head.header("content-length"),
        Some(bytes.len().to_string().as_str())
    );
    assert_eq!(downloads(&alive).await, 5);
    // The log names who fetched only blinded, and never the address.
    let entries = alive.node.store.entries(0, 1_000).await.unwrap();
    for entry in &entries {
        let text = String::from_utf8_lossy(&entry.bytes).into_owned();
        assert!(
            !text.contains(&path["/files/".len()..]) && !text.contains("127.0.0.1"),
            "{text}"
        );
    }
    let strange = fetch(&alive, "/files/00000000-0000-4000-8000-000000000000", &[]).await;
    assert_eq!((strange.status, kind(&strange)), (404, "unknown-file".to_owned()));
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_file_or_nobodys_is_refused_and_leaves_nothing() {
    let site = site("http://127.0.0.1:9", "[files]\nlimit = \"64 KiB\"\n");
    let alive = site.start().await;
    for (system, token, bytes, refused) in [
        ("igate", "token-igate", Vec::new(), (400, "empty-file")),
        ("igate", "token-igate", vec![1; 65_537], (413, "file-too-large")),
        (
            "igate",
            "token-igate",
            vec![1; 1_000_000],
            (413, "file-too-large"),
        ),
        ("igate", "nobody", vec![1], (401, "wrong-token")),
        ("igate", "token-opencps", vec![1], (403, "other-system")),
        ("igate", "hand", vec![1], (403, "other-system")),
        ("nosuch", "token-igate", vec![1], (404, "unknown-system")),
    ] {
        let answer = hand_in(&alive, system, token, &bytes).await;
        assert_eq!((answer.status, kind(&answer).as_str()), refused);
        assert_eq!(folder(&site).len(), 0, "{refused:?}");
    }
    let own = hand_in(&alive, "opencps", "token-opencps", &[7; 65_536]).await;
    assert_eq!(
        (own.status, &own.json()["media"]),
        (201, &json!("application/octet-stream"))
    );
    // Another system cannot see it, nor name it, nor learn that it is there.
    let digest = own.json()["digest"].as_str().unwrap().to_owned();
    let number = "H99.14-260601-0001";
    let refused = alive.push("igate", &naming("igate", number, &digest)).await;
    assert_eq!(
        (refused.status, kind(&refused)),
        (422, "file-not-handed-in".to_owned())
    );
    let said = refused.json();
    assert_eq!(
        (&said["owner"], &said["errors"][0]["digest"]),
        (&json!("system"), &json!(digest))
    );
    assert!(
        said["errors"][0]["pointer"]
            .as_str()
            .unwrap()
            .starts_with("/dossierFormFile"),
        "{said}"
    );
    assert!(
        alive.node.store.dossier(number).await.unwrap().is_none(),
        "nothing was accepted"
    );
    let see = async |system: &str, token: &str| {
        let token = format!("Bearer {token}");
        let path = format!("/v1/systems/{system}/files/{digest}");
        alive
            .call("GET", &path, &[("authorization", token.as_str())], b"")
            .await
            .status
    };
    assert_eq!(see("opencps", "token-opencps").await, 200);
    assert_eq!(see("opencps", "token-igate").await, 403);
    assert_eq!(see("igate", "token-igate").await, 404);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_public_address_and_without_room_nothing_is_taken() {
    let bare = Site::new("http://127.0.0.1:9", "");
    let alive = bare.start().await;
    let digest = hand_in(&alive, "igate", "token-igate", &paper(1)).await.json()["digest"].clone();
    let refused = alive
        .push(
            "igate",
            &naming("igate", "H99.14-260601-0001", digest.as_str().unwrap()),
        )
        .await;
    assert_eq!(
        (refused.status, kind(&refused)),
        (501, "no-public-address".to_owned())
    );
    assert_eq!(refused.json()["owner"], "gateway");
    alive.stop().await;
    let full = site(
        "http://127.0.0.1:9",
        "[outbox]\nmin_free_disk = \"9000000 GiB\"\n",
    );
    let alive = full.start().await;
    let refused = hand_in(&alive, "igate", "token-igate", &paper(1)).await;
    assert_eq!((refused.status, kind(&refused)), (503, "full".to_owned()));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(folder(&full).len(), 0);
    alive.stop().await;
}
