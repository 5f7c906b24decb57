//! Literals of their document on their way out, as JSON bytes.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::fault::Wrong;
use super::node::Node;
use crate::model::Value;

/// What is written in a place.
#[derive(Clone, PartialEq)]
pub(crate) enum Out<'v> {
    /// The member is left out.
    Nothing,
    Null,
    Text(Cow<'v, str>),
    Int(i64),
    Bool(bool),
}

impl<'v> From<Value<'v>> for Out<'v> {
    fn from(value: Value<'v>) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Int(number) => Self::Int(number),
            Value::Bool(yes) => Self::Bool(yes),
            // The compiler of lines lets none of these reach the end.
            Value::Absent | Value::Time(_) | Value::Date(_) | Value::Record(_) | Value::List(_) => {
                Self::Nothing
            }
        }
    }
}

impl Out<'_> {
    /// Writes it; says whether there was anything to write.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) -> bool {
        match self {
            Self::Nothing => return false,
            Self::Null => bytes.extend_from_slice(b"null"),
            Self::Text(text) => string(text, bytes),
            Self::Int(number) => json(number, bytes),
            Self::Bool(yes) => bytes.extend_from_slice(if *yes { b"true" } else { b"false" }),
        }
        true
    }

    /// True when it says the same as the node that came, or both are not there.
    pub(crate) fn same(&self, node: Option<&Node<'_>>) -> bool {
        match (self, node) {
            (Self::Nothing, None) | (Self::Null, Some(Node::Null)) => true,
            (Self::Text(text), Some(Node::Text(came))) => text == came,
            (Self::Int(number), Some(Node::Int(came))) => number == came,
            (Self::Bool(yes), Some(Node::Bool(came))) => yes == came,
            (Self::Nothing | Self::Null | Self::Text(_) | Self::Int(_) | Self::Bool(_), _) => false,
        }
    }

    /// The same as a JSON value; `None` when the member is left out.
    pub(crate) fn json(&self) -> Option<Json> {
        match self {
            Self::Nothing => None,
            Self::Null => Some(Json::Null),
            Self::Text(text) => Some(Json::String(text.as_ref().to_owned())),
            Self::Int(number) => Some(Json::from(*number)),
            Self::Bool(yes) => Some(Json::Bool(*yes)),
        }
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }
}

/// Writes a JSON string; runs of plain bytes are copied whole.
pub(crate) fn string(text: &str, bytes: &mut Vec<u8>) {
    bytes.push(b'"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        bytes.extend_from_slice(&text.as_bytes()[plain..at]);
        plain = at + 1;
        match byte {
            b'"' | b'\\' => bytes.extend_from_slice(&[b'\\', byte]),
            b'\n' => bytes.extend_from_slice(b"\\n"),
            b'\r' => bytes.extend_from_slice(b"\\r"),
            b'\t' => bytes.extend_from_slice(b"\\t"),
            control => bytes.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
    }
    bytes.extend_from_slice(&text.as_bytes()[plain..]);
    bytes.push(b'"');
}

/// Writes a JSON value; a buffer in memory cannot refuse it.
pub(crate) fn json(value: &impl serde::Serialize, bytes: &mut Vec<u8>) {
    let before = bytes.len();
    if serde_json::to_writer(&mut *bytes, value).is_err() {
        bytes.truncate(before);
    }
}

/// The value of a node that is no list and no object.
pub(crate) fn scalar<'n>(node: &'n Node<'_>) -> Result<Value<'n>, Wrong> {
    match node {
        Node::Null => Ok(Value::Absent),
        Node::Bool(yes) => Ok(Value::Bool(*yes)),
        Node::Int(number) => Ok(Value::Int(*number)),
        Node::Text(text) | Node::Document(text, _) => Ok(Value::Text(Cow::Borrowed(text))),
        Node::Float(_) => Err(Wrong::Number),
        Node::List(_) | Node::Map(_) => Err(Wrong::Type { wanted: "one value" }),
    }
}
