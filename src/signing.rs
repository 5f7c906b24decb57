//! Sign a payload, verify what comes in. Pure: keys stand behind [`Signer`](crate::model::signer::Signer).

pub mod cms;
pub mod container;
pub mod der;
pub mod digest;
pub mod jws;
pub mod mac;
pub mod message;
pub mod pdf;
pub mod public;
pub mod stamp;
pub mod trust;
pub mod xml;
