//! BER that real signers write, made DER: indefinite and overlong lengths, and octet strings in pieces (X.690 §8.1.3, §8.7.3).
//!
//! Nothing else is repaired. What is signed inside, such as attributes and certificates, is hashed in DER anyway (RFC 5652 §5.4), so a
//! repaired message either verifies as what it says or not at all.

use std::borrow::Cow;

use super::{DerError, OCTETS, Reader, write};

/// As deep as anything may be nested.
const DEPTH: usize = 24;

/// The first element of `bytes` in DER, and the bytes after it. Borrowed when all its lengths were DER already.
pub fn definite(bytes: &[u8]) -> Result<(Cow<'_, [u8]>, &[u8]), DerError> {
    let mut reader = Reader::new(bytes);
    if let Ok(element) = reader.any()
        && is_definite(element.tag, element.content, 0)
    {
        return Ok((Cow::Borrowed(element.whole), reader.rest()));
    }
    let mut rest = bytes;
    let element = next(&mut rest, 0)?;
    Ok((Cow::Owned(element), rest))
}

/// Whether every constructed element within is made of DER elements.
fn is_definite(tag: u8, content: &[u8], depth: usize) -> bool {
    if tag & 0x20 == 0 {
        return true;
    }
    if depth > DEPTH || tag == OCTETS | 0x20 {
        return false;
    }
    let mut reader = Reader::new(content);
    while !reader.is_empty() {
        match reader.any() {
            Ok(element) if is_definite(element.tag, element.content, depth + 1) => {}
            _ => return false,
        }
    }
    true
}

/// Reads one element in BER and writes it in DER.
fn next(rest: &mut &[u8], depth: usize) -> Result<Vec<u8>, DerError> {
    if depth > DEPTH {
        return Err(DerError::Depth);
    }
    let (tag, after) = rest.split_first().ok_or(DerError::Truncated)?;
    if tag & 0x1F == 0x1F {
        return Err(DerError::HighTag);
    }
    let (length, after) = length(after)?;
    let is_constructed = tag & 0x20 != 0;
    let parts = match length {
        None if !is_constructed => return Err(DerError::Length),
        None => {
            let mut after = after;
            let parts = until_end(&mut after, depth)?;
            *rest = after;
            parts
        }
        Some(length) => {
            let (mut content, after) = after.split_at_checked(length).ok_or(DerError::Truncated)?;
            *rest = after;
            if !is_constructed {
                return Ok(write::element(*tag, &[content]));
            }
            let mut parts = Vec::new();
            while !content.is_empty() {
                parts.push(next(&mut content, depth + 1)?);
            }
            parts
        }
    };
    joined(*tag, &parts)
}

/// The elements before the two zero octets that end an indefinite length.
fn until_end(rest: &mut &[u8], depth: usize) -> Result<Vec<Vec<u8>>, DerError> {
    let mut parts = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            *rest = after;
            return Ok(parts);
        }
        parts.push(next(rest, depth + 1)?);
    }
}

/// The constructed element of these parts; an octet string in pieces becomes one.
fn joined(tag: u8, parts: &[Vec<u8>]) -> Result<Vec<u8>, DerError> {
    if tag != OCTETS | 0x20 {
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        return Ok(write::element(tag, &parts));
    }
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        pieces.push(Reader::new(part).octets()?);
    }
    Ok(write::element(OCTETS, &pieces))
}

/// A length in BER; `None` is indefinite. The bytes after it.
fn length(bytes: &[u8]) -> Result<(Option<usize>, &[u8]), DerError> {
    let (first, rest) = bytes.split_first().ok_or(DerError::Truncated)?;
    match first {
        0x00..=0x7F => Ok((Some(usize::from(*first)), rest)),
        0x80 => Ok((None, rest)),
        0x81..=0x84 => {
            let (digits, rest) = rest
                .split_at_checked(usize::from(first & 0x7F))
                .ok_or(DerError::Truncated)?;
            let length = digits
                .iter()
                .fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit));
            Ok((Some(length), rest))
        }
        _ => Err(DerError::Length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_is_left_as_it_is() {
        let bytes = [0x30, 0x04, 0x04, 0x02, 0x80, 0x00, 0xEE];
        let (der, rest) = definite(&bytes).unwrap();
        assert!(matches!(der, Cow::Borrowed(_)));
        assert_eq!((&*der, rest), (&bytes[..6], &bytes[6..]));
    }

    #[test]
    fn indefinite_overlong_and_pieces_become_der() {
        for (ber, der) in [
            (
                &[0x30, 0x80, 0x05, 0x00, 0x00, 0x00][..],
                &[0x30, 0x02, 0x05, 0x00][..],
            ),
            (&[0x30, 0x81, 0x02, 0x05, 0x00], &[0x30, 0x02, 0x05, 0x00]),
            (
                &[0x30, 0x82, 0x00, 0x03, 0x05, 0x81, 0x00],
                &[0x30, 0x02, 0x05, 0x00],
            ),
            (
                &[
                    0x24, 0x80, 0x04, 0x01, 0xAA, 0x24, 0x03, 0x04, 0x01, 0xBB, 0x00, 0x00,
                ],
                &[0x04, 0x02, 0xAA, 0xBB],
            ),
            (&[0x24, 0x03, 0x04, 0x01, 0xAA], &[0x04, 0x01, 0xAA]),
        ] {
            let (owned, rest) = definite(ber).unwrap();
            assert_eq!((&*owned, rest.len()), (der, 0));
        }
    }

    #[test]
    fn what_has_no_end_is_refused() {
        for (ber, reason) in [
            (&[0x30, 0x80, 0x05, 0x00][..], DerError::Truncated),
            (&[0x30, 0x80, 0x05, 0x00, 0x00], DerError::Truncated),
            (&[0x04, 0x80, 0x00, 0x00], DerError::Length),
            (&[0x30, 0x85, 0, 0, 0, 0, 0], DerError::Length),
            (
                &[0x24, 0x80, 0x05, 0x00, 0x00, 0x00],
                DerError::Tag {
                    expected: OCTETS,
                    found: 0x05,
                },
            ),
        ] {
            assert_eq!(definite(ber), Err(reason), "{ber:02x?}");
        }
        let nested = [0x30, 0x80].repeat(200_000);
        assert_eq!(definite(&nested), Err(DerError::Depth));
        let mut closed = vec![0x05, 0x00];
        for _ in 0..100 {
            closed = write::sequence(&[&closed]);
        }
        assert_eq!(definite(&closed), Err(DerError::Depth));
    }
}
