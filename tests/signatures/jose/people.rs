//! Other people's programs: `jwcrypto` and `http-message-signatures`, both ways, for each algorithm.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use lienthong::keys::FileKey;
use lienthong::model::signer::{Algorithm, Signer};
use lienthong::signing::digest::{Digests, Kind};
use lienthong::signing::jws::{Jws, Protected};
use lienthong::signing::mac::Secret;
use lienthong::signing::message::{Component, Hand, Policy, Received, Terms, claims, sign, verify};
use lienthong::signing::public::PublicKey;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Held, Written};
use crate::support::root;

/// The interpreter that has the two programs. Where it cannot be made, the test that asks for it fails.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_lienthong"))
        .ancestors()
        .nth(2)
        .unwrap();
    let made = Command::new("sh")
        .arg(root().join(".ci/jose"))
        .arg(target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(
        made.status.success(),
        "the environment of the JOSE tests cannot be made: {said}"
    );
    PathBuf::from(String::from_utf8(made.stdout).unwrap().trim())
}

/// Runs the script beside this file: JSON in, JSON out.
fn ask(asked: &Value) -> Value {
    let mut child = Command::new(python())
        .arg(root().join("tests/signatures/jose/people.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let written = asked.to_string();
    child.stdin.take().unwrap().write_all(written.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn pair(algorithm: Algorithm) -> (Arc<FileKey>, PublicKey) {
    let key = FileKey::generate(algorithm).unwrap().using(algorithm).unwrap();
    let public = PublicKey::from_der(key.public())
        .unwrap()
        .using(algorithm)
        .unwrap();
    (Arc::new(key), public)
}

const PAYLOAD: &str = "{\"mã hồ sơ\":\"H57.10-260106-0001\"}";

#[test]
fn jwcrypto_verifies_ours_and_we_verify_theirs() {
    let mut ours = Vec::new();
    for algorithm in Algorithm::ALL {
        let (key, _) = pair(algorithm);
        let protected = Protected::default().typ("JOSE").cty("application/json");
        let jws = Jws::with(key.clone(), &protected);
        ours.push(json!({
            "alg": algorithm.name(),
            "pem": key.public_pem(),
            "compact": jws.compact(PAYLOAD.as_bytes()).unwrap(),
            "plain": jws.detached(PAYLOAD.as_bytes()).unwrap(),
            "encoded": jws.detached_encoded(PAYLOAD.as_bytes()).unwrap(),
        }));
    }
    let told = ask(&json!({"jws": ours, "payload": PAYLOAD}));
    // Compact, twice detached, and a changed payload that they refuse: four for each algorithm.
    assert_eq!(told["verified"], Algorithm::ALL.len() * 4);
    let mut believed = 0;
    for one in told["jws"].as_array().unwrap() {
        let text = |name: &str| one[name].as_str().unwrap();
        let held = match text("alg") {
            "HS256" => {
                let secret = BASE64URL_NOPAD.decode(text("secret").as_bytes()).unwrap();
                Held::Shared(Secret::new("s", Zeroizing::new(secret)).unwrap())
            }
            alg => {
                let key = PublicKey::from_pem(text("pem").as_bytes()).unwrap();
                Held::Public(key.using(Algorithm::named(alg).unwrap()).unwrap())
            }
        };
        for (form, detached) in [
            ("compact", None),
            ("flattened", None),
            ("general", None),
            ("plain", Some(PAYLOAD)),
            ("plain_flattened", None),
        ] {
            let payload = super::verify(text(form), 0, detached, held.key());
            assert_eq!(
                payload.as_deref(),
                Ok(PAYLOAD.as_bytes()),
                "{} {form}",
                text("alg")
            );
            believed += 1;
        }
    }
    assert_eq!(believed, (Algorithm::ALL.len() + 1) * 5);
}

/// Those of our algorithms that RFC 9421 has a name for.
const HTTP: [Algorithm; 5] = [
    Algorithm::Ps512,
    Algorithm::Rs256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Ed25519,
];

const CREATED: i64 = 1_767_225_600;
/// Far away, so that no clock is needed.
const EXPIRES: i64 = 4_102_444_800;

fn asked() -> Written {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Written {
        method: "POST".into(),
        target: "https://Portal.Example:443/v1/hồ-sơ?a%20b=c+d&e=%c4%91&f".replace("hồ-sơ", "h%E1%BB%93"),
        status: None,
        headers: vec![
            header("Content-Type", "application/json"),
            header(
                "Content-Digest",
                &Digests::of(PAYLOAD.as_bytes()).write(&Kind::ALL),
            ),
            header("X-List", "  a "),
            header("x-list", "b,c"),
            header("Priority", "u=1,   i"),
            header("Example-Dict", "a=1,  b=2;x=1;y=2, c=(a   b  c), d"),
        ],
        body: PAYLOAD.into(),
        request: None,
    }
}

const OF_REQUESTS: &[&str] = &[
    "\"@method\"",
    "\"@target-uri\"",
    "\"@authority\"",
    "\"@scheme\"",
    "\"@request-target\"",
    "\"@path\"",
    "\"@query\"",
    "\"@query-param\";name=\"a%20b\"",
    "\"@query-param\";name=\"e\"",
    "\"content-digest\"",
    "\"content-digest\";sf;req",
    "\"content-type\"",
    "\"x-list\"",
    "\"x-list\";bs",
    "\"priority\";sf",
    "\"example-dict\";key=\"b\"",
    "\"example-dict\";key=\"c\"",
    "\"example-dict\";key=\"d\"",
];

const OF_ANSWERS: &[&str] = &[
    "\"@status\"",
    "\"content-digest\"",
    "\"@method\";req",
    "\"@target-uri\";req",
    "\"@query-param\";req;name=\"e\"",
    "\"content-digest\";req",
    "\"signature\";req;key=\"sig\"",
];

fn signed(mut message: Written, components: &[&str], hand: Hand<'_>, alg: bool) -> Written {
    let terms = Terms {
        components: components
            .iter()
            .map(|text| Component::read(text).unwrap())
            .collect(),
        expires: Some(EXPIRES),
        alg,
        ..Terms::gateway("hue \"1\"", "n\\1", CREATED)
    };
    let signed = message.with(|message| sign(&message, &terms, hand)).unwrap();
    message.add("Signature-Input", &signed.input);
    message.add("Signature", &signed.signature);
    message
}

/// A request and its answer, both signed.
fn both(hand: Hand<'_>, alg: bool) -> [Value; 2] {
    let fits = |text: &&&str| !text.contains(";req");
    let components: Vec<&str> = OF_REQUESTS.iter().filter(fits).copied().collect();
    let request = signed(asked(), &components, hand, alg);
    let answer = Written {
        status: Some(202),
        headers: vec![("Content-Digest".into(), Digests::of(b"").write(&[Kind::Sha256]))],
        body: Vec::new(),
        request: Some(Box::new(request.clone())),
        ..request.clone()
    };
    [request.write(), signed(answer, OF_ANSWERS, hand, alg).write()]
}

#[test]
fn http_message_signatures_verifies_ours_and_we_verify_theirs() {
    let secret = Secret::new("shared", Zeroizing::new(vec![7; 48])).unwrap();
    let mut ours = Vec::new();
    for (at, algorithm) in HTTP.into_iter().enumerate() {
        let (key, _) = pair(algorithm);
        let messages = both((&*key).into(), at % 2 == 0);
        ours.push(json!({"alg": algorithm.name(), "pem": key.public_pem(), "messages": messages}));
    }
    let messages = both((&secret).into(), true);
    ours.push(json!({"alg": "HS256", "secret": BASE64.encode(&[7; 48]), "messages": messages}));
    let told = ask(
        &json!({"http": ours, "request": asked().write(), "of_answers": OF_ANSWERS,
        "of_requests": OF_REQUESTS.iter().filter(|text| !text.contains(";req")).collect::<Vec<_>>()}),
    );
    // Each message, and the same with a changed method or status, which they refuse.
    assert_eq!(told["verified"], (HTTP.len() + 1) * 4);
    let mut believed = 0;
    for one in told["http"].as_array().unwrap() {
        let text = |name: &str| one[name].as_str().unwrap();
        let held = match text("alg") {
            "HS256" => {
                let secret = BASE64.decode(text("secret").as_bytes()).unwrap();
                Held::Shared(Secret::new("theirs", Zeroizing::new(secret)).unwrap())
            }
            alg => {
                let key = PublicKey::from_pem(text("pem").as_bytes())
                    .unwrap()
                    .known_as("theirs");
                Held::Public(key.using(Algorithm::named(alg).unwrap()).unwrap())
            }
        };
        for message in one["messages"].as_array().unwrap() {
            let message = Written::read(message);
            let body = Digests::of(&message.body);
            let policy = Policy {
                tag: Some("theirs".into()),
                longest: Some(300),
                ..Policy::default()
            };
            message.with(|message| {
                let claim = claims(&message).unwrap().pop().unwrap().unwrap();
                let received = Received {
                    message,
                    body: &body,
                    now: CREATED + 1,
                };
                let verified = verify(&received, &claim, held.key(), &policy)
                    .unwrap_or_else(|error| panic!("{}: {error}", text("alg")));
                assert!(verified.body && verified.remember.is_some());
            });
            believed += 1;
        }
    }
    assert_eq!(believed, (HTTP.len() + 1) * 2);
}
