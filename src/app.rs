//! Wiring: configuration in, running parts out; one line a part.

mod callers;
mod figures;
mod partners;
mod parts;
mod paying;
mod provider;
mod registers;
mod shipped;
mod stamping;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::clock::{Clock, Dice, NoRandomness, SystemClock, SystemDice};
use crate::config::Config;
use crate::console;
use crate::evidence::note::{NoteError, Vkey};
use crate::http::{Door, Doors, Limits, Room, router, serve};
use crate::inbound::Inbound;
use crate::keys::{FileKey, KeyFileError, RingError};
use crate::model::{Diagnostic, SealError};
use crate::outbound::Outbound;
use crate::partner::Unset;
use crate::payments::Payments;
use crate::registry::Unregistered;
use crate::store::{Sqlite, Store, StoreError};
use crate::translate::Untold;
use crate::transport::Unbuildable;
use crate::upkeep::{self, Upkeep};
use crate::worker::{self, Halt, Stop};

pub use callers::callers;
pub use partners::{framing, profiles};
pub use parts::{files, officers, opener, scanning, shelves, translator, units};
pub use paying::paying;
pub use provider::provider;
pub use shipped::{Sample, samples};
pub use stamping::{stamp_trust, stamping};

/// Why a node could not be built.
#[derive(Debug, thiserror::Error)]
pub enum Unbuilt {
    /// The certificate of the door cannot be used.
    #[error("the door has no TLS: {0}")]
    Door(String),
    /// A certificate of TLS cannot be read.
    #[error("a certificate of TLS cannot be read: {0}")]
    Certificate(String),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// A key that signs payloads cannot be used.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// The log's name and key make no verifier.
    #[error("the log's key cannot be named: {0}")]
    Vkey(#[from] NoteError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Mappings, code lists or catalogue are wrong.
    #[error(transparent)]
    Translator(#[from] Untold),
    /// Tables of administrative units are wrong.
    #[error("units cannot be used:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Units(Vec<Diagnostic>),
    /// A partner's adapter cannot be made.
    #[error("partner `{name}`: {why}")]
    Adapter {
        /// The partner.
        name: String,
        /// Why.
        why: Unregistered,
    },
    /// A national side that calls us cannot be listened to.
    #[error("callbacks `{name}`: {why}")]
    Callbacks {
        /// The listener.
        name: String,
        /// Why.
        why: String,
    },
    /// What is registered cannot be pushed, or nobody can be told what became of what lay in a tray.
    #[error("`{wire}`: {why}")]
    Register {
        /// The wire.
        wire: String,
        /// Why.
        why: String,
    },
    /// A system's webhook cannot be used.
    #[error("the webhook of system `{system}`: {why}")]
    Webhook {
        /// The system.
        system: String,
        /// Why.
        why: String,
    },
    /// A partner's profile is not there, or cannot be read.
    #[error("partner `{name}`: the profile `{profile}`: {why}")]
    Profile {
        /// The partner.
        name: String,
        /// The profile.
        profile: String,
        /// Why.
        why: String,
    },
    /// Payments cannot begin through the platform that is named.
    #[error("[payments]: {0}")]
    Payments(String),
    /// Nobody can be asked for time-stamps as it is written.
    #[error("[stamps]: {0}")]
    Stamps(String),
    /// A system's officers cannot be read.
    #[error("system `{system}`: {why}")]
    Officers {
        /// The system.
        system: String,
        /// Why.
        why: crate::reuse::BadOfficers,
    },
    /// There is no way to a partner.
    #[error(transparent)]
    Transport(#[from] Unbuildable),
    /// A partner's pace makes no sense.
    #[error(transparent)]
    Unset(#[from] Unset),
    /// A file cannot be read.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Log(upkeep::Unshown),
    /// What seals personal data cannot be used.
    #[error(
        "the vault: {0}. `lienthong init` makes what a node of an earlier version lacks; what was lost must be brought back"
    )]
    Vault(#[from] SealError),
    /// The scanner of files cannot be used.
    #[error("[files] scanner: {0}")]
    Scanner(#[from] crate::transport::NoScanner),
    /// The folder of files cannot be used.
    #[error(transparent)]
    Untidy(#[from] upkeep::Untidy),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// The parts of a node, at rest.
pub struct Node {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The way out.
    pub outbound: Arc<Outbound>,
    /// The way back.
    pub inbound: Arc<Inbound>,
    /// Payments that begin here, where a platform is named.
    pub payments: Option<Arc<Payments>>,
    /// The keeper of checkpoints.
    pub upkeep: Arc<Upkeep>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
}

/// A node that runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    halt: Halt,
    loops: JoinSet<()>,
}

/// Builds a node over the store that stands in its folder, which `init` made.
pub fn node(config: &Config) -> Result<Node, Unbuilt> {
    over(config, Arc::new(opened(config)?))
}

/// The store of a node.
pub fn opened(config: &Config) -> Result<Sqlite, Unbuilt> {
    let vault = parts::vault(config)?;
    Ok(Sqlite::open(&config.store.path, parts::store(config), vault)?)
}

/// Builds a node over a store that is open already.
pub fn over(config: &Config, store: Arc<dyn Store>) -> Result<Node, Unbuilt> {
    timed(config, store, Arc::new(SystemClock))
}

/// The same by another clock than the machine's.
pub fn timed(config: &Config, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Node, Unbuilt> {
    let dice: Arc<dyn Dice> = Arc::new(SystemDice::new()?);
    let parts = parts::outbound(config, Arc::clone(&store), Arc::clone(&clock), Arc::clone(&dice))?;
    let inbound = Arc::new(Inbound::new(parts::inbound(config, &parts)?));
    let payments = paying::payments(config, &parts, &inbound)?;
    let outbound = Arc::new(Outbound::new(parts));
    let kept = parts::upkeep(config, Arc::clone(&store), Arc::clone(&clock), Arc::clone(&dice))?;
    let upkeep = Arc::new(Upkeep::new(kept));
    Ok(Node {
        store,
        outbound,
        inbound,
        payments,
        upkeep,
        clock,
        dice,
    })
}

/// Checks the whole log of a node: see [`upkeep::check`].
pub async fn check_log(node: &Node, config: &Config) -> Result<upkeep::Checked, Unbuilt> {
    let log_key = FileKey::read(&config.log.key_file)?;
    let known = Vkey::of(&config.node.name, &log_key)?;
    let given = std::fs::read_to_string(&config.log.head_file)
        .into_iter()
        .collect();
    let trust = stamp_trust(config)?;
    upkeep::check(&node.store, &known, trust.as_ref(), given, |_| {})
        .await
        .map_err(Unbuilt::Log)
}

impl Node {
    /// Takes up what a dead process left in hand, then starts the loops and the door.
    pub async fn start(&self, config: &Config, listener: TcpListener) -> Result<Running, Unbuilt> {
        let orphans = self.store.orphans(self.clock.now().millis()).await?;
        if !orphans.is_empty() {
            tracing::warn!(
                exchanges.count = orphans.len(),
                "exchanges were in hand when the last process ended"
            );
        }
        let left = self.upkeep.tidy_files().await?;
        if left > 0 {
            tracing::warn!(
                files.count = left,
                "files that were handed in and never kept were taken away"
            );
        }
        let (halt, stop) = worker::halt();
        let mut loops = worker::start(&self.outbound, &self.inbound, &self.upkeep, &stop);
        worker::pay(&mut loops, self.payments.as_ref(), &stop);
        self.open(config, listener, (halt, stop), loops)
    }

    /// Opens the door alone. What is accepted waits until a whole node runs on this store: `bench` measures accepting so.
    pub fn accept_only(&self, config: &Config, listener: TcpListener) -> Result<Running, Unbuilt> {
        self.open(config, listener, worker::halt(), JoinSet::new())
    }

    fn open(
        &self,
        config: &Config,
        listener: TcpListener,
        (halt, mut stop): (Halt, Stop),
        mut loops: JoinSet<()>,
    ) -> Result<Running, Unbuilt> {
        let address = listener.local_addr().map_err(|why| Unbuilt::File {
            path: "listen".into(),
            why,
        })?;
        let console = console::router(self.console(config)?);
        let router = router(Arc::new(self.doors(config)?), console);
        let limits = Limits {
            connections: usize::try_from(config.http.connections).unwrap_or(usize::MAX),
            headers: config.http.header_timeout,
        };
        let door = Door {
            listener,
            tls: parts::acceptor(config)?,
            router,
            limits,
        };
        loops.spawn(async move { serve(door, stop.told()).await });
        Ok(Running { address, halt, loops })
    }

    fn console(&self, config: &Config) -> Result<console::Parts, Unbuilt> {
        let console = &config.console;
        Ok(console::Parts {
            certificates: parts::certificates(config, self.outbound.keys())?,
            outbound: Arc::clone(&self.outbound),
            inbound: Arc::clone(&self.inbound),
            payments: self.payments.clone(),
            upkeep: Arc::clone(&self.upkeep),
            clock: Arc::clone(&self.clock),
            dice: Arc::clone(&self.dice),
            node: config.node.name.clone(),
            accounts: console.accounts_file.clone(),
            policy: console::Policy {
                second_factor: console.second_factor,
                tls: config.http.tls.is_some(),
                idle: console.idle,
                longest: console.longest,
                tries: console.tries,
                lock: console.lock,
            },
        })
    }

    fn doors(&self, config: &Config) -> Result<Doors, Unbuilt> {
        let body_limit = usize::try_from(config.http.body_limit).unwrap_or(usize::MAX);
        Ok(Doors {
            outbound: Arc::clone(&self.outbound),
            inbound: Arc::clone(&self.inbound),
            payments: self.payments.clone(),
            upkeep: Arc::clone(&self.upkeep),
            certificates: parts::certificates(config, self.outbound.keys())?,
            figures: figures::figures(),
            clock: Arc::clone(&self.clock),
            dice: Arc::clone(&self.dice),
            body_limit,
            room: Room::new(body_limit),
            callback_room: Room::new(self.inbound.largest()),
            batch_limit: usize::try_from(config.http.batch_limit).unwrap_or(usize::MAX),
            patience: config.http.body_timeout,
        })
    }
}

impl Running {
    /// Tells everything to stop and waits until what was in hand is settled, at most `graceful`.
    pub async fn stop(mut self, graceful: std::time::Duration) {
        self.halt.now();
        let ended = async { while self.loops.join_next().await.is_some() {} };
        if tokio::time::timeout(graceful, ended).await.is_err() {
            tracing::warn!("stopped with work in hand: it is taken up again by its rule at the next start");
        }
    }
}
