//! Who stamps checkpoints, and how long he has been silent.

use super::{Failed, Finding};
use crate::app;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::store::Sqlite;
use crate::upkeep;

/// Whether the authority can be believed by what is configured.
pub(super) fn wrong(config: &Config) -> Option<Finding> {
    let why = app::stamping(config).err()?;
    Some(Finding::new("stamps", "settings", Failed::because(&why)))
}

/// A checkpoint that has waited for its stamp longer than twice the usual time: the countdown.
pub(super) fn silent(config: &Config) -> Option<Finding> {
    let stamps = &config.stamps;
    let authority = stamps.authority.as_ref()?;
    let since = Sqlite::unstamped_since(&config.store.path).ok().flatten()?;
    let now = SystemClock.now();
    let left = upkeep::left(Some(since), now, stamps.patience);
    let is_late = upkeep::left(Some(since), now, stamps.every.saturating_mul(2)) < 0;
    let says = match left / 3_600 {
        hours if left > 0 => format!(
            "checkpoints wait for a time-stamp; {hours} h are left of its patience. Its owner must be asked"
        ),
        _ => "checkpoints have waited for a time-stamp longer than `patience`: its owner must be asked, or another authority named"
            .to_owned(),
    };
    is_late.then(|| Finding::new("stamps", &authority.address, says))
}
