//! Keys: the implementations of [`Signer`](crate::model::signer::Signer). A lost file means a key that must be replaced and
//! published again; whoever can read one can sign in this node's name.

pub mod file;
pub mod secret;

pub use file::{FileKey, KeyFileError, Listed, create, list};
pub use secret::Secret;
