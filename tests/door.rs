//! The door: what it says of itself, what every answer carries, and how long it waits for whom.

mod schema;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use schema::{misfits, resolved};
use serde_json::{Value, json};

use crate::support::http::{self, Answer};
use crate::support::node::{Alive, National, Site, samples};
use crate::support::{files, root};

/// No portal stands there: the door needs none.
const NOWHERE: &str = "http://127.0.0.1:9";

async fn read(alive: &Alive, path: &str) -> Answer {
    alive
        .call("GET", path, &[("authorization", "Bearer hand")], b"")
        .await
}

fn described() -> Value {
    serde_json::from_slice(&std::fs::read(root().join("src/http/openapi.json")).unwrap()).unwrap()
}

/// The schema of an answer as the description has it: of its status, or of all others.
fn schema_of<'d>(document: &'d Value, path: &str, method: &str, answer: &Answer) -> &'d Value {
    let answers = &document["paths"][path][method]["responses"];
    let own = answers
        .get(answer.status.to_string())
        .unwrap_or(&answers["default"]);
    let media = answer
        .header("content-type")
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let schema = &resolved(document, own)["content"][media]["schema"];
    assert!(
        schema.is_object(),
        "{method} {path} {}: {media} is not described",
        answer.status
    );
    schema
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_path_takes_the_methods_that_are_described_and_names_them_to_who_tries_another() {
    let site = Site::new(NOWHERE, "");
    let alive = site.start().await;
    let document = described();
    assert_eq!(read(&alive, "/openapi.json").await.json(), document);
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace(['{', '}'], "");
        let refused = alive.call("TRACE", &path, &[], b"").await;
        assert_eq!(
            (refused.status, &refused.json()["type"]),
            (405, &json!("/problems/wrong-method")),
            "{path}"
        );
        let described = if item.get("get").is_some() {
            "GET,HEAD"
        } else {
            "POST"
        };
        assert_eq!(refused.header("allow"), Some(described), "{path}");
        let (asked, headed) = (
            alive.call("GET", &path, &[], b"").await,
            alive.call("HEAD", &path, &[], b"").await,
        );
        assert_eq!(asked.status, headed.status, "{path}");
        assert!(headed.body.is_empty(), "{path}");
    }
    for path in [
        "/",
        "/v1",
        "/v1/dossiers/",
        "/v1/dossiers/%FF",
        "/log/tile/",
        "/consoles",
    ] {
        let answer = read(&alive, path).await;
        assert_eq!(
            (answer.status, &answer.json()["type"]),
            (404, &json!("/problems/unknown-address")),
            "{path}"
        );
    }
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_answers_are_as_described() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, "");
    let alive = site.start().await;
    let document = described();
    let (_, body) = samples("opencps").remove(0);
    let many = format!("[{}, {{}}]", String::from_utf8(body.clone()).unwrap());
    for body in [body, many.into_bytes(), b"{}".to_vec(), b"[".to_vec()] {
        let answer = alive.push("opencps", &body).await;
        let schema = schema_of(&document, "/v1/systems/{system}/dossiers", "post", &answer);
        assert_eq!(
            misfits(&document, schema, &answer.json()),
            [""; 0],
            "{}",
            answer.status
        );
    }
    alive.settle().await;
    let row = read(&alive, "/v1/exchanges?limit=1").await.json()["exchanges"][0].clone();
    let (number, id) = (
        row["dossier"].as_str().unwrap(),
        row["exchange"].as_str().unwrap(),
    );
    for (path, status) in [
        ("/v1/dossiers/{number}", 200),
        ("/v1/dossiers/{number}/exchanges", 200),
        ("/v1/dossiers/{number}/origins", 200),
        ("/v1/exchanges", 200),
        (
            "/v1/exchanges?status=delivered&limit=1&since=2026-01-01T00:00:00Z",
            200,
        ),
        ("/v1/exchanges?status=gone", 400),
        ("/v1/exchanges/{id}", 200),
        ("/v1/procedures?limit=3", 200),
        ("/v1/procedures?limit=no", 400),
        ("/v1/procedures/1.001193", 200),
        ("/v1/procedures/1.001194", 404),
        ("/readyz", 200),
        ("/openapi.json", 200),
    ] {
        let answer = read(&alive, &path.replace("{number}", number).replace("{id}", id)).await;
        let described = path.split('?').next().unwrap();
        let described = if described.starts_with("/v1/procedures/") {
            "/v1/procedures/{code}"
        } else {
            described
        };
        let schema = schema_of(&document, described, "get", &answer);
        assert_eq!(
            (answer.status, misfits(&document, schema, &answer.json())),
            (status, Vec::new()),
            "{path}"
        );
    }
    hands_are_as_described(&alive, &document, id).await;
    forms_are_as_described(&alive, &document, number).await;
    alive.stop().await;
}

