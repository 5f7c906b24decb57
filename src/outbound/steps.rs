//! In the request: steps that a system pushes by themselves become a version of the dossier that it pushed before.

use std::collections::HashSet;

use super::files::Located;
use super::prepare::fingerprint;
use super::remarks::Tally;
use super::submit::{Made, local};
use super::{Outbound, Refusal, Submission, Taken};
use crate::model::{Dossier, Step};
use crate::translate::NoSteps;

impl Outbound {
    /// Accepts steps of a dossier, or says why not. The answer waits for the disk; steps that are known already are told nobody again.
    pub async fn submit_steps(&self, submission: Submission<'_>) -> Result<Taken, Refusal> {
        let Submission { system, body, .. } = submission;
        let (translator, store) = (&self.parts.translator, &self.parts.store);
        let from = local(system);
        let number = translator.number_of(from, body)?;
        let row = store.dossier(number.as_str()).await?;
        let row = row.filter(|row| row.system == system.name);
        if row.ok_or(Refusal::UnknownDossier)?.erased {
            return Err(Refusal::Erased);
        }
        let filed = store.filed(number.as_str()).await?.ok_or(Refusal::Erased)?;
        let mut dossier: Dossier = serde_json::from_slice(&filed).map_err(|_| Refusal::Unopened)?;
        let (said, mapping) = translator.said_steps(from, body, (&dossier, self.now()))?;
        let key = |step: &Step| fingerprint(number.as_str(), step);
        let known: HashSet<[u8; 16]> = dossier.facts.steps.iter().map(key).collect();
        let fresh = said.into_iter().filter(|step| !known.contains(&key(step)));
        dossier.facts.steps.extend(fresh);
        self.dry(system, &dossier)?;
        let made = Made {
            dossier: &dossier,
            mapping: &mapping,
            located: Located::default(),
        };
        let (acceptance, missing) = self.filing(submission, made)?;
        let taken = self.accept(acceptance, (Tally::default(), missing)).await?;
        // It names no files, so that no address of theirs can have moved.
        taken.ok_or(Refusal::Unopened)
    }
}

impl From<NoSteps> for Refusal {
    fn from(why: NoSteps) -> Self {
        match why {
            NoSteps::Unreadable(why) => Self::Unreadable(why),
            NoSteps::Untranslatable(why) => Self::Untranslatable(why),
        }
    }
}
