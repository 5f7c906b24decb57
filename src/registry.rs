//! The list of adapters: the only file that names them. A new wire is a crate and a line here.

use wire::Adapter;

/// Why no adapter could be made for a partner.
#[derive(Debug, thiserror::Error)]
pub enum Unregistered {
    /// No adapter of that name.
    #[error("there is no adapter `{name}`; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The framing table does not read.
    #[error("its framing cannot be read: {0}")]
    Framing(#[source] Box<toml::de::Error>),
    /// The framing reads, but cannot be spoken.
    #[error("its framing cannot be spoken: {0}")]
    Unfit(String),
}

/// The names of all adapters.
pub const NAMES: &[&str] = &["portal"];

/// Makes the adapter `name` with the framing that the configuration gives it.
pub fn adapter(name: &str, framing: toml::Table) -> Result<Box<dyn Adapter>, Unregistered> {
    match name {
        "portal" => {
            let framing: portal::Framing = framing
                .try_into()
                .map_err(|error| Unregistered::Framing(Box::new(error)))?;
            let portal = portal::Portal::new(framing).map_err(|unfit| Unregistered::Unfit(joined(&unfit)))?;
            Ok(Box::new(portal))
        }
        other => Err(Unregistered::Unknown {
            name: other.to_owned(),
            known: NAMES.join(", "),
        }),
    }
}

/// What a partner's catalogue says of one procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its national code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of its field.
    pub field: String,
    /// The name of its field.
    pub field_name: String,
}

/// Reads what the adapter `name` brought back when it was asked for one procedure; none when it says nothing usable.
pub fn procedure(name: &str, result: &[u8]) -> Option<Told> {
    match name {
        "portal" => {
            let read = portal::Procedure::read(result).ok()?;
            let told = Told {
                code: read.code,
                name: read.name,
                field: read.field.code,
                field_name: read.field.name,
            };
            Some(told).filter(|told| !told.name.is_empty() && !told.field.is_empty())
        }
        _ => None,
    }
}

fn joined(faults: &[portal::Unfit]) -> String {
    faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every adapter can be framed with.
    fn framing() -> toml::Table {
        let text = "madonvi = '000.00.00.H99'\nendpoints = { auth = '/a', integration = '/b', share = '/c' }";
        toml::from_str(text).unwrap()
    }

    #[test]
    fn every_name_makes_its_adapter_and_no_other_does() {
        for name in NAMES {
            assert_eq!(adapter(name, framing()).unwrap().name(), *name);
        }
        assert!(matches!(
            adapter("fax", toml::Table::new()),
            Err(Unregistered::Unknown { .. })
        ));
    }

    #[test]
    fn every_adapter_passes_the_conformance_suite() {
        for name in NAMES {
            let adapter = adapter(name, framing()).unwrap();
            assert_eq!(wire::conformance::check(adapter.as_ref()), []);
        }
    }
}
