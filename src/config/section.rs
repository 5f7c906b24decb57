use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::mistake::{Mistake, Place};
use super::tree::{Node, Row, Table};
use super::values;
use crate::model::nearest;

mod maybe;

/// What reading the settings gathers on its way.
#[derive(Default)]
pub(super) struct Ledger {
    /// Everything that was wrong so far.
    pub(super) mistakes: RefCell<Vec<Mistake>>,
    /// Where relative paths start.
    pub(super) dir: PathBuf,
    /// Settings that were asked for and not there.
    #[cfg(test)]
    pub(super) absent: RefCell<Vec<String>>,
}

/// A table of settings being read. Each setting is asked for by its name; what nobody asked for is a mistake.
///
/// A reader asks for all its settings before it looks at one of them, so that all mistakes are found at once.
pub(super) struct Section<'a> {
    name: String,
    table: &'a Table,
    at: &'a Place,
    ledger: &'a Ledger,
    asked: RefCell<Vec<&'a str>>,
}

impl<'a> Section<'a> {
    /// The whole of the settings.
    pub(super) fn root(table: &'a Table, at: &'a Place, ledger: &'a Ledger) -> Self {
        Self {
            name: String::new(),
            table,
            at,
            ledger,
            asked: RefCell::default(),
        }
    }

    /// Names every setting that nobody asked for, with the nearest that somebody did.
    pub(super) fn close(self) {
        let asked = self.asked.borrow();
        for (name, row) in self
            .table
            .0
            .iter()
            .filter(|(name, _)| !asked.contains(&name.as_str()))
        {
            self.complain(
                row.key
                    .mistake(format!("{} `{name}`{}", self.none(), hint(name, &asked))),
            );
        }
    }

