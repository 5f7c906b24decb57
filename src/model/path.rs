//! Paths to facts, compiled against a shape: `owner.papers[0].number`, `components[].files[]`, `fees[kind=fee].amount`.

use std::borrow::Cow;
use std::ops::Range;

use super::Value;
use super::near::nearest;
use super::shape::{Kind, Record};

/// One hop down a value tree.
#[derive(Clone, Debug)]
pub enum Hop {
    /// To a field by its index in that record.
    Field(usize, &'static Record),
    /// To the item at that place of a list.
    Item(usize),
    /// To the item whose field has that word.
    Where(usize, &'static Record, Box<str>),
    /// To every item.
    All,
}

/// A path from a record down to a fact.
#[derive(Clone, Debug)]
pub struct Path {
    hops: Vec<Hop>,
    kind: Kind,
    normal: String,
}

/// What is wrong with a path, and which bytes of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct PathFault {
    /// The bytes of the path that are wrong.
    pub place: Range<usize>,
    /// What is wrong with them, with a suggestion where there is one.
    pub what: String,
}

impl Path {
    /// Compiles a path that starts in that record.
    ///
    /// # Errors
    /// [`PathFault`] names the segment that the shape does not have.
    pub fn parse(text: &str, record: &'static Record) -> Result<Self, PathFault> {
        let mut path = Self {
            hops: Vec::new(),
            kind: Kind::Record(record),
            normal: String::new(),
        };
        let mut start = 0;
        for segment in text.split('.') {
            path.segment(segment, start)?;
            start += segment.len() + 1;
        }
        Ok(path)
    }

    /// The hops, in order.
    #[must_use]
    pub fn hops(&self) -> &[Hop] {
        &self.hops
    }

    /// The kind of what it leads to.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The path with every choice of an item written `[]`.
    #[must_use]
    pub fn normal(&self) -> &str {
        &self.normal
    }

    /// True when it names one place: no `[]`.
    #[must_use]
    pub fn is_single(&self) -> bool {
        !self.hops.iter().any(|hop| matches!(hop, Hop::All))
    }

    /// True when it chooses an item of a list by place or by word.
    #[must_use]
    pub fn chooses(&self) -> bool {
        self.hops
            .iter()
            .any(|hop| matches!(hop, Hop::Item(_) | Hop::Where(..)))
    }

    /// What stands there; a path with `[]` finds the first that says something.
    #[must_use]
    pub fn find<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
        let mut found = None;
        walk(&self.hops, value, &mut |value| {
            found = found.or((!matches!(value, Value::Absent)).then_some(value));
        });
        found
    }

    /// Shows everything that stands there, in order.
    pub fn each<'v, 'a>(&self, value: &'v Value<'a>, see: &mut impl FnMut(&'v Value<'a>)) {
        walk(&self.hops, value, see);
    }

    /// The place itself, made when it is not there yet. `None` only for a path with `[]`.
    pub fn place<'v, 'a>(&self, value: &'v mut Value<'a>) -> Option<&'v mut Value<'a>> {
        self.hops.iter().try_fold(value, |value, hop| step(hop, value))
    }

    /// The place of the item *n* where the path says `[]`, made when it is not there yet.
    pub fn place_nth<'v, 'a>(&self, value: &'v mut Value<'a>, n: usize) -> Option<&'v mut Value<'a>> {
        self.hops.iter().try_fold(value, |value, hop| {
            if matches!(hop, Hop::All) {
                step(&Hop::Item(n), value)
            } else {
                step(hop, value)
            }
        })
    }

    /// Shows everything that stands there, each with its own path, `papers[1].number`.
    pub fn each_with_path<'v, 'a>(&self, value: &'v Value<'a>, see: &mut impl FnMut(String, &'v Value<'a>)) {
        walk_with_path(&self.hops, value, String::new(), see);
    }

    /// The same place if it is there.
    pub fn find_mut<'v, 'a>(&self, value: &'v mut Value<'a>) -> Option<&'v mut Value<'a>> {
        self.find(value)?;
        self.place(value)
    }

    fn segment(&mut self, segment: &str, start: usize) -> Result<(), PathFault> {
        let (name, choice) = match segment.find('[') {
            Some(at) => (&segment[..at], Some((&segment[at..], start + at))),
            None => (segment, None),
        };
        let place = start..start + name.len();
        let Kind::Record(record) = self.kind else {
            let what = if let Kind::List(_) = self.kind {
                format!("`{}` is a list: write `[]` or choose an item", self.normal)
            } else {
                format!(
                    "`{}` is a {} and has no facts of its own",
                    self.normal,
                    self.kind.word()
                )
            };
            return Err(PathFault { place, what });
        };
        let Some((index, field)) = record.field(name) else {
            return Err(PathFault {
                place,
                what: unknown(record, name),
            });
        };
        self.hops.push(Hop::Field(index, record));
        self.kind = field.kind;
        if !self.normal.is_empty() {
            self.normal.push('.');
        }
        self.normal.push_str(name);
        choice.map_or(Ok(()), |(choice, at)| self.choose(choice, at))
    }

