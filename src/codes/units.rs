//! Administrative units: what a code of a level meant on a day, and what became of it. Codes were taken over in 2025 by units
//! of other names, so that a code without its day means nothing, and cannot be asked for. Pure: texts in, units out.

mod alike;
mod code;
mod name;
mod read;
mod successor;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

pub use code::{Level, NotUnitCode, UnitCode};
pub use name::{Named, UnitKind};
pub use successor::{Continued, Decision, Evidence, NotAPart, Part, Predecessor, Relation, Successor};

use crate::model::{Day, Diagnostic};
use code::Place;
use name::Index;
use successor::Link;

/// All units, before and after, of one set of tables.
pub struct Units {
    /// By place, then by the day they begin.
    rows: Vec<Row>,
    /// By the place they start from and the day.
    links: Vec<Link>,
    /// The same by the place they lead to.
    back: Vec<u32>,
    /// All names, one after another.
    names: String,
    instruments: Vec<Box<str>>,
    /// Codes that some write instead.
    also: Vec<(Place, Place)>,
    /// Made when the first name is asked for.
    index: OnceLock<Index>,
}

/// What one code meant from one day to another.
#[derive(Clone, Debug)]
struct Row {
    place: Place,
    within: Option<Place>,
    /// Where in `names`.
    name: (u32, u32),
    from: Option<Day>,
    until: Option<Day>,
    certainty: Certainty,
    instrument: Option<u16>,
    kind: UnitKind,
}

/// How sure the days and the name of a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The law itself, or several sources.
    A,
    /// Two sources.
    B,
    /// One source, or a day that is known only roughly.
    C,
    /// Inferred.
    D,
}

/// Why a code cannot be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoUnit {
    /// No unit of that level ever had it.
    #[error("no unit has that code")]
    Unknown,
    /// One had it on other days.
    #[error("no unit has that code on that day")]
    NotThen,
    /// What became of a unit is asked for a day before it.
    #[error("what became of a unit is asked for an earlier day")]
    Earlier,
}

/// A unit as it was on a day.
#[derive(Clone, Copy)]
pub struct Unit<'u> {
    units: &'u Units,
    row: &'u Row,
    on: Day,
}

impl Units {
    /// Reads tables: each a text with the name diagnostics give its file. A table of units begins with the column `code`, one
    /// of links with the column `old`; a later table may add rows that go on where those of an earlier one end.
    ///
    /// # Errors
    /// Every mistake in all of them.
    pub fn read<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, Vec<Diagnostic>> {
        read::tables(files)
    }

    /// The unit that has a code on its day; a code that some write instead is known too.
    ///
    /// # Errors
    /// [`NoUnit`] when none has.
    pub fn find(&self, code: &UnitCode) -> Result<Unit<'_>, NoUnit> {
        let (rows, on) = (self.rows_of(self.known(code.place())), code.on());
        match rows.iter().find(|row| row.holds(on)) {
            Some(row) => Ok(self.unit(row, on)),
            None if rows.is_empty() => Err(NoUnit::Unknown),
            None => Err(NoUnit::NotThen),
        }
    }

    /// Everything a code ever meant, the oldest first, each as it was at its end.
    #[must_use]
    pub fn history(&self, level: Level, code: &str) -> Vec<Unit<'_>> {
        let Ok(place) = Place::read(level, code) else {
            return Vec::new();
        };
        let rows = self.rows_of(self.known(place));
        rows.iter().map(|row| self.unit(row, row.last_day())).collect()
    }

    /// All units of a level on a day, in the order of their codes; within a province or district, if one is given.
    pub fn all(&self, level: Level, within: Option<&UnitCode>, on: Day) -> impl Iterator<Item = Unit<'_>> {
        let within = within.map(UnitCode::place);
        let rows = self
            .rows
            .iter()
            .filter(move |row| row.place.level == level && row.holds(on));
        rows.map(move |row| self.unit(row, on)).filter(move |unit| {
            within
                .is_none_or(|within| unit.row.within == Some(within) || unit.province_place() == Some(within))
        })
    }

    /// How many rows and links there are.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.rows.len(), self.links.len())
    }

    const fn unit<'u>(&'u self, row: &'u Row, on: Day) -> Unit<'u> {
        Unit { units: self, row, on }
    }

    fn rows_of(&self, place: Place) -> &[Row] {
        let start = self.rows.partition_point(|row| row.place < place);
        let rest = &self.rows[start..];
        &rest[..rest.partition_point(|row| row.place == place)]
    }

    /// The place that the tables have for one that some write instead.
    fn known(&self, place: Place) -> Place {
        let alias = self.also.iter().find(|(also, _)| *also == place);
        alias
            .filter(|_| self.rows_of(place).is_empty())
            .map_or(place, |(_, known)| *known)
    }

    fn name(&self, row: &Row) -> &str {
        let (start, end) = row.name;
        self.names.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// Only how much there is.
impl std::fmt::Debug for Units {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} units", self.rows.len())
    }
}

