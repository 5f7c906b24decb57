use std::time::Duration;

use super::section::Section;

/// What the gateway states of its own books.
#[derive(Clone, Debug)]
pub struct Statements {
    /// How often.
    pub every: Duration,
}

impl Statements {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let every = from.duration("every")?;
        if every < Duration::from_secs(1) {
            from.wrong(
                "every",
                "all rows are counted each time: not more often than each second",
            );
        }
        Some(Self { every })
    }
}
