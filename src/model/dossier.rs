//! The dossier: its facts, where each came from, and what no fact could carry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::codes::{Channel, Delivery, Filing, Status};
use super::extension::Extension;
use super::finding::Finding;
use super::form::{Form, Party};
use super::number::Number;
use super::origin::{Origin, Origins};
use super::papers::{Component, Database, Fee, OtherPaper, Outcome, Payment, Step, Supplement};
use super::path::{Path, PathFault};
use super::record::{Misfit, record};
use super::subject::{Agency, Subject};
use super::{Fact, Time, Value};

record! {
    /// A code and its name.
    #[derive(Default)]
    Named, "named code" {
        code: Option<String> = "The code.",
        name: Option<String> = "Its name.",
    }
}

record! {
    /// The public service asked for.
    Procedure, "procedure" {
        code: String = "Its national code, `d.dddddd` (mã TTHC).",
        local: Option<String> = "The local code as it came.",
        service: Option<String> = "The code of the online service.",
        name: Option<String> = "Its name.",
        level: Option<String> = "The level it is carried out at.",
        field: Named = "The field of procedures it belongs to.",
        case: Named = "The case of it that applies.",
    }
}

record! {
    /// All facts of a dossier, by the names mappings use.
    Facts, "dossier" {
        number: Number = "Its number (mã hồ sơ).",
        other_number: Option<String> = "Its second number, in another system (portal.md §5.1).",
        receipt_number: Option<String> = "The number of the receipt the citizen was given.",
        procedure: Procedure = "The procedure.",
        owner: Subject = "Whom it is about.",
        submitter: Subject = "Who handed it in, when that is another.",
        helped_by: Agency = "The agency that helped to file it.",
        received_by: Agency = "The agency that received it.",
        competent: Agency = "The agency that decides.",
        channel: Option<Channel> = "How it was filed.",
        delivery: Option<Delivery> = "How the result is handed over.",
        filed_at: Option<Filing> = "Where it was filed.",
        summary: Option<String> = "What it is about, in a sentence.",
        note: Option<String> = "A note.",
        created_at: Option<Time> = "When it was created.",
        submitted_at: Option<Time> = "When it was handed in.",
        received_at: Option<Time> = "When it was accepted.",
        due_at: Option<Time> = "The appointment for the result.",
        finished_at: Option<Time> = "When the work was done.",
        returned_at: Option<Time> = "When the result was handed over.",
        refused_at: Option<Time> = "When it was refused.",
        extended_at: Option<Time> = "When the appointment was moved.",
        status: Status = "Where it stands.",
        components: Vec<Component> = "The papers it brought.",
        other_papers: Vec<OtherPaper> = "Other papers, without files.",
        fees: Vec<Fee> = "What it costs.",
        payment: Payment = "How it was paid.",
        supplements: Vec<Supplement> = "The rounds of missing papers.",
        results: Vec<Outcome> = "What came out.",
        steps: Vec<Step> = "What was done, in order.",
        databases: Vec<Database> = "The national databases consulted.",
        parties: Vec<Party> = "The persons its form is about.",
        form: Form = "What its form says beside them.",
        verified: Option<bool> = "The submitter's account was verified by VNeID.",
        digitised: Option<bool> = "At least one component was digitised.",
    }
}

/// What was accepted under one procedure, with a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dossier {
    /// What it says.
    pub facts: Facts,
    /// Where each fact came from.
    pub origins: Origins,
    /// Per mapping, what no line of it could carry, and what it said in its own way.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extensions: BTreeMap<String, Extension>,
    /// What looking up what the state holds came to, one for each rule of its procedure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// Why a fact was not filled in.
#[derive(Debug, thiserror::Error)]
pub enum NotFilled {
    /// There is no such fact.
    #[error(transparent)]
    Path(#[from] PathFault),
    /// The path names many facts.
    #[error("`{0}` names more than one fact")]
    Many(String),
    /// The value is of another kind.
    #[error(transparent)]
    Misfit(#[from] Misfit),
}

impl Dossier {
    /// Where the fact at that path came from; every fact has an origin.
    #[must_use]
    pub fn origin(&self, path: &str) -> &Origin {
        self.origins.of(path)
    }

    /// Fills in one fact and notes its origin; says whether it was absent before. A fact that stands is left alone.
    ///
    /// # Errors
    /// [`NotFilled`] when there is no such fact or the value is of another kind.
    pub fn fill(&mut self, path: &str, fact: Value<'_>, origin: Origin) -> Result<bool, NotFilled> {
        let at = Path::parse(path, Facts::RECORD)?;
        let mut value = self.facts.value().into_owned();
        let place = at
            .place(&mut value)
            .ok_or_else(|| NotFilled::Many(path.to_owned()))?;
        if !place.is_absent() {
            return Ok(false);
        }
        *place = fact.into_owned();
        let mut misfits = Vec::new();
        match (Facts::from_value(value, &mut misfits), misfits.pop()) {
            (_, Some(misfit)) => Err(misfit.into()),
            (Some(facts), None) => {
                self.facts = facts;
                self.origins.note(path, origin);
                Ok(true)
            }
            (None, None) => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::model::sample;

    #[test]
    fn a_filled_fact_has_its_origin_and_a_standing_one_stays() {
        let mut dossier = sample::dossier(1, 1);
        dossier.facts.owner.ethnicity.name = None;
        let reused = Origin {
            how: super::super::How::Reused,
            ..dossier.origin("number").clone()
        };
        let kinh = || Value::Text(Cow::Borrowed("Kinh"));
        assert!(
            dossier
                .fill("owner.ethnicity.name", kinh(), reused.clone())
                .unwrap()
        );
        assert_eq!(dossier.facts.owner.ethnicity.name.as_deref(), Some("Kinh"));
        assert_eq!(dossier.origin("owner.ethnicity.name"), &reused);
        assert!(
            !dossier
                .fill("owner.ethnicity.name", kinh(), reused.clone())
                .unwrap(),
            "it stands already"
        );
        assert!(dossier.fill("owner.name[]", kinh(), reused.clone()).is_err());
        assert!(matches!(
            dossier.fill("owner.born", kinh(), reused),
            Err(NotFilled::Misfit(_)) | Ok(false)
        ));
    }

    #[test]
    fn the_serde_form_holds_everything_and_debug_tells_nothing() {
        for n in 0..50 {
            let dossier = sample::dossier(3, n);
            let text = serde_json::to_string(&dossier).unwrap();
            assert_eq!(serde_json::from_str::<Dossier>(&text).unwrap(), dossier);
            let name = dossier.facts.owner.name.clone().unwrap();
            assert!(!format!("{dossier:?}").contains(&name));
        }
        let unknown = r#"{"number":"1","procedure":{"code":"1.001234"},"status":"accepted","colour":"red"}"#;
        let refused = serde_json::from_str::<Facts>(unknown).unwrap_err();
        assert!(
            refused.to_string().starts_with("a dossier has no fact `colour`"),
            "{refused}"
        );
    }
}
