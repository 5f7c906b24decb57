//! Facts worked out from others after reading: `owner.papers[0].kind = owner.papers[0].number | paper-kind`.

use std::borrow::Cow;

use super::condition::Condition;
use super::sentence::{Shapes, Trouble, segments};
use super::transform::{Context, is_national};
use crate::model::{CodeLists, Facts, Kind, Path, Record, Value, known_word, nearest};

/// One rule: where the fact goes, and how it is worked out.
pub(crate) struct Rule {
    pub(crate) target: Path,
    /// The target as written.
    text: String,
    way: Way,
    /// Asked before anything is worked out.
    when: Condition,
    /// The record that paths start from.
    record: &'static Record,
    /// The line of the mapping's file.
    pub(crate) number: u32,
}

enum Way {
    Given(Value<'static>),
    Any(Path),
    /// The source, as it is written, and what is done to it.
    From(Path, String, Option<Function>),
}

/// What a rule can do to a fact.
enum Function {
    PaperKind,
    NationalCode,
    Day,
    Last(String),
    Code(String),
}

/// The functions by name, with what they do.
pub const FUNCTIONS: &[(&str, &str)] = &[
    (
        "paper-kind",
        "12 digits are a citizen-id, 9 an old-id; anything else stays unsaid.",
    ),
    (
        "national-code",
        "The first 8 characters when they are d.dddddd (portal.md §5.3); else nothing.",
    ),
    ("day", "The day of a time, as a date."),
    ("last 'x'", "What stands after the last x."),
];

impl Rule {
    /// Compiles a rule; the target's troubles are told at the left, the others at the right.
    pub(crate) fn parse(
        target: &str,
        text: &str,
        (shapes, lists): (&Shapes, &dyn CodeLists),
        number: u32,
    ) -> Result<Self, (bool, Trouble)> {
        let right = |trouble| (true, trouble);
        let path = shapes.place(target, 0).map_err(|trouble| (false, trouble))?.path;
        let segments = segments(text).map_err(right)?;
        let words: Vec<&str> = segments.iter().flatten().map(|word| word.text.as_str()).collect();
        let (words, when) = asked(&words, text, shapes).map_err(right)?;
        let quoted = segments.iter().flatten().next().is_some_and(|word| word.quoted);
        let place = |index: usize| {
            let word = segments
                .iter()
                .flatten()
                .nth(index)
                .ok_or_else(|| right(Trouble::new(0..text.len(), "?")))?;
            shapes
                .place(&word.text, word.place.start)
                .map(|place| place.path)
                .map_err(right)
        };
        let source = |function| Ok(Way::From(place(0)?, words[0].to_owned(), function));
        let way = match words {
            [word] if quoted && known_word(path.kind(), word) => Way::Given(given(path.kind(), word)),
            [word] if quoted => {
                return Err(right(Trouble::new(
                    0..text.len(),
                    format!("it is never `{word}`"),
                )));
            }
            ["any", _] => Way::Any(place(1)?),
            [_] => source(None)?,
            [_, "last", mark] => source(Some(Function::Last((*mark).to_owned())))?,
            [_, "code", list] if lists.names().contains(list) => {
                source(Some(Function::Code((*list).to_owned())))?
            }
            [_, "code", list] => {
                return Err(right(Trouble::new(
                    0..text.len(),
                    format!("there is no code list `{list}`"),
                )));
            }
            [_, name] => source(Some(function(name, text).map_err(right)?))?,
            _other => {
                return Err(right(Trouble::new(
                    0..text.len(),
                    "write 'word', a path, or `any list[].flag`",
                )));
            }
        };
        Ok(Self {
            target: path,
            text: target.to_owned(),
            way,
            when,
            record: shapes.0.last().copied().unwrap_or(Facts::RECORD),
            number,
        })
    }

    /// The path of the fact it is worked out from, without choices.
    pub(crate) fn from(&self) -> Option<&str> {
        match &self.way {
            Way::Given(_) => None,
            Way::Any(path) | Way::From(path, ..) => Some(path.normal()),
        }
    }

    /// Works the fact out wherever it is absent and can be; gives the paths that were filled.
    pub(crate) fn apply<'a>(&self, root: &mut Value<'a>, context: &Context<'_>) -> Vec<String> {
        if !self.when.ours(&[&*root]) {
            return Vec::new();
        }
        if self.target.is_single() {
            let filled = self.fill(root, &self.target, None, context);
            return filled.then(|| self.text.clone()).into_iter().collect();
        }
        let mut absent = Vec::new();
        self.target.each_with_path(root, &mut |path, value| {
            if value.is_absent() {
                absent.push(path);
            }
        });
        absent.retain(|text| {
            Path::parse(text, self.record).is_ok_and(|path| self.fill(root, &path, Some(text), context))
        });
        absent
    }

