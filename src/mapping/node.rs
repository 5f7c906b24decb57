//! Their document as a borrowed tree, read with our own limits: nothing is guessed, rounded or silently dropped.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::misread::{Reason, Unreadable, stopped};

/// How deep a document may nest.
const DEPTH: usize = 32;
/// How many items a list, or members an object, may have.
pub(crate) const ITEMS: usize = 10_000;
/// How many values a document may have in all: a value takes tens of bytes, and may be written with two.
const VALUES: usize = 200_000;

/// How many members a document has at its root, and an object in it, as a rule.
const ROOT: usize = 48;
const USUAL: usize = 8;

/// One value of their document.
#[derive(Clone, PartialEq)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Members<'a>),
    /// A document inside a text, opened because the mapping says so.
    Document(Cow<'a, str>, Box<Node<'a>>),
}

/// The members of an object, in their order.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, Node<'a>)>;

/// Why these bytes are no document; none when they are one.
#[must_use]
pub fn unreadable(bytes: &[u8]) -> Option<Unreadable> {
    Node::parse(bytes).err()
}

impl<'a> Node<'a> {
    /// Reads a document.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        // Known to be UTF-8 as a whole, no text of it is looked over again; where it is not, the first that is not is told.
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::read(bytes, serde_json::Deserializer::from_str(text)),
            Err(_) => Self::read(bytes, serde_json::Deserializer::from_slice(bytes)),
        }
    }

    fn read<R: serde_json::de::Read<'a>>(
        bytes: &[u8],
        mut json: serde_json::Deserializer<R>,
    ) -> Result<Self, Unreadable> {
        let trail = RefCell::default();
        let seed = Seed {
            depth: 0,
            trail: &trail,
        };
        seed.deserialize(&mut json)
            .and_then(|node| json.end().map(|()| node))
            .map_err(|error| {
                let trail = trail.into_inner();
                stopped(bytes, &error, trail.reason, trail.segments)
            })
    }

    /// The members, if it is an object or a document that holds one.
    pub(crate) fn members(&self) -> Option<&Members<'a>> {
        match self {
            Self::Map(members) => Some(members),
            Self::Document(_, inner) => inner.members(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) | Self::List(_) => {
                None
            }
        }
    }

    /// The items, if it is a list or a document that holds one.
    pub(crate) fn items(&self) -> Option<&[Node<'a>]> {
        match self {
            Self::List(items) => Some(items),
            Self::Document(_, inner) => inner.items(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) | Self::Map(_) => None,
        }
    }

    /// True when it says nothing: null or an empty text.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Null) || matches!(self, Self::Text(text) if text.is_empty())
    }

    /// The same, owning its texts.
    pub(crate) fn into_owned(self) -> Node<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Node::Null,
            Self::Bool(yes) => Node::Bool(yes),
            Self::Int(number) => Node::Int(number),
            Self::Float(number) => Node::Float(number),
            Self::Text(text) => Node::Text(own(text)),
            Self::List(items) => Node::List(items.into_iter().map(Node::into_owned).collect()),
            Self::Map(members) => Node::Map(
                members
                    .into_iter()
                    .map(|(key, node)| (own(key), node.into_owned()))
                    .collect(),
            ),
            Self::Document(text, inner) => Node::Document(own(text), Box::new(inner.into_owned())),
        }
    }

    /// The same as a JSON value, for keeping.
    pub(crate) fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(yes) => Json::Bool(*yes),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => Json::from(*number),
            Self::Text(text) | Self::Document(text, _) => Json::String(text.as_ref().to_owned()),
            Self::List(items) => Json::Array(items.iter().map(Node::json).collect()),
            Self::Map(members) => Json::Object(
                members
                    .iter()
                    .map(|(key, node)| (key.as_ref().to_owned(), node.json()))
                    .collect(),
            ),
        }
    }
}

/// Their documents are personal data: only the sort of a node may reach a log or a panic.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "number",
            Self::Text(_) | Self::Document(..) => "text",
            Self::List(_) => "list",
            Self::Map(_) => "object",
        })
    }
}

/// Adds a segment to a JSON pointer (RFC 6901).
pub(crate) fn point(pointer: &mut String, key: &str) {
    pointer.push('/');
    if key.contains(['~', '/']) {
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(key);
    }
}

/// Where reading failed, gathered on the way out.
#[derive(Default)]
struct Trail {
    reason: Option<Reason>,
    /// Values read so far.
    values: usize,
    segments: Vec<String>,
}

#[derive(Clone, Copy)]
struct Seed<'t> {
    depth: usize,
    trail: &'t RefCell<Trail>,
}

