//! DER, as much as signatures need (X.690): a reader that is strict and bounded, and a writer.
//!
//! Written here and not taken from `der`, `cms` and `x509-cert`, because three things decide over a signature that typed parsers hide:
//! the very bytes of an element (signed attributes are hashed as they stand, a name is compared as it stands), which of the sloppy
//! encodings of real signers is let through and said so ([`lax`]), and an error that names its cause and no contents. It is a few
//! hundred lines without recursion, against four crates with derive macros; nothing here computes, OpenSSL does.

pub mod lax;
pub mod oid;
pub mod time;
pub mod write;

use jiff::Timestamp;

/// BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING.
pub const BITS: u8 = 0x03;
/// OCTET STRING.
pub const OCTETS: u8 = 0x04;
/// NULL.
pub const NULL: u8 = 0x05;
/// OBJECT IDENTIFIER.
pub const OID: u8 = 0x06;
/// ENUMERATED.
pub const ENUMERATED: u8 = 0x0A;
/// UTF8String.
pub const UTF8: u8 = 0x0C;
/// UTCTime.
pub const UTC_TIME: u8 = 0x17;
/// GeneralizedTime.
pub const GENERALIZED_TIME: u8 = 0x18;
/// SEQUENCE and SEQUENCE OF.
pub const SEQUENCE: u8 = 0x30;
/// SET and SET OF.
pub const SET: u8 = 0x31;

/// The tag of `[number]` around a constructed value, explicit or implicit; `number` is below 31.
pub const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// The tag of `[number] IMPLICIT` on a primitive value; `number` is below 31.
pub const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// Why bytes are not the DER that was expected. Names no contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    /// The bytes end within an element.
    #[error("the bytes end within an element")]
    Truncated,
    /// Bytes follow where nothing may.
    #[error("bytes follow where the structure ends")]
    Trailing,
    /// Another element than the one that must stand there.
    #[error("an element with tag {found:#04x} stands where {expected:#04x} must")]
    Tag {
        /// The tag that must stand there.
        expected: u8,
        /// The tag that does.
        found: u8,
    },
    /// A length that is indefinite, not the shortest form, or beyond four octets (X.690 §10.1).
    #[error("a length is not in its shortest definite form")]
    Length,
    /// A tag number above 30, which no structure of signatures has.
    #[error("a tag number above 30")]
    HighTag,
    /// A value that is not in its only form: an integer, a boolean, a bit string or an object identifier.
    #[error("a value is not in its only form")]
    Value,
    /// A time that is no moment in UTC, or not in the form of RFC 5280 §4.1.2.5 or RFC 3161 §2.4.2.
    #[error("a time is not in the form YYYYMMDDhhmmssZ")]
    Time,
    /// Deeper nesting than any real structure has.
    #[error("elements are nested too deep")]
    Depth,
}

/// One element: its tag, its contents, and all its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// The contents octets.
    pub content: &'a [u8],
    /// Identifier, length and contents.
    pub whole: &'a [u8],
}

