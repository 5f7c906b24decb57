//! Instants in Viet Nam's time.

use std::fmt;
use std::str::FromStr;

use super::date::{Day, civil, days, valid};
use super::pattern::{HANOI, Parts, Pattern};
use super::serial::through_shape;

/// An instant, in whole seconds since 1970-01-01T00:00:00Z; years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// 0001-01-01T00:00:00+07:00 and 9999-12-31T23:59:59+07:00.
const RANGE: (i64, i64) = (-62_135_622_000, 253_402_275_599);

/// A text that is not an ISO instant with a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time such as 2024-01-15T09:30:00+07:00")]
pub struct NotTime;

impl Time {
    /// The instant that many seconds after the epoch; held inside years 1 to 9999.
    #[must_use]
    pub const fn at(seconds: i64) -> Self {
        if seconds < RANGE.0 {
            Self(RANGE.0)
        } else if seconds > RANGE.1 {
            Self(RANGE.1)
        } else {
            Self(seconds)
        }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Reads a text in that form; only times that exist on the calendar and the 24-hour clock.
    #[must_use]
    pub fn read(pattern: &Pattern, text: &str) -> Option<Self> {
        let parts = pattern.read(text)?;
        if !valid(parts.year, parts.month, parts.day) {
            return None;
        }
        let midnight = days(parts.year, parts.month, parts.day) * 86_400;
        let seconds = midnight + i64::from(parts.second) - i64::from(parts.offset);
        (RANGE.0..=RANGE.1).contains(&seconds).then_some(Self(seconds))
    }

    /// Prints it in that form, in Viet Nam's time.
    pub fn print(self, pattern: &Pattern, out: &mut String) {
        let local = self.0 + i64::from(HANOI);
        let (year, month, day) = civil(local.div_euclid(86_400));
        let second = local.rem_euclid(86_400) as u32;
        pattern.print(
            Parts {
                year,
                month,
                day,
                second,
                offset: HANOI,
            },
            out,
        );
    }

    /// The first instant of that day in Viet Nam.
    #[must_use]
    pub const fn beginning(day: Day) -> Self {
        Self::at(day.days() * 86_400 - HANOI as i64)
    }

    /// The day it falls on in Viet Nam.
    #[must_use]
    pub const fn day(self) -> Day {
        Day::from_days((self.0 + HANOI as i64).div_euclid(86_400))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.0 + i64::from(HANOI);
        let (year, month, day) = civil(local.div_euclid(86_400));
        let second = local.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+07:00"
        )
    }
}

impl FromStr for Time {
    type Err = NotTime;
    fn from_str(text: &str) -> Result<Self, NotTime> {
        Pattern::new("iso")
            .and_then(|iso| Self::read(&iso, text))
            .ok_or(NotTime)
    }
}

through_shape!(Time);

#[cfg(test)]
mod tests {
    use super::*;

    fn through(form: &str, text: &str) -> Option<String> {
        let pattern = Pattern::new(form).unwrap();
        let mut out = String::new();
        Time::read(&pattern, text)?.print(&pattern, &mut out);
        Some(out)
    }

    #[test]
    fn every_written_form_of_the_portal_reads_and_prints_the_same() {
        for (form, text) in [
            ("yyyyMMddHHmmss", "20240229235959"),
            ("dd/MM/yyyy HH:mm:ss", "15/01/2024 09:30:00"),
            ("dd/MM/yyyy", "01/12/1999"),
            ("dd-MM-yyyy", "31-12-2024"),
            ("yyyy-MM-dd HH:mm:ss", "2024-01-15 00:00:00"),
            ("yyyy-MM-dd", "1900-03-01"),
            ("yyyyMMdd", "20000229"),
            ("iso-ms", "2024-01-15T09:30:00.000"),
            ("iso", "2024-01-15T09:30:00+07:00"),
        ] {
            assert_eq!(through(form, text).as_deref(), Some(text), "{form}");
        }
        assert_eq!(
            through("iso", "2024-01-15T02:30:00.25Z").as_deref(),
            Some("2024-01-15T09:30:00+07:00")
        );
    }

    #[test]
    fn moments_that_do_not_exist_are_refused() {
        for (form, text) in [
            ("yyyyMMddHHmmss", "20230229000000"),
            ("yyyyMMddHHmmss", "20240115243000"),
            ("yyyyMMddHHmmss", "2024011509300"),
            ("yyyyMMddHHmmss", "202401150930001"),
            ("dd/MM/yyyy", "31/04/2024"),
            ("dd/MM/yyyy", "00/04/2024"),
            ("iso", "2024-01-15T09:30:00"),
        ] {
            assert_eq!(through(form, text), None, "{text}");
        }
    }

    #[test]
    fn the_day_is_viet_nams() {
        assert_eq!(
            "2023-12-31T18:00:00Z".parse::<Time>().unwrap().day().to_string(),
            "2024-01-01"
        );
        assert_eq!(Time::at(i64::MAX).to_string(), "9999-12-31T23:59:59+07:00");
    }
}
