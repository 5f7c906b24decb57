//! From tables to units: tab-separated, one header line; every mistake is told at once, in its place.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::code::Place;
use super::successor::{Became, Evidence, Link, Relation};
use super::{Certainty, Row, UnitKind, Units};
use crate::model::{Day, Diagnostic};

/// The columns of a table of units, and of one of links.
const UNITS: [&str; 8] = [
    "code",
    "name",
    "within",
    "from",
    "until",
    "certainty",
    "instrument",
    "also",
];
const LINKS: [&str; 6] = ["old", "new", "on", "relation", "likely", "evidence"];

/// A row as it is read, and where it stands in its file.
struct Read<'t> {
    units: Units,
    rows: Vec<(Row, Spot<'t>)>,
    instruments: HashMap<&'t str, u16>,
    /// Days that were read before: there are few, and each stands in thousands of rows.
    days: HashMap<&'t str, Option<Day>>,
    mistakes: Vec<Diagnostic>,
}

/// A line of a file.
#[derive(Clone)]
struct Spot<'t> {
    file: &'t str,
    text: &'t str,
    place: Range<usize>,
}

pub(super) fn tables<'t>(
    files: impl IntoIterator<Item = (&'t str, &'t str)>,
) -> Result<Units, Vec<Diagnostic>> {
    let mut read = Read {
        units: Units {
            rows: Vec::new(),
            links: Vec::new(),
            back: Vec::new(),
            names: String::new(),
            instruments: Vec::new(),
            also: Vec::new(),
            index: OnceLock::new(),
        },
        rows: Vec::new(),
        instruments: HashMap::new(),
        days: HashMap::new(),
        mistakes: Vec::new(),
    };
    for (file, text) in files {
        read.table(file, text);
    }
    read.finish()
}

impl<'t> Read<'t> {
    fn table(&mut self, file: &'t str, text: &'t str) {
        let mut start = 0;
        let (mut columns, mut cells) = (0, Vec::new());
        for (n, line) in text.split_inclusive('\n').enumerate() {
            let spot = Spot {
                file,
                text,
                place: start..start + line.trim_end_matches(['\r', '\n']).len(),
            };
            start += line.len();
            cells.clear();
            cells.extend(text[spot.place.clone()].split('\t'));
            if n > 0 {
                self.row(columns, &cells, &spot);
            } else if cells == UNITS || cells == LINKS {
                columns = cells.len();
            } else {
                let wanted = format!("begin with {} or with {}", UNITS.join(", "), LINKS.join(", "));
                return self.mistake(&spot, wanted);
            }
        }
    }

