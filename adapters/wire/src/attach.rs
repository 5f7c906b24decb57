//! Papers that travel inside a message, as base64 in a member of their row, and those that come inside an answer. A mapping writes the paper's digest there; before
//! the payload is stored, once and for good, the digest gives way to the bytes. No other byte of the payload is touched.
//!
//! Only the member that the wire names is looked at: a digest that somebody filed as a name stays the text it is.

use std::borrow::Cow;

use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::media;

/// How much may be attached (national-databases.md §9.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// Bytes of one paper.
    pub file: usize,
    /// Bytes of the whole message, as it leaves.
    pub message: usize,
}

/// 20 MiB each, 50 MiB a message.
pub const BULK: Bulk = Bulk {
    file: 20 << 20,
    message: 50 << 20,
};

/// Why papers were not attached. None of these left the house.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unattached {
    /// The payload is no JSON object, or its rows are none.
    #[error("the payload is not a JSON object with rows of papers")]
    Form,
    /// Nobody has the bytes of that digest.
    #[error("the paper with the digest {0} is not there")]
    Missing(String),
    /// A paper is longer than the partner takes.
    #[error("a paper has {bytes} bytes; {limit} are allowed")]
    File {
        /// Bytes of the paper.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The message would be longer than the partner takes.
    #[error("with its papers the message has {bytes} bytes; {limit} are allowed")]
    Message {
        /// Bytes of the message.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
}

/// The payload with its papers in it. `place` is the path of the member, `fileDinhKem[]/duLieuTepDinhKem`; `bytes` gives
/// those of a digest, one paper at a time, so that no two are held at once beside the message.
///
/// # Errors
/// [`Unattached`] names what is missing or too long.
pub fn attach(
    payload: &[u8],
    place: &str,
    bulk: Bulk,
    mut bytes: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Result<Vec<u8>, Unattached> {
    let text = std::str::from_utf8(payload).map_err(|_| Unattached::Form)?;
    let steps: Vec<&str> = place.split('/').collect();
    let mut marks = Vec::new();
    gather(text, &steps, &mut marks)?;
    let mut message = String::with_capacity(text.len());
    let mut copied = 0;
    for mark in marks {
        let digest: Cow<'_, str> = serde_json::from_str::<Text<'_>>(mark)
            .map_err(|_| Unattached::Form)?
            .0;
        let start = offset(text, mark);
        message.push_str(&text[copied..start]);
        copied = start + mark.len();
        let paper = bytes(&digest).ok_or_else(|| Unattached::Missing(digest.into_owned()))?;
        fits(paper.len(), bulk.file, |bytes, limit| Unattached::File {
            bytes,
            limit,
        })?;
        let whole = message.len() + BASE64.encode_len(paper.len()) + (text.len() - copied);
        fits(whole, bulk.message, |bytes, limit| Unattached::Message {
            bytes,
            limit,
        })?;
        message.push('"');
        BASE64.encode_append(&paper, &mut message);
        message.push('"');
    }
    message.push_str(&text[copied..]);
    Ok(message.into_bytes())
}

/// Why a paper that came cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is longer than a paper may be.
    #[error("the paper is longer than {0} bytes")]
    Long(usize),
    /// It is no base64.
    #[error("the paper is not base64")]
    Encoding,
    /// It is a page for a browser.
    #[error("a page for a browser stands in place of the paper")]
    Page,
}

/// The bytes of a paper that came inside an answer.
///
/// # Errors
/// [`Unusable`] says why it is none; what is too long is not decoded at all.
pub fn decoded(text: &str, limit: usize) -> Result<Vec<u8>, Unusable> {
    // Four characters hold three bytes; line ends take a fortieth.
    if text.len() / 4 * 3 > limit + limit / 16 {
        return Err(Unusable::Long(limit));
    }
    let bytes = BASE64_MIME_PERMISSIVE.decode(text.trim().as_bytes());
    let bytes = bytes.map_err(|_| Unusable::Encoding)?;
    if bytes.len() > limit {
        return Err(Unusable::Long(limit));
    }
    if media::of(&bytes) == media::PAGE {
        return Err(Unusable::Page);
    }
    Ok(bytes)
}

fn fits(bytes: usize, limit: usize, fault: impl Fn(usize, usize) -> Unattached) -> Result<(), Unattached> {
    if bytes > limit {
        return Err(fault(bytes, limit));
    }
    Ok(())
}

/// Where a part of a text stands in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

/// The members at the end of a path, as they lie in the text; a row without one, and one that is null or empty, has no
/// paper.
fn gather<'t>(text: &'t str, steps: &[&str], marks: &mut Vec<&'t str>) -> Result<(), Unattached> {
    let Some((step, rest)) = steps.split_first() else {
        if !matches!(text, "null" | "\"\"") {
            marks.push(text);
        }
        return Ok(());
    };
    let name = step.strip_suffix("[]").unwrap_or(step);
    let members: Members<'t> = serde_json::from_str(text).map_err(|_| Unattached::Form)?;
    for (_, value) in members.0.iter().filter(|(key, _)| key == name) {
        if name.len() == step.len() {
            gather(value.get(), rest, marks)?;
            continue;
        }
        let rows: Vec<&RawValue> = serde_json::from_str(value.get()).map_err(|_| Unattached::Form)?;
        for row in rows {
            gather(row.get(), rest, marks)?;
        }
    }
    Ok(())
}

/// A JSON string, borrowed where it can be.
#[derive(Deserialize)]
struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

