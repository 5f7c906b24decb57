//! The step between a date and its words: `Ngày hai tháng một năm hai nghìn không trăm hai mươi sáu`, as registers of civil
//! status print it (national-databases.md §4.3).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::text::text;
use super::{Act, Built, Example, Run, Transform, Type};
use crate::mapping::fault::Wrong;
use crate::model::{Kind, PartialDate, Value};

pub(crate) const DATE_WORDS: Transform = Transform {
    name: "date-words",
    usage: "date-words",
    doc: "A date in Vietnamese words, as far as it is known; other ways to say the same number (lẻ, ngàn, mùng, giêng) are read \
          too.",
    examples: &[
        said(
            "\"2026-01-02\"",
            "\"Ngày hai tháng một năm hai nghìn không trăm hai mươi sáu\"",
        ),
        said(
            "\"1995-05-25\"",
            "\"Ngày hai mươi lăm tháng năm năm một nghìn chín trăm chín mươi lăm\"",
        ),
        said("\"2004-04\"", "\"Tháng tư năm hai nghìn không trăm linh bốn\""),
        said("\"1941\"", "\"Năm một nghìn chín trăm bốn mươi mốt\""),
    ],
    build: |build| {
        build.wants(Type::Date)?;
        build.no_more(0)?;
        Ok(Built {
            act: Box::new(Spoken),
            gives: Type::Text,
            lossy: false,
        })
    },
};

const fn said(ours: &'static str, theirs: &'static str) -> Example {
    Example {
        kind: Kind::Date,
        step: "date-words",
        ours,
        theirs,
        both: true,
    }
}

struct Spoken;

impl Act for Spoken {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Date(date) = fact else {
            return Err(Wrong::Type { wanted: "a date" });
        };
        Ok(Value::Text(Cow::Owned(spoken(date))))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        heard(&text(theirs)?).map(Value::Date).ok_or(Wrong::Date)
    }
}

const DIGITS: [&str; 10] = [
    "không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín",
];

