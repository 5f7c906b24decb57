use std::time::Duration;

use super::section::Section;
use crate::codes::AgencyId;

/// When a partner is asked for what it has for us.
#[derive(Clone, Debug)]
pub struct Poll {
    /// How long to wait after a round that brought something, then after the first, second … that brought nothing; the last one
    /// repeats.
    pub waits: Vec<Duration>,
    /// The most that one round takes in.
    pub batch: u32,
    /// The agency whose numbers are given to what lies in its tray; none leaves the tray alone.
    pub numbers: Option<String>,
    /// The system whose it is, where the agency does not tell.
    pub system: Option<String>,
    /// The partner that is told what became of it.
    pub tells: Option<String>,
}

impl Poll {
    pub(super) fn read(from: &Section<'_>, systems: &[&str]) -> Option<Self> {
        let waits = from.durations("waits");
        let batch = from.count("batch", 1..=10_000);
        let numbers = from.maybe_text("numbers");
        let system = from.maybe_text("system");
        let tells = from.maybe_text("tells");
        if numbers
            .as_deref()
            .is_some_and(|numbers| AgencyId::read(numbers).is_none())
        {
            from.wrong("numbers", "an agency's identifier belongs here, such as `H99.14`");
        }
        if let Some(system) = &system
            && !systems.contains(&system.as_str())
        {
            from.wrong("system", format!("there is {}", systems.join(", ")));
        }
        Some(Self {
            waits: waits?,
            batch: batch?,
            numbers,
            system,
            tells,
        })
    }
}
