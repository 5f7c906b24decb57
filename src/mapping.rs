//! The declarative engine: a mapping file compiled to a plan that reads and writes one kind of document.
//!
//! Pure: knows no file, network, clock or store; code lists come through [`CodeLists`](crate::model::CodeLists).
//!
//! *Law 1*, back then forth gives what was: whatever a line cannot say exactly is kept beside the facts and written
//! again while the facts still say the same. *Law 2*, forth then back gives what was, on the facts the mapping
//! carries: [`laws`] checks both on any document and any dossier.

mod back;
mod check;
mod compile;
mod condition;
mod derive;
mod facts;
mod fault;
mod forth;
mod keep;
pub mod laws;
mod loss;
mod misread;
mod node;
mod out;
mod plan;
mod read;
mod sentence;
mod transform;
mod tree;

pub use back::Refused;
pub use derive::FUNCTIONS;
pub use facts::{Carried, Told};
pub use fault::{Fault, Wrong};
pub use forth::{Note, Notes};
pub use loss::Loss;
pub use misread::{Reason, Unreadable};
pub use node::unreadable;
pub use plan::Plan;
pub use read::{Progress, Read};
pub use transform::{Context, Example, TRANSFORMS, Transform, WORDS};

#[cfg(test)]
mod tests;
