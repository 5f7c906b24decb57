//! The national databases as a caller meets them: population, business, civil status, documents, insurance, criminal
//! records, behind every gateway and adapter that provinces reach them by, with people of their own and their own books.
//!
//! A call passes the road's gate, is read strictly, meets the day and whatever trap its subject is, is noted, and the
//! note is flushed before anything is answered.

mod access;
mod books;
mod business;
mod call;
mod citizen;
mod civil;
mod desk;
mod door;
mod enterprise;
mod fault;
mod form;
mod hub;
mod insurance;
mod licence;
mod luck;
mod outcome;
mod pages;
mod papers;
mod pass;
mod pdf;
mod people;
mod population;
mod question;
mod record;
mod reply;
mod road;
mod service;
mod soap;
mod spoil;
mod token;
mod tree;
#[cfg(test)]
mod trials;
mod visit;
mod wsdl;

pub use access::{Access, Lgsp};
pub use books::{Inquiry, Tally};
pub(in crate::twin) use door::is_here;
pub(in crate::twin) use pages::pages;
pub(in crate::twin) use people::Trap;

use super::Error;
use books::Books;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use people::People;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use token::Tokens;

/// All databases, with the people they know and the books they keep.
pub(in crate::twin) struct Databases {
    access: Access,
    people: People,
    tokens: Tokens,
    books: Books,
    /// Traps that spring once, by service and subject, and have.
    sprung: Mutex<HashSet<(Trap, &'static str, String)>>,
    /// What the hub was asked about once, on an untidy day: a reading, or an acknowledgement.
    once: Mutex<HashSet<(&'static str, String)>>,
}

impl Databases {
    /// Opens the books in the twin's folder; children registered before are people again.
    pub(in crate::twin) fn open(access: Access, folder: &Path) -> Result<Databases, Error> {
        let databases = Databases {
            tokens: Tokens::new(access.token),
            access,
            people: People::default(),
            books: Books::open(folder)?,
            sprung: Mutex::default(),
            once: Mutex::default(),
        };
        let known = databases
            .books
            .look(|state| state.registered.values().cloned().collect::<Vec<_>>());
        known.iter().for_each(|registration| databases.born(registration));
        Ok(databases)
    }

    pub(in crate::twin) fn tally(&self) -> Tally {
        self.books.tally()
    }

    pub(in crate::twin) fn flushes(&self) -> u64 {
        self.books.flushes()
    }

    /// The last inquiries, the oldest first.
    pub(in crate::twin) fn inquiries(&self) -> Vec<Inquiry> {
        self.books.inquiries(|_| true)
    }
}

/// The rows of a table of a shipped file; a file that cannot be read has none, and a test says so.
fn rows<T: DeserializeOwned>(text: &str, table: &str) -> Vec<T> {
    let read: Result<BTreeMap<String, toml::Value>, _> = toml::from_str(text);
    let rows = read.ok().and_then(|mut tables| tables.remove(table));
    rows.and_then(|rows| rows.try_into().ok()).unwrap_or_default()
}

/// Whether a service, by its word, has a place for the officer in its question.
fn names_officer(word: &str) -> bool {
    word.starts_with("population/") || word == "document-store/list"
}

/// `dd/MM/yyyy HH:mm:ss` of the law's clock.
fn clock(ms: u64) -> String {
    there(ms).strftime("%d/%m/%Y %H:%M:%S").to_string()
}

fn today() -> Date {
    there(super::now()).date()
}

fn there(ms: u64) -> DateTime {
    let at = Timestamp::from_millisecond(i64::try_from(ms).unwrap_or(i64::MAX)).unwrap_or_default();
    Offset::constant(7).to_datetime(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_table_is_read() {
        let count = |text: &str, table: &str| text.matches(&format!("[[{table}]]")).count();
        for (text, table) in [
            (include_str!("databases/people.toml"), "person"),
            (include_str!("databases/enterprises.toml"), "enterprise"),
            (include_str!("databases/enterprises.toml"), "filing"),
            (include_str!("databases/papers.toml"), "paper"),
            (include_str!("databases/papers.toml"), "licence"),
            (include_str!("databases/hub.toml"), "linked"),
        ] {
            let found: Vec<toml::Value> = rows(text, table);
            assert_eq!(found.len(), count(text, table), "{table}");
            assert!(!found.is_empty(), "{table}");
        }
    }
}
