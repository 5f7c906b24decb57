//! By what a packet is known: the key of its document (1.14), and the key by which a second copy is noticed.

use std::fmt;

use crate::moment::Day;
use crate::packet::{Number, Packet, Told};

/// What the key of a document says, where it says anything. Nobody derives the parties from it: it is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The body's code.
    pub organ: String,
    /// The day of issue.
    pub on: Day,
    /// The document's number.
    pub code: Number,
}

/// The key of a document: `000.00.00.H99,2026/01/06,7816/VPCP-TTĐT`. None where a part is missing, or would make
/// another key.
#[must_use]
pub fn compose(organ: &str, on: Day, code: &Number) -> Option<String> {
    let key = format!("{},{on},{code}", organ.trim());
    let same = split(&key)?;
    (same.organ == organ && same.code == *code).then_some(key)
}

/// What a key says: split at the first two commas only. None for one that is another key, as the UUIDs of old packets are.
#[must_use]
pub fn split(key: &str) -> Option<Parts> {
    let mut parts = key.splitn(3, ',');
    let (organ, on, code) = (parts.next()?, parts.next()?, parts.next()?);
    let (number, notation) = code.split_once('/')?;
    let whole = [organ, number, notation]
        .iter()
        .all(|part| !part.trim().is_empty());
    let on = Day::parse(on)?;
    whole.then(|| Parts {
        organ: organ.to_owned(),
        on,
        code: Number {
            number: number.to_owned(),
            notation: notation.to_owned(),
        },
    })
}

/// By what a second copy of a packet is noticed (§2): a crash between storing it and telling the axis makes one. The same
/// key with another digest is another packet of the same document, which a person looks at; the axis appends its hop, so
/// that the digests of two copies differ too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Who sent it.
    pub organ: String,
    /// The key of its document, or of the one it speaks of.
    pub document: String,
    /// What it is sent for: the BussinessDocType, or `status` with the code and its moment.
    pub act: String,
}

/// One line, by which a store may index.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\u{1f}{}\u{1f}{}", self.organ, self.document, self.act)
    }
}

impl Key {
    /// The key of a packet; none where it names neither a sender nor a document, and only its digest tells.
    #[must_use]
    pub fn of(packet: &Packet) -> Option<Self> {
        let (organ, document, act) = match packet {
            Packet::Document(document) => {
                let act = document
                    .business
                    .as_ref()
                    .map_or("", |business| business.act.number());
                let made = || compose(&document.from.id, document.issued.on?, &document.code);
                let key = Some(document.document_id.clone()).filter(|key| !key.is_empty());
                (&document.from.id, key.or_else(made)?, act.to_owned())
            }
            Packet::Status(status) => {
                let code = match &status.told {
                    Told::Known(code) => code.digits(),
                    Told::Unknown(code) => code,
                };
                let at = status.at.map(|at| at.to_string()).unwrap_or_default();
                let answered = &status.answered;
                let code_of = || format!("{},{}", answered.organ, answered.code);
                let key = Some(answered.document_id.clone()).filter(|key| !key.is_empty());
                (
                    &status.from.id,
                    key.unwrap_or_else(code_of),
                    format!("status {code} {at}"),
                )
            }
        };
        (!organ.is_empty()).then(|| Key {
            organ: organ.clone(),
            document,
            act,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(number: &str, notation: &str) -> Number {
        Number {
            number: number.to_owned(),
            notation: notation.to_owned(),
        }
    }

    #[test]
    fn a_key_is_split_at_its_first_two_commas_only() {
        let key = "000.00.00.H99,2015/09/30,7816/VPCP-TTĐT, KGVX/2";
        let parts = split(key).unwrap();
        assert_eq!(parts.organ, "000.00.00.H99");
        assert_eq!(Some(parts.on), Day::new(2015, 9, 30));
        assert_eq!(parts.code, number("7816", "VPCP-TTĐT, KGVX/2"));
        assert_eq!(compose(&parts.organ, parts.on, &parts.code).as_deref(), Some(key));
    }

    #[test]
    fn another_key_is_no_parts() {
        for key in [
            "",
            "0d5b9f1c-7f1e-4d34-9a53-3f6d0c1f2a77",
            "000.00.00.H99,2015-09-30,7816/VPCP",
            "000.00.00.H99,2015/09/30",
            "000.00.00.H99,2015/09/30,7816",
            ",2015/09/30,7816/VPCP",
            "000.00.00.H99,2015/02/30,7816/VPCP",
        ] {
            assert_eq!(split(key), None, "{key}");
        }
        let day = Day::new(2026, 1, 6).unwrap();
        for (organ, code) in [
            ("", number("1", "A")),
            ("H99,x", number("1", "A")),
            ("H99", number("1/2", "A")),
            ("H99", number("1", "")),
        ] {
            assert_eq!(compose(organ, day, &code), None, "{organ} {code}");
        }
    }

    proptest! {
        #[test]
        fn what_is_composed_is_split_again(organ in "[0-9A-Z.]{1,16}", number_ in "[0-9]{1,6}", notation in "[A-ZĐ/, -]{1,12}") {
            let day = Day::new(2024, 2, 29).unwrap();
            let code = number(&number_, &notation);
            let Some(key) = compose(&organ, day, &code) else {
                prop_assert!(notation.trim().is_empty());
                return Ok(());
            };
            prop_assert_eq!(split(&key), Some(Parts { organ, on: day, code }));
        }
    }
}
