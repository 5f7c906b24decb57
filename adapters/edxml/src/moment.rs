//! Days and moments as packets write them (§1.3): `yyyy/MM/dd`, and `yyyy/MM/dd HH:mm:ss` in Viet Nam's wall time.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wire::time::{Date, moment, wall};

/// A day that a calendar has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// A second, counted in ms since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Day {
    /// That day, where a calendar has it.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let date = Date {
            year,
            month: Some(month),
            day: Some(day),
        };
        date.days().map(|_| Self { year, month, day })
    }

    /// The day a text says in the packet's own form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let day = Self::read(text)?;
        (day.to_string() == text).then_some(day)
    }

    /// The day a text says in any form that was seen.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let date = Date::read(text)?;
        Self::new(date.year, date.month?, date.day?)
    }
}

impl Moment {
    /// The second that holds this moment, ms since 1970; none outside the years 0 to 9999.
    #[must_use]
    pub fn new(ms: i64) -> Option<Self> {
        let second = ms.div_euclid(1_000) * 1_000;
        wall(second).map(|_| Self(second))
    }

    /// ms since 1970.
    #[must_use]
    pub fn ms(self) -> i64 {
        self.0
    }

    /// The moment a text says in the packet's own form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let moment = Self::read(text)?;
        (moment.to_string() == text).then_some(moment)
    }

    /// The moment a text says in any form that was seen; a day without its time is its first second.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
        let day = Day::read(day)?;
        let iso = format!("{:04}-{:02}-{:02}T{}", day.year, day.month, day.day, time.trim());
        Self::new(moment(&iso)?)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}/{:02}/{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wall = wall(self.0).unwrap_or_default().replace('-', "/");
        let (day, time) = wall.split_once('T').unwrap_or((&wall, "00:00:00"));
        write!(f, "{day} {time}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

/// A day or none, as the normal form says it; an empty text is none.
pub(crate) fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
    spoken(from, Day::parse, "a day `yyyy/MM/dd`")
}

/// A moment or none, the same way.
pub(crate) fn second<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Moment>, D::Error> {
    spoken(from, Moment::parse, "a moment `yyyy/MM/dd HH:mm:ss`")
}

fn spoken<'de, D: Deserializer<'de>, T>(
    from: D,
    parse: fn(&str) -> Option<T>,
    form: &str,
) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(from)?.unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || serde::de::Error::custom(format_args!("not {form}"));
    parse(&text).map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_form_and_is_read_from_others() {
        assert_eq!(Day::parse("2015/09/30"), Day::new(2015, 9, 30));
        for other in ["30/09/2015", "2015-09-30", "20150930", "2015/9/30"] {
            assert_eq!(Day::parse(other), None, "{other}");
            assert_eq!(Day::read(other), Day::new(2015, 9, 30), "{other}");
        }
        for none in ["", "2015", "2015/02/29", "2015/13/01", "null", "0000/00/00"] {
            assert_eq!(Day::read(none), None, "{none}");
        }
    }

    #[test]
    fn a_moment_is_wall_time_of_viet_nam() {
        let moment = Moment::parse("2026/01/06 09:30:00").unwrap();
        assert_eq!(moment.ms(), 1_767_666_600_000);
        assert_eq!(moment.to_string(), "2026/01/06 09:30:00");
        assert_eq!(
            Moment::parse("2026/01/06 00:00:00").unwrap().to_string(),
            "2026/01/06 00:00:00"
        );
        for other in [
            "06/01/2026 09:30:00",
            "2026-01-06T09:30:00",
            "2026-01-06T02:30:00Z",
        ] {
            assert_eq!(Moment::parse(other), None, "{other}");
            assert_eq!(Moment::read(other), Some(moment), "{other}");
        }
        assert_eq!(Moment::read("2026/02/30 09:30:00"), None);
        assert_eq!(Moment::new(i64::MAX), None);
        assert_eq!(Moment::new(1_767_666_600_999), Some(moment));
    }
}
