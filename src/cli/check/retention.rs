//! How long things are kept, held against the rules.

use std::time::Duration;

use super::Finding;
use crate::config::Config;

const DAY: u64 = 86_400;

/// Each class that is set shorter than the rule has it.
pub(super) fn short(config: &Config) -> Vec<Finding> {
    let kept = &config.retention;
    let classes = [
        (
            "retention.payload",
            kept.payload,
            90,
            "what is sealed of a dossier is needed while its delivery may be disputed: 90 days are this gateway's own rule",
        ),
        (
            "retention.access",
            kept.access,
            730,
            "who asked and looked is kept for two years (Decision 384-QĐ/TW Article 17)",
        ),
        (
            "retention.metadata",
            kept.metadata,
            1_826,
            "who exchanged what, when and how it ended is kept for five years: two are asked for (Decision 384-QĐ/TW Article 17)",
        ),
    ];
    let short = classes
        .into_iter()
        .filter(|(_, set, days, _)| *set < Duration::from_secs(days * DAY));
    short
        .map(|(place, _, days, why)| {
            Finding::new("retention", place, format!("shorter than {days} days: {why}"))
        })
        .collect()
}
