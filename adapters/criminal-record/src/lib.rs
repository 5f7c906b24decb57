//! The wire of the criminal-record register, generation 2 (national-databases.md §5.2), and of the platform VNeID, to which
//! the results of dossiers go that came from it (§5.3; portal.md §3.5). Two partners over one crate: each frames what it has.
//!
//! What comes back is the most sensitive content there is. It is never read into what the state holds, only handed on in
//! its own bytes ([`Row::outcome`]), and no form of it can be logged.

mod callback;
mod row;

use serde_json::Value;
use wire::fault::Fault;
use wire::lookup::{Found, Lookup, Register, malformed, missing, question};
use wire::normal::{self, Form, Forms};
use wire::profile::Inside;
use wire::{Class, Heals, Limits, Operation, Payload};

pub use callback::{Allocated, Doors};
pub use row::{Row, rows, with_outcome};

/// The adapter. What VNeID sends by itself is [`Allocated`].
pub type CriminalRecord = Lookup<Sheets>;

/// Where the papers of a push stand, for [`wire::attach`].
pub const PAPERS: &str = "toKhai/fileHoSo[]/noiDungFile";

const OPERATIONS: [Operation; 3] = [
    // A dossier that comes again is refused in words that mean "we have it" (§5.2).
    push("register"),
    question("results", &["dossier"], &["province"]),
    // A state that it has already, or has passed, is refused in words that mean done (§5.3).
    push("vneid"),
];

/// A push that may be sent again without harm, because a repeat is told as one.
const fn push(name: &'static str) -> Operation {
    Operation {
        name,
        heals: Heals::Repeatable,
        session: false,
        arguments: &[],
        optional: &[],
        payload: Payload::Object,
    }
}

/// What the register and VNeID are told and asked.
pub struct Sheets;

impl Register for Sheets {
    const NAME: &'static str = "criminal-record";
    const OPERATIONS: &'static [Operation] = &OPERATIONS;

    fn limits(operation: &str) -> Limits {
        let (bytes, elements) = match operation {
            "register" | "vneid" => (wire::attach::BULK.message, 1),
            _ => (0, 0),
        };
        Limits { bytes, elements }
    }

    fn settled(operation: &str, class: Class) -> Option<Found> {
        let settles = match operation {
            "results" => class == Class::NoMatch,
            _ => matches!(class, Class::Ok | Class::Duplicate),
        };
        settles.then(|| Found::nothing(class))
    }

    fn found(operation: &str, inside: Inside<'_>) -> Result<Found, Fault> {
        let Inside::Json(document) = inside else {
            return Err(malformed());
        };
        match operation {
            "register" => taken(&document, "status", "1"),
            "vneid" => taken(&document, "statusCode", "00"),
            _ => polled(document),
        }
    }
}

/// A push counts as taken by its own code of success.
fn taken(document: &Value, name: &str, good: &str) -> Result<Found, Fault> {
    let status = document.get(name).and_then(wire::json::scalar);
    match status.as_deref().map(str::trim) {
        Some(status) if status == good => Ok(Found::nothing(Class::Ok)),
        Some(_) | None => Err(missing(document)),
    }
}

/// A state may come as a number; nothing within a result is touched.
const FORMS: &Forms = &[("trangThaiXuLy", Form::Count)];

/// The rows of a poll; none at all is an answer too.
fn polled(mut document: Value) -> Result<Found, Fault> {
    match document.get_mut("value").map(Value::take) {
        Some(Value::Array(rows)) if rows.is_empty() => Ok(Found::nothing(Class::NoMatch)),
        Some(Value::Array(rows)) => {
            let rows: Vec<Value> = rows.into_iter().map(row).collect();
            Ok(Found::of(Class::Match, &serde_json::json!({ "value": rows })))
        }
        Some(_) | None => Err(missing(&document)),
    }
}

fn row(mut row: Value) -> Value {
    let outcome = row.get_mut("ketQuaXuLy").map(Value::take);
    let mut row = normal::normal(row, FORMS);
    if let (Some(place), Some(outcome)) = (row.get_mut("ketQuaXuLy"), outcome) {
        *place = outcome;
    }
    row
}

#[cfg(test)]
mod tests;
