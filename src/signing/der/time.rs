//! Times: UTCTime and GeneralizedTime in the forms of RFC 5280 §4.1.2.5 and RFC 3161 §2.4.2, which allows fractions.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::{DerError, Element, GENERALIZED_TIME, UTC_TIME};

/// A UTCTime (two digits of the year: 1950 to 2049) or a GeneralizedTime, in UTC, seconds written, fractions without a zero at their end.
pub(super) fn read(element: Element<'_>) -> Result<Timestamp, DerError> {
    let text = element.content.strip_suffix(b"Z").ok_or(DerError::Time)?;
    let (year, rest, fraction) = match element.tag {
        UTC_TIME => {
            let (year, rest) = number(text, 2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest, &b""[..])
        }
        GENERALIZED_TIME => {
            let (whole, fraction) = match text.iter().position(|octet| *octet == b'.') {
                Some(dot) => text.split_at_checked(dot).ok_or(DerError::Time)?,
                None => (text, &b""[..]),
            };
            let (year, rest) = number(whole, 4)?;
            (year, rest, fraction)
        }
        found => {
            return Err(DerError::Tag {
                expected: GENERALIZED_TIME,
                found,
            });
        }
    };
    moment(year, rest, nanoseconds(fraction)?)
}

/// The fraction with its dot, in nanoseconds; what is finer is cut off.
fn nanoseconds(fraction: &[u8]) -> Result<i32, DerError> {
    let digits = match fraction {
        [] => return Ok(0),
        [b'.', digits @ ..] => digits,
        _ => return Err(DerError::Time),
    };
    let ends_well = digits.last().is_some_and(|last| *last != b'0');
    if !ends_well || !digits.iter().all(u8::is_ascii_digit) {
        return Err(DerError::Time);
    }
    let nine = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    Ok(nine.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0')))
}

/// Month, day, hour, minute and second: ten digits.
fn moment(year: i16, rest: &[u8], nanosecond: i32) -> Result<Timestamp, DerError> {
    let mut rest = rest;
    let mut two = [0_i8; 5];
    for place in &mut two {
        let (value, after) = number(rest, 2)?;
        *place = i8::try_from(value).map_err(|_| DerError::Time)?;
        rest = after;
    }
    if !rest.is_empty() {
        return Err(DerError::Time);
    }
    let [month, day, hour, minute, second] = two;
    let date = Date::new(year, month, day).map_err(|_| DerError::Time)?;
    let time = Time::new(hour, minute, second, nanosecond).map_err(|_| DerError::Time)?;
    let whole = DateTime::from_parts(date, time);
    // The last day of 9999 means that there is no end (RFC 5280 §4.1.2.5); it lies behind the last moment that is counted here.
    let endless = (year, month, day) == (9999, 12, 31);
    match Offset::UTC.to_timestamp(whole) {
        Ok(at) => Ok(at),
        Err(_) if endless => Ok(Timestamp::MAX),
        Err(_) => Err(DerError::Time),
    }
}

/// A number of so many digits, and what follows.
fn number(text: &[u8], digits: usize) -> Result<(i16, &[u8]), DerError> {
    let (digits, rest) = text.split_at_checked(digits).ok_or(DerError::Time)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(DerError::Time);
    }
    let value = digits
        .iter()
        .fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0'));
    Ok((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::der::write;

    fn time(tag: u8, text: &str) -> Result<String, DerError> {
        let bytes = write::element(tag, &[text.as_bytes()]);
        let element = Element::only(&bytes, tag).unwrap();
        element.time().map(|time| time.to_string())
    }

    #[test]
    fn a_time_is_a_moment_in_utc() {
        for (tag, text, expected) in [
            (UTC_TIME, "260305080910Z", "2026-03-05T08:09:10Z"),
            (UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"),
            (UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (GENERALIZED_TIME, "20500101000000Z", "2050-01-01T00:00:00Z"),
            (GENERALIZED_TIME, "20260305080910.25Z", "2026-03-05T08:09:10.25Z"),
            (
                GENERALIZED_TIME,
                "20260305080910.0000000019Z",
                "2026-03-05T08:09:10.000000001Z",
            ),
            (GENERALIZED_TIME, "20240229000000Z", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(time(tag, text).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn other_forms_of_a_time_are_refused() {
        for (tag, text) in [
            (UTC_TIME, "2603050809Z"),
            (UTC_TIME, "260305080910+0700"),
            (UTC_TIME, "260305080910"),
            (UTC_TIME, "20260305080910Z"),
            (UTC_TIME, "260305080910.5Z"),
            (UTC_TIME, "260230080910Z"),
            (UTC_TIME, "260305080960Z"),
            (UTC_TIME, "26030508091 Z"),
            (GENERALIZED_TIME, "20260305080910.Z"),
            (GENERALIZED_TIME, "20260305080910.50Z"),
            (GENERALIZED_TIME, "20260305080910,5Z"),
            (GENERALIZED_TIME, "20260305080910.5"),
            (GENERALIZED_TIME, "2026030508Z"),
            (GENERALIZED_TIME, ""),
        ] {
            assert_eq!(time(tag, text), Err(DerError::Time), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "1949-12-31T23:59:59Z",
            "1950-01-01T00:00:00Z",
            "2026-03-05T08:09:10Z",
            "2050-01-01T00:00:00Z",
        ] {
            let at: Timestamp = text.parse().unwrap();
            let bytes = write::time(at);
            let tag = if (1950..2050).contains(&text[..4].parse().unwrap()) {
                UTC_TIME
            } else {
                GENERALIZED_TIME
            };
            assert_eq!(Element::only(&bytes, tag).unwrap().time(), Ok(at));
        }
    }
}
