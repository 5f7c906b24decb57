//! What was found, taken in: is it about the subject at all, which empty facts it fills, which filed ones agree or differ,
//! which papers it stands for. Nothing filed is rewritten.

mod compare;
mod papers;

use crate::model::compare::{Comparison, Likeness};
use crate::model::{
    Day, Difference, Dossier, Fact, Facts, Finding, Held, How, Origin, Path, Provenance, Time, Unused, Value,
};
use crate::procedures::Laws;

use super::question::Question;
pub use papers::{claims, consulted};

/// What a finding stands on.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// The look-up that brought it.
    pub provenance: Provenance,
    /// The class of its answer.
    pub class: &'a str,
    /// The laws, which say what a set of facts lets be seen.
    pub laws: &'a Laws,
    /// Administrative units, to compare addresses by.
    pub units: &'a crate::codes::Units,
    /// The day codes are meant on where they do not say so themselves.
    pub on: Day,
}

impl Ground<'_> {
    fn at(&self) -> Time {
        self.provenance.retrieved_at
    }

    fn origin(&self) -> Origin {
        Origin {
            held: Some(Box::new(self.provenance.clone())),
            ..Origin::new(How::Reused, database(&self.provenance.service), self.at())
        }
    }

    fn finding(&self, question: &Question) -> Finding {
        Finding {
            class: Some(self.class.to_owned()),
            unused: None,
            profile: self.provenance.profile.clone(),
            evidence: Some(self.provenance.evidence.clone()),
            as_of: self.provenance.as_of,
            ..question.unused(Unused::NotAnswered, self.at())
        }
    }
}

fn database(service: &str) -> &str {
    service.split('/').next().unwrap_or_default()
}

/// Takes in what was found about the subject of a question. An answer about another person, or one whose name or birth date
/// differs, gives nothing but the names of what differs.
pub fn take(dossier: &mut Dossier, question: &Question, held: &Held, ground: &Ground<'_>) -> Finding {
    let mut finding = ground.finding(question);
    match compare::subject(question, held) {
        // What answers another question can be relied on no more than what cannot be read.
        compare::Subject::Stranger => {
            finding.class = Some(wire::Class::UpstreamMalformed.word().to_owned());
            finding.unused = Some(Unused::Stranger);
        }
        compare::Subject::Differs(facts) => {
            let differs = facts.into_iter().map(|(fact, comparison)| {
                let fact = format!("{}.{fact}", question.subject);
                differs(dossier, ground, &fact, comparison)
            });
            finding.differs = differs.collect();
            finding.class = Some(wire::Class::Mismatch.word().to_owned());
            finding.unused = Some(Unused::Mismatch);
        }
        compare::Subject::Same => {
            verify(dossier, question, held, ground, &mut finding);
            fill(dossier, question, held, ground, &mut finding);
            finding.replaced = papers::replace(dossier, question, held, &ground.origin());
        }
    }
    finding
}

fn differs(dossier: &Dossier, ground: &Ground<'_>, fact: &str, comparison: Comparison) -> Difference {
    Difference {
        fact: fact.to_owned(),
        how: how(comparison),
        filed_at: dossier.origin(fact).at,
        held_at: ground.provenance.as_of.unwrap_or(ground.at()),
    }
}

fn how(comparison: Comparison) -> String {
    format!("{} ({})", comparison.likeness.word(), comparison.rule.word())
}

/// The value that the sets of a question let be seen; none when they do not, or when nothing is held.
fn seen<'v>(
    held: &'v Value<'v>,
    path: &str,
    question: &Question,
    ground: &Ground<'_>,
) -> Option<&'v Value<'v>> {
    if !ground.laws.allows(&question.sets, path) {
        return None;
    }
    let path = Path::parse(path, Held::RECORD).ok()?;
    path.find(held).filter(|value| !value.is_absent())
}

fn fill(dossier: &mut Dossier, question: &Question, held: &Held, ground: &Ground<'_>, finding: &mut Finding) {
    let held = held.value();
    for (ours, theirs) in &question.fills {
        let Some(value) = seen(&held, theirs, question, ground) else {
            continue;
        };
        // A field that only the form has is nothing of the dossier's.
        if let Ok(true) = dossier.fill(ours, value.share(), ground.origin()) {
            finding.filled.push(ours.clone());
        }
    }
}

fn verify(
    dossier: &mut Dossier,
    question: &Question,
    held: &Held,
    ground: &Ground<'_>,
    finding: &mut Finding,
) {
    let held = held.value();
    for (ours, theirs) in &question.verifies {
        let Some(value) = seen(&held, theirs, question, ground) else {
            continue;
        };
        let Some(comparison) = compared(dossier, ours, value, ground) else {
            continue;
        };
        if comparison.holds() {
            let origin = Origin {
                verified: Some(Box::new(ground.provenance.clone())),
                ..dossier.origin(ours).clone()
            };
            dossier.origins.note(ours, origin);
            finding.verified.push(ours.clone());
        } else if comparison.likeness != Likeness::Incomparable {
            finding.differs.push(differs(dossier, ground, ours, comparison));
        }
    }
}

/// A filed fact held against a held one; none when nothing was filed.
fn compared(dossier: &Dossier, ours: &str, held: &Value<'_>, ground: &Ground<'_>) -> Option<Comparison> {
    let path = Path::parse(ours, Facts::RECORD).ok()?;
    let facts = dossier.facts.value();
    let filed = path.find(&facts).filter(|value| !value.is_absent())?;
    Some(compare::values(ours, path.kind(), filed, held, ground))
}
