//! Many callers at once, hostile bodies, and a process that is killed or cannot write.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::park_timeout;
use std::time::Duration;

use serde_json::Value;

use super::{generated, pushed};
use crate::support::http::{self, Answer};
use crate::support::node::{Site, samples};
use crate::support::portal::{Asked, Portal, STEPS, Say};

/// A gateway in a process of its own.
struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// Starts it through a shell that may limit it first.
    fn start(site: &Site, before: &str) -> Self {
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!("{before} exec \"$0\" serve --config \"$1\""))
            .arg(env!("CARGO_BIN_EXE_lienthong"))
            .arg(site.path("lienthong.toml"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let address = said
            .filter_map(|line| line.strip_prefix("listening on http://").map(str::to_owned))
            .next();
        Self {
            child,
            address: address.expect("it runs").parse().unwrap(),
        }
    }

    fn call(&self, method: &str, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        http::call(self.address, method, path, headers, body)
    }

    fn push(&self, system: &str, body: &[u8]) -> Answer {
        let token = format!("Bearer token-{system}");
        self.call(
            "POST",
            &format!("/v1/systems/{system}/dossiers"),
            body,
            &[("authorization", &token)],
        )
    }

    /// What the process has had of memory at most, in MiB.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        let kib: u64 = line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024
    }

    fn exchanges(&self) -> Vec<Value> {
        let headers = [("authorization", "Bearer hand")];
        let page = self.call("GET", "/v1/exchanges?limit=500", b"", &headers).json();
        page["exchanges"].as_array().unwrap().clone()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        park_timeout(Duration::from_millis(50));
    }
    panic!("it never came to it: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_body_fifty_times_at_once_is_one_dossier_and_one_receipt() {
    let portal = Portal::start(|_, honest| honest());
    let (_site, alive) = pushed(&portal, "", 0).await;
    let (body, other) = (generated(&alive, 0), generated(&alive, 1));
    let headers = [
        ("authorization", "Bearer token-igate"),
        ("idempotency-key", "once"),
    ];
    let call = |body| alive.call("POST", "/v1/systems/igate/dossiers", &headers, body);
    let answers = futures_util::future::join_all((0..50).map(|_| call(&body))).await;
    assert!(answers.iter().all(|answer| answer.status == 202));
    let receipts: BTreeSet<_> = answers.iter().map(|answer| answer.body.clone()).collect();
    assert_eq!(receipts.len(), 1, "byte for byte");
    let refused = futures_util::future::join_all((0..10).map(|_| call(&other))).await;
    for answer in &refused {
        assert_eq!(answer.status, 409);
        let said = answer.json();
        assert!(
            said["accepted"].is_string()
                && said["received"].is_string()
                && said["accepted"] != said["received"]
        );
    }
    alive.settle().await;
    assert_eq!(alive.node.store.books().await.unwrap().dossiers, 1);
    assert_eq!(portal.count(Asked::dossier), 1);
    alive.stop().await;
}

#[test]
fn killed_while_the_portal_is_thinking_nothing_is_lost_and_no_step_is_sent_twice() {
    let slow = Arc::new(AtomicBool::new(true));
    let sign = Arc::clone(&slow);
    let portal = Portal::start(move |asked, honest| {
        if asked.pushes() && sign.load(SeqCst) {
            Say::Late(Duration::from_millis(150), Box::new(honest()))
        } else {
            honest()
        }
    });
    let site = Site::new(&portal.base, "");
    let bodies: Vec<_> = ["opencps", "tandan"]
        .into_iter()
        .flat_map(|system| samples(system).into_iter().map(move |(_, body)| (system, body)))
        .collect();
    let mut receipts = Vec::new();
    for (round, chunk) in bodies.chunks(8).enumerate() {
        let process = Process::start(&site, "");
        for (system, body) in chunk {
            let answer = process.push(system, body);
            assert_eq!(answer.status, 202);
            receipts.push((*system, body, answer.body));
        }
        wait("something is under way", || portal.count(Asked::pushes) > round);
        process.kill();
    }
    slow.store(false, SeqCst);
    let process = Process::start(&site, "");
    for (system, body, receipt) in &receipts {
        assert_eq!(
            process.push(system, body).body,
            *receipt,
            "what was promised stands"
        );
    }
    let open = |row: &Value| row["state"] != "delivered" && row["state"] != "parked";
    wait("all is settled", || {
        !process.exchanges().is_empty() && !process.exchanges().iter().any(open)
    });
    assert_eq!(portal.known(), bodies.len());
    let steps = |row: &Value| portal.count(|asked| asked.service == STEPS && asked.number == row["dossier"]);
    let exchanges = process.exchanges();
    for row in &exchanges {
        assert!(
            row["state"] == "delivered" || row["operation"] == "progress",
            "{row}"
        );
        let of = |one: &&Value| one["dossier"] == row["dossier"] && one["operation"] == "progress";
        let owed = exchanges.iter().filter(of).count();
        let taken = exchanges
            .iter()
            .filter(of)
            .filter(|one| one["state"] == "delivered")
            .count();
        // Killed before its first byte left, it stands as one whose fate is unknown.
        assert!(
            (taken..=owed).contains(&steps(row)),
            "no message of steps left twice: {row}"
        );
    }
}