/// A date in words, as far as it is known.
fn spoken(date: PartialDate) -> String {
    let mut words = Vec::new();
    if let Some(day) = date.day() {
        words.extend(["ngày".to_owned(), tens(day)]);
    }
    if let Some(month) = date.month() {
        let month = if month == 4 { "tư".to_owned() } else { tens(month) };
        words.extend(["tháng".to_owned(), month]);
    }
    words.extend(["năm".to_owned(), year(date.year())]);
    let words = words.join(" ");
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// A number below a hundred: mốt and lăm after tens, lăm after ten.
fn tens(number: u8) -> String {
    let digit = |digit: u8| DIGITS[usize::from(digit % 10)];
    let (ten, one) = (number / 10, number % 10);
    let one = match (ten, one) {
        (0, one) => return digit(one).to_owned(),
        (_, 0) => "",
        (2.., 1) => " mốt",
        (_, 5) => " lăm",
        (_, one) => &format!(" {}", digit(one)),
    };
    match ten {
        1 => format!("mười{one}"),
        ten => format!("{} mươi{one}", digit(ten)),
    }
}

fn year(year: u16) -> String {
    let digit = |number: u16| DIGITS[usize::from(number % 10)];
    let (hundreds, rest) = (year / 100 % 10, u8::try_from(year % 100).unwrap_or_default());
    let mut words = format!("{} nghìn", digit(year / 1000));
    if hundreds == 0 && rest == 0 {
        return words;
    }
    words += &format!(" {} trăm", digit(hundreds));
    match rest {
        0 => {}
        1..10 => words += &format!(" linh {}", tens(rest)),
        rest => words += &format!(" {}", tens(rest)),
    }
    words
}

/// The date that these words say.
fn heard(text: &str) -> Option<PartialDate> {
    let text = text
        .nfc()
        .collect::<String>()
        .to_lowercase()
        .replace([',', '.'], " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let (day, words) = match words.split_first()? {
        (&"ngày", rest) => {
            let end = rest.iter().position(|word| *word == "tháng")?;
            let day = rest[..end]
                .strip_prefix(&["mùng"])
                .or(rest[..end].strip_prefix(&["mồng"]));
            (Some(below_hundred(day.unwrap_or(&rest[..end]))?), &rest[end..])
        }
        _ => (None, words.as_slice()),
    };
    let (month, year) = match words.split_first()? {
        (&"tháng", rest) => month_and_year(rest)?,
        (&"năm", rest) if day.is_none() => (None, whole(rest)?),
        _ => return None,
    };
    PartialDate::new(year, month, day).ok()
}

/// `năm` is five and year: the one that leaves a month before it and a year after it is the year's.
fn month_and_year(words: &[&str]) -> Option<(Option<u8>, u16)> {
    let places = words.iter().enumerate().filter(|(_, word)| **word == "năm");
    places.into_iter().find_map(|(at, _)| {
        let month = match &words[..at] {
            ["giêng"] => 1,
            ["chạp"] => 12,
            words => below_hundred(words)?,
        };
        Some((Some(month), whole(&words[at + 1..])?))
    })
}

fn digit(word: &str) -> Option<u8> {
    let other = match word {
        "mốt" => "một",
        "tư" => "bốn",
        "lăm" | "nhăm" => "năm",
        "bẩy" => "bảy",
        word => word,
    };
    let place = DIGITS.iter().position(|known| *known == other)?;
    u8::try_from(place).ok()
}

fn below_hundred(words: &[&str]) -> Option<u8> {
    match *words {
        [one] if one != "mười" => digit(one),
        ["mười"] => Some(10),
        ["mười", one] => Some(10 + digit(one)?),
        [ten, "mươi"] => Some(10 * digit(ten)?),
        [ten, "mươi", one] | [ten, one] => Some(10 * digit(ten)? + digit(one)?),
        _ => None,
    }
}

/// A year in words.
fn whole(words: &[&str]) -> Option<u16> {
    let (thousand, rest) = match *words {
        [thousand, "nghìn" | "ngàn", ref rest @ ..] => (digit(thousand)?, rest),
        _ => return None,
    };
    let (hundred, rest) = match *rest {
        [] => (0, rest),
        [hundred, "trăm", ref rest @ ..] => (digit(hundred)?, rest),
        _ => return None,
    };
    let rest = match *rest {
        [] => 0,
        ["linh" | "lẻ", one] => digit(one)?,
        ref rest => below_hundred(rest)?,
    };
    Some(u16::from(thousand) * 1000 + u16::from(hundred) * 100 + u16::from(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_two_centuries_is_heard_as_it_was_spoken() {
        let mut seen = std::collections::BTreeSet::new();
        let months = (1900..2100).flat_map(|year| (1..=12).map(move |month| (year, month)));
        for (year, month) in months {
            for date in (1..=31).filter_map(|day| PartialDate::new(year, Some(month), Some(day)).ok()) {
                let words = spoken(date);
                assert_eq!(heard(&words), Some(date), "{words}");
                assert!(seen.insert(words), "two days are spoken alike");
            }
            let date = PartialDate::new(year, Some(month), None).unwrap();
            assert_eq!(heard(&spoken(date)), Some(date));
        }
        for year in 1000..=9999 {
            let date = PartialDate::new(year, None, None).unwrap();
            assert_eq!(heard(&spoken(date)), Some(date), "{year}");
        }
    }

    #[test]
    fn other_ways_to_say_the_same_are_heard() {
        let date = |text: &str| Some(text.parse::<PartialDate>().unwrap());
        for (words, expected) in [
            (
                "ngày mùng năm tháng giêng năm hai ngàn không trăm lẻ năm",
                "2005-01-05",
            ),
            ("NGÀY MỒNG MỘT, THÁNG CHẠP, NĂM HAI NGHÌN", "2000-12-01"),
            (
                "Ngày hai tư tháng năm năm một nghìn chín trăm năm mươi nhăm",
                "1955-05-24",
            ),
            (
                "Nga\u{300}y hai mươi tư tháng bốn năm hai nghìn không trăm hai mươi tư.",
                "2024-04-24",
            ),
        ] {
            assert_eq!(heard(words), date(expected), "{words}");
        }
        for words in [
            "",
            "ngày",
            "ngày hai",
            "ngày ba mươi tháng hai năm hai nghìn",
            "tháng mười ba năm hai nghìn",
            "hai",
            "02.01.2026",
            "năm",
            "ngày một năm hai nghìn",
        ] {
            assert_eq!(heard(words), None, "{words}");
        }
    }
}
