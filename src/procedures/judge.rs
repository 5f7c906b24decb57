//! A dossier against its procedure, in the request.
//!
//! What does not fit is *noted*, and the dossier goes on: the portal must learn what the province does, right or wrong, and
//! whether a paper is missing is for the officer to say, who asks for it by a supplement. Only where the procedure's file
//! says `strict = true` a dossier is *refused*, and then
//! - for mistakes of shape: a channel that is not offered, a paper the procedure does not have, a fact of the wrong form;
//! - for what is missing, a fact or a paper, only while it is `registered`: one that the desk has accepted, or that has
//!   ended, is the officer's. A paper that an active rule of reuse replaces is never missing.
//!
//! Fees, needless papers and papers asked for again are always only noted.

use super::asked::{Ask, Paper, Procedure, asked_of};
use super::{Basis, Covered, Form, Procedures};
use crate::model::codes::{Channel, Status};
use crate::model::{Component, Day, Dossier, Fact, Fee, Owner, Value};

/// One thing about a dossier that does not fit its procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Our path of the fact.
    pub path: String,
    /// What does not fit.
    pub what: What,
}

/// What does not fit. Never a value of the dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A fact that the form asks for is missing.
    MissingFact,
    /// A text is longer than the form takes.
    LongFact {
        /// The most characters.
        max: u32,
    },
    /// A text is not of its form.
    MalformedFact {
        /// The form it should have.
        form: Form,
    },
    /// A text is none of the words that the form takes.
    UnlistedFact,
    /// A paper that every dossier needs is missing, and nothing replaces it.
    MissingPaper {
        /// Its code.
        code: String,
    },
    /// A paper that the procedure does not have.
    UnknownPaper {
        /// Its code, as it came.
        code: String,
    },
    /// A paper was brought although an active rule replaces it.
    NeedlessPaper {
        /// Its code.
        code: String,
        /// What the rule stands on.
        basis: Basis,
    },
    /// A supplement request names a paper that an active rule replaces, and gives no reason.
    AskedAgain {
        /// Its code.
        code: String,
        /// What the rule stands on.
        basis: Basis,
    },
    /// It was filed in a way that is not offered.
    Channel,
    /// Money of a kind that the procedure does not cost.
    UnknownFee,
    /// Money in another amount than the procedure costs.
    OtherAmount {
        /// Whole đồng.
        due: u32,
    },
}

impl What {
    /// Its word, stable.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::MissingFact => "missing-fact",
            Self::LongFact { .. } => "long-fact",
            Self::MalformedFact { .. } => "malformed-fact",
            Self::UnlistedFact => "unlisted-fact",
            Self::MissingPaper { .. } => "missing-paper",
            Self::UnknownPaper { .. } => "unknown-paper",
            Self::NeedlessPaper { .. } => "needless-paper",
            Self::AskedAgain { .. } => "asked-again",
            Self::Channel => "channel-not-offered",
            Self::UnknownFee => "unknown-fee",
            Self::OtherAmount { .. } => "other-amount",
        }
    }

    /// Who must act.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        match self {
            Self::LongFact { .. }
            | Self::MalformedFact { .. }
            | Self::UnlistedFact
            | Self::UnknownPaper { .. }
            | Self::Channel => Owner::System,
            Self::MissingFact
            | Self::MissingPaper { .. }
            | Self::NeedlessPaper { .. }
            | Self::AskedAgain { .. }
            | Self::UnknownFee
            | Self::OtherAmount { .. } => Owner::Officer,
        }
    }

    /// Whether a strict procedure refuses a dossier for it.
    #[must_use]
    pub const fn refuses(&self, status: Status) -> bool {
        match self {
            Self::LongFact { .. }
            | Self::MalformedFact { .. }
            | Self::UnlistedFact
            | Self::UnknownPaper { .. }
            | Self::Channel => true,
            Self::MissingFact | Self::MissingPaper { .. } => matches!(status, Status::Registered),
            Self::NeedlessPaper { .. }
            | Self::AskedAgain { .. }
            | Self::UnknownFee
            | Self::OtherAmount { .. } => false,
        }
    }
}

impl Procedures {
    /// Everything about a dossier that does not fit its procedure, on the day its papers are asked for. Nothing of one
    /// whose procedure is not here.
    #[must_use]
    pub fn judge(&self, dossier: &Dossier, on: Day) -> Vec<Remark> {
        let facts = &dossier.facts;
        let Some(procedure) = self.find(&facts.procedure.code) else {
            return Vec::new();
        };
        let mut remarks = Vec::new();
        asked(procedure, dossier, &mut remarks);
        let covered = self.covered(&procedure.code, on, facts.owner.kind);
        missing(procedure, dossier, &covered, &mut remarks);
        brought(procedure, &facts.components, (&covered, on), &mut remarks);
        let again = self.asked_again(dossier, on).into_iter();
        remarks.extend(again.filter(|one| one.reason.is_none()).map(|one| Remark {
            path: format!("supplements[{}].wanted", one.round),
            what: What::AskedAgain {
                code: one.covered.paper.to_owned(),
                basis: one.covered.by.basis.clone(),
            },
        }));
        if facts
            .channel
            .is_some_and(|channel| !procedure.channels.contains(&channel))
        {
            remarks.push(Remark::at("channel", What::Channel));
        }
        fees(procedure, &facts.fees, facts.channel, &mut remarks);
        remarks
    }
}

