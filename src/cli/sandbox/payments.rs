//! Payments in the sandbox: some of the dossiers that owe are paid for through the twin's platform, and the books of both sides are
//! compared.

use std::time::Instant;

use serde::Serialize;
use serde_json::json;

use super::super::Failed;
use super::super::remote::Remote;
use super::world::World;
use super::{GLANCE, PATIENCE};
use crate::store::{PaymentBooks, Store};
use crate::twin::{Bank, Twin};

/// The partner of the sandbox that payments begin through.
const PARTNER: &str = "payment";

/// A dossier that owes, and the system whose it is.
pub(super) struct Debt {
    pub(super) system: &'static str,
    pub(super) number: String,
}

/// What became of the payments, on both sides.
pub(super) struct Payments {
    /// What the store says.
    pub(super) books: PaymentBooks,
    /// What the twin's platform says.
    pub(super) bank: Bank,
    /// Those that did not begin, and why.
    pub(super) unbegun: Vec<String>,
}

/// What the report says of them.
#[derive(Debug, Serialize)]
pub(super) struct Paid {
    begun: u64,
    paid: u64,
    amount: i64,
    failed: u64,
    parked: u64,
    receipts: u64,
}

/// Begins a payment for each debt, over the same route as anybody; gives back why some did not begin. A debt that was paid in an
/// earlier run of this world is nothing to do.
pub(super) async fn begin(world: &World, gateway: &str, debts: &[Debt]) -> Result<Vec<String>, Failed> {
    let mut unbegun = Vec::new();
    for Debt { system, number } in debts {
        let token = world.dir().join("tokens").join(system);
        let remote = Remote::new(gateway, Some(&token))?;
        let target = format!("/v1/systems/{system}/payments");
        let (status, body) = remote.post(&target, &json!({ "dossier": number })).await?;
        let kind = |body: &[u8]| {
            let problem: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            problem["type"].as_str().unwrap_or_default().to_owned()
        };
        match status {
            200..=299 => {}
            409 if kind(&body) == "/problems/nothing-due" => {}
            _ => unbegun.push(format!("{number}: HTTP {status} {}", kind(&body))),
        }
    }
    Ok(unbegun)
}

/// Lets the payers pay until nothing of a payment moves by itself; false when that takes longer than anybody waits.
pub(super) async fn settle(store: &dyn Store, twin: &Twin) -> Result<bool, Failed> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let open = twin.pays().await.map_err(|error| Failed::because(&error))?;
        let books = store.payment_books().await?;
        let asked = store.order_wakes_at(PARTNER).await?;
        if open == 0 && books.asked == 0 && books.open == 0 && asked.is_none() {
            return Ok(true);
        }
        tokio::time::sleep(GLANCE).await;
    }
    Ok(false)
}

impl Payments {
    /// The books of both sides.
    pub(super) async fn of(store: &dyn Store, twin: &Twin, unbegun: Vec<String>) -> Result<Self, Failed> {
        Ok(Self {
            books: store.payment_books().await?,
            bank: twin.banked(),
            unbegun,
        })
    }

    /// For the report.
    pub(super) fn paid(&self) -> Paid {
        let PaymentBooks {
            begun,
            paid,
            amount,
            failed,
            parked,
            receipts,
            ..
        } = self.books;
        Paid {
            begun,
            paid,
            amount,
            failed,
            parked,
            receipts,
        }
    }

    /// Where they do not agree: each payment began once and under one reference, what was paid is paid here to the đồng, and what
    /// was not is not.
    pub(super) fn disagreements(&self) -> Vec<String> {
        let (ours, bank) = (&self.books, &self.bank);
        let counts = [
            ("begun", ours.begun, bank.begun),
            ("paid", ours.paid, bank.paid),
            ("not paid", ours.failed, bank.failed),
            ("paid with another amount", ours.parked, bank.other),
            ("fee receipts", ours.receipts, bank.paid),
            ("begun a second time", 0, bank.second),
            ("begun again in other bytes", 0, bank.altered),
        ];
        let differing = counts.into_iter().filter(|(_, ours, theirs)| ours != theirs);
        let mut wrong: Vec<String> = differing
            .map(|(what, ours, theirs)| format!("{what}: {ours} here, {theirs} at the platform"))
            .collect();
        if ours.amount != bank.amount {
            wrong.push(format!(
                "{} đồng were paid here, {} at the platform",
                ours.amount, bank.amount
            ));
        }
        let unbegun = self
            .unbegun
            .iter()
            .map(|why| format!("a payment did not begin: {why}"));
        wrong.extend(unbegun);
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_agree_only_when_both_sides_say_the_same() {
        let books = PaymentBooks {
            begun: 4,
            paid: 2,
            amount: 300_000,
            failed: 1,
            parked: 1,
            receipts: 2,
            ..PaymentBooks::default()
        };
        let bank = Bank {
            begun: 4,
            again: 1,
            paid: 2,
            amount: 300_000,
            other: 1,
            twice: 1,
            failed: 1,
            ..Bank::default()
        };
        let of = |books, bank| Payments {
            books,
            bank,
            unbegun: Vec::new(),
        };
        assert!(of(books, bank).disagreements().is_empty());
        for (books, bank) in [
            (PaymentBooks { begun: 5, ..books }, bank),
            (PaymentBooks { paid: 3, ..books }, bank),
            (PaymentBooks { amount: 1, ..books }, bank),
            (PaymentBooks { failed: 0, ..books }, bank),
            (PaymentBooks { parked: 2, ..books }, bank),
            (PaymentBooks { receipts: 1, ..books }, bank),
            (books, Bank { second: 1, ..bank }),
            (books, Bank { altered: 1, ..bank }),
        ] {
            assert_eq!(of(books, bank).disagreements().len(), 1);
        }
        let mut unbegun = of(books, bank);
        unbegun.unbegun.push("H99-1: HTTP 500".to_owned());
        assert!(!unbegun.disagreements().is_empty());
    }
}
