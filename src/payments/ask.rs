//! In the request: what is due for a dossier becomes an order, on the disk before anybody hears of it.

use super::Payments;
use crate::evidence::blind::commitment;
use crate::model::codes::PaymentState;
use crate::model::{Dossier, ExchangeId, Facts, Fee, Order, Time};
use crate::store::{NewOrder, Ordered, PayState, PaymentRow, StoreError};
use crate::translate::Untranslatable;
use crate::{apply, store};

/// A payment that was begun, or had been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// How it stands.
    pub row: PaymentRow,
    /// Whether it had been begun before.
    pub repeat: bool,
}

/// Why no payment begins. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The system has no such dossier.
    #[error("the system has no such dossier")]
    UnknownDossier,
    /// The dossier was erased here.
    #[error("the dossier was erased")]
    Erased,
    /// Nothing is due for it, or what was due is paid.
    #[error("nothing is due")]
    NothingDue,
    /// The platform wants more of the dossier than it says.
    #[error(transparent)]
    Untranslatable(#[from] Untranslatable),
    /// What the store holds of the dossier cannot be read.
    #[error("what is held of the dossier cannot be read")]
    Unreadable,
    /// The store did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Payments {
    /// Begins to ask for what is due for a dossier of a system; a dossier whose payment may still be made keeps that one. Waits a
    /// while for where to pay.
    ///
    /// # Errors
    /// [`Refusal`] says why none begins.
    pub async fn begin(&self, system: &str, number: &str) -> Result<Begun, Refusal> {
        let facts = self.facts(system, number).await?;
        let at = self.now();
        let id = self.id(at);
        let order = ordered(facts, id, at).ok_or(Refusal::NothingDue)?;
        let written = self.parts.translator.order(&self.parts.mapping, &order)?;
        let salt = self.salt();
        let commit = commitment(&salt, &written.payload);
        let partner = self.parts.partner.name().to_owned();
        let leaf = self
            .parts
            .recorder
            .ordered((id, number, &partner), at, &written.mapping, commit);
        let reference = order.reference;
        let new = NewOrder {
            id,
            reference: reference.clone(),
            system: system.to_owned(),
            number: number.to_owned(),
            partner,
            amount: order.amount,
            at,
            mapping: written.mapping,
            payload: written.payload,
            salt,
            leaf,
        };
        let (reference, repeat) = match self.parts.store.order(new).await? {
            Ordered::New => (reference, false),
            Ordered::Standing(row) => (row.reference, true),
            Ordered::Paid => return Err(Refusal::NothingDue),
        };
        metrics::counter!("lienthong_payments_begun_total", "repeat" => if repeat { "true" } else { "false" })
            .increment(1);
        self.ordered.notify_one();
        let row = self.awaited(&reference).await?;
        Ok(Begun { row, repeat })
    }

    /// The facts of a dossier as it stands now.
    async fn facts(&self, system: &str, number: &str) -> Result<Facts, Refusal> {
        let store = &self.parts.store;
        let row = store.dossier(number).await?.filter(|row| row.system == system);
        row.ok_or(Refusal::UnknownDossier)?;
        let filed = store.filed(number).await?.ok_or(Refusal::Erased)?;
        let dossier: Dossier = serde_json::from_slice(&filed).map_err(|_| Refusal::Unreadable)?;
        Ok(match store.news(number).await? {
            Some(news) => apply::upon(&dossier.facts, &apply::facts(&news)),
            None => dossier.facts,
        })
    }

    /// A payment once it is known where to pay, or who must act; as it stands, when that takes longer than a request waits.
    async fn awaited(&self, reference: &str) -> Result<PaymentRow, StoreError> {
        let over = tokio::time::sleep(self.parts.wait);
        tokio::pin!(over);
        loop {
            let turned = self.turned.notified();
            let row = self.parts.store.payment(reference).await?;
            let row = row.ok_or_else(|| StoreError::Database("an order was not kept".to_owned()))?;
            if row.state != PayState::Asked {
                return Ok(row);
            }
            tokio::select! {
                () = turned => {}
                () = &mut over => return Ok(row),
            }
        }
    }

    /// The store.
    pub fn store(&self) -> &std::sync::Arc<dyn store::Store> {
        &self.parts.store
    }
}

/// What is due, as an order; none when nothing is.
fn ordered(facts: Facts, id: ExchangeId, at: i64) -> Option<Order> {
    match facts.payment.state {
        Some(PaymentState::None | PaymentState::Portal | PaymentState::Agency) => return None,
        Some(PaymentState::Unpaid) | None => {}
    }
    let due = |fee: &Fee| fee.amount.is_some_and(|amount| amount > 0);
    let fees: Vec<Fee> = facts.fees.into_iter().filter(due).collect();
    let amount = fees
        .iter()
        .try_fold(0_i64, |sum, fee| sum.checked_add(fee.amount.unwrap_or_default()))?;
    (amount > 0).then(|| Order {
        reference: reference(id),
        amount,
        at: Time::at(at.div_euclid(1_000)),
        number: facts.number,
        procedure: facts.procedure,
        competent: facts.competent,
        payer: facts.owner,
        fees,
    })
}

/// Twenty letters and digits, since one platform was seen to read no more (portal.md §2.7.1): the moment, and what nobody else has.
fn reference(id: ExchangeId) -> String {
    let bytes = id.as_bytes();
    data_encoding::BASE32_NOPAD.encode(&[&bytes[..6], &bytes[10..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn facts(state: Option<PaymentState>, amounts: &[Option<i64>]) -> Facts {
        let mut facts = sample::dossier(1, 1).facts;
        facts.payment.state = state;
        facts.fees = amounts
            .iter()
            .map(|amount| Fee {
                amount: *amount,
                ..Fee::default()
            })
            .collect();
        facts
    }

    fn due(state: Option<PaymentState>, amounts: &[Option<i64>]) -> Option<i64> {
        let id = ExchangeId::new(1_795_000_000_000, &[7; 10]);
        ordered(facts(state, amounts), id, 1_795_000_000_000).map(|order| order.amount)
    }

    #[test]
    fn what_is_due_is_asked_for_and_what_is_paid_or_nothing_is_not() {
        let unpaid = Some(PaymentState::Unpaid);
        assert_eq!(due(unpaid, &[Some(100), None, Some(0), Some(50)]), Some(150));
        assert_eq!(due(None, &[Some(100)]), Some(100));
        for state in [PaymentState::None, PaymentState::Portal, PaymentState::Agency] {
            assert_eq!(due(Some(state), &[Some(100)]), None);
        }
        for amounts in [&[][..], &[Some(0), None], &[Some(-5)], &[Some(i64::MAX), Some(1)]] {
            assert_eq!(due(unpaid, amounts), None, "{amounts:?}");
        }
    }

    #[test]
    fn a_reference_is_twenty_characters_and_its_own() {
        let made = [1, 2].map(|n| reference(ExchangeId::new(1_795_000_000_000, &[n; 10])));
        assert_ne!(made[0], made[1]);
        for one in made {
            assert_eq!(one.len(), 20, "{one}");
            assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{one}");
        }
    }
}
