//! What a store keeps of the map of heads ([`map`](crate::evidence::map)) for whoever follows the log. It trails behind the leaves, and
//! is read from them again where it is lost.

use crate::evidence::leaf::Draft;
use crate::evidence::map::Item;
use crate::store::Reply;

/// The chains of the log, with their newest leaves and their counts.
pub trait Chains {
    /// Enters a leaf that tells of something that changes nothing, if the log has exactly so many leaves; with none named, whatever it
    /// has. Gives the leaf's index.
    fn enter(&self, leaf: Draft, leaves: Option<u64>) -> Reply<'_, Option<u64>>;
    /// All of so many first leaves are in what is kept; of later ones perhaps some.
    fn mapped(&self) -> Reply<'_, u64>;
    /// The chains that are kept of these bins, which are named in order, by key.
    fn bins(&self, numbers: Vec<u16>) -> Reply<'_, Vec<Item>>;
    /// Keeps chains; with `leaves` named, all of the first so many are in what is kept now.
    fn keep(&self, items: Vec<Item>, leaves: Option<u64>) -> Reply<'_, ()>;
}
