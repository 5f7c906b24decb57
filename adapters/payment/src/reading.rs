//! From an answer to its reading.

use serde_json::Value;
use wire::attach::BULK;
use wire::fault::Fault;
use wire::json::{scalar, words};
use wire::lookup::malformed;
use wire::profile::Inside;
use wire::{Answer, Class, Hop, Operation, Reading, Verdict, fault, media, normal};

use crate::confirmation::SECRETS;
use crate::framing::Framing;

const PDF: &str = "application/pdf";
/// The longest address of a page that is handed to a payer.
const ADDRESS: usize = 4 << 10;

/// What an answer to `operation` means.
pub(crate) fn read(framing: &Framing, operation: &Operation, answer: &Answer<'_>) -> Reading {
    let reading = match paper(operation, answer) {
        Some(reading) => reading,
        None => {
            let said = framing.answer.open(answer);
            let reading = match said.inside {
                Ok(inside) => opened(operation, inside),
                Err(fault) => fault.reading(operation.heals),
            };
            Reading {
                code: reading.code.or(said.code),
                text: reading.text.or(said.text),
                trace: said.trace,
                ..reading
            }
        }
    };
    let unsaid = || (reading.verdict != Verdict::Accepted).then(|| format!("HTTP {}", answer.status));
    Reading {
        code: reading.code.clone().or_else(unsaid),
        after: reading.after.or(answer.retry_after),
        ..reading
    }
}

/// A bill that came as a file (portal.md §2.7.4): its first bytes tell, and what only says that it is one is none.
fn paper(operation: &Operation, answer: &Answer<'_>) -> Option<Reading> {
    let says = answer
        .content_type
        .is_some_and(|media| media.to_ascii_lowercase().starts_with(PDF));
    let is_paper = media::of(answer.body) == PDF;
    if operation.name != "bill" || fault::carried(answer).is_some() || !(says || is_paper) {
        return None;
    }
    if !is_paper {
        return Some(malformed().reading(operation.heals));
    }
    if answer.body.len() > BULK.file {
        let long = Fault::new(Class::NotSupported, Hop::Gateway).saying(None, "a bill of more than 20 MiB");
        return Some(long.reading(operation.heals));
    }
    Some(Reading {
        result: Some(answer.body.to_vec()),
        hop: Some(Hop::Ministry),
        ..Class::Ok.reading(operation.heals)
    })
}

fn opened(operation: &Operation, inside: Inside<'_>) -> Reading {
    let document = match inside {
        Inside::Json(document) if document.is_object() => document,
        Inside::Json(_) | Inside::Text(_) | Inside::Nothing => return malformed().reading(operation.heals),
    };
    let at = |name: &str| {
        document
            .get(name)
            .and_then(scalar)
            .map(|text| text.trim().to_owned())
    };
    let code = at("MaLoi");
    let class = match (operation.name, code.as_deref()) {
        ("create", _) => ordered(&document),
        ("query", code) => state(code, at("TrangThaiGD").as_deref()),
        ("init", Some("00")) if is_address(at("UrlThanhToan").as_deref()) => Class::Ok,
        ("bill", Some("00")) => Class::Ok,
        (_, None | Some("00" | "")) => Class::UpstreamMalformed,
        (_, Some(_)) => Class::UpstreamRejected,
    };
    let reading = Reading {
        hop: Some(Hop::Ministry),
        ..class.reading(operation.heals)
    };
    let said = ["MoTaLoi", "error_message", "message"]
        .iter()
        .find_map(|name| document.get(*name));
    let said = said.map(words).unwrap_or_default();
    let accepted = reading.verdict == Verdict::Accepted;
    let code = code.or_else(|| at("error_code")).filter(|code| !code.is_empty());
    Reading {
        code: code.map(|code| wire::text::excerpt(&code)),
        result: accepted.then(|| told(document)).flatten(),
        ..reading.saying(&said)
    }
}

/// What a payment came to (§2.7.3): 1 is paid, 4 is not, and 3 is not known there either yet. All three are answers: a platform that
/// has many payments open is well. When code and state contradict each other, nobody knows.
fn state(code: Option<&str>, state: Option<&str>) -> Class {
    match (code, state) {
        (Some("00"), Some("1" | "4")) | (Some(_), Some("3" | "4")) => Class::Ok,
        (Some(_), Some("1")) => Class::UnknownResult,
        (None | Some("00" | ""), _) | (Some(_), Some(_)) => Class::UpstreamMalformed,
        (Some(_), None) => Class::UpstreamRejected,
    }
}

/// An order is there when there is a page to pay at.
fn ordered(document: &Value) -> Class {
    let address = document
        .get("data")
        .and_then(|order| order.get("url"))
        .and_then(Value::as_str);
    let code = document.get("error_code").and_then(scalar);
    let good = code
        .as_deref()
        .is_none_or(|code| matches!(code.trim(), "SUCCESSFUL" | "0" | "00" | ""));
    match (good, is_address(address)) {
        (true, true) => Class::Ok,
        (false, false) => Class::UpstreamRejected,
        (true, false) | (false, true) => Class::UpstreamMalformed,
    }
}

/// An address that a payer can be sent to.
fn is_address(address: Option<&str>) -> bool {
    address.is_some_and(|address| {
        let rest = address
            .strip_prefix("https://")
            .or_else(|| address.strip_prefix("http://"));
        let plain = address.len() <= ADDRESS && address.bytes().all(|byte| byte.is_ascii_graphic());
        plain && rest.is_some_and(|rest| !rest.is_empty())
    })
}

/// The answer in its normal form, without checksums and what is on a card.
fn told(document: Value) -> Option<Vec<u8>> {
    let mut document = normal::normal(document, &[]);
    if let Some(members) = document.as_object_mut() {
        members.retain(|name, _| !SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(name)));
    }
    serde_json::to_vec(&document).ok()
}
