//! Questions made of a dossier: what its procedure allows to be asked, about subjects that it names.

use crate::model::codes::{PaperKind, Status, SubjectKind};
use crate::model::{Day, Dossier, Finding, PartialDate, Subject, Time, Unused};
use crate::procedures::{self, Procedures};

/// The owner and the submitter, as rules name them.
const OWNER: &str = "owner";
const SUBMITTER: &str = "submitter";

/// One question, and what its answer is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The service, `wire/operation`.
    pub service: String,
    /// Whose identity it is asked with: a path of ours.
    pub subject: String,
    /// That identity.
    pub identity: Identity,
    /// The sets of facts that may be delivered.
    pub sets: Vec<String>,
    /// Empty facts to fill: ours, held.
    pub fills: Vec<(String, String)>,
    /// Filed facts to compare: ours, held.
    pub verifies: Vec<(String, String)>,
    /// Papers that need not be brought when it matches, each with the code of the issued result that stands for it.
    pub replaces: Vec<(String, Option<String>)>,
    /// The legal basis: the rows of the laws it stands on.
    pub basis: String,
}

/// Whom a question is about, as the dossier says.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The identity number, 12 or 9 digits; the code of an enterprise.
    pub number: String,
    /// The name.
    pub name: Option<String>,
    /// The date of birth.
    pub born: Option<PartialDate>,
    /// The gender's word.
    pub gender: Option<&'static str>,
}

/// Personal: only that it is there may be shown.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(…)")
    }
}

impl Identity {
    /// Everything that was asked of the subject in one text, for a key that nobody can read.
    pub fn text(&self) -> String {
        let Self {
            number, name, born, ..
        } = self;
        let born = born.map(|born| born.to_string()).unwrap_or_default();
        format!("{number}\n{}\n{born}", name.as_deref().unwrap_or_default())
    }
}

/// Whether a dossier may be asked about: it is under way (national-databases.md §9.5: states 1, 2, 4, 5, 6).
pub fn is_open(status: Status) -> bool {
    match status {
        Status::Registered
        | Status::Accepted
        | Status::Processing
        | Status::SupplementRequested
        | Status::PaymentRequested => true,
        Status::NotAccepted | Status::Withdrawn | Status::Stopped | Status::Finished | Status::Returned => {
            false
        }
    }
}

/// What may be asked for a dossier on a day: a question for each rule, or why there is none. A subject that the dossier
/// does not name at all is nobody to ask about.
pub fn plan(procedures: &Procedures, dossier: &Dossier, on: Day, at: Time) -> Vec<Result<Question, Finding>> {
    let facts = &dossier.facts;
    let code = facts.procedure.code.as_str();
    let rules = procedures.questions(code, on, facts.owner.kind);
    let papers = procedures
        .find(code)
        .map_or(&[][..], |procedure| &procedure.papers);
    let asked = rules.into_iter().filter_map(|rule| {
        let subject = subject(dossier, rule.subject)?;
        Some(match identity(subject, rule.asks) {
            Some(identity) => Ok(question(&rule, identity, papers)),
            None => Err(question(&rule, Identity::default(), papers).unused(Unused::NoSubject, at)),
        })
    });
    asked.collect()
}

impl Question {
    /// The finding that nothing was reused, and why.
    pub fn unused(&self, why: Unused, at: Time) -> Finding {
        Finding {
            service: self.service.clone(),
            subject: self.subject.clone(),
            class: None,
            unused: Some(why),
            filled: Vec::new(),
            verified: Vec::new(),
            differs: Vec::new(),
            replaced: Vec::new(),
            basis: self.basis.clone(),
            profile: String::new(),
            evidence: None,
            at,
            as_of: None,
        }
    }

    /// The database it asks: the wire's name.
    pub fn wire(&self) -> &str {
        self.service.split('/').next().unwrap_or_default()
    }

    /// The operation it asks for.
    pub fn operation(&self) -> &str {
        self.service.split('/').nth(1).unwrap_or_default()
    }
}

fn question(rule: &procedures::Question<'_>, identity: Identity, papers: &[procedures::Paper]) -> Question {
    let pairs = |pairs: &[(&str, &str)]| {
        let owned = |(ours, held): &(&str, &str)| ((*ours).to_owned(), (*held).to_owned());
        pairs.iter().map(owned).collect()
    };
    let replaces = rule.replaces.iter().map(|covered| {
        let paper = papers.iter().find(|paper| paper.code == covered.paper);
        (
            covered.paper.to_owned(),
            paper.and_then(|paper| paper.replaced_by.clone()),
        )
    });
    Question {
        service: rule.asks.to_owned(),
        subject: rule.subject.to_owned(),
        identity,
        sets: rule.sets.iter().map(|set| (*set).to_owned()).collect(),
        fills: pairs(&rule.fills),
        verifies: pairs(&rule.verifies),
        replaces: replaces.collect(),
        basis: basis(rule),
    }
}

fn basis(rule: &procedures::Question<'_>) -> String {
    let rows: Vec<String> = rule.bases.iter().map(ToString::to_string).collect();
    rows.join("; ")
}

/// The subject that a rule names, where the dossier has one.
fn subject<'d>(dossier: &'d Dossier, named: &str) -> Option<&'d Subject> {
    let subject = match named {
        OWNER => &dossier.facts.owner,
        SUBMITTER => &dossier.facts.submitter,
        _ => return None,
    };
    let says = subject.name.is_some() || !subject.papers.is_empty();
    says.then_some(subject)
}

/// What the question needs of its subject: a person by number, name and birth date, a business by its code.
fn identity(subject: &Subject, service: &str) -> Option<Identity> {
    let wanted = |kind: PaperKind| {
        let mut papers = subject.papers.iter();
        papers.find(|paper| paper.kind == Some(kind))?.number.clone()
    };
    if service.starts_with("business/") {
        let first = || subject.papers.first()?.number.clone();
        let is_business = subject.kind != Some(SubjectKind::Citizen);
        let number = wanted(PaperKind::TaxCode).or_else(|| first().filter(|_| is_business))?;
        return Some(Identity {
            number,
            name: subject.registered_name.clone().or_else(|| subject.name.clone()),
            ..Identity::default()
        });
    }
    let number = wanted(PaperKind::CitizenId).or_else(|| wanted(PaperKind::OldId))?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let whole = digits && matches!(number.len(), 9 | 12);
    let identity = Identity {
        number,
        name: Some(subject.name.clone().filter(|name| !name.trim().is_empty())?),
        born: subject.born,
        gender: subject.gender.map(|gender| gender.word()),
    };
    whole.then_some(identity)
}
