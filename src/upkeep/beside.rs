//! What is taken from a store beside whoever writes it, or of a node that is stopped.

use std::sync::Arc;

use super::heads;
use super::shelf::Unshown;
use crate::evidence::leaf::Chain;
use crate::store::Store;

/// What [`Upkeep::complete`](super::Upkeep::complete) gives, of a store beside whoever writes it.
pub async fn complete(store: &Arc<dyn Store>, chain: Chain) -> Result<Option<String>, Unshown> {
    heads::complete(store, &mut None, chain).await
}
