//! ASiC-E containers: pyasice's, X-Road's, our own, and hostile archives.

mod archive;
mod held;
pub(super) mod made;
mod own;
