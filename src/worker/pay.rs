//! The loop that asks the payment platform, at its pace.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{IDLE, Stop};
use crate::partner::Gate;
use crate::payments::Payments;
use crate::store::DueOrder;

/// Starts the loop that asks the payment platform, where there is one.
pub fn pay(loops: &mut JoinSet<()>, payments: Option<&Arc<Payments>>, stop: &Stop) {
    if let Some(payments) = payments {
        loops.spawn(ask_for_money(Arc::clone(payments), stop.clone()));
    }
}

async fn ask_for_money(payments: Arc<Payments>, mut stop: Stop) {
    let mut flying: JoinSet<()> = JoinSet::new();
    while !stop.is_told() {
        let wait = take(&payments, &mut flying).await;
        tokio::select! {
            Some(_) = flying.join_next() => while flying.try_join_next().is_some() {},
            () = payments.stirred() => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => {}
        }
    }
    while flying.join_next().await.is_some() {}
}

/// Takes as many orders in hand as may fly, and tells how long nothing else will come by itself.
async fn take(payments: &Arc<Payments>, flying: &mut JoinSet<()>) -> Duration {
    let partner = payments.partner();
    let free = match partner.gate() {
        Gate::Closed => partner.concurrency().saturating_sub(flying.len()),
        Gate::HalfOpen if flying.is_empty() => 1,
        Gate::HalfOpen => 0,
        Gate::Open(until) => return payments.until(until),
    };
    if free == 0 {
        return IDLE;
    }
    match payments.lease(free).await {
        Ok(due) if due.is_empty() => payments.pause().await,
        Ok(due) => {
            for order in due {
                flying.spawn(turn(Arc::clone(payments), order));
            }
            IDLE
        }
        Err(error) => {
            tracing::error!(error = %error, "payments stand still");
            IDLE
        }
    }
}

async fn turn(payments: Arc<Payments>, due: DueOrder) {
    let id = due.id;
    if let Err(error) = payments.turn(due).await {
        // It is taken up again when the time is over for which it was in hand.
        tracing::error!(payment.id = %id, error = %error, "a call for a payment was not recorded");
    }
}
