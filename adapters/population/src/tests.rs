//! The wire with every shipped profile, and every trap of the evidence that concerns it.

mod framed;
mod hostile;
mod read;
mod traps;

use wire::profile::Profile;
use wire::{Adapter, Answer, Auth, Call, Class, Credentials, Malformed, Reading, Request};

use super::Population;

/// The shipped profiles by name.
const PROFILES: [(&str, &str); 9] = [
    (
        "c06",
        include_str!("../../../config/profiles/population/c06.toml"),
    ),
    (
        "c06-seconds",
        include_str!("../../../config/profiles/population/c06-seconds.toml"),
    ),
    ("dt", include_str!("../../../config/profiles/population/dt.toml")),
    ("hg", include_str!("../../../config/profiles/population/hg.toml")),
    (
        "pass-through",
        include_str!("../../../config/profiles/population/pass-through.toml"),
    ),
    ("sp", include_str!("../../../config/profiles/population/sp.toml")),
    ("th", include_str!("../../../config/profiles/population/th.toml")),
    ("tn", include_str!("../../../config/profiles/population/tn.toml")),
    (
        "vdxp",
        include_str!("../../../config/profiles/population/vdxp.toml"),
    ),
];

/// The answer of §2.11: P1's whole record.
const ANSWER: &str = include_str!("../../../fixtures/population/citizen/p1-whole/answer.xml");
/// Its normal form.
const NORMAL: &str = include_str!("../../../fixtures/population/citizen/p1-whole/normal.json");

/// P1's question, as the reuse step puts it.
const QUESTION: [(&str, &str); 7] = [
    ("request", "H56-20260106-01J9Z0V7Q8XK2M4N6P8R"),
    ("procedure", "1.001193"),
    ("officer", "099185000058"),
    ("agency", "H56.10"),
    ("number", "099090000017"),
    ("name", "Trần Văn Mẫu"),
    ("born", "1990-05-17"),
];

/// The adapter of a profile's text.
fn of(text: &str) -> Population {
    let profile: Profile = toml::from_str(text).unwrap();
    Population::new(profile).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The adapter of a shipped profile.
fn adapter(name: &str) -> Population {
    let (_, text) = PROFILES.iter().find(|(known, _)| *known == name).unwrap();
    of(text)
}

fn auth(sha256: fn(&[u8]) -> [u8; 32]) -> Auth<'static> {
    Auth {
        at: 1_767_225_600_000,
        credentials: Credentials {
            username: "sandbox-tinh-38",
            password: "0123456789abcdef-not-a-real-key",
            secrets: &[("key", "khoa-thu-nghiem")],
        },
        sha256,
        hmac: |_, _| [0; 32],
    }
}

fn ask(adapter: &Population, operation: &str, question: &[(&str, &str)]) -> Result<Request, Malformed> {
    ask_with(adapter, operation, question, |_| [7; 32])
}

fn ask_with(
    adapter: &Population,
    operation: &str,
    question: &[(&str, &str)],
    sha256: fn(&[u8]) -> [u8; 32],
) -> Result<Request, Malformed> {
    let takes = adapter.operation(operation).unwrap();
    let taken = |name: &str| takes.arguments.contains(&name) || takes.optional.contains(&name);
    let arguments: Vec<(&str, &str)> = question.iter().copied().filter(|(name, _)| taken(name)).collect();
    adapter.frame(&Call {
        operation,
        arguments: &arguments,
        session: takes.session.then_some("00000000-0000-4000-8000-000000000001"),
        auth: Some(auth(sha256)),
        ..Call::default()
    })
}

/// The question with other values for some of its arguments.
fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let other = |name: &str| changes.iter().find(|(known, _)| *known == name);
    let kept = QUESTION
        .iter()
        .map(|(name, value)| *other(name).unwrap_or(&(name, value)));
    let added = changes
        .iter()
        .filter(|(name, _)| QUESTION.iter().all(|(known, _)| known != name));
    kept.chain(added.copied()).collect()
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(key, _)| key == name)?;
    Some(&found.1)
}

/// What the adapter of a shipped profile makes of an answer with 200.
fn reading(profile: &str, operation: &str, body: &str) -> Reading {
    status(profile, operation, 200, body)
}

fn status(profile: &str, operation: &str, status: u16, body: &str) -> Reading {
    let answer = Answer {
        status,
        body: body.as_bytes(),
        ..Answer::default()
    };
    adapter(profile).read(operation, &answer)
}

fn class(operation: &str, body: &str) -> Class {
    reading("c06", operation, body).class.unwrap()
}

/// The result of a reading, as JSON.
fn result(reading: &Reading) -> serde_json::Value {
    serde_json::from_slice(reading.result.as_ref().unwrap()).unwrap()
}

/// A collection around citizens, in its envelope.
fn collection(citizens: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
         <ns1:CongdanCollection xmlns:ns1=\"http://www.mic.gov.vn/dancu/1.0\">{citizens}</ns1:CongdanCollection>\
         </soapenv:Body></soapenv:Envelope>"
    )
}

/// A citizen of a name, with further members.
fn citizen(more: &str) -> String {
    let name = "<HoVaTen><Ho/><ChuDem/><Ten>TRẦN VĂN MẪU</Ten></HoVaTen>";
    format!("<CongDan><SoDinhDanh>099090000017</SoDinhDanh>{name}{more}</CongDan>")
}
