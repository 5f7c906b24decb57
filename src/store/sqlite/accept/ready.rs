//! An acceptance before it reaches the writer: what takes time is done beside it.

use std::sync::Arc;

use crate::evidence::hash;
use crate::evidence::leaf::Staged;
use crate::model::{Sealer, Slot};
use crate::store::sqlite::file::SealedNaming;
use crate::store::sqlite::seal;
use crate::store::{Acceptance, StoreError};

/// An acceptance with all that can be made of it beside the writer, who works for everybody.
pub(in crate::store::sqlite) struct Ready {
    pub(super) acceptance: Acceptance,
    pub(super) key: Option<[u8; 16]>,
    pub(super) leaf: Arc<Staged>,
    pub(super) sealed: Sealed,
}

/// What of it is sealed, under a slot that is given back when nothing was kept.
pub(super) struct Sealed {
    sealer: Arc<dyn Sealer>,
    pub(super) slot: Slot,
    pub(super) filed: Vec<u8>,
    pub(super) dossier: Vec<u8>,
    pub(super) receipt: Vec<u8>,
    pub(super) subjects: Vec<u8>,
    pub(super) files: Vec<SealedNaming>,
    pub(super) kept: bool,
}

impl Ready {
    pub(in crate::store::sqlite) fn of(
        mut acceptance: Acceptance,
        sealer: Arc<dyn Sealer>,
    ) -> Result<Self, StoreError> {
        let key = acceptance
            .key
            .as_deref()
            .map(|key| key_of(&acceptance.system, key));
        let sealed = Sealed::of(&acceptance, sealer)?;
        // In clear it is not needed any more, and does not wait in the writer's queue.
        (acceptance.body, acceptance.dossier) = (Vec::new(), Vec::new());
        acceptance.files.clear();
        Ok(Self {
            key,
            leaf: Arc::new(acceptance.leaf.stage()),
            acceptance,
            sealed,
        })
    }
}

impl Sealed {
    fn of(acceptance: &Acceptance, sealer: Arc<dyn Sealer>) -> Result<Self, StoreError> {
        let mut sealed = Self {
            slot: sealer.take()?,
            sealer,
            filed: Vec::new(),
            dossier: Vec::new(),
            receipt: Vec::new(),
            subjects: acceptance.subjects.iter().flat_map(|blind| blind.0).collect(),
            files: Vec::new(),
            kept: false,
        };
        let seal = |column, bytes: &[u8]| {
            let place = seal::of_filing(column, &acceptance.number, &acceptance.salt);
            sealed.sealer.seal(sealed.slot, place, bytes)
        };
        let filed = seal(seal::BODY_FILED, &acceptance.body)?;
        let dossier = seal(seal::BODY_DOSSIER, &acceptance.dossier)?;
        let receipt = seal(seal::BODY_RECEIPT, &acceptance.receipt)?;
        let files = acceptance.files.iter();
        let files = files.map(|naming| SealedNaming::of(&*sealed.sealer, sealed.slot, naming));
        let files = files.collect::<Result<_, _>>()?;
        (sealed.filed, sealed.dossier, sealed.receipt) = (filed, dossier, receipt);
        sealed.files = files;
        Ok(sealed)
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        if !self.kept {
            self.sealer.give_back(self.slot);
        }
    }
}

/// Sixteen bytes for a system's key, however long it is.
fn key_of(system: &str, key: &str) -> [u8; 16] {
    let digest = hash::digest(&[system.as_bytes(), &[0], key.as_bytes()]);
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}
