//! What became of a unit. A unit that was divided has no successor until somebody decides: it is never rewritten by itself.

use super::code::Place;
use super::{NoUnit, Row, Unit, UnitCode, Units};
use crate::model::{Day, fold};

/// What became of a unit by another day.
#[derive(Clone, Debug, PartialEq)]
pub enum Successor<'u> {
    /// One unit, for certain.
    One(Continued<'u>),
    /// It was divided among several: a person decides which part is meant ([`Successor::decide`]).
    Undecided(Vec<Part<'u>>),
    /// Its level was abolished.
    Abolished,
    /// The tables do not say.
    Unknown,
}

/// The unit that goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Continued<'u> {
    /// It, on the day asked for.
    pub unit: Unit<'u>,
    /// How it relates to the unit asked for; the furthest of all steps between them.
    pub relation: Relation,
    /// What this rests on, the weakest of all steps; none when only its own name changed.
    pub evidence: Option<Evidence>,
    /// Who decided, where a unit was divided.
    pub decided: Option<Decision>,
}

/// One part of a divided unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'u> {
    /// The unit that took it, on the day asked for.
    pub unit: Unit<'u>,
    /// The tables guess that it took most. Nobody's address is rewritten by a guess.
    pub likely: bool,
    /// What this rests on.
    pub evidence: Evidence,
}

/// A unit that another came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Predecessor<'u> {
    /// It, on its last day.
    pub unit: Unit<'u>,
    /// What it is to the unit asked for.
    pub relation: Relation,
}

/// How a unit relates to the one before it, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The whole unit, under its own name.
    Same,
    /// The whole unit, under another name or of another kind.
    Renamed,
    /// The whole unit, with others.
    Merged,
    /// A part of the unit.
    Split,
}

/// What a link rests on, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Two sources, one of them the note of the resolution.
    Two,
    /// One source.
    One,
    /// A name of before that a later unit keeps as an alias.
    Alias,
    /// The sources disagree.
    Disputed,
}

/// Who says which part of a divided unit is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The applicant.
    Applicant,
    /// The officer.
    Officer,
    /// A street or a hamlet that lies in one part only.
    Street,
}

/// What was decided for is no part of the unit, or the unit was not divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that unit is no part of the divided one")]
pub struct NotAPart;

/// A row of the tables of links.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) old: Place,
    pub(super) on: Day,
    pub(super) became: Became,
}

/// What a link leads to.
#[derive(Clone, Debug)]
pub(super) enum Became {
    /// Nothing: its level was abolished.
    Nothing,
    /// A unit, or one of several.
    Unit {
        new: Place,
        relation: Relation,
        likely: bool,
        evidence: Evidence,
    },
}

/// The way gone so far.
#[derive(Clone, Copy)]
struct Way {
    relation: Relation,
    evidence: Option<Evidence>,
    likely: bool,
}

impl Relation {
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "same" => Some(Self::Same),
            "renamed" => Some(Self::Renamed),
            "merged" => Some(Self::Merged),
            "split" => Some(Self::Split),
            _other => None,
        }
    }
}

impl Evidence {
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "A+N" => Some(Self::Two),
            "A" => Some(Self::One),
            "alias" => Some(Self::Alias),
            "disputed" => Some(Self::Disputed),
            _other => None,
        }
    }
}

