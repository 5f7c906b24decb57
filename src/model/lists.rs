//! The trait through which a mapping asks code lists, so that the two engines need not know each other.

use super::Day;

/// Code lists with validity dates: our words ⇄ theirs.
pub trait CodeLists: Sync {
    /// Our word for theirs, at that site on that day.
    fn read(&self, list: &str, site: &str, theirs: &str, on: Day) -> Option<&str>;
    /// Their first word for ours, at that site on that day.
    fn write(&self, list: &str, site: &str, ours: &str, on: Day) -> Option<&str>;
    /// True when their word stands in the list as one that says nothing: `0`, no information.
    fn silent(&self, _list: &str, _theirs: &str) -> bool {
        false
    }
    /// The names of all lists.
    fn names(&self) -> Vec<&str>;
    /// The closed set of our words that a list speaks of, if it is closed.
    fn set(&self, list: &str) -> Option<&str>;
}
