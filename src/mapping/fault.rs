//! What can be wrong with one value when a document is read or written; the value itself is never told.

use std::fmt;

use crate::model::{Misfitting, Owner};

/// How many faults one run reports.
pub(crate) const FAULTS: usize = 100;

/// One value that stops a dossier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {wrong}")]
pub struct Fault {
    /// JSON pointer into their document.
    pub pointer: String,
    /// Our path, where a fact is meant.
    pub ours: Option<String>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is required and not there.
    Missing,
    /// Another type stands there.
    Type {
        /// What is wanted.
        wanted: &'static str,
    },
    /// Not a time in that form, or one that does not exist.
    Time {
        /// The form wanted.
        form: String,
    },
    /// Not a date in those forms, or one that does not exist.
    Date,
    /// A word that the code list does not have on that day.
    Code {
        /// The list.
        list: String,
        /// The word, at most 40 characters of it: the one value a fault may tell.
        word: String,
    },
    /// Longer than may be sent.
    Long {
        /// Characters allowed.
        max: usize,
    },
    /// Not a whole number in the wanted spelling.
    Number,
    /// The text holds the mark that separates items.
    Separator,
    /// Not a national procedure code, `d.dddddd`.
    Procedure,
    /// Not a dossier number.
    DossierNumber,
    /// A text that should hold a document, and does not.
    Document,
}

impl Wrong {
    /// An unknown word of a list, told in at most 40 characters.
    pub(crate) fn code(list: &str, word: &str) -> Self {
        Self::Code {
            list: list.to_owned(),
            word: word.chars().take(40).collect(),
        }
    }

    /// Who can mend it.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        match self {
            Self::Missing | Self::Long { .. } | Self::Procedure | Self::DossierNumber => Owner::Officer,
            Self::Code { .. } => Owner::Gateway,
            Self::Type { .. }
            | Self::Time { .. }
            | Self::Date
            | Self::Number
            | Self::Separator
            | Self::Document => Owner::System,
        }
    }

    /// The key of what to do next.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Missing => "fill-field",
            Self::Long { .. } => "shorten-field",
            Self::Procedure | Self::DossierNumber => "correct-field",
            Self::Code { .. } => "extend-code-list",
            Self::Type { .. }
            | Self::Time { .. }
            | Self::Date
            | Self::Number
            | Self::Separator
            | Self::Document => "correct-system",
        }
    }
}

impl From<Misfitting> for Wrong {
    fn from(why: Misfitting) -> Self {
        match why {
            Misfitting::Missing => Self::Missing,
            Misfitting::Kind => Self::Type {
                wanted: "another type",
            },
            Misfitting::Word => Self::code("our own words", ""),
            Misfitting::Number => Self::DossierNumber,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is required and not there"),
            Self::Type { wanted } => write!(f, "{wanted} is wanted"),
            Self::Time { form } => write!(f, "not a time as {form}"),
            Self::Date => f.write_str("not a date in the wanted form"),
            Self::Code { list, word } => write!(f, "code list {list} has no `{word}`"),
            Self::Long { max } => write!(f, "longer than {max} characters"),
            Self::Number => f.write_str("not a whole number in the wanted spelling"),
            Self::Separator => f.write_str("it holds the mark that separates items"),
            Self::Procedure => f.write_str("not a national procedure code"),
            Self::DossierNumber => f.write_str("not a dossier number"),
            Self::Document => f.write_str("not a document in a text"),
        }
    }
}