/// The members of an object in their order, each as it lies in the text.
struct Members<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Visit)
    }
}

struct Visit;

impl<'de> Visitor<'de> for Visit {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(Text(name)) = map.next_key()? {
            members.push((name, map.next_value()?));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLACE: &str = "toKhai/tep[]/noiDung";

    fn paper(digest: &str) -> Option<Vec<u8>> {
        let length = digest.strip_prefix("d")?.parse().ok()?;
        Some(vec![b'%'; length])
    }

    fn attached(payload: &str) -> Result<String, Unattached> {
        let small = Bulk {
            file: 30,
            message: 200,
        };
        attach(payload.as_bytes(), PLACE, small, paper).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn only_the_named_member_gives_way_and_no_other_byte_is_touched() {
        let payload = "{ \"ten\":\"d3\" ,\"toKhai\" : {\"x\":1.0e2,\"tep\":[ {\"ten\":\"d3\",\"noiDung\" :\"d3\"},\
                       {\"noiDung\":\"\"}, {\"noiDung\":null},{}\n,{\"no\\u0069Dung\":\"\\u00644\",\"noiDung2\":\"d5\"}]}, \"tep\":[{\"noiDung\":\"d3\"}]}";
        let expected = payload
            .replacen("\"noiDung\" :\"d3\"", "\"noiDung\" :\"JSUl\"", 1)
            .replace("\"\\u00644\"", "\"JSUlJQ==\"");
        assert_eq!(attached(payload).unwrap(), expected);
        for plain in ["{}", "{\"toKhai\":{}}", "{\"toKhai\":{\"tep\":[]}}"] {
            assert_eq!(attached(plain).unwrap(), plain);
        }
    }

    #[test]
    fn what_is_missing_or_too_long_stops_the_message() {
        let one = |mark: &str| attached(&format!("{{\"toKhai\":{{\"tep\":[{{\"noiDung\":{mark}}}]}}}}"));
        assert_eq!(one("\"ff\""), Err(Unattached::Missing("ff".to_owned())));
        assert_eq!(one("\"d31\""), Err(Unattached::File { bytes: 31, limit: 30 }));
        assert_eq!(one("7"), Err(Unattached::Form));
        let five = ["{\"noiDung\":\"d30\"}"; 5].join(",");
        let long = attached(&format!("{{\"toKhai\":{{\"tep\":[{five}]}}}}"));
        assert!(matches!(long, Err(Unattached::Message { limit: 200, .. })));
        for form in [
            "",
            "[]",
            "{\"toKhai\":[]}",
            "{\"toKhai\":{\"tep\":{}}}",
            "{\"toKhai\":{}}x",
        ] {
            assert_eq!(attached(form), Err(Unattached::Form), "{form}");
        }
        assert_eq!((BULK.file, BULK.message), (20_971_520, 52_428_800));
    }

    #[test]
    fn one_paper_is_held_at_a_time_and_nothing_beyond_the_limit_is_read() {
        let rows = vec!["{\"noiDung\":\"d30\"}"; 40].join(",");
        let mut read = 0;
        let bulk = Bulk {
            file: 30,
            message: 1_000,
        };
        let payload = format!("{{\"toKhai\":{{\"tep\":[{rows}]}}}}");
        let result = attach(payload.as_bytes(), PLACE, bulk, |digest| {
            read += 1;
            paper(digest)
        });
        // 40 papers take 42 bytes each: the one that would go over is the last that is asked for.
        assert!(matches!(result, Err(Unattached::Message { .. })));
        assert!(read < 40, "{read} papers were read");
    }

    #[test]
    fn trap_22_a_paper_too_long_is_told_by_its_text_and_not_decoded() {
        let of = |bytes: usize| data_encoding::BASE64.encode(&vec![b'%'; bytes]);
        assert_eq!(decoded(&of(30_000), 30_000).map(|paper| paper.len()), Ok(30_000));
        assert_eq!(decoded(&of(30_001), 30_000), Err(Unusable::Long(30_000)));
        assert_eq!(decoded(&of(300_000), 30_000), Err(Unusable::Long(30_000)));
        // What is not even base64 shows that nobody tried to decode it.
        assert_eq!(decoded(&"?".repeat(60_000), 30_000), Err(Unusable::Long(30_000)));
        assert_eq!(decoded("JVBE\r\nRi0x\r\n", 30), Ok(b"%PDF-1".to_vec()));
        assert_eq!(decoded("không", 30), Err(Unusable::Encoding));
        assert_eq!(decoded("PGh0bWw+", 30), Err(Unusable::Page));
    }

    proptest! {
        #[test]
        fn every_paper_comes_back_out_of_the_message(lengths in proptest::collection::vec(0_usize..300, 0..6), name in ".*") {
            let rows: Vec<serde_json::Value> = lengths
                .iter()
                .map(|length| serde_json::json!({"ten": name, "noiDung": format!("d{length}")}))
                .collect();
            let payload = serde_json::json!({"so": name, "toKhai": {"tep": rows}}).to_string();
            let message = attach(payload.as_bytes(), PLACE, BULK, paper).unwrap();
            let read: serde_json::Value = serde_json::from_slice(&message).unwrap();
            prop_assert_eq!(&read["so"], &serde_json::json!(name));
            for (row, length) in read["toKhai"]["tep"].as_array().unwrap().iter().zip(lengths) {
                let bytes = BASE64.decode(row["noiDung"].as_str().unwrap().as_bytes()).unwrap();
                prop_assert_eq!(bytes, vec![b'%'; length]);
            }
        }
    }
}
