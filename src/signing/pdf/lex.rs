//! From bytes to objects (ISO 32000-1 §7.2, §7.3): strict, bounded, nothing read twice.

use super::PdfError;
use super::bounds::Budget;
use super::object::{Dictionary, Id, Object, Text};

/// As deep as arrays and dictionaries may be nested.
const DEPTH: usize = 40;

/// Reads objects from a place on.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    budget: &'a Budget,
}

/// Characters that end a word (§7.2.2).
fn is_blank(octet: u8) -> bool {
    matches!(octet, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_delimiter(octet: u8) -> bool {
    matches!(
        octet,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, budget: &'a Budget) -> Self {
        Self { bytes, at, budget }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn follows(&self, word: &[u8]) -> bool {
        self.bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word))
    }

    fn wrong<T>(&self) -> Result<T, PdfError> {
        Err(PdfError::Syntax(self.at))
    }

    /// Blanks and comments.
    pub(super) fn skip(&mut self) {
        while let Some(octet) = self.peek() {
            if octet == b'%' {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let line = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
                self.at += line.unwrap_or(rest.len());
            } else if is_blank(octet) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// A keyword; nothing is read if another stands there.
    pub(super) fn word(&mut self, word: &str) -> bool {
        self.skip();
        let ends = self.bytes.get(self.at + word.len()).copied();
        let is_there =
            self.follows(word.as_bytes()) && ends.is_none_or(|it| is_blank(it) || is_delimiter(it));
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    /// A whole number that is no less than 0.
    pub(super) fn number(&mut self) -> Result<usize, PdfError> {
        self.skip();
        let from = self.at;
        self.plain()?.number().ok_or(PdfError::Syntax(from))
    }

    /// `N G obj`, the object, and `endobj` or `stream`.
    pub(super) fn indirect(&mut self) -> Result<(Id, Object), PdfError> {
        let (number, generation) = (self.number()?, self.number()?);
        let narrow = |value| u32::try_from(value).map_err(|_| PdfError::Syntax(self.at));
        let id = Id {
            number: narrow(number)?,
            generation: narrow(generation)?,
        };
        if !self.word("obj") {
            return self.wrong();
        }
        let object = self.object()?;
        if self.word("endobj") {
            return Ok((id, object));
        }
        let Object::Dictionary(dictionary) = object else {
            return self.wrong();
        };
        if !self.word("stream") {
            return self.wrong();
        }
        if self.follows(b"\r\n") {
            self.at += 2;
        } else if self.follows(b"\n") {
            self.at += 1;
        } else {
            return self.wrong();
        }
        Ok((id, Object::Stream(dictionary, self.at)))
    }

    /// The next object.
    pub(super) fn object(&mut self) -> Result<Object, PdfError> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Object, PdfError> {
        if depth > DEPTH {
            return Err(PdfError::Bound("nested objects"));
        }
        self.budget.object()?;
        self.skip();
        match self.peek() {
            Some(b'/') => self.name().map(Object::Name),
            Some(b'(') => self.letters().map(Object::Text),
            Some(b'<') if self.follows(b"<<") => self.dictionary(depth).map(Object::Dictionary),
            Some(b'<') => self.hex().map(Object::Text),
            Some(b'[') => self.array(depth).map(Object::Array),
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => self.numeric(),
            _ if self.word("null") => Ok(Object::Null),
            _ if self.word("true") => Ok(Object::Flag(true)),
            _ if self.word("false") => Ok(Object::Flag(false)),
            _ => self.wrong(),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Object>, PdfError> {
        self.at += 1;
        let mut all = Vec::new();
        loop {
            self.skip();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(all);
            }
            all.push(self.nested(depth + 1)?);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Dictionary, PdfError> {
        self.at += 2;
        let mut all = Dictionary::default();
        let mut keys = std::collections::HashSet::new();
        loop {
            self.skip();
            if self.follows(b">>") {
                self.at += 2;
                return Ok(all);
            }
            if self.peek() != Some(b'/') {
                return self.wrong();
            }
            let (from, key) = (self.at, self.name()?);
            // Of two values one reader takes the first, another the last.
            if !keys.insert(key.clone()) {
                return Err(PdfError::Twice(from));
            }
            let value = self.nested(depth + 1)?;
            all.0.push((key, value));
        }
    }

    fn name(&mut self) -> Result<Vec<u8>, PdfError> {
        self.at += 1;
        let mut name = Vec::new();
        while let Some(octet) = self
            .peek()
            .filter(|octet| !is_blank(*octet) && !is_delimiter(*octet))
        {
            self.at += 1;
            let pair = self.bytes.get(self.at..self.at + 2).unwrap_or_default();
            match (octet, pair) {
                (b'#', [high, low]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    name.push(digit(*high) << 4 | digit(*low));
                    self.at += 2;
                }
                _ => name.push(octet),
            }
        }
        Ok(name)
    }

    fn hex(&mut self) -> Result<Text, PdfError> {
        let from = self.at;
        self.at += 1;
        let mut octets = Vec::new();
        let mut half = None;
        loop {
            let Some(octet) = self.peek() else {
                return Err(PdfError::Syntax(from));
            };
            self.at += 1;
            match (octet, half) {
                (b'>', _) => break,
                (blank, _) if is_blank(blank) => {}
                (letter, _) if !letter.is_ascii_hexdigit() => return Err(PdfError::Syntax(self.at)),
                (letter, None) => half = Some(digit(letter)),
                (letter, Some(high)) => {
                    octets.push(high << 4 | digit(letter));
                    half = None;
                }
            }
        }
        octets.extend(half.map(|high| high << 4));
        Ok(Text {
            octets,
            span: from..self.at,
            is_hex: true,
        })
    }

    fn letters(&mut self) -> Result<Text, PdfError> {
        let from = self.at;
        let (mut octets, mut open) = (Vec::new(), 0_usize);
        loop {
            let Some(octet) = self.peek() else {
                return Err(PdfError::Syntax(from));
            };
            self.at += 1;
            match octet {
                b'(' if open == 0 => open = 1,
                b'(' => {
                    open += 1;
                    octets.push(octet);
                }
                b')' if open == 1 => break,
                b')' => {
                    open -= 1;
                    octets.push(octet);
                }
                b'\\' => octets.extend(self.escape()),
                _ => octets.push(octet),
            }
        }
        Ok(Text {
            octets,
            span: from..self.at,
            is_hex: false,
        })
    }

    /// What follows a backslash (§7.3.4.2).
    fn escape(&mut self) -> Option<u8> {
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 0x08,
            b'f' => 0x0C,
            b'\n' => return None,
            b'\r' => {
                self.at += usize::from(self.peek() == Some(b'\n'));
                return None;
            }
            b'0'..=b'7' => {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let more = rest
                    .iter()
                    .take(2)
                    .take_while(|octet| matches!(octet, b'0'..=b'7'));
                let more: Vec<u8> = more.copied().collect();
                self.at += more.len();
                // Three octal digits can pass 255; the overflow is ignored (§7.3.4.2).
                more.iter().fold(letter - b'0', |sum, octal| {
                    sum.wrapping_mul(8).wrapping_add(octal - b'0')
                })
            }
            other => other,
        })
    }

    /// A number, or a reference if two whole numbers and `R` stand there.
    fn numeric(&mut self) -> Result<Object, PdfError> {
        let value = self.plain()?;
        let Object::Integer(number @ 0..=0xFFFF_FFFF) = value else {
            return Ok(value);
        };
        let after = self.at;
        self.skip();
        if self.peek().is_some_and(|octet| octet.is_ascii_digit())
            && let Ok(Object::Integer(generation @ 0..=0xFFFF)) = self.plain()
            && self.word("R")
        {
            return Ok(Object::Reference(Id {
                number: number as u32,
                generation: generation as u32,
            }));
        }
        self.at = after;
        Ok(value)
    }

    fn plain(&mut self) -> Result<Object, PdfError> {
        let from = self.at;
        while self
            .peek()
            .is_some_and(|octet| octet.is_ascii_digit() || matches!(octet, b'+' | b'-' | b'.'))
        {
            self.at += 1;
        }
        let written = self.bytes.get(from..self.at).unwrap_or_default();
        let text = std::str::from_utf8(written).unwrap_or_default();
        match text.parse::<i64>() {
            Ok(value) => Ok(Object::Integer(value)),
            Err(_) if text.parse::<f64>().is_ok() => Ok(Object::Real(written.to_vec())),
            Err(_) => Err(PdfError::Syntax(from)),
        }
    }
}

/// The value of a hexadecimal digit, which it is.
fn digit(letter: u8) -> u8 {
    match letter {
        b'0'..=b'9' => letter - b'0',
        _ => (letter | 0x20) - b'a' + 10,
    }
}
