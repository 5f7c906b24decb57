//! Files that have served their time, and files in the folder that nothing needs.

use std::sync::Arc;
use std::time::Duration;

use super::keep::{Doer, millis};
use super::{Unshown, Upkeep};
use crate::evidence::leaf::Kind;
use crate::files::{Files, Unkept};
use crate::model::ExchangeId;
use crate::store::{Served, Store, StoreError};

/// Files that end in one transaction.
const AT_ONCE: usize = 200;
/// A file that the store does not know may be on its way there; after so long it is not.
const ON_ITS_WAY: i64 = 3_600_000;

/// How long files are kept.
#[derive(Clone, Copy, Debug)]
pub struct Lasting {
    /// After every dossier that names it ended.
    pub ended: Duration,
    /// Where no dossier names it.
    pub unnamed: Duration,
}

/// Why the folder of files was not looked through.
#[derive(Debug, thiserror::Error)]
pub enum Untidy {
    /// The folder cannot be read, or not be written.
    #[error("the folder of files: {0}")]
    Files(#[from] Unkept),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Upkeep {
    /// At the start of the only process: takes away what was handed in and never kept, and what has ended. How many.
    pub async fn tidy_files(&self) -> Result<usize, Untidy> {
        let all = self.files.tidy()?;
        self.take_away(all, |_| true).await
    }

    /// Ends files that have served their time, and takes away the bytes of all that have ended. How many ended; there may be more.
    pub async fn retain_files(&self) -> Result<usize, Untidy> {
        let now = self.clock.now().millis();
        let doer = Doer {
            who: "gateway".to_owned(),
            reason: "it has served its time".to_owned(),
            basis: "[files]".to_owned(),
        };
        let served = Served {
            ended: now.saturating_sub(millis(self.lasting.ended)),
            unnamed: now.saturating_sub(millis(self.lasting.unnamed)),
        };
        let deed = self.deed(Kind::Erased, &doer, "retention");
        let ended = self.store.end_files(served, AT_ONCE, deed).await?;
        self.sweep_files().await?;
        Ok(ended)
    }

    /// Takes away the bytes of files that have ended, and of those that the store does not know and that are not on their way there.
    pub(super) async fn sweep_files(&self) -> Result<usize, Untidy> {
        let before = self.clock.now().millis().saturating_sub(ON_ITS_WAY);
        let all = self.files.all()?;
        self.take_away(all, |id| id.millis() < before).await
    }

    async fn take_away(
        &self,
        all: Vec<ExchangeId>,
        stray: impl Fn(ExchangeId) -> bool,
    ) -> Result<usize, Untidy> {
        let needless = self.store.needless_files(all).await?;
        let away = needless.into_iter().filter(|(id, known)| *known || stray(*id));
        let away: Vec<ExchangeId> = away.map(|(id, _)| id).collect();
        away.iter().for_each(|id| self.files.remove(*id));
        Ok(away.len())
    }
}

/// Reads every file that is kept and holds it against its digest. One sentence for each that does not fit.
pub async fn check_files(store: &Arc<dyn Store>, files: &Arc<Files>) -> Result<Vec<String>, Unshown> {
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let rows = store.held_files(after, AT_ONCE).await?;
        let Some((last, _)) = rows.last() else {
            return Ok(found);
        };
        after = *last;
        let files = Arc::clone(files);
        let held = move || {
            rows.into_iter()
                .filter_map(|(_, row)| {
                    let end = files.holds(row.id, row.size, &row.digest);
                    match end {
                        Ok(true) => None,
                        Ok(false) => Some(format!("File {} is not that of its digest.", row.id)),
                        Err(why) => Some(format!("File {} cannot be read whole: {why}.", row.id)),
                    }
                })
                .collect::<Vec<_>>()
        };
        let told = tokio::task::spawn_blocking(held).await;
        found.extend(told.map_err(|_| Unshown::BrokenOff)?);
    }
}
