//! The wire of the national store of electronic documents (national-databases.md §6.4): which digitised results the state
//! keeps of a person, and the file of one of them.
//!
//! A list is shown first; a file is fetched only to be used. Whoever asks is the officer, never the owner in disguise.

use data_encoding::{BASE64, BASE64_MIME};
use serde_json::Value;
use wire::fault::Fault;
use wire::lookup::{Found, Lookup, Register, malformed, missing, question};
use wire::media;
use wire::normal::{Form, Forms, normal};
use wire::profile::Inside;
use wire::{Call, Class, Hop, Malformed, Operation};

/// The store, as one site reaches it.
pub type DocumentStore = Lookup<Store>;

/// What the store is asked, and how it answers.
pub struct Store;

/// The longest file that is taken (§9.6).
pub const LONGEST: usize = 20 << 20;

const FORMS: &Forms = &[
    ("DanhSachGiayToKetQua", Form::Many),
    ("DanhSachTepDinhKem", Form::Many),
];

impl Register for Store {
    const NAME: &'static str = "document-store";
    const OPERATIONS: &'static [Operation] = &[
        question(
            "list",
            &["number", "officer", "officer-name", "procedure", "results"],
            &[],
        ),
        question("file", &["issuer", "path"], &[]),
    ];

    /// One program was seen to put the owner in the officer's place; then nobody knows who asked.
    fn fits(call: &Call<'_>) -> Result<(), Malformed> {
        let officer = call.argument("officer");
        if officer.is_some() && officer == call.argument("number") {
            return Err(Malformed::Argued("officer"));
        }
        Ok(())
    }

    fn found(operation: &str, inside: Inside<'_>) -> Result<Found, Fault> {
        match (operation, inside) {
            ("file", Inside::Text(text)) => file(&text, LONGEST),
            ("list", Inside::Json(document)) => list(document),
            (_, Inside::Json(document)) => Err(missing(&document)),
            (_, Inside::Text(_) | Inside::Nothing) => Err(malformed()),
        }
    }
}

/// The results in `result`; the answer is kept whole, for nobody knows what its `signature` covers.
fn list(document: Value) -> Result<Found, Fault> {
    let document = normal(document, FORMS);
    let result = document.get("result").ok_or_else(|| missing(&document))?;
    let rows = match result {
        Value::Null => return Ok(Found::nothing(Class::NoMatch)),
        Value::Object(members) => members.get("DanhSachGiayToKetQua"),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    };
    match rows.ok_or_else(malformed)? {
        Value::Null => Ok(Found::nothing(Class::NoMatch)),
        Value::Array(rows) if rows.is_empty() => Ok(Found::nothing(Class::NoMatch)),
        Value::Array(rows) if rows.iter().all(Value::is_object) => Ok(Found::of(Class::Match, &document)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) | Value::Array(_) => {
            Err(malformed())
        }
    }
}

/// The bytes of a file. What it is, [`media::of`] tells by them. Many a word is base64 too (`null`, `fail`), and a page may
/// say sorry in it: what is no paper of a known kind is not the state's.
fn file(text: &str, longest: usize) -> Result<Found, Fault> {
    let long = || Fault::new(Class::NotSupported, Hop::Gateway).saying(None, "a file of more than 20 MiB");
    // Half as much again: no such file is longer, however it is broken into lines.
    if text.len() > longest / 2 * 3 {
        return Err(long());
    }
    let broken = text.as_bytes().contains(&b'\n');
    let alphabet = if broken { BASE64_MIME } else { BASE64 };
    let bytes = alphabet.decode(text.as_bytes()).map_err(|_| malformed())?;
    if bytes.len() > longest {
        return Err(long());
    }
    if [media::UNKNOWN, media::PAGE].contains(&media::of(&bytes)) {
        return Err(malformed());
    }
    Ok(Found {
        class: Class::Match,
        result: Some(bytes),
    })
}

#[cfg(test)]
mod tests;
