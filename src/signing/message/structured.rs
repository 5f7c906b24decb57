//! Structured field values (RFC 9651), read with the place of every member, because what was signed is reused byte for
//! byte, and written in their one canonical form.
//!
//! Stricter than the RFC in two places, both for signed content that two readers must not read in two ways: a key or a
//! parameter that stands twice is refused (there the last one wins), and so is base64 that is not canonical.

use std::ops::Range;

use data_encoding::BASE64;

mod read;
mod write;

/// A value without parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bare {
    /// At most 15 digits and a sign.
    Integer(i64),
    /// In thousandths, at most 12 digits before the point.
    Decimal(i64),
    /// Printable ASCII between quotes.
    Text(String),
    /// A word without quotes.
    Token(String),
    /// Base64 between colons.
    Bytes(Vec<u8>),
    /// `?1` and `?0`.
    Boolean(bool),
    /// Seconds since 1970 after an `@`.
    Date(i64),
    /// Unicode, percent-encoded between `%"` and `"`.
    Display(String),
}

/// What stands behind a value: `;name=value`, in order; no name twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(pub Vec<(String, Bare)>);

/// A bare value with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The value.
    pub bare: Bare,
    /// What stands behind it.
    pub parameters: Parameters,
    /// Where it stands in the text, parameters included.
    pub place: Range<usize>,
}

/// A member of a list or of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// One item.
    One(Item),
    /// Items in parentheses.
    Inner(Inner),
}

/// An inner list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner {
    /// Its items.
    pub items: Vec<Item>,
    /// What stands behind the parenthesis.
    pub parameters: Parameters,
    /// Where it stands in the text, parameters included.
    pub place: Range<usize>,
}

/// Members by key, in order; no key twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary(pub Vec<(String, Member)>);

/// The text is no structured field of the kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a structured field value (RFC 9651)")]
pub struct Malformed;

impl Parameters {
    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<&Bare> {
        self.0.iter().find(|pair| pair.0 == name).map(|pair| &pair.1)
    }
}

impl Dictionary {
    /// The member of a key.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.0.iter().find(|pair| pair.0 == key).map(|pair| &pair.1)
    }

    /// Reads a whole field; an empty one has no members (§4.2.2).
    pub fn read(text: &str) -> Result<Self, Malformed> {
        read::Reader::new(text).whole(read::Reader::dictionary)
    }

    /// Its canonical form (§4.1.2).
    pub fn write(&self) -> String {
        let member = |(key, member): &(String, Member)| write::member_of(key, member);
        self.0.iter().map(member).collect::<Vec<_>>().join(", ")
    }
}

impl Item {
    /// Reads a whole field that is one item (§4.2.3).
    pub fn read(text: &str) -> Result<Self, Malformed> {
        read::Reader::new(text).whole(read::Reader::item)
    }
}

impl Member {
    /// Its canonical form (§4.1.1.1, §4.1.3).
    pub fn write(&self) -> String {
        write::member(self)
    }
}

impl Bare {
    /// Its canonical form (§4.1.3.1).
    pub fn write(&self) -> String {
        write::bare(self)
    }
}

/// Reads a whole field that is a list (§4.2.1).
pub fn list(text: &str) -> Result<Vec<Member>, Malformed> {
    read::Reader::new(text).whole(read::Reader::list)
}

/// The canonical form of a list (§4.1.1).
pub fn write_list(members: &[Member]) -> String {
    members.iter().map(Member::write).collect::<Vec<_>>().join(", ")
}

/// A byte sequence: base64 between colons.
pub fn write_bytes(bytes: &[u8]) -> String {
    format!(":{}:", BASE64.encode(bytes))
}

/// Whether this may be a key (§3.1.2).
pub fn is_key(text: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte);
    text.bytes().all(rest) && text.starts_with(|first: char| first.is_ascii_lowercase() || first == '*')
}

/// Whether this may stand between quotes: printable ASCII.
pub fn is_text(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_read_and_written_canonically() {
        let text = "  a=1;x ,\tb=( 1   2.50 );q=-0.001, c, d=?0;e=\"\\\"\\\\\", *=:aGk=:, f=@-5, g=%\"f%c3%bc%25\", h=a/b:c*  ";
        let expected =
            "a=1;x, b=(1 2.5);q=-0.001, c, d=?0;e=\"\\\"\\\\\", *=:aGk=:, f=@-5, g=%\"f%c3%bc%25\", h=a/b:c*";
        let read = Dictionary::read(text).unwrap();
        assert_eq!(read.write(), expected);
        let again = Dictionary::read(expected).unwrap();
        assert_eq!(again.write(), expected);
        let Some(Member::Inner(inner)) = read.member("b") else {
            panic!("no inner list");
        };
        assert_eq!(&text[inner.place.clone()], "( 1   2.50 );q=-0.001");
        assert_eq!(&text[inner.items[1].place.clone()], "2.50");
        assert_eq!(inner.parameters.value("q"), Some(&Bare::Decimal(-1)));
        let Some(Member::One(item)) = read.member("g") else {
            panic!("no item");
        };
        assert_eq!(item.bare, Bare::Display("fü%".into()));
        assert_eq!(read.member("z"), None);
        assert_eq!(Dictionary::read(" "), Ok(Dictionary::default()));
    }

    #[test]
    fn lists_and_numbers() {
        let text = "1, 1.0,  -1.100, (), (a;b);c=?0,999999999999999,999999999999.999";
        assert_eq!(
            write_list(&list(text).unwrap()),
            "1, 1.0, -1.1, (), (a;b);c=?0, 999999999999999, 999999999999.999"
        );
        assert_eq!(Item::read(" 00042 ").unwrap().bare, Bare::Integer(42));
        assert_eq!(Bare::Decimal(0).write(), "0.0");
    }

    #[test]
    fn what_is_no_structured_field_is_refused() {
        for text in [
            "a=1,",
            "a=1 b=2",
            ",a",
            "A=1",
            "1=1",
            "a=",
            "a=1;",
            "a=1;B",
            "a=1, a=2",
            "a=1;b;b",
            "a=(1",
            "a=(1,2)",
            "a=(1)2",
            "a=(\"a\"\"b\")",
            "a=1000000000000000",
            "a=1000000000000.0",
            "a=1.",
            "a=1.0000",
            "a=--1",
            "a=-",
            "a=\"",
            "a=\"\\a\"",
            "a=\"ü\"",
            "a=\"\t\"",
            "a=:aGk:",
            "a=:aGl=:",
            "a=:a_-=:",
            "a=:aGk=",
            "a=?2",
            "a=?",
            "a=@1.0",
            "a=@",
            "a=%\"%C3%BC\"",
            "a=%\"%c3\"",
            "a=%a",
            "a=%\"",
            "a=ü",
            "a=()(",
            "\t",
            "a=1\u{b}",
        ] {
            assert_eq!(Dictionary::read(text), Err(Malformed), "{text}");
        }
        assert!(list("1,").is_err() && Item::read("1, 2").is_err() && Item::read("").is_err());
    }
}
