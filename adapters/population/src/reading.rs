//! What an answer comes to (§2.9), and the record in it.

use wire::profile::{Inside, Profile, Rule, Said};
use wire::soap::{self, Message};
use wire::xml::{Bounds, Element};
use wire::{Answer, Class, Hop, Operation, Reading, fault};

use fault::Fault;

use crate::names::COLLECTION;
use crate::normal::{self, Record};

/// Elements of one answer: a record has about a hundred.
const ELEMENTS: usize = 5_000;

/// What was found: what it comes to, and its normal form where it is one.
struct Found {
    class: Class,
    result: Option<Vec<u8>>,
}

impl Found {
    fn only(class: Class) -> Self {
        Found { class, result: None }
    }
}

/// Reads an answer to that operation, as its rule opens it. Total.
pub(crate) fn read(
    profile: &Profile,
    (operation, rule): (&Operation, &Rule),
    answer: &Answer<'_>,
) -> Reading {
    // A record has a few thousand bytes; whatever is longer than the profile allows is not looked at.
    if answer.body.len() > profile.xml_bytes {
        let fault = fault::carried(answer).unwrap_or_else(malformed);
        return fault.reading(operation.heals);
    }
    let Said {
        inside,
        class,
        code,
        text,
        trace,
    } = profile.open(operation.name, answer);
    let found = inside.and_then(|inside| match class {
        Some(class @ (Class::NoMatch | Class::Mismatch | Class::Ambiguous)) => Ok(Found::only(class)),
        Some(_) | None => found(profile, (operation, rule), (answer, &inside)),
    });
    let reading = match found {
        Ok(Found { class, result }) => Reading {
            result,
            hop: Some(Hop::Ministry),
            ..class.reading(operation.heals)
        },
        Err(fault) => fault.reading(operation.heals),
    };
    let unsaid = || Some(format!("HTTP {}", answer.status));
    Reading {
        code: reading.code.or(code).or_else(unsaid),
        text: reading.text.or(text),
        trace,
        ..reading
    }
}

fn malformed() -> Fault {
    Fault::new(Class::UpstreamMalformed, Hop::Ministry)
}

fn found(
    profile: &Profile,
    (operation, rule): (&Operation, &Rule),
    (answer, inside): (&Answer<'_>, &Inside<'_>),
) -> Result<Found, Fault> {
    let bounds = Bounds {
        bytes: profile.xml_bytes,
        depth: profile.xml_depth,
        elements: ELEMENTS,
        ..Bounds::default()
    };
    let message = soap::message(inside, &bounds).map_err(|fault| rule.known(fault))?;
    // Only a fault may come with a failing status.
    if !(200..=299).contains(&answer.status) {
        return Err(fault::carried(answer).unwrap_or_else(malformed));
    }
    let Some(Message { root, namespace }) = message else {
        // An answer of yes or no says one of them; a look-up that says nothing found nobody.
        return (operation.name != "exists")
            .then_some(Found::only(Class::NoMatch))
            .ok_or_else(malformed);
    };
    if !rule.is_of(namespace.as_deref()) {
        return Err(malformed());
    }
    match operation.name {
        "exists" => exists(&root),
        _ => citizens(&root),
    }
}

/// `KetQuaXacThuc` or `KetQuaXacThucResponse` with its `TonTai` (§2.6).
fn exists(root: &Element<'_>) -> Result<Found, Fault> {
    if !["KetQuaXacThuc", "KetQuaXacThucResponse"].contains(&root.local()) {
        return Err(malformed());
    }
    let mut answers = root.children.iter().filter(|child| child.local() == "TonTai");
    let (Some(answer), None) = (answers.next(), answers.next()) else {
        return Err(malformed());
    };
    match answer.text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(Found {
            class: Class::Match,
            result: Some(br#"{"TonTai":"true"}"#.to_vec()),
        }),
        "false" | "0" => Ok(Found::only(Class::NoMatch)),
        _ => Err(malformed()),
    }
}

/// `CongdanCollection`: nobody, one, or more than one, whose data is not passed on.
fn citizens(root: &Element<'_>) -> Result<Found, Fault> {
    if root.local() != "CongdanCollection" || !root.text.is_empty() {
        return Err(malformed());
    }
    let mut records = Vec::new();
    for child in &root.children {
        match child.local() {
            "CongDan" => records.extend(normal::record(child).map_err(|_| malformed())?),
            known if COLLECTION.contains(&known) && child.children.is_empty() => {}
            _ if !normal::says(child) => {}
            _ => return Err(malformed()),
        }
    }
    let said = ["SoCongDan", "SoLuongCongDan"]
        .iter()
        .find_map(|name| beside(root, name));
    let said: Option<usize> = said.and_then(|count| count.parse().ok());
    match (records.as_slice(), said) {
        ([], None | Some(0)) => Ok(Found::only(Class::NoMatch)),
        ([_], None | Some(1)) => one(root, &records),
        ([_, _, ..], _) | ([_], Some(2..)) => Ok(Found::only(Class::Ambiguous)),
        // It says another number than it holds.
        ([], Some(_)) | ([_], Some(0)) => Err(malformed()),
    }
}

fn one(root: &Element<'_>, records: &[Record]) -> Result<Found, Fault> {
    let [record] = records else {
        return Err(malformed());
    };
    // Details that do not agree are answered with a record of no name, as nobody at all is (§2.9).
    if !record.named {
        return Ok(Found::only(Class::NoMatch));
    }
    Ok(Found {
        class: Class::Match,
        result: Some(normal::collection(
            COLLECTION.map(|name| (name, beside(root, name))),
            record,
        )),
    })
}

/// What a collection says beside its citizens.
fn beside<'e>(root: &'e Element<'_>, name: &str) -> Option<&'e str> {
    let attribute = root.attribute(name);
    let said = attribute.or_else(|| root.text_at(&[name]));
    said.map(str::trim).filter(|said| !said.is_empty())
}
