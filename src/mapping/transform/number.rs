//! The step between numbers and their spellings.

use std::borrow::Cow;

use super::{Act, Build, Built, Example, Run, Transform, Type, Unbuilt};
use crate::mapping::fault::Wrong;
use crate::model::{Kind, Value};

pub(crate) const NUMBER: Transform = Transform {
    name: "number",
    usage: "number [text]",
    doc: "Theirs is a JSON number, ours a number or a text of digits; with text, theirs is a text of digits and \
          ours a number.",
    examples: &[
        Example {
            kind: Kind::Int,
            step: "number",
            ours: "150000",
            theirs: "150000",
            both: true,
        },
        Example {
            kind: Kind::Int,
            step: "number text",
            ours: "150000",
            theirs: "\"150000\"",
            both: true,
        },
        Example {
            kind: Kind::Text,
            step: "number",
            ours: "\"42\"",
            theirs: "42",
            both: true,
        },
    ],
    build: build_number,
};

fn build_number(build: &Build<'_>) -> Result<Built, Unbuilt> {
    build.no_more(1)?;
    let text = match build.words.first() {
        None => false,
        Some(word) if word.text == "text" => true,
        Some(word) => {
            return Err(Unbuilt::word(
                0,
                format!("write `text` or nothing, not `{}`", word.text),
            ));
        }
    };
    match (build.takes, text) {
        (Type::Int, true) => Ok(Built {
            act: Box::new(Spelled),
            gives: Type::Text,
            lossy: false,
        }),
        (Type::Int, false) => Ok(Built {
            act: Box::new(Same),
            gives: Type::Int,
            lossy: false,
        }),
        (Type::Text, false) => Ok(Built {
            act: Box::new(Digits),
            gives: Type::Int,
            lossy: false,
        }),
        (Type::Text | Type::Bool | Type::Time | Type::Date | Type::Texts, _) => Err(Unbuilt::step(format!(
            "this step takes a number, and gets a {}",
            build.takes.word()
        ))),
    }
}

/// A text that spells a number in exactly one way: no plus, no leading zeros, no minus zero.
fn spelled(text: &str) -> Result<i64, Wrong> {
    let number: i64 = text.parse().map_err(|_| Wrong::Number)?;
    if number.to_string() == text {
        Ok(number)
    } else {
        Err(Wrong::Number)
    }
}

struct Same;

impl Act for Same {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        Ok(fact)
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        Ok(theirs)
    }
}

struct Spelled;

impl Act for Spelled {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Int(number) = fact else {
            return Err(Wrong::Type { wanted: "a number" });
        };
        Ok(Value::Text(Cow::Owned(number.to_string())))
    }
    /// Leading zeros are read too; the complement keeps them.
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Text(text) = theirs else {
            return Err(Wrong::Type {
                wanted: "a text of digits",
            });
        };
        text.trim().parse().map(Value::Int).map_err(|_| Wrong::Number)
    }
}

struct Digits;

impl Act for Digits {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Text(text) = fact else {
            return Err(Wrong::Type {
                wanted: "a text of digits",
            });
        };
        spelled(&text).map(Value::Int)
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Int(number) = theirs else {
            return Err(Wrong::Type { wanted: "a number" });
        };
        Ok(Value::Text(Cow::Owned(number.to_string())))
    }
}
