//! A compiled mapping: their document as a tree of fields, each with the line that carries it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::condition::Condition;
use super::derive::Rule;
use super::fault::Wrong;
use super::node::Node;
use super::out::{Out, scalar};
use super::sentence::Trouble;
use super::transform::{Act, Run, Type};
use crate::model::{Kind, Path, Record, Value};

/// A mapping, compiled: reads and writes one kind of document.
pub struct Plan {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) follows: String,
    pub(crate) empty: Empty,
    /// The records around a line at the top: the root, and for a step the step.
    pub(crate) shapes: Vec<&'static Record>,
    pub(crate) root: Object,
    /// Some text of theirs holds a document.
    pub(crate) opens: bool,
    pub(crate) derived: Vec<Rule>,
    /// Our path and the reason it is not written.
    pub(crate) lost_forth: Vec<(String, String)>,
    /// Their path and the reason it is not read.
    pub(crate) lost_back: Vec<(String, String)>,
}

/// How an absent fact is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Empty {
    Text,
    Null,
    Absent,
}

/// An object of theirs.
#[derive(Default)]
pub(crate) struct Object {
    pub(crate) fields: Vec<Field>,
    pub(crate) index: HashMap<String, usize>,
    /// Some line in it chooses an item of a list of ours: it is read last.
    pub(crate) late: bool,
}

/// A member of an object of theirs.
pub(crate) struct Field {
    pub(crate) key: String,
    /// The key as a segment of a JSON pointer.
    pub(crate) step: String,
    /// The key as it is written, with quotes and colon.
    pub(crate) head: Vec<u8>,
    pub(crate) what: What,
}

/// What a member is.
pub(crate) enum What {
    Line(Box<Line>),
    Object(Object),
    Array(Array),
    /// A document inside a text.
    Text {
        inner: Box<What>,
        base64: bool,
    },
}

/// An array of theirs and the blocks that share it.
#[derive(Default)]
pub(crate) struct Array {
    pub(crate) blocks: Vec<Block>,
}

/// The rows of an array that one list of ours fills.
pub(crate) struct Block {
    /// From the innermost record down: each level a list and the record of its items.
    pub(crate) levels: Vec<Level>,
    pub(crate) when: Condition,
    pub(crate) row: Object,
}

/// One list on the way down to a row's item.
pub(crate) struct Level {
    pub(crate) list: Place,
}

/// A fact seen from the innermost record.
#[derive(Clone)]
pub(crate) struct Place {
    /// How many records up.
    pub(crate) up: usize,
    pub(crate) path: Path,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given {
    Text(String),
    Int(i64),
    Bool(bool),
    Null,
}

/// Where a line's value comes from, ours → theirs.
pub(crate) enum Source {
    Given(Given),
    Fact(Place),
    /// Many texts, for `split`.
    Each(Place),
    /// The number of the row it stands in.
    Row,
}

/// One line.
pub(crate) struct Line {
    pub(crate) source: Source,
    pub(crate) steps: Vec<Box<dyn Act>>,
    pub(crate) required: bool,
    pub(crate) default: Option<Given>,
    pub(crate) forth: bool,
    pub(crate) back: bool,
    /// What is written may say less than the fact.
    pub(crate) lossy: bool,
    /// It is read after all others, because it chooses an item that another line may bring.
    pub(crate) late: bool,
    /// The line of the mapping's file.
    pub(crate) number: u32,
    /// Their path from the document down.
    pub(crate) theirs: String,
}

impl Given {
    /// A constant that needs no quotes: a number, true, false, null.
    pub(crate) fn bare(word: &str) -> Option<Self> {
        match word {
            "true" => Some(Self::Bool(true)),
            "false" => Some(Self::Bool(false)),
            "null" => Some(Self::Null),
            number => number.parse().ok().map(Self::Int),
        }
    }

    pub(crate) fn out(&self) -> Out<'_> {
        match self {
            Self::Text(text) => Out::Text(Cow::Borrowed(text)),
            Self::Int(number) => Out::Int(*number),
            Self::Bool(yes) => Out::Bool(*yes),
            Self::Null => Out::Null,
        }
    }
}

impl Empty {
    pub(crate) const fn out<'v>(self) -> Out<'v> {
        match self {
            Self::Text => Out::Text(Cow::Borrowed("")),
            Self::Null => Out::Null,
            Self::Absent => Out::Nothing,
        }
    }
}

impl Place {
    /// What stands there, seen from the innermost of the frames.
    pub(crate) fn find<'v, 'a>(&self, frames: &[&'v Value<'a>]) -> Option<&'v Value<'a>> {
        let frame = frames.get(frames.len().checked_sub(self.up + 1)?)?;
        self.path.find(frame)
    }
}

impl From<Source> for Line {
    fn from(source: Source) -> Self {
        let mut line = Self {
            source,
            steps: Vec::new(),
            required: false,
            default: None,
            forth: true,
            back: true,
            lossy: false,
            late: false,
            number: 0,
            theirs: String::new(),
        };
        line.back = !matches!(line.source, Source::Row);
        line.late = line.ours().is_some_and(|place| place.path.chooses());
        line
    }
}

