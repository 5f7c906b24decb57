//! Deeds that go on after their transaction: opening what was found, and destroying keys.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::evidence::blind::Blind;
use crate::model::Slot;
use crate::store::sqlite::{Sqlite, deed, drain, schema};
use crate::store::{Deed, Erasure, Seen, StoreError, Wanted};

/// Dossiers that are erased in one transaction: others wait for the writer meanwhile.
const DOSSIERS: usize = 32;
/// How long whoever reads the write-ahead file is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

impl Sqlite {
    /// The leaf of a look is on disk when it is opened.
    pub(super) async fn seen(&self, wanted: Wanted, deed: Deed) -> Result<Option<Seen>, StoreError> {
        let found = self.write(move |tx| deed::enter(tx, &wanted, &deed)).await?;
        found.map(|found| deed::open(&*self.sealer, found)).transpose()
    }

    /// A few dossiers at a time: leaves and rows, then keys.
    pub(super) async fn erased(
        &self,
        numbers: Vec<String>,
        subject: Option<Blind>,
        deed: Deed,
    ) -> Result<Erasure, StoreError> {
        let mut all = Erasure::default();
        for some in numbers.chunks(DOSSIERS) {
            let (some, deed) = (some.to_vec(), deed.clone());
            let erased = self.write(move |tx| deed::erase(tx, &some, subject, &deed));
            let (Erasure { erased, open }, slots) = erased.await?;
            self.destroy(slots).await?;
            all.erased.extend(erased);
            all.open.extend(open);
        }
        Ok(all)
    }

    /// The months before that of a moment.
    pub(super) async fn erased_months(&self, before: i64, deed: Deed) -> Result<usize, StoreError> {
        let erased = self.write(move |tx| deed::erase_months(tx, before, &deed));
        let (months, slots) = erased.await?;
        self.destroy(slots).await?;
        Ok(months)
    }

    pub(super) async fn destroy(&self, slots: Vec<Slot>) -> Result<(), StoreError> {
        if slots.is_empty() {
            return Ok(());
        }
        let (sealer, keys) = (Arc::clone(&self.sealer), slots.clone());
        self.readers.ask(move |_| Ok(sealer.destroy(&keys)?)).await?;
        self.write(move |tx| deed::destroyed(tx.conn, &slots)).await?;
        let path = self.path.clone();
        self.readers.ask(move |_| cut(&path)).await
    }
}

/// Cuts the write-ahead file to nothing, so that not even sealed bytes stay in it. Where it is in use all the time, they go with
/// its next turn: no key opens them any more.
fn cut(path: &Path) -> Result<(), StoreError> {
    let conn = schema::open_to_fold(path)?;
    conn.busy_timeout(PATIENCE)?;
    drain::fold(&conn).or(Ok(()))
}
