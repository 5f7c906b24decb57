//! A dossier against its procedure: what does not fit it, with its place in the pushed body; what of that refuses it, and
//! what is counted.

use super::{Outbound, Refusal};
use crate::intake::System;
use crate::model::Dossier;
use crate::procedures::{Procedures, Remark, What};
use crate::translate;

/// A thing about a dossier that does not fit its procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Where in the pushed body, as far as that can be told.
    pub pointer: String,
    /// What it is.
    pub remark: Remark,
}

/// What is counted of an accepted dossier.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    remarks: Vec<&'static str>,
    /// The reason that each request gives which asks for what the state holds.
    reasks: Vec<String>,
}

impl Outbound {
    /// What does not fit about a dossier of that system, on the day that its papers were asked for. It is worked out each
    /// time it is asked for: what reuse has filled in meanwhile is no longer missing. A fact that the system's format has no
    /// field for is not missed.
    pub fn remarks(&self, system: &str, dossier: &Dossier) -> Vec<Unfit> {
        let mapping = self
            .parts
            .systems
            .named(system)
            .map(|system| system.mapping.as_str());
        let translator = &self.parts.translator;
        let on = translate::day(dossier).day();
        let place = |remark: Remark| Unfit {
            pointer: translator.pointer(mapping.unwrap_or_default(), &remark.path),
            remark,
        };
        let told = |unfit: &Unfit| unfit.remark.what != What::MissingFact || !unfit.pointer.is_empty();
        let judged = translator.procedures().judge(dossier, on).into_iter();
        judged.map(place).filter(told).collect()
    }

    /// Nobody asks the citizen for what the state holds, unless with a reason: an open request for it without one is
    /// refused, and counted as those with a reason are.
    pub(super) fn guard(&self, system: &System, dossier: &Dossier) -> Result<(), Refusal> {
        let translator = &self.parts.translator;
        let again = translator
            .procedures()
            .asked_again(dossier, translate::day(dossier).day());
        let bare = again.iter().filter(|one| !one.settled && one.reason.is_none());
        let refused: Vec<Unfit> = bare
            .map(|one| {
                let path = format!("supplements[{}].wanted", one.round);
                let what = What::AskedAgain {
                    code: one.covered.paper.to_owned(),
                    basis: one.covered.by.basis.clone(),
                };
                Unfit {
                    pointer: translator.pointer(&system.mapping, &path),
                    remark: Remark { path, what },
                }
            })
            .collect();
        if refused.is_empty() {
            return Ok(());
        }
        Tally {
            remarks: Vec::new(),
            reasks: vec!["refused".to_owned(); refused.len()],
        }
        .count();
        Err(Refusal::AskedAgain(refused))
    }

    /// Whether a dossier fits its procedure well enough to be accepted; what is to be counted when it is.
    pub(super) fn fits(&self, system: &System, dossier: &Dossier) -> Result<Tally, Refusal> {
        let unfit = self.remarks(&system.name, dossier);
        let procedures = self.parts.translator.procedures();
        let strict = procedures
            .find(&dossier.facts.procedure.code)
            .is_some_and(|procedure| procedure.strict);
        let status = dossier.facts.status;
        let refuses = |unfit: &Unfit| strict && unfit.remark.what.refuses(status);
        let (refusing, noted): (Vec<_>, Vec<_>) = unfit.into_iter().partition(refuses);
        if !refusing.is_empty() {
            return Err(Refusal::Unfit(refusing));
        }
        Ok(Tally {
            remarks: noted.iter().map(|unfit| unfit.remark.what.word()).collect(),
            reasks: reasks(procedures, dossier),
        })
    }
}

fn reasks(procedures: &Procedures, dossier: &Dossier) -> Vec<String> {
    let on = translate::day(dossier).day();
    let again = procedures.asked_again(dossier, on).into_iter();
    again
        .map(|one| {
            one.reason
                .map_or_else(|| "none".to_owned(), |reason| reason.code.clone())
        })
        .collect()
}

impl Tally {
    /// Counts it: what is noted by kind, and every request for what the state holds by its reason.
    pub(super) fn count(self) {
        for what in self.remarks {
            metrics::counter!("lienthong_remarks_total", "what" => what).increment(1);
        }
        for reason in self.reasks {
            metrics::counter!("lienthong_reasks_total", "reason" => reason).increment(1);
        }
    }
}
