//! Dates as PDFs write them (ISO 32000-1 §7.9.4): `D:YYYYMMDDHHmmSSOHH'mm'`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Reads a date with its zone; one without is no moment.
pub(super) fn read(octets: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(octets).ok()?;
    let text = text.strip_prefix("D:").unwrap_or(text);
    let (digits, zone) = text.split_at_checked(14)?;
    let number = |from: usize, to: usize| -> Option<i8> { plain(digits.get(from..to)?)?.try_into().ok() };
    let year: i16 = plain(digits.get(..4)?)?;
    let local = DateTime::new(
        year,
        number(4, 6)?,
        number(6, 8)?,
        number(8, 10)?,
        number(10, 12)?,
        number(12, 14)?,
        0,
    );
    offset(zone)?.to_timestamp(local.ok()?).ok()
}

fn plain(digits: &str) -> Option<i16> {
    digits
        .bytes()
        .all(|octet| octet.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

fn offset(zone: &str) -> Option<Offset> {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let seconds = match digits.len() {
        0 if zone == "Z" => 0,
        2 | 4 => {
            let hours = i32::from(plain(digits.get(..2)?)?);
            let minutes = digits
                .get(2..)
                .filter(|rest| !rest.is_empty())
                .map_or(Some(0), plain)?;
            hours * 3600 + i32::from(minutes) * 60
        }
        _ => return None,
    };
    match zone.chars().next()? {
        '+' | 'Z' => Offset::from_seconds(seconds).ok(),
        '-' => Offset::from_seconds(-seconds).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_moment_with_its_zone() {
        for (text, expected) in [
            ("D:20260305150910+07'00'", Some("2026-03-05T08:09:10Z")),
            ("D:20260305150910+07'00", Some("2026-03-05T08:09:10Z")),
            ("20260305080910Z", Some("2026-03-05T08:09:10Z")),
            ("D:20260305080910Z00'00'", Some("2026-03-05T08:09:10Z")),
            ("D:20260305030910-05'30'", Some("2026-03-05T08:39:10Z")),
            ("D:20260305080910", None),
            ("D:20261305080910Z", None),
            ("D:2026", None),
            ("D:2026030508091\u{e9}Z", None),
            ("", None),
        ] {
            let read = read(text.as_bytes()).map(|at| at.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
