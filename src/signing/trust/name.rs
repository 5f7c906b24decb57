//! Distinguished names: whether two are the same, and how people read one.

use std::fmt::Write;

use crate::signing::der::oid::{self, Oid};
use crate::signing::der::{DerError, Element, SEQUENCE, SET, UTF8};

/// PrintableString, T61String, IA5String, VisibleString.
const LATIN: [u8; 4] = [0x13, 0x14, 0x16, 0x1A];
/// UniversalString: four octets a letter.
const UNIVERSAL: u8 = 0x1C;
/// BMPString: two octets a letter.
const WIDE: u8 = 0x1E;

/// What stands for digits that identify a person.
const MASK: &str = "***";
/// So many digits in a row identify somebody: an old identity card has nine.
const TELLING: usize = 9;

/// One attribute of a name.
struct Attribute<'a> {
    kind: &'a [u8],
    value: Element<'a>,
}

/// Whether bytes are a Name at all.
pub(super) fn check(der: &[u8]) -> Result<(), DerError> {
    read(der).map(|_| ())
}

/// Whether two Names, DER, say the same: letter case and runs of spaces do not count, nor the string type (RFC 5280 §7.1, ASCII only).
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    one == other
        || match (read(one), read(other)) {
            (Ok(one), Ok(other)) => {
                one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| is_same_set(a, b))
            }
            _ => false,
        }
}

/// A Name for people (RFC 4514, last part first). Identity numbers are personal data and masked: everything in UID and serialNumber
/// after its prefix (`CMND:***`), and digits in a row that are as many as an identity number has, wherever they stand.
pub fn text(der: &[u8]) -> String {
    let Ok(sets) = read(der) else {
        return String::new();
    };
    let sets = sets.iter().rev().map(|set| {
        let parts = set.iter().map(|attribute| {
            let value = masked(attribute.kind, &letters(attribute.value));
            format!("{}={}", label(attribute.kind), escaped(&value))
        });
        parts.collect::<Vec<_>>().join("+")
    });
    sets.collect::<Vec<_>>().join(", ")
}

/// The first value of an attribute of a Name, masked like [`text`]; `kind` is the contents of its identifier.
pub fn part(der: &[u8], kind: &[u8]) -> Option<String> {
    let sets = read(der).ok()?;
    let found = sets.iter().flatten().find(|attribute| attribute.kind == kind)?;
    Some(masked(kind, &letters(found.value)))
}

fn read(der: &[u8]) -> Result<Vec<Vec<Attribute<'_>>>, DerError> {
    let sets = Element::only(der, SEQUENCE)?.inside().all(SET)?;
    sets.into_iter().map(attributes).collect()
}

