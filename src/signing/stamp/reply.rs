//! TimeStampResp (RFC 3161 §2.4.2).

use crate::signing::der::{BITS, DerError, Element, INTEGER, SEQUENCE, UTF8, lax};

/// The most letters of an authority's own words that are repeated.
const LONGEST_TEXT: usize = 200;

/// Bits of PKIFailureInfo and their names.
const FAILURES: [(usize, &str); 8] = [
    (0, "badAlg"),
    (2, "badRequest"),
    (5, "badDataFormat"),
    (14, "timeNotAvailable"),
    (15, "unacceptedPolicy"),
    (16, "unacceptedExtension"),
    (17, "addInfoNotAvailable"),
    (25, "systemFailure"),
];

/// Why a reply holds no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Not BER, or not this structure.
    #[error("the reply of the time-stamp authority cannot be read")]
    Malformed(#[from] DerError),
    /// The authority gave none.
    #[error("the time-stamp authority says {status} {failures:?} {text:?}")]
    Refused {
        /// The status by name.
        status: &'static str,
        /// What failed, by name; a bit without a name is `unknown`.
        failures: Vec<&'static str>,
        /// The authority's own words, cut to 200 letters, without control characters.
        text: String,
    },
    /// Granted, and no token.
    #[error("the time-stamp authority grants the time-stamp and does not send it")]
    Empty,
}

/// The token of a reply that grants one; not verified.
pub fn token(reply: &[u8]) -> Result<Vec<u8>, ReplyError> {
    let (der, rest) = lax::definite(reply)?;
    if !rest.is_empty() {
        return Err(DerError::Trailing.into());
    }
    let mut outer = Element::only(&der, SEQUENCE)?.inside();
    let mut inside = outer.sequence()?;
    let status = inside.take(INTEGER)?.small()?;
    let words = inside.maybe(SEQUENCE)?;
    let failures = inside.maybe(BITS)?;
    inside.end()?;
    let token = outer.maybe(SEQUENCE)?;
    outer.end()?;
    match (status, token) {
        (0 | 1, Some(token)) => Ok(token.whole.to_vec()),
        (0 | 1, None) => Err(ReplyError::Empty),
        _ => Err(ReplyError::Refused {
            status: status_name(status),
            failures: failures.map(names).transpose()?.unwrap_or_default(),
            text: words.map(text).transpose()?.unwrap_or_default(),
        }),
    }
}

fn status_name(status: u32) -> &'static str {
    match status {
        2 => "rejection",
        3 => "waiting",
        4 => "revocationWarning",
        5 => "revocationNotification",
        _ => "a status without a name",
    }
}

fn names(bits: Element<'_>) -> Result<Vec<&'static str>, DerError> {
    let (_, octets) = bits.bits()?;
    let set = (0..octets.len().min(8) * 8).filter(|bit| {
        let octet = octets.get(bit / 8).copied().unwrap_or(0);
        octet & (0x80 >> (bit % 8)) != 0
    });
    let name = |bit| FAILURES.iter().find(|(number, _)| *number == bit);
    Ok(set
        .map(|bit| name(bit).map_or("unknown", |(_, name)| name))
        .collect())
}

fn text(words: Element<'_>) -> Result<String, DerError> {
    let parts = words.inside().all(UTF8)?;
    let parts: Vec<_> = parts
        .iter()
        .map(|part| String::from_utf8_lossy(part.content))
        .collect();
    let letters = parts.join("; ");
    Ok(letters
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_TEXT)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::der::write;

    fn reply(status: u8, words: &str, bits: &[u8], token: &[u8]) -> Vec<u8> {
        let words = write::sequence(&[&write::element(UTF8, &[words.as_bytes()])]);
        let status = write::sequence(&[
            &write::unsigned(&[status]),
            &words,
            &write::element(BITS, &[bits]),
        ]);
        write::sequence(&[&status, token])
    }

    #[test]
    fn a_token_is_handed_out_only_when_it_is_granted() {
        let some = write::sequence(&[&write::null()]);
        for status in [0, 1] {
            assert_eq!(token(&reply(status, "", &[0], &some)), Ok(some.clone()));
            assert_eq!(token(&reply(status, "", &[0], b"")), Err(ReplyError::Empty));
        }
        for status in [2, 3, 4, 5, 99] {
            let refused = token(&reply(status, "", &[0], &some));
            assert!(matches!(refused, Err(ReplyError::Refused { .. })));
        }
        assert!(matches!(
            token(&[reply(0, "", &[0], &some), vec![0]].concat()),
            Err(ReplyError::Malformed(_))
        ));
    }

    #[test]
    fn failures_have_names() {
        let bits = |set: &[usize]| {
            let mut octets = [0_u8; 5];
            for bit in set {
                octets[1 + bit / 8] |= 0x80 >> (bit % 8);
            }
            octets
        };
        let failures = |set: &[usize]| match token(&reply(2, "Không\u{7}", &bits(set), b"")) {
            Err(ReplyError::Refused {
                status: "rejection",
                failures,
                text,
            }) if text == "Không" => failures,
            other => panic!("{other:?}"),
        };
        assert_eq!(failures(&[]), [""; 0]);
        assert_eq!(failures(&[0, 2, 5]), ["badAlg", "badRequest", "badDataFormat"]);
        assert_eq!(
            failures(&[14, 15, 16, 17, 25]),
            [
                "timeNotAvailable",
                "unacceptedPolicy",
                "unacceptedExtension",
                "addInfoNotAvailable",
                "systemFailure"
            ]
        );
        assert_eq!(failures(&[1]), ["unknown"]);
        let Err(ReplyError::Refused { text, .. }) = token(&reply(2, &"a".repeat(9999), &[0], b"")) else {
            panic!()
        };
        assert_eq!(text.len(), LONGEST_TEXT);
    }
}
