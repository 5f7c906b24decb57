//! The way back: `receive` and `handle` in the request, `poll`, `results`, `apply` and `tell` in the worker.
//!
//! Only this flow joins the steps: exchange log ← notify ← apply ← translate ← verify ← callback.

mod answer;
mod applied;
mod hands;
mod poll;
mod receive;
mod record;
mod results;
mod tell;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;

pub use hands::{Hand, Says};
pub use poll::{Round, Tray};
pub use receive::Arrival;
pub use record::Recorder;
pub use results::Register;

use crate::callback::{Agencies, Listener};
use crate::clock::{Clock, Dice};
use crate::intake::Systems;
use crate::model::{ExchangeId, Time};
use crate::notify::Hook;
use crate::outbox::Schedule;
use crate::store::{Series, Store};
use crate::translate::Translator;

/// Everything the way back stands on.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The national sides that call us.
    pub listeners: Vec<Arc<Listener>>,
    /// The trays that are asked.
    pub trays: Vec<Arc<Tray>>,
    /// The registers that are asked what came of what they were pushed.
    pub registers: Vec<Arc<Register>>,
    /// The provincial systems by their agencies.
    pub agencies: Agencies,
    /// The provincial systems.
    pub systems: Systems,
    /// The mappings.
    pub translator: Arc<Translator>,
    /// The webhooks of the systems that have one, by their names.
    pub hooks: HashMap<String, Arc<Hook>>,
    /// When a webhook that was not taken is tried again.
    pub schedule: Schedule,
    /// Who writes the leaves.
    pub recorder: Recorder,
    /// Rung when something was said of money, which may be of an order of ours.
    pub paid: Arc<Notify>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance, for salts and ids.
    pub dice: Arc<dyn Dice>,
}

/// The way back.
pub struct Inbound {
    parts: Parts,
    received: Arc<Notify>,
    /// By the systems that have a webhook.
    applied: HashMap<String, Notify>,
}

impl Inbound {
    /// A way back over these parts.
    pub fn new(parts: Parts) -> Self {
        let hooked = parts.hooks.keys();
        Self {
            applied: hooked.map(|system| (system.clone(), Notify::new())).collect(),
            parts,
            received: Arc::default(),
        }
    }

    /// The national sides that call us.
    pub fn listeners(&self) -> &[Arc<Listener>] {
        &self.parts.listeners
    }

    /// The longest body that any of them may send, in bytes.
    pub fn largest(&self) -> usize {
        let limits = self.parts.listeners.iter().map(|listener| listener.limit);
        limits.max().unwrap_or(0)
    }

    /// The provincial systems.
    pub fn systems(&self) -> &Systems {
        &self.parts.systems
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.parts.store
    }

    /// The systems that have a webhook.
    pub fn hooked(&self) -> impl Iterator<Item = &str> {
        self.parts.hooks.keys().map(String::as_str)
    }

    /// What is rung when something was kept that is not on its dossier yet.
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.received)
    }

    /// What is rung when something was said of money.
    pub fn paid(&self) -> Arc<Notify> {
        Arc::clone(&self.parts.paid)
    }

    /// Resolves when something came that is not on its dossier yet.
    pub async fn received(&self) {
        self.received.notified().await;
    }

    /// Resolves when there is something to tell this system; at once, if that was so since it was asked last.
    pub async fn applied(&self, system: &str) {
        match self.applied.get(system) {
            Some(applied) => applied.notified().await,
            None => std::future::pending().await,
        }
    }

    fn now(&self) -> i64 {
        self.parts.clock.now().millis()
    }

    /// The numbers of today that begin with an agency of ours.
    fn series(&self, agency: &str) -> Series {
        let day = Time::at(self.now().div_euclid(1_000)).day();
        Series {
            begins: agency.to_owned(),
            day: day.to_string(),
        }
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
