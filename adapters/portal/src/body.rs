//! The portal's response envelope (§1.5), read as leniently as it is written.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use wire::json;

/// What an answer says.
pub(crate) struct Said {
    /// `error_code`, where it is a whole number and nothing contradicts it.
    pub(crate) code: Option<i64>,
    /// The words of `message`.
    pub(crate) text: String,
    /// The JSON of `result`, of the envelope itself or of one serialised into `message`.
    pub(crate) result: Option<String>,
    /// `session`.
    pub(crate) session: Option<String>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    error_code: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    session: Option<&'a RawValue>,
}

/// Reads an answer's body; none where it is not one whole envelope.
pub(crate) fn said(body: &[u8]) -> Option<Said> {
    let text = std::str::from_utf8(body).ok()?;
    envelope(text.trim_start_matches('\u{feff}'), true)
}

fn envelope(text: &str, outer: bool) -> Option<Said> {
    if !text.trim_start().starts_with('{') {
        return None; // serde would take an array for a struct
    }
    let read: Envelope<'_> = serde_json::from_str(text).ok()?;
    if read.error_code.is_none() && read.message.is_none() && read.result.is_none() {
        return None;
    }
    let said = Said {
        code: read.error_code.and_then(|raw| json::integer(raw.get())),
        text: String::new(),
        result: read.result.map(|raw| raw.get().to_owned()),
        session: read.session.and_then(value).as_ref().and_then(json::scalar),
    };
    Some(match read.message.filter(|_| outer).and_then(nested) {
        Some(inner) => said.with(inner),
        None => Said {
            text: read
                .message
                .and_then(value)
                .as_ref()
                .map(json::words)
                .unwrap_or_default(),
            ..said
        },
    })
}

fn value(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get()).ok()
}

/// The envelope within a message: an object, or one serialised into a string.
fn nested(message: &RawValue) -> Option<Said> {
    match serde_json::from_str::<String>(message.get()) {
        Ok(text) => envelope(&text, false),
        Err(_) => envelope(message.get(), false),
    }
}

impl Said {
    /// An inner code that differs makes the whole unclear; a code is not looked for inside alone.
    fn with(self, inner: Said) -> Said {
        let agree = |code: &i64| inner.code.is_none_or(|other| other == *code);
        Said {
            code: self.code.filter(agree),
            text: inner.text,
            result: self.result.or(inner.result),
            session: self.session,
        }
    }
}
