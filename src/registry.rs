//! The list of adapters: the only file that names them. A new wire is a crate and a line here.

use serde::de::DeserializeOwned;
use wire::Adapter;
use wire::awaited::Awaited;
use wire::callback::{Callback, Callbacks, Unread};
use wire::tray::{Tells, Tray};

/// Why no adapter could be made for a partner, or no callers for a listener.
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
    /// Nobody of that name calls us.
    #[error("nobody calls us as `{name}`; there are {known}")]
    Caller {
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
pub const NAMES: &[&str] = &[
    "portal",
    "population",
    "business",
    "document-store",
    "social-insurance",
    "civil-status",
    "linked-hub",
    "criminal-record",
    "payment",
    "edxml",
];

/// Makes the adapter `name` with the framing that the configuration gives it.
pub fn adapter(name: &str, framing: toml::Table) -> Result<Box<dyn Adapter>, Unregistered> {
    match name {
        "portal" => made(framing, portal::Portal::new),
        "population" => made(framing, population::Population::new),
        "business" => made(framing, business::Business::new),
        "document-store" => made(framing, document_store::DocumentStore::new),
        "social-insurance" => made(framing, social_insurance::SocialInsurance::new),
        "civil-status" => made(framing, civil_status::CivilStatus::new),
        "linked-hub" => made(framing, linked_hub::Hub::new),
        "criminal-record" => made(framing, criminal_record::CriminalRecord::new),
        "payment" => made(framing, payment::Payment::new),
        "edxml" => made(framing, edxml::Edxml::new),
        other => Err(Unregistered::Unknown {
            name: other.to_owned(),
            known: NAMES.join(", "),
        }),
    }
}

/// An adapter from its framing, or all that is wrong with it.
fn made<F: DeserializeOwned, A: Adapter + 'static, U: ToString>(
    framing: toml::Table,
    new: impl Fn(F) -> Result<A, Vec<U>>,
) -> Result<Box<dyn Adapter>, Unregistered> {
    let framing = framing
        .try_into()
        .map_err(|error| Unregistered::Framing(Box::new(error)))?;
    let adapter = new(framing).map_err(|unfit| Unregistered::Unfit(joined(&unfit)))?;
    Ok(Box::new(adapter))
}

/// The names of all national sides that call us.
pub const CALLERS: &[&str] = &["payment", "portal", "criminal-record", "online"];

/// Makes the side `name` that calls us, with the doors that the configuration of a listener gives it.
pub fn callbacks(name: &str, framing: toml::Table) -> Result<Box<dyn Callbacks>, Unregistered> {
    match name {
        "payment" => called(framing, payment::Confirmations::new),
        "portal" => called(framing, portal::Forwarded::new),
        "criminal-record" => called(framing, criminal_record::Allocated::new),
        "online" => called(framing, online::Online::new),
        other => Err(Unregistered::Caller {
            name: other.to_owned(),
            known: CALLERS.join(", "),
        }),
    }
}

/// A side that calls us from its doors, or all that is wrong with them.
fn called<F: DeserializeOwned, C: Callbacks + 'static, U: ToString>(
    framing: toml::Table,
    new: impl Fn(F) -> Result<C, Vec<U>>,
) -> Result<Box<dyn Callbacks>, Unregistered> {
    let framing = framing
        .try_into()
        .map_err(|error| Unregistered::Framing(Box::new(error)))?;
    let callbacks = new(framing).map_err(|unfit| Unregistered::Unfit(joined(&unfit)))?;
    Ok(Box::new(callbacks))
}

/// The names of all adapters whose national side keeps things for us until we say that we have them.
pub const TRAYS: &[&str] = &["linked-hub"];

/// The tray of the adapter `name`, where it has one.
pub fn tray(name: &str) -> Option<Box<dyn Tray>> {
    match name {
        "linked-hub" => Some(Box::new(linked_hub::Waiting)),
        _ => None,
    }
}

/// How the adapter `name` tells a tray's national side what became of what lay there, where it wants to know.
pub fn tells(name: &str) -> Option<Box<dyn Tells>> {
    match name {
        "linked-hub" => Some(Box::new(linked_hub::States)),
        _ => None,
    }
}

/// The names of all adapters whose national side registers what it is pushed, and is asked what came of it.
pub const AWAITED: &[&str] = &["civil-status"];

