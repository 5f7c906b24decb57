//! Those who pay what a province asked for, and how it hears of it (portal.md §3.3).

use super::payment::{Confirmed, confirm, wrong};
use super::{Error, Province, Round, Way as Sending};
use crate::twin::bank::{Act, Paid, Payment, Way};
use crate::twin::{Inner, Twin};

impl Twin {
    /// Tells the platform whom it confirms to.
    pub fn confirms_to(&self, province: &Province) {
        *self.0.lock_province() = Some(province.clone());
    }

    /// Pays what may be paid, each payment in its way, and confirms it; says how many payments wait for something still.
    ///
    /// # Errors
    /// When the gateway is not reached or the books cannot be kept.
    pub async fn pays(&self) -> Result<usize, Error> {
        let Some(province) = self.0.lock_province().clone() else {
            return Ok(0);
        };
        let round = self.round(&province);
        let mut open = 0;
        for payment in self.0.bank.untold() {
            if !self.0.settles(&round, &payment).await? {
                open += 1;
            }
        }
        Ok(open)
    }

    /// What the platform's books say.
    pub fn banked(&self) -> crate::twin::Bank {
        self.0.bank.bank()
    }
}

impl Inner {
    fn lock_province(&self) -> std::sync::MutexGuard<'_, Option<Province>> {
        self.province
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The way of a payment for this dossier, where it has one of its own: what the province keeps for the look-up of bills is never
    /// paid.
    pub(in crate::twin) fn callers_way(&self, dossier: &str) -> Option<Way> {
        let province = self.lock_province();
        let owing = province.as_ref()?.owing.as_deref();
        (owing == Some(dossier)).then_some(Way::Fails)
    }

    /// Somebody pays, and it is confirmed, before the beginning of the payment is answered. What goes wrong is seen in the books.
    pub(in crate::twin) async fn pays_early(&self, reference: &str) {
        let Some(province) = self.lock_province().clone() else {
            return;
        };
        let round = Round {
            province: &province,
            books: &self.callers,
        };
        if let Some(payment) = self.bank.payment(reference)
            && payment.paid.is_empty()
        {
            let _seen = self
                .pay(&round, &payment, payment.amount, 1, Sending::Early)
                .await;
        }
    }

    /// Whether a payment is done with now.
    async fn settles(&self, round: &Round<'_>, payment: &Payment) -> Result<bool, Error> {
        let amount = payment.amount;
        match payment.way {
            Way::Plain => self.pay(round, payment, amount, 1, Sending::Plain).await?,
            // Nobody pays before somebody knows where.
            Way::LostReply if payment.inits < 2 => return Ok(false),
            Way::LostReply => self.pay(round, payment, amount, 1, Sending::LostReplies).await?,
            Way::Early => {}
            Way::Silent => {
                self.paid(payment, amount, 1).await?;
            }
            Way::Duplicates => {
                self.pay(round, payment, amount, 1, Sending::Plain).await?;
                self.pay(round, payment, amount, 1, Sending::Duplicates).await?;
            }
            Way::OtherAmount => {
                let paid = self.paid(payment, amount - 1_000, 1).await?;
                let call = confirm(&round.province.payment, &told(payment, &paid));
                round.say(&call, Sending::Plain, false).await?;
            }
            Way::PaidTwice => {
                self.pay(round, payment, amount, 1, Sending::Plain).await?;
                self.pay(round, payment, amount, 2, Sending::Plain).await?;
            }
            Way::WrongChecksum => {
                let paid = self.paid(payment, amount, 1).await?;
                let call = || confirm(&round.province.payment, &told(payment, &paid));
                round.say(&wrong(call()), Sending::WrongChecksum, false).await?;
                round.say(&call(), Sending::Plain, true).await?;
            }
            Way::Late => {
                let paid = self.paid(payment, amount, 1).await?;
                let asked = self.bank.payment(&payment.reference).is_some_and(|one| one.asked);
                if !asked {
                    return Ok(false);
                }
                let call = confirm(&round.province.payment, &told(payment, &paid));
                round.say(&call, Sending::Swaps, true).await?;
            }
            Way::Fails => {
                let reference = payment.reference.clone();
                self.note(Act::Failed { reference }).await?;
            }
        }
        let reference = payment.reference.clone();
        self.note(Act::Told { reference }).await?;
        Ok(true)
    }

    /// Pays so much, and confirms it.
    async fn pay(
        &self,
        round: &Round<'_>,
        payment: &Payment,
        amount: i64,
        nth: u32,
        way: Sending,
    ) -> Result<(), Error> {
        let paid = self.paid(payment, amount, nth).await?;
        let call = confirm(&round.province.payment, &told(payment, &paid));
        round.say(&call, way, true).await?;
        Ok(())
    }

    /// The `nth` transaction of a payment, in the books once.
    async fn paid(&self, payment: &Payment, amount: i64, nth: u32) -> Result<Paid, Error> {
        let transaction = format!("PP{}{nth}", payment.reference);
        let known = self.bank.payment(&payment.reference).and_then(|one| {
            let mut paid = one.paid.into_iter();
            paid.find(|paid| paid.transaction == transaction)
        });
        if let Some(paid) = known {
            return Ok(paid);
        }
        let paid = Paid {
            transaction,
            amount,
            at: payment.at.clone(),
        };
        self.note(Act::Paid {
            reference: payment.reference.clone(),
            paid: paid.clone(),
        })
        .await?;
        Ok(paid)
    }

    async fn note(&self, act: Act) -> Result<(), Error> {
        let ((), flush) = self.bank.write(|_| (act, ()));
        if flush.kept().await {
            Ok(())
        } else {
            Err(Error::Unkept)
        }
    }
}

fn told<'a>(payment: &'a Payment, paid: &'a Paid) -> Confirmed<'a> {
    Confirmed {
        number: &payment.dossier,
        reference: &payment.reference,
        transaction: &paid.transaction,
        outcome: "00",
        amount: paid.amount,
        at: &paid.at,
    }
}
