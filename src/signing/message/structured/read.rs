use data_encoding::BASE64;

use super::{Bare, Dictionary, Inner, Item, Malformed, Member, Parameters};

/// A text and how far it has been read. Text that is not ASCII fits nowhere, so that bytes are letters.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// §4.2: spaces around are dropped, and nothing else may remain.
    pub(super) fn whole<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        self.skip(b" ");
        let value = read(&mut self)?;
        self.skip(b" ");
        if self.at == self.text.len() {
            Ok(value)
        } else {
            Err(Malformed)
        }
    }

    /// §4.2.2.
    pub(super) fn dictionary(&mut self) -> Result<Dictionary, Malformed> {
        let mut members: Vec<(String, Member)> = Vec::new();
        while self.more(members.is_empty())? {
            let key = self.key()?;
            let member = if self.eat(b'=') {
                self.member()?
            } else {
                self.flag()?
            };
            if members.iter().any(|known| known.0 == key) {
                return Err(Malformed);
            }
            members.push((key, member));
        }
        Ok(Dictionary(members))
    }

    /// §4.2.1.
    pub(super) fn list(&mut self) -> Result<Vec<Member>, Malformed> {
        let mut members = Vec::new();
        while self.more(members.is_empty())? {
            members.push(self.member()?);
        }
        Ok(members)
    }

    /// §4.2.3.
    pub(super) fn item(&mut self) -> Result<Item, Malformed> {
        let start = self.at;
        let bare = self.bare()?;
        let parameters = self.parameters()?;
        Ok(Item {
            bare,
            parameters,
            place: start..self.at,
        })
    }

    /// Whether another member follows: at the beginning anything, later a comma and something behind it.
    fn more(&mut self, first: bool) -> Result<bool, Malformed> {
        if first {
            return Ok(self.peek().is_some());
        }
        self.skip(b" \t");
        if self.peek().is_none() {
            return Ok(false);
        }
        if !self.eat(b',') {
            return Err(Malformed);
        }
        self.skip(b" \t");
        self.peek().map(|_| true).ok_or(Malformed)
    }

    /// A key alone is true.
    fn flag(&mut self) -> Result<Member, Malformed> {
        let start = self.at;
        Ok(Member::One(Item {
            bare: Bare::Boolean(true),
            parameters: self.parameters()?,
            place: start..self.at,
        }))
    }

    fn member(&mut self) -> Result<Member, Malformed> {
        if self.peek() == Some(b'(') {
            self.inner().map(Member::Inner)
        } else {
            self.item().map(Member::One)
        }
    }

    /// §4.2.1.2.
    fn inner(&mut self) -> Result<Inner, Malformed> {
        let start = self.at;
        self.need(b'(')?;
        let mut items = Vec::new();
        loop {
            self.skip(b" ");
            if self.eat(b')') {
                break;
            }
            items.push(self.item()?);
            if !matches!(self.peek(), Some(b' ' | b')')) {
                return Err(Malformed);
            }
        }
        let parameters = self.parameters()?;
        Ok(Inner {
            items,
            parameters,
            place: start..self.at,
        })
    }

    /// §4.2.3.2.
    fn parameters(&mut self) -> Result<Parameters, Malformed> {
        let mut list: Vec<(String, Bare)> = Vec::new();
        while self.eat(b';') {
            self.skip(b" ");
            let name = self.key()?;
            let value = if self.eat(b'=') {
                self.bare()?
            } else {
                Bare::Boolean(true)
            };
            if list.iter().any(|known| known.0 == name) {
                return Err(Malformed);
            }
            list.push((name, value));
        }
        Ok(Parameters(list))
    }

    /// §4.2.3.3.
    fn key(&mut self) -> Result<String, Malformed> {
        let key =
            self.run(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte));
        if super::is_key(key) {
            Ok(key.to_owned())
        } else {
            Err(Malformed)
        }
    }

    /// §4.2.3.1.
    fn bare(&mut self) -> Result<Bare, Malformed> {
        match self.peek().ok_or(Malformed)? {
            b'-' | b'0'..=b'9' => self.number(),
            b'"' => self.quoted().map(Bare::Text),
            b':' => self.bytes(),
            b'?' => self.boolean(),
            b'@' => self.date(),
            b'%' => self.display(),
            first if first.is_ascii_alphabetic() || first == b'*' => Ok(self.token()),
            _ => Err(Malformed),
        }
    }

    /// §4.2.4.
    fn number(&mut self) -> Result<Bare, Malformed> {
        let sign = if self.eat(b'-') { -1 } else { 1 };
        let whole = self.run(|byte| byte.is_ascii_digit());
        let fraction = if self.eat(b'.') {
            Some(self.run(|byte| byte.is_ascii_digit()))
        } else {
            None
        };
        let longest = if fraction.is_some() { 12 } else { 15 };
        if whole.is_empty() || whole.len() > longest {
            return Err(Malformed);
        }
        let whole: i64 = whole.parse().map_err(|_| Malformed)?;
        let Some(fraction) = fraction else {
            return Ok(Bare::Integer(sign * whole));
        };
        if fraction.is_empty() || fraction.len() > 3 {
            return Err(Malformed);
        }
        let fraction: i64 = format!("{fraction:0<3}").parse().map_err(|_| Malformed)?;
        Ok(Bare::Decimal(sign * (whole * 1000 + fraction)))
    }

    /// §4.2.5.
    fn quoted(&mut self) -> Result<String, Malformed> {
        self.need(b'"')?;
        let mut text = String::new();
        loop {
            match self.next()? {
                b'"' => return Ok(text),
                b'\\' => match self.next()? {
                    escaped @ (b'"' | b'\\') => text.push(char::from(escaped)),
                    _ => return Err(Malformed),
                },
                plain @ b' '..=b'~' => text.push(char::from(plain)),
                _ => return Err(Malformed),
            }
        }
    }

    /// §4.2.6.
    fn token(&mut self) -> Bare {
        let word = self.run(|byte| byte.is_ascii_alphanumeric() || b":/!#$%&'*+-.^_`|~".contains(&byte));
        Bare::Token(word.to_owned())
    }

    /// §4.2.7.
    fn bytes(&mut self) -> Result<Bare, Malformed> {
        self.need(b':')?;
        let text = self.run(|byte| byte != b':');
        self.need(b':')?;
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| Malformed)?;
        Ok(Bare::Bytes(bytes))
    }

    /// §4.2.8.
    fn boolean(&mut self) -> Result<Bare, Malformed> {
        self.need(b'?')?;
        match self.next()? {
            b'1' => Ok(Bare::Boolean(true)),
            b'0' => Ok(Bare::Boolean(false)),
            _ => Err(Malformed),
        }
    }

    /// §4.2.9.
    fn date(&mut self) -> Result<Bare, Malformed> {
        self.need(b'@')?;
        match self.number()? {
            Bare::Integer(seconds) => Ok(Bare::Date(seconds)),
            Bare::Decimal(_)
            | Bare::Text(_)
            | Bare::Token(_)
            | Bare::Bytes(_)
            | Bare::Boolean(_)
            | Bare::Date(_)
            | Bare::Display(_) => Err(Malformed),
        }
    }

    /// §4.2.10.
    fn display(&mut self) -> Result<Bare, Malformed> {
        self.need(b'%')?;
        self.need(b'"')?;
        let mut bytes = Vec::new();
        loop {
            match self.next()? {
                b'"' => break,
                b'%' => bytes.push(self.nibble()? << 4 | self.nibble()?),
                plain @ b' '..=b'~' => bytes.push(plain),
                _ => return Err(Malformed),
            }
        }
        String::from_utf8(bytes).map(Bare::Display).map_err(|_| Malformed)
    }

    /// A hexadecimal digit, which is lower case here.
    fn nibble(&mut self) -> Result<u8, Malformed> {
        match self.next()? {
            digit @ b'0'..=b'9' => Ok(digit - b'0'),
            letter @ b'a'..=b'f' => Ok(letter - b'a' + 10),
            _ => Err(Malformed),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, Malformed> {
        let byte = self.peek().ok_or(Malformed)?;
        self.at += 1;
        Ok(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.eat(byte) { Ok(()) } else { Err(Malformed) }
    }

    fn skip(&mut self, bytes: &[u8]) {
        self.run(|byte| bytes.contains(&byte));
    }

    /// What follows and fits, which may be nothing.
    fn run(&mut self, fits: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| fits(*byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }
}
