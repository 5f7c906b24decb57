//! Filed against held: whether an answer is about the subject at all, and whether two values are the same.

use crate::codes::{Level, UnitCode, Units};
use crate::model::compare::{self, Comparison, Likeness, Rule};
use crate::model::{Address, Fact, Held, Kind, Unit, Value};

use super::Ground;
use crate::reuse::question::Question;

/// Whom an answer is about.
pub(super) enum Subject {
    /// The subject of the question.
    Same,
    /// The subject's number, with another name or birth date: which of them.
    Differs(Vec<(&'static str, Comparison)>),
    /// Somebody else.
    Stranger,
}

/// Whether an answer is about the subject of the question. A name that is the same without accents and spaces counts, as
/// the population database itself counts (national-databases.md §2.9); that it is spelt otherwise shows when it is verified.
pub(super) fn subject(question: &Question, held: &Held) -> Subject {
    let asked = &question.identity;
    let (person, business, insured) = (&held.person, &held.business, &held.insurance);
    if let Some(code) = &business.code {
        return if compare::tax(&asked.number, code).holds() {
            Subject::Same
        } else {
            Subject::Stranger
        };
    }
    if let Some(number) = &person.number {
        let same = compare::identity(&asked.number, number, person.old_number.as_deref());
        if !same.holds() {
            return Subject::Stranger;
        }
    }
    let name = person.name.as_ref().or(insured.name.as_ref());
    let born = person.born.or(insured.born);
    let names = asked.name.as_deref().zip(name);
    let names = names.map(|(asked, held)| ("name", compare::text(asked, held)));
    let births = asked.born.zip(born);
    let births = births.map(|(asked, held)| ("born", compare::date(asked, held)));
    let differ = names
        .into_iter()
        .chain(births)
        .filter(|(_, found)| !counts(*found));
    let differ: Vec<_> = differ.collect();
    if differ.is_empty() {
        Subject::Same
    } else {
        Subject::Differs(differ)
    }
}

fn counts(found: Comparison) -> bool {
    found.holds() || (found.likeness == Likeness::Candidate && found.rule != Rule::ImpossibleDay)
}

/// Compares by what the fact is.
pub(super) fn values(
    ours: &str,
    kind: Kind,
    filed: &Value<'_>,
    held: &Value<'_>,
    ground: &Ground<'_>,
) -> Comparison {
    match (kind, filed, held) {
        (Kind::Record(record), _, _) if record.name == Address::RECORD.name => address(filed, held, ground),
        (Kind::Date, Value::Date(filed), Value::Date(held)) => compare::date(*filed, *held),
        (Kind::Text, Value::Text(filed), Value::Text(held)) if ours.ends_with(".number") => {
            compare::identity(filed, held, None)
        }
        (Kind::Text, Value::Text(filed), Value::Text(held)) => compare::text(filed, held),
        (Kind::Code(_) | Kind::Int | Kind::Bool | Kind::Time, filed, held) => compare::word(filed, held),
        (Kind::Text | Kind::Date | Kind::Record(_) | Kind::List(_), _, _) => {
            Comparison::new(Likeness::Incomparable, Rule::Kind)
        }
    }
}

/// Two addresses agree as far as both name units; texts of an address are too free to decide anything.
fn address(filed: &Value<'_>, held: &Value<'_>, ground: &Ground<'_>) -> Comparison {
    let read = |value: &Value<'_>| Address::from_value(value.share(), &mut Vec::new()).unwrap_or_default();
    let (filed, held) = (read(filed), read(held));
    let levels = [
        (Level::Province, &filed.province, &held.province),
        (Level::Commune, &filed.commune, &held.commune),
    ];
    let worst = levels
        .into_iter()
        .filter_map(|(level, filed, held)| units(ground, level, filed, held))
        .max_by_key(|found| found.likeness);
    worst.unwrap_or(Comparison::new(Likeness::Incomparable, Rule::Nothing))
}

fn units(ground: &Ground<'_>, level: Level, filed: &Unit, held: &Unit) -> Option<Comparison> {
    let on_some_day = |unit: &Unit| {
        let on = unit.on.or_else(|| ground.on.to_string().parse().ok());
        let dated = Unit { on, ..unit.clone() };
        UnitCode::of(level, &dated).ok().flatten()
    };
    let all: &Units = ground.units;
    Some(all.compare(&on_some_day(filed)?, &on_some_day(held)?))
}
