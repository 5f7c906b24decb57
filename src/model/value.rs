//! The value tree the mapping engine works on: facts by position, borrowed where they can be.

use std::borrow::Cow;
use std::fmt;

use super::{PartialDate, Time};

/// One fact, or a tree of them. Records are positional: index *n* is the record's field *n*.
#[derive(Clone, PartialEq, Default)]
pub enum Value<'a> {
    /// Nothing is known.
    #[default]
    Absent,
    /// Text, and the word of a code.
    Text(Cow<'a, str>),
    /// A whole number; money is whole đồng.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// An instant.
    Time(Time),
    /// A date that may lack day or month.
    Date(PartialDate),
    /// The fields of a record, in the order of its shape.
    Record(Vec<Value<'a>>),
    /// The items of a list.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// True when nothing in it says anything: absent, an empty list, a record of absent fields.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Record(fields) => fields.iter().all(Value::is_absent),
            Self::List(items) => items.is_empty(),
            Self::Text(_) | Self::Int(_) | Self::Bool(_) | Self::Time(_) | Self::Date(_) => false,
        }
    }

    /// The text, if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The same value, borrowing its texts.
    #[must_use]
    pub fn share(&self) -> Value<'_> {
        match self {
            Self::Absent => Value::Absent,
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Int(number) => Value::Int(*number),
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Time(time) => Value::Time(*time),
            Self::Date(date) => Value::Date(*date),
            Self::Record(fields) => Value::Record(fields.iter().map(Value::share).collect()),
            Self::List(items) => Value::List(items.iter().map(Value::share).collect()),
        }
    }

    /// The same value, owning its texts.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Absent => Value::Absent,
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Int(number) => Value::Int(number),
            Self::Bool(yes) => Value::Bool(yes),
            Self::Time(time) => Value::Time(time),
            Self::Date(date) => Value::Date(date),
            Self::Record(fields) => Value::Record(fields.into_iter().map(Value::into_owned).collect()),
            Self::List(items) => Value::List(items.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// What kind of value it is, in a word for messages.
    #[must_use]
    pub const fn sort(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Text(_) => "text",
            Self::Int(_) => "number",
            Self::Bool(_) => "yes or no",
            Self::Time(_) => "time",
            Self::Date(_) => "date",
            Self::Record(_) => "record",
            Self::List(_) => "list",
        }
    }
}

/// Facts are personal data: only their kind may reach a log or a panic.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sort())
    }
}