    /// Fills one place; `item` is its path when the target names many, so that the source is of the same items.
    fn fill<'a>(
        &self,
        root: &mut Value<'a>,
        target: &Path,
        item: Option<&str>,
        context: &Context<'_>,
    ) -> bool {
        if target.find(root).is_some_and(|value| !value.is_absent()) {
            return false;
        }
        let fact = match &self.way {
            Way::Given(value) => value.clone(),
            Way::Any(path) => any(path, root),
            Way::From(path, text, function) => {
                let of_item = item.and_then(|item| Path::parse(&same_items(text, item), self.record).ok());
                match (of_item.as_ref().unwrap_or(path).find(root), function) {
                    (Some(value), Some(function)) => function.of(value, context),
                    (Some(value), None) => value.clone(),
                    (None, _) => Value::Absent,
                }
            }
        };
        if fact.is_absent() {
            return false;
        }
        target.place(root).is_some_and(|place| {
            *place = fact;
            true
        })
    }
}

/// The words before `when`, and the condition after it.
fn asked<'w>(
    words: &'w [&'w str],
    text: &str,
    shapes: &Shapes,
) -> Result<(&'w [&'w str], Condition), Trouble> {
    let Some(at) = words.iter().position(|word| *word == "when") else {
        return Ok((words, Condition::default()));
    };
    let condition = text.split_once(" when ").map_or("", |(_, condition)| condition);
    Ok((&words[..at], Condition::parse(condition, shapes)?))
}

/// The source's path with the choices of the target's: `files[].address` of `files[2].name` is `files[2].address`.
fn same_items(source: &str, target: &str) -> String {
    let mut path = String::new();
    let mut same = true;
    let targets = target.split('.').map(Some).chain(std::iter::repeat(None));
    for (segment, target) in source.split('.').zip(targets) {
        let name = |segment: &str| segment.split('[').next().map(str::to_owned);
        same = same && target.and_then(name) == name(segment);
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(target.filter(|_| same).unwrap_or(segment));
    }
    path
}

impl Function {
    fn of<'a>(&self, value: &Value<'a>, context: &Context<'_>) -> Value<'a> {
        let text = value.text().unwrap_or_default();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::PaperKind if digits && text.len() == 12 => Value::Text(Cow::Borrowed("citizen-id")),
            Self::PaperKind if digits && text.len() == 9 => Value::Text(Cow::Borrowed("old-id")),
            Self::NationalCode if text.get(..8).is_some_and(is_national) => {
                Value::Text(Cow::Owned(text[..8].to_owned()))
            }
            Self::PaperKind | Self::NationalCode => Value::Absent,
            Self::Day => {
                if let Value::Time(time) = value {
                    Value::Date(time.day().into())
                } else {
                    Value::Absent
                }
            }
            Self::Last(mark) => match text.rsplit(mark.as_str()).next() {
                Some(last) if !last.is_empty() => Value::Text(Cow::Owned(last.to_owned())),
                _other => Value::Absent,
            },
            Self::Code(list) => match context.lists.read(list, context.site, text, context.on) {
                Some(word) => Value::Text(Cow::Owned(word.to_owned())),
                None => Value::Absent,
            },
        }
    }
}

fn function(name: &str, text: &str) -> Result<Function, Trouble> {
    match name {
        "paper-kind" => Ok(Function::PaperKind),
        "national-code" => Ok(Function::NationalCode),
        "day" => Ok(Function::Day),
        other => {
            let near = nearest(other, FUNCTIONS.iter().map(|(name, _)| *name));
            let near = near.map_or_else(String::new, |near| format!("; there is `{near}`"));
            let start = text.rfind(other).unwrap_or(0);
            Err(Trouble::new(
                start..start + other.len(),
                format!("there is no `{other}`{near}"),
            ))
        }
    }
}

fn given(kind: Kind, word: &str) -> Value<'static> {
    match kind {
        Kind::Bool => Value::Bool(word == "true"),
        Kind::Int => word.parse().map_or(Value::Absent, Value::Int),
        Kind::Text | Kind::Code(_) => Value::Text(Cow::Owned(word.to_owned())),
        Kind::Time | Kind::Date | Kind::Record(_) | Kind::List(_) => Value::Absent,
    }
}

/// True when any of them is, or is there at all; absent when none of them says anything.
fn any<'a>(path: &Path, root: &Value<'a>) -> Value<'a> {
    let mut found = Value::Absent;
    path.each(root, &mut |value| {
        let yes = !matches!(value, Value::Bool(false));
        if !value.is_absent() {
            found = Value::Bool(yes || found == Value::Bool(true));
        }
    });
    found
}
