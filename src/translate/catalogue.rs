//! The procedures that the portal offers, with the names that a push needs. Shipped, so that a portal that is down stops
//! no acceptance; refreshed when the portal answers.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::procedures::Procedures;
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

impl Catalogue {
    /// The names that the files of procedures give.
    pub fn of(procedures: &Procedures) -> Self {
        let listed = procedures.iter().map(|procedure| {
            let listed = Listed {
                name: procedure.name.clone(),
                field: procedure.field.code.clone(),
                field_name: procedure.field.name.clone(),
            };
            (procedure.code.clone(), listed)
        });
        Self {
            listed: RwLock::new(listed.collect()),
        }
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
