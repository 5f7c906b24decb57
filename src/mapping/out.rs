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
    bytes.reserve(text.len() + 2);
    bytes.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(place) = special(rest) {
        bytes.extend_from_slice(&rest[..place]);
        match rest[place] {
            byte @ (b'"' | b'\\') => bytes.extend_from_slice(&[b'\\', byte]),
            b'\n' => bytes.extend_from_slice(b"\\n"),
            b'\r' => bytes.extend_from_slice(b"\\r"),
            b'\t' => bytes.extend_from_slice(b"\\t"),
            control => bytes.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = &rest[place + 1..];
    }
    bytes.extend_from_slice(rest);
    bytes.push(b'"');
}

/// Where the first byte stands that JSON escapes; eight are looked over at once.
fn special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    // A byte below n borrows from its highest bit; a neighbour may be taken for one, and is then looked at.
    let below = |word: u64, n: u8| word.wrapping_sub(ONES * u64::from(n)) & !word & HIGH;
    let (eights, last) = bytes.as_chunks::<8>();
    for (n, eight) in eights.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let slash = below(word ^ (ONES * u64::from(b'\\')), 1);
        if (below(word, 0x20) | quote | slash) != 0
            && let Some(place) = eight.iter().position(|byte| escaped(*byte))
        {
            return Some(n * 8 + place);
        }
    }
    let place = last.iter().position(|byte| escaped(*byte))?;
    Some(eights.len() * 8 + place)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_string_is_json_wherever_its_escapes_stand(
            plain in "[a-zé漢 ~!\u{7f}]{0,40}",
            place in 0_usize..40,
            odd in prop::sample::select(vec!["\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{1f}", "\u{80}", "#", "!"]),
        ) {
            let place = (0..=place.min(plain.len())).rev().find(|at| plain.is_char_boundary(*at)).unwrap_or(0);
            let text = format!("{}{odd}{}", &plain[..place], &plain[place..]);
            let mut bytes = Vec::new();
            string(&text, &mut bytes);
            prop_assert_eq!(serde_json::from_slice::<String>(&bytes).unwrap(), text.clone());
            prop_assert_eq!(bytes, serde_json::to_vec(&text).unwrap());
        }
    }
}
