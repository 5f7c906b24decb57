//! Keys: the implementations of [`Signer`](crate::model::signer::Signer). A lost file means a key that must be replaced and
//! published again; whoever can read one can sign in this node's name.

pub mod chain;
pub mod csr;
pub mod dated;
pub mod ends;
pub mod file;
mod pkcs12;
pub mod remote;
pub mod ring;
pub mod secret;
pub mod software;
pub mod token;

pub use chain::{Certificate, ChainError};
pub use dated::Dated;
pub use ends::{End, Seen};
pub use file::{KeyFileError, Listed, create, list};
pub use remote::{RemoteKey, RemoteSigner};
pub use ring::{Ring, RingError};
pub use secret::Secret;
pub use software::FileKey;
pub use token::{TokenError, TokenKey};
