//! Payments that begin here: `begin` and `handle` in the request, `turn` in the worker.
//!
//! Only this flow joins the steps: what is due → order ┊ init → page to pay at ┊ query → what a confirmation says ┊ bill → fee
//! receipt. The request writes the order and waits a while for what the worker hears; it never calls the platform itself.

mod ask;
mod call;
mod hands;
mod heard;
mod record;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

pub use ask::{Begun, Refusal};
pub use hands::{Hand, Says};
pub use record::Recorder;

use heard::Pace;

use crate::clock::{Clock, Dice};
use crate::model::ExchangeId;
use crate::outbox::Schedule;
use crate::partner::Partner;
use crate::store::{DueOrder, Store, StoreError};
use crate::translate::Translator;

/// The operation that begins a payment, and what its mapping is called by.
pub const INIT: &str = "init";

/// The longest that the loop sleeps before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Everything that payments stand on.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The mappings.
    pub translator: Arc<Translator>,
    /// The platform.
    pub partner: Arc<Partner>,
    /// The mapping that writes an order for it.
    pub mapping: String,
    /// The listener as whose callbacks its answers to questions are received.
    pub listener: String,
    /// Who writes the leaves.
    pub recorder: Recorder,
    /// When a call that was not answered is made again.
    pub schedule: Schedule,
    /// How long to wait before the first, second, third … question how a payment stands, in ms; the last one repeats.
    pub asking: Vec<i64>,
    /// After so long a payment that nobody knows the end of waits for a person, in ms.
    pub give_up: i64,
    /// How long a worker may hold an order, in ms.
    pub lease: i64,
    /// How long a request waits for where to pay.
    pub wait: Duration,
    /// Rung when something was received that is not on its dossier yet.
    pub received: Arc<Notify>,
    /// Rung when something was said of money.
    pub paid: Arc<Notify>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance, for jitter, salts and ids.
    pub dice: Arc<dyn Dice>,
}

/// The payments.
pub struct Payments {
    parts: Parts,
    /// Told when an order was kept.
    ordered: Notify,
    /// Told each time when an order was turned.
    turned: Notify,
}

impl Payments {
    /// Payments over these parts.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            ordered: Notify::new(),
            turned: Notify::new(),
        }
    }

    /// The platform.
    pub fn partner(&self) -> &Arc<Partner> {
        &self.parts.partner
    }

    /// Resolves when an order was kept, or something was said of money.
    pub async fn stirred(&self) {
        tokio::select! {
            () = self.ordered.notified() => {}
            () = self.parts.paid.notified() => {}
        }
    }

    /// Waits for the platform's pace, then takes at most `most` orders in hand.
    pub async fn lease(&self, most: usize) -> Result<Vec<DueOrder>, StoreError> {
        let partner = &self.parts.partner;
        let places = partner.places(most).await;
        let now = self.now();
        let until = now.saturating_add(self.parts.lease);
        self.parts
            .store
            .due_orders(partner.name(), now, until, places)
            .await
    }

    /// How long nothing is due by itself.
    pub async fn pause(&self) -> Duration {
        match self.parts.store.order_wakes_at(self.parts.partner.name()).await {
            Ok(Some(at)) => self.until(at),
            Ok(None) | Err(_) => LOOK_AGAIN,
        }
    }

    /// How long it is until a moment, at most as long as the loop may sleep.
    pub fn until(&self, at: i64) -> Duration {
        let wait = u64::try_from(at.saturating_sub(self.now()).max(1)).unwrap_or(1);
        Duration::from_millis(wait).min(LOOK_AGAIN)
    }

    fn pace(&self) -> Pace<'_> {
        Pace {
            schedule: &self.parts.schedule,
            asking: &self.parts.asking,
            give_up: self.parts.give_up,
        }
    }

    fn now(&self) -> i64 {
        self.parts.clock.now().millis()
    }

    fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.parts.dice.bytes(&mut salt);
        salt
    }

    fn id(&self, at: i64) -> ExchangeId {
        let mut random = [0; 10];
        self.parts.dice.bytes(&mut random);
        ExchangeId::new(at, &random)
    }
}
