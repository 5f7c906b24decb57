//! Moments and durations as people say them, in Viet Nam's time.

use super::lang::Lang;
use crate::clock::Timestamp;

/// A moment as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    /// For programs (`datetime`).
    pub(super) exact: String,
    /// Day and time.
    pub(super) text: String,
    /// How long ago it was.
    pub(super) ago: String,
}

impl When {
    /// A moment in ms since 1970, seen at another.
    pub(super) fn of(lang: Lang, at: i64, now: i64) -> Self {
        Self {
            exact: Timestamp::from_millis(at).to_string(),
            text: moment(lang, at),
            ago: ago(lang, now.saturating_sub(at)),
        }
    }
}

/// Day and time to the second: `15/01/2026 08:15:00`, in English `2026-01-15 08:15:00`.
pub(super) fn moment(lang: Lang, at: i64) -> String {
    let local = Timestamp::from_millis(at).local();
    let part = |from: usize, to: usize| local.get(from..to).unwrap_or_default();
    let (year, month, day, time) = (part(0, 4), part(5, 7), part(8, 10), part(11, 19));
    match lang {
        Lang::Vietnamese => format!("{day}/{month}/{year} {time}"),
        Lang::English => format!("{year}-{month}-{day} {time}"),
    }
}

/// So many ms as people say it: the largest unit that fits.
pub(super) fn span(lang: Lang, millis: i64) -> String {
    let seconds = millis.max(0) / 1_000;
    let units = [
        (86_400, "ngày", "d"),
        (3_600, "giờ", "h"),
        (60, "phút", "min"),
        (1, "giây", "s"),
    ];
    let fits = units.into_iter().find(|(length, ..)| seconds >= *length);
    let (length, vietnamese, english) = fits.unwrap_or((1, "giây", "s"));
    format!("{} {}", seconds / length, lang.t(vietnamese, english))
}

fn ago(lang: Lang, millis: i64) -> String {
    if millis < 1_000 {
        return lang.t("vừa xong", "just now").to_owned();
    }
    format!("{} {}", span(lang, millis), lang.t("trước", "ago"))
}

/// A count with its thousands apart: `1.234.567`, in English `1,234,567`.
pub(super) fn count(lang: Lang, count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push_str(lang.t(".", ","));
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_their_own_days() {
        let at = "2026-01-15T18:15:00.5Z".parse::<Timestamp>().unwrap().millis();
        assert_eq!(moment(Lang::Vietnamese, at), "16/01/2026 01:15:00");
        assert_eq!(moment(Lang::English, at), "2026-01-16 01:15:00");
        let when = When::of(Lang::English, at, at + 7_300_000);
        assert_eq!(
            (when.ago.as_str(), when.exact.as_str()),
            ("2 h ago", "2026-01-15T18:15:00.500Z")
        );
        assert_eq!(When::of(Lang::Vietnamese, at, at - 5).ago, "vừa xong");
        assert_eq!(span(Lang::Vietnamese, 3 * 86_400_000), "3 ngày");
    }

    #[test]
    fn thousands_stand_apart() {
        let counts = [0, 999, 1_000, 1_234_567].map(|n| count(Lang::Vietnamese, n));
        assert_eq!(counts, ["0", "999", "1.000", "1.234.567"]);
        assert_eq!(count(Lang::English, 12_345), "12,345");
    }
}
