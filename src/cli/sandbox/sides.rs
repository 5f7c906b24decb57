//! What both sides' books say of everything but the pushed dossiers.

use super::super::Failed;
use super::callers::{self, Callbacks};
use super::desk::{self, Desk};
use super::payments::Payments;
use crate::store::Store;
use crate::twin::Twin;

/// The books of one run.
pub(super) struct Sides {
    /// What was called back.
    pub(super) callbacks: Callbacks,
    /// What was paid for.
    pub(super) payments: Payments,
    /// What lay at the hub, and what was registered.
    pub(super) desk: Desk,
}

impl Sides {
    /// As they stand, and the dossiers whose payment could not begin.
    pub(super) async fn of(store: &dyn Store, twin: &Twin, unbegun: Vec<String>) -> Result<Self, Failed> {
        Ok(Self {
            callbacks: callers::books(store, twin).await?,
            payments: Payments::of(store, twin, unbegun).await?,
            desk: desk::books(store, twin).await?,
        })
    }

    /// Where they do not agree.
    pub(super) fn disagreements(&self) -> Vec<String> {
        let mut all = self.callbacks.disagreements();
        all.extend(self.payments.disagreements());
        all.extend(self.desk.disagreements());
        all
    }
}
