//! The evidence of one dossier, taken apart: which leaves it has, that these are all, and what each of them commits to.
//!
//! The files stand beside an index, which says which file opens which leaf's commitment. Everything that leaves say is held against the
//! log's key alone; what no leaf commits to (a signature beside its payload, a reply) is vouched for by whoever signed the container.

mod judge;
mod stamp;

use serde::{Deserialize, Serialize};

pub use judge::judge;
pub use stamp::{CONSISTENCY, Path, STAMPED, Stamped, TOKEN};

use crate::evidence::chain::Gap;
use crate::evidence::checkpoint::CheckpointError;
use crate::evidence::leaf::{Entry, LeafError};
use crate::evidence::map::text::{Complete, Incomplete};
use crate::evidence::proof::ProofError;
use crate::evidence::proof::text::TextError;

/// The index, among the files.
pub const INDEX: &str = "evidence.json";
/// The checkpoint that all proofs lead to.
pub const CHECKPOINT: &str = "log/checkpoint";
/// That the leaves are all.
pub const COMPLETENESS: &str = "log/dossier.completeness";

/// What a file is, or what a digest is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The dossier as its system pushed it.
    Filed,
    /// The receipt that was given for it.
    Receipt,
    /// The dossier with what the state held, and where each value is from.
    Dossier,
    /// What was signed and sent to the partner.
    Payload,
    /// The signature over a payload.
    Signature,
    /// All bytes that left in an attempt; only their digest is kept.
    Sent,
    /// What the partner answered.
    Answer,
    /// What the national side sent by itself.
    Callback,
    /// What it was answered.
    Reply,
    /// What the provincial system was told.
    Told,
    /// The answer to a look-up; only its digest is kept.
    Looked,
}

/// What stands open of one leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// What it is.
    pub role: Role,
    /// The index of the leaf that tells of it.
    pub leaf: u64,
    /// The salt of the leaf's commitment, hex.
    pub salt: String,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its SHA-256, hex, where the bytes themselves are not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What the files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The version of this form: 1.
    pub v: u32,
    /// The log.
    pub origin: String,
    /// The dossier's number.
    pub dossier: String,
    /// Its chain in the log.
    pub chain: String,
    /// What stands open.
    pub opened: Vec<Opening>,
}

/// What the files prove.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What was said of them.
    pub index: Index,
    /// All leaves of the dossier, oldest first.
    pub entries: Vec<Entry>,
    /// That they are all, and under which checkpoint.
    pub complete: Complete,
    /// Leaves whose commitment nothing opens.
    pub shut: Vec<u64>,
    /// The checkpoint that an authority stamped, if one came along; its stamp is not judged here.
    pub stamped: Option<Stamped>,
}

/// Why the files prove nothing.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The index is missing, of another version, or not in its one spelling.
    #[error("the index of the evidence cannot be read")]
    Index,
    /// A file that should be there.
    #[error("{0} is missing")]
    Missing(String),
    /// A file that nothing speaks of.
    #[error("{0} is spoken of nowhere")]
    Stray(String),
    /// A file that is no text.
    #[error("{0} is no text")]
    Text(String),
    /// A leaf's proof.
    #[error("the proof {name} does not hold")]
    Proof {
        /// The file.
        name: String,
        /// Why.
        #[source]
        source: TextError,
    },
    /// A proof under another checkpoint than the one of all.
    #[error("{0} leads to another checkpoint than the rest")]
    OtherCheckpoint(String),
    /// A leaf under another name than its index.
    #[error("{0} proves another leaf")]
    OtherLeaf(String),
    /// What is proved is no leaf.
    #[error("what {name} proves is no leaf")]
    Leaf {
        /// The file.
        name: String,
        /// Why.
        #[source]
        source: LeafError,
    },
    /// The proof that nothing is missing.
    #[error("that nothing is missing is not proved")]
    Completeness(#[from] Incomplete),
    /// The chain of the completeness proof, or its log, is another.
    #[error("what is proved whole is another chain than this dossier's")]
    OtherChain,
    /// Leaves that do not follow one another.
    #[error("the leaves are not the dossier's whole chain")]
    Gap(#[from] Gap),
    /// Another number of leaves than is proved.
    #[error("the log has {proved} leaves of this dossier, and here are {given}")]
    Count {
        /// So many are proved.
        proved: u64,
        /// So many are here.
        given: u64,
    },
    /// Something that opens a leaf which is not here.
    #[error("something is shown of leaf {0}, which is none of the dossier's")]
    NoLeaf(u64),
    /// A file or digest that is not what its leaf commits to.
    #[error("what is shown as {role:?} of leaf {leaf} is not what the leaf commits to")]
    Commitment {
        /// The leaf.
        leaf: u64,
        /// What it is shown as.
        role: Role,
    },
    /// The checkpoint that is said to be stamped.
    #[error("the stamped checkpoint is not believed")]
    Stamped(#[source] CheckpointError),
    /// The log of the proofs is another than the one that was stamped.
    #[error("the log does not go on from the checkpoint that was stamped")]
    Fork(#[source] ProofError),
    /// A receipt for another body, or another leaf.
    #[error("the receipt of leaf {0} was given for something else")]
    Receipt(u64),
}

/// The name of a leaf's proof.
pub fn proof_name(leaf: u64) -> String {
    format!("log/{leaf}.tlog-proof")
}

impl Index {
    /// Its bytes, in their one spelling.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let index: Self = serde_json::from_slice(bytes).map_err(|_| Fault::Index)?;
        if index.v == 1 && index.to_json() == bytes {
            Ok(index)
        } else {
            Err(Fault::Index)
        }
    }
}
