//! What the database takes in a question (§2.4), checked before anything leaves.

use wire::time::Date;
use wire::{Call, Malformed, text};

/// The most characters of each argument that the database takes.
const LONGEST: [(&str, usize); 6] = [
    ("request", 40),
    ("procedure", 20),
    ("agency", 35),
    ("account", 100),
    ("phone", 20),
    ("name", 100),
];

/// Whether each argument can be what it stands for.
pub(crate) fn fits(call: &Call<'_>) -> Result<(), Malformed> {
    for (name, most) in LONGEST {
        let value = call.argument(name).unwrap_or_default();
        // A name is counted as it is written: composed.
        let written = if name == "name" {
            text::upper(value).chars().count()
        } else {
            value.chars().count()
        };
        if written > most {
            return Err(Malformed::Argued(name));
        }
    }
    let wrong = |name: &'static str, fits: fn(&str) -> bool| {
        let value = call.argument(name);
        value.is_some_and(|value| !fits(value)).then_some(name)
    };
    let found = wrong("number", is_number)
        .or_else(|| wrong("officer", |number| number.len() == 12 && is_number(number)))
        .or_else(|| wrong("born", |born| Date::parse(born).is_some()));
    found.map_or(Ok(()), |name| Err(Malformed::Argued(name)))
}

/// A personal number of 12 digits or an old card's of 9. None of either begins with three zeros: a number that does
/// stands where somebody had none to give (§8, row 17).
fn is_number(number: &str) -> bool {
    matches!(number.len(), 9 | 12)
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.starts_with("000")
}
