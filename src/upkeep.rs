//! What keeps the house: a checkpoint each second under load, and the refusal to sign over a past that is gone.

mod beside;
mod export;
mod files;
mod heads;
mod keep;
mod scan;
mod shelf;
mod stamp;
mod statement;

use std::cmp::Ordering;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{self, AtomicBool};
use std::time::Duration;

use crate::clock::{Clock, Dice};
use crate::evidence::blind::Blinder;
use crate::evidence::checkpoint::{Checkpoint, CheckpointError};
use crate::evidence::leaf::{Chain, Kind};
use crate::evidence::note::Vkey;
use crate::evidence::statement::reckoning::Reckoning;
use crate::files::Files;
use crate::model::Signer;
use crate::store::{Head, SignedCheckpoint, Store, StoreError};

pub use beside::complete;
pub use export::Unexported;
use export::Wanted;
pub use files::{Lasting, Untidy, check_files};
use heads::Keeper;
pub use keep::{Doer, Retained, Retention, Told};
pub use scan::Scanning;
pub use shelf::{Checked, Unshown, check, prove, tile};
pub use stamp::{Stamping, left};
pub use statement::Unstated;

/// Why no checkpoint was signed.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// The store is older than a checkpoint that was given out.
    #[error(
        "the store holds {held} leaves, but a checkpoint over {given} was given out: this is an older copy. \
         Restore the newest backup, or begin a new log with `lienthong init` under another log name"
    )]
    Older {
        /// Leaves in the store.
        held: u64,
        /// Leaves under the newest checkpoint given out.
        given: u64,
    },
    /// The same size, another root: the store was changed, or is another one.
    #[error("the store's log of {0} leaves has another root than the checkpoint given out over as many")]
    Forked(u64),
    /// The file of the newest checkpoint cannot be read or written.
    #[error("the head file {path} cannot be used: {source}")]
    HeadFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else than our checkpoint.
    #[error("the head file holds no checkpoint of this log: {0}")]
    Foreign(CheckpointError),
    /// The key did not sign.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log could not be read.
    #[error(transparent)]
    Unshown(#[from] Unshown),
}

/// A checkpoint that others may hold.
struct Given {
    checkpoint: Checkpoint,
    note: String,
}

/// The keeper of checkpoints.
pub struct Upkeep {
    store: Arc<dyn Store>,
    signer: Arc<dyn Signer>,
    known: Vkey,
    seal: Arc<dyn Signer>,
    origin: String,
    head_file: PathBuf,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    blinder: Blinder,
    retention: Retention,
    files: Arc<Files>,
    lasting: Lasting,
    scanning: Scanning,
    stamping: Option<Stamping>,
    interval: Duration,
    statements: Duration,
    sound: AtomicBool,
    /// One checkpoint is made at a time; the map of heads, once it was looked at.
    signing: tokio::sync::Mutex<Option<Keeper>>,
    /// The books are stated one at a time; what the leaves come to, once that was looked at.
    stating: tokio::sync::Mutex<Option<Reckoning>>,
}

/// What an upkeep is made of.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The log's key.
    pub signer: Arc<dyn Signer>,
    /// The same key as verifiers know it.
    pub known: Vkey,
    /// The key that seals what is exported.
    pub seal: Arc<dyn Signer>,
    /// The log's name.
    pub origin: String,
    /// Where the newest checkpoint given out is kept, outside the store: that is how an older store is noticed.
    pub head_file: PathBuf,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance, for salts.
    pub dice: Arc<dyn Dice>,
    /// Blinds whom deeds are about.
    pub blinder: Blinder,
    /// How long personal data is kept.
    pub retention: Retention,
    /// The folder of files.
    pub files: Arc<Files>,
    /// How long files are kept.
    pub lasting: Lasting,
    /// Who scans them.
    pub scanning: Scanning,
    /// Who stamps checkpoints, if somebody does.
    pub stamping: Option<Stamping>,
    /// How often to sign while the log grows.
    pub interval: Duration,
    /// How often the books are stated.
    pub statements: Duration,
}

