//! Where the keys are not: on an auditor's machine, or beside a store that was brought back without them.

use crate::model::{Place, SealError, Sealer, Slot, Warrant};

/// Opens and seals nothing, and says why.
pub struct Keyless(String);

impl Keyless {
    /// Without keys, because of this.
    pub fn because(why: String) -> Self {
        Self(why)
    }

    fn refused<T>(&self) -> Result<T, SealError> {
        Err(SealError::Keyless(self.0.clone()))
    }
}

impl Sealer for Keyless {
    fn name(&self) -> [u8; 16] {
        [0; 16]
    }

    fn resume(&self, _free: Slot) -> Result<(), SealError> {
        self.refused()
    }

    fn take(&self) -> Result<Slot, SealError> {
        self.refused()
    }

    fn give_back(&self, _slot: Slot) {}

    fn seal(&self, _slot: Slot, _place: Place<'_>, _bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        self.refused()
    }

    fn open(&self, _warrant: Warrant, _place: Place<'_>, _sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.refused()
    }

    fn destroy(&self, _slots: &[Slot]) -> Result<(), SealError> {
        self.refused()
    }
}
