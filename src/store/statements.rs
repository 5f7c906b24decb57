//! What the gateway states of its own books, as the store keeps it; and the count of its rows.

use std::collections::BTreeMap;

use super::Reply;
use crate::evidence::leaf::Draft;
use crate::evidence::statement::{Column, Count};
use crate::model::ExchangeId;

/// A statement as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    /// Its number.
    pub number: u64,
    /// The partner.
    pub partner: String,
    /// When it was made, ms since 1970.
    pub at: i64,
    /// How many leaves the log had at the moment of which it speaks.
    pub leaves: u64,
    /// Whether the books agreed.
    pub agrees: bool,
    /// The index of its leaf.
    pub leaf: u64,
    /// The signed note.
    pub note: String,
}

/// A statement that is about to be kept, with its leaf.
#[derive(Clone, Debug)]
pub struct NewStatement {
    /// Its number.
    pub number: u64,
    /// The partner.
    pub partner: String,
    /// When it was made.
    pub at: i64,
    /// Of how many leaves it speaks.
    pub leaves: u64,
    /// Whether the books agreed.
    pub agrees: bool,
    /// The signed note.
    pub note: String,
    /// What its leaf says.
    pub leaf: Draft,
}

/// The store's rows, counted at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many leaves the log had at that moment. Leaves are written with the rows that they tell of, so that the first so many
    /// leaves tell of just these rows.
    pub leaves: u64,
    /// What the rows come to, by partner.
    pub counts: BTreeMap<String, Count>,
    /// The exchanges of each partner that are not over.
    pub open: BTreeMap<String, BTreeMap<ExchangeId, Column>>,
    /// How many statements there were.
    pub statements: u64,
}

/// The books, stated.
pub trait Statements {
    /// Counts the rows, partner by partner, and the leaves at the same moment.
    fn count(&self) -> Reply<'_, Counted>;
    /// What was kept of the count of the leaves; empty before anything was.
    fn reckoned(&self) -> Reply<'_, Vec<u8>>;
    /// Keeps statements with their leaves, and the count of so many first leaves, in one transaction.
    fn state(&self, statements: Vec<NewStatement>, leaves: u64, reckoned: Vec<u8>) -> Reply<'_, ()>;
    /// One statement.
    fn statement(&self, number: u64) -> Reply<'_, Option<StatementRow>>;
    /// Those before a number, the newest first; of one partner, where one is named.
    fn statements(
        &self,
        before: Option<u64>,
        partner: Option<String>,
        limit: usize,
    ) -> Reply<'_, Vec<StatementRow>>;
    /// The newest statement of each partner.
    fn stated(&self) -> Reply<'_, Vec<StatementRow>>;
}
