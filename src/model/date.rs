//! Days of the calendar, whole and partial.

use std::fmt;
use std::str::FromStr;

use super::pattern::{HANOI, Parts, Pattern};
use super::serial::through_shape;

/// A day of the Gregorian calendar; what validity is asked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// A date as papers give it: a year, perhaps its month, perhaps its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    year: u16,
    /// 0 when it is not known.
    month: u8,
    /// 0 when it is not known.
    day: u8,
}

/// A date that is not on the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such date; write 2024, 2024-01 or 2024-01-15")]
pub struct NotDate;

impl Day {
    /// That day, if the calendar has it; years 1 to 9999.
    ///
    /// # Errors
    /// [`NotDate`] when the calendar does not have it.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, NotDate> {
        if valid(year, month, day) {
            Ok(Self { year, month, day })
        } else {
            Err(NotDate)
        }
    }

    /// The day that many days after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: i64) -> Self {
        let (year, month, day) = civil(days);
        Self { year, month, day }
    }

    /// Days after 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i64 {
        days(self.year, self.month, self.day)
    }
}

/// A day is a date of which all is known.
impl From<Day> for PartialDate {
    fn from(Day { year, month, day }: Day) -> Self {
        Self { year, month, day }
    }
}

impl PartialDate {
    /// That date, as far as it is known.
    ///
    /// # Errors
    /// [`NotDate`] when no such date exists, or a day comes without its month.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Result<Self, NotDate> {
        let known = match (month, day) {
            (Some(month), Some(day)) => valid(year, month, day),
            (Some(month), None) => valid(year, month, 1),
            (None, None) => valid(year, 1, 1),
            (None, Some(_)) => false,
        };
        if !known {
            return Err(NotDate);
        }
        Ok(Self {
            year,
            month: month.unwrap_or(0),
            day: day.unwrap_or(0),
        })
    }

    /// The year 2000.
    pub(crate) const fn first() -> Self {
        Self {
            year: 2000,
            month: 0,
            day: 0,
        }
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, if known.
    #[must_use]
    pub fn month(self) -> Option<u8> {
        (self.month > 0).then_some(self.month)
    }

    /// The day of the month, if known.
    #[must_use]
    pub fn day(self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// Reads a text in that form; what the form does not write is not known.
    #[must_use]
    pub fn read(pattern: &Pattern, text: &str) -> Option<Self> {
        let parts = pattern.read(text)?;
        let month = pattern.has_month().then_some(parts.month);
        Self::new(parts.year, month, pattern.has_day().then_some(parts.day)).ok()
    }

    /// True when that form writes exactly what is known.
    #[must_use]
    pub fn suits(self, pattern: &Pattern) -> bool {
        (self.month > 0) == pattern.has_month() && (self.day > 0) == pattern.has_day()
    }

    /// Prints it in a form that suits it.
    pub fn print(self, pattern: &Pattern, out: &mut String) {
        let Self { year, month, day } = self;
        pattern.print(
            Parts {
                year,
                month,
                day,
                second: 0,
                offset: HANOI,
            },
            out,
        );
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Day {
    type Err = NotDate;
    fn from_str(text: &str) -> Result<Self, NotDate> {
        let date = text.parse::<PartialDate>()?;
        Self::new(date.year, date.month, date.day)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

impl FromStr for PartialDate {
    type Err = NotDate;
    fn from_str(text: &str) -> Result<Self, NotDate> {
        ["yyyy-MM-dd", "yyyy-MM", "yyyy"]
            .iter()
            .filter_map(|form| Pattern::new(form))
            .find_map(|pattern| Self::read(&pattern, text))
            .ok_or(NotDate)
    }
}

through_shape!(PartialDate);

/// True when the calendar has that day, in years 1 to 9999.
pub(crate) const fn valid(year: u16, month: u8, day: u8) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _other => 31,
    };
    year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= length
}

/// Days after 1970-01-01, by counting years from March so that a leap day comes last.
pub(crate) const fn days(year: u16, month: u8, day: u8) -> i64 {
    let year = year as i64 - (month <= 2) as i64;
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month as i64 + 9) % 12) + 2) / 5 + day as i64 - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The calendar day that many days after 1970-01-01: `days` the other way.
pub(crate) const fn civil(days: i64) -> (u16, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + (month <= 2) as i64;
    (year as u16, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_counts_both_ways() {
        for count in -719_162..100_000 {
            let (year, month, day) = civil(count);
            assert!(valid(year, month, day), "{count}");
            assert_eq!(days(year, month, day), count);
        }
    }

    #[test]
    fn a_date_may_be_partial_but_not_impossible() {
        for text in ["1990", "1990-02", "1992-02-29"] {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), text);
        }
        for text in ["1990-13", "1990-02-29", "0000", "19900101", "1990-1"] {
            assert_eq!(text.parse::<PartialDate>(), Err(NotDate), "{text}");
        }
        assert_eq!(PartialDate::new(1990, None, Some(1)), Err(NotDate));
    }
}
