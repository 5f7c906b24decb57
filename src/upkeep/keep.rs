//! Personal data by its rules: somebody looks, a subject is erased, and what has served its time is erased by itself. Each is a
//! leaf that says who (blinded) and commits to why and on what basis.

use std::time::Duration;

use serde::Serialize;

use super::Upkeep;
use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::store::{Deed, DeedRow, Erasure, Seen, StoreError, Wanted};

/// Dossiers that one round of retention erases.
const AT_ONCE: usize = 500;
/// Dossiers whose rows one round drops, in one transaction: others wait for the writer meanwhile.
const DROPPED: usize = 64;

/// How long personal data is kept, by its class.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// What is sealed of a dossier, after all of it was settled.
    pub payload: Duration,
    /// Who asked, acted and looked, after the month in which that was.
    pub access: Duration,
    /// What is left of a dossier, after nothing has happened on it any more.
    pub metadata: Duration,
}

/// What one round of retention came to; there may be more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Dossiers that were erased.
    pub erased: usize,
    /// Months of who asked and looked.
    pub months: usize,
    /// Dossiers whose rows were dropped.
    pub dropped: usize,
}

/// Who does something with sealed data, why, and on what basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doer {
    /// The account, or the name of the system.
    pub who: String,
    /// Why, in the doer's words.
    pub reason: String,
    /// The law, or the rule, that allows it.
    pub basis: String,
}

/// A deed with what was said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The deed.
    #[serde(flatten)]
    pub deed: DeedRow,
    /// Who, why and on what basis, JSON; none where that has served its time.
    pub says: Option<serde_json::Value>,
}

impl Upkeep {
    /// Shows sealed data to somebody. The leaf of the look is on disk before anything is opened; none where there is nothing of
    /// that, or nothing any more.
    pub async fn look(&self, doer: &Doer, wanted: Wanted) -> Result<Option<Seen>, StoreError> {
        let deed = self.deed(Kind::Opened, doer, "look");
        self.store.look(wanted, deed).await
    }

    /// Who looked at what of a subject, and had what erased; that this is asked is a look itself.
    pub async fn deeds(&self, doer: &Doer, subject: &str) -> Result<Vec<Told>, StoreError> {
        let subject = self.blinder.subject(subject);
        let rows = self.store.deeds(subject).await?;
        let seen = self.look(doer, Wanted::Deeds(subject)).await?;
        let said = |row: &DeedRow| {
            let said = seen.as_ref()?.part(&row.leaf.to_string())?;
            serde_json::from_slice(said).ok()
        };
        Ok(rows
            .into_iter()
            .map(|deed| Told {
                says: said(&deed),
                deed,
            })
            .collect())
    }

    /// Erases everything about a subject; with `dry`, only says what that would be.
    pub async fn erase(&self, doer: &Doer, subject: &str, dry: bool) -> Result<Erasure, StoreError> {
        let subject = self.blinder.subject(subject);
        let numbers = self.store.about(subject).await?;
        if dry {
            return self.store.erasable(numbers).await;
        }
        let deed = self.deed(Kind::Erased, doer, "asked");
        let erased = self.store.erase(numbers, Some(subject), deed).await?;
        if let Err(error) = self.sweep_files().await {
            // No key opens them any more; the next round takes them away.
            tracing::warn!(error = %error, "files of erased dossiers stay in the folder for a while");
        }
        Ok(erased)
    }

    /// Ends what has served its time: what is sealed of dossiers that ended long enough ago, the months of who asked and looked, and
    /// the rows of dossiers of which nothing else is left.
    pub async fn retain(&self) -> Result<Retained, StoreError> {
        let now = self.clock.now().millis();
        let doer = Doer {
            who: "gateway".to_owned(),
            reason: "it has served its time".to_owned(),
            basis: "[retention]".to_owned(),
        };
        let before = now.saturating_sub(millis(self.retention.payload));
        let numbers = self.store.ended(before, AT_ONCE).await?;
        let deed = self.deed(Kind::Erased, &doer, "retention");
        let erased = if numbers.is_empty() {
            0
        } else {
            self.store.erase(numbers, None, deed.clone()).await?.erased.len()
        };
        let before = now.saturating_sub(millis(self.retention.access));
        let months = self.store.erase_months(before, deed.clone()).await?;
        let before = now.saturating_sub(millis(self.retention.metadata));
        let dropped = self.store.drop_rows(before, DROPPED, deed).await?;
        Ok(Retained {
            erased,
            months,
            dropped,
        })
    }

    pub(super) fn deed(&self, kind: Kind, doer: &Doer, cause: &'static str) -> Deed {
        let at = self.clock.now().millis();
        let says = serde_json::to_vec(doer).unwrap_or_default();
        let mut salt = [0; 16];
        self.dice.bytes(&mut salt);
        let mut leaf = Draft::new(kind, at)
            .fact("by", self.blinder.subject(&doer.who).to_string())
            .fact("cause", cause);
        leaf.commit = Some(commitment(&salt, &says));
        Deed { at, leaf, says, salt }
    }
}

pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
