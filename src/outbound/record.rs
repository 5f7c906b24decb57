//! What the way out enters in the exchange log: one leaf for every change of state, nothing personal in it.

use crate::evidence::blind::{Blind, Blinder, commitment};
use crate::evidence::leaf::{Draft, Kind};
use crate::intake::System;
use crate::model::{Dossier, ExchangeId, Operation};
use crate::store::NextMove;
use crate::translate;

/// Makes drafts of leaves.
pub struct Recorder {
    blinder: Blinder,
}

/// What a leaf of a message is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The dossier's number; it is blinded.
    pub number: &'a str,
    /// The subject, blinded already.
    pub subject: Option<Blind>,
    /// The partner.
    pub partner: &'a str,
    /// What is asked of it.
    pub operation: Operation,
}

/// What a leaf of a look-up is about.
#[derive(Clone, Copy)]
pub(super) struct Lookup<'a> {
    /// The look-up.
    pub id: ExchangeId,
    /// The number of the dossier or draft; it is blinded.
    pub number: &'a str,
    /// Whom it is about, blinded already.
    pub subject: Blind,
    /// The partner.
    pub partner: &'a str,
    /// The service.
    pub service: &'a str,
    /// The profile.
    pub profile: &'a str,
    /// The procedure.
    pub procedure: &'a str,
}

impl Recorder {
    /// A recorder that blinds with this key.
    pub fn new(blinder: Blinder) -> Self {
        Self { blinder }
    }

    /// The subject of a dossier, blinded by its identity number.
    pub fn subject(&self, identity: Option<&str>) -> Option<Blind> {
        identity.map(|number| self.blinder.subject(number))
    }

    /// Everybody whom a dossier is about, blinded, each once.
    pub(super) fn subjects(&self, dossier: &Dossier) -> Vec<Blind> {
        let numbers = translate::identities(dossier).into_iter();
        numbers.map(|number| self.blinder.subject(number)).collect()
    }

    /// A dossier was accepted, and is owed to a partner from now on. The commitment is to the body as filed.
    pub(super) fn accepted(
        &self,
        system: &System,
        number: &str,
        subject: Option<Blind>,
        at: i64,
        commit: [u8; 32],
    ) -> Draft {
        let mut draft = Draft::new(Kind::Accepted, at)
            .fact("system", system.name.clone())
            .fact("to", system.partner.clone());
        draft.dossier = Some(self.blinder.dossier(number));
        draft.subject = subject;
        draft.commit = Some(commit);
        draft
    }

    /// A file was handed in. The commitment is to its digest.
    pub(super) fn handed_in(&self, system: &str, file: ExchangeId, at: i64, commit: [u8; 32]) -> Draft {
        let mut draft = Draft::new(Kind::Accepted, at)
            .fact("system", system)
            .fact("file", file.to_string());
        draft.commit = Some(commit);
        draft
    }

    /// An officer, blinded by their own number.
    pub fn officer(&self, number: &str) -> Blind {
        self.blinder.subject(number)
    }

    /// A person of the console, blinded by the name of the account.
    pub fn account(&self, name: &str) -> Blind {
        self.blinder.account(name)
    }

    /// What was asked about a subject, blinded.
    pub fn asked_of(&self, identity: &str) -> Blind {
        self.blinder.subject(identity)
    }

    /// A look-up is about to be made, or its earlier answer to be used again. The commitment is to the question.
    pub(super) fn asked(
        &self,
        about: Lookup<'_>,
        at: i64,
        commit: [u8; 32],
        source: Option<ExchangeId>,
    ) -> Draft {
        let mut draft = self.lookup(Kind::Asked, about, at);
        draft.commit = Some(commit);
        match source {
            Some(source) => draft.fact("source", source.to_string()),
            None => draft,
        }
    }

    /// A look-up ended. The commitment is to the digest of the answer, when one came.
    pub(super) fn answered(
        &self,
        about: Lookup<'_>,
        at: i64,
        class: &'static str,
        commit: Option<[u8; 32]>,
    ) -> Draft {
        let mut draft = self.lookup(Kind::Answered, about, at).fact("class", class);
        draft.commit = commit;
        draft
    }

