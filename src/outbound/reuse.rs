//! In the worker, before a dossier is translated: what its procedure allows to be asked, what was found out before, and
//! what look-ups bring. Whatever is not reused says why, and the dossier goes on.

use std::collections::HashMap;
use std::time::Duration;

use super::lookup::Purpose;
use super::{Error, Outbound};
use crate::codes::Units;
use crate::model::{Dossier, Finding, How, Origin, Time, Unused};
use crate::reuse::{self, Limits, Memory, Officers, is_open};
use crate::store::Filing;

/// What reuse stands on.
pub struct Reusing {
    /// The partner that answers for each wire.
    pub sources: HashMap<String, String>,
    /// The officers of each system.
    pub officers: HashMap<String, Officers>,
    /// How much may be asked.
    pub limits: Limits,
    /// What was answered lately.
    pub memory: Memory,
    /// How long a dossier waits for its look-ups.
    pub wait: Duration,
    /// How long what was found out stands for later filings of the same dossier, in seconds.
    pub fresh: i64,
    /// Whether what a system says itself of reuse is passed on.
    pub claims: bool,
    /// Administrative units.
    pub units: Units,
}

/// The worker, where an officer's address would stand.
const WORKER: &str = "worker";
const RULE: &str = "rule of the procedure";

impl Outbound {
    /// Whether a filing has to be asked about, or carries what was found out for the one before.
    pub(super) fn has_rules(&self, dossier: &Dossier) -> bool {
        let procedures = self.parts.translator.procedures();
        let facts = &dossier.facts;
        let on = self.time().day();
        !procedures
            .questions(&facts.procedure.code, on, facts.owner.kind)
            .is_empty()
    }

    /// Takes in what the state holds about the subjects of a dossier.
    pub(super) async fn reuse(&self, filing: &Filing, dossier: &mut Dossier) -> Result<(), Error> {
        let reusing = &self.parts.reusing;
        let now = self.time();
        let before = self.parts.store.filed_before(filing.id).await?;
        let before: Option<Dossier> = before.and_then(|json| serde_json::from_slice(&json).ok());
        let procedures = self.parts.translator.procedures();
        let mut findings = Vec::new();
        let mut questions = Vec::new();
        for planned in reuse::plan(procedures, dossier, now.day(), now) {
            let question = match planned {
                Ok(question) => question,
                Err(finding) => {
                    findings.push(finding);
                    continue;
                }
            };
            let carried = before.as_ref().and_then(|before| {
                reuse::carry(dossier, before, &question, procedures, (now, reusing.fresh))
            });
            match carried {
                Some(finding) => findings.push(finding),
                None if !is_open(dossier.facts.status) => findings.push(question.unused(Unused::Closed, now)),
                None => questions.push(question),
            }
        }
        let officers = reusing.officers.get(&filing.system);
        match officers.and_then(|officers| officers.of(dossier)).cloned() {
            None => findings.extend(questions.iter().map(|one| one.unused(Unused::NoOfficer, now))),
            Some(officer) => {
                let purpose = Purpose {
                    number: &filing.number,
                    system: &filing.system,
                    officer: &officer,
                    client: WORKER,
                    reason: RULE,
                };
                findings.extend(self.inquire(dossier, purpose, questions).await?);
            }
        }
        self.report(dossier, &findings, now);
        dossier.findings = findings;
        Ok(())
    }

    /// The fields by which the dossier reports reuse.
    fn report(&self, dossier: &mut Dossier, findings: &[Finding], now: Time) {
        let origin = Origin::new(How::Reused, "look-ups", now);
        let laws = self.parts.translator.procedures().laws();
        reuse::consulted(dossier, findings, laws, &origin);
        for finding in findings {
            let ended = finding.unused.map_or("reused", Unused::word);
            metrics::counter!("lienthong_reuse_total", "service" => finding.service.clone(), "end" => ended)
                .increment(1);
        }
    }
}
