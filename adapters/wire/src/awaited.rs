//! What was pushed to a national side and is awaited: it is asked for, together with others, until its end is known.

use std::fmt;

use crate::callback::Callback;

/// Where something that was pushed stands there, as far as it matters to whoever waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// On its way, or in a state that is not known.
    Underway,
    /// Papers are asked for: nothing moves before it is pushed again.
    Supplement,
    /// It came to its end, whichever.
    Ended,
}

/// One dossier of an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The number that it was pushed under.
    pub number: String,
    /// Their own word for where it stands.
    pub code: String,
    /// What that means.
    pub stand: Stand,
    /// What it says.
    pub said: Callback,
}

/// State only: the rest is about a person.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("code", &self.code)
            .field("stand", &self.stand)
            .finish_non_exhaustive()
    }
}

/// How what one wire takes is pushed, and asked for.
pub trait Awaited: Send + Sync {
    /// The wire's name.
    fn name(&self) -> &'static str;

    /// The operation that asks; its argument `dossiers` takes their numbers with commas between.
    fn asks(&self) -> &'static str;

    /// Where the papers of a push stand, for [`crate::attach`].
    fn papers(&self) -> &'static str;

    /// What a push is asked for by beside its number: the arguments of the question. Only those that agree in them are asked
    /// for together. None when this is no push.
    fn together(&self, payload: &[u8]) -> Option<Vec<(&'static str, String)>>;

    /// The dossiers of an answer that was read; none when these bytes are no answer of this wire. `sha256` is lent by whoever
    /// has a cryptography.
    fn rows(&self, answer: &[u8], sha256: fn(&[u8]) -> [u8; 32]) -> Option<Vec<Row>>;
}
