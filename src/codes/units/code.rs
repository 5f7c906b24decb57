//! The code of a unit: its level, its digits and its day.

use std::fmt;

use crate::model::{self, Day};

/// A level of units. Each has a list of codes of its own, and digits of its own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Provinces and cities of the centre: 2 digits.
    Province,
    /// Districts, until 30 June 2025: 3 digits.
    District,
    /// Communes, wards, townships, special zones: 5 digits.
    Commune,
}

/// A level and a number: what stands in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) level: Level,
    pub(super) number: u32,
}

/// A unit's code, meant on a day. A level, digits and a day, or none at all:
///
/// ```
/// # use lienthong::codes::{Level, UnitCode};
/// let on = "2025-06-30".parse().unwrap();
/// assert!(UnitCode::new(Level::Commune, "19753", on).is_ok());
/// ```
///
/// ```compile_fail
/// # use lienthong::codes::{Level, UnitCode};
/// let code = UnitCode::new(Level::Commune, "19753");
/// ```
///
/// ```compile_fail
/// # use lienthong::codes::UnitCode;
/// let on: lienthong::model::Day = "2025-06-30".parse().unwrap();
/// let code = UnitCode::new("19753", on);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitCode {
    place: Place,
    on: Day,
}

/// Why that is no code of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUnitCode {
    /// It has other digits than a code of its level.
    #[error("the code of a {} has {} digits", .0.word(), .0.width())]
    Digits(Level),
    /// It is not said on which day it is meant: units were merged, and codes taken over.
    #[error("a code without its day: units were merged, and codes taken over")]
    Undated,
}

impl Level {
    /// All of them, from above.
    pub const ALL: [Self; 3] = [Self::Province, Self::District, Self::Commune];

    /// How many digits its codes have.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Province => 2,
            Self::District => 3,
            Self::Commune => 5,
        }
    }

    /// The level in a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
        }
    }
}

impl Place {
    /// That code, with all its zeros.
    pub(super) fn read(level: Level, code: &str) -> Result<Self, NotUnitCode> {
        let fits = code.len() == level.width() && code.bytes().all(|byte| byte.is_ascii_digit());
        let number = code.parse().ok().filter(|number| fits && *number > 0);
        number
            .map(|number| Self { level, number })
            .ok_or(NotUnitCode::Digits(level))
    }

    /// That code, of the level that has so many digits.
    pub(super) fn of_width(code: &str) -> Option<Self> {
        let level = Level::ALL.into_iter().find(|level| level.width() == code.len())?;
        Self::read(level, code).ok()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.number, width = self.level.width())
    }
}

/// It may be where somebody lives: only its level is told.
impl fmt::Debug for UnitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the code of a {}", self.place.level.word())
    }
}

impl UnitCode {
    /// That code of that level, meant on that day.
    ///
    /// # Errors
    /// [`NotUnitCode::Digits`] when it has other digits than its level's codes.
    pub fn new(level: Level, code: &str, on: Day) -> Result<Self, NotUnitCode> {
        Ok(Self::at(Place::read(level, code)?, on))
    }

    /// The same of a code that may have lost the zeros in front, as numbers do (`4` for `00004`), and whether it had.
    ///
    /// # Errors
    /// [`NotUnitCode::Digits`] when it has more digits than its level's codes, or others.
    pub fn padded(level: Level, code: &str, on: Day) -> Result<(Self, bool), NotUnitCode> {
        let (code, width) = (code.trim(), level.width());
        if code.is_empty() {
            return Err(NotUnitCode::Digits(level));
        }
        let whole = format!("{code:0>width$}");
        Ok((Self::new(level, &whole, on)?, whole != code))
    }

    /// The code of a unit as a dossier has it, if it has one.
    ///
    /// # Errors
    /// [`NotUnitCode::Undated`] when the unit does not say on which day its code is meant.
    pub fn of(level: Level, unit: &model::Unit) -> Result<Option<Self>, NotUnitCode> {
        let Some(code) = unit.code.as_deref().filter(|code| !code.trim().is_empty()) else {
            return Ok(None);
        };
        let whole = unit
            .on
            .and_then(|on| Day::new(on.year(), on.month()?, on.day()?).ok());
        let on = whole.ok_or(NotUnitCode::Undated)?;
        Self::padded(level, code, on).map(|(code, _)| Some(code))
    }

    pub(super) const fn at(place: Place, on: Day) -> Self {
        Self { place, on }
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Its level.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.place.level
    }

    /// The day it is meant on.
    #[must_use]
    pub const fn on(&self) -> Day {
        self.on
    }

    /// Its digits.
    #[must_use]
    pub fn code(&self) -> String {
        self.place.to_string()
    }
}
