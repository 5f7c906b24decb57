//! What a national side keeps for us until we say that we have it: it is listed, read whole, and acknowledged.
//!
//! An adapter says what the three calls are and reads what they bring. That nothing is acknowledged before it is kept, and what
//! becomes of it then, is the gateway's matter.

use std::fmt;

use crate::callback::{Callback, Unread};

/// One thing in a tray, as the list names it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Item {
    /// By which it is read whole.
    pub id: String,
    /// What makes it one and the same however often it is listed, and by which it is acknowledged.
    pub key: String,
}

/// A number of the national side's belongs to a person.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A call of a tray: an operation of its wire, and the argument that names the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asks {
    /// The operation.
    pub operation: &'static str,
    /// The argument.
    pub argument: &'static str,
}

/// A tray of one wire.
pub trait Tray: Send + Sync {
    /// The wire's name.
    fn name(&self) -> &'static str;

    /// The operation that lists what lies in it.
    fn lists(&self) -> &'static str;

    /// The call that reads an item whole, by its [`Item::id`].
    fn reads(&self) -> Asks;

    /// The call that says that an item was taken, by its [`Item::key`].
    fn acknowledges(&self) -> Asks;

    /// What lies in it, of a list that was read; none when these bytes are no list of this wire.
    fn items(&self, listed: &[u8]) -> Option<Vec<Item>>;

    /// An item that was read whole, as what its sender files by itself. `sha256` is lent by whoever has a cryptography.
    ///
    /// # Errors
    /// [`Unread`] says what is wrong with it; what is about another item than the one that was asked for is wrong too.
    fn read(&self, item: &Item, whole: &[u8], sha256: fn(&[u8]) -> [u8; 32]) -> Result<Callback, Unread>;
}

/// A place of the register, by its codes; what is not known is empty.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// House, street, hamlet, hospital.
    pub line: &'a str,
    /// The commune's code.
    pub commune: &'a str,
    /// The district's code.
    pub district: &'a str,
    /// The province's code.
    pub province: &'a str,
}

/// The paper of a result.
#[derive(Clone, Copy)]
pub struct Issued<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The code of what it is.
    pub code: &'a str,
}

/// How a tray's national side is told what became of what lay there.
pub trait Tells: Send + Sync {
    /// The wire's name.
    fn name(&self) -> &'static str;

    /// The operation that tells a state.
    fn tells(&self) -> &'static str;

    /// Which of the states that are `wanted` may be told after those that were `told`, in the order in which they must be.
    fn road(&self, told: &[u8], wanted: &[u8]) -> Vec<u8>;

    /// The payload of the state that carries the result: `payload` as its mapping writes it, `said` what the register said of
    /// it, `place` says a place in words. None when either is no such thing.
    fn finished(
        &self,
        payload: &[u8],
        said: &[u8],
        paper: Issued<'_>,
        place: &dyn Fn(Place<'_>) -> String,
    ) -> Option<Vec<u8>>;
}