/// Forms, blank and filled in, and what is refused.
async fn forms_are_as_described(alive: &Alive, document: &Value, number: &str) {
    let asked = format!("{{\"dossier\":\"{number}\"}}");
    for (code, body) in [
        ("1.001193", ""),
        ("1.001193", "{}"),
        ("1.001193", asked.as_str()),
        ("1.001193", "["),
        ("1.001194", ""),
    ] {
        let headers = [("authorization", "Bearer hand")];
        let path = format!("/v1/procedures/{code}/form");
        let answer = alive.call("POST", &path, &headers, body.as_bytes()).await;
        let schema = schema_of(document, "/v1/procedures/{code}/form", "post", &answer);
        assert_eq!(
            misfits(document, schema, &answer.json()),
            [""; 0],
            "{path} {}",
            answer.status
        );
    }
}

/// What an operator hears whose exchange needs no hand.
async fn hands_are_as_described(alive: &Alive, document: &Value, id: &str) {
    for path in ["/v1/exchanges/{id}/retry", "/v1/exchanges/{id}/release"] {
        for body in [
            &br#"{"reason":"seen","as":"delivered"}"#[..],
            br#"{"reason":"seen"}"#,
            b"no",
        ] {
            let headers = [("authorization", "Bearer hand")];
            let answer = alive
                .call("POST", &path.replace("{id}", id), &headers, body)
                .await;
            let schema = schema_of(document, path, "post", &answer);
            assert_eq!(misfits(document, schema, &answer.json()), [""; 0], "{path}");
            assert!([409, 422].contains(&answer.status), "{path}: {}", answer.status);
        }
    }
}

