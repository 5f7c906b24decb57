//! What seals personal data, and the only place that opens it: against a leaf, or for work that enters one.
//!
//! Two files and no more. The *node key* wraps; the *file of keys* holds one wrapped key for each slot, made and flushed many at
//! a time ahead of their use, so that taking one costs no flush. Each sealed value has a key of its own, drawn from its slot's
//! key, and opens only in the column and row it was sealed for. Destroying a slot overwrites its place in the file: from then on
//! nothing that was sealed under it can be opened, in the store or in any copy of it.
//!
//! May they be lost? No: with either of them everything sealed is lost. Who can read both and the store reads everything.
//! Mirror the file of keys, do not archive it: a copy from before an erasure would undo it.

mod cipher;
mod fleeting;
mod keyless;
mod safe;
mod slots;

pub use fleeting::{Fleeting, Sealed, Unopened};
pub use keyless::Keyless;
pub use safe::Vault;
