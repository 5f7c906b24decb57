//! Fill in what the state already knows, and say where it came from.
//!
//! A dossier's procedure says what may be asked about whom, and what an answer is good for. Here questions are made of a
//! dossier, put to the national databases within their bounds, and what comes back is taken in: empty facts are filled,
//! filed ones are held against it, papers that it replaces need not be brought. Nothing filed is ever rewritten: what
//! differs is shown with both sides' dates. Whatever was not reused says why, and the dossier goes on.

mod carry;
mod limits;
mod look;
mod memory;
mod officers;
mod question;
mod take;

pub use carry::carry;
pub use limits::Limits;
pub use look::{Looked, Way, look};
pub use memory::{Key, Memory, Remembered};
pub use officers::{BadOfficers, Officer, Officers};
pub use question::{Identity, Question, is_open, plan};
pub use take::{Ground, claims, consulted, take};
