//! What stands next in an entry: members, texts and numbers, each in its one form.

use std::borrow::Cow;

use data_encoding::BASE64;

use crate::evidence::blind::Blind;
use crate::evidence::hash::Hash;
use crate::evidence::leaf::read::LeafError;
use crate::evidence::leaf::{Head, quote};

/// One fact of a body.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
}

/// What of the bytes is not read yet.
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn over(bytes: &'a [u8]) -> Result<Self, LeafError> {
        let rest = std::str::from_utf8(bytes).map_err(|_| LeafError::Form)?;
        Ok(Self { rest })
    }

    pub(super) fn end(&self) -> Result<(), LeafError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(LeafError::Form)
        }
    }

    /// Whether this stands next; then it is read.
    pub(super) fn skip(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub(super) fn must(&mut self, text: &str) -> Result<(), LeafError> {
        if self.skip(text) {
            Ok(())
        } else {
            Err(LeafError::Form)
        }
    }

    /// A member that may be absent, of which this is the beginning.
    pub(super) fn member<T>(
        &mut self,
        begins: &str,
        read: impl FnOnce(&mut Self) -> Result<T, LeafError>,
    ) -> Result<Option<T>, LeafError> {
        if self.skip(begins) {
            read(self).map(Some)
        } else {
            Ok(None)
        }
    }

    /// A whole number in its one form.
    pub(super) fn number(&mut self) -> Result<u64, LeafError> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (text, rest) = self.rest.split_at(digits);
        if digits > 1 && text.starts_with('0') {
            return Err(LeafError::Form);
        }
        self.rest = rest;
        text.parse().map_err(|_| LeafError::Form)
    }

    /// The rest of a string whose form its reader knows.
    pub(super) fn plain(&mut self) -> Result<&'a str, LeafError> {
        let (text, rest) = self.rest.split_once('"').ok_or(LeafError::Form)?;
        self.rest = rest;
        Ok(text)
    }

    /// The rest of a string that may say anything.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, LeafError> {
        let bytes = self.rest.as_bytes();
        let special = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
        let place = bytes.iter().position(special).ok_or(LeafError::Form)?;
        if bytes[place] != b'"' {
            return self.escaped().map(Cow::Owned);
        }
        let text = &self.rest[..place];
        self.rest = &self.rest[place + 1..];
        Ok(Cow::Borrowed(text))
    }

    /// The same with escapes, each of them the one that would be written.
    fn escaped(&mut self) -> Result<String, LeafError> {
        let (mut end, bytes) = (0, self.rest.as_bytes());
        while *bytes.get(end).ok_or(LeafError::Form)? != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let quoted = format!("\"{}\"", self.rest.get(..end).ok_or(LeafError::Form)?);
        let text: String = serde_json::from_str(&quoted).map_err(|_| LeafError::Form)?;
        let mut again = String::with_capacity(quoted.len());
        quote(&mut again, &text);
        self.rest = &self.rest[end + 1..];
        if again == quoted {
            Ok(text)
        } else {
            Err(LeafError::Form)
        }
    }

    /// Facts, each name once and in order; absent when there are none.
    pub(super) fn facts(&mut self) -> Result<Vec<Told<'a>>, LeafError> {
        let mut facts: Vec<Told<'a>> = Vec::new();
        if !self.skip(r#","facts":{""#) {
            return Ok(facts);
        }
        loop {
            let name = self.text()?;
            self.must(r#":""#)?;
            if facts.last().is_some_and(|last| last.name >= name) {
                return Err(LeafError::Form);
            }
            let value = self.text()?;
            facts.push(Told { name, value });
            if self.skip("}") {
                return Ok(facts);
            }
            self.must(r#",""#)?;
        }
    }

    /// The leaf before in the chain of this name.
    pub(super) fn link(&mut self, name: &str) -> Result<Option<Head>, LeafError> {
        self.must(",\"")?;
        self.must(name)?;
        if self.skip("\":null") {
            return Ok(None);
        }
        self.must("\":[")?;
        let index = self.number()?;
        self.must(",\"")?;
        let hash = hash(self.plain()?, "links")?;
        self.must("]")?;
        Ok(Some(Head { index, hash }))
    }
}

pub(super) fn blind(text: &str, member: &'static str) -> Result<Blind, LeafError> {
    Blind::parse(text).ok_or(LeafError::Member(member))
}

pub(super) fn hash(text: &str, member: &'static str) -> Result<Hash, LeafError> {
    // Room for one byte more: where the padding stands is not known before.
    let mut bytes = [0; 33];
    let read = (text.len() == 44).then(|| BASE64.decode_mut(text.as_bytes(), &mut bytes));
    match (read, bytes.first_chunk()) {
        (Some(Ok(32)), Some(hash)) => Ok(*hash),
        (Some(_) | None, _) => Err(LeafError::Member(member)),
    }
}
