//! The dossiers of which a filing is in a worker's hand: the next one of each waits for it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Numbers of dossiers.
#[derive(Default)]
pub(super) struct Hands(Mutex<HashSet<String>>);

impl Hands {
    /// All of them.
    pub(super) fn held(&self) -> Vec<String> {
        self.with(|hands| hands.iter().cloned().collect())
    }

    /// Takes a dossier in hand; false when it is in one.
    pub(super) fn take(&self, number: &str) -> bool {
        self.with(|hands| hands.insert(number.to_owned()))
    }

    pub(super) fn let_go(&self, number: &str) {
        self.with(|hands| hands.remove(number));
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashSet<String>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
