//! The two-way steps of a line: each a small unit with its name, its arguments, a sentence and examples that run as tests.

mod before;
mod code;
mod number;
mod text;
mod time;
mod words;

pub(crate) use text::{decode, is_national};

use std::cell::Cell;
use std::ops::Range;

use super::fault::Wrong;
use crate::model::{CodeLists, Day, Kind, Value};

/// Where and when a document is read or written: codes depend on both.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The code lists.
    pub lists: &'a dyn CodeLists,
    /// The site (the province's system), whose own rows of a list come first.
    pub site: &'a str,
    /// The day codes are read on.
    pub on: Day,
}

/// One run of a mapping: its context, and whether the step just taken cut something off.
pub(crate) struct Run<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) cut: Cell<bool>,
    /// The number of the row that is written, from 1.
    pub(crate) row: Cell<i64>,
}

impl<'a> Run<'a> {
    /// A run that begins.
    pub(crate) const fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            cut: Cell::new(false),
            row: Cell::new(1),
        }
    }

    /// Enters the `n`th row, from 0; gives the number to go back to.
    pub(crate) fn enter(&self, n: usize) -> i64 {
        self.row
            .replace(i64::try_from(n).map_or(i64::MAX, |n| n.saturating_add(1)))
    }
}

/// A compiled step.
pub(crate) trait Act: Send + Sync {
    /// Ours → theirs; never called with an absent fact.
    fn forth<'v>(&'v self, fact: Value<'v>, run: &Run<'v>) -> Result<Value<'v>, Wrong>;
    /// Theirs → ours; never called with an absent value.
    fn back<'v>(&'v self, theirs: Value<'v>, run: &Run<'v>) -> Result<Value<'v>, Wrong>;
}

/// The type of a value between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Int,
    Bool,
    Time,
    Date,
    Texts,
}

impl Type {
    /// The type a fact of that kind has before any step.
    pub(crate) const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Text | Kind::Code(_) => Some(Self::Text),
            Kind::Time => Some(Self::Time),
            Kind::Date => Some(Self::Date),
            Kind::Int => Some(Self::Int),
            Kind::Bool => Some(Self::Bool),
            Kind::Record(_) | Kind::List(_) => None,
        }
    }

    /// The type in a word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "number",
            Self::Bool => "yes or no",
            Self::Time => "time",
            Self::Date => "date",
            Self::Texts => "list of texts",
        }
    }
}

/// A word of a line, and which bytes of the line it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) quoted: bool,
    pub(crate) place: Range<usize>,
}

/// What a step is built from.
pub(crate) struct Build<'a> {
    /// Its arguments.
    pub(crate) words: &'a [Word],
    /// The type that reaches it, ours → theirs.
    pub(crate) takes: Type,
    /// The code of the fact, if it is one.
    pub(crate) set: Option<&'static str>,
    pub(crate) lists: &'a dyn CodeLists,
}

/// A built step.
pub(crate) struct Built {
    pub(crate) act: Box<dyn Act>,
    /// The type that leaves it.
    pub(crate) gives: Type,
    /// What is written may say less than the fact.
    pub(crate) lossy: bool,
}

/// Why a step cannot be built, and which word is to blame; `None` for the step itself.
pub(crate) struct Unbuilt {
    pub(crate) word: Option<usize>,
    pub(crate) what: String,
}

impl Unbuilt {
    fn step(what: impl Into<String>) -> Self {
        Self {
            word: None,
            what: what.into(),
        }
    }

    fn word(word: usize, what: impl Into<String>) -> Self {
        Self {
            word: Some(word),
            what: what.into(),
        }
    }
}

impl Build<'_> {
    fn wants(&self, wanted: Type) -> Result<(), Unbuilt> {
        if self.takes == wanted {
            return Ok(());
        }
        Err(Unbuilt::step(format!(
            "this step takes a {}, and gets a {}",
            wanted.word(),
            self.takes.word()
        )))
    }

    fn word(&self, index: usize, what: &str) -> Result<&str, Unbuilt> {
        let word = self
            .words
            .get(index)
            .ok_or_else(|| Unbuilt::step(format!("write {what} after it")))?;
        Ok(&word.text)
    }

    fn count(&self, index: usize, what: &str) -> Result<usize, Unbuilt> {
        let word = self.word(index, what)?;
        word.parse()
            .ok()
            .filter(|n| (1..=1_000_000).contains(n))
            .ok_or_else(|| Unbuilt::word(index, format!("`{word}` is not {what}")))
    }

    fn no_more(&self, after: usize) -> Result<(), Unbuilt> {
        self.words.get(after).map_or(Ok(()), |_| {
            Err(Unbuilt::word(after, "this step takes no more words"))
        })
    }
}

/// A step that mappings can use.
pub struct Transform {
    /// The word that names it.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// Examples; each runs as a test.
    pub examples: &'static [Example],
    pub(crate) build: fn(&Build<'_>) -> Result<Built, Unbuilt>,
}

/// One example of a step.
pub struct Example {
    /// The kind of the fact.
    pub kind: Kind,
    /// The step as a line writes it.
    pub step: &'static str,
    /// The fact, in its JSON form.
    pub ours: &'static str,
    /// What is written, in JSON.
    pub theirs: &'static str,
    /// It reads back to the same fact.
    pub both: bool,
}

/// Every step, in the order they are listed to people.
pub const TRANSFORMS: &[Transform] = &[
    text::MAX,
    text::CUT,
    text::DIGITS,
    text::UPPER,
    before::BEFORE,
    text::SPLIT,
    text::BASE64,
    text::NATIONAL_PROCEDURE,
    time::TIME,
    time::DATE,
    time::DATE_CUT,
    words::DATE_WORDS,
    code::CODE,
    code::BOOL,
    code::FLAG,
    number::NUMBER,
];

/// The words of a line that are no steps of their own: what they mean for the line.
pub const WORDS: &[(&str, &str)] = &[
    (
        "row",
        "In place of a fact: the number of the row it stands in, from 1; only written.",
    ),
    ("required", "The fact must be there, both ways."),
    (
        "default 'x'",
        "Written when the fact is absent; never read as a fact of its own.",
    ),
    ("forth", "The line only writes."),
    ("back", "The line only reads."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::sentence::{Lists, pipeline};
    use serde_json::Value as Json;

    #[test]
    fn every_example_holds_and_every_step_has_one() {
        let on = "2026-01-15".parse().unwrap();
        let context = Context {
            lists: &Lists,
            site: "",
            on,
        };
        let run = Run::new(&context);
        for transform in TRANSFORMS {
            assert!(!transform.examples.is_empty(), "{}", transform.name);
            for example in transform.examples {
                let steps = pipeline(example.kind, example.step);
                let ours = crate::model::from_json(example.kind, example.ours).unwrap();
                let theirs = crate::mapping::sentence::forth(&steps, ours.share(), &run);
                let expected: Json = serde_json::from_str(example.theirs).unwrap();
                assert_eq!(
                    theirs.as_ref(),
                    Some(&expected),
                    "{} {}",
                    example.step,
                    example.ours
                );
                let read = crate::mapping::sentence::back(&steps, &expected, &run);
                assert!(
                    !example.both || read == Some(ours),
                    "{} {} back",
                    example.step,
                    example.theirs
                );
            }
        }
    }
}