    /// A section within this one.
    pub(super) fn section<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Section<'a>) -> Option<T>,
    ) -> Option<T> {
        let row = self.row(key)?;
        self.within(key, row, read)
    }

    /// Sections whose names are the operator's: lower-case words with `-` between them.
    pub(super) fn each<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Section<'a>) -> Option<T>,
    ) -> Option<BTreeMap<String, T>> {
        self.section(key, |group| {
            // All are read before one that failed is looked at.
            let all: Vec<Option<(String, T)>> = group
                .table
                .0
                .iter()
                .map(|(name, row)| group.named(name, row, &read))
                .collect();
            all.into_iter().collect()
        })
    }

    /// The names of a group of sections.
    pub(super) fn names(&self, key: &str) -> Vec<&'a str> {
        let group = self.table.table(key);
        group
            .map(|group| group.0.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.take(key, values::text)
    }

    /// An address of the web.
    pub(super) fn url(&self, key: &'static str) -> Option<String> {
        self.take(key, values::url)
    }

    /// A time.
    pub(super) fn duration(&self, key: &'static str) -> Option<Duration> {
        self.take(key, values::duration)
    }

    /// Times, at least one.
    pub(super) fn durations(&self, key: &'static str) -> Option<Vec<Duration>> {
        self.take(key, values::durations)
    }

    /// Yes or no.
    pub(super) fn truth(&self, key: &'static str) -> Option<bool> {
        self.take(key, values::truth)
    }

    /// A size in bytes.
    pub(super) fn size(&self, key: &'static str) -> Option<u64> {
        self.take(key, values::size)
    }

    /// A whole number within bounds.
    pub(super) fn count(&self, key: &'static str, bounds: RangeInclusive<u32>) -> Option<u32> {
        self.take(key, |node| values::count(node, &bounds))
    }

    /// An address of this machine with a port.
    pub(super) fn listen(&self, key: &'static str) -> Option<SocketAddr> {
        self.take(key, values::listen)
    }

    /// SHA-256 digests in hex.
    pub(super) fn digests(&self, key: &'static str) -> Option<Vec<[u8; 32]>> {
        self.take(key, values::digests)
    }

    /// A path; a relative one starts at the node's folder.
    pub(super) fn path(&self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(|path| self.ledger.dir.join(path))
    }

    /// Whether there is a setting of that name.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.present(key).is_some()
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.take(key, |node| {
            let word = values::text(node)?;
            let known = || words.iter().map(|(known, _)| *known);
            let found = words
                .iter()
                .find(|(known, _)| *known == word)
                .map(|(_, meaning)| *meaning);
            let or = || nearest(&word, known()).map_or(String::new(), |near| format!("; `{near}` is near"));
            found.ok_or_else(|| {
                node.at.mistake(format!(
                    "one of {} belongs here{}",
                    known().collect::<Vec<_>>().join(", "),
                    or()
                ))
            })
        })
    }

    /// Settings that somebody else reads and judges.
    pub(super) fn table(&self, key: &'static str) -> Option<toml::Table> {
        self.take(key, |node| {
            let table = node
                .table()
                .ok_or_else(|| node.at.mistake("a section belongs here"))?;
            values::readable(table).map(|()| table.to_toml())
        })
    }

    /// Texts by names of the operator's own; none where the section is not there.
    pub(super) fn texts(&self, key: &'static str) -> Option<BTreeMap<String, String>> {
        self.free(key, |name, node| Ok((name.to_owned(), values::text(node)?)))
    }

    /// Files by names of the operator's own, each ending in `_file`; they are given without that ending.
    pub(super) fn files(&self, key: &'static str) -> Option<BTreeMap<String, PathBuf>> {
        self.free(key, |name, node| {
            let ending = "the name of a secret ends in `_file`: it names the file that holds it";
            let bare = name
                .strip_suffix("_file")
                .ok_or_else(|| node.at.mistake(ending))?;
            Ok((bare.to_owned(), self.ledger.dir.join(values::text(node)?)))
        })
    }

    /// A section whose names are the operator's; none where it is not there.
    fn free<T>(
        &self,
        key: &'static str,
        read: impl Fn(&str, &Node) -> Result<(String, T), Mistake>,
    ) -> Option<BTreeMap<String, T>> {
        let Some(row) = self.present(key) else {
            return Some(BTreeMap::new());
        };
        self.within(key, row, |group| {
            let read = |(name, row): (&'a String, &'a Row)| {
                group.asked.borrow_mut().push(name);
                read(name, &row.node)
                    .map_err(|mistake| group.complain(mistake))
                    .ok()
            };
            let all: Vec<_> = group.table.0.iter().map(read).collect();
            all.into_iter().collect()
        })
    }

    /// Says that something is wrong with the value of a setting.
    pub(super) fn wrong(&self, key: &str, text: impl Into<String>) {
        let place = self.table.0.get(key).map_or(self.at, |row| &row.node.at);
        self.complain(place.mistake(text));
    }

    fn named<T>(
        &self,
        name: &'a str,
        row: &'a Row,
        read: impl FnOnce(&Section<'a>) -> Option<T>,
    ) -> Option<(String, T)> {
        self.asked.borrow_mut().push(name);
        if !is_name(name) {
            self.complain(
                row.key
                    .mistake("a name has 1 to 40 of the characters a-z, 0-9 and `-`"),
            );
        }
        self.within(name, row, read).map(|one| (name.to_owned(), one))
    }

    fn within<T>(&self, key: &str, row: &'a Row, read: impl FnOnce(&Section<'a>) -> Option<T>) -> Option<T> {
        let Some(table) = row.node.table() else {
            self.complain(
                row.node
                    .at
                    .mistake(format!("`{key}` is a section, [{}]", self.path_of(key))),
            );
            return None;
        };
        let inner = Section {
            name: self.path_of(key),
            table,
            at: &row.key,
            ledger: self.ledger,
            asked: RefCell::default(),
        };
        let found = read(&inner);
        inner.close();
        found
    }

    fn take<T>(&self, key: &'static str, read: impl FnOnce(&Node) -> Result<T, Mistake>) -> Option<T> {
        let row = self.row(key)?;
        read(&row.node).map_err(|mistake| self.complain(mistake)).ok()
    }

    /// The setting of that name; its absence is a mistake.
    fn row(&self, key: &'static str) -> Option<&'a Row> {
        let row = self.present(key);
        if row.is_none() {
            self.complain(
                self.at
                    .mistake(format!("{} lacks the setting `{key}`", self.title())),
            );
        }
        row
    }

    /// The setting of that name, if it is there.
    fn present(&self, key: &'static str) -> Option<&'a Row> {
        self.asked.borrow_mut().push(key);
        let row = self.table.0.get(key);
        #[cfg(test)]
        if row.is_none() {
            self.ledger.absent.borrow_mut().push(self.path_of(key));
        }
        row
    }

    fn complain(&self, mistake: Mistake) {
        self.ledger.mistakes.borrow_mut().push(mistake);
    }

    fn path_of(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    fn title(&self) -> String {
        if self.name.is_empty() {
            "the file".to_owned()
        } else {
            format!("[{}]", self.name)
        }
    }

    fn none(&self) -> String {
        if self.name.is_empty() {
            "there is no section".to_owned()
        } else {
            format!("{} has no setting", self.title())
        }
    }
}

/// What to write instead of a name that nobody knows.
fn hint(name: &str, known: &[&str]) -> String {
    let file = format!("{name}_file");
    if known.contains(&file.as_str()) {
        return format!("; a secret is never a value: `{file}` names the file that holds it");
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if known.is_empty() => String::new(),
        None => format!("; there is {}", known.join(", ")),
    }
}

fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