impl Row {
    fn holds(&self, on: Day) -> bool {
        self.from.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on < until)
    }

    /// The last day it holds; the first of those that have no last; any day for those that have neither.
    fn last_day(&self) -> Day {
        match (self.until, self.from) {
            (Some(until), _) => Day::from_days(until.days() - 1),
            (None, Some(from)) => from,
            (None, None) => Day::from_days(0),
        }
    }
}

impl<'u> Unit<'u> {
    /// Its level.
    #[must_use]
    pub const fn level(self) -> Level {
        self.row.place.level
    }

    /// Its code, meant on the day it was asked for.
    #[must_use]
    pub const fn coded(self) -> UnitCode {
        UnitCode::at(self.row.place, self.on)
    }

    /// Its code, with all its zeros.
    #[must_use]
    pub fn code(self) -> String {
        self.row.place.to_string()
    }

    /// Other codes that some write for it.
    #[must_use]
    pub fn aliases(self) -> Vec<String> {
        let also = self.units.also.iter();
        let mine = also.filter(|(_, known)| *known == self.row.place);
        mine.map(|(alias, _)| alias.to_string()).collect()
    }

    /// Its name, with its kind in front: `Phường Phú Xuân`.
    #[must_use]
    pub fn name(self) -> &'u str {
        self.units.name(self.row)
    }

    /// Its name alone: `Phú Xuân`.
    #[must_use]
    pub fn short_name(self) -> &'u str {
        let name = self.name();
        let words = self.row.kind.words().split(' ').count();
        name.splitn(words + 1, ' ').last().unwrap_or(name)
    }

    /// What it is.
    #[must_use]
    pub const fn kind(self) -> UnitKind {
        self.row.kind
    }

    /// The unit it stood in: a province for districts and today's communes, a district for communes until July 2025.
    #[must_use]
    pub fn within(self) -> Option<Self> {
        let rows = self.units.rows_of(self.row.within?);
        let row = rows
            .iter()
            .find(|row| row.holds(self.on))
            .or_else(|| rows.last())?;
        Some(self.units.unit(row, self.on))
    }

    /// Its province; a province's is itself.
    #[must_use]
    pub fn province(self) -> Option<Self> {
        match self.level() {
            Level::Province => Some(self),
            Level::District | Level::Commune => self.within()?.province(),
        }
    }

    /// The first day it had this name and this place; `None` when it had them before the tables begin.
    #[must_use]
    pub const fn from(self) -> Option<Day> {
        self.row.from
    }

    /// The first day it no longer had them.
    #[must_use]
    pub const fn until(self) -> Option<Day> {
        self.row.until
    }

    /// How sure this is.
    #[must_use]
    pub const fn certainty(self) -> Certainty {
        self.row.certainty
    }

    /// What made it so, where one instrument did.
    #[must_use]
    pub fn instrument(self) -> Option<&'u str> {
        let at = usize::from(self.row.instrument?);
        self.units.instruments.get(at).map(|text| &**text)
    }

    fn province_place(self) -> Option<Place> {
        self.province().map(|province| province.row.place)
    }
}

impl PartialEq for Unit<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.row, other.row)
    }
}

impl std::fmt::Debug for Unit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.row.place, self.name())
    }
}
