//! `record!` and `words!`: one definition gives the struct, its serde form, its shape and both conversions.

use std::borrow::Cow;
use std::fmt;

use super::shape::Kind;
use super::{PartialDate, Time, Value};

/// What can be a fact: a scalar, a code, a record, or a list or option of one.
pub trait Fact: Sized {
    /// Its kind.
    const KIND: Kind;
    /// Its value, borrowing.
    fn value(&self) -> Value<'_>;
    /// Itself from a value; everything that does not fit is added to `misfits`.
    fn from_value(value: Value<'_>, misfits: &mut Vec<Misfit>) -> Option<Self>;
}

/// Why a value is not the fact it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfitting {
    /// A required fact is absent.
    Missing,
    /// Another kind of value stands there.
    Kind,
    /// The word is none of the code's.
    Word,
    /// A dossier number that cannot be one.
    Number,
}

/// One value that does not fit, and where; never the value itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {why}")]
pub struct Misfit {
    /// The path of ours, from the record asked for.
    pub path: String,
    /// What is wrong there.
    pub why: Misfitting,
}

impl Misfitting {
    /// What is wrong with a value of another kind: it is missing, or it is that other kind.
    pub(crate) const fn of(value: &Value<'_>) -> Self {
        if matches!(value, Value::Absent) {
            Self::Missing
        } else {
            Self::Kind
        }
    }
}

impl fmt::Display for Misfitting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "a required fact is missing",
            Self::Kind => "the wrong kind of value",
            Self::Word => "a word the code does not have",
            Self::Number => "not a dossier number",
        })
    }
}

/// Notes a misfit at the place being read.
pub(crate) fn misfit<T>(why: Misfitting, misfits: &mut Vec<Misfit>) -> Option<T> {
    misfits.push(Misfit {
        path: String::new(),
        why,
    });
    None
}

/// Reads one part of a fact; whatever does not fit gets `name` put before its path.
pub(crate) fn part<T: Fact>(
    name: impl fmt::Display,
    value: Value<'_>,
    misfits: &mut Vec<Misfit>,
) -> Option<T> {
    let before = misfits.len();
    let fact = T::from_value(value, misfits);
    for misfit in &mut misfits[before..] {
        let dot = if misfit.path.is_empty() || misfit.path.starts_with('[') {
            ""
        } else {
            "."
        };
        misfit.path = format!("{name}{dot}{}", misfit.path);
    }
    fact
}

macro_rules! scalar {
    ($type:ty, $kind:expr, $variant:ident) => {
        impl Fact for $type {
            const KIND: Kind = $kind;
            fn value(&self) -> Value<'_> {
                Value::$variant(self.clone())
            }
            fn from_value(value: Value<'_>, misfits: &mut Vec<Misfit>) -> Option<Self> {
                if let Value::$variant(fact) = value {
                    Some(fact)
                } else {
                    misfit(Misfitting::of(&value), misfits)
                }
            }
        }
    };
}

scalar!(i64, Kind::Int, Int);
scalar!(bool, Kind::Bool, Bool);
scalar!(Time, Kind::Time, Time);
scalar!(PartialDate, Kind::Date, Date);

impl Fact for String {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
    fn from_value(value: Value<'_>, misfits: &mut Vec<Misfit>) -> Option<Self> {
        if let Value::Text(text) = value {
            Some(text.into_owned())
        } else {
            misfit(Misfitting::of(&value), misfits)
        }
    }
}

impl<T: Fact> Fact for Option<T> {
    const KIND: Kind = T::KIND;
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Absent, Fact::value)
    }
    fn from_value(value: Value<'_>, misfits: &mut Vec<Misfit>) -> Option<Self> {
        if matches!(value, Value::Absent) {
            Some(None)
        } else {
            T::from_value(value, misfits).map(Some)
        }
    }
}

impl<T: Fact> Fact for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
    fn value(&self) -> Value<'_> {
        Value::List(self.iter().map(Fact::value).collect())
    }
    fn from_value(value: Value<'_>, misfits: &mut Vec<Misfit>) -> Option<Self> {
        let items = if let Value::List(items) = value {
            items
        } else if matches!(value, Value::Absent) {
            Vec::new()
        } else {
            return misfit(Misfitting::Kind, misfits);
        };
        let (mut facts, count) = (Vec::with_capacity(items.len()), items.len());
        for (n, item) in items.into_iter().enumerate() {
            facts.extend(part::<T>(format_args!("[{n}]"), item, misfits));
        }
        (facts.len() == count).then_some(facts)
    }
}

/// A record: struct, shape, both conversions and serde form from one list of fields.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident, $word:literal { $($field:ident: $type:ty = $doc:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        pub struct $name { $(#[doc = $doc] pub $field: $type,)* }

        impl $name {
            /// Its shape: the names, kinds and meanings of its fields.
            pub const RECORD: &'static $crate::model::Record = &$crate::model::Record {
                name: $word,
                fields: &[$($crate::model::Field {
                    name: stringify!($field),
                    doc: $doc,
                    kind: <$type as $crate::model::Fact>::KIND,
                },)*],
            };
        }

        impl $crate::model::Fact for $name {
            const KIND: $crate::model::Kind = $crate::model::Kind::Record(Self::RECORD);
            fn value(&self) -> $crate::model::Value<'_> {
                $crate::model::Value::Record(vec![$($crate::model::Fact::value(&self.$field),)*])
            }
            fn from_value(
                value: $crate::model::Value<'_>,
                misfits: &mut Vec<$crate::model::Misfit>,
            ) -> Option<Self> {
                let values = if let $crate::model::Value::Record(values) = value {
                    values
                } else if matches!(value, $crate::model::Value::Absent) {
                    Vec::new()
                } else {
                    return $crate::model::record::misfit($crate::model::Misfitting::Kind, misfits);
                };
                let mut values = values.into_iter();
                $(let $field = $crate::model::record::part(
                    stringify!($field),
                    values.next().unwrap_or_default(),
                    misfits,
                );)*
                Some(Self { $($field: $field?,)* })
            }
        }

        $crate::model::serial::through_shape!($name);

        /// Names the facts that are there; never what they say.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($word)?;
                let mut names = f.debug_set();
                $(if !$crate::model::Fact::value(&self.$field).is_absent() {
                    names.entry(&stringify!($field));
                })*
                names.finish()
            }
        }
    };
}
pub(crate) use record;

/// A code of ours: an enum whose variants are words in kebab-case.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $set:literal { $($variant:ident = $word:literal, $doc:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $doc] $variant,)* }

        impl $name {
            /// The closed set of its words.
            pub const WORDS: &'static $crate::model::Words =
                &$crate::model::Words { name: $set, words: &[$($word,)*] };
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one with that word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl $crate::model::Fact for $name {
            const KIND: $crate::model::Kind = $crate::model::Kind::Code(Self::WORDS);
            fn value(&self) -> $crate::model::Value<'_> {
                $crate::model::Value::Text(std::borrow::Cow::Borrowed(self.word()))
            }
            fn from_value(
                value: $crate::model::Value<'_>,
                misfits: &mut Vec<$crate::model::Misfit>,
            ) -> Option<Self> {
                let $crate::model::Value::Text(word) = &value else {
                    return $crate::model::record::misfit($crate::model::Misfitting::of(&value), misfits);
                };
                Self::from_word(word)
                    .or_else(|| $crate::model::record::misfit($crate::model::Misfitting::Word, misfits))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        $crate::model::serial::through_shape!($name);
    };
}
pub(crate) use words;
