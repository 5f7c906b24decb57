//! Who seals what the store keeps of persons: the trait that keeps the store away from keys, and the vault away from SQL.

/// The place of one key in the file of keys. Everything that came with one filing, or with one callback, and all that is made
/// of it, is sealed under one slot: destroying that key ends all of it, in every copy of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u64);

/// Where a sealed value stands. It is bound into the seal: moved to another column or another row, a value does not open.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// `table.column`.
    pub column: &'static str,
    /// What makes the row one and the same, part by part: what it is about, and an id or a salt of its own.
    pub row: [&'a [u8]; 2],
}

/// For what a seal is opened. There is no third reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warrant {
    /// The gateway's own work on it: preparing, delivering, applying, telling, holding it against the log. Nothing of it is
    /// shown, and before a byte leaves, the leaf of that work is on disk: an attempt's own leaf is the reading leaf of its
    /// delivery.
    Work,
    /// Somebody looks. The leaf of this index, which says who and on what basis, is on disk.
    Look {
        /// Its index.
        leaf: u64,
    },
}

/// Why something is not sealed, or not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Its key was destroyed: the value is gone for good.
    #[error("it was erased: its key is destroyed")]
    Erased,
    /// It does not open: other bytes, another place, or another key.
    #[error("a sealed value does not open where it stands: it was changed, moved, or sealed with other keys")]
    Broken,
    /// The keys are not here.
    #[error("sealed values cannot be opened here: {0}")]
    Keyless(String),
    /// The file of keys failed.
    #[error("the file of keys cannot be used: {0}")]
    Unusable(String),
}

/// Seals and opens, and destroys keys. The clear value never reaches a disk; the key never reaches the store.
pub trait Sealer: Send + Sync {
    /// What a store knows these keys by: another file of keys has another name.
    fn name(&self) -> [u8; 16];

    /// Says which slots of a store are taken: those before `free`. Called once, before the first is taken.
    fn resume(&self, free: Slot) -> Result<(), SealError>;

    /// Takes a fresh slot. Its key is on disk already: it was made and flushed with many others, ahead of their use.
    fn take(&self) -> Result<Slot, SealError>;

    /// Gives back a slot that was taken and under which nothing was kept.
    fn give_back(&self, slot: Slot);

    /// Seals bytes for their place, under a key of their own that only the slot's key gives.
    fn seal(&self, slot: Slot, place: Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Opens what stands in that place.
    fn open(&self, warrant: Warrant, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Destroys the keys of these slots, on disk when it returns. Those that are destroyed already stay so.
    fn destroy(&self, slots: &[Slot]) -> Result<(), SealError>;
}