fn attributes(set: Element<'_>) -> Result<Vec<Attribute<'_>>, DerError> {
    let attributes = set.inside().all(SEQUENCE)?;
    if attributes.is_empty() {
        return Err(DerError::Value);
    }
    attributes.into_iter().map(attribute).collect()
}

fn attribute(element: Element<'_>) -> Result<Attribute<'_>, DerError> {
    let mut inside = element.inside();
    let kind = inside.oid()?;
    let value = inside.any()?;
    inside.end()?;
    Ok(Attribute { kind, value })
}

fn is_same_set(one: &[Attribute<'_>], other: &[Attribute<'_>]) -> bool {
    let folded = |set: &[Attribute<'_>]| {
        let mut set: Vec<(Vec<u8>, Option<String>)> = set
            .iter()
            .map(|attribute| (attribute.kind.to_vec(), folded(attribute.value)))
            .collect();
        set.sort_unstable();
        set
    };
    let (one, other) = (folded(one), folded(other));
    one == other && one.iter().all(|(_, value)| value.is_some())
}

/// Lower case, one space between words; `None` for what is no text, which is the same as nothing.
fn folded(value: Element<'_>) -> Option<String> {
    let text = decoded(value)?.to_ascii_lowercase();
    Some(text.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

fn decoded(value: Element<'_>) -> Option<String> {
    match value.tag {
        UTF8 => String::from_utf8(value.content.to_vec()).ok(),
        tag if LATIN.contains(&tag) => Some(value.content.iter().map(|octet| char::from(*octet)).collect()),
        WIDE => {
            let units = value.content.chunks_exact(2);
            let whole = units.remainder().is_empty();
            let units = units.map(|pair| pair.iter().fold(0, |sum, octet| sum << 8 | u16::from(*octet)));
            let letters = char::decode_utf16(units).collect::<Result<String, _>>().ok();
            letters.filter(|_| whole)
        }
        UNIVERSAL => {
            let units = value.content.chunks_exact(4);
            let whole = units.remainder().is_empty();
            let units = units.map(|four| four.iter().fold(0, |sum, octet| sum << 8 | u32::from(*octet)));
            let letters = units.map(char::from_u32).collect::<Option<String>>();
            letters.filter(|_| whole)
        }
        _ => None,
    }
}

fn letters(value: Element<'_>) -> String {
    decoded(value).unwrap_or_else(|| "?".to_owned())
}

fn label(kind: &[u8]) -> String {
    let short = match kind {
        oid::COMMON_NAME => "CN",
        oid::SURNAME => "SN",
        oid::SERIAL_NUMBER => "serialNumber",
        oid::COUNTRY => "C",
        oid::LOCALITY => "L",
        oid::STATE => "ST",
        oid::STREET => "STREET",
        oid::ORGANIZATION => "O",
        oid::UNIT => "OU",
        oid::TITLE => "T",
        oid::GIVEN_NAME => "GN",
        oid::UID => "UID",
        oid::EMAIL => "E",
        _ => return Oid::new(kind).to_string(),
    };
    short.to_owned()
}

fn masked(kind: &[u8], value: &str) -> String {
    if kind != oid::UID && kind != oid::SERIAL_NUMBER {
        return without_numbers(value);
    }
    // `CMND:…`, `CCCD:…`, `MST:…`, and `PNOVN-…` of EN 319 412-1.
    let prefix = value.split_once([':', '-']).map(|(prefix, _)| prefix);
    match prefix
        .filter(|prefix| (2..=8).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_alphabetic()))
    {
        Some(prefix) => format!("{prefix}:{MASK}"),
        None => MASK.to_owned(),
    }
}

/// Rows of digits as long as an identity number are masked; spaces, dots and dashes within do not hide them.
fn without_numbers(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut row = String::new();
    for letter in value.chars() {
        let joins = matches!(letter, ' ' | '.' | '-') && !row.is_empty();
        if letter.is_numeric() || joins {
            row.push(letter);
            continue;
        }
        text.push_str(&settled(&row));
        row.clear();
        text.push(letter);
    }
    text.push_str(&settled(&row));
    text
}

fn settled(row: &str) -> String {
    if row.chars().filter(|letter| letter.is_numeric()).count() < TELLING {
        return row.to_owned();
    }
    let end = row.trim_end_matches([' ', '.', '-']);
    format!("{MASK}{}", row.get(end.len()..).unwrap_or_default())
}

/// RFC 4514 §2.4, and letters that would change how the line is read, written as escapes.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        let turns = matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
        match letter {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => text.extend(['\\', letter]),
            _ if letter.is_control() || turns => {
                // Writing to a text does not fail.
                let _written = write!(text, "\\u{{{:04x}}}", u32::from(letter));
            }
            _ => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::der::write;

    fn name(parts: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
        let sets = parts.iter().map(|(kind, tag, value)| {
            let attribute = write::sequence(&[&write::oid(kind), &write::element(*tag, &[value])]);
            write::set_of(&[&attribute])
        });
        let sets: Vec<_> = sets.collect();
        write::sequence(&sets.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn common(tag: u8, value: &[u8]) -> Vec<u8> {
        name(&[(oid::COMMON_NAME, tag, value)])
    }

    #[test]
    fn the_same_name_may_be_written_in_many_ways() {
        let plain = common(UTF8, b"Trial Root");
        for (tag, value) in [
            (0x13, &b"Trial Root"[..]),
            (0x14, b"TRIAL  ROOT "),
            (UTF8, b" trial root"),
            (WIDE, b"\0T\0r\0i\0a\0l\0 \0R\0o\0o\0t"),
        ] {
            assert!(is_same(&plain, &common(tag, value)), "{tag:02x}");
        }
        let other = [
            common(UTF8, b"Trial Roots"),
            name(&[(oid::UNIT, UTF8, b"Trial Root")]),
            name(&[]),
        ];
        for other in other {
            assert!(!is_same(&plain, &other));
        }
        // What is no text is the same only byte for byte.
        let octets = common(0x04, b"Trial Root");
        assert!(is_same(&octets, &octets) && !is_same(&octets, &common(0x04, b"trial root")));
        let broken = common(UTF8, &[0xFF]);
        assert!(!is_same(&broken, &common(0x13, &[0xFF])));
    }

    #[test]
    fn numbers_of_people_are_masked_wherever_they_stand() {
        for (kind, value, expected) in [
            (oid::UID, "CMND:001090000017", "UID=CMND:***"),
            (oid::UID, "CCCD:1", "UID=CCCD:***"),
            (oid::UID, "MST:0101234567-001", "UID=MST:***"),
            (oid::UID, "001090000017", "UID=***"),
            (oid::UID, "12:CMND:001090000017", "UID=***"),
            (oid::SERIAL_NUMBER, "PNOVN-001090000017", "serialNumber=PNOVN:***"),
            (oid::COMMON_NAME, "A (001090000017)", "CN=A (***)"),
            (oid::COMMON_NAME, "A 001.090-000 017 B", "CN=A *** B"),
            (oid::COMMON_NAME, "A ０01090000017", "CN=A ***"),
            (oid::COMMON_NAME, "Khóa 47, 2026", "CN=Khóa 47\\, 2026"),
            (oid::EMAIL, "a001090000017@x.vn", "E=a***@x.vn"),
        ] {
            assert_eq!(text(&name(&[(kind, UTF8, value.as_bytes())])), expected);
        }
    }

    #[test]
    fn what_would_turn_a_line_around_is_written_out() {
        let turned = common(UTF8, "a\u{202E}b\n=c".as_bytes());
        assert_eq!(text(&turned), "CN=a\\u{202e}b\\u{000a}\\=c");
        let many = name(&[
            (oid::COUNTRY, 0x13, b"VN"),
            (&[0x2A, 3], UTF8, b"x"),
            (oid::COMMON_NAME, 0x04, b"x"),
        ]);
        assert_eq!(text(&many), "CN=?, 1.2.3=x, C=VN");
        assert_eq!(part(&many, oid::COUNTRY).as_deref(), Some("VN"));
        assert_eq!(part(&many, oid::UNIT), None);
        assert_eq!(text(b"no name"), "");
    }
}
