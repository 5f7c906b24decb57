//! Code lists with validity dates: our words ⇄ theirs, in general and per site. Pure: texts in, lists out.

mod compile;

use std::collections::HashMap;

use crate::model::{CodeLists, Day, Diagnostic};

/// All code lists, compiled.
#[derive(Debug, Default)]
pub struct Codes {
    lists: HashMap<String, List>,
}

/// One code list.
#[derive(Debug, Default)]
struct List {
    /// The closed set of our words it speaks of.
    set: Option<String>,
    /// The clause it follows.
    follows: String,
    ours: HashMap<String, Vec<Row>>,
    theirs: HashMap<String, Vec<Row>>,
    /// Words that it does not have, each with a reason: ours, then theirs.
    omitted: [HashMap<String, String>; 2],
    /// The sites that have rows of their own.
    sites: Vec<String>,
}

/// What a word means, where and when.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    word: String,
    site: Option<String>,
    from: Option<Day>,
    /// The first day it no longer holds.
    until: Option<Day>,
}

impl Codes {
    /// Compiles the texts of code lists, each with the name diagnostics give its file.
    ///
    /// # Errors
    /// Every mistake in all of them.
    pub fn compile<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, Vec<Diagnostic>> {
        let mut codes = Self::default();
        let mut mistakes = Vec::new();
        for (file, text) in files {
            if let Some((name, list)) = compile::list(file, text, &mut mistakes)
                && codes.lists.insert(name.clone(), list).is_some()
            {
                mistakes.push(Diagnostic::at(
                    file,
                    text,
                    &(0..0),
                    format!("there is a list `{name}` already"),
                ));
            }
        }
        if mistakes.is_empty() {
            Ok(codes)
        } else {
            Err(mistakes)
        }
    }

    /// Why a list does not have one of our words, if it says so.
    #[must_use]
    pub fn omits(&self, list: &str, ours: &str) -> Option<&str> {
        self.lists.get(list)?.omitted[0].get(ours).map(String::as_str)
    }

    /// Why a list refuses one of their words, if it says so.
    #[must_use]
    pub fn refuses(&self, list: &str, theirs: &str) -> Option<&str> {
        self.lists.get(list)?.omitted[1].get(theirs).map(String::as_str)
    }

    /// The clause a list follows.
    #[must_use]
    pub fn follows(&self, list: &str) -> Option<&str> {
        self.lists.get(list).map(|list| list.follows.as_str())
    }
}

impl CodeLists for Codes {
    fn read(&self, list: &str, site: &str, theirs: &str, on: Day) -> Option<&str> {
        let rows = self.lists.get(list)?.theirs.get(theirs)?;
        rows.iter()
            .find(|row| row.is_of(site) && row.holds(on))
            .or_else(|| general(rows, on))
            .map(|row| &*row.word)
    }

    fn write(&self, list: &str, site: &str, ours: &str, on: Day) -> Option<&str> {
        let list = self.lists.get(list)?;
        let rows = list.ours.get(ours)?;
        if !list.sites.iter().any(|own| own == site) {
            return general(rows, on).map(|row| &*row.word);
        }
        if let Some(row) = rows.iter().find(|row| row.is_of(site) && row.holds(on)) {
            return Some(&row.word);
        }
        // A general row is gone where the site gives its word of theirs another meaning.
        let taken = |row: &&Row| {
            let others = list.theirs.get(&row.word).map_or(&[][..], Vec::as_slice);
            others
                .iter()
                .any(|other| other.is_of(site) && other.holds(on) && other.word != ours)
        };
        rows.iter()
            .filter(|row| row.site.is_none() && row.holds(on))
            .find(|row| !taken(row))
            .map(|row| &*row.word)
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.lists.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn set(&self, list: &str) -> Option<&str> {
        self.lists.get(list)?.set.as_deref()
    }
}

impl Row {
    fn is_of(&self, site: &str) -> bool {
        self.site.as_deref() == Some(site)
    }

    fn holds(&self, on: Day) -> bool {
        self.from.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on < until)
    }

    /// True when both can hold at once in the same place.
    fn meets(&self, other: &Self) -> bool {
        let before = |one: &Self, other: &Self| match (one.until, other.from) {
            (Some(until), Some(from)) => until <= from,
            (None, _) | (_, None) => false,
        };
        self.site == other.site && !before(self, other) && !before(other, self)
    }
}

fn general(rows: &[Row], on: Day) -> Option<&Row> {
    rows.iter().find(|row| row.site.is_none() && row.holds(on))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"
list = "status"
ours = "fee-kind"
follows = "a test"
[rows]
charge = ["1", "01"]
[[row]]
ours = "fee"
theirs = "2"
until = "2025-07-01"
[[row]]
ours = "fee"
theirs = "3"
from = "2025-07-01"
[site.north.rows]
charge = "9"
[site.south.rows]
fee = "1"
"#;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn rows_hold_on_their_days_and_a_site_speaks_first() {
        let codes = Codes::compile([("status.toml", LIST)]).unwrap();
        let (before, after) = (day("2025-06-30"), day("2025-07-01"));
        assert_eq!(codes.write("status", "", "fee", before), Some("2"));
        assert_eq!(codes.write("status", "", "fee", after), Some("3"));
        assert_eq!(codes.read("status", "", "2", after), None);
        assert_eq!(codes.read("status", "", "01", after), Some("charge"));
        assert_eq!(codes.write("status", "", "charge", after), Some("1"));
        assert_eq!(codes.write("status", "north", "charge", after), Some("9"));
        assert_eq!(codes.read("status", "south", "1", after), Some("fee"));
        assert_eq!(
            codes.write("status", "south", "charge", after),
            Some("01"),
            "their 1 means fee there"
        );
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = r#"
list = "status"
ours = "fee-kind"
follows = "a test"
[rows]
chrage = "1"
fee = "1"
[[row]]
ours = "fee"
theirs = "x"
from = "2025-02-30"
"#;
        let mistakes = Codes::compile([("codes/status.toml", text)]).unwrap_err();
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(
            told.join("\n"),
            "codes/status.toml:3:8\n   ours = \"fee-kind\"\n          ^^^^^^^^^^ nothing is said of `charge`: give it a row or a reason under [omit.ours]\n\
             codes/status.toml:6:1\n   chrage = \"1\"\n   ^^^^^^ fee-kind has no word `chrage`; it has `charge`\n\
             codes/status.toml:7:7\n   fee = \"1\"\n         ^^^ their `1` means `chrage` already\n\
             codes/status.toml:11:8\n   from = \"2025-02-30\"\n          ^^^^^^^^^^^^ no such day; write \"2025-07-01\""
        );
    }
}
