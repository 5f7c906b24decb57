//! The shipped texts and those of the settings, to compile mappings with.

use std::path::Path;

use super::super::{Failed, node};
use crate::app;
use crate::clock::{Clock, SystemClock};
use crate::codes::Codes;
use crate::config::Config;
use crate::mapping::{Context, Plan};
use crate::model::{Diagnostic, Dossier, Time, nearest};
use crate::procedures::Procedures;
use crate::translate::Shelves;

/// Texts, and the code lists and procedures compiled.
pub(super) struct Shelf {
    pub(super) texts: Shelves,
    pub(super) codes: Codes,
    procedures: Procedures,
    config: Config,
}

impl Shelf {
    /// Opens what the settings name.
    pub(super) fn open() -> Result<Self, Failed> {
        let config = node::configured(None)?;
        let texts = app::shelves(&config)?;
        let codes = compile(&texts).map_err(|found| wrong(&found))?;
        let procedures = texts.procedures().map_err(|found| wrong(&found))?;
        Ok(Self {
            texts,
            codes,
            procedures,
            config,
        })
    }

    /// A mapping by its name, or else by its file.
    pub(super) fn plan(&self, mapping: &str) -> Result<Plan, Failed> {
        if let Some(text) = self.texts.mappings.get(mapping) {
            let file = format!("mappings/{mapping}.toml");
            return Plan::compile(&file, text, &self.codes).map_err(|found| wrong(&found));
        }
        let path = Path::new(mapping);
        if path.exists() {
            return self.file(path);
        }
        let near = nearest(mapping, self.texts.mappings.keys().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("; there is `{near}`"));
        Err(Failed::Use(format!(
            "there is no mapping `{mapping}`, nor a file of that name{near}"
        )))
    }

    /// A mapping by its file.
    pub(super) fn file(&self, path: &Path) -> Result<Plan, Failed> {
        let text = std::fs::read_to_string(path).map_err(|error| Failed::file(path, &error))?;
        Plan::compile(&path.display().to_string(), &text, &self.codes).map_err(|found| wrong(&found))
    }

    /// Fills in what the catalogue says of a dossier's procedure, where the dossier does not say it.
    pub(super) fn complete(&self, dossier: &mut Dossier) {
        let procedure = &mut dossier.facts.procedure;
        if let Some(listed) = self.procedures.find(&procedure.code) {
            procedure.name.get_or_insert(listed.name.clone());
            procedure.field.code.get_or_insert(listed.field.code.clone());
            procedure.field.name.get_or_insert(listed.field.name.clone());
        }
    }

    /// Where and when a document is read: the site is the one whose system speaks this mapping.
    pub(super) fn context(&self, mapping: &str, at: Time) -> Context<'_> {
        let system = self
            .config
            .systems
            .values()
            .find(|system| system.mapping == mapping);
        let site = system.map(|system| system.site.as_str()).unwrap_or_default();
        Context {
            lists: &self.codes,
            site,
            on: at.day(),
        }
    }
}

/// Compiles all code lists, under the names of their files.
pub(super) fn compile(texts: &Shelves) -> Result<Codes, Vec<Diagnostic>> {
    let named: Vec<(String, &str)> = texts
        .codes
        .iter()
        .map(|(name, text)| (format!("mappings/codes/{name}.toml"), text.as_str()))
        .collect();
    Codes::compile(named.iter().map(|(name, text)| (name.as_str(), *text)))
}

/// Everything that is wrong, each with its place.
pub(super) fn wrong(found: &[Diagnostic]) -> Failed {
    Failed::NotDone(
        found
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// A dossier of ours, as `map run --back` prints it and the store keeps it.
pub(super) fn dossier(path: &Path) -> Result<Dossier, Failed> {
    let bytes = std::fs::read(path).map_err(|error| Failed::file(path, &error))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failed::NotDone(format!("{} is no dossier of ours: {error}", path.display())))
}

/// The day on which a dossier's codes are read.
pub(super) fn day(dossier: &Dossier) -> Time {
    let facts = &dossier.facts;
    let at = facts.received_at.or(facts.submitted_at).or(facts.created_at);
    at.unwrap_or_else(|| Time::at(now()))
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    SystemClock.now().millis().div_euclid(1_000)
}
