//! Which bytes of a file are asked for (RFC 9110 §13.1.5, §14).

use axum::http::header::{IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue};

/// The bytes that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) start: u64,
    /// The byte behind the last.
    pub(super) end: u64,
    /// Whether it is an answer in part.
    pub(super) part: bool,
}

/// None of the bytes asked for are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beyond;

impl Asked {
    /// What the headers ask for. What is no range, several ranges, and a range of what the file was not are answered with all of it.
    pub(super) fn of(headers: &HeaderMap, tag: &str, size: u64) -> Result<Self, Beyond> {
        let whole = Self {
            start: 0,
            end: size,
            part: false,
        };
        let stands = headers.get(IF_RANGE).is_none_or(|known| known == tag);
        let range = headers.get(RANGE).filter(|_| stands);
        let range = range.and_then(|range| range.to_str().ok()).and_then(|range| {
            let (unit, range) = range.split_once('=')?;
            unit.trim()
                .eq_ignore_ascii_case("bytes")
                .then(|| range.trim().split_once('-'))?
        });
        match range {
            Some((first, last)) => one((first.trim(), last.trim()), size).map(|some| some.unwrap_or(whole)),
            None => Ok(whole),
        }
    }

    /// As `Content-Range` says it.
    pub(super) fn said(self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.start, self.end.saturating_sub(1))
    }
}

fn one((first, last): (&str, &str), size: u64) -> Result<Option<Asked>, Beyond> {
    let (start, end) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(size)),
        (Some(first), None) if last.is_empty() => (first, size),
        (None, Some(0)) if first.is_empty() => return Err(Beyond),
        (None, Some(last)) if first.is_empty() => (size.saturating_sub(last), size),
        _ => return Ok(None),
    };
    if start >= size {
        return Err(Beyond);
    }
    Ok(Some(Asked {
        start,
        end,
        part: true,
    }))
}

/// Digits and nothing else; more than fit are more than any file has.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Whether a list of tags names this one.
pub(super) fn matches(known: Option<&HeaderValue>, tag: &str) -> bool {
    let known = known.and_then(|known| known.to_str().ok()).unwrap_or_default();
    let weak = |one: &str| one.trim().trim_start_matches("W/") == tag;
    known.trim() == "*" || known.split(',').any(weak)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str, if_range: Option<&str>) -> Result<(u64, u64, bool), Beyond> {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
        if let Some(tag) = if_range {
            headers.insert(IF_RANGE, HeaderValue::from_str(tag).unwrap());
        }
        Asked::of(&headers, "\"tag\"", 100).map(|asked| (asked.start, asked.end, asked.part))
    }

    #[test]
    fn one_range_is_taken_and_whatever_is_none_is_the_whole() {
        let whole = Ok((0, 100, false));
        for (range, bytes) in [
            ("bytes=0-0", Ok((0, 1, true))),
            ("bytes=10-19", Ok((10, 20, true))),
            ("Bytes = 90-", Ok((90, 100, true))),
            ("bytes=-5", Ok((95, 100, true))),
            ("bytes=-500", Ok((0, 100, true))),
            ("bytes=99-99999999999999999999999", Ok((99, 100, true))),
            ("bytes=100-", Err(Beyond)),
            ("bytes=100-200", Err(Beyond)),
            ("bytes=99999999999999999999999-", Err(Beyond)),
            ("bytes=-0", Err(Beyond)),
            ("bytes=20-10", whole),
            ("bytes=0-1,5-6", whole),
            ("bytes=-", whole),
            ("bytes=+1-2", whole),
            ("bytes=a-b", whole),
            ("lines=0-1", whole),
            ("bytes", whole),
        ] {
            assert_eq!(asked(range, None), bytes, "{range}");
        }
        assert_eq!(asked("bytes=0-0", Some("\"tag\"")), Ok((0, 1, true)));
        assert_eq!(asked("bytes=0-0", Some("\"other\"")), whole);
        assert_eq!(
            asked("bytes=0-0", Some("W/\"tag\"")),
            whole,
            "a weak tag is none (RFC 9110 §13.1.5)"
        );
    }

    #[test]
    fn a_tag_is_known_in_a_list() {
        let known = |text| matches(Some(&HeaderValue::from_static(text)), "\"t\"");
        assert!(known("\"a\", W/\"t\"") && known("*") && !known("\"a\"") && !matches(None, "\"t\""));
    }
}