    fn choose(&mut self, choice: &str, start: usize) -> Result<(), PathFault> {
        let fault = |what| PathFault {
            place: start..start + choice.len(),
            what,
        };
        let Kind::List(item) = self.kind else {
            return Err(fault(format!("`{}` is not a list", self.normal)));
        };
        let Some(inner) = choice.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
            return Err(fault("write `[]`, `[0]` or `[kind=word]`".to_owned()));
        };
        self.hops
            .push(match (inner.parse::<usize>(), inner.split_once('='), item) {
                (Ok(n), ..) if n < 100 => Hop::Item(n),
                (_, Some((name, word)), Kind::Record(record)) => match record.field(name.trim()) {
                    Some((index, field)) if known_word(field.kind, word.trim()) => {
                        Hop::Where(index, record, word.trim().into())
                    }
                    Some(_) => return Err(fault(format!("`{name}` has no word `{word}`"))),
                    None => return Err(fault(unknown(record, name))),
                },
                _ if inner.is_empty() => Hop::All,
                _other => return Err(fault("write `[]`, `[0]` or `[kind=word]`".to_owned())),
            });
        self.kind = *item;
        self.normal.push_str("[]");
        Ok(())
    }
}

/// The sentence about a fact that a record does not have.
fn unknown(record: &Record, name: &str) -> String {
    let names = || record.fields.iter().map(|field| field.name);
    let has = nearest(name, names()).map_or_else(
        || format!("it has {}", names().collect::<Vec<_>>().join(", ")),
        |near| format!("it has `{near}`"),
    );
    let article = if record.name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {} has no fact `{name}`; {has}", record.name)
}

/// True when a condition on a fact of that kind can ever meet that word.
#[must_use]
pub fn known_word(kind: Kind, word: &str) -> bool {
    match kind {
        Kind::Code(words) => words.words.contains(&word),
        Kind::Bool => word == "true" || word == "false",
        Kind::Int => word.parse::<i64>().is_ok(),
        Kind::Text => true,
        Kind::Time | Kind::Date | Kind::Record(_) | Kind::List(_) => false,
    }
}

fn walk<'v, 'a>(hops: &[Hop], value: &'v Value<'a>, see: &mut impl FnMut(&'v Value<'a>)) {
    let Some((hop, rest)) = hops.split_first() else {
        return see(value);
    };
    match (hop, value) {
        (Hop::Field(index, _), Value::Record(fields)) => {
            if let Some(field) = fields.get(*index) {
                walk(rest, field, see);
            }
        }
        (Hop::Item(n), Value::List(items)) => {
            if let Some(item) = items.get(*n) {
                walk(rest, item, see);
            }
        }
        (Hop::Where(index, _, word), Value::List(items)) => {
            if let Some(item) = items.iter().find(|item| has_word(item, *index, word)) {
                walk(rest, item, see);
            }
        }
        (Hop::All, Value::List(items)) => items.iter().for_each(|item| walk(rest, item, see)),
        (Hop::Field(..) | Hop::Item(_) | Hop::Where(..) | Hop::All, _) => {}
    }
}

fn walk_with_path<'v, 'a>(
    hops: &[Hop],
    value: &'v Value<'a>,
    path: String,
    see: &mut impl FnMut(String, &'v Value<'a>),
) {
    let Some((hop, rest)) = hops.split_first() else {
        return see(path, value);
    };
    match (hop, value) {
        (Hop::Field(index, record), Value::Record(fields)) => {
            if let (Some(value), Some(field)) = (fields.get(*index), record.fields.get(*index)) {
                let dot = if path.is_empty() { "" } else { "." };
                walk_with_path(rest, value, format!("{path}{dot}{}", field.name), see);
            }
        }
        (hop, Value::List(items)) => {
            for (n, item) in items.iter().enumerate().filter(|(n, _)| chosen(hop, items, *n)) {
                walk_with_path(rest, item, format!("{path}[{n}]"), see);
            }
        }
        (Hop::Field(..) | Hop::Item(_) | Hop::Where(..) | Hop::All, _) => {}
    }
}

fn chosen(hop: &Hop, items: &[Value<'_>], n: usize) -> bool {
    match hop {
        Hop::Field(..) => false,
        Hop::Item(at) => *at == n,
        Hop::Where(index, _, word) => items.iter().position(|item| has_word(item, *index, word)) == Some(n),
        Hop::All => true,
    }
}

fn step<'v, 'a>(hop: &Hop, value: &'v mut Value<'a>) -> Option<&'v mut Value<'a>> {
    match hop {
        Hop::Field(index, record) => fields(value, record).get_mut(*index),
        Hop::Item(n) => {
            let items = items(value)?;
            if items.len() <= *n {
                items.resize(*n + 1, Value::Absent);
            }
            items.get_mut(*n)
        }
        Hop::Where(index, record, word) => {
            let items = items(value)?;
            let at = items
                .iter()
                .position(|item| has_word(item, *index, word))
                .unwrap_or_else(|| {
                    let mut item = Value::Absent;
                    if let Some(slot) = fields(&mut item, record).get_mut(*index) {
                        *slot = Value::Text(Cow::Owned(word.to_string()));
                    }
                    items.push(item);
                    items.len() - 1
                });
            items.get_mut(at)
        }
        Hop::All => None,
    }
}

/// The fields of a record, made when nothing stands there yet.
pub(crate) fn fields<'v, 'a>(value: &'v mut Value<'a>, record: &Record) -> &'v mut [Value<'a>] {
    if !matches!(value, Value::Record(_)) {
        *value = Value::Record(vec![Value::Absent; record.fields.len()]);
    }
    if let Value::Record(fields) = value {
        fields
    } else {
        &mut []
    }
}

fn items<'v, 'a>(value: &'v mut Value<'a>) -> Option<&'v mut Vec<Value<'a>>> {
    if matches!(value, Value::Absent) {
        *value = Value::List(Vec::new());
    }
    if let Value::List(items) = value {
        Some(items)
    } else {
        None
    }
}

fn has_word(item: &Value<'_>, index: usize, word: &str) -> bool {
    matches!(item, Value::Record(fields) if fields.get(index).and_then(Value::text) == Some(word))
}
