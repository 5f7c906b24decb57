//! Files whose disk, process or dossier came to an end.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use lienthong::app;
use serde_json::json;

use super::{
    PUBLIC, address, downloads, fetch, filed, folder, hand_in, kept, kind, naming, paper, site, whole,
};
use crate::support::http;

use crate::support::node::{Alive, Site};
use crate::support::portal::Portal;

const NUMBER: &str = "H99.14-260601-0001";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_changed_cut_or_lost_is_not_given_out() {
    let site = site("http://127.0.0.1:9", "");
    let alive = site.start().await;
    let path = filed(&alive, NUMBER, &paper(1)).await;
    let file = folder(&site).remove(0);
    let sound = std::fs::read(&file).unwrap();
    let mut changed = sound.clone();
    changed[1_000] ^= 1;
    for bytes in [&changed[..], &sound[..sound.len() - 1], b""] {
        std::fs::write(&file, bytes).unwrap();
        let refused = fetch(&alive, &path, &[]).await;
        assert_eq!((refused.status, kind(&refused)), (500, "file-broken".to_owned()));
    }
    assert_eq!(downloads(&alive).await, 0, "nothing left, nothing is entered");
    // A later part that does not open breaks the answer off: what comes is shorter than was said, and never wrong.
    let mut later = sound.clone();
    later[150_000] ^= 1;
    std::fs::write(&file, &later).unwrap();
    let broken = fetch(&alive, &path, &[]).await;
    assert!(broken.body.len() < paper(1).len() && paper(1).starts_with(&broken.body));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(kind(&fetch(&alive, &path, &[]).await), "file-broken");
    std::fs::write(&file, &sound).unwrap();
    assert_eq!(
        fetch(&alive, &path, &[]).await.body,
        paper(1),
        "brought back, it is served"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_erased_takes_its_files_along_but_for_those_that_another_dossier_names() {
    let portal = Portal::start(|_, honest| honest());
    let site = site(&portal.base, "");
    let alive = site.start().await;
    let second = "H99.14-260601-0002";
    let mut paths = vec![
        filed(&alive, NUMBER, &paper(1)).await,
        filed(&alive, second, &paper(2)).await,
    ];
    // The third is about somebody else and names the second's file as well.
    let shared = paper(2);
    let digest = kept(&alive, "igate", &shared).await;
    let mut other: serde_json::Value =
        serde_json::from_slice(&naming("igate", "H99.14-260601-0003", &digest)).unwrap();
    other["applicant"]["data"]["identityNumber"] = json!("099000000777");
    assert_eq!(
        alive.push("igate", other.to_string().as_bytes()).await.status,
        202
    );
    paths.push(address(&alive, "H99.14-260601-0003").await);
    alive.settle().await;
    let subject = subject(&alive, NUMBER).await;
    let asked = json!({ "subject": subject, "reason": "yêu cầu của công dân", "basis": "Luật 91/2025" });
    let headers = [
        ("authorization", "Bearer hand"),
        ("content-type", "application/json"),
    ];
    let erased = alive
        .call("POST", "/v1/erasures", &headers, asked.to_string().as_bytes())
        .await;
    assert_eq!(
        erased.json()["erased"],
        json!([NUMBER, second]),
        "{}",
        erased.json()
    );
    for path in &paths[..2] {
        let gone = fetch(&alive, path, &[]).await;
        assert_eq!((gone.status, kind(&gone)), (410, "file-gone".to_owned()));
    }
    assert_eq!(fetch(&alive, &paths[2], &[]).await.body, shared);
    whole(&alive).await;
    alive.node.upkeep.checkpoint().await.unwrap();
    let checked = app::check_log(&alive.node, &site.config()).await.unwrap();
    assert_eq!(checked.findings, Vec::<String>::new());
    // Handed in again it is another file, under another key.
    assert_eq!(
        hand_in(&alive, "igate", "token-igate", &paper(1)).await.status,
        201
    );
    alive.stop().await;
    let alive = site.start().await;
    assert_eq!(
        folder(&site).len(),
        2,
        "what no key opens is taken away at the start"
    );
    alive.stop().await;
}

/// The first number of a person in a dossier.
async fn subject(alive: &Alive, number: &str) -> String {
    let filed = alive.node.store.filed(number).await.unwrap().unwrap();
    let dossier: lienthong::model::Dossier = serde_json::from_slice(&filed).unwrap();
    let first = lienthong::translate::identities(&dossier).into_iter().next();
    first.unwrap().to_owned()
}

/// A node in a process of its own.
struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Serving {
    fn start(site: &Site) -> Self {
        let config = std::fs::read_to_string(site.path("lienthong.toml")).unwrap();
        if !config.contains(PUBLIC) {
            let config = config.replacen("[http]\n", &format!("[http]\npublic = \"{PUBLIC}\"\n"), 1);
            std::fs::write(site.path("lienthong.toml"), config).unwrap();
        }
        let said = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(site.path("said"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_lienthong"))
            .args(["serve", "--config"])
            .arg(site.path("lienthong.toml"))
            .stdout(Stdio::piped())
            .stderr(said.unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address =
            lines.find_map(|line| Some(line.unwrap().strip_prefix("listening on http://")?.to_owned()));
        Self {
            child,
            address: address.unwrap().parse().unwrap(),
        }
    }

    fn call(&self, method: &str, path: &str, body: &[u8]) -> http::Answer {
        let headers = [
            ("authorization", "Bearer token-igate"),
            ("content-type", "application/json"),
        ];
        http::call(self.address, method, path, &headers, body)
    }

    /// As a power cut does it.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn killed_while_a_file_comes_in_the_half_is_gone_and_what_was_answered_stays() {
    let site = Site::new("http://127.0.0.1:9", "");
    let node = Serving::start(&site);
    let whole = paper(1);
    let answered = node.call("POST", "/v1/systems/igate/files", &whole);
    assert_eq!(answered.status, 201);
    let mut half = TcpStream::connect(node.address).unwrap();
    let head = "POST /v1/systems/igate/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer token-igate\r\ncontent-length: 900000\r\n\r\n";
    half.write_all(head.as_bytes()).unwrap();
    half.write_all(&vec![7; 400_000]).unwrap();
    let began = std::time::Instant::now();
    while folder(&site).len() < 2 {
        assert!(
            began.elapsed().as_secs() < 20,
            "its bytes go to the disk as they come"
        );
        std::thread::yield_now();
    }
    node.kill();
    assert!(
        folder(&site).iter().any(|path| path.extension().is_some()),
        "half a file"
    );
    // And one that was whole, of which the store never heard.
    let stray = site
        .config()
        .files
        .path
        .join("0190a6a0-0000-7000-8000-000000000001");
    std::fs::write(&stray, "sealed").unwrap();
    let node = Serving::start(&site);
    assert_eq!(folder(&site).len(), 1, "{:?}", folder(&site));
    let digest = answered.json()["digest"].as_str().unwrap().to_owned();
    let pushed = node.call(
        "POST",
        "/v1/systems/igate/dossiers",
        &naming("igate", NUMBER, &digest),
    );
    assert_eq!(pushed.status, 202, "{}", pushed.json());
    let shown = node
        .call("GET", &format!("/v1/dossiers/{NUMBER}"), b"")
        .json()
        .to_string();
    let at = shown.find(PUBLIC).unwrap() + PUBLIC.len();
    let path = shown[at..].split('"').next().unwrap().to_owned();
    assert_eq!(node.call("GET", &path, b"").body, whole);
    node.kill();
    let said = std::fs::read_to_string(site.path("said")).unwrap();
    assert!(
        said.contains("/files/{id}") && !said.contains(&path["/files/".len()..]),
        "the address is in no log"
    );
}