/// Reads one element after the other from the same contents.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Element<'a> {
    /// The only element of `bytes`.
    pub fn only(bytes: &'a [u8], tag: u8) -> Result<Self, DerError> {
        let mut reader = Reader::new(bytes);
        let element = reader.take(tag)?;
        reader.end()?;
        Ok(element)
    }

    /// Its contents, to be read.
    pub fn inside(self) -> Reader<'a> {
        Reader::new(self.content)
    }

    /// Its contents as an INTEGER of any sign, in the shortest form (X.690 §8.3.2).
    pub fn integer(self) -> Result<&'a [u8], DerError> {
        match self.content {
            [] | [0x00, 0x00..=0x7F, ..] | [0xFF, 0x80..=0xFF, ..] => Err(DerError::Value),
            whole => Ok(whole),
        }
    }

    /// Its contents as a whole number that fits.
    pub fn small(self) -> Result<u32, DerError> {
        let digits = match self.integer()? {
            [0x80..=0xFF, ..] => return Err(DerError::Value),
            [0x00, rest @ ..] if !rest.is_empty() => rest,
            digits => digits,
        };
        if digits.len() > 4 {
            return Err(DerError::Value);
        }
        Ok(digits.iter().fold(0, |sum, digit| sum << 8 | u32::from(*digit)))
    }

    /// Its contents as a BIT STRING: unused bits and octets; unused bits are zero (X.690 §11.2.1).
    pub fn bits(self) -> Result<(u8, &'a [u8]), DerError> {
        let (unused, octets) = self.content.split_first().ok_or(DerError::Value)?;
        let last = octets.last().copied();
        let clean = match (*unused, last) {
            (0, _) => true,
            (1..=7, Some(last)) => last & ((1 << unused) - 1) == 0,
            _ => false,
        };
        if clean {
            Ok((*unused, octets))
        } else {
            Err(DerError::Value)
        }
    }

    /// Its contents as a BIT STRING of whole octets.
    pub fn whole_bits(self) -> Result<&'a [u8], DerError> {
        match self.bits()? {
            (0, octets) => Ok(octets),
            _ => Err(DerError::Value),
        }
    }

    /// A UTCTime or a GeneralizedTime.
    pub fn time(self) -> Result<Timestamp, DerError> {
        time::read(self)
    }
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from their beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Result<Element<'a>, DerError> {
        let (tag, header, length) = header(self.rest)?;
        let end = header.checked_add(length).ok_or(DerError::Length)?;
        let (whole, rest) = self.rest.split_at_checked(end).ok_or(DerError::Truncated)?;
        let content = whole.get(header..).ok_or(DerError::Truncated)?;
        self.rest = rest;
        Ok(Element { tag, content, whole })
    }

    /// The next element, which has this tag.
    pub fn take(&mut self, tag: u8) -> Result<Element<'a>, DerError> {
        match self.peek() {
            None => Err(DerError::Truncated),
            Some(found) if found != tag => Err(DerError::Tag { expected: tag, found }),
            Some(_) => self.any(),
        }
    }

    /// The next element if it has this tag.
    pub fn maybe(&mut self, tag: u8) -> Result<Option<Element<'a>>, DerError> {
        match self.peek() {
            Some(found) if found == tag => self.any().map(Some),
            _ => Ok(None),
        }
    }

    /// The contents of the SEQUENCE that comes next.
    pub fn sequence(&mut self) -> Result<Self, DerError> {
        self.take(SEQUENCE).map(Element::inside)
    }

    /// The contents of the SET that comes next.
    pub fn set(&mut self) -> Result<Self, DerError> {
        self.take(SET).map(Element::inside)
    }

    /// The contents octets of the OBJECT IDENTIFIER that comes next.
    pub fn oid(&mut self) -> Result<&'a [u8], DerError> {
        let content = self.take(OID)?.content;
        if oid::is_whole(content) {
            Ok(content)
        } else {
            Err(DerError::Value)
        }
    }

    /// The contents of the OCTET STRING that comes next.
    pub fn octets(&mut self) -> Result<&'a [u8], DerError> {
        self.take(OCTETS).map(|element| element.content)
    }

    /// The BOOLEAN that comes next, `false` if another element does: `DEFAULT FALSE`.
    pub fn flag(&mut self) -> Result<bool, DerError> {
        match self.maybe(BOOLEAN)?.map(|element| element.content) {
            None => Ok(false),
            Some([0xFF]) => Ok(true),
            // DER would leave the default out, but certificates with a written FALSE are many.
            Some([0x00]) => Ok(false),
            Some(_) => Err(DerError::Value),
        }
    }

    /// Nothing is left.
    pub fn end(&self) -> Result<(), DerError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DerError::Trailing)
        }
    }

    /// Every element that is left, each with this tag.
    pub fn all(mut self, tag: u8) -> Result<Vec<Element<'a>>, DerError> {
        let mut all = Vec::new();
        while !self.is_empty() {
            all.push(self.take(tag)?);
        }
        Ok(all)
    }
}

