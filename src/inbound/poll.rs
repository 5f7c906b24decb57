//! In the worker: what a national side keeps for us in a tray. Listed, read whole, kept as what its sender files, and only then
//! acknowledged: what is lost between two of these comes again with the next list.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use wire::callback::Callback;
use wire::tray::Item;

use super::Inbound;
use super::record::About;
use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::partner::{Partner, Unanswered};
use crate::store::{Acknowledged, Heard, Receipt, Received, Renewal, StoreError};

/// A tray of a partner.
pub struct Tray {
    /// The conversation.
    pub partner: Arc<Partner>,
    /// What the calls are, and what they bring.
    pub wire: Box<dyn wire::tray::Tray>,
    /// The mapping that reads each kind.
    pub mappings: BTreeMap<String, String>,
    /// The agency whose numbers are given.
    pub numbers: String,
    /// The system whose it is.
    pub system: Option<String>,
    /// How long to wait after a round that brought something, then after those that brought nothing.
    pub waits: Vec<Duration>,
    /// The most that one round takes in.
    pub batch: usize,
    /// What stayed there last time; it stands behind everything else, so that it is in nobody's way.
    pub left: Mutex<HashSet<String>>,
}

/// What one round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// What is new and kept.
    pub kept: usize,
    /// What the tray was told of.
    pub acknowledged: usize,
    /// What could not be taken, or the list itself.
    pub failed: usize,
    /// More lies there than one round takes in.
    pub more: bool,
}

