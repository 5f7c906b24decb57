use std::collections::BTreeMap;
use std::path::PathBuf;

use super::section::Section;
use crate::model::Network;

/// A national side that calls us.
#[derive(Clone, Debug)]
pub struct Listener {
    /// How it writes: one of the callers that the registry knows.
    pub wire: String,
    /// What its paths begin with here; empty, or `/…`.
    pub path: String,
    /// The networks it calls from.
    pub networks: Vec<Network>,
    /// SHA-256 of each certificate that its connection may show.
    pub certificates: Vec<[u8; 32]>,
    /// The key or the checksum's secret that both ends know.
    pub secret_file: Option<PathBuf>,
    /// The system whose a callback is when nothing else tells.
    pub system: Option<String>,
    /// What the numbers begin with that it is given.
    pub numbers: Option<String>,
    /// The longest body, in bytes.
    pub body_limit: u64,
    /// The mapping of each kind.
    pub mappings: BTreeMap<String, String>,
    /// Its doors, as its adapter reads them.
    pub doors: toml::Table,
}

impl Listener {
    pub(super) fn read(from: &Section<'_>, wires: &[(&str, &str)], systems: &[&str]) -> Option<Self> {
        let wire = from.choice("wire", wires).map(str::to_owned);
        let path = from.maybe_text("path").unwrap_or_default();
        let networks = from.maybe_networks("networks");
        let certificates = from.maybe_digests("certificate_sha256");
        let secret_file = from.maybe_path("secret_file");
        let system = from.maybe_text("system");
        let numbers = from.maybe_text("numbers");
        let body_limit = from.size("body_limit");
        let mappings = from.texts("mappings");
        let doors = from.table("doors");
        if !path.is_empty() && (!path.starts_with('/') || path.ends_with('/')) {
            from.wrong("path", "a path begins with `/`, and does not end with one");
        }
        if let Some(system) = &system
            && !systems.contains(&system.as_str())
        {
            from.wrong("system", format!("there is {}", systems.join(", ")));
        }
        Some(Self {
            wire: wire?,
            path,
            networks: networks?,
            certificates: certificates?,
            secret_file,
            system,
            numbers,
            body_limit: body_limit?,
            mappings: mappings?,
            doors: doors?,
        })
    }
}
