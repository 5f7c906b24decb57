//! One line of the books: a short head that a replay reads, then the payload that it skips.

use crate::twin::check::{Dossier, Step};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Act {
    /// A dossier was created by the caller.
    Create,
    /// A dossier was created by another system.
    Other,
    /// A new version was taken.
    Update,
    /// A step was appended.
    Step,
    /// A create was refused, because the dossier was there.
    Duplicate,
    /// A repeated step was refused.
    Refused,
}

/// The head of a line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line<'a> {
    pub(super) act: Act,
    #[serde(borrow)]
    pub(super) number: Cow<'a, str>,
    pub(super) status: u8,
    /// Milliseconds since 1970.
    pub(super) at: u64,
    /// Of a push: SHA-256 of its `data`. Of a step: its print, then zeros.
    #[serde(serialize_with = "write_hex", deserialize_with = "read_hex")]
    pub(super) digest: [u8; 32],
}

impl<'a> Line<'a> {
    pub(super) fn dossier(act: Act, dossier: &'a Dossier<'_>, digest: &[u8; 32]) -> Line<'a> {
        Line {
            act,
            number: Cow::Borrowed(&dossier.number),
            status: dossier.status,
            at: crate::twin::now(),
            digest: *digest,
        }
    }

    pub(super) fn step(act: Act, step: &'a Step<'_>) -> Line<'a> {
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(step.print.to_be_bytes()) {
            *to = from;
        }
        Line {
            act,
            number: Cow::Borrowed(&step.number),
            status: step.status,
            at: crate::twin::now(),
            digest,
        }
    }

    /// The whole line. Line breaks between the payload's tokens become spaces: a line is a line.
    pub(super) fn bytes(&self, payload: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(payload.len() + 256);
        // Writing to memory cannot fail, and the head has no key that is not a text.
        let _ = serde_json::to_writer(&mut bytes, self);
        if !payload.is_empty() {
            bytes.pop();
            bytes.extend_from_slice(PAYLOAD);
            bytes.extend(
                payload
                    .bytes()
                    .map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { b }),
            );
            bytes.push(b'}');
        }
        bytes.push(b'\n');
        bytes
    }

    /// Reads the head only; the payload may be megabytes and nobody asked for it.
    pub(super) fn read(line: &'a [u8], room: &'a mut Vec<u8>) -> Option<Line<'a>> {
        match find(line) {
            None => serde_json::from_slice(line).ok(),
            Some(end) => {
                room.clear();
                room.extend_from_slice(line.get(..end)?);
                room.push(b'}');
                serde_json::from_slice(room).ok()
            }
        }
    }
}

/// The payload within a whole line.
pub(super) fn payload(line: &[u8]) -> Option<&[u8]> {
    line.get(find(line)? + PAYLOAD.len()..)?.strip_suffix(b"}\n")
}

/// Lower-case hex.
pub(in crate::twin) fn hex(digest: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(digest)
}

/// Quotes inside the head's texts are escaped, so the first such run of bytes is ours.
const PAYLOAD: &[u8] = br#","payload":"#;

fn find(line: &[u8]) -> Option<usize> {
    line.windows(PAYLOAD.len()).position(|window| window == PAYLOAD)
}

fn write_hex<S: Serializer>(digest: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex(digest))
}

fn read_hex<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
    let text = <&str>::deserialize(from)?;
    let mut digest = [0; 32];
    // The decoder insists on a text of exactly twice the length.
    let read = text.len() == 64
        && data_encoding::HEXLOWER
            .decode_mut(text.as_bytes(), &mut digest)
            .is_ok();
    if read {
        Ok(digest)
    } else {
        Err(serde::de::Error::custom("not a digest"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back_and_its_payload_too() {
        let dossier = Dossier {
            number: Cow::Borrowed(r#"H99","payload":-1"#),
            status: 10,
            raw: "{\n\"a\":\"\\n\"}",
        };
        let line = Line::dossier(Act::Update, &dossier, &[7; 32]);
        let bytes = line.bytes(dossier.raw);
        assert_eq!(Line::read(&bytes, &mut Vec::new()).unwrap(), line);
        assert_eq!(payload(&bytes).unwrap(), b"{ \"a\":\"\\n\"}");
        assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), 1);
    }

    #[test]
    fn a_short_digest_is_no_line() {
        let text = br#"{"act":"step","number":"a","status":1,"at":1,"digest":"00"}"#;
        assert!(Line::read(text, &mut Vec::new()).is_none());
    }
}
