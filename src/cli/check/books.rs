//! What the gateway stated of its own books last.

use super::Finding;
use crate::config::Config;
use crate::store::Sqlite;

/// The partners of which the newest statement says that the books did not agree.
pub(super) fn disagree(config: &Config) -> Vec<Finding> {
    let stated = Sqlite::stated_in(&config.store.path).unwrap_or_default();
    let broken = stated.into_iter().filter(|statement| !statement.agrees);
    let told = broken.map(|statement| {
        let says = format!(
            "statement {} says that rows and log do not agree. The gateway is its owner: run `lienthong log verify`, \
             which names what does not fit, and restore the newest backup where rows are gone",
            statement.number
        );
        Finding::new("books", statement.partner, says)
    });
    told.collect()
}
