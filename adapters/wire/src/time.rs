//! Moments and dates as partners write them. Wall time without a zone is that of Viet Nam, +07:00 all year.

/// A day in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Four digits.
    pub year: u16,
    /// 1 to 12, where it is known.
    pub month: Option<u8>,
    /// 1 to 31, where it is known; never without a month.
    pub day: Option<u8>,
}

/// Seconds that wall time in Viet Nam is ahead of UTC.
const AHEAD: i64 = 7 * 3_600;

/// An ISO date-time (`2026-01-06T09:30:00`, with fraction and zone or without) as ms since 1970.
#[must_use]
pub fn moment(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once(['T', ' '])?;
    let date = Date::parse(date)?;
    let (clock, zone) = zoned(time)?;
    let mut parts = clock.split('.').next()?.split(':');
    let mut next = |most: i64| -> Option<i64> {
        let part = parts.next()?;
        let number: i64 = (part.len() == 2).then(|| digits(part))??.into();
        (number <= most).then_some(number)
    };
    let (hour, minute, second) = (next(23)?, next(59)?, next(60).unwrap_or(0));
    let days = days(date.year.into(), date.month?.into(), date.day?.into());
    Some((days * 86_400 + hour * 3_600 + minute * 60 + second - zone) * 1_000)
}

/// A moment without separators, `yyyyMMddHHmmss` on a clock of 24 hours, as ms since 1970.
#[must_use]
pub fn stamp(text: &str) -> Option<i64> {
    let whole = text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| text.get(from..to);
    let day = whole.then(|| Date::read(text.get(..8)?))??;
    let clock = [part(8, 10)?, part(10, 12)?, part(12, 14)?].join(":");
    told(day, &clock)
}

/// The same, written.
#[must_use]
pub fn stamped(ms: i64) -> Option<String> {
    let seconds = ms.div_euclid(1_000).checked_add(AHEAD)?;
    let day = Date::after(seconds.div_euclid(86_400))?.write("yyyyMMdd")?;
    let second = seconds.rem_euclid(86_400);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    Some(format!("{day}{hour:02}{minute:02}{:02}", second % 60))
}

/// A moment in any form that partners write it in, [`stamp`] included, as ms since 1970; a day alone begins at midnight.
#[must_use]
pub fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    let (day, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    stamp(text).or_else(|| told(Date::read(day)?, clock))
}

fn told(day: Date, clock: &str) -> Option<i64> {
    day.days()?;
    moment(&format!("{}T{clock}", day.write("yyyy-MM-dd")?))
}

/// The clock and the zone's seconds ahead of UTC.
fn zoned(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, AHEAD));
    };
    let (clock, zone) = time.split_at(at);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone[1..].split_once(':').unwrap_or((&zone[1..], "0"));
    let seconds = i64::from(digits(hours)?) * 3_600 + i64::from(digits(minutes)?) * 60;
    Some((clock, sign * seconds))
}

/// A moment as wall time in Viet Nam: `2026-01-06`, and after it `T09:30:00` where that is not midnight.
#[must_use]
pub fn wall(ms: i64) -> Option<String> {
    let seconds = ms.div_euclid(1_000).checked_add(AHEAD)?;
    let day = Date::after(seconds.div_euclid(86_400))?.write("yyyy-MM-dd")?;
    let second = seconds.rem_euclid(86_400);
    Some(match second {
        0 => day,
        _later => format!(
            "{day}T{:02}:{:02}:{:02}",
            second / 3_600,
            second / 60 % 60,
            second % 60
        ),
    })
}

/// A day as partners write it, or the seconds or milliseconds since 1970 that some send instead, in the form of [`wall`]
/// as far as it is known: `2021-03`, `2021`. None where it is no day, or one that no calendar has.
#[must_use]
pub fn day(text: &str) -> Option<String> {
    let text = text.trim();
    if (9..=14).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let count: i64 = text.parse().ok()?;
        return wall(if text.len() > 11 { count } else { count * 1_000 });
    }
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let date = Date::read(date)?;
    let forms = ["yyyy-MM-dd", "yyyy-MM", "yyyy"];
    let written = forms.iter().find_map(|form| date.write(form))?;
    if date.day.is_none() {
        return Some(written);
    }
    date.days()?;
    if clock.is_empty() {
        return Some(written);
    }
    wall(moment(&format!("{written}T{clock}"))?)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn digits(text: &str) -> Option<u16> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

