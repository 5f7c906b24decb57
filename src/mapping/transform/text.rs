//! Steps on texts.

use std::borrow::Cow;

use super::{Act, Built, Example, Run, Transform, Type, Unbuilt};
use crate::mapping::fault::Wrong;
use crate::model::{Kind, Value};

pub(crate) const MAX: Transform = Transform {
    name: "max",
    usage: "max N",
    doc: "Refuses a text of more than N characters, both ways.",
    examples: &[example("max 5", "\"Phạm\"", "\"Phạm\"", true)],
    build: |build| {
        build.wants(Type::Text)?;
        build.no_more(1)?;
        Ok(built(Max(build.count(0, "the number of characters")?), false))
    },
};

pub(crate) const CUT: Transform = Transform {
    name: "cut",
    usage: "cut N 'x'",
    doc: "Cuts a text to N characters, the mark x included; the run notes it. Reads back what was written.",
    examples: &[
        example("cut 8 '...'", "\"Nguyễn Thử\"", "\"Nguyễ...\"", false),
        example("cut 10 '...'", "\"Nguyễn Thử\"", "\"Nguyễn Thử\"", true),
    ],
    build: |build| {
        build.wants(Type::Text)?;
        build.no_more(2)?;
        let (max, mark) = (
            build.count(0, "the number of characters")?,
            build.word(1, "the mark, '...'")?,
        );
        if mark.chars().count() >= max {
            return Err(Unbuilt::word(1, "the mark is as long as all that may stay"));
        }
        Ok(built(Cut(max, mark.to_owned()), true))
    },
};

pub(crate) const DIGITS: Transform = Transform {
    name: "digits",
    usage: "digits N",
    doc: "Ours has N digits with leading zeros; theirs has lost the zeros.",
    examples: &[
        example("digits 2", "\"01\"", "\"1\"", true),
        example("digits 5 | number", "\"00118\"", "118", true),
    ],
    build: |build| {
        build.wants(Type::Text)?;
        build.no_more(1)?;
        Ok(built(Digits(build.count(0, "the number of digits")?), false))
    },
};

pub(crate) const UPPER: Transform = Transform {
    name: "upper",
    usage: "upper",
    doc: "Written in capitals; read as it stands.",
    examples: &[example("upper", "\"Nguyễn\"", "\"NGUYỄN\"", false)],
    build: |build| {
        build.wants(Type::Text)?;
        build.no_more(0)?;
        Ok(built(Upper, true))
    },
};

pub(crate) const SPLIT: Transform = Transform {
    name: "split",
    usage: "split 'x'",
    doc: "A list of texts of ours is one text of theirs, with x between; an item that holds x is refused.",
    examples: &[Example {
        kind: Kind::List(&Kind::Text),
        step: "split '##'",
        ours: "[\"a\",\"b\"]",
        theirs: "\"a##b\"",
        both: true,
    }],
    build: |build| {
        build.wants(Type::Texts)?;
        build.no_more(1)?;
        Ok(built(
            Split(build.word(0, "the mark between items")?.to_owned()),
            false,
        ))
    },
};

pub(crate) const BASE64: Transform = Transform {
    name: "base64",
    usage: "base64",
    doc: "Theirs is the text's UTF-8 bytes in base64.",
    examples: &[example("base64", "\"thử\"", "\"dGjhu60=\"", true)],
    build: |build| {
        build.wants(Type::Text)?;
        build.no_more(0)?;
        Ok(built(Base64, false))
    },
};

pub(crate) const NATIONAL_PROCEDURE: Transform = Transform {
    name: "national-procedure",
    usage: "national-procedure",
    doc: "Refuses what is not a national procedure code, d.dddddd (portal.md §5.3), both ways.",
    examples: &[example(
        "national-procedure",
        "\"1.001234\"",
        "\"1.001234\"",
        true,
    )],
    build: |build| {
        build.wants(Type::Text)?;
        build.no_more(0)?;
        Ok(built(NationalProcedure, false))
    },
};

/// True for a national procedure code, `d.dddddd`.
pub(crate) fn is_national(code: &str) -> bool {
    code.len() == 8
        && code.bytes().enumerate().all(|(n, byte)| {
            if n == 1 {
                byte == b'.'
            } else {
                byte.is_ascii_digit()
            }
        })
}

