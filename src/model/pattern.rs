//! Written forms of times and dates as patterns (`yyyyMMddHHmmss`, `dd/MM/yyyy`, …), read and printed exactly.

use std::fmt;

/// The parts of a written moment; what the pattern does not write stays at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
    /// Seconds after midnight.
    pub(crate) second: u32,
    /// Seconds east of UTC; Viet Nam's when the pattern has no zone.
    pub(crate) offset: i32,
}

/// Viet Nam: +07:00 all year.
pub(crate) const HANOI: i32 = 7 * 3600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Year,
    Month,
    ShortMonth,
    Day,
    Hour,
    Minute,
    Second,
    Milli,
    Zone,
    /// A zone written without its colon.
    PlainZone,
    Mark(u8),
}

/// A written form: `yyyy MM M dd HH mm ss fff zzz zz` and the marks between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: Box<str>,
    tokens: Vec<Token>,
}

impl Pattern {
    /// The pattern in those letters; `iso` and `iso-ms` are short for theirs. `None` when it cannot be one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let long = match text {
            "iso" => "yyyy-MM-ddTHH:mm:sszzz",
            "iso-ms" => "yyyy-MM-ddTHH:mm:ss.fff",
            other => other,
        };
        let mut tokens = Vec::new();
        let mut rest = long;
        while !rest.is_empty() {
            let (token, width) = token(rest)?;
            tokens.push(token);
            rest = &rest[width..];
        }
        tokens.contains(&Token::Year).then(|| Self {
            text: text.into(),
            tokens,
        })
    }

    /// How it is written in a mapping.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True when it writes the day and the month.
    #[must_use]
    pub fn has_day(&self) -> bool {
        self.tokens.contains(&Token::Day) && self.has_month()
    }

    /// True when it writes the month.
    #[must_use]
    pub fn has_month(&self) -> bool {
        self.tokens.contains(&Token::Month) || self.tokens.contains(&Token::ShortMonth)
    }

    /// True when it writes the time of day to the second.
    #[must_use]
    pub fn has_clock(&self) -> bool {
        [Token::Hour, Token::Minute, Token::Second]
            .iter()
            .all(|token| self.tokens.contains(token))
    }

    /// Reads a text; every character counts.
    pub(crate) fn read(&self, text: &str) -> Option<Parts> {
        let mut rest = text.as_bytes();
        let mut parts = Parts {
            year: 0,
            month: 0,
            day: 0,
            second: 0,
            offset: HANOI,
        };
        for &token in &self.tokens {
            rest = take(token, rest, &mut parts)?;
        }
        rest.is_empty().then_some(parts)
    }

    /// Prints the parts.
    pub(crate) fn print(&self, parts: Parts, out: &mut String) {
        for &token in &self.tokens {
            match token {
                Token::Year => digits(u32::from(parts.year), 4, out),
                Token::Month => digits(u32::from(parts.month), 2, out),
                Token::ShortMonth => digits(u32::from(parts.month), 1, out),
                Token::Day => digits(u32::from(parts.day), 2, out),
                Token::Hour => digits(parts.second / 3600, 2, out),
                Token::Minute => digits(parts.second / 60 % 60, 2, out),
                Token::Second => digits(parts.second % 60, 2, out),
                Token::Milli => out.push_str("000"),
                Token::Zone => out.push_str("+07:00"),
                Token::PlainZone => out.push_str("+0700"),
                Token::Mark(mark) => out.push(char::from(mark)),
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn token(text: &str) -> Option<(Token, usize)> {
    const LETTERS: [(&str, Token); 10] = [
        ("yyyy", Token::Year),
        ("MM", Token::Month),
        ("M", Token::ShortMonth),
        ("dd", Token::Day),
        ("HH", Token::Hour),
        ("mm", Token::Minute),
        ("ss", Token::Second),
        ("fff", Token::Milli),
        ("zzz", Token::Zone),
        ("zz", Token::PlainZone),
    ];
    if let Some((letters, token)) = LETTERS.iter().find(|(letters, _)| text.starts_with(letters)) {
        return Some((*token, letters.len()));
    }
    let mark = *text.as_bytes().first()?;
    b"/-.: T".contains(&mark).then_some((Token::Mark(mark), 1))
}

fn take<'a>(token: Token, text: &'a [u8], parts: &mut Parts) -> Option<&'a [u8]> {
    match token {
        Token::Year => number(text, 4).map(|n| parts.year = n as u16)?,
        Token::Month => number(text, 2).map(|n| parts.month = n as u8)?,
        Token::Day => number(text, 2).map(|n| parts.day = n as u8)?,
        Token::Hour => number(text, 2)
            .filter(|n| *n < 24)
            .map(|n| parts.second += n * 3600)?,
        Token::Minute => number(text, 2)
            .filter(|n| *n < 60)
            .map(|n| parts.second += n * 60)?,
        Token::Second => number(text, 2).filter(|n| *n < 60).map(|n| parts.second += n)?,
        Token::Milli => return fraction(text),
        Token::Zone | Token::PlainZone => return zone(text, parts),
        Token::ShortMonth => return short_month(text, parts),
        Token::Mark(mark) => return (text.first() == Some(&mark)).then(|| &text[1..]),
    }
    Some(&text[if token == Token::Year { 4 } else { 2 }..])
}

fn number(text: &[u8], width: usize) -> Option<u32> {
    text.get(..width)?.iter().try_fold(0_u32, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

/// One to nine digits: systems differ, and seconds are all we keep.
fn fraction(text: &[u8]) -> Option<&[u8]> {
    let width = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=9).contains(&width).then(|| &text[width..])
}

fn short_month<'a>(text: &'a [u8], parts: &mut Parts) -> Option<&'a [u8]> {
    let width = text
        .iter()
        .take(2)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if width == 0 {
        return None;
    }
    parts.month = number(text, width)? as u8;
    Some(&text[width..])
}

fn zone<'a>(text: &'a [u8], parts: &mut Parts) -> Option<&'a [u8]> {
    let text = if text.first() == Some(&b'.') {
        fraction(&text[1..])?
    } else {
        text
    };
    let sign = match text.first()? {
        b'Z' => {
            parts.offset = 0;
            return Some(&text[1..]);
        }
        b'+' => 1,
        b'-' => -1,
        _other => return None,
    };
    let hours = number(text.get(1..)?, 2).filter(|n| *n <= 18)?;
    let colon = usize::from(text.get(3) == Some(&b':'));
    let minutes = number(text.get(3 + colon..)?, 2).filter(|n| *n < 60)?;
    parts.offset = sign * (hours * 3600 + minutes * 60) as i32;
    text.get(5 + colon..)
}

fn digits(number: u32, width: u32, out: &mut String) {
    let mut step = 10_u32.pow(width - 1);
    while width == 1 && number / step >= 10 {
        step *= 10;
    }
    while step > 0 {
        out.push(char::from(b'0' + (number / step % 10) as u8));
        step /= 10;
    }
}
