//! The data of the re-ask guard: which supplement requests of a dossier ask for a paper that an active rule replaces, and
//! the reason each of them gives (rules.md R-05).

use super::law::{Reason, names};
use super::{Covered, Procedures};
use crate::model::{Day, Dossier, Supplement};

/// A supplement request that asks for what the state holds.
#[derive(Clone, Copy, Debug)]
pub struct Reask<'p> {
    /// Its place among the dossier's supplements.
    pub round: usize,
    /// The paper it names, and the rule that replaces that.
    pub covered: Covered<'p>,
    /// The reason it gives, if it gives one.
    pub reason: Option<&'p Reason>,
    /// Whether the round is over.
    pub settled: bool,
}

impl Procedures {
    /// Every supplement request of a dossier that names a paper whose data must be used on that day. A request names a
    /// paper by its code, among its components or in its text, and gives a reason by that reason's code in its text.
    #[must_use]
    pub fn asked_again(&self, dossier: &Dossier, on: Day) -> Vec<Reask<'_>> {
        let facts = &dossier.facts;
        if facts.supplements.is_empty() {
            return Vec::new();
        }
        let mut covered = self.covered(&facts.procedure.code, on, facts.owner.kind);
        covered.retain(|one| one.by.standing.is_due(on));
        let mut found = Vec::new();
        for (round, supplement) in facts.supplements.iter().enumerate() {
            let asked = covered.iter().filter(|one| names_paper(supplement, one.paper));
            found.extend(asked.map(|covered| Reask {
                round,
                covered: *covered,
                reason: self.reason(supplement),
                settled: supplement.settled == Some(true),
            }));
        }
        found
    }

    fn reason(&self, supplement: &Supplement) -> Option<&Reason> {
        let texts = [&supplement.wanted, &supplement.received_note];
        texts
            .into_iter()
            .flatten()
            .find_map(|text| self.laws().reason_in(text))
    }
}

fn names_paper(supplement: &Supplement, paper: &str) -> bool {
    let listed = supplement
        .components
        .iter()
        .any(|component| component.code.as_deref() == Some(paper));
    listed
        || supplement
            .wanted
            .as_deref()
            .is_some_and(|text| names(text, paper))
}
