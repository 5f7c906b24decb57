//! JSON that cannot be written wrong, and JSON read as leniently as partners write it.

use serde::Deserializer as _;
use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

use crate::call::Malformed;
use crate::operation::Limits;

/// A payload known to be one whole JSON value, so that splicing it in cannot change what stands around it.
#[derive(Clone, Copy)]
pub struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// A JSON array of at least one element, within `limits`. One pass, nothing is built.
    pub fn array(bytes: &'a [u8], limits: Limits) -> Result<Self, Malformed> {
        const FORM: Malformed = Malformed::Form("a JSON array with at least one element");
        let text = bounded(bytes, limits)?.ok_or(FORM)?;
        let elements = count(text).map_err(|_| FORM)?;
        if elements == 0 {
            return Err(FORM);
        }
        if elements > limits.elements {
            return Err(Malformed::Many {
                elements,
                limit: limits.elements,
            });
        }
        Ok(Raw(text))
    }

    /// A JSON object, within `limits`.
    pub fn object(bytes: &'a [u8], limits: Limits) -> Result<Self, Malformed> {
        const FORM: Malformed = Malformed::Form("a JSON object");
        let text = bounded(bytes, limits)?.ok_or(FORM)?;
        let whole = serde_json::from_str::<IgnoredAny>(text).is_ok();
        if !whole || !text.trim_start().starts_with('{') {
            return Err(FORM);
        }
        Ok(Raw(text))
    }
}

fn bounded(bytes: &[u8], limits: Limits) -> Result<Option<&str>, Malformed> {
    if bytes.len() > limits.bytes {
        return Err(Malformed::Long {
            bytes: bytes.len(),
            limit: limits.bytes,
        });
    }
    Ok(std::str::from_utf8(bytes).ok())
}

/// How many elements a JSON array has.
pub fn count(text: &str) -> Result<usize, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let elements = reader.deserialize_seq(Count)?;
    reader.end()?;
    Ok(elements)
}

struct Count;

impl<'de> Visitor<'de> for Count {
    type Value = usize;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<usize, A::Error> {
        let mut seen: usize = 0;
        while elements.next_element::<IgnoredAny>()?.is_some() {
            seen = seen.checked_add(1).ok_or_else(|| A::Error::custom("too many"))?;
        }
        Ok(seen)
    }
}

/// A JSON object being written into one buffer: an envelope around a payload.
pub struct Object(Vec<u8>);

impl Object {
    /// An empty object with room for `capacity` bytes.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity);
        bytes.push(b'{');
        Object(bytes)
    }

    /// Adds a string.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        quote(&mut self.0, value);
        self
    }

    /// Adds a payload, byte for byte.
    #[must_use]
    pub fn raw(mut self, name: &str, value: Raw<'_>) -> Self {
        self.name(name);
        self.0.extend_from_slice(value.0.as_bytes());
        self
    }

    /// The finished object.
    #[must_use]
    pub fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        quote(&mut self.0, name);
        self.0.push(b':');
    }
}

/// Writes a JSON string; letters beyond ASCII stay as they are.
pub fn quote(into: &mut Vec<u8>, text: &str) {
    into.push(b'"');
    let mut rest = text.as_bytes();
    let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    while let Some(at) = rest.iter().position(special) {
        let (plain, after) = rest.split_at(at);
        into.extend_from_slice(plain);
        match after[0] {
            byte @ (b'"' | b'\\') => into.extend([b'\\', byte]),
            b'\n' => into.extend(*b"\\n"),
            b'\r' => into.extend(*b"\\r"),
            b'\t' => into.extend(*b"\\t"),
            byte => into.extend(format!("\\u{byte:04x}").bytes()),
        }
        rest = &after[1..];
    }
    into.extend_from_slice(rest);
    into.push(b'"');
}

/// A whole number, written as a number or as a string of digits.
#[must_use]
pub fn integer(text: &str) -> Option<i64> {
    match serde_json::from_str(text).ok()? {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => digits.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The words in a value: a string or number itself, those of an array or object one after the other (one level
/// deep, as partners wrap a message), nothing for the rest.
#[must_use]
pub fn words(value: &Value) -> String {
    let inner: Vec<String> = match value {
        Value::Array(values) => values.iter().filter_map(scalar).collect(),
        Value::Object(fields) => fields.values().filter_map(scalar).collect(),
        Value::String(_) | Value::Number(_) => scalar(value).into_iter().collect(),
        Value::Null | Value::Bool(_) => Vec::new(),
    };
    inner.join("; ")
}

/// A string or number as text.
#[must_use]
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits {
        bytes: 1_000,
        elements: 3,
    };

    #[test]
    fn a_payload_is_spliced_in_byte_for_byte() {
        let payload = b"[ {\"Ten\" :\"Th\\u1eed \\/ \xe1\xbb\xad\"},\n1.0e+2 ]";
        let raw = Raw::array(payload, LIMITS).unwrap();
        let body = Object::new(64).text("a\"", "\u{1}\n").raw("data", raw).end();
        let expected = [b"{\"a\\\"\":\"\\u0001\\n\",\"data\":".as_slice(), payload, b"}"].concat();
        assert_eq!(body, expected);
    }

    #[test]
    fn a_payload_that_would_break_out_is_refused() {
        let form = |bytes| matches!(Raw::array(bytes, LIMITS), Err(Malformed::Form(_)));
        let bad: [&[u8]; 9] = [
            b"",
            b"[]",
            b"{}",
            b"[1",
            b"[1]]",
            b"[1],\"x\":[2]",
            b"[01]",
            b"[\"\xff\"]",
            b"\xef\xbb\xbf[1]",
        ];
        for bytes in bad {
            assert!(form(bytes), "{bytes:?}");
        }
        assert!(matches!(
            Raw::object(b"{},\"x\":{}", LIMITS),
            Err(Malformed::Form(_))
        ));
        assert!(matches!(
            Raw::array(b"[1,2,3,4]", LIMITS),
            Err(Malformed::Many {
                elements: 4,
                limit: 3
            })
        ));
        assert!(matches!(
            Raw::array(&[b' '; 1_001], LIMITS),
            Err(Malformed::Long { bytes: 1_001, .. })
        ));
    }

    #[test]
    fn codes_come_as_numbers_and_as_strings() {
        let codes = [
            "0",
            "\"0\"",
            "\" -3 \"",
            "-1",
            "1.5",
            "\"\"",
            "true",
            "null",
            "[0]",
            "99999999999999999999",
        ];
        let read: Vec<Option<i64>> = codes.into_iter().map(integer).collect();
        assert_eq!(
            read,
            [
                Some(0),
                Some(0),
                Some(-3),
                Some(-1),
                None,
                None,
                None,
                None,
                None,
                None
            ]
        );
    }

    proptest! {
        #[test]
        fn whatever_text_is_written_is_read_back(name in ".*", value in any::<String>()) {
            let body = Object::new(0).text(&name, &value).end();
            let read: serde_json::Map<String, Value> = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(read.get(&name), Some(&Value::String(value)));
        }
    }
}