/// Tag, octets of the header, octets of the contents.
fn header(bytes: &[u8]) -> Result<(u8, usize, usize), DerError> {
    let (tag, rest) = bytes.split_first().ok_or(DerError::Truncated)?;
    if tag & 0x1F == 0x1F {
        return Err(DerError::HighTag);
    }
    let (first, rest) = rest.split_first().ok_or(DerError::Truncated)?;
    match first {
        0x00..=0x7F => Ok((*tag, 2, usize::from(*first))),
        0x81..=0x84 => {
            let octets = usize::from(first & 0x7F);
            let length = rest.get(..octets).ok_or(DerError::Truncated)?;
            let length = length
                .iter()
                .fold(0_usize, |sum, octet| sum << 8 | usize::from(*octet));
            let least = if octets == 1 {
                0x80
            } else {
                1 << (8 * (octets - 1))
            };
            if length < least {
                return Err(DerError::Length);
            }
            Ok((*tag, 2 + octets, length))
        }
        _ => Err(DerError::Length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_read_in_its_only_form() {
        let short = [0x04, 0x01, 0xAA];
        let element = Element::only(&short, OCTETS).unwrap();
        assert_eq!((element.content, element.whole), (&short[2..], &short[..]));
        let long = [&[0x04, 0x81, 0x80][..], &[7; 0x80]].concat();
        assert_eq!(Element::only(&long, OCTETS).unwrap().content, [7; 0x80]);
        for (bytes, reason) in [
            (&[][..], DerError::Truncated),
            (&[0x04], DerError::Truncated),
            (&[0x04, 0x02, 0x00], DerError::Truncated),
            (&[0x04, 0x82, 0x01], DerError::Truncated),
            (&[0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x00], DerError::Truncated),
            (&[0x04, 0x00, 0x00], DerError::Trailing),
            (
                &[0x05, 0x00],
                DerError::Tag {
                    expected: OCTETS,
                    found: NULL,
                },
            ),
            (&[0x04, 0x80, 0x00, 0x00], DerError::Length),
            (&[0x04, 0x81, 0x01, 0xAA], DerError::Length),
            (&[0x04, 0x82, 0x00, 0x01, 0xAA], DerError::Length),
            (&[0x04, 0x85, 0, 0, 0, 0, 1, 0xAA], DerError::Length),
            (&[0x04, 0xFF], DerError::Length),
        ] {
            assert_eq!(Element::only(bytes, OCTETS), Err(reason), "{bytes:02x?}");
        }
        assert_eq!(Reader::new(&[0x1F, 0x20, 0x00]).any(), Err(DerError::HighTag));
    }

    #[test]
    fn values_have_one_form() {
        let integer = |bytes: &[u8]| Element::only(bytes, INTEGER).unwrap().integer().is_ok();
        assert!(integer(&[2, 1, 0]) && integer(&[2, 2, 0, 0x80]) && integer(&[2, 1, 0x80]));
        assert!(!integer(&[2, 0]) && !integer(&[2, 2, 0, 0x7F]) && !integer(&[2, 2, 0xFF, 0x80]));
        let small = |bytes: &[u8]| Element::only(bytes, INTEGER).unwrap().small();
        assert_eq!(small(&[2, 1, 0]), Ok(0));
        assert_eq!(small(&[2, 5, 0, 0xFF, 0xFF, 0xFF, 0xFF]), Ok(u32::MAX));
        assert_eq!(small(&[2, 5, 1, 0, 0, 0, 0]), Err(DerError::Value));
        assert_eq!(small(&[2, 1, 0xFF]), Err(DerError::Value));
        let bits = |bytes: &[u8]| Element::only(bytes, BITS).unwrap().bits().is_ok();
        assert!(bits(&[3, 1, 0]) && bits(&[3, 2, 1, 0xFE]) && bits(&[3, 2, 7, 0x80]));
        assert!(!bits(&[3, 0]) && !bits(&[3, 1, 1]) && !bits(&[3, 2, 1, 0xFF]) && !bits(&[3, 2, 8, 0]));
        assert_eq!(Reader::new(&[1, 1, 0xFF]).flag(), Ok(true));
        assert_eq!(Reader::new(&[1, 1, 0x01]).flag(), Err(DerError::Value));
        assert_eq!(Reader::new(&[]).flag(), Ok(false));
    }
}
