//! The texts that everything is read from: the shipped ones, and above them those of an operator.

use std::collections::BTreeMap;

use crate::model::Diagnostic;
use crate::procedures::Procedures;

/// The texts that mappings, code lists, procedures and laws are read from, by their path without ending.
#[derive(Clone, Debug, Default)]
pub struct Shelves {
    /// Mappings, such as `portal/dossier`.
    pub mappings: BTreeMap<String, String>,
    /// Code lists, such as `portal-status`.
    pub codes: BTreeMap<String, String>,
    /// Procedures, such as `1.001193`.
    pub procedures: BTreeMap<String, String>,
    /// Laws of reuse, such as `66.7-2025`.
    pub laws: BTreeMap<String, String>,
}

impl Shelves {
    /// The procedures and the laws they stand on; everything that is wrong with them at once.
    pub fn procedures(&self) -> Result<Procedures, Vec<Diagnostic>> {
        fn named<'t>(folder: &str, texts: &'t BTreeMap<String, String>) -> Vec<(String, &'t str)> {
            let file = |(name, text): (&String, &'t String)| (format!("{folder}/{name}.toml"), text.as_str());
            texts.iter().map(file).collect()
        }
        let procedures = named("mappings/procedures", &self.procedures);
        let laws = named("mappings/reuse", &self.laws);
        Procedures::compile(
            procedures.iter().map(|(file, text)| (file.as_str(), *text)),
            laws.iter().map(|(file, text)| (file.as_str(), *text)),
            None,
        )
    }
}