/// How the adapter `name` pushes and asks, where its national side registers something.
pub fn awaited(name: &str) -> Option<Box<dyn Awaited>> {
    match name {
        "civil-status" => Some(Box::new(civil_status::Registrations)),
        _ => None,
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

/// Where the payer pays, of what the platform of the adapter `name` brought when a payment was begun.
pub fn page(name: &str, result: &[u8]) -> Option<String> {
    match name {
        "payment" => payment::page(result),
        _ => None,
    }
}

/// The arguments by which the adapter `name` asks after a payment, of the payload that began it.
pub fn asking(name: &str, payload: &[u8]) -> Option<Vec<(&'static str, String)>> {
    match name {
        "payment" => payment::asking(payload).map(Vec::from),
        _ => None,
    }
}

/// How a payment stands, of what the platform of the adapter `name` brought when it was asked after: what a confirmation would
/// say, or none while the platform does not know yet.
///
/// # Errors
/// [`Unread`] when it cannot be what it should be.
pub fn standing(name: &str, result: &[u8]) -> Result<Option<Callback>, Unread> {
    match name {
        "payment" => Ok(match payment::standing(result)? {
            payment::Standing::Settled(callback) => Some(*callback),
            payment::Standing::Pending => None,
        }),
        _ => Err(Unread::Body),
    }
}

fn joined(faults: &[impl ToString]) -> String {
    faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What an adapter can be framed with: its shipped profiles, or a framing of its own.
    fn framings(name: &str) -> Vec<toml::Table> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("config/profiles")
            .join(name);
        let Ok(profiles) = std::fs::read_dir(folder) else {
            let text =
                "madonvi = '000.00.00.H99'\nendpoints = { auth = '/a', integration = '/b', share = '/c' }";
            return vec![toml::from_str(text).unwrap()];
        };
        let read = |profile: std::io::Result<std::fs::DirEntry>| {
            let text = std::fs::read_to_string(profile.unwrap().path()).unwrap();
            toml::from_str(&text).unwrap()
        };
        profiles.map(read).collect()
    }

    #[test]
    fn every_name_makes_its_adapter_and_no_other_does() {
        for name in NAMES {
            for framing in framings(name) {
                assert_eq!(adapter(name, framing).unwrap().name(), *name);
            }
        }
        assert!(matches!(
            adapter("fax", toml::Table::new()),
            Err(Unregistered::Unknown { .. })
        ));
    }

    #[test]
    fn every_adapter_passes_the_conformance_suite_with_each_of_its_profiles() {
        for name in NAMES {
            let framings = framings(name);
            assert!(!framings.is_empty(), "{name}");
            for framing in framings {
                let adapter = adapter(name, framing).unwrap();
                assert_eq!(wire::conformance::check(adapter.as_ref()), []);
            }
        }
    }

    #[test]
    fn every_caller_is_made_with_its_own_doors_and_no_other_is() {
        for name in CALLERS {
            let callbacks = callbacks(name, toml::Table::new()).unwrap();
            assert_eq!(callbacks.name(), *name);
            assert!(!callbacks.addresses().is_empty(), "{name}");
        }
        let table = |text: &str| toml::from_str::<toml::Table>(text).unwrap();
        assert!(matches!(
            callbacks("fax", toml::Table::new()),
            Err(Unregistered::Caller { .. })
        ));
        assert!(matches!(
            callbacks("portal", table("colour = 1")),
            Err(Unregistered::Framing(_))
        ));
        assert!(matches!(
            callbacks("online", table("dossier = ['x']")),
            Err(Unregistered::Unfit(_))
        ));
    }

    #[test]
    fn every_tray_is_of_an_adapter_that_has_its_three_calls() {
        for name in TRAYS {
            let tray = tray(name).unwrap();
            assert_eq!(tray.name(), *name);
            let calls = [
                tray.lists(),
                tray.reads().operation,
                tray.acknowledges().operation,
            ];
            let framed = |framing: toml::Table| {
                let adapter = adapter(name, framing).unwrap();
                calls.iter().all(|call| adapter.operation(call).is_some())
            };
            assert!(framings(name).into_iter().any(framed), "{name}");
            let tells = tells(name).unwrap();
            assert_eq!(tells.name(), *name);
            let told =
                |framing: toml::Table| adapter(name, framing).unwrap().operation(tells.tells()).is_some();
            assert!(framings(name).into_iter().any(told), "{name}");
        }
        assert!(tray("portal").is_none() && tells("portal").is_none());
    }

    #[test]
    fn everything_that_is_awaited_can_be_pushed_and_asked_for() {
        for name in AWAITED {
            let awaited = awaited(name).unwrap();
            assert_eq!(awaited.name(), *name);
            for framing in framings(name) {
                let adapter = adapter(name, framing).unwrap();
                assert!(adapter.operation("register").is_some(), "{name}");
                let asks = adapter.operation(awaited.asks()).unwrap();
                assert!(asks.arguments.contains(&"dossiers"), "{name}");
            }
        }
        assert!(awaited("portal").is_none());
    }

    #[test]
    fn a_framing_that_cannot_be_read_or_spoken_says_why() {
        let table = |text: &str| toml::from_str::<toml::Table>(text).unwrap();
        assert!(matches!(
            adapter("population", table("colour = 1")),
            Err(Unregistered::Framing(_))
        ));
        let text = "profile = 'x'\nversion = 1\ntoken = { kind = 'none' }\n\
                    services = { household = { path = '/', envelope = 'json' }, citizen = { path = 'x', envelope = 'soap' } }";
        let Err(Unregistered::Unfit(why)) = adapter("population", table(text)) else {
            panic!("it was taken")
        };
        for part in ["no operation `household`", "the path `x`", "needs `root`"] {
            assert!(why.contains(part), "{why}");
        }
    }
}