pub(super) const fn example(
    step: &'static str,
    ours: &'static str,
    theirs: &'static str,
    both: bool,
) -> Example {
    Example {
        kind: Kind::Text,
        step,
        ours,
        theirs,
        both,
    }
}

pub(super) fn built(act: impl Act + 'static, lossy: bool) -> Built {
    Built {
        act: Box::new(act),
        gives: Type::Text,
        lossy,
    }
}

/// The text of a value, or the fault that it is none.
pub(super) fn text(value: Value<'_>) -> Result<Cow<'_, str>, Wrong> {
    if let Value::Text(text) = value {
        Ok(text)
    } else {
        Err(Wrong::Type { wanted: "a text" })
    }
}

struct Max(usize);

impl Max {
    fn check<'v>(&self, value: Value<'v>) -> Result<Value<'v>, Wrong> {
        let text = text(value)?;
        // Bytes are never fewer than characters: most texts need no count.
        if text.len() > self.0 && text.chars().count() > self.0 {
            return Err(Wrong::Long { max: self.0 });
        }
        Ok(Value::Text(text))
    }
}

impl Act for Max {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        self.check(fact)
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        self.check(theirs)
    }
}

struct Cut(usize, String);

impl Act for Cut {
    fn forth<'v>(&'v self, fact: Value<'v>, run: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let text = text(fact)?;
        if text.len() <= self.0 || text.chars().count() <= self.0 {
            return Ok(Value::Text(text));
        }
        run.cut.set(true);
        let stays = self.0 - self.1.chars().count();
        Ok(Value::Text(Cow::Owned(
            text.chars().take(stays).chain(self.1.chars()).collect(),
        )))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        text(theirs).map(Value::Text)
    }
}

struct Digits(usize);

impl Act for Digits {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let text = text(fact)?;
        if text.len() != self.0 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Wrong::Number);
        }
        let short = text.trim_start_matches('0');
        Ok(Value::Text(Cow::Owned(
            if short.is_empty() { "0" } else { short }.to_owned(),
        )))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let text = text(theirs)?;
        if text.len() > self.0 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Wrong::Number);
        }
        Ok(Value::Text(Cow::Owned(format!(
            "{text:0>width$}",
            width = self.0
        ))))
    }
}

struct Upper;

impl Act for Upper {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        Ok(Value::Text(Cow::Owned(text(fact)?.to_uppercase())))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        text(theirs).map(Value::Text)
    }
}

struct Split(String);

impl Act for Split {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::List(items) = fact else {
            return Err(Wrong::Type { wanted: "a list" });
        };
        let mut joined = String::new();
        for (n, item) in items.iter().enumerate() {
            let item = item.text().unwrap_or_default();
            if item.is_empty() || item.contains(&self.0) {
                return Err(Wrong::Separator);
            }
            joined.push_str(if n == 0 { "" } else { &self.0 });
            joined.push_str(item);
        }
        Ok(Value::Text(Cow::Owned(joined)))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let text = text(theirs)?;
        let items = text.split(&self.0).filter(|item| !item.is_empty());
        Ok(Value::List(
            items
                .map(|item| Value::Text(Cow::Owned(item.to_owned())))
                .collect(),
        ))
    }
}

struct Base64;

impl Act for Base64 {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        Ok(Value::Text(Cow::Owned(
            data_encoding::BASE64.encode(text(fact)?.as_bytes()),
        )))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        decode(&text(theirs)?)
            .map(|text| Value::Text(Cow::Owned(text)))
            .ok_or(Wrong::Document)
    }
}

/// The text that base64 stands for, if it is UTF-8.
pub(crate) fn decode(base64: &str) -> Option<String> {
    String::from_utf8(data_encoding::BASE64.decode(base64.as_bytes()).ok()?).ok()
}

struct NationalProcedure;

impl Act for NationalProcedure {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let text = text(fact)?;
        if is_national(&text) {
            Ok(Value::Text(text))
        } else {
            Err(Wrong::Procedure)
        }
    }
    fn back<'v>(&'v self, theirs: Value<'v>, run: &Run<'v>) -> Result<Value<'v>, Wrong> {
        self.forth(theirs, run)
    }
}
