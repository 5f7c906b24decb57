//! The binary as its users run it: made, checked, served, pushed to, looked into, stopped, copied and put back.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use lienthong::app;
use serde_json::Value;

use crate::support::node::Site;

/// A verb that runs until it is told to stop.
struct Process {
    child: Child,
    /// Where it listens.
    url: String,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines
            .find_map(|line| Some(line.unwrap().strip_prefix("listening on ")?.to_owned()))
            .unwrap();
        // What else it says must have a reader, or it would wait for one.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// Asks it to end; true when it says that it did.
    fn stop(&mut self) -> bool {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        told.unwrap().success() && self.child.wait().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this thread has nothing else to do while processes work"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(arguments);
    command
}

/// Runs a verb to its end: its code, and all it said.
fn said(arguments: &[&str]) -> (i32, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command(arguments).output().unwrap();
    let text = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.code().unwrap(), text)
}

/// Runs a verb with `--json` and reads its last line.
fn json(arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    let (code, text) = said(&arguments);
    assert_eq!(code, 0, "{arguments:?}: {text}");
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// A twin, and a node that was made for it; a token for the province and one for the operator.
fn site() -> (Process, Site) {
    let books = tempfile::tempdir().unwrap().keep();
    let twin = Process::start(&[
        "twin",
        "--listen",
        "127.0.0.1:0",
        "--dir",
        books.to_str().unwrap(),
    ]);
    let site = Site::new(&format!("{}/VXPAdapter/RestService/forward", twin.url), "");
    for (name, secret) in [("province", "token-igate"), ("operator", "hand")] {
        std::fs::write(site.path(name), secret).unwrap();
    }
    std::fs::set_permissions(
        site.path("portal.password"),
        std::fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    (twin, site)
}

/// Shipped dossiers as files of their own.
fn dossiers(folder: &Path, from: usize, many: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let samples = app::samples()
        .into_iter()
        .filter(|sample| sample.system == "igate");
    for sample in samples.skip(from).take(many) {
        std::fs::write(folder.join(format!("{}.json", sample.case)), sample.body).unwrap();
    }
}

/// Pushes a folder and waits until so many dossiers in all have settled.
fn push(site: &Site, url: &str, folder: &str, dossiers: usize) -> u64 {
    let (token, folder) = (site.path("province"), site.path(folder));
    let arguments = [
        "push",
        folder.to_str().unwrap(),
        "--system",
        "igate",
        "--to",
        url,
        "--json",
    ];
    let output = command(&arguments)
        .arg("--token-file")
        .arg(token)
        .current_dir(site.folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let report: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    settle(site, url, dossiers);
    report["accepted"].as_u64().unwrap()
}

/// Waits until so many dossiers are prepared and nothing of them moves by itself.
fn settle(site: &Site, url: &str, dossiers: usize) {
    let operator = site.path("operator");
    let list = [
        "outbox",
        "list",
        "--all",
        "--url",
        url,
        "--token-file",
        operator.to_str().unwrap(),
    ];
    for _ in 0..600 {
        let rows = json(&list);
        let rows = rows.as_array().unwrap();
        let known: std::collections::BTreeSet<&str> =
            rows.iter().filter_map(|row| row["dossier"].as_str()).collect();
        let moving =
            |row: &Value| !["delivered", "refused", "parked"].contains(&row["state"].as_str().unwrap());
        if known.len() == dossiers && !rows.iter().any(moving) {
            return;
        }
        pause();
    }
    panic!("it did not settle: {}", json(&list));
}

#[test]
fn a_node_is_made_runs_is_looked_into_and_holds_to_what_it_gave_out() {
    let (_twin, site) = site();
    dossiers(&site.path("first"), 0, 2);
    dossiers(&site.path("second"), 2, 2);
    let path = |name: &str| site.path(name).to_str().unwrap().to_owned();
    let (dir, config, backup) = (path(""), path("lienthong.toml"), path("backup"));
    assert_eq!(
        said(&["init", "--config", &config]).0,
        1,
        "what stands is never replaced"
    );
    assert_eq!(json(&["check", "--config", &config])["good"], true);

    let mut node = Process::start(&["serve", "--config", &config]);
    assert_eq!(push(&site, &node.url, "first", 2), 2);
    assert_eq!(said(&["backup", &backup, "--dir", &dir]).0, 0, "while it runs");
    assert_eq!(push(&site, &node.url, "second", 4), 2);
    let remote = followed(&node.url);
    assert!(node.stop(), "it ends by itself when told");

    let kept = json(&["log", "verify", "--dir", &dir]);
    assert!(kept["leaves"].as_u64() >= remote["leaves"].as_u64() && kept["leaves"].as_u64() > Some(8));
    proved(&site, &dir, kept["vkey"].as_str().unwrap());

    let (code, text) = said(&["restore", &backup, "--dir", &dir]);
    assert!(code == 0 && text.contains("was given out"), "{text}");
    for verb in [&["check", "--config", &config], &["serve", "--config", &config]] {
        let (code, text) = said(verb);
        assert!(code == 1 && text.contains("older copy"), "{text}");
    }
    assert_eq!(
        said(&["log", "verify", "--dir", &dir]).0,
        1,
        "the head file remembers"
    );
    let store = std::fs::read_dir(site.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let newer = store
        .map(|path| path.display().to_string())
        .find(|path| path.contains(".replaced-"))
        .unwrap();
    assert_eq!(said(&["restore", &newer, "--dir", &dir]).0, 0);
    assert_eq!(json(&["log", "verify", "--dir", &dir]), kept);
}

/// What a stranger finds in the log of a running node, once a checkpoint reaches its leaves.
fn followed(url: &str) -> Value {
    for _ in 0..100 {
        let found = json(&["log", "verify", "--url", url]);
        assert_eq!(
            (&found["verified"], &found["vkey"]),
            (&Value::Bool(true), &Value::Null)
        );
        if found["leaves"].as_u64() > Some(8) {
            return found;
        }
        pause();
    }
    panic!("no checkpoint reaches the leaves");
}

/// The proof of an exchange stands alone, under the log's key and no other.
fn proved(site: &Site, dir: &str, vkey: &str) {
    let rows = json(&["outbox", "list", "--all", "--dir", dir]);
    let row = &rows[0];
    let members: Vec<&String> = row.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "exchange", "dossier", "partner", "state", "attempts", "owner", "action"
        ]
    );
    let (exchange, proof) = (row["exchange"].as_str().unwrap(), site.path("x.tlog-proof"));
    let proof = proof.to_str().unwrap();
    assert_eq!(said(&["outbox", "show", exchange, "--dir", dir]).0, 0);
    assert_eq!(said(&["log", "prove", exchange, "-o", proof, "--dir", dir]).0, 0);
    assert_eq!(json(&["verify", proof, "--trust", vkey])[0]["good"], true);
    let other = site.path("other.pem");
    assert_eq!(
        said(&["keys", "new", other.to_str().unwrap(), "--purpose", "log"]).0,
        0
    );
    let (code, public) = said(&[
        "keys",
        "new",
        site.path("more.pem").to_str().unwrap(),
        "--purpose",
        "receipt",
    ]);
    assert!(code == 0 && public.starts_with("-----BEGIN PUBLIC KEY-----"));
    std::fs::write(site.path("public.pem"), public).unwrap();
    assert_eq!(
        said(&[
            "verify",
            proof,
            "--trust",
            site.path("public.pem").to_str().unwrap()
        ])
        .0,
        1
    );
}

#[test]
fn the_partners_books_are_held_against_ours() {
    let (twin, site) = site();
    dossiers(&site.path("first"), 0, 2);
    let path = |name: &str| site.path(name).to_str().unwrap().to_owned();
    let (dir, config) = (path(""), path("lienthong.toml"));
    let mut node = Process::start(&["serve", "--config", &config]);
    push(&site, &node.url, "first", 2);
    let (code, text) = said(&["reconcile", "--dir", &dir]);
    assert!(code == 1 && text.contains("another process holds"), "{text}");
    assert_eq!(
        json(&["reconcile", "--dir", &dir, "--dry-run"])["differences"],
        Value::Array(Vec::new())
    );
    assert!(node.stop());
    let report = json(&["reconcile", "--dir", &dir]);
    assert_eq!(
        (report["dossiers"].as_u64(), report["open"].as_u64()),
        (Some(2), Some(0))
    );
    drop(twin);
    let (code, text) = said(&["reconcile", "--dir", &dir]);
    assert!(code == 1 && text.contains("cannot be reached"), "{text}");
    forgotten(&dir);
}

/// A partner that lost its books is told of by name, once nothing that was sent can still take effect.
fn forgotten(dir: &str) {
    let books = tempfile::tempdir().unwrap();
    let twin = Process::start(&[
        "twin",
        "--listen",
        "127.0.0.1:0",
        "--dir",
        books.path().to_str().unwrap(),
    ]);
    let base = format!("{}/VXPAdapter/RestService/forward", twin.url);
    for _ in 0..100 {
        let mut reconcile = command(&["reconcile", "--dir", dir, "--json"]);
        let output = reconcile
            .env("LIENTHONG_PARTNERS__PORTAL__BASE", &base)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "a person must decide");
        let text = String::from_utf8(output.stdout).unwrap();
        let report: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(report["open"].as_u64(), Some(2));
        if report["differences"][0]["theirs"] == "unknown" {
            return;
        }
        pause();
    }
    panic!("what the partner lost is never told");
}

#[test]
fn wrong_use_is_said_with_its_own_code() {
    let wrong: [&[&str]; 8] = [
        &[],
        &["serve", "--listen", "x"],
        &["outbox", "list", "--url", "no-address"],
        &["twin", "--listen", "127.0.0.1:0", "--day", "no-day"],
        &["log", "verify", "--trust", "no-key"],
        &["verify", "Cargo.toml", "--trust", "no-key"],
        &["map", "loss", "no/mapping"],
        &["backup", "f", "--url", "http://127.0.0.1:1"],
    ];
    for arguments in wrong {
        assert_eq!(said(arguments).0, 2, "{arguments:?}");
    }
    let undone: [&[&str]; 3] = [
        &["outbox", "list", "--url", "http://127.0.0.1:1"],
        &["log", "verify", "--dir", "/nowhere"],
        &["check", "--config", "/nowhere"],
    ];
    for arguments in undone {
        assert_eq!(said(arguments).0, 1, "{arguments:?}");
    }
    assert!(said(&["twin", "--days"]).1.starts_with("calm\n"));
}