#[test]
fn each_refusal_that_is_shown_is_described() {
    let document = described();
    let shown = files("fixtures/refused", "expected.json");
    assert!(shown.len() > 30);
    for path in shown {
        let problem: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let answers = &document["paths"]["/v1/systems/{system}/dossiers"]["post"]["responses"];
        let described = resolved(&document, &answers[problem["status"].to_string()]);
        let kind = problem["type"].as_str().unwrap().trim_start_matches("/problems/");
        let says = described["description"].as_str().unwrap_or_default();
        assert!(says.contains(&format!("`{kind}`")), "{kind} is not described");
        let schema = &document["components"]["schemas"]["Problem"];
        assert_eq!(
            misfits(&document, schema, &problem),
            [""; 0],
            "{}",
            path.display()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_carries_its_request_and_what_it_is_not() {
    let site = Site::new(NOWHERE, "");
    let alive = site.start().await;
    let own = "0190a6a0-0000-7000-8000-000000000001";
    let mut made = Vec::new();
    for path in [
        "/v1/exchanges",
        "/v1/exchanges?status=gone",
        "/nowhere",
        "/healthz",
    ] {
        let named = alive
            .call(
                "GET",
                path,
                &[("authorization", "Bearer hand"), ("x-request-id", own)],
                b"",
            )
            .await;
        assert_eq!(named.header("x-request-id"), Some(own), "{path}");
        assert_eq!(named.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(named.header("cache-control"), Some("no-store"), "{path}");
        let other = alive
            .call("GET", path, &[("x-request-id", "099000000001")], b"")
            .await;
        made.push(other.header("x-request-id").unwrap().to_owned());
    }
    assert!(made.iter().all(|id| id.len() == 36 && id != own), "{made:?}");
    made.dedup();
    assert_eq!(made.len(), 4, "each request has its own");
    alive.node.upkeep.checkpoint().await.unwrap();
    assert_ne!(
        read(&alive, "/log/checkpoint").await.header("cache-control"),
        Some("no-store"),
        "it may be kept"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_may_hold_what_a_path_may_not() {
    let site = Site::new(NOWHERE, "");
    let alive = site.start().await;
    let (_, body) = samples("tandan").remove(0);
    let mut dossier: Value = serde_json::from_slice(&body).unwrap();
    for number in ["H99/2026/0001", "H99 100% ế?#", "%2F"] {
        dossier["MaHoSo"] = json!(number);
        let taken = alive.push("tandan", dossier.to_string().as_bytes()).await;
        assert_eq!(
            taken.status,
            202,
            "{number}: {}",
            String::from_utf8_lossy(&taken.body)
        );
        let location = taken.header("location").unwrap().to_owned();
        let shown = read(&alive, &location).await;
        assert_eq!(
            (shown.status, &shown.json()["number"]),
            (200, &json!(number)),
            "{location}"
        );
        assert_eq!(
            read(&alive, &format!("{location}/exchanges")).await.status,
            200,
            "{location}"
        );
    }
    alive.stop().await;
}

/// What comes back until the other side closes, and how long that took.
fn rest(stream: &mut TcpStream) -> (String, Duration) {
    let began = Instant::now();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut bytes = Vec::new();
    let _cut = stream.read_to_end(&mut bytes);
    (String::from_utf8_lossy(&bytes).into_owned(), began.elapsed())
}

/// Sends a byte at a time until the other side has enough of it.
fn drip(address: SocketAddr, text: &str) -> Duration {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let began = Instant::now();
    for byte in text.bytes().cycle() {
        let closed = |read: std::io::Result<usize>| match read {
            Ok(count) => count == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        // Waiting for an answer is the pause between two bytes.
        if stream.write_all(&[byte]).is_err() || closed(stream.read(&mut [0; 512])) {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "it holds its place for ever"
        );
    }
    began.elapsed()
}

/// Begins a body and never ends it; the answer must say so.
fn stall(address: SocketAddr, path: &str, token: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 9\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let (answer, took) = rest(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("/problems/too-slow"),
        "{path}: {answer}"
    );
    assert!(took < Duration::from_secs(5), "{path}: {took:?}");
}

/// One request on a connection that stays open; its status.
fn ask_on(stream: &mut TcpStream) -> String {
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let status = lines.next().unwrap().unwrap();
    // Headers, the empty line, and the one line of the body.
    let _headers = lines
        .by_ref()
        .take_while(|line| !line.as_ref().unwrap().is_empty())
        .count();
    assert_eq!(lines.next().unwrap().unwrap(), "ok");
    status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_headers_or_a_body_too_slowly_is_cut_off_and_who_keeps_asking_is_not() {
    let site = Site::new(
        NOWHERE,
        "http = { header_timeout = \"1 s\", body_timeout = \"1 s\" }",
    );
    let alive = site.start().await;
    let address = alive.address;
    let outside = tokio::task::spawn_blocking(move || {
        let took = drip(
            address,
            "GET /healthz HTTP/1.1\r\nx-slow: for ever and ever and ever and ever and ever",
        );
        assert!((900..5_000).contains(&took.as_millis()), "cut off after {took:?}");

        let mut silent = TcpStream::connect(address).unwrap();
        let mut busy = TcpStream::connect(address).unwrap();
        for _ in 0..8 {
            assert!(ask_on(&mut busy).ends_with("200 OK"));
            std::thread::park_timeout(Duration::from_millis(300));
        }
        assert!(
            rest(&mut silent).1 < Duration::from_secs(5),
            "who asks nothing holds no place"
        );

        stall(address, "/v1/systems/igate/dossiers", "token-igate");
        stall(
            address,
            "/v1/exchanges/0190a6a0-0000-7000-8000-000000000001/retry",
            "hand",
        );
    });
    outside.await.unwrap();
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_too_many_waits_until_another_ends_and_a_stop_waits_for_nobody_idle() {
    let site = Site::new(NOWHERE, "http = { connections = 2, header_timeout = \"60 s\" }");
    let alive = site.start().await;
    let address = alive.address;
    let outside = tokio::task::spawn_blocking(move || {
        let mut first = TcpStream::connect(address).unwrap();
        let mut second = TcpStream::connect(address).unwrap();
        assert!(ask_on(&mut first).ends_with("200 OK") && ask_on(&mut second).ends_with("200 OK"));
        let mut third = TcpStream::connect(address).unwrap();
        third
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .unwrap();
        third.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        assert!(third.read(&mut [0; 1]).is_err(), "it waits");
        drop(first);
        assert!(rest(&mut third).0.ends_with("ok\n"));
        second
    });
    let idle = outside.await.unwrap();
    let began = Instant::now();
    alive.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(idle);
}

/// A node in a process of its own, and what it says of itself.
struct Serving {
    site: Site,
    child: Child,
    address: SocketAddr,
}

impl Serving {
    fn start() -> Self {
        let site = Site::new(NOWHERE, "");
        let open = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(site.path("portal.password"), open).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_lienthong"))
            .args(["serve", "--config"])
            .arg(site.path("lienthong.toml"))
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(site.path("said")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address =
            lines.find_map(|line| Some(line.unwrap().strip_prefix("listening on http://")?.to_owned()));
        let address = address.unwrap().parse().unwrap();
        Self { site, child, address }
    }

    /// Ends it; its whole log.
    fn stop(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::fs::read_to_string(self.site.path("said")).unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

#[test]
fn the_log_of_a_node_has_a_line_for_each_request_and_nothing_of_what_was_asked() {
    let node = Serving::start();
    let id = "0190a6a0-0000-7000-8000-000000000001";
    let asked = [
        (
            "GET",
            "/v1/dossiers/099000000001?name=Nguyen",
            "Bearer token-igate",
        ),
        ("GET", "/v1/exchanges?dossier=099000000001", "Bearer hand"),
        ("BREW", "/099000000001", "Bearer nobody"),
    ];
    for (method, path, token) in asked {
        http::call(
            node.address,
            method,
            path,
            &[("authorization", token), ("x-request-id", id)],
            b"",
        );
    }
    let text = node.stop();
    for secret in ["099000000001", "Nguyen", "token-igate", "BREW"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let rows: Vec<&Value> = rows.iter().filter(|row| row["request.id"] == id).collect();
    let told = |row: &Value| {
        assert!(row["ms"].is_u64() && row["level"] == "INFO", "{row}");
        [
            "http.method",
            "http.route",
            "http.status",
            "caller.kind",
            "caller.name",
        ]
        .map(|name| row[name].clone())
    };
    let expected = [
        json!(["GET", "/v1/dossiers/{number}", 404, "system", "igate"]),
        json!(["GET", "/v1/exchanges", 200, "operator", "hand"]),
        json!(["other", "none", 404, "nobody", ""]),
    ];
    assert_eq!(
        rows.into_iter()
            .map(told)
            .map(Value::from_iter)
            .collect::<Vec<_>>(),
        expected
    );
}
