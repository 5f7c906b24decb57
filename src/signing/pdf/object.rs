//! PDF objects (ISO 32000-1 §7.3), as far as signatures need them.

use std::ops::Range;

/// The number and the generation of an indirect object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id {
    pub(super) number: u32,
    pub(super) generation: u32,
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Object {
    Null,
    Flag(bool),
    Integer(i64),
    /// As it is written.
    Real(Vec<u8>),
    Name(Vec<u8>),
    Text(Text),
    Array(Vec<Self>),
    Dictionary(Dictionary),
    /// A dictionary, and where its bytes begin.
    Stream(Dictionary, usize),
    Reference(Id),
}

/// A string.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) octets: Vec<u8>,
    /// Where it stands, delimiters and all.
    pub(super) span: Range<usize>,
    /// Written as `<…>`.
    pub(super) is_hex: bool,
}

/// Two strings are the same by what they say.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.octets == other.octets
    }
}

/// Keys and values in their order, no key twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dictionary(pub(super) Vec<(Vec<u8>, Object)>);

impl Dictionary {
    pub(super) fn value(&self, key: &str) -> Option<&Object> {
        self.0
            .iter()
            .find(|(name, _)| name == key.as_bytes())
            .map(|(_, value)| value)
    }

    pub(super) fn name(&self, key: &str) -> Option<&[u8]> {
        match self.value(key) {
            Some(Object::Name(name)) => Some(name),
            _ => None,
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<&Text> {
        match self.value(key) {
            Some(Object::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A whole number that is no less than 0.
    pub(super) fn number(&self, key: &str) -> Option<usize> {
        self.value(key).and_then(Object::number)
    }

    /// The keys whose values differ in the other one, or are missing on one side.
    pub(super) fn differing<'a>(&'a self, other: &'a Self) -> Vec<&'a [u8]> {
        let lost_or_changed = self.0.iter().filter(|(key, value)| other.at(key) != Some(value));
        let new = other.0.iter().filter(|(key, _)| self.at(key).is_none());
        lost_or_changed
            .chain(new)
            .map(|(key, _)| key.as_slice())
            .collect()
    }

    fn at(&self, key: &[u8]) -> Option<&Object> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }
}

impl Object {
    pub(super) fn number(&self) -> Option<usize> {
        let Self::Integer(value) = self else { return None };
        usize::try_from(*value).ok()
    }

    pub(super) fn array(&self) -> Option<&[Self]> {
        if let Self::Array(all) = self {
            Some(all)
        } else {
            None
        }
    }

    pub(super) fn dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(all) | Self::Stream(all, _) = self {
            Some(all)
        } else {
            None
        }
    }

    pub(super) fn reference(&self) -> Option<Id> {
        if let Self::Reference(id) = self {
            Some(*id)
        } else {
            None
        }
    }
}
