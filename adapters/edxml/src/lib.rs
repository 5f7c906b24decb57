//! The wire of official documents between agencies: edXML packets (QCVN 102:2016/BTTTT with its amendment of 2022) over the
//! document axis (VXP). By it an agency that is no party to a national service gets a result as the letter that it is.
//!
//! A packet is written strictly ([`mod@write`]) and read tolerantly ([`parse`]): what the field does otherwise than the standard is
//! put right from a closed list ([`Repair`]), and told. The payload of a call is a packet, whole and once and for good; the
//! letter it says has a normal form in JSON ([`normal`]), which mappings write.
//!
//! Section numbers in this crate are those of edxml-signatures-codes.md; those like 1.12 within §1.3 are the standard's own.

pub mod identity;
pub mod mac;
pub mod normal;
pub mod packet;
pub mod status;
pub mod write;

mod answer;
mod archive;
mod axis;
mod file;
mod framing;
mod moment;
mod read;
mod repair;
mod signature;
mod tree;

pub use answer::{Row, packets};
pub use axis::{Edxml, mark};
pub use file::{Attachment, Enclosure, Limits, Unusable};
pub use framing::{Body, Field, Framing, Unfit, Way};
pub use moment::{Day, Moment};
pub use read::{Parsed, Tolerance, Unread, parse};
pub use repair::Repair;
pub use signature::{Claim, Cover, Reason, Reference, Standing};
pub use tree::{EDXML, OLD};

#[cfg(test)]
mod tests;