    /// What the state holds was taken into a dossier. The commitment is to the dossier as it stands then.
    pub(super) fn reused(
        &self,
        number: &str,
        at: i64,
        commit: [u8; 32],
        counts: [(&'static str, usize); 4],
    ) -> Draft {
        let mut draft = Draft::new(Kind::Reused, at);
        draft.dossier = Some(self.blinder.dossier(number));
        draft.commit = Some(commit);
        counts
            .into_iter()
            .fold(draft, |draft, (name, count)| draft.fact(name, count.to_string()))
    }

    fn lookup(&self, kind: Kind, about: Lookup<'_>, at: i64) -> Draft {
        let mut draft = Draft::new(kind, at)
            .fact("inquiry", about.id.to_string())
            .fact("service", about.service)
            .fact("profile", about.profile)
            .fact("procedure", about.procedure);
        draft.dossier = Some(self.blinder.dossier(about.number));
        draft.subject = Some(about.subject);
        draft.partner = Some(about.partner.to_owned());
        draft
    }

    /// A draft dossier was opened, so that there is a purpose for look-ups.
    pub(super) fn opened_draft(&self, system: &str, number: &str, procedure: &str, at: i64) -> Draft {
        let mut draft = Draft::new(Kind::Drafted, at)
            .fact("system", system)
            .fact("procedure", procedure);
        draft.dossier = Some(self.blinder.dossier(number));
        draft
    }

    /// A message was put in the outbox. The commitment is to its payload.
    pub(super) fn queued(&self, about: About<'_>, at: i64, mapping: &str, commit: Option<[u8; 32]>) -> Draft {
        let mut draft = self.message(Kind::Queued, about, at).fact("mapping", mapping);
        draft.commit = commit;
        draft
    }

    /// An attempt begins. The commitment is to all bytes that leave.
    pub(super) fn attempted(
        &self,
        kind: Kind,
        about: About<'_>,
        at: i64,
        attempt: u32,
        commit: [u8; 32],
    ) -> Draft {
        let mut draft = self.message(kind, about, at).fact("attempt", attempt.to_string());
        draft.commit = Some(commit);
        draft
    }

    /// An attempt ended. The commitment is to the answer's bytes.
    pub(super) fn settled(&self, about: About<'_>, at: i64, ended: &Ended<'_>) -> Draft {
        let mut draft = self
            .message(Kind::Settled, about, at)
            .fact("attempt", ended.attempt.to_string())
            .fact("verdict", ended.verdict)
            .fact("cause", ended.cause)
            .fact("next", next(ended.next));
        draft.commit = ended.commit;
        draft
    }

    /// A message could not be made: it stands parked from the beginning.
    pub(super) fn stopped(&self, about: About<'_>, at: i64, cause: &str) -> Draft {
        self.message(Kind::Parked, about, at).fact("cause", cause)
    }

    /// An operator's hand.
    pub(super) fn handled(&self, kind: Kind, about: About<'_>, at: i64, says: &str) -> Draft {
        self.message(kind, about, at).fact("as", says)
    }

    fn message(&self, kind: Kind, about: About<'_>, at: i64) -> Draft {
        let mut draft = Draft::new(kind, at).fact("operation", about.operation.word());
        draft.dossier = Some(self.blinder.dossier(about.number));
        draft.subject = about.subject;
        draft.partner = Some(about.partner.to_owned());
        draft.exchange = Some(about.exchange.to_string());
        draft
    }
}

/// How an attempt ended, in words for the log.
pub(super) struct Ended<'a> {
    /// Its number.
    pub attempt: u32,
    /// The verdict.
    pub verdict: &'static str,
    /// The cause.
    pub cause: &'a str,
    /// What comes next.
    pub next: &'a NextMove,
    /// Commitment to the answer, when one came.
    pub commit: Option<[u8; 32]>,
}

/// The salted commitment to some bytes.
pub(super) fn commit(salt: &[u8; 16], bytes: &[u8]) -> [u8; 32] {
    commitment(salt, bytes)
}

fn next(next: &NextMove) -> &'static str {
    match next {
        NextMove::Delivered => "delivered",
        NextMove::Refused { .. } => "refused",
        NextMove::Again { .. } => "again",
        NextMove::Probe { .. } => "probe",
        NextMove::Park { .. } => "parked",
    }
}
