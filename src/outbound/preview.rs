//! For an officer at the desk: what the state holds about the subjects of a dossier that is being filled in, before it is
//! filed. The draft's number is the purpose of the look-ups; without it, without an officer and a procedure, none is made.

use std::collections::BTreeMap;

use super::lookup::Purpose;
use super::{Error, Outbound};
use crate::model::{Dossier, Facts, Finding, How, Origin, Origins, Time, Unused};
use crate::reuse;
use crate::store::{Opening, StoreError};

/// What an officer wishes to see.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The system.
    pub system: &'a str,
    /// The officer's account, as the system's officers file names it.
    pub officer: &'a str,
    /// Why, in the officer's words; it is kept, not published.
    pub reason: &'a str,
    /// Where the wish came from.
    pub client: &'a str,
    /// National code of the procedure.
    pub procedure: &'a str,
    /// What is filled in already: facts of a dossier by our names, without number, procedure and status.
    pub facts: serde_json::Map<String, serde_json::Value>,
}

/// What is held for a draft.
#[derive(Debug)]
pub struct Preview {
    /// The draft: its number, its facts with what was filled in, their origins, and the findings.
    pub draft: Dossier,
    /// Facts that were filled or verified, by path, each with its origin.
    pub known: Vec<(String, Origin)>,
    /// Papers that the citizen need not bring: code and name.
    pub spared: Vec<(String, String)>,
}

/// Why there is no preview. Nothing was asked.
#[derive(Debug, thiserror::Error)]
pub enum Unseen {
    /// The catalogue has no such procedure.
    #[error("the procedure is in no catalogue")]
    Procedure,
    /// The system has no such officer with an identity number of their own.
    #[error("the system has no such officer")]
    Officer,
    /// What is filled in is no dossier's.
    #[error("the facts cannot be read: {0}")]
    Facts(String),
    /// The store did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Error> for Unseen {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => Self::Store(error),
            Error::Signer(error) => Self::Facts(error.to_string()),
            Error::Partner(name) => Self::Facts(format!("no partner `{name}`")),
        }
    }
}

impl Outbound {
    /// Opens a draft and tells what the state holds for it.
    pub async fn preview(&self, wish: Wish<'_>) -> Result<Preview, Unseen> {
        let translator = &self.parts.translator;
        let listed = translator
            .catalogue()
            .find(wish.procedure)
            .ok_or(Unseen::Procedure)?;
        let officers = self.parts.reusing.officers.get(wish.system);
        let officer = officers
            .and_then(|officers| officers.named(wish.officer))
            .ok_or(Unseen::Officer)?;
        let at = self.now();
        let number = format!("draft-{}", self.id(at));
        let mut draft = draft(&wish, &number, &listed.name, self.time())?;
        let leaf = self
            .parts
            .recorder
            .opened_draft(wish.system, &number, wish.procedure, at);
        let opening = Opening {
            number: number.clone(),
            system: wish.system.to_owned(),
            procedure: wish.procedure.to_owned(),
            at,
            leaf,
        };
        self.parts.store.open_draft(opening).await?;
        let purpose = Purpose {
            number: &number,
            system: wish.system,
            officer,
            client: wish.client,
            reason: wish.reason,
        };
        draft.findings = self.findings(&mut draft, purpose).await?;
        Ok(self.seen(draft))
    }

    async fn findings(&self, draft: &mut Dossier, purpose: Purpose<'_>) -> Result<Vec<Finding>, Error> {
        let now = self.time();
        let planned = reuse::plan(self.parts.translator.procedures(), draft, now.day(), now);
        let (mut questions, mut findings) = (Vec::new(), Vec::new());
        for one in planned {
            match one {
                Ok(question) => questions.push(question),
                Err(finding) => findings.push(finding),
            }
        }
        findings.extend(self.inquire(draft, purpose, questions).await?);
        Ok(findings)
    }

    fn seen(&self, draft: Dossier) -> Preview {
        let found = |finding: &Finding| {
            let paths = finding.filled.iter().chain(&finding.verified);
            paths.cloned().collect::<Vec<_>>()
        };
        let known: BTreeMap<String, Origin> = draft
            .findings
            .iter()
            .flat_map(found)
            .map(|path| (path.clone(), draft.origin(&path).clone()))
            .collect();
        let code = &draft.facts.procedure.code;
        let procedure = self.parts.translator.procedures().find(code);
        let papers = procedure.map_or(&[][..], |procedure| &procedure.papers);
        let name = |code: &String| {
            let paper = papers.iter().find(|paper| paper.code == *code);
            paper.map_or_else(String::new, |paper| paper.name.clone())
        };
        let replaced = draft.findings.iter().flat_map(|finding| &finding.replaced);
        let spared: BTreeMap<String, String> = replaced.map(|code| (code.clone(), name(code))).collect();
        Preview {
            known: known.into_iter().collect(),
            spared: spared.into_iter().collect(),
            draft,
        }
    }
}

/// The dossier that the facts make, under a number of its own.
fn draft(wish: &Wish<'_>, number: &str, name: &str, at: Time) -> Result<Dossier, Unseen> {
    let mut facts = wish.facts.clone();
    let fixed = [
        ("number", serde_json::json!(number)),
        (
            "procedure",
            serde_json::json!({ "code": wish.procedure, "name": name }),
        ),
        ("status", serde_json::json!("registered")),
    ];
    facts.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
    let facts: Facts = serde_json::from_value(serde_json::Value::Object(facts))
        .map_err(|error| Unseen::Facts(error.to_string()))?;
    Ok(Dossier {
        facts,
        origins: Origins::all(Origin::new(How::Filed, wish.system, at)),
        extensions: BTreeMap::new(),
        findings: Vec::new(),
    })
}

/// Why a rule brought nothing, for whoever waits for the answer.
pub fn why_not(finding: &Finding) -> Option<(Unused, crate::model::Owner, &'static str)> {
    finding
        .unused
        .map(|unused| (unused, unused.owner(), unused.action()))
}
