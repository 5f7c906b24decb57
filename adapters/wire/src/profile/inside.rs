//! What stands within an answer: the document at the end of a path, the words in a value, a page that is neither.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::document;
use crate::json;

/// How deep documents in documents are opened: XML in JSON in JSON was seen.
pub(super) const LAYERS: usize = 4;
/// How deep lists and objects are searched for words.
const WORDS: usize = 3;

/// The ministry's own document.
#[derive(Clone, PartialEq)]
pub enum Inside<'a> {
    /// A JSON value.
    Json(Value),
    /// A text that is no JSON: XML, or words.
    Text(Cow<'a, str>),
    /// Nothing stands where it should.
    Nothing,
}

/// Its sort only: it may be about a person.
impl fmt::Debug for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Inside::Json(_) => "Json(…)",
            Inside::Text(_) => "Text(…)",
            Inside::Nothing => "Nothing",
        })
    }
}

/// A document that stands in a text is opened, as often as it is wrapped.
pub(super) fn opened(value: Value, layers: usize) -> Inside<'static> {
    let text = match value {
        Value::Null => return Inside::Nothing,
        Value::String(text) => text,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return Inside::Json(value),
    };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Inside::Nothing;
    }
    if layers > 0
        && trimmed.starts_with(['{', '[', '"'])
        && let Some(inner) = document::read(trimmed)
    {
        return opened(inner, layers - 1);
    }
    Inside::Text(Cow::Owned(text))
}

/// What stands at the end of a path of members; an array on the way is entered at its first element.
pub(super) fn follow<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('/')
        .filter(|step| !step.is_empty())
        .try_fold(value, |at, step| {
            let at = at.as_array().and_then(|rows| rows.first()).unwrap_or(at);
            at.get(step)
        })
}

/// The same, taken out of the document.
pub(super) fn taken(document: &mut Value, path: &str) -> Option<Value> {
    let mut at = document;
    for step in path.split('/').filter(|step| !step.is_empty()) {
        if let Value::Array(rows) = at {
            at = rows.first_mut()?;
        }
        at = at.get_mut(step)?;
    }
    Some(at.take())
}

/// The words in a value: problems come as lists of sentences by the names of members.
pub(super) fn sentences(value: &Value) -> String {
    let mut all = Vec::new();
    gather(value, WORDS, &mut all);
    all.join("; ")
}

fn gather(value: &Value, levels: usize, all: &mut Vec<String>) {
    match (value, levels.checked_sub(1)) {
        (Value::Array(rows), Some(below)) => rows.iter().for_each(|row| gather(row, below, all)),
        (Value::Object(members), Some(below)) => {
            members.values().for_each(|member| gather(member, below, all))
        }
        _ => all.extend(json::scalar(value).filter(|words| !words.is_empty())),
    }
}

pub(super) fn scalar(value: &Value) -> Option<String> {
    let truth = value.as_bool().map(|yes| yes.to_string());
    truth.or_else(|| json::scalar(value).map(|text| text.trim().to_owned()))
}

pub(super) fn is_soap(body: &[u8]) -> bool {
    let start = body.get(..body.len().min(1_024)).unwrap_or_default();
    let start = String::from_utf8_lossy(start);
    let start = start.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('<') && start.contains("Envelope")
}

/// Whether a text is JSON that holds neither texts nor groups: `null`, `0`.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with([
        'n', 't', 'f', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
    ]) && document::read(text).is_some()
}

pub(super) fn is_page(text: &str) -> bool {
    let start: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}
