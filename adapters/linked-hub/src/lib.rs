//! The wire of the hub of linked births and deaths (DVCLT, Government Office; national-databases.md §4.7, portal.md §3.4): what
//! it holds for the province is listed, read whole and acknowledged, and the states of a dossier are told back to it.
//!
//! It is a wire of its own beside the civil-status register: another owner, another host, other tokens (one to read, one to
//! tell states, so two partners over this crate), another shape (XML in JSON), and answers that are sentences.

mod linked;
mod order;
mod outcome;
mod tells;
mod tray;

use serde_json::Value;
use wire::fault::Fault;
use wire::lookup::{Found, Lookup, Register, malformed, missing, question};
use wire::profile::Inside;
use wire::{Class, Heals, Limits, Operation, Payload};

pub use linked::{Item, Linked, Paper, items, linked};
pub use order::{Order, State, Turn};
pub use outcome::{Issued, Place, finished};
pub use tells::States;
pub use tray::Waiting;

/// The adapter.
pub type Hub = Lookup<Desk>;

const OPERATIONS: [Operation; 4] = [
    question("list", &[], &[]),
    question("detail", &["id"], &[]),
    // It says that a dossier was taken, which is as true the second time.
    question("acknowledge", &["linked"], &[]),
    // A state that is there already is answered in words that mean done.
    Operation {
        name: "status",
        heals: Heals::Repeatable,
        session: false,
        arguments: &[],
        optional: &[],
        payload: Payload::Object,
    },
];

/// What the hub is asked and told.
pub struct Desk;

impl Register for Desk {
    const NAME: &'static str = "linked-hub";
    const OPERATIONS: &'static [Operation] = &OPERATIONS;

    fn limits(operation: &str) -> Limits {
        let (bytes, elements) = match operation {
            "status" => (wire::attach::BULK.message, 1),
            _ => (0, 0),
        };
        Limits { bytes, elements }
    }

    fn settled(operation: &str, class: Class) -> Option<Found> {
        let settles = match operation {
            "status" => matches!(class, Class::Ok | Class::Duplicate),
            // Who does not know the dossier waits for no acknowledgement of it.
            "acknowledge" => matches!(class, Class::Ok | Class::NoMatch),
            _ => class == Class::NoMatch,
        };
        settles.then(|| Found::nothing(class))
    }

    fn found(operation: &str, inside: Inside<'_>) -> Result<Found, Fault> {
        match (operation, inside) {
            ("list", Inside::Json(Value::Array(rows))) if rows.is_empty() => {
                Ok(Found::nothing(Class::NoMatch))
            }
            ("list", Inside::Json(rows @ Value::Array(_))) => {
                Ok(Found::of(Class::Match, &linked::list(rows)))
            }
            ("detail", Inside::Json(document @ Value::Object(_))) => {
                linked::detail(document).map(|detail| Found::of(Class::Match, &detail))
            }
            // Words that no row of the profile knows: nobody can say whether it was taken.
            ("acknowledge" | "status", Inside::Text(words)) => Err(malformed().saying(None, &words)),
            (_, Inside::Json(document)) => Err(missing(&document)),
            (_, Inside::Text(_) | Inside::Nothing) => Err(malformed()),
        }
    }
}

#[cfg(test)]
mod tests;
