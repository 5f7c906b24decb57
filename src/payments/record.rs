//! What payments enter in the exchange log: one leaf for each order, each call and its end, each thing that was said of one.

use crate::evidence::blind::{Blind, Blinder};
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::PayPhase;

/// Makes drafts of leaves.
#[derive(Clone)]
pub struct Recorder {
    blinder: Blinder,
}

/// What a leaf of a call is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// The order.
    pub payment: ExchangeId,
    /// The dossier's number; it is blinded.
    pub number: &'a str,
    /// The platform.
    pub partner: &'a str,
    /// What it is asked.
    pub phase: PayPhase,
}

impl Recorder {
    /// A recorder that blinds with this key.
    pub fn new(blinder: Blinder) -> Self {
        Self { blinder }
    }

    /// An order was kept. The commitment is to what will be sent.
    pub(super) fn ordered(
        &self,
        (payment, number, partner): (ExchangeId, &str, &str),
        at: i64,
        mapping: &str,
        commit: [u8; 32],
    ) -> Draft {
        let mut draft = self
            .payment(Kind::Queued, (payment, number, partner), at)
            .fact("mapping", mapping);
        draft.commit = Some(commit);
        draft
    }

    /// A person of the console, blinded by the name of the account.
    pub(super) fn account(&self, name: &str) -> Blind {
        self.blinder.account(name)
    }

    /// A person said what is to become of an order.
    pub(super) fn ruled(
        &self,
        about: (ExchangeId, &str, &str),
        at: i64,
        word: &str,
        by: Option<Blind>,
    ) -> Draft {
        let draft = self.payment(Kind::Released, about, at).fact("as", word);
        match by {
            Some(by) => draft.fact("by", by.to_string()),
            None => draft,
        }
    }

    /// A call begins. The commitment is to the digest of all bytes that leave.
    pub(super) fn called(&self, about: About<'_>, at: i64, call: u32, commit: [u8; 32]) -> Draft {
        let kind = match about.phase {
            PayPhase::Init => Kind::Attempted,
            PayPhase::Query | PayPhase::Bill => Kind::Probed,
        };
        let mut draft = self.call(kind, about, at).fact("call", call.to_string());
        draft.commit = Some(commit);
        draft
    }

    /// A call ended, or none could be made. The commitment is to the fee receipt, where it brought one.
    pub(super) fn ended(
        &self,
        about: About<'_>,
        at: i64,
        (call, cause, next): (Option<u32>, &str, &str),
        commit: Option<[u8; 32]>,
    ) -> Draft {
        let mut draft = self
            .call(Kind::Settled, about, at)
            .fact("cause", cause)
            .fact("next", next);
        draft.commit = commit;
        match call {
            Some(call) => draft.fact("call", call.to_string()),
            None => draft,
        }
    }

    /// What a question brought was received as a callback. The commitment is to what it says.
    pub(super) fn received(
        &self,
        (callback, number, partner, kind): (ExchangeId, Option<&str>, &str, &str),
        at: i64,
        end: &str,
        commit: [u8; 32],
    ) -> Draft {
        let mut draft = Draft::new(Kind::Received, at)
            .fact("callback", callback.to_string())
            .fact("kind", kind)
            .fact("end", end);
        draft.dossier = number.map(|number| self.blinder.dossier(number));
        draft.partner = Some(partner.to_owned());
        draft.commit = Some(commit);
        draft
    }

    fn call(&self, kind: Kind, about: About<'_>, at: i64) -> Draft {
        self.payment(kind, (about.payment, about.number, about.partner), at)
            .fact("phase", about.phase.word())
    }

    fn payment(&self, kind: Kind, (payment, number, partner): (ExchangeId, &str, &str), at: i64) -> Draft {
        let mut draft = Draft::new(kind, at).fact("payment", payment.to_string());
        draft.dossier = Some(self.blinder.dossier(number));
        draft.partner = Some(partner.to_owned());
        draft
    }
}
