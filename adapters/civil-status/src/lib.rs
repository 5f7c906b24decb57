//! The wire of the civil-status register: dossiers of birth, death and marriage are pushed, and asked for until there is a
//! result (generation 2, national-databases.md §4.2–§4.6); of generation 1 what can be read (§4.1).
//!
//! A push is one JSON object, rendered and stored once: its `data` is JSON written into a text, its papers stand in
//! `fileDinhKem` as base64 (see [`PAPERS`]). Section numbers in this crate are those of national-databases.md.

mod awaited;
mod normal;
mod row;

use serde_json::Value;
use wire::fault::Fault;
use wire::lookup::{Found, Lookup, Register, malformed, missing, question};
use wire::profile::Inside;
use wire::{Call, Class, Heals, Limits, Malformed, Operation, Payload};

pub use awaited::Registrations;
pub use row::{Row, State, rows};
pub use wire::attach::Unusable;

/// The adapter.
pub type CivilStatus = Lookup<Books>;

/// Where the papers of a push stand, for [`wire::attach`].
pub const PAPERS: &str = "fileDinhKem[]/duLieuTepDinhKem";

/// The most dossiers of one poll (§4.11).
const BATCH: usize = 50;

const OPERATIONS: [Operation; 4] = [
    // A dossier that comes again is refused in words that mean "we have it" (§4.2), so the same bytes are sent again until the
    // register says one or the other: nothing is registered twice, and no look-up is needed between.
    Operation {
        name: "register",
        heals: Heals::Repeatable,
        session: false,
        arguments: &[],
        optional: &[],
        payload: Payload::Object,
    },
    question("results", &["dossiers", "module"], &["province", "unit"]),
    question("status", &["unit", "dossier"], &[]),
    question("record", &["module", "id"], &[]),
];

/// What the register is told and asked.
pub struct Books;

impl Register for Books {
    const NAME: &'static str = "civil-status";
    const OPERATIONS: &'static [Operation] = &OPERATIONS;

    fn fits(call: &Call<'_>) -> Result<(), Malformed> {
        let elements = call.argument("dossiers").map_or(0, |all| all.split(',').count());
        if elements > BATCH {
            return Err(Malformed::Many {
                elements,
                limit: BATCH,
            });
        }
        Ok(())
    }

    fn limits(operation: &str) -> Limits {
        let (bytes, elements) = match operation {
            "register" => (wire::attach::BULK.message, 1),
            "results" => (0, BATCH),
            _ => (0, 0),
        };
        Limits { bytes, elements }
    }

    fn settled(operation: &str, class: Class) -> Option<Found> {
        let settles = match operation {
            "register" => class == Class::Duplicate,
            _ => class == Class::NoMatch,
        };
        settles.then(|| Found::nothing(class))
    }

    fn found(operation: &str, inside: Inside<'_>) -> Result<Found, Fault> {
        let Inside::Json(document) = inside else {
            return Err(malformed());
        };
        match operation {
            "register" => taken(&document),
            "results" => polled(document),
            "status" => stands(&document),
            _ => record(document),
        }
    }
}

/// A push counts as taken by `status` 1 of the register itself, and by nothing else.
fn taken(document: &Value) -> Result<Found, Fault> {
    let status = document.get("status").and_then(wire::json::scalar);
    match status.as_deref().map(str::trim) {
        Some("1") => Ok(Found::nothing(Class::Ok)),
        Some(_) | None => Err(missing(document)),
    }
}

/// The rows of a poll; none at all is an answer too.
fn polled(document: Value) -> Result<Found, Fault> {
    let rows = document.get("value").and_then(Value::as_array).map(Vec::is_empty);
    match rows {
        Some(true) => Ok(Found::nothing(Class::NoMatch)),
        Some(false) => Ok(Found::of(Class::Match, &normal::results(document))),
        None => Err(missing(&document)),
    }
}

/// Generation 1: where a dossier stands, under `status` or `trangThai`.
fn stands(document: &Value) -> Result<Found, Fault> {
    let state = ["trangThai", "status"].iter().find_map(|name| document.get(name));
    match state.and_then(wire::json::scalar) {
        Some(state) if !state.is_empty() => Ok(Found::of(
            Class::Match,
            &serde_json::json!({ "trangThai": state }),
        )),
        Some(_) | None => Err(missing(document)),
    }
}

/// Generation 1: a record, which has members.
fn record(document: Value) -> Result<Found, Fault> {
    let told = document.as_object().is_some_and(|members| !members.is_empty());
    if told {
        Ok(Found::of(Class::Match, &normal::record(document)))
    } else {
        Err(malformed())
    }
}

#[cfg(test)]
mod tests;
