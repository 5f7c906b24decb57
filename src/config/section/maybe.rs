//! Settings that may be left out.

use std::path::PathBuf;

use super::super::values;
use super::Section;
use crate::model::{Day, Network};

impl<'a> Section<'a> {
    /// A text that may be left out.
    pub(in crate::config) fn maybe_text(&self, key: &'static str) -> Option<String> {
        self.present(key).and_then(|_| self.text(key))
    }

    /// An address of the web that may be left out.
    pub(in crate::config) fn maybe_url(&self, key: &'static str) -> Option<String> {
        self.present(key).and_then(|_| self.url(key))
    }

    /// SHA-256 digests in hex that may be left out.
    pub(in crate::config) fn maybe_digests(&self, key: &'static str) -> Option<Vec<[u8; 32]>> {
        match self.present(key) {
            None => Some(Vec::new()),
            Some(_) => self.digests(key),
        }
    }

    /// Networks that may be left out.
    pub(in crate::config) fn maybe_networks(&self, key: &'static str) -> Option<Vec<Network>> {
        match self.present(key) {
            None => Some(Vec::new()),
            Some(_) => self.take(key, values::networks),
        }
    }

    /// Texts, each not empty, that may be left out.
    pub(in crate::config) fn maybe_words(&self, key: &'static str) -> Option<Vec<String>> {
        match self.present(key) {
            None => Some(Vec::new()),
            Some(_) => self.take(key, values::texts),
        }
    }

    /// Files that may be left out; a relative path starts at the node's folder.
    pub(in crate::config) fn maybe_paths(&self, key: &'static str) -> Option<Vec<PathBuf>> {
        let paths = self.maybe_words(key)?;
        Some(paths.into_iter().map(|path| self.ledger.dir.join(path)).collect())
    }

    /// A section that may be left out.
    pub(in crate::config) fn maybe_section<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Section<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.present(key) {
            None => Some(None),
            Some(_) => self.section(key, read).map(Some),
        }
    }

    /// A path that may be left out.
    pub(in crate::config) fn maybe_path(&self, key: &'static str) -> Option<PathBuf> {
        self.present(key).and_then(|_| self.path(key))
    }

    /// A day of the calendar that may be left out.
    pub(in crate::config) fn maybe_day(&self, key: &'static str) -> Option<Day> {
        self.present(key).and_then(|_| self.take(key, values::day))
    }

    /// Bytes in hex that may be left out.
    pub(in crate::config) fn maybe_hex(&self, key: &'static str) -> Option<Vec<u8>> {
        self.present(key).and_then(|_| self.take(key, values::hex))
    }
}
