//! The wire of the registers of enterprises, household businesses and co-operatives (national-databases.md §3).
//!
//! An enterprise is shown in one of two formats, as the profile asks for it. Each keeps the names of its own wire, misspelt
//! ones too (`HOAdress`, `LAST_AMEND_DATE`), and has a mapping of its own: one normal form of both would be a mapping
//! written in code, for they share no name, and much of what one says the other does not.

mod certificate;
mod form;

use serde_json::Value;
use wire::fault::Fault;
use wire::lookup::{Found, Lookup, Register, malformed, missing, question};
use wire::profile::Inside;
use wire::{Call, Class, Malformed, Operation};

/// The registers, as one site reaches them.
pub type Business = Lookup<Registers>;

/// What the registers are asked, and how they answer.
pub struct Registers;

impl Register for Registers {
    const NAME: &'static str = "business";
    const OPERATIONS: &'static [Operation] = &[
        question("enterprise", &["code"], &[]),
        question("household", &["code"], &[]),
        question("cooperative", &["code"], &[]),
        question("changed", &["from", "until", "offset", "size"], &[]),
        question(
            "changed-today",
            &["from-time", "until-time", "offset", "size"],
            &[],
        ),
        question("filing", &["id"], &[]),
    ];

    fn fits(call: &Call<'_>) -> Result<(), Malformed> {
        let fits = |name, form: fn(&str) -> bool| match call.argument(name) {
            Some(value) if !form(value) => Err(Malformed::Argued(name)),
            Some(_) | None => Ok(()),
        };
        fits("offset", is_count)?;
        fits("size", is_count)?;
        fits("from-time", is_minute)?;
        fits("until-time", is_minute)
    }

    fn found(operation: &str, inside: Inside<'_>) -> Result<Found, Fault> {
        let Inside::Json(document) = inside else {
            return Err(malformed());
        };
        match operation {
            "household" => certificate::found(document, "HHCert"),
            "cooperative" => certificate::found(document, "CoopCert"),
            "filing" => form::filing(document),
            "changed" | "changed-today" => form::filings(document),
            // The answer says itself in which format it is.
            _ if document.get("GetEntCert").is_some() => certificate::found(document, "GetEntCert"),
            _ => form::enterprise(document),
        }
    }
}

fn is_count(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u32>().is_ok()
}

/// `HH:mm`.
fn is_minute(text: &str) -> bool {
    let part = |part: &str, below| {
        part.len() == 2 && is_count(part) && part.parse::<u8>().is_ok_and(|part| part < below)
    };
    text.split_once(':')
        .is_some_and(|(hour, minute)| part(hour, 24) && part(minute, 60))
}

/// What the group `name` says: it is null, it is one that bears its `key`, or there are several. None where it is neither:
/// a group without its key is nobody's.
fn standing(group: &Value, name: &str, key: &str) -> Option<Class> {
    if group.get(format!("{name}{}", wire::normal::SEVERAL)).is_some() {
        return Some(Class::Ambiguous);
    }
    let one = group.get(name)?;
    let named = || one.get(key)?.as_str().filter(|code| !code.trim().is_empty());
    if one.is_null() {
        return Some(Class::NoMatch);
    }
    named().map(|_| Class::Match)
}

/// A finding of that class. Of several nothing is passed on.
fn told(class: Option<Class>, document: &Value) -> Result<Found, Fault> {
    match class {
        Some(class @ (Class::Match | Class::Ok)) => Ok(Found::of(class, document)),
        Some(class) => Ok(Found::nothing(class)),
        None => Err(missing(document)),
    }
}

#[cfg(test)]
mod tests;
