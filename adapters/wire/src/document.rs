//! A JSON document of a partner: read whole or not at all, and no number of it rounded.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep a document may nest (national-databases.md §9.6).
pub(crate) const DEPTH: usize = 32;
/// An integer of fewer digits is written again as it was.
const SHORT: usize = 15;

/// The document; none when it is no JSON, nests too deep, or has an object with one member twice: nobody can say which
/// of the two is meant. A number that would be written again in other words (`1000000000.000`, 25 digits) is read as a
/// text, exactly as it stands.
#[must_use]
pub fn read(text: &str) -> Option<Value> {
    let exact = exact(text);
    let mut reader = serde_json::Deserializer::from_str(&exact);
    let value = Seed(DEPTH).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// The same text with quotes around every number that would lose its spelling.
fn exact(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let (mut whole, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(byte) = bytes.get(at) {
        let start = at;
        at = match byte {
            b'"' => after_string(bytes, at),
            b'-' | b'0'..=b'9' => after_number(bytes, at),
            _other => at + 1,
        };
        let number = number(byte, text.get(start..at)).filter(|number| loses(number));
        if let Some(number) = number.filter(|_| !is_name(bytes, at)) {
            whole.push_str(&text[copied..start]);
            whole.extend(["\"", number, "\""]);
            copied = at;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    whole.push_str(&text[copied..]);
    Cow::Owned(whole)
}

/// The place after a string that begins here.
pub(crate) fn after_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn after_number(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    start + rest.iter().take_while(part).count()
}

fn number<'t>(first: &u8, text: Option<&'t str>) -> Option<&'t str> {
    text.filter(|_| matches!(first, b'-' | b'0'..=b'9'))
}

/// Whether what ends here names a member: a number that does is no JSON, and is not made any.
fn is_name(bytes: &[u8], end: usize) -> bool {
    let rest = bytes.get(end..).unwrap_or_default();
    rest.trim_ascii_start().starts_with(b":")
}

/// Whether a number that is one would be written otherwise than it stands.
fn loses(number: &str) -> bool {
    let plain = number.len() <= SHORT && number.bytes().all(|byte| byte.is_ascii_digit());
    !plain
        && number
            .parse::<Number>()
            .is_ok_and(|read| read.to_string() != number)
}

/// How many levels there may still be.
#[derive(Clone, Copy)]
struct Seed(usize);

impl Seed {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let below = self.0.checked_sub(1);
        below.map(Seed).ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<Value, E> {
        Ok(Value::Bool(yes))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let below = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let below = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(below)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands here twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_kept_as_they_are_written() {
        let read = |text| read(text).unwrap();
        assert_eq!(
            read(
                r#"{"a":1000000000.000,"b":[-0,1e2,123456789012345678901234567890,0.10],"c":"1.000 \" 2.50"}"#
            ),
            json!({"a": "1000000000.000", "b": ["-0", "1e2", "123456789012345678901234567890", "0.10"], "c": "1.000 \" 2.50"})
        );
        assert_eq!(
            read("[3,-7,38,1.5,9007199254740993]"),
            json!([3, -7, 38, 1.5, 9_007_199_254_740_993_i64])
        );
        assert_eq!(read("1.000"), json!("1.000"));
    }

    #[test]
    fn what_is_no_whole_document_is_none() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(read(&deep(32)).is_some());
        for text in [
            "",
            "{",
            "01.0",
            "1.2.3",
            "1e999",
            "[1.0.0]",
            "{\"a\":1.50",
            "{\"a\":1} {}",
            "\"\\",
            "-",
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"\\u0061\":2}",
            &deep(33),
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_document_reads_as_elsewhere_but_for_the_spelling_of_numbers(text in "[\\[\\]{}:,\"\\\\ea0-9.+\\-ế ]{0,40}") {
            let plain = serde_json::from_str::<Value>(&text);
            match (read(&text), plain) {
                (Some(read), Ok(plain)) => prop_assert_eq!(as_text(&read), as_text(&plain)),
                (Some(_), Err(_)) => prop_assert!(false, "more is read than is JSON: {text}"),
                (None, _) => {}
            }
        }

        #[test]
        fn every_number_keeps_its_spelling(whole in "(0|[1-9][0-9]{0,24})", part in "(\\.[0-9]{1,6})?", sign in "-?") {
            let number = format!("{sign}{whole}{part}");
            let kept = match read(&number).unwrap() {
                Value::String(text) => text,
                other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                    other.to_string()
                }
            };
            prop_assert_eq!(kept, number);
        }
    }

    /// A value with its numbers as the nearest ones a machine has.
    fn as_text(value: &Value) -> String {
        match value {
            Value::String(text) => text
                .parse::<f64>()
                .map_or_else(|_| text.clone(), |number| number.to_string()),
            Value::Number(number) => number.as_f64().unwrap_or_default().to_string(),
            Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join(","),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| format!("{name}:{}", as_text(value)))
                .collect(),
            Value::Null | Value::Bool(_) => value.to_string(),
        }
    }
}