impl Seed<'_> {
    fn fail<E: de::Error>(self, reason: Reason) -> E {
        self.trail.borrow_mut().reason = Some(reason);
        E::custom(reason)
    }

    fn at<E>(self, segment: &str) -> impl FnOnce(E) -> E {
        move |error| {
            let mut pointer = String::new();
            point(&mut pointer, segment);
            self.trail.borrow_mut().segments.push(pointer);
            error
        }
    }

    /// Counts one value more in a list or object of `len`.
    fn more<E: de::Error>(self, len: usize) -> Result<(), E> {
        let mut trail = self.trail.borrow_mut();
        trail.values += 1;
        let over = len == ITEMS || trail.values > VALUES;
        drop(trail);
        if over {
            Err(self.fail(Reason::Items))
        } else {
            Ok(())
        }
    }

    /// How many members an object has here as a rule.
    const fn usual(self) -> usize {
        if self.depth == 0 { ROOT } else { USUAL }
    }

    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH {
            return Err(self.fail(Reason::Depth));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(yes))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Node<'de>, E> {
        Ok(Node::Int(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Node<'de>, E> {
        i64::try_from(number)
            .map(Node::Int)
            .map_err(|_| self.fail(Reason::Digits))
    }

    /// A whole number arrives here only when it is too long for 64 bits, or was written with a point.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Node<'de>, E> {
        let exact = number.fract() != 0.0 || number.abs() < 9_007_199_254_740_992.0;
        if exact {
            Ok(Node::Float(number))
        } else {
            Err(self.fail(Reason::Digits))
        }
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
        let seed = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq
            .next_element_seed(seed)
            .map_err(|error| self.at(&items.len().to_string())(error))?
        {
            self.more(items.len())?;
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let seed = self.deeper()?;
        let mut members = Members::new();
        let mut seen = Seen::default();
        while let Some(Key(key)) = map.next_key()? {
            if seen.again(&key, &members) {
                return Err(self.at(&key)(self.fail(Reason::Duplicate)));
            }
            self.more(members.len())?;
            if members.is_empty() {
                members.reserve(self.usual());
            }
            let node = map.next_value_seed(seed).map_err(|error| self.at(&key)(error))?;
            members.push((key, node));
        }
        Ok(Node::Map(members))
    }
}

/// A key, borrowed unless it has escapes (a plain `Cow` would always own).
struct Key<'a>(Cow<'a, str>);

impl<'de> de::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrow)
    }
}

/// Which keys an object had: a small sieve first, so that a usual object is never searched; a set once it is large.
#[derive(Default)]
struct Seen {
    sieve: [u64; 8],
    large: std::collections::HashSet<String>,
}

impl Seen {
    fn again(&mut self, key: &str, members: &Members<'_>) -> bool {
        if members.len() > 200 {
            if self.large.is_empty() {
                self.large
                    .extend(members.iter().map(|(key, _)| key.as_ref().to_owned()));
            }
            return !self.large.insert(key.to_owned());
        }
        // Its length, beginning and end tell most keys apart.
        let eight = |bytes: &[u8]| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        };
        let (bytes, ends) = (key.as_bytes(), key.len().min(8));
        let hash = (eight(&bytes[..ends]).rotate_left(31)
            ^ eight(&bytes[bytes.len() - ends..])
            ^ bytes.len() as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (word, bit) = ((hash >> 61) as usize, 1_u64 << ((hash >> 32) & 63));
        let perhaps = self.sieve[word] & bit != 0;
        self.sieve[word] |= bit;
        perhaps && members.iter().any(|(known, _)| known == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_lose_something_is_refused_with_its_place() {
        for (text, reason, pointer) in [
            (r#"{"a":{"b":1,"b":2}}"#, Reason::Duplicate, "/a/b"),
            (r#"{"a":[1,123456789012345678901]}"#, Reason::Digits, "/a/1"),
            (r#"["\ud800"]"#, Reason::Surrogate, "/0"),
            (r#"{"a":1"#, Reason::End, ""),
            (r#"{"a":1} x"#, Reason::Syntax, ""),
        ] {
            let fault = Node::parse(text.as_bytes()).unwrap_err();
            assert_eq!(
                (fault.reason, fault.pointer.as_str()),
                (reason, pointer),
                "{text}"
            );
        }
        assert_eq!(Node::parse(b"\"\xff\"").unwrap_err().reason, Reason::Utf8);
        let deep = "[".repeat(40) + &"]".repeat(40);
        assert_eq!(Node::parse(deep.as_bytes()).unwrap_err().reason, Reason::Depth);
        let long = format!("[{}0]", "0,".repeat(ITEMS));
        assert_eq!(Node::parse(long.as_bytes()).unwrap_err().reason, Reason::Items);
    }

    #[test]
    fn a_large_object_still_knows_its_keys() {
        let members: Vec<String> = (0..400).map(|n| format!("\"k{n}\":{n}")).collect();
        let good = format!("{{{}}}", members.join(","));
        assert!(Node::parse(good.as_bytes()).is_ok());
        let twice = format!("{{{},\"k7\":0}}", members.join(","));
        assert_eq!(
            Node::parse(twice.as_bytes()).unwrap_err().reason,
            Reason::Duplicate
        );
    }
}
