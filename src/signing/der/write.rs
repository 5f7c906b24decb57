//! DER out of parts that are DER already.

use jiff::Timestamp;
use jiff::tz::Offset;

use super::{GENERALIZED_TIME, INTEGER, NULL, OCTETS, OID, SEQUENCE, SET, UTC_TIME, context};

/// An element whose contents are these parts, one after the other.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    let octets = length.to_be_bytes();
    let digits = octets.iter().skip_while(|octet| **octet == 0).copied();
    match u8::try_from(length) {
        Ok(short @ 0x00..=0x7F) => out.push(short),
        _ => {
            let digits: Vec<u8> = digits.collect();
            // At most eight octets of a length.
            out.push(0x80 | digits.len() as u8);
            out.extend(digits);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// SEQUENCE.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, parts)
}

/// SET OF: the elements in ascending order of their encodings (X.690 §11.6).
pub fn set_of(elements: &[&[u8]]) -> Vec<u8> {
    let mut elements = elements.to_vec();
    elements.sort_unstable();
    element(SET, &elements)
}

/// `[number]` around parts, explicit or in place of a constructed tag.
pub fn tagged(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    element(context(number), parts)
}

/// OBJECT IDENTIFIER of these contents octets.
pub fn oid(content: &[u8]) -> Vec<u8> {
    element(OID, &[content])
}

/// INTEGER, not negative, from its big-endian octets; zeros in front are dropped.
pub fn unsigned(octets: &[u8]) -> Vec<u8> {
    let digits = octets.iter().position(|octet| *octet != 0);
    let digits = digits.and_then(|first| octets.get(first..)).unwrap_or_default();
    match digits.first() {
        // Zero has one octet, and a first bit would say minus.
        None | Some(0x80..) => element(INTEGER, &[&[0], digits]),
        Some(_) => element(INTEGER, &[digits]),
    }
}

/// OCTET STRING.
pub fn octets(content: &[u8]) -> Vec<u8> {
    element(OCTETS, &[content])
}

/// NULL.
pub fn null() -> Vec<u8> {
    vec![NULL, 0]
}

/// A time to the second: UTCTime from 1950 to 2049, GeneralizedTime otherwise (RFC 5652 §11.3).
pub fn time(at: Timestamp) -> Vec<u8> {
    let at = Offset::UTC.to_datetime(at);
    let digits = format!(
        "{:02}{:02}{:02}{:02}{:02}Z",
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    if (1950..2050).contains(&at.year()) {
        element(
            UTC_TIME,
            &[format!("{:02}", at.year() % 100).as_bytes(), digits.as_bytes()],
        )
    } else {
        element(
            GENERALIZED_TIME,
            &[format!("{:04}", at.year()).as_bytes(), digits.as_bytes()],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::der::{Element, Reader};

    #[test]
    fn lengths_are_the_shortest() {
        for length in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x1_0000] {
            let content = vec![7; length];
            let bytes = octets(&content);
            assert_eq!(Element::only(&bytes, OCTETS).unwrap().content, content);
        }
    }

    #[test]
    fn integers_are_the_shortest() {
        for (octets, expected) in [
            (&[][..], &[2, 1, 0][..]),
            (&[0, 0], &[2, 1, 0]),
            (&[0, 1], &[2, 1, 1]),
            (&[0x80], &[2, 2, 0, 0x80]),
            (&[0, 0, 0x7F, 0xFF], &[2, 2, 0x7F, 0xFF]),
        ] {
            assert_eq!(unsigned(octets), expected);
            assert!(Reader::new(&unsigned(octets)).any().unwrap().integer().is_ok());
        }
    }

    #[test]
    fn a_set_is_in_order() {
        let (a, b) = (octets(&[9]), octets(&[1, 1]));
        assert_eq!(set_of(&[&b, &a]), element(SET, &[&a, &b]));
    }
}
