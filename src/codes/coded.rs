//! A code with its list and its day: the three that make it mean something.

use super::Codes;
use crate::model::{CodeLists, Day};

/// A code of a list, meant on a day. There is none without its list and its day:
///
/// ```
/// # use lienthong::{codes::Coded, model::Day};
/// let on: Day = "2026-01-15".parse().unwrap();
/// let coded = Coded::new("ethnicity-1979", "04", on);
/// assert_eq!((coded.list(), coded.code(), coded.on()), ("ethnicity-1979", "04", on));
/// ```
///
/// ```compile_fail
/// # use lienthong::{codes::Coded, model::Day};
/// let coded = Coded::new("ethnicity-1979", "04");
/// ```
///
/// ```compile_fail
/// # use lienthong::{codes::Coded, model::Day};
/// let on: Day = "2026-01-15".parse().unwrap();
/// let coded = Coded { code: "04".into(), on };
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Coded {
    list: Box<str>,
    code: Box<str>,
    on: Day,
}

/// Why a code has none of its like in another list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExchanged {
    /// There is no such list.
    #[error("there is no code list `{0}`")]
    List(String),
    /// The two lists speak of different things.
    #[error("code list `{from}` speaks of other things than `{into}`")]
    Set {
        /// The list it is of.
        from: String,
        /// The list asked for.
        into: String,
    },
    /// Its list says that it says nothing.
    #[error("this code of `{0}` says nothing")]
    Silent(String),
    /// Its list does not have it on that day.
    #[error("code list `{0}` does not have this code on that day")]
    Unknown(String),
    /// The other list has no word for it.
    #[error("code list `{into}` has no word for it{}", .why.as_deref().map_or_else(String::new, |why| format!(": {why}")))]
    Unsaid {
        /// The list asked for.
        into: String,
        /// Its own reason, if it gives one.
        why: Option<String>,
    },
}

impl Coded {
    /// That code of that list, meant on that day.
    #[must_use]
    pub fn new(list: &str, code: &str, on: Day) -> Self {
        Self {
            list: list.into(),
            code: code.into(),
            on,
        }
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> &str {
        &self.list
    }

    /// The code, as it is written there.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The day it is meant on.
    #[must_use]
    pub const fn on(&self) -> Day {
        self.on
    }
}

/// A code may be about a person: only its list is told.
impl std::fmt::Debug for Coded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a code of {}", self.list)
    }
}

impl Codes {
    /// Our word for a code, at that site.
    ///
    /// # Errors
    /// [`NotExchanged`] when its list is unknown, does not have it on that day, or says that it says nothing.
    pub fn meaning(&self, coded: &Coded, site: &str) -> Result<&str, NotExchanged> {
        let list = coded.list();
        if !self.lists.contains_key(list) {
            return Err(NotExchanged::List(list.to_owned()));
        }
        if self.silent(list, coded.code()) {
            return Err(NotExchanged::Silent(list.to_owned()));
        }
        self.read(list, site, coded.code(), coded.on())
            .ok_or_else(|| NotExchanged::Unknown(list.to_owned()))
    }

    /// The code of another list for the same thing, meant on the same day.
    ///
    /// # Errors
    /// [`NotExchanged`] says which of the two lists does not go along, and why.
    pub fn exchange(&self, coded: &Coded, into: &str, site: &str) -> Result<Coded, NotExchanged> {
        let ours = self.meaning(coded, site)?;
        if !self.lists.contains_key(into) {
            return Err(NotExchanged::List(into.to_owned()));
        }
        if self.set(coded.list()) != self.set(into) {
            return Err(NotExchanged::Set {
                from: coded.list().to_owned(),
                into: into.to_owned(),
            });
        }
        match self.write(into, site, ours, coded.on()) {
            Some(code) => Ok(Coded::new(into, code, coded.on())),
            None => Err(NotExchanged::Unsaid {
                into: into.to_owned(),
                why: self.omits(into, ours).map(str::to_owned),
            }),
        }
    }
}
