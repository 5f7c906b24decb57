//! The procedures that the portal offers, with the names that a push needs. Shipped, so that a portal that is down stops
//! no acceptance; refreshed when the portal answers.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use serde::Deserialize;

use crate::registry::Told;

/// What the catalogue says of one procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name, `TenTTHC`.
    pub name: String,
    /// The code of its field, `MaLinhVuc`.
    pub field: String,
    /// The name of its field, `TenLinhVuc`.
    pub field_name: String,
}

/// Procedures by their national code.
#[derive(Debug, Default)]
pub struct Catalogue {
    listed: RwLock<HashMap<String, Listed>>,
}

/// A catalogue that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("procedures/{name}.toml: {why}")]
pub struct Unlisted {
    name: String,
    why: Box<toml::de::Error>,
}

#[derive(Deserialize)]
struct Page {
    procedures: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    code: String,
    name: String,
    field: Field,
}

#[derive(Deserialize)]
struct Field {
    code: String,
    name: String,
}

impl Catalogue {
    /// Reads the shipped and added pages, by their name.
    pub fn read(pages: &BTreeMap<String, String>) -> Result<Self, Unlisted> {
        let mut listed = HashMap::new();
        for (name, text) in pages {
            let page: Page = toml::from_str(text).map_err(|why| Unlisted {
                name: name.clone(),
                why: Box::new(why),
            })?;
            for row in page.procedures {
                let entry = Listed {
                    name: row.name,
                    field: row.field.code,
                    field_name: row.field.name,
                };
                listed.insert(row.code, entry);
            }
        }
        Ok(Self {
            listed: RwLock::new(listed),
        })
    }

    /// What is known of a procedure.
    pub fn find(&self, code: &str) -> Option<Listed> {
        self.listed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(code)
            .cloned()
    }

    /// The codes it knows.
    pub fn codes(&self) -> Vec<String> {
        let listed = self.listed.read().unwrap_or_else(PoisonError::into_inner);
        let mut codes: Vec<_> = listed.keys().cloned().collect();
        codes.sort();
        codes
    }

    /// Takes what the portal says of a procedure now.
    pub fn refresh(&self, told: Told) {
        let listed = Listed {
            name: told.name,
            field: told.field,
            field_name: told.field_name,
        };
        self.listed
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(told.code, listed);
    }
}
