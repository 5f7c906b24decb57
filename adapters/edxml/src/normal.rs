//! The normal form of a letter: its header in JSON, under the names of the standard. Mappings write it from a dossier, and read
//! it from a packet that came; the adapter makes the packet.

use serde_json::Value;

use crate::identity;
use crate::moment::Moment;
use crate::packet::{Document, Hop};

/// Why JSON is no letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unformed {
    /// It is no JSON of this form. What is wrong is told without what stood there.
    #[error("no letter in its normal form, at line {line}, column {column}")]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Its key cannot be made: it has none, and its sender, its day or its number is missing.
    #[error("the letter has no key, and the parts of one are not all there")]
    Key,
}

/// The letter that JSON says, sent at this moment: its key is made of its parts where it has none (1.14), and the first hop is
/// its sender's.
///
/// # Errors
/// [`Unformed`] when it is no letter, or has no key.
pub fn letter(json: &[u8], at: Moment) -> Result<Document, Unformed> {
    // A list would be read as the members of a letter in their order.
    if json.trim_ascii_start().first() != Some(&b'{') {
        return Err(Unformed::Form { line: 1, column: 1 });
    }
    let mut letter: Document = serde_json::from_slice(json).map_err(|why| Unformed::Form {
        line: why.line(),
        column: why.column(),
    })?;
    if letter.document_id.is_empty() {
        let on = letter.issued.on.ok_or(Unformed::Key)?;
        let key = identity::compose(&letter.from.id, on, &letter.code);
        letter.document_id = key.ok_or(Unformed::Key)?;
    }
    if letter.trace.is_empty() {
        letter.trace.push(Hop {
            organ: letter.from.id.clone(),
            at: Some(at),
        });
    }
    Ok(letter)
}

/// The normal form of a letter: what is empty is left out.
#[must_use]
pub fn of(letter: &Document) -> Value {
    let mut form = serde_json::to_value(letter).unwrap_or_default();
    prune(&mut form);
    form
}

/// Takes out what says nothing, the innermost first.
fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, member| !is_empty(member));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Number(_) => false,
    }
}