impl Date {
    /// Days after 1970-01-01; none for a date without a day, or one that no calendar has.
    #[must_use]
    pub fn days(&self) -> Option<i64> {
        let days = days(self.year.into(), self.month?.into(), self.day?.into());
        (Self::after(days) == Some(*self)).then_some(days)
    }

    /// The day so many days after 1970-01-01, in years 0 to 9999.
    #[must_use]
    pub fn after(days: i64) -> Option<Self> {
        let days = days.checked_add(719_468)?;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * years + years / 4 - years / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = years + era.checked_mul(400)? + i64::from(month <= 2);
        let year = u16::try_from(year).ok().filter(|year| *year <= 9_999)?;
        Some(Self {
            year,
            month: u8::try_from(month).ok(),
            day: u8::try_from(day).ok(),
        })
    }

    /// `1990-05-17`, `1990-05` or `1990`: the form in which dates are handed to a wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = parts.next().filter(|part| part.len() == 4).and_then(digits)?;
        let mut next = |most: u16| -> Result<Option<u8>, ()> {
            let Some(part) = parts.next() else { return Ok(None) };
            let number = (part.len() == 2).then(|| digits(part)).flatten().ok_or(())?;
            let fits = (1..=most).contains(&number);
            u8::try_from(number).ok().filter(|_| fits).map(Some).ok_or(())
        };
        let (month, day) = (next(12).ok()?, next(31).ok()?);
        parts.next().is_none().then_some(Date { year, month, day })
    }

    /// Reads a whole day in any order a partner writes it in: `19900517`, `1990-05-17`, `17/05/1990`, `17-05-1990`,
    /// `17.05.1990`, also followed by a time; `05/1990`; `1990`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.split(['T', ' ']).next()?;
        if text.len() == 8 && text.is_ascii() && digits(&text[..4]).is_some() {
            return Self::parse(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]));
        }
        let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
        match parts.as_slice() {
            [year, month, day] if year.len() == 4 => Self::parse(&format!("{year}-{month:0>2}-{day:0>2}")),
            [day, month, year] => Self::parse(&format!("{year}-{month:0>2}-{day:0>2}")),
            [month, year] if year.len() == 4 => Self::parse(&format!("{year}-{month:0>2}")),
            [year] => Self::parse(year),
            _ => None,
        }
    }

    /// Writes the date by a pattern of `yyyy`, `MM`, `dd` and what stands between them; none when a part is not known.
    #[must_use]
    pub fn write(&self, pattern: &str) -> Option<String> {
        let mut text = pattern.replace("yyyy", &format!("{:04}", self.year));
        for (sign, part) in [("MM", self.month), ("dd", self.day)] {
            if text.contains(sign) {
                text = text.replace(sign, &format!("{:02}", part?));
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_without_a_zone_are_of_viet_nam() {
        assert_eq!(moment("1970-01-01T07:00:00"), Some(0));
        assert_eq!(moment("2026-01-06T09:30:00"), moment("2026-01-06T02:30:00Z"));
        assert_eq!(
            moment("2026-01-06T09:30:00.1234567+07:00"),
            moment("2026-01-06T02:30:00Z")
        );
        assert_eq!(moment("2024-02-29 00:00:00Z"), Some(1_709_164_800_000));
        for bad in [
            "",
            "2026-01-06",
            "2026-13-06T00:00:00Z",
            "2026-01-06T25:00:00Z",
            "soonT",
        ] {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }

    #[test]
    fn stamps_are_of_a_clock_of_24_hours_and_are_read_back() {
        let afternoon = moment("2024-01-15T14:30:15");
        assert_eq!(stamp("20240115143015"), afternoon);
        assert_eq!(stamped(afternoon.unwrap()).as_deref(), Some("20240115143015"));
        assert_eq!(stamped(0).as_deref(), Some("19700101070000"));
        for text in [
            "20240115143015",
            "2024-01-15 14:30:15",
            "15/01/2024 14:30:15",
            "2024-01-15T14:30:15.000",
        ] {
            assert_eq!(instant(text), afternoon, "{text}");
        }
        assert_eq!(instant("15/01/2024"), moment("2024-01-15T00:00:00"));
        for bad in [
            "",
            "20240115",
            "20240115250000",
            "20240230143015",
            "2024011514301",
            "2024011514301x",
            "1990-02-30 00:00:00",
            "soon",
            "ế",
        ] {
            assert_eq!(stamp(bad), None, "{bad}");
        }
        for bad in [
            "",
            "soon",
            "30/02/2024",
            "15/01/2024 8 giờ",
            "9".repeat(14).as_str(),
        ] {
            assert_eq!(instant(bad), None, "{bad}");
        }
        assert_eq!((stamped(i64::MAX), stamped(i64::MIN)), (None, None));
    }

    #[test]
    fn dates_are_read_in_every_order_that_was_seen() {
        let day = Date::parse("1990-05-17");
        for text in [
            "19900517",
            "1990-05-17",
            "17/05/1990",
            "17-05-1990",
            "17.05.1990",
            "1990-05-17T00:00:00",
            "17/05/1990 09:15:00",
        ] {
            assert_eq!(Date::read(text), day, "{text}");
        }
        assert_eq!(Date::read("05/1990"), Date::parse("1990-05"));
        assert_eq!(Date::read("1941"), Date::parse("1941"));
        for bad in ["", "0", "17/05/90", "19901345", "99/99/9999", "1990-5-17x", "ế"] {
            assert_eq!(Date::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_count_both_ways_and_no_other_day_exists() {
        for count in (-719_000..2_932_000).step_by(13) {
            let day = Date::after(count).unwrap();
            assert_eq!(day.days(), Some(count));
        }
        for bad in ["2021-02-29", "1990-04-31", "1990-05", "1990"] {
            assert_eq!(Date::parse(bad).unwrap().days(), None, "{bad}");
        }
        assert_eq!((Date::after(i64::MAX), Date::after(2_932_897)), (None, None));
    }

    #[test]
    fn every_spelling_of_a_day_is_one_day() {
        for text in [
            "2021-03-05",
            "2021-03-05T00:00:00",
            "2021-03-05T00:00:00.000",
            "2021-03-05 00:00:00.0",
            "2021-03-04T17:00:00Z",
            "2021-03-05T00:00:00+07:00",
            "05/03/2021",
            "05-03-2021 00:00:00",
            "20210305",
            "1614877200",
            "1614877200000",
        ] {
            assert_eq!(day(text).as_deref(), Some("2021-03-05"), "{text}");
        }
        assert_eq!(day("05/03/2021 09:30:00").as_deref(), Some("2021-03-05T09:30:00"));
        assert_eq!(day("1614911400000").as_deref(), Some("2021-03-05T09:30:00"));
        assert_eq!(
            (day("03/2021"), day("2021")),
            (Some("2021-03".into()), Some("2021".into()))
        );
        for bad in [
            "",
            "30/02/2021",
            "30/02/2021 08:00:00",
            "2021-03-05Tx",
            "99999999999999999",
            "ế",
        ] {
            assert_eq!(day(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_date_is_written_only_as_far_as_it_is_known() {
        let day = Date::parse("1990-05-17").unwrap();
        assert_eq!(day.write("yyyyMMdd").as_deref(), Some("19900517"));
        assert_eq!(day.write("dd.MM.yyyy").as_deref(), Some("17.05.1990"));
        let year = Date::parse("1941").unwrap();
        assert_eq!(year.write("yyyy").as_deref(), Some("1941"));
        assert_eq!(year.write("yyyyMMdd"), None);
    }
}
