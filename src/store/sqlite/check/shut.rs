//! What is sealed, held against what the log commits to. It is opened here and shown to nobody.

use rusqlite::{Connection, OptionalExtension};

use crate::evidence::leaf::{Entry, Kind};
use crate::model::{Place, SealError, Sealer};
use crate::store::StoreError;
use crate::store::sqlite::seal;

/// A store and who opens what is sealed in it.
pub(super) struct Shut<'a> {
    pub(super) conn: &'a Connection,
    pub(super) sealer: &'a dyn Sealer,
}

impl Shut<'_> {
    /// Whether a sealed value is what it should be, or was erased and the log tells of it.
    pub(super) fn fits(
        &self,
        place: Place<'_>,
        sealed: &[u8],
        slot: Option<i64>,
        should: impl FnOnce(&[u8]) -> bool,
    ) -> Result<bool, StoreError> {
        match seal::open(self.sealer, place, sealed) {
            Ok(Some(clear)) => Ok(should(&clear)),
            Ok(None) => self.erased(slot),
            Err(StoreError::Sealed(SealError::Broken)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the log tells that what was sealed under this slot was erased.
    pub(super) fn erased(&self, slot: Option<i64>) -> Result<bool, StoreError> {
        let mut select = self
            .conn
            .prepare_cached("SELECT l.entry FROM slot s JOIN leaf l ON l.id = s.erased WHERE s.id = ?1")?;
        let entry: Option<Vec<u8>> = select.query_row([slot], |row| row.get(0)).optional()?;
        let told = entry.and_then(|entry| Entry::read(&entry).ok());
        Ok(told.is_some_and(|entry| entry.draft.kind == Kind::Erased))
    }
}