impl Line {
    /// Checks that what leaves the last step can stand in JSON, and gives the default that type.
    pub(crate) fn finish(&mut self, gives: Type, text: &str, troubles: &mut Vec<Trouble>) {
        let missing = match gives {
            Type::Text | Type::Int | Type::Bool => None,
            Type::Time => Some("a time needs a step `time FORM`"),
            Type::Date => Some("a date needs a step `date FORM`"),
            Type::Texts => Some("many texts need a step `split 'x'`"),
        };
        troubles.extend(missing.map(|what| Trouble::new(0..text.len(), what)));
        if let Some(Given::Text(word)) = &self.default
            && gives != Type::Text
        {
            match Given::bare(word) {
                Some(given) => self.default = Some(given),
                None => troubles.push(Trouble::new(
                    0..text.len(),
                    "the default is not of the type that is written",
                )),
            }
        }
        self.lossy |= self.default.is_some();
    }

    /// Our path without choices, if the line carries a fact.
    pub(crate) fn ours(&self) -> Option<&Place> {
        match &self.source {
            Source::Given(_) | Source::Row => None,
            Source::Fact(place) | Source::Each(place) => Some(place),
        }
    }

    /// What the line writes for the facts in those frames.
    pub(crate) fn write<'v>(
        &'v self,
        frames: &[&'v Value<'v>],
        empty: Empty,
        run: &Run<'v>,
    ) -> Result<Out<'v>, Wrong> {
        let place = match &self.source {
            _ if !self.forth => return Ok(Out::Nothing),
            Source::Given(given) => return Ok(given.out()),
            Source::Fact(place) => place,
            Source::Each(place) => return self.out(many(place, frames), empty, run),
            Source::Row => return self.out(Value::Int(run.row.get()), empty, run),
        };
        match place.find(frames) {
            None | Some(Value::Absent) => self.nothing(empty),
            Some(Value::Text(text)) if self.steps.is_empty() && !text.is_empty() => {
                Ok(Out::Text(Cow::Borrowed(text)))
            }
            Some(fact) => self.out(fact.share(), empty, run),
        }
    }

    fn out<'v>(&'v self, fact: Value<'v>, empty: Empty, run: &Run<'v>) -> Result<Out<'v>, Wrong> {
        let mut value = fact;
        for step in &self.steps {
            if says_nothing(&value) {
                return self.nothing(empty);
            }
            value = step.forth(value, run)?;
        }
        if says_nothing(&value) {
            self.nothing(empty)
        } else {
            Ok(Out::from(value))
        }
    }

    /// What stands where the fact says nothing.
    fn nothing(&self, empty: Empty) -> Result<Out<'_>, Wrong> {
        match &self.default {
            Some(given) => Ok(given.out()),
            None if self.required => Err(Wrong::Missing),
            None => Ok(empty.out()),
        }
    }

    /// The fact the line reads from a node.
    pub(crate) fn read<'n>(&'n self, node: Option<&'n Node<'_>>, run: &Run<'n>) -> Result<Value<'n>, Wrong> {
        let Some(node) = node.filter(|node| !node.is_empty()) else {
            let missing = self.required && self.default.is_none();
            return if missing {
                Err(Wrong::Missing)
            } else {
                Ok(Value::Absent)
            };
        };
        let mut value = scalar(node)?;
        for step in self.steps.iter().rev() {
            if says_nothing(&value) {
                return Ok(Value::Absent);
            }
            value = step.back(value, run)?;
        }
        match self.ours().map(|place| place.path.kind()) {
            Some(kind) if matches!(self.source, Source::Fact(_)) && !fits(kind, &value) => {
                Err(Wrong::Type { wanted: kind.word() })
            }
            _ => Ok(value),
        }
    }
}

fn says_nothing(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(text) if text.is_empty()) || value.is_absent()
}

fn many<'v>(place: &Place, frames: &[&'v Value<'v>]) -> Value<'v> {
    let mut texts = Vec::new();
    if let Some(frame) = frames
        .len()
        .checked_sub(place.up + 1)
        .and_then(|index| frames.get(index))
    {
        place.path.each(frame, &mut |value| texts.push(value.share()));
    }
    if texts.iter().all(Value::is_absent) {
        Value::Absent
    } else {
        Value::List(texts)
    }
}

fn fits(kind: Kind, value: &Value<'_>) -> bool {
    match value {
        Value::Absent => true,
        Value::Text(_) => matches!(kind, Kind::Text | Kind::Code(_)),
        Value::Int(_) => matches!(kind, Kind::Int),
        Value::Bool(_) => matches!(kind, Kind::Bool),
        Value::Time(_) => matches!(kind, Kind::Time),
        Value::Date(_) => matches!(kind, Kind::Date),
        Value::Record(_) | Value::List(_) => false,
    }
}

impl Plan {
    /// Its name, `portal/dossier`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The clause of the specification it follows.
    #[must_use]
    pub fn follows(&self) -> &str {
        &self.follows
    }

    /// Its name and version, `portal/dossier@1`: how origins name it.
    #[must_use]
    pub fn stamp(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}
