//! When a row belongs to a block: `removed is not true`, `kind in a, b`, `their:dossierPartType is 2`.

use std::borrow::Cow;

use super::node::Node;
use super::plan::Place;
use super::sentence::{Shapes, Trouble, segments};
use super::transform::Word;
use crate::model::{Value, known_word};

/// Tests that must all hold.
#[derive(Default)]
pub(crate) struct Condition {
    tests: Vec<Test>,
}

struct Test {
    subject: Subject,
    check: Check,
}

enum Subject {
    Ours(Place),
    Theirs(Vec<String>),
}

enum Check {
    Is(Vec<String>),
    IsNot(Vec<String>),
    Present,
    Absent,
}

impl Condition {
    /// Compiles `a is b and c in d, e`.
    pub(crate) fn parse(text: &str, shapes: &Shapes) -> Result<Self, Trouble> {
        let words: Vec<Word> = segments(text)?.into_iter().flatten().collect();
        let tests = words
            .split(|word| !word.quoted && word.text == "and")
            .map(|words| test(words, text, shapes));
        Ok(Self {
            tests: tests.collect::<Result<_, _>>()?,
        })
    }

    /// True when the tests on our item hold; those on theirs are not asked.
    pub(crate) fn ours(&self, frames: &[&Value<'_>]) -> bool {
        self.tests.iter().all(|test| match &test.subject {
            Subject::Ours(place) => test.check.holds(place.find(frames).and_then(word).as_deref()),
            Subject::Theirs(_) => true,
        })
    }

    /// True when the tests on their row hold; those on ours are not asked.
    pub(crate) fn theirs(&self, row: &Node<'_>) -> bool {
        self.tests.iter().all(|test| match &test.subject {
            Subject::Theirs(keys) => {
                let found = keys.iter().try_fold(row, |node, key| {
                    node.members()?
                        .iter()
                        .find(|(name, _)| name == key)
                        .map(|(_, node)| node)
                });
                test.check.holds(found.and_then(spelling).as_deref())
            }
            Subject::Ours(_) => true,
        })
    }
}

impl Check {
    fn holds(&self, word: Option<&str>) -> bool {
        match self {
            Self::Is(words) => word.is_some_and(|word| words.iter().any(|one| one == word)),
            Self::IsNot(words) => word.is_none_or(|word| words.iter().all(|one| one != word)),
            Self::Present => word.is_some(),
            Self::Absent => word.is_none(),
        }
    }

    fn words(&self) -> &[String] {
        match self {
            Self::Is(words) | Self::IsNot(words) => words,
            Self::Present | Self::Absent => &[],
        }
    }
}

fn test(words: &[Word], text: &str, shapes: &Shapes) -> Result<Test, Trouble> {
    let Some((first, rest)) = words.split_first() else {
        return Err(Trouble::new(0..text.len(), "a condition is missing here"));
    };
    let check = check(rest).ok_or_else(|| {
        Trouble::new(
            first.place.clone(),
            "after it write `is`, `is not`, `in a, b`, `present` or `absent`",
        )
    })?;
    if let Some(path) = first.text.strip_prefix("their:") {
        let keys = path.split('.').map(str::to_owned).collect();
        return Ok(Test {
            subject: Subject::Theirs(keys),
            check,
        });
    }
    let place = shapes.place(&first.text, first.place.start)?;
    let kind = place.path.kind();
    match rest
        .iter()
        .find(|word| check.words().contains(&word.text) && !known_word(kind, &word.text))
    {
        Some(word) => Err(Trouble::new(
            word.place.clone(),
            format!("`{}` is never `{}`", first.text, word.text),
        )),
        None => Ok(Test {
            subject: Subject::Ours(place),
            check,
        }),
    }
}

fn check(words: &[Word]) -> Option<Check> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.trim_end_matches(',')).collect();
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match texts.as_slice() {
        ["present"] => Some(Check::Present),
        ["absent"] => Some(Check::Absent),
        ["is", "not", word] => Some(Check::IsNot(owned(&[word]))),
        ["is", word] => Some(Check::Is(owned(&[word]))),
        ["in", words @ ..] if !words.is_empty() => Some(Check::Is(owned(words))),
        ["not", "in", words @ ..] if !words.is_empty() => Some(Check::IsNot(owned(words))),
        _other => None,
    }
}

/// A fact as a condition spells it.
fn word<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Bool(yes) => Some(truth(*yes)),
        Value::Int(number) => Some(Cow::Owned(number.to_string())),
        Value::Time(time) => Some(Cow::Owned(time.to_string())),
        Value::Date(date) => Some(Cow::Owned(date.to_string())),
        Value::Absent => None,
        Value::Record(_) | Value::List(_) => (!value.is_absent()).then_some(Cow::Borrowed("")),
    }
}

fn truth(yes: bool) -> Cow<'static, str> {
    Cow::Borrowed(if yes { "true" } else { "false" })
}

/// A value of theirs as a condition spells it.
fn spelling<'n>(node: &'n Node<'_>) -> Option<Cow<'n, str>> {
    match node {
        Node::Text(text) | Node::Document(text, _) => (!text.is_empty()).then_some(Cow::Borrowed(text)),
        Node::Bool(yes) => Some(truth(*yes)),
        Node::Int(number) => Some(Cow::Owned(number.to_string())),
        Node::Float(number) => Some(Cow::Owned(number.to_string())),
        Node::Null => None,
        Node::List(_) | Node::Map(_) => Some(Cow::Borrowed("")),
    }
}
