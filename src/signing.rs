//! Sign a payload, verify what comes in. Pure: keys stand behind [`Signer`](crate::model::signer::Signer).

pub mod jws;
pub mod public;