/// Why an item stays where it is until the next round.
#[derive(Debug, thiserror::Error)]
enum Left {
    #[error("it is listed and cannot be read: {0}")]
    Unread(#[from] Unanswered),
    #[error("it is listed and is not there")]
    Gone,
    #[error("what it says cannot be read: {0}")]
    Unreadable(#[from] wire::callback::Unread),
    #[error("it was not kept: {0}")]
    Unkept(#[from] StoreError),
    #[error("it is kept, and the tray could not be told: {0}")]
    Untold(Unanswered),
}

impl Tray {
    /// How long to wait after so many rounds in a row that brought nothing.
    pub fn wait(&self, empty: usize) -> Duration {
        let place = empty.min(self.waits.len().saturating_sub(1));
        self.waits.get(place).copied().unwrap_or(Duration::from_secs(60))
    }
}

impl Inbound {
    /// The trays that are asked.
    pub fn trays(&self) -> &[Arc<Tray>] {
        &self.parts.trays
    }

    /// One round: everything that lies in the tray, at most a batch of it. What is kept and no longer lies there is acknowledged
    /// once more where the tray's word for it was lost.
    pub async fn poll(&self, tray: &Tray) -> Round {
        let listed = match self.listed(tray).await {
            Ok(listed) => listed,
            Err(why) => {
                tracing::warn!(partner.name = tray.partner.name(), cause = %why, "a tray was not listed");
                return Round {
                    failed: 1,
                    ..Round::default()
                };
            }
        };
        let (items, lost) = listed;
        let mut round = Round {
            more: items.len() > tray.batch,
            ..Round::default()
        };
        let mut stays = HashSet::new();
        let taken = items.iter().take(tray.batch).map(|item| self.take(tray, item));
        for (item, (end, left)) in items.iter().zip(join_all(taken).await) {
            round.kept += usize::from(end.is_some());
            match left {
                None => {
                    round.acknowledged += 1;
                    count(tray, end.map_or("repeat", Received::word));
                }
                Some(why) => {
                    round.failed += 1;
                    stays.insert(item.key.clone());
                    count(tray, "left");
                    tracing::warn!(partner.name = tray.partner.name(), item.id = %item.id, cause = %why, "something in a tray stays there");
                }
            }
        }
        *tray.left.lock().unwrap_or_else(PoisonError::into_inner) = stays;
        let told = join_all(lost.iter().map(|key| self.tell_tray(tray, key))).await;
        round.acknowledged += told.iter().filter(|told| told.is_ok()).count();
        round.failed += told.iter().filter(|told| told.is_err()).count();
        round
    }

    /// What lies in a tray, each once; a tray that says that nothing does is empty. Beside it, what is kept, is not told, and
    /// lies there no more.
    async fn listed(&self, tray: &Tray) -> Result<(Vec<Item>, Vec<String>), Unlisted> {
        let listed = tray.partner.ask(tray.wire.lists(), &[]).await?;
        let mut items = match listed.result {
            Some(listed) => tray.wire.items(&listed).ok_or(Unlisted::Unreadable)?,
            None => Vec::new(),
        };
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(item.key.clone()));
        let left = tray.left.lock().unwrap_or_else(PoisonError::into_inner).clone();
        items.sort_by_key(|item| left.contains(&item.key));
        let mut lost = self.parts.store.untold(tray.partner.name(), tray.batch).await?;
        lost.retain(|key| !seen.contains(key));
        Ok((items, lost))
    }

    /// Takes one item: what keeping it came to, if it was kept just now, and why the tray was not told of it.
    async fn take(&self, tray: &Tray, item: &Item) -> (Option<Received>, Option<Left>) {
        match self.kept(tray, item).await {
            Ok(end) => (end, self.tell_tray(tray, &item.key).await.err()),
            Err(left) => (None, Some(left)),
        }
    }

    /// Reads an item whole and keeps it. What came before as it is now is none.
    async fn kept(&self, tray: &Tray, item: &Item) -> Result<Option<Received>, Left> {
        let asks = tray.wire.reads();
        let whole = tray
            .partner
            .ask(asks.operation, &[(asks.argument, &item.id)])
            .await?;
        let whole = whole.result.ok_or(Left::Gone)?;
        let callback = tray.wire.read(item, &whole, |bytes| hash::digest(&[bytes]))?;
        let reception = self.parts.store.receive(self.filed(tray, callback)).await?;
        if reception.end == Some(Received::Taken) {
            self.received.notify_one();
        }
        Ok(reception.end)
    }

    async fn tell_tray(&self, tray: &Tray, item: &str) -> Result<(), Left> {
        let asks = tray.wire.acknowledges();
        let told = tray.partner.ask(asks.operation, &[(asks.argument, item)]).await;
        told.map_err(Left::Untold)?;
        let (recorder, at) = (self.parts.recorder.clone(), self.now());
        let (partner, operation) = (tray.partner.name().to_owned(), asks.operation);
        let acknowledged = Acknowledged {
            tray: partner.clone(),
            item: item.to_owned(),
            leaf: Arc::new(move |number| recorder.acknowledged(&partner, operation, number, at)),
        };
        Ok(self.parts.store.acknowledged(acknowledged).await?)
    }

    /// What lay in a tray, as a callback that nobody waits for the reply of. The tray does not date what it holds: what is read
    /// later is said later.
    fn filed(&self, tray: &Tray, callback: Callback) -> Receipt {
        let (at, salt) = (self.now(), self.salt());
        let id = self.id(at);
        let papers = callback.papers.into_iter().map(|paper| {
            let digest = hash::digest(&[&paper.bytes]);
            (digest, paper.bytes)
        });
        let (recorder, partner, kind) = (
            self.parts.recorder.clone(),
            tray.partner.name().to_owned(),
            callback.kind,
        );
        let commit = commitment(&salt, &callback.document);
        Receipt {
            id,
            listener: partner.clone(),
            kind,
            key: callback.key,
            digest: hash::digest(&[&callback.document]),
            document: callback.document,
            papers: papers.collect(),
            at,
            said_at: callback.at.or(Some(at)),
            updating: false,
            renewal: Renewal::Awaited,
            files: true,
            series: Some(self.series(&tray.numbers)),
            number: None,
            system: tray.system.clone(),
            order: None,
            sought: true,
            salt,
            telling: Arc::new(move |end, number| {
                let about = About {
                    callback: id,
                    partner: &partner,
                    kind,
                    number,
                };
                (nobody(), recorder.received(about, at, end.word(), commit))
            }),
        }
    }
}

/// Why nobody knows what lies in a tray.
#[derive(Debug, thiserror::Error)]
enum Unlisted {
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("the list cannot be read")]
    Unreadable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Nobody waits for a reply to what lay in a tray.
pub(super) fn nobody() -> Heard {
    Heard {
        status: 0,
        media: String::new(),
        body: Vec::new(),
    }
}

fn count(tray: &Tray, end: &'static str) {
    metrics::counter!("lienthong_tray_items_total", "partner" => tray.partner.name().to_owned(), "end" => end)
        .increment(1);
}
