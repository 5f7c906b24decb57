//! An operator's hand on a payment that waits for one: ask the platform again, or let nobody pay it any more.

use super::Payments;
use crate::store::{Ruled, Ruling, RulingEnd, StoreError};

/// What an operator says of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The platform is to be asked again how it stands.
    AskAgain,
    /// Nobody will pay it: another may begin.
    Drop,
}

/// An operator's hand on a payment.
#[derive(Clone)]
pub struct Hand {
    /// The payment, by its reference.
    pub reference: String,
    /// What is to become of it.
    pub says: Says,
    /// Why.
    pub reason: String,
    /// Whose hand, where a person of the console laid it.
    pub account: Option<String>,
}

impl Payments {
    /// Does what an operator says of a payment that waits for one; it is in the log with who said it.
    pub async fn handle(&self, hand: Hand) -> Result<RulingEnd, StoreError> {
        let store = &self.parts.store;
        let Some(row) = store.payment(&hand.reference).await? else {
            return Ok(RulingEnd::WrongState);
        };
        let payment = row.payment;
        let ruled = match hand.says {
            Says::AskAgain => Ruled::AskAgain { payment },
            Says::Drop => Ruled::Drop { payment },
        };
        let at = self.now();
        let recorder = &self.parts.recorder;
        let account = hand.account.as_deref().map(|name| recorder.account(name));
        let about = (payment, row.dossier.as_str(), row.partner.as_str());
        let leaf = recorder.ruled(about, at, ruled.word(), account);
        let ruling = Ruling {
            ruled,
            reason: hand.reason,
            account,
            at,
            leaf,
        };
        let end = store.rule(ruling).await?;
        self.ordered.notify_one();
        Ok(end)
    }
}