impl Units {
    /// What became of a unit by a day that is not before its own.
    ///
    /// # Errors
    /// [`NoUnit`] when no unit has that code on its day, or the day asked for is earlier.
    pub fn successor(&self, code: &UnitCode, on: Day) -> Result<Successor<'_>, NoUnit> {
        let unit = self.find(code)?;
        if on < code.on() {
            return Err(NoUnit::Earlier);
        }
        let way = Way {
            relation: Relation::Same,
            evidence: None,
            likely: true,
        };
        Ok(self.follow(unit.row, on, way))
    }

    /// The units that one came from, at the last change of its code before its day.
    ///
    /// # Errors
    /// [`NoUnit`] when no unit has that code on its day.
    pub fn predecessors(&self, code: &UnitCode) -> Result<Vec<Predecessor<'_>>, NoUnit> {
        let unit = self.find(code)?;
        let Some(from) = unit.from() else {
            return Ok(Vec::new());
        };
        let on = Day::from_days(from.days() - 1);
        let linked = self
            .leading_to(unit.row.place)
            .filter(|(link, _)| link.on == from);
        let linked = linked.filter_map(|(link, relation)| {
            let row = self.rows_of(link.old).iter().find(|row| row.holds(on))?;
            Some(Predecessor {
                unit: self.unit(row, on),
                relation,
            })
        });
        let mut found: Vec<_> = linked.collect();
        let unlinked = self.links_of(unit.row.place, from).is_empty();
        let before = self.rows_of(unit.row.place).iter().find(|row| row.holds(on));
        if let Some(row) = before.filter(|_| found.is_empty() && unlinked) {
            found.push(Predecessor {
                unit: self.unit(row, on),
                relation: self.in_place(row, unit.row),
            });
        }
        Ok(found)
    }

    /// Follows a row to a day, change by change.
    fn follow<'u>(&'u self, row: &'u Row, on: Day, way: Way) -> Successor<'u> {
        let Some(until) = row.until.filter(|until| *until <= on) else {
            return Successor::One(Continued {
                unit: self.unit(row, on),
                relation: way.relation,
                evidence: way.evidence,
                decided: None,
            });
        };
        let links = self.links_of(row.place, until);
        let next = |place: Place| self.rows_of(place).iter().find(|row| row.holds(until));
        match links {
            [] => next(row.place).map_or(Successor::Unknown, |after| {
                let relation = way.relation.max(self.in_place(row, after));
                self.follow(after, on, Way { relation, ..way })
            }),
            [link] => match link.became.step(way) {
                Some((new, way)) => next(new).map_or(Successor::Unknown, |row| self.follow(row, on, way)),
                None => Successor::Abolished,
            },
            parts => self.divided(parts, until, on, way),
        }
    }

    /// The parts of a divided unit, each followed on its own; one that was divided again gives its own parts.
    fn divided(&self, links: &[Link], until: Day, on: Day, way: Way) -> Successor<'_> {
        let mut parts = Vec::new();
        for link in links {
            let Some((new, way)) = link.became.step(way) else {
                return Successor::Unknown;
            };
            let Some(row) = self.rows_of(new).iter().find(|row| row.holds(until)) else {
                return Successor::Unknown;
            };
            match self.follow(row, on, way) {
                Successor::One(continued) => parts.push(Part {
                    unit: continued.unit,
                    likely: way.likely,
                    evidence: continued.evidence.unwrap_or(Evidence::One),
                }),
                Successor::Undecided(inner) => parts.extend(inner),
                Successor::Abolished | Successor::Unknown => return Successor::Unknown,
            }
        }
        Successor::Undecided(parts)
    }

    /// A change of name or of the unit above, under one code.
    fn in_place(&self, before: &Row, after: &Row) -> Relation {
        if fold::key(self.name(before)) == fold::key(self.name(after)) {
            Relation::Same
        } else {
            Relation::Renamed
        }
    }

    fn links_of(&self, old: Place, on: Day) -> &[Link] {
        let start = self.links.partition_point(|link| (link.old, link.on) < (old, on));
        let rest = &self.links[start..];
        &rest[..rest.partition_point(|link| (link.old, link.on) == (old, on))]
    }

    fn leading_to(&self, new: Place) -> impl Iterator<Item = (&Link, Relation)> {
        let link = |at: &u32| self.links.get(*at as usize);
        let leads = move |at: &u32| link(at).and_then(Link::new_place);
        let start = self.back.partition_point(|at| leads(at) < Some(new));
        let from = self.back[start..]
            .iter()
            .take_while(move |at| leads(at) == Some(new));
        from.filter_map(move |at| match link(at) {
            Some(found) => match found.became {
                Became::Unit { relation, .. } => Some((found, relation)),
                Became::Nothing => None,
            },
            None => None,
        })
    }

    /// Puts the links in order, and makes the way back.
    pub(super) fn order_links(&mut self) {
        self.links
            .sort_by_key(|link| (link.old, link.on, link.new_place()));
        let mut back: Vec<u32> = (0..u32::try_from(self.links.len()).unwrap_or(u32::MAX)).collect();
        let links = &self.links;
        back.sort_by_key(|at| links.get(*at as usize).map(|link| (link.new_place(), link.old)));
        self.back = back;
    }
}

impl Link {
    fn new_place(&self) -> Option<Place> {
        match self.became {
            Became::Unit { new, .. } => Some(new),
            Became::Nothing => None,
        }
    }
}

impl Became {
    /// Where a link leads, and the way with it.
    fn step(&self, way: Way) -> Option<(Place, Way)> {
        match *self {
            Self::Nothing => None,
            Self::Unit {
                new,
                relation,
                likely,
                evidence,
            } => Some((
                new,
                Way {
                    relation: way.relation.max(relation),
                    evidence: way.evidence.max(Some(evidence)),
                    likely: way.likely && likely,
                },
            )),
        }
    }
}

impl<'u> Successor<'u> {
    /// The part somebody decided for.
    ///
    /// # Errors
    /// [`NotAPart`] when it is none, or nothing was to decide.
    pub fn decide(self, part: &UnitCode, by: Decision) -> Result<Continued<'u>, NotAPart> {
        let Self::Undecided(parts) = self else {
            return Err(NotAPart);
        };
        let chosen = parts.into_iter().find(|one| one.unit.row.place == part.place());
        chosen
            .map(|part| Continued {
                unit: part.unit,
                relation: Relation::Split,
                evidence: Some(part.evidence),
                decided: Some(by),
            })
            .ok_or(NotAPart)
    }

    /// The unit that goes on, when that is certain or decided.
    #[must_use]
    pub fn one(&self) -> Option<&Continued<'u>> {
        match self {
            Self::One(continued) => Some(continued),
            Self::Undecided(_) | Self::Abolished | Self::Unknown => None,
        }
    }
}
