//! The words of the field: the dossier and its parts, their shapes and values, origins, and the traits that keep engines apart.
//!
//! Knows nothing about how anything is stored, sent or shown.

pub mod codes;
pub mod compare;
mod date;
mod diagnostic;
mod dossier;
mod ending;
mod exchange;
mod extension;
mod finding;
pub mod fold;
mod form;
mod held;
mod lists;
mod near;
mod network;
mod news;
mod number;
mod order;
mod origin;
mod papers;
mod path;
mod pattern;
mod record;
mod rota;
pub mod sample;
mod sealer;
mod serial;
mod shape;
pub mod signer;
mod subject;
mod time;
mod value;

pub use date::{Day, NotDate, PartialDate};
pub use diagnostic::{Diagnostic, line_number};
pub use dossier::{Dossier, Facts, Named, NotFilled, Procedure};
pub use ending::Ending;
pub use exchange::{ExchangeId, NotAnId, Operation, Owner, Phase, Release, State};
pub use extension::{Extension, Kept, Row};
pub use finding::{Difference, Finding, Unused};
pub use form::{Death, Form, Lived, Party, Proof};
pub use held::{
    Activity, Business, Coded, Held, Insurance, Issued, Member, Person, Registration, Relative,
    Representative,
};
pub use lists::CodeLists;
pub use near::nearest;
pub use network::{Network, NotNetwork};
pub use news::News;
pub use number::{NotNumber, Number};
pub use order::Order;
pub use origin::{How, Origin, Origins, Provenance};
pub use papers::{Component, Database, Fee, File, OtherPaper, Outcome, Payment, Step, Supplement};
pub use path::{Hop, Path, PathFault, known_word};
pub use pattern::Pattern;
pub use record::{Fact, Misfit, Misfitting};
pub use rota::{Overlap, Rota, Turn};
pub use sealer::{Place, SealError, Sealer, Slot, Warrant};
#[cfg(test)]
pub(crate) use serial::from_json;
pub use serial::shown;
pub use shape::{Field, Kind, Record, Words};
pub use signer::{Algorithm, Family, Hash, Signer, SignerError, Verifier};
pub use subject::{Address, Agency, Contact, Ethnicity, Paper, Subject, Unit};
pub use time::{NotTime, Time};
pub use value::Value;