impl Remark {
    fn at(path: impl Into<String>, what: What) -> Self {
        Self {
            path: path.into(),
            what,
        }
    }
}

/// The facts that the form asks for.
fn asked(procedure: &Procedure, dossier: &Dossier, remarks: &mut Vec<Remark>) {
    if procedure.asks.is_empty() {
        return;
    }
    let (facts, owner) = (dossier.facts.value(), dossier.facts.owner.kind);
    for ask in procedure
        .asks
        .iter()
        .filter(|ask| asked_of(&ask.owners, owner.as_ref()))
    {
        let Some(path) = &ask.fact else { continue };
        let what = match path.find(&facts).filter(|value| !value.is_absent()) {
            None => ask.required.then_some(What::MissingFact),
            Some(value) => misfit(ask, value),
        };
        remarks.extend(what.map(|what| Remark::at(ask.path.as_str(), what)));
    }
}

/// What is wrong with an answer.
fn misfit(ask: &Ask, value: &Value<'_>) -> Option<What> {
    let text = value.text()?;
    if let Some(max) = ask.max
        && text.chars().nth(max as usize).is_some()
    {
        return Some(What::LongFact { max });
    }
    if let Some(form) = ask.form
        && !form.fits(text)
    {
        return Some(What::MalformedFact { form });
    }
    let listed = ask.words.is_empty() || ask.words.iter().any(|(word, _)| word == text);
    (!listed).then_some(What::UnlistedFact)
}

/// The papers that every such dossier needs.
fn missing(procedure: &Procedure, dossier: &Dossier, covered: &[Covered<'_>], remarks: &mut Vec<Remark>) {
    let facts = &dossier.facts;
    let needed = |paper: &&Paper| {
        paper.required
            && !paper.shown
            && asked_of(&paper.channels, facts.channel.as_ref())
            && asked_of(&paper.owners, facts.owner.kind.as_ref())
            && !covered.iter().any(|one| one.paper == paper.code)
    };
    let later = facts.supplements.iter().flat_map(|round| &round.components);
    let brought: Vec<&str> = facts
        .components
        .iter()
        .chain(later)
        .filter_map(|component| component.code.as_deref())
        .collect();
    let missing = procedure.papers.iter().filter(needed);
    let missing = missing.filter(|paper| !brought.contains(&paper.code.as_str()));
    remarks.extend(missing.map(|paper| {
        let code = paper.code.clone();
        Remark::at("components[].code", What::MissingPaper { code })
    }));
}

/// The papers that it brought.
fn brought(
    procedure: &Procedure,
    components: &[Component],
    (covered, on): (&[Covered<'_>], Day),
    remarks: &mut Vec<Remark>,
) {
    for (n, component) in components.iter().enumerate() {
        let Some(code) = &component.code else { continue };
        let path = format!("components[{n}].code");
        if procedure.paper(code).is_none() {
            remarks.push(Remark::at(path, What::UnknownPaper { code: code.clone() }));
            continue;
        }
        let needless = covered
            .iter()
            .find(|one| one.paper == code && one.by.standing.is_due(on) && !component.files.is_empty());
        remarks.extend(needless.filter(|_| is_handed_in(component)).map(|one| {
            let what = What::NeedlessPaper {
                code: code.clone(),
                basis: one.by.basis.clone(),
            };
            Remark::at(path, what)
        }));
    }
}

/// Handed in by the citizen, not reused by the office.
fn is_handed_in(component: &Component) -> bool {
    use crate::model::codes::Reuse;
    matches!(component.reuse, None | Some(Reuse::None)) && component.from_store != Some(true)
}

/// The money it says is due.
fn fees(procedure: &Procedure, fees: &[Fee], channel: Option<Channel>, remarks: &mut Vec<Remark>) {
    for (n, fee) in fees.iter().enumerate() {
        let (Some(kind), Some(amount)) = (fee.kind, fee.amount.filter(|amount| *amount != 0)) else {
            continue;
        };
        let due = procedure
            .fees
            .iter()
            .filter(|due| due.kind == kind && asked_of(&due.channels, channel.as_ref()));
        let known: Vec<Option<u32>> = due.map(|due| due.amount).collect();
        let fits = known
            .iter()
            .any(|due| due.is_none_or(|due| i64::from(due) == amount));
        let what = match known.iter().flatten().next() {
            _ if fits => continue,
            Some(due) => What::OtherAmount { due: *due },
            None => What::UnknownFee,
        };
        remarks.push(Remark::at(format!("fees[{n}].amount"), what));
    }
}
