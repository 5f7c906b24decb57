//! The log as others read it: tiles, proofs, and a whole audit, never beyond the newest checkpoint that was given out.

use std::ops::Range;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::{stamp, statement};
use crate::evidence::audit::{Audit, Auditor, audit_by};
use crate::evidence::checkpoint::{Checkpoint, CheckpointError};
use crate::evidence::map::Item;
use crate::evidence::note::Vkey;
use crate::evidence::proof::text::ProofText;
use crate::evidence::tile::{self, Place, ReadError, Reader};
use crate::evidence::tree::Edge;
use crate::evidence::view::{View, ViewError};
use crate::model::ExchangeId;
use crate::signing::trust::Trust;
use crate::store::{SignedCheckpoint, Store, StoreError};

/// Why something of the log cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Unshown {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError<StoreError>),
    /// The log could not be looked into.
    #[error(transparent)]
    View(#[from] ViewError<StoreError>),
    /// The map under a checkpoint is not that of the leaves.
    #[error(
        "the map of heads under the newest checkpoint is not that of the leaves: see `lienthong log verify`"
    )]
    Map,
    /// The reading was broken off.
    #[error("the reading was broken off")]
    BrokenOff,
}

/// Reads the store from a thread that may wait.
pub(super) struct Shelf {
    store: Arc<dyn Store>,
    handle: Handle,
}

impl Reader for Shelf {
    type Error = StoreError;

    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.handle.block_on(self.store.tile(level, number))
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, StoreError> {
        let many = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        let entries = self.handle.block_on(self.store.entries(range.start, many))?;
        Ok(entries.into_iter().map(|entry| entry.bytes).collect())
    }
}

impl Shelf {
    /// See [`Chains::mapped`](crate::store::Chains::mapped).
    pub(super) fn mapped(&self) -> Result<u64, StoreError> {
        self.handle.block_on(self.store.mapped())
    }

    /// See [`Chains::bins`](crate::store::Chains::bins).
    pub(super) fn bins(&self, numbers: Vec<u16>) -> Result<Vec<Item>, StoreError> {
        self.handle.block_on(self.store.bins(numbers))
    }

    /// See [`Chains::keep`](crate::store::Chains::keep).
    pub(super) fn keep(&self, items: Vec<Item>, leaves: Option<u64>) -> Result<(), StoreError> {
        self.handle.block_on(self.store.keep(items, leaves))
    }
}

/// Runs `look` where waiting is allowed.
pub(super) async fn looking<T: Send + 'static>(
    store: &Arc<dyn Store>,
    look: impl FnOnce(&Shelf) -> Result<T, Unshown> + Send + 'static,
) -> Result<T, Unshown> {
    let shelf = Shelf {
        store: Arc::clone(store),
        handle: Handle::current(),
    };
    tokio::task::spawn_blocking(move || look(&shelf))
        .await
        .map_err(|_| Unshown::BrokenOff)?
}

/// The root that a log of `size` leaves had when it had only `earlier` of them.
pub(super) async fn root(store: &Arc<dyn Store>, size: u64, earlier: u64) -> Result<[u8; 32], Unshown> {
    looking(store, move |shelf| {
        let edge = Edge::read(size, shelf)?;
        Ok(View::new(&edge, shelf).root(earlier)?)
    })
    .await
}

/// The tile or bundle at a path such as `tile/0/000`; none where the newest checkpoint does not reach.
pub async fn tile(store: &Arc<dyn Store>, path: &str) -> Result<Option<Vec<u8>>, Unshown> {
    let (Some(place), Some(newest)) = (Place::parse(path), store.checkpoint().await?) else {
        return Ok(None);
    };
    looking(store, move |shelf| {
        let edge = Edge::read(newest.size, shelf)?;
        match View::new(&edge, shelf).serve(place) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ViewError::Beyond { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// The proof of the newest leaf of an exchange, as C2SP tlog-proof with the leaf's data in it, so that the file proves
/// itself; none before a checkpoint reaches it.
pub async fn prove(store: &Arc<dyn Store>, exchange: ExchangeId) -> Result<Option<String>, Unshown> {
    let (Some(index), Some(newest)) = (store.leaf_of(exchange).await?, store.checkpoint().await?) else {
        return Ok(None);
    };
    if index >= newest.size {
        return Ok(None);
    }
    looking(store, move |shelf| {
        Ok(Some(leaf(shelf, index, newest)?.to_string()))
    })
    .await
}

/// The proof of a leaf under a checkpoint, with the leaf in it.
pub(super) fn leaf(shelf: &Shelf, index: u64, newest: SignedCheckpoint) -> Result<ProofText, Unshown> {
    let edge = Edge::read(newest.size, shelf)?;
    Ok(ProofText {
        extra: tile::entries(shelf, index..index + 1)?.pop(),
        index,
        path: View::new(&edge, shelf).inclusion(index, newest.size)?,
        checkpoint: newest.note,
    })
}

/// What a whole check came to, in sentences; empty is well.
#[derive(Debug)]
pub struct Checked {
    /// Leaves read.
    pub leaves: u64,
    /// Of how many first leaves the map of heads was worked out anew and is the one that a leaf says.
    pub mapped: u64,
    /// How many statements of the books were signed, in the log, and right.
    pub statements: u64,
    /// What an auditor should hear though it fits: leaves that are older than their place, statements that say that books did not agree.
    pub remarks: Vec<String>,
    /// What does not fit: the log in itself, the log against its checkpoints, the store against the log.
    pub findings: Vec<String>,
}

/// Checks everything: each leaf, each link, each tile, each checkpoint's signature and root, and the store against
/// its log, each statement of the books, and each time-stamp by the anchors of `trust`. `given` are checkpoints kept outside the store.
pub async fn check(
    store: &Arc<dyn Store>,
    known: &Vkey,
    trust: Option<&Trust>,
    given: Vec<String>,
    progress: impl FnMut(u64) + Send + 'static,
) -> Result<Checked, Unshown> {
    // In this order: a checkpoint read later might speak of leaves that came after the head was read.
    let newest = store.checkpoint().await?.map(|signed| signed.note);
    let (mut checkpoints, mut findings) = stamp::stamped(store, known, trust).await?;
    let counted = store.count().await?;
    let head = store.head().await?;
    let judge = statement::judge(store, known, counted).await?;
    for note in newest.into_iter().chain(given) {
        match opened(&note, known) {
            Ok(checkpoint) => checkpoints.push(checkpoint),
            Err(error) => findings.push(format!("a checkpoint does not stand: {error}")),
        }
    }
    let found: Audit = looking(store, move |shelf| {
        let auditor = Auditor::new(checkpoints).with(judge);
        Ok(audit_by(auditor, head.size, shelf, progress)?)
    })
    .await?;
    if found.size == head.size && found.root != head.root {
        findings.push("the root that the store keeps is not the root of its leaves".to_owned());
    }
    findings.extend(found.findings.iter().map(ToString::to_string));
    findings.extend(store.discrepancies().await?);
    Ok(Checked {
        leaves: found.size,
        mapped: found.mapped,
        statements: found.statements,
        remarks: found
            .backdated
            .iter()
            .map(ToString::to_string)
            .chain(found.remarks)
            .collect(),
        findings,
    })
}

fn opened(note: &str, known: &Vkey) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(note, std::slice::from_ref(known))
}
