//! The way out: `submit` in the request, `prepare` and `dispatch` in the worker.
//!
//! Only this flow joins the steps: intake → translate (dry) → accept ┊ reuse → translate → sign → outbox ┊ deliver → verdict → log.

mod dispatch;
mod files;
mod hands;
mod lookup;
mod prepare;
mod preview;
mod reconcile;
mod record;
mod refresh;
mod register;
mod remarks;
mod reuse;
mod seal;
mod states;
mod steps;
mod submit;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

pub use dispatch::Hand;
pub use files::{FETCHED, Missing, Shelf};
pub use prepare::Round;
pub use preview::{Preview, Unseen, Wish, why_not};
pub use reconcile::Stands;
pub use record::Recorder;
pub use register::Register;
pub use remarks::Unfit;
pub use reuse::Reusing;
pub use states::Teller;
pub use submit::{Refusal, Submission, Taken, Unmet};

use hands::Hands;

use crate::clock::{Clock, Dice};
use crate::evidence::blind::Blind;
use crate::intake::Systems;
use crate::keys::Seen;
use crate::model::{Rota, SignerError};
use crate::outbox::Schedule;
use crate::partner::Partner;
use crate::signing::jws::Jws;
use crate::store::{Leased, Store, StoreError};
use crate::translate::Translator;

/// The longest that a dispatch loop sleeps before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// A partner, and what is rendered for it.
pub struct Destination {
    /// The conversation.
    pub partner: Arc<Partner>,
    /// The mapping of its dossier.
    pub dossier: String,
    /// The mapping of its steps.
    pub progress: String,
    /// Who signs payloads for it, and when; none, if nobody is to.
    pub signature: Option<Rota<Arc<Jws>>>,
    /// Told when something was put in its outbox.
    pub queued: Notify,
}

/// A partner that is asked what the state holds.
pub struct Source {
    /// The conversation.
    pub partner: Arc<Partner>,
    /// The mapping that reads each of its operations.
    pub mappings: BTreeMap<String, String>,
    /// The profile that frames it, as `name@version`.
    pub profile: String,
}

/// Everything the way out stands on.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Where files lie.
    pub shelf: Shelf,
    /// The provincial systems.
    pub systems: Systems,
    /// The mappings.
    pub translator: Arc<Translator>,
    /// The partners to whom dossiers are owed, by name.
    pub destinations: HashMap<String, Destination>,
    /// The partners that are asked what the state holds, by name.
    pub sources: HashMap<String, Source>,
    /// The keys that sign payloads, as they were when the node was built.
    pub keys: Vec<Seen>,
    /// The registers of the state that dossiers are pushed to, by their wires.
    pub registers: HashMap<String, Register>,
    /// Who is told of what lay in each tray, by the names of its partner.
    pub tellers: HashMap<String, Teller>,
    /// What the state holds: whom to ask, and how much.
    pub reusing: Reusing,
    /// Who signs receipts.
    pub receipts: Arc<Jws>,
    /// Who writes the leaves.
    pub recorder: Recorder,
    /// When to try again.
    pub schedule: Schedule,
    /// How long a message without a deadline is tried, in ms.
    pub give_up: i64,
    /// How long a worker may hold a message, in ms.
    pub lease: i64,
    /// The name of the log, as it stands in receipts.
    pub log: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance, for jitter, salts and ids.
    pub dice: Arc<dyn Dice>,
}

/// The way out.
pub struct Outbound {
    parts: Parts,
    accepted: Notify,
    /// Something is due with a register.
    due: Notify,
    hands: Hands,
}

/// Why a worker's round ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A partner of the store is not in the configuration.
    #[error("the configuration has no partner `{0}`")]
    Partner(String),
    /// The key of a message is not at hand: worth another attempt.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl Outbound {
    /// A way out over these parts.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            accepted: Notify::new(),
            due: Notify::new(),
            hands: Hands::default(),
        }
    }

    /// The partners that something is delivered to.
    pub fn partners(&self) -> impl Iterator<Item = &Arc<Partner>> {
        let destinations = self.parts.destinations.values();
        let registers = self.parts.registers.values();
        let tellers = self.parts.tellers.values();
        destinations
            .map(|destination| &destination.partner)
            .chain(registers.map(|register| &register.partner))
            .chain(tellers.map(|teller| &teller.partner))
    }

    /// What is told when something was put in a partner's outbox.
    fn queue(&self, partner: &str) -> Option<&Notify> {
        let destination = self.parts.destinations.get(partner);
        let registers = self.parts.registers.values();
        let tellers = self.parts.tellers.values();
        let mut others = registers
            .map(|register| (&register.partner, &register.queued))
            .chain(tellers.map(|teller| (&teller.partner, &teller.queued)));
        match destination {
            Some(destination) => Some(&destination.queued),
            None => others
                .find(|(other, _)| other.name() == partner)
                .map(|(_, queued)| queued),
        }
    }

    /// The keys that sign payloads, as they were when the node was built.
    pub fn keys(&self) -> &[Seen] {
        &self.parts.keys
    }

    /// A subject's number as the log has it: what a search by a person's number looks for.
    pub fn blinded(&self, identity: &str) -> Option<Blind> {
        self.parts.recorder.subject(Some(identity))
    }

    /// A person of the console as the log has them.
    pub fn account(&self, name: &str) -> Blind {
        self.parts.recorder.account(name)
    }

    /// The partners that are asked what the state holds.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Partner>> {
        self.parts.sources.values().map(|source| &source.partner)
    }

    /// The provincial systems.
    pub fn systems(&self) -> &Systems {
        &self.parts.systems
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.parts.store
    }

    /// The mappings.
    pub fn translator(&self) -> &Translator {
        &self.parts.translator
    }

    /// Resolves when something was accepted.
    pub async fn accepted(&self) {
        self.accepted.notified().await;
    }

    /// Resolves when something was put in this partner's outbox.
    pub async fn queued(&self, partner: &str) {
        match self.queue(partner) {
            Some(queued) => queued.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Waits for the partner's pace, then leases at most `most` messages.
    pub async fn lease(&self, partner: &Partner, most: usize) -> Result<Vec<Leased>, StoreError> {
        let places = partner.places(most).await;
        let now = self.now();
        self.parts
            .store
            .lease(partner.name(), now, now.saturating_add(self.parts.lease), places)
            .await
    }

    /// How long nothing of this partner becomes ready by itself.
    pub async fn pause(&self, partner: &str) -> Duration {
        match self.parts.store.wakes_at(partner).await {
            Ok(Some(at)) => self.until(at),
            Ok(None) | Err(_) => LOOK_AGAIN,
        }
    }

    /// How long it is until a moment, at most as long as a loop may sleep.
    pub fn until(&self, at: i64) -> Duration {
        let wait = u64::try_from(at.saturating_sub(self.now()).max(1)).unwrap_or(1);
        Duration::from_millis(wait).min(LOOK_AGAIN)
    }

    fn destination(&self, partner: &str) -> Result<&Destination, Error> {
        self.parts
            .destinations
            .get(partner)
            .ok_or_else(|| Error::Partner(partner.to_owned()))
    }

    fn now(&self) -> i64 {
        self.parts.clock.now().millis()
    }

    fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.parts.dice.bytes(&mut salt);
        salt
    }
}
