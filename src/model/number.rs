//! The dossier number.

use std::borrow::Cow;
use std::fmt;

use super::record::{Misfit, Misfitting, misfit};
use super::serial::through_shape;
use super::shape::Kind;
use super::{Fact, Value};

/// A dossier's number (mã hồ sơ, portal.md §5.1): opaque, 1 to 50 characters, never reformatted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Box<str>);

/// A text that cannot be a dossier number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a dossier number has 1 to 50 characters and no control characters")]
pub struct NotNumber;

impl Number {
    /// The number in that text, as it is.
    ///
    /// # Errors
    /// [`NotNumber`] when it is empty, too long or has control characters.
    pub fn new(text: &str) -> Result<Self, NotNumber> {
        let fits = !text.is_empty() && text.chars().count() <= 50 && !text.chars().any(char::is_control);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(NotNumber)
        }
    }

    /// The smallest one there is.
    pub(crate) fn first() -> Self {
        Self("1".into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Fact for Number {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(&self.0))
    }
    fn from_value(value: Value<'_>, misfits: &mut Vec<Misfit>) -> Option<Self> {
        let Value::Text(text) = value else {
            return misfit(Misfitting::of(&value), misfits);
        };
        Self::new(&text)
            .ok()
            .or_else(|| misfit(Misfitting::Number, misfits))
    }
}

through_shape!(Number);
