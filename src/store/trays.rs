//! What lies in trays of national sides: the numbers that it is given, and whether it was acknowledged.

use std::sync::Arc;

use crate::evidence::leaf::Draft;

/// A row of numbers: what they begin with, and the day on which they are given; they are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// An agency of ours.
    pub begins: String,
    /// The day, `yyyy-MM-dd`.
    pub day: String,
}

impl Series {
    /// The number at that count (portal.md §5.1).
    pub fn number(&self, count: u32) -> String {
        let day = self.day.replace('-', "");
        format!("{}-{}-{count:04}", self.begins, day.get(2..).unwrap_or_default())
    }
}

/// What a tray was told: that an item of it is kept.
#[derive(Clone)]
pub struct Acknowledged {
    /// The tray, by the name of its partner.
    pub tray: String,
    /// The item's number there.
    pub item: String,
    /// The leaf, for the number that the item was given here. It is not entered when what came last was acknowledged before.
    pub leaf: Arc<dyn Fn(&str) -> Draft + Send + Sync>,
}

/// What was taken from a tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayRow {
    /// The tray, by the name of its partner.
    pub tray: String,
    /// Its number there.
    pub item: String,
    /// The number that it was given here.
    pub number: String,
    /// Whether what came last is acknowledged.
    pub acknowledged: bool,
}
