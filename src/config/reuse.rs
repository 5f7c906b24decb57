use std::collections::BTreeMap;
use std::time::Duration;

use super::section::Section;

/// What the state already holds: whom we ask for it, how long we wait, how much may be asked.
#[derive(Clone, Debug)]
pub struct Reuse {
    /// How long a dossier waits for what its look-ups bring.
    pub wait: Duration,
    /// How long the answer to a question is used for the same question again.
    pub memory: Duration,
    /// How long what was found out for a dossier stands for its later filings.
    pub fresh: Duration,
    /// Whether what a system says itself of reuse is passed on.
    pub claims: bool,
    /// The partner that answers for each wire.
    pub sources: BTreeMap<String, String>,
    /// How much may be asked.
    pub limits: Asking,
}

/// How much may be asked (national-databases.md §9.5).
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// Different subjects of one dossier.
    pub subjects: u32,
    /// Calls for one dossier.
    pub calls: u32,
    /// Calls of one officer in an hour.
    pub hour: u32,
    /// Calls of one officer in a day.
    pub day: u32,
    /// Calls of the province in a second.
    pub per_second: u32,
}

impl Reuse {
    pub(super) fn read(from: &Section<'_>, partners: &[&str]) -> Option<Self> {
        let wait = from.duration("wait");
        let memory = from.duration("memory");
        let fresh = from.duration("fresh");
        let claims = from.truth("claims");
        let sources = from.texts("sources");
        let limits = from.section("limits", Asking::read);
        let strangers = sources
            .iter()
            .flatten()
            .filter(|(_, name)| !partners.contains(&name.as_str()));
        for (wire, name) in strangers {
            from.wrong(
                "sources",
                format!("`{wire}` names the partner `{name}`, which is not there"),
            );
        }
        Some(Self {
            wait: wait?,
            memory: memory?,
            fresh: fresh?,
            claims: claims?,
            sources: sources?,
            limits: limits?,
        })
    }
}

impl Asking {
    fn read(from: &Section<'_>) -> Option<Self> {
        let subjects = from.count("subjects", 1..=1_000);
        let calls = from.count("calls", 1..=10_000);
        let hour = from.count("hour", 1..=1_000_000);
        let day = from.count("day", 1..=1_000_000);
        let per_second = from.count("per_second", 1..=1_000_000);
        Some(Self {
            subjects: subjects?,
            calls: calls?,
            hour: hour?,
            day: day?,
            per_second: per_second?,
        })
    }
}