#[test]
fn two_gateways_do_not_share_a_folder() {
    let portal = Portal::start(|_, honest| honest());
    let site = Site::new(&portal.base, "");
    let first = Process::start(&site, "");
    let second = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["serve", "--config"])
        .arg(site.path("lienthong.toml"))
        .output()
        .unwrap();
    assert!(!second.status.success());
    let said =
        String::from_utf8_lossy(&second.stderr).into_owned() + &String::from_utf8_lossy(&second.stdout);
    assert!(said.contains("another process"), "{said}");
    assert_eq!(first.call("GET", "/healthz", b"", &[]).status, 200);
    first.kill();
    // The lock goes with the process, however it ends.
    assert_eq!(
        Process::start(&site, "").call("GET", "/healthz", b"", &[]).status,
        200
    );
}

#[test]
fn where_no_more_can_be_written_nothing_is_promised_and_what_was_promised_is_kept() {
    let portal = Portal::start(|_, honest| honest());
    let site = Site::new(&portal.base, "");
    // No file may grow beyond this; the signal that would end the process is turned off, so that it hears the error.
    let process = Process::start(&site, "trap '' XFSZ; ulimit -f 2500;");
    let mut kept = Vec::new();
    let mut refused = 0;
    for (_, body) in samples("opencps").iter().cycle().take(400) {
        let mut body: Value = serde_json::from_slice(body).unwrap();
        body["note"] = "x".repeat(20_000).into();
        body["pushed"] = (kept.len() + refused).into();
        let body = body.to_string().into_bytes();
        match process.push("opencps", &body) {
            answer if answer.status == 202 => kept.push((body, answer.body)),
            answer => {
                assert!([503, 507, 500].contains(&answer.status), "{}", answer.status);
                refused += 1;
            }
        }
        if refused > 20 {
            break;
        }
    }
    assert!(
        !kept.is_empty() && refused > 0,
        "{} kept, {refused} refused",
        kept.len()
    );
    assert_eq!(process.call("GET", "/healthz", b"", &[]).status, 200, "it lives");
    process.kill();
    let process = Process::start(&site, "");
    let (body, receipt) = kept.last().unwrap();
    assert_eq!(process.push("opencps", body).body, *receipt);
    // Steps that left while nothing could be written have a fate that nobody knows.
    let open = |row: &Value| {
        row["state"] != "delivered" && (row["state"] != "parked" || row["operation"] != "progress")
    };
    wait("all is settled", || {
        !process.exchanges().is_empty() && !process.exchanges().iter().any(open)
    });
    process.kill();
    let verified = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["log", "verify", "--dir"])
        .arg(site.folder.path())
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn two_hundred_hostile_bodies_at_once_cost_little_memory() {
    let portal = Portal::start(|_, honest| honest());
    let site = Site::new(&portal.base, "");
    let process = Process::start(&site, "");
    let (_, body) = samples("igate").remove(0);
    let mut large: Value = serde_json::from_slice(&body).unwrap();
    large["note"] = "x".repeat(4_800_000).into();
    let members: Vec<String> = (0..100_000).map(|n| format!("\"m{n}\":{n}")).collect();
    let lists = format!("[{}0]", "0,".repeat(9_000));
    let bodies: Vec<Arc<Vec<u8>>> = [
        large.to_string(),
        format!("{{\"a\":\"{}\"}}", "x".repeat(20 << 20)),
        "[".repeat(5_000_000),
        "{\"a\":".repeat(900_000),
        format!("{{{}}}", members.join(",")),
        format!("{{\"a\":[{}0]}}", format!("{lists},").repeat(270)),
        format!("[{}0]", "0,".repeat(2_600_000)),
        format!("[{}{{}}]", "{},".repeat(1_700_000)),
    ]
    .into_iter()
    .map(|body| Arc::new(body.into_bytes()))
    .collect();
    let before = process.peak();
    std::thread::scope(|scope| {
        for caller in 0..40 {
            let (process, bodies) = (&process, &bodies);
            let ask = move |turn: usize| {
                process
                    .push("igate", &bodies[(caller + turn) % bodies.len()])
                    .status
            };
            scope.spawn(move || assert!((0..5).map(ask).all(|status| status < 500 || status == 503)));
        }
    });
    let peak = process.peak();
    // What is read and worked on at once is bounded; the rest is the allocator's, in debug builds at most this much.
    assert!(peak < before + 200, "from {before} to {peak} MiB");
    // In the crowd each may have been told to come back; alone, what is right is taken.
    let (_, last) = samples("igate").remove(1);
    for right in [&bodies[0], &last] {
        assert_eq!(
            process.push("igate", right).status,
            202,
            "it still takes what is right"
        );
    }
    wait("it is delivered", || portal.known() >= 2);
}
