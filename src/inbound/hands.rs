//! An operator's hand on a callback that waits for one: whose it is, or that nothing follows from it.

use super::Inbound;
use super::record::About;
use crate::model::{ExchangeId, Facts};
use crate::store::{CallbackRow, Ruled, Ruling, RulingEnd, StoreError};

/// What an operator says of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// It is about this dossier.
    Dossier(String),
    /// It is this system's.
    System(String),
    /// Nothing is to follow from it.
    Aside,
}

/// An operator's hand on a callback.
#[derive(Clone)]
pub struct Hand {
    /// The callback.
    pub callback: ExchangeId,
    /// What is to become of it.
    pub says: Says,
    /// Why.
    pub reason: String,
    /// Whose hand, where a person of the console laid it.
    pub account: Option<String>,
}

impl Inbound {
    /// Does what an operator says of a callback that waits for one; it is in the log with who said it.
    pub async fn handle(&self, hand: Hand) -> Result<RulingEnd, StoreError> {
        let store = &self.parts.store;
        let Some(row) = store.callback(hand.callback).await? else {
            return Ok(RulingEnd::WrongState);
        };
        let Some(ruled) = self.ruled(&row, hand.says) else {
            return Ok(RulingEnd::NoSystem);
        };
        let at = self.now();
        let about = About {
            callback: row.callback,
            partner: &row.partner,
            kind: &row.kind,
            number: match &ruled {
                Ruled::ToDossier { number, .. } => Some(number),
                Ruled::ToSystem { .. }
                | Ruled::SetAside { .. }
                | Ruled::AskAgain { .. }
                | Ruled::Drop { .. } => row.dossier.as_deref(),
            },
        };
        let recorder = &self.parts.recorder;
        let account = hand.account.as_deref().map(|name| recorder.account(name));
        let leaf = recorder.ruled(about, at, ruled.word(), account);
        let ruling = Ruling {
            ruled,
            reason: hand.reason,
            account,
            at,
            leaf,
        };
        let end = store.rule(ruling).await?;
        // It may be on its way now.
        self.received.notify_one();
        Ok(end)
    }

    /// What is to be kept of it; none where the system that it names is none.
    fn ruled(&self, row: &CallbackRow, says: Says) -> Option<Ruled> {
        let callback = row.callback;
        match says {
            Says::Dossier(number) => Some(Ruled::ToDossier { callback, number }),
            Says::Aside => Some(Ruled::SetAside { callback }),
            Says::System(system) => {
                self.parts.systems.named(&system)?;
                let mapping = self.mapping(&row.partner, &row.kind);
                let plan = mapping.and_then(|mapping| self.parts.translator.plan(mapping));
                Some(Ruled::ToSystem {
                    callback,
                    system,
                    files: plan.is_some_and(|plan| plan.is_of(Facts::RECORD)),
                })
            }
        }
    }
}
