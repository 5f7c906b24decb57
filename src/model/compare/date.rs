//! Dates as papers give them: partial, in many forms, and sometimes on no calendar.

use super::{Comparison, Likeness, Rule, text};
use crate::model::PartialDate;

/// A date as it was written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// One that the calendar has.
    Date(PartialDate),
    /// A day no calendar has, such as 30/02/1950: it stands in issued papers, and what the paper says is kept.
    Impossible {
        /// The year.
        year: u16,
        /// The month.
        month: u8,
        /// The day.
        day: u8,
    },
    /// No date that we can read.
    Text,
}

/// A date of birth is personal: only what was read, never the date.
impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Date(_) => "a date",
            Self::Impossible { .. } => "an impossible date",
            Self::Text => "no date",
        })
    }
}

/// Years in which people who file today were born, or papers they bring were issued.
const YEARS: std::ops::RangeInclusive<u16> = 1800..=2199;

impl Written {
    /// Reads a date in any form that is met: `17/05/1990`, `17-5-1990`, `17.05.1990`, `1990-05-17`, `19900517`,
    /// `17051990`, `05/1990`, `1990-05`, `1990`, each with a midnight after it or without.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let text = text
            .split_once(['T', ' '])
            .filter(|(_, time)| time.starts_with("00:00"))
            .map_or(text, |(day, _)| day);
        let parts: Option<Vec<u16>> = text.split(['/', '-', '.']).map(digits).collect();
        match parts.as_deref() {
            Some([year]) if text.len() == 4 => Self::of(*year, None, None),
            Some([year, month]) if year_first(text) => Self::of(*year, Some(*month), None),
            Some([month, year]) => Self::of(*year, Some(*month), None),
            Some([year, month, day]) if year_first(text) => Self::of(*year, Some(*month), Some(*day)),
            Some([day, month, year]) => Self::of(*year, Some(*month), Some(*day)),
            Some(_) | None => Self::run_together(text),
        }
    }

    /// Eight digits: the year first or last, whichever can be one.
    fn run_together(text: &str) -> Self {
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Text;
        }
        let part = |from: usize, to: usize| text.get(from..to).and_then(digits).unwrap_or(0);
        match Self::of(part(0, 4), Some(part(4, 6)), Some(part(6, 8))) {
            Self::Text => Self::of(part(4, 8), Some(part(2, 4)), Some(part(0, 2))),
            read @ (Self::Date(_) | Self::Impossible { .. }) => read,
        }
    }

    fn of(year: u16, month: Option<u16>, day: Option<u16>) -> Self {
        let small = |part: Option<u16>| part.map(|part| u8::try_from(part).unwrap_or(u8::MAX));
        let (month, day) = (small(month), small(day));
        if !YEARS.contains(&year) {
            return Self::Text;
        }
        match (PartialDate::new(year, month, day), month, day) {
            (Ok(date), _, _) => Self::Date(date),
            (Err(_), Some(month @ 1..=12), Some(day @ 29..=31)) => Self::Impossible { year, month, day },
            (Err(_), _, _) => Self::Text,
        }
    }

    /// Year, month and day, as far as they are said.
    fn parts(self) -> Option<(u16, Option<u8>, Option<u8>)> {
        match self {
            Self::Date(date) => Some((date.year(), date.month(), date.day())),
            Self::Impossible { year, month, day } => Some((year, Some(month), Some(day))),
            Self::Text => None,
        }
    }

    /// The day that an impossible one is registered as: the first after the month's last, and 02/03 for a 30/02 of a common
    /// year.
    fn registered(self) -> Option<PartialDate> {
        let Self::Impossible { year, month, day } = self else {
            return None;
        };
        let leap = PartialDate::new(year, Some(2), Some(29)).is_ok();
        let first = if month == 2 && day == 30 && !leap { 2 } else { 1 };
        PartialDate::new(year, Some(month + 1), Some(first)).ok()
    }
}

/// Compares two dates as far as both are known.
#[must_use]
pub fn date(filed: PartialDate, held: PartialDate) -> Comparison {
    dates(Written::Date(filed), Written::Date(held))
}

/// Compares two dates as they were written; what is no date is compared as text.
#[must_use]
pub fn written(filed: &str, held: &str) -> Comparison {
    let (one, other) = (Written::read(filed), Written::read(held));
    match (one, other) {
        (Written::Text, Written::Text) => text(filed, held),
        (Written::Text, Written::Date(_) | Written::Impossible { .. }) if filed.trim().is_empty() => {
            Comparison::new(Likeness::Incomparable, Rule::Nothing)
        }
        (Written::Date(_) | Written::Impossible { .. }, Written::Text) if held.trim().is_empty() => {
            Comparison::new(Likeness::Incomparable, Rule::Nothing)
        }
        (Written::Text, _) | (_, Written::Text) => Comparison::new(Likeness::Incomparable, Rule::Kind),
        (one, other) => match dates(one, other) {
            Comparison {
                likeness: Likeness::Equal,
                ..
            } if filed != held => Comparison::new(Likeness::Folded, Rule::Calendar),
            comparison => comparison,
        },
    }
}

fn dates(one: Written, other: Written) -> Comparison {
    let (Some(first), Some(second)) = (one.parts(), other.parts()) else {
        return Comparison::new(Likeness::Incomparable, Rule::Kind);
    };
    if first == second {
        return Comparison::new(Likeness::Equal, Rule::Calendar);
    }
    if first.0 == second.0 {
        return of_one_year(one, other);
    }
    Comparison::new(Likeness::Differs, Rule::Calendar)
}

/// Two different dates of one year.
fn of_one_year(one: Written, other: Written) -> Comparison {
    let parts = |written: Written| {
        written
            .parts()
            .map_or((None, None), |(_, month, day)| (month, day))
    };
    let (first, second) = (parts(one), parts(other));
    let january = |date: (Option<u8>, Option<u8>)| date == (Some(1), Some(1));
    let registered =
        |one: Written, other: Written| one.registered().is_some_and(|day| Written::Date(day) == other);
    match (first, second) {
        ((None, _), date) | (date, (None, _)) if january(date) => {
            Comparison::new(Likeness::Agrees, Rule::FirstOfJanuary)
        }
        ((None, _), _) | (_, (None, _)) => Comparison::new(Likeness::Agrees, Rule::Year),
        ((month, None), (other, _)) | ((other, _), (month, None)) if month == other => {
            Comparison::new(Likeness::Agrees, Rule::Month)
        }
        (first, second) if january(first) || january(second) => {
            Comparison::new(Likeness::Candidate, Rule::FirstOfJanuary)
        }
        _ if registered(one, other) || registered(other, one) => {
            Comparison::new(Likeness::Candidate, Rule::ImpossibleDay)
        }
        _ => Comparison::new(Likeness::Differs, Rule::Calendar),
    }
}

fn digits(text: &str) -> Option<u16> {
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

/// True when the first part has four digits.
fn year_first(text: &str) -> bool {
    text.bytes().take_while(u8::is_ascii_digit).count() == 4
}