impl Upkeep {
    /// A keeper.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            signer,
            known,
            seal,
            origin,
            head_file,
            clock,
            dice,
            blinder,
            retention,
            files,
            lasting,
            scanning,
            stamping,
            interval,
            statements,
        } = parts;
        Self {
            store,
            signer,
            known,
            seal,
            origin,
            head_file,
            clock,
            dice,
            blinder,
            retention,
            files,
            lasting,
            scanning,
            stamping,
            interval,
            statements,
            sound: AtomicBool::new(true),
            signing: tokio::sync::Mutex::new(None),
            stating: tokio::sync::Mutex::new(None),
        }
    }

    /// The log's key, as those who check it know it.
    pub fn known(&self) -> &Vkey {
        &self.known
    }

    /// How often to sign while the log grows.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// Whether the last round could stand by everything that was given out.
    pub fn is_sound(&self) -> bool {
        self.sound.load(atomic::Ordering::Relaxed)
    }

    /// One round: sign what grew. A failure is logged here, where it is handled, and shown by `/readyz`.
    pub async fn round(&self) {
        match self.checkpoint().await {
            Ok(_) => self.sound.store(true, atomic::Ordering::Relaxed),
            Err(error) => {
                self.sound.store(false, atomic::Ordering::Relaxed);
                tracing::error!(error = %error, "no checkpoint was signed");
            }
        }
    }

    /// The last round: what is in memory of the map of heads is written, so that the next start need not read the leaves for it.
    pub async fn close(&self) {
        self.round().await;
        let mut keeper = self.signing.lock().await;
        if let Err(error) = heads::write(&self.store, &mut keeper, true).await {
            tracing::warn!(error = %error, "the map of heads was not written: it is read from the leaves at the next start");
        }
    }

    /// Signs a checkpoint if the log grew, over a log whose last leaf says the map of heads. It is kept on disk, outside the store
    /// and in it, before anybody sees it.
    pub async fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, Unsigned> {
        let mut keeper = self.signing.lock().await;
        let head = self.store.head().await?;
        if let Some(given) = self.given()?
            && !self.grew(&head, &given).await?
        {
            return Ok(None);
        }
        let Head { size, root } = self.mapped(head, &mut keeper).await?;
        let body = Checkpoint {
            origin: self.origin.clone(),
            size,
            root,
        };
        let note = body.sign(self.signer.as_ref())?;
        let signed = SignedCheckpoint {
            size,
            root,
            at: self.clock.now().millis(),
            note,
        };
        replace(&self.head_file, signed.note.as_bytes()).map_err(|source| self.unusable(source))?;
        self.store.publish(signed.clone()).await?;
        heads::write(&self.store, &mut keeper, false).await?;
        Ok(Some(signed))
    }

    /// The log up to the leaf that says the map of heads. A log without leaves has none.
    async fn mapped(&self, head: Head, keeper: &mut Option<Keeper>) -> Result<Head, Unsigned> {
        if head.size == 0 {
            return Ok(head);
        }
        let size = heads::enter(&self.store, keeper, self.clock.now().millis()).await?;
        let now = self.store.head().await?;
        let root = match now.size.cmp(&size) {
            Ordering::Equal => now.root,
            Ordering::Less | Ordering::Greater => shelf::root(&self.store, now.size, size).await?,
        };
        Ok(Head { size, root })
    }

    /// What the map of heads under the newest checkpoint says of a chain, as a `.completeness` file: how many leaves it has and which is
    /// its newest, or that it has none. None where no checkpoint stands over a map.
    pub async fn complete(&self, chain: Chain) -> Result<Option<String>, Unshown> {
        let mut keeper = self.signing.lock().await;
        heads::complete(&self.store, &mut keeper, chain).await
    }

    /// The evidence of one dossier, as a container: everything under a checkpoint that is made for it, with the leaf of this very
    /// look. None when there is no such dossier.
    pub async fn export(&self, doer: &Doer, number: &str) -> Result<Option<Vec<u8>>, Unexported> {
        let deed = self.deed(Kind::Opened, doer, "look");
        let Some(shown) = self.store.exhibits(number, deed).await? else {
            return Ok(None);
        };
        self.round().await;
        let wanted = Wanted {
            number,
            origin: &self.origin,
            signer: self.seal.as_ref(),
            now: self.clock.now().millis(),
        };
        let mut keeper = self.signing.lock().await;
        export::export(&self.store, &mut keeper, &shown, &wanted).await
    }

    /// Whether the log grew from what was given out. An older log, or one that does not begin with what was given out, is
    /// refused. A process that died between the file and the store left the store without its checkpoint: it gets it now.
    async fn grew(&self, head: &Head, given: &Given) -> Result<bool, Unsigned> {
        let Given { checkpoint, note } = given;
        if head.size < checkpoint.size {
            return Err(Unsigned::Older {
                held: head.size,
                given: checkpoint.size,
            });
        }
        let root = match head.size.cmp(&checkpoint.size) {
            Ordering::Greater => shelf::root(&self.store, head.size, checkpoint.size).await?,
            Ordering::Less | Ordering::Equal => head.root,
        };
        if root != checkpoint.root {
            return Err(Unsigned::Forked(checkpoint.size));
        }
        let kept = self.store.checkpoint().await?.map_or(0, |kept| kept.size);
        if kept < checkpoint.size {
            let (size, root, at) = (checkpoint.size, checkpoint.root, self.clock.now().millis());
            self.store
                .publish(SignedCheckpoint {
                    size,
                    root,
                    at,
                    note: note.clone(),
                })
                .await?;
        }
        Ok(head.size > checkpoint.size)
    }

    /// The newest checkpoint given out, by the file outside the store.
    fn given(&self) -> Result<Option<Given>, Unsigned> {
        match std::fs::read_to_string(&self.head_file) {
            Ok(note) => {
                let known = std::slice::from_ref(&self.known);
                let checkpoint = Checkpoint::open(&note, known).map_err(Unsigned::Foreign)?;
                Ok(Some(Given { checkpoint, note }))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unusable(error)),
        }
    }

    fn unusable(&self, source: std::io::Error) -> Unsigned {
        Unsigned::HeadFile {
            path: self.head_file.clone(),
            source,
        }
    }
}

/// Puts new bytes in a file's place, whole or not at all, and on disk before it returns.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    std::fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
