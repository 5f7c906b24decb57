//! Whether a filed unit and a held one are the same place, though one may be of before the mergers and the other of after.

use super::{Level, Relation, Successor, UnitCode, Units};
use crate::model::compare::{Comparison, Likeness, Rule};

impl Units {
    /// Compares two units, each on its own day: the earlier is followed to the day of the later. A part of a divided unit is
    /// a candidate, never the same.
    #[must_use]
    pub fn compare(&self, filed: &UnitCode, held: &UnitCode) -> Comparison {
        let (before, after) = if filed.on() <= held.on() {
            (filed, held)
        } else {
            (held, filed)
        };
        let incomparable = Comparison::new(Likeness::Incomparable, Rule::Kind);
        let (Ok(later), Ok(successor)) = (self.find(after), self.successor(before, after.on())) else {
            return incomparable;
        };
        match successor {
            Successor::One(continued) if continued.unit == later => match continued.relation {
                Relation::Same if filed == held => Comparison::new(Likeness::Equal, Rule::Unit),
                Relation::Same => Comparison::new(Likeness::Folded, Rule::Unit),
                Relation::Renamed => Comparison::new(Likeness::Folded, Rule::Successor),
                Relation::Merged => Comparison::new(Likeness::Agrees, Rule::Successor),
                Relation::Split => Comparison::new(Likeness::Candidate, Rule::Split),
            },
            Successor::Undecided(parts) if parts.iter().any(|part| part.unit == later) => {
                Comparison::new(Likeness::Candidate, Rule::Split)
            }
            // Of another level it is another kind of place; an island district became a special zone, which is a commune.
            Successor::One(continued) if continued.unit.level() != later.level() => incomparable,
            Successor::Undecided(_) if later.level() != Level::Commune => incomparable,
            Successor::One(_) | Successor::Undecided(_) => Comparison::new(Likeness::Differs, Rule::Unit),
            Successor::Abolished | Successor::Unknown => incomparable,
        }
    }
}
