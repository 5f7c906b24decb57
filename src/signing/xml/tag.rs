//! The inside of a start tag: its name, and its attributes one by one (XML 1.0 §3.1).

use std::borrow::Cow;

use super::bounds::Unreadable;
use super::letters::{is_blank, is_name, name_length, reference};

/// A start tag, its attributes not yet looked at.
pub(super) struct Raw<'a> {
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    /// Where the attributes begin and end in the document.
    from: usize,
    to: usize,
}

/// What is left of a tag to read, and where in the document it stands.
pub(super) struct Rest<'a> {
    text: &'a str,
    at: usize,
}

/// One attribute as it was written, its value normalised.
pub(super) struct Written<'a> {
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    pub(super) value: Cow<'a, str>,
}

impl<'a> Raw<'a> {
    /// Reads the name of the tag whose inside is `document[from..to]`.
    pub(super) fn new(document: &'a str, from: usize, to: usize) -> Result<Self, Unreadable> {
        let text = document.get(from..to).ok_or(Unreadable::Form(from))?;
        let length = name_length(text);
        let (prefix, local) = qualified(&text[..length]).ok_or(Unreadable::Form(from))?;
        Ok(Self {
            prefix,
            local,
            from: from + length,
            to,
        })
    }

    pub(super) fn rest(&self, document: &'a str) -> Rest<'a> {
        Rest {
            text: document.get(self.from..self.to).unwrap_or_default(),
            at: self.from,
        }
    }
}

/// The next attribute; `None` at the end of the tag.
pub(super) fn attribute<'a>(rest: &mut Rest<'a>) -> Result<Option<Written<'a>>, Unreadable> {
    let blanks = rest.skip_blanks();
    if rest.text.is_empty() {
        return Ok(None);
    }
    let wrong = Unreadable::Form(rest.at);
    if blanks == 0 {
        return Err(wrong);
    }
    let length = name_length(rest.text);
    let (prefix, local) = qualified(rest.take(length)).ok_or(wrong.clone())?;
    rest.skip_blanks();
    if rest.take_letter() != Some('=') {
        return Err(wrong);
    }
    rest.skip_blanks();
    let quote = rest
        .take_letter()
        .filter(|quote| matches!(quote, '"' | '\''))
        .ok_or(wrong.clone())?;
    let end = rest.text.find(quote).ok_or(wrong)?;
    let at = rest.at;
    let value = normal(rest.take(end), at)?;
    rest.take(1);
    Ok(Some(Written { prefix, local, value }))
}

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.text.split_at(length);
        self.text = rest;
        self.at += length;
        taken
    }

    fn take_letter(&mut self) -> Option<char> {
        let letter = self.text.chars().next()?;
        self.take(letter.len_utf8());
        Some(letter)
    }

    fn skip_blanks(&mut self) -> usize {
        let count = self.text.bytes().take_while(|byte| is_blank(*byte)).count();
        self.take(count);
        count
    }
}

/// Prefix and local name; a name of two colons, or of nothing on one side, is none.
fn qualified(name: &str) -> Option<(&str, &str)> {
    match name.bytes().position(|byte| byte == b':') {
        Some(colon) => {
            let (prefix, local) = (&name[..colon], &name[colon + 1..]);
            (is_name(prefix) && is_name(local)).then_some((prefix, local))
        }
        None => is_name(name).then_some(("", name)),
    }
}

/// XML 1.0 §3.3.3: blanks become spaces unless they were written as numbers; references become what they stand for.
fn normal(value: &str, at: usize) -> Result<Cow<'_, str>, Unreadable> {
    let special = |byte| matches!(byte, b'&' | b'<' | b'\t' | b'\n' | b'\r');
    let Some(first) = value.bytes().position(special) else {
        return Ok(Cow::Borrowed(value));
    };
    let mut normal = String::with_capacity(value.len());
    let mut place = first;
    normal.push_str(&value[..first]);
    while let Some(letter) = value[place..].chars().next() {
        place += letter.len_utf8();
        match letter {
            '<' => return Err(Unreadable::Form(at + place)),
            '&' => {
                let wrong = Unreadable::Entity(at + place);
                let (name, _) = value[place..].split_once(';').ok_or(wrong.clone())?;
                normal.push(reference(name).ok_or(wrong)?);
                place += name.len() + 1;
            }
            '\t' | '\n' | '\r' => normal.push(' '),
            other => normal.push(other),
        }
    }
    Ok(Cow::Owned(normal))
}
