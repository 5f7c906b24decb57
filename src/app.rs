//! Wiring: configuration in, running parts out; one line a part.

mod callers;
mod partners;
mod parts;
mod provider;
mod shipped;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::clock::{Clock, Dice, NoRandomness, SystemClock, SystemDice};
use crate::config::Config;
use crate::evidence::note::{NoteError, Vkey};
use crate::http::{Door, Doors, Limits, Room, router, serve};
use crate::inbound::Inbound;
use crate::keys::{FileKey, KeyFileError, RingError};
use crate::model::Diagnostic;
use crate::outbound::Outbound;
use crate::partner::Unset;
use crate::registry::Unregistered;
use crate::store::{Sqlite, Store, StoreError};
use crate::translate::Untold;
use crate::transport::Unbuildable;
use crate::upkeep::{self, Upkeep};
use crate::worker::{self, Halt, Stop};

pub use callers::callers;
pub use partners::{framing, profiles};
pub use parts::{officers, shelves, translator, units};
pub use provider::provider;
pub use shipped::{Sample, samples};

/// Why a node could not be built.
#[derive(Debug, thiserror::Error)]
pub enum Unbuilt {
    /// The certificate of the door cannot be used.
    #[error("the door has no TLS: {0}")]
    Door(String),
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
    Ok(Sqlite::open(&config.store.path, parts::store(config))?)
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
    let outbound = Arc::new(Outbound::new(parts));
    let log_key = FileKey::read(&config.log.key_file)?;
    let known = Vkey::of(&config.node.name, &log_key)?;
    let upkeep = Arc::new(Upkeep::new(upkeep::Parts {
        store: Arc::clone(&store),
        signer: Arc::new(log_key),
        known,
        origin: config.node.name.clone(),
        head_file: config.log.head_file.clone(),
        clock: Arc::clone(&clock),
        interval: config.log.interval,
    }));
    Ok(Node {
        store,
        outbound,
        inbound,
        upkeep,
        clock,
        dice,
    })
}

/// Checks the whole log of a node: see [`upkeep::check`].
pub async fn check_log(node: &Node, config: &Config) -> Result<upkeep::Checked, Unbuilt> {
    let log_key = FileKey::read(&config.log.key_file)?;
    let known = Vkey::of(&config.node.name, &log_key)?;
    let given = std::fs::read_to_string(&config.log.head_file).ok();
    upkeep::check(&node.store, &known, given, |_| {})
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
        let (halt, stop) = worker::halt();
        let loops = worker::start(&self.outbound, &self.inbound, &self.upkeep, &stop);
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
        let router = router(Arc::new(self.doors(config)));
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

    fn doors(&self, config: &Config) -> Doors {
        let body_limit = usize::try_from(config.http.body_limit).unwrap_or(usize::MAX);
        Doors {
            outbound: Arc::clone(&self.outbound),
            inbound: Arc::clone(&self.inbound),
            upkeep: Arc::clone(&self.upkeep),
            figures: figures(),
            clock: Arc::clone(&self.clock),
            dice: Arc::clone(&self.dice),
            body_limit,
            room: Room::new(body_limit),
            callback_room: Room::new(self.inbound.largest()),
            batch_limit: usize::try_from(config.http.batch_limit).unwrap_or(usize::MAX),
            patience: config.http.body_timeout,
        }
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

/// The figures are one a process, whatever number of nodes runs in it.
fn figures() -> PrometheusHandle {
    static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();
    FIGURES
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // Somebody else's recorder in this process keeps its place; ours then shows nothing.
            let _first = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}
