//! What the way back enters in the exchange log: one leaf for each callback, each change of a dossier, each telling.

use crate::evidence::blind::{Blind, Blinder};
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;

/// Makes drafts of leaves.
#[derive(Clone)]
pub struct Recorder {
    blinder: Blinder,
}

/// What a leaf of a callback is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// The callback.
    pub callback: ExchangeId,
    /// Who sent it.
    pub partner: &'a str,
    /// What it is.
    pub kind: &'a str,
    /// The dossier's number, where it is known; it is blinded.
    pub number: Option<&'a str>,
}

impl Recorder {
    /// A recorder that blinds with this key.
    pub fn new(blinder: Blinder) -> Self {
        Self { blinder }
    }

    /// A subject, blinded by the identity number.
    pub(super) fn subject(&self, number: &str) -> Blind {
        self.blinder.subject(number)
    }

    /// A person of the console, blinded by the name of the account.
    pub(super) fn account(&self, name: &str) -> Blind {
        self.blinder.account(name)
    }

    /// A person said what is to become of a callback.
    pub(super) fn ruled(&self, about: About<'_>, at: i64, word: &str, by: Option<Blind>) -> Draft {
        let draft = self.about(Kind::Released, about, at).fact("as", word);
        match by {
            Some(by) => draft.fact("by", by.to_string()),
            None => draft,
        }
    }

    /// A callback came in. The commitment is to what it says.
    pub(super) fn received(&self, about: About<'_>, at: i64, end: &str, commit: [u8; 32]) -> Draft {
        let mut draft = self.about(Kind::Received, about, at).fact("end", end);
        draft.commit = Some(commit);
        draft
    }

    /// The national side asked, and was answered.
    pub(super) fn asked(&self, about: About<'_>, at: i64, end: &str) -> Draft {
        self.about(Kind::Received, about, at)
            .fact("end", end)
            .fact("asks", "true")
    }

    /// A tray was told that what is known here by that number is kept.
    pub(super) fn acknowledged(&self, partner: &str, operation: &str, number: &str, at: i64) -> Draft {
        let mut draft = Draft::new(Kind::Settled, at)
            .fact("operation", operation)
            .fact("verdict", "accepted");
        draft.dossier = Some(self.blinder.dossier(number));
        draft.partner = Some(partner.to_owned());
        draft
    }

    /// A callback was put on its dossier. The commitment is to what the province is told.
    pub(super) fn applied(&self, about: About<'_>, at: i64, event: ExchangeId, commit: [u8; 32]) -> Draft {
        let mut draft = self
            .about(Kind::Applied, about, at)
            .fact("event", event.to_string());
        draft.commit = Some(commit);
        draft
    }

    /// A callback could not be put on its dossier.
    pub(super) fn stopped(&self, about: About<'_>, at: i64, cause: &str) -> Draft {
        self.about(Kind::Parked, about, at).fact("cause", cause)
    }

    /// The provincial system took an event.
    pub(super) fn told(&self, event: ExchangeId, system: &str, number: &str, at: i64, tries: u32) -> Draft {
        let mut draft = Draft::new(Kind::Notified, at)
            .fact("event", event.to_string())
            .fact("system", system)
            .fact("tries", tries.to_string());
        draft.dossier = Some(self.blinder.dossier(number));
        draft
    }

    fn about(&self, kind: Kind, about: About<'_>, at: i64) -> Draft {
        let mut draft = Draft::new(kind, at)
            .fact("callback", about.callback.to_string())
            .fact("kind", about.kind);
        draft.dossier = about.number.map(|number| self.blinder.dossier(number));
        draft.partner = Some(about.partner.to_owned());
        draft
    }
}