    fn row(&mut self, columns: usize, cells: &[&'t str], spot: &Spot<'t>) {
        if cells.len() != columns {
            self.mistake(spot, format!("{columns} columns are wanted here"));
        } else if columns == UNITS.len() {
            self.unit(cells, spot);
        } else {
            self.link(cells, spot);
        }
    }

    fn mistake(&mut self, spot: &Spot<'_>, what: impl Into<String>) {
        self.mistakes
            .push(Diagnostic::at(spot.file, spot.text, &spot.place, what));
    }

    fn unit(&mut self, cells: &[&'t str], spot: &Spot<'t>) {
        let [code, name, within, from, until, certainty, instrument, also] = cells else {
            return;
        };
        let row = (|| {
            let place = Place::of_width(code).ok_or("a code has 2, 3 or 5 digits")?;
            let within = optional(within, Place::of_width).ok_or("no code of the unit above")?;
            let kind = UnitKind::of(name).ok_or("a name begins with what the unit is: Tỉnh, Huyện, Xã, …")?;
            let certainty = Certainty::read(certainty).ok_or("a certainty is A, B, C or D")?;
            let from = optional(from, |day| self.day(day)).ok_or(NO_DAY)?;
            let until = optional(until, |day| self.day(day)).ok_or(NO_DAY)?;
            let also = optional(also, Place::of_width).ok_or("no code that some write instead")?;
            Ok::<_, &str>((place, within, kind, certainty, from, until, also))
        })();
        let (place, within, kind, certainty, from, until, also) = match row {
            Ok(row) => row,
            Err(what) => return self.mistake(spot, what),
        };
        self.units.also.extend(also.map(|also| (also, place)));
        let row = Row {
            place,
            within,
            name: self.keep(name),
            from,
            until,
            certainty,
            instrument: self.instrument(instrument),
            kind,
        };
        self.rows.push((row, spot.clone()));
    }

    fn link(&mut self, cells: &[&'t str], spot: &Spot<'t>) {
        let [old, new, on, relation, likely, evidence] = cells else {
            return;
        };
        let link = (|| {
            let old = Place::of_width(old).ok_or("a code has 2, 3 or 5 digits")?;
            let on = self.day(on).ok_or(NO_DAY)?;
            let became = match (*relation, Place::of_width(new)) {
                ("abolished", None) if new.is_empty() => Became::Nothing,
                (relation, Some(new)) => Became::Unit {
                    new,
                    relation: Relation::read(relation).ok_or("no such relation")?,
                    likely: *likely == "1",
                    evidence: Evidence::read(evidence).ok_or("no such evidence")?,
                },
                (_, None) => return Err("no code of what it became"),
            };
            Ok(Link { old, on, became })
        })();
        match link {
            Ok(link) => self.units.links.push(link),
            Err(what) => self.mistake(spot, what),
        }
    }

    fn day(&mut self, text: &'t str) -> Option<Day> {
        *self.days.entry(text).or_insert_with(|| text.parse().ok())
    }

    fn keep(&mut self, name: &str) -> (u32, u32) {
        let end = |names: &str| u32::try_from(names.len()).unwrap_or(u32::MAX);
        let start = end(&self.units.names);
        self.units.names.push_str(name);
        (start, end(&self.units.names))
    }

    fn instrument(&mut self, text: &'t str) -> Option<u16> {
        if text.is_empty() {
            return None;
        }
        if let Some(at) = self.instruments.get(text) {
            return Some(*at);
        }
        let at = u16::try_from(self.units.instruments.len()).ok()?;
        self.units.instruments.push(text.into());
        self.instruments.insert(text, at);
        Some(at)
    }

    /// Puts all in order; a row without an end ends where the next of its code begins.
    fn finish(mut self) -> Result<Units, Vec<Diagnostic>> {
        self.rows.sort_by_key(|(row, _)| (row.place, row.from));
        let overlaps: Vec<Spot<'_>> = (1..self.rows.len())
            .filter_map(|at| overlap(&mut self.rows, at))
            .collect();
        for spot in overlaps {
            self.mistake(&spot, "this code means something else on some of these days");
        }
        let Self {
            mut units,
            rows,
            mistakes,
            ..
        } = self;
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        units.rows = rows.into_iter().map(|(row, _)| row).collect();
        units.names.shrink_to_fit();
        units.order_links();
        Ok(units)
    }
}

/// Ends the row before that one where it begins; gives the later one if both hold on some day.
fn overlap<'t>(rows: &mut [(Row, Spot<'t>)], at: usize) -> Option<Spot<'t>> {
    let (before, after) = rows.split_at_mut(at);
    let ((row, _), (next, spot)) = (before.last_mut()?, after.first()?);
    if row.place != next.place {
        return None;
    }
    row.until = row.until.or(next.from);
    let holds = next.from.is_none() || row.until > next.from || row.from >= row.until;
    holds.then(|| spot.clone())
}

const NO_DAY: &str = "no such day; write 2025-07-01";

/// What an empty cell does not say; `None` when the cell says something else.
fn optional<'t, T>(cell: &'t str, read: impl FnOnce(&'t str) -> Option<T>) -> Option<Option<T>> {
    if cell.is_empty() {
        Some(None)
    } else {
        read(cell).map(Some)
    }
}

impl Certainty {
    fn read(text: &str) -> Option<Self> {
        match text {
            "A" => Some(Self::A),
            "B" => Some(Self::B),
            "C" => Some(Self::C),
            "D" => Some(Self::D),
            _other => None,
        }
    }
}
