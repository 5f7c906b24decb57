//! Times of the log: UTC to the millisecond for the moment, Viet Nam's calendar for the day.

use std::fmt;

/// Viet Nam is +07:00 all year, in milliseconds.
const AHEAD: i64 = 7 * 3_600_000;
/// A day, in milliseconds.
const LONG: i64 = 86_400_000;

/// A day of Viet Nam's calendar, written `yyyy-MM-dd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day on which a moment falls in Viet Nam; `at` is in milliseconds since 1970, UTC.
    pub const fn of(at: i64) -> Self {
        Self(at.saturating_add(AHEAD).div_euclid(LONG))
    }

    /// Reads `yyyy-MM-dd`; only a real day in that exact form.
    pub fn parse(text: &str) -> Option<Self> {
        date(text.as_bytes()).map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A moment in RFC 3339, UTC, always with three decimals: one moment, one spelling.
pub fn rfc3339(at: i64) -> impl fmt::Display {
    Moment(at)
}

struct Moment(i64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(LONG));
        let clock = self.0.rem_euclid(LONG);
        let (hour, minute) = (clock / 3_600_000, clock / 60_000 % 60);
        let (second, milli) = (clock / 1000 % 60, clock % 1000);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        )
    }
}

/// Reads a moment in the one spelling that [`rfc3339`] writes.
pub fn moment(text: &str) -> Option<i64> {
    let (day, clock) = text.as_bytes().split_first_chunk::<10>()?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'.', milli @ .., b'Z'] = clock else {
        return None;
    };
    let part = |digit: &u8, next: &u8, below: i64| digits(&[*digit, *next]).filter(|part| *part < below);
    let (hour, minute, second) = (part(h1, h2, 24)?, part(m1, m2, 60)?, part(s1, s2, 60)?);
    let milli = digits(milli.first_chunk::<3>().filter(|_| milli.len() == 3)?)?;
    Some(date(day)? * LONG + ((hour * 60 + minute) * 60 + second) * 1_000 + milli)
}

/// The day of a real date, `yyyy-MM-dd`, counted from 1970-01-01.
fn date(text: &[u8]) -> Option<i64> {
    let [y @ .., b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    if y.len() != 4 {
        return None;
    }
    let date = (digits(y)?, digits(&[*m1, *m2])?, digits(&[*d1, *d2])?);
    let counted = days(date.0, date.1, date.2);
    (civil(counted) == date).then_some(counted)
}

/// The number that these digits are.
fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i64::from(digit - b'0'))
    })
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted from 1 March of year 0, so that the leap day is the last of its year; 400 years are 146,097 days.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_seventeen_hours_utc() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        assert_eq!(Day::of(at("2026-11-23T16:59:59.999Z")).to_string(), "2026-11-23");
        assert_eq!(Day::of(at("2026-11-23T17:00:00Z")).to_string(), "2026-11-24");
    }

    #[test]
    fn agrees_with_the_calendar_of_another() {
        for n in 0..40_000_i64 {
            let at = n * 137_077_013 - 2_000_000_000_000;
            let theirs = jiff::Timestamp::from_millisecond(at).unwrap();
            assert_eq!(
                rfc3339(at).to_string().parse::<jiff::Timestamp>().unwrap(),
                theirs
            );
            let day = Day::of(at);
            let ahead = jiff::Timestamp::from_millisecond(at + AHEAD).unwrap();
            assert_eq!(day.to_string(), ahead.to_string()[..10]);
            assert_eq!(Day::parse(&day.to_string()), Some(day));
            assert_eq!(moment(&rfc3339(at).to_string()), Some(at));
        }
    }

    #[test]
    fn only_real_days_are_read() {
        for text in [
            "2026-02-29",
            "2026-2-01",
            "2026-13-01",
            "26-01-01",
            "2026-01-32",
            "",
            "2026-01-01 ",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
