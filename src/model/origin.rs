//! Where a fact came from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Time;
use super::record::words;

words! {
    /// How a fact came to be known.
    How, "origin" {
        Filed = "filed", "The province's system said so.";
        Reused = "reused", "The state already held it.";
        Derived = "derived", "A mapping worked it out from other facts.";
        Catalogue = "catalogue", "The catalogue of procedures says so.";
    }
}

/// The origin of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// How it came to be known.
    pub how: How,
    /// The system or national service that said it.
    pub source: String,
    /// The mapping that read it, `name@version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
    /// The line of the mapping's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Their path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
    /// When it was learnt.
    pub at: Time,
    /// For a fact that the state held: on what ground it was asked for, and where the proof of that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Box<Provenance>>,
    /// For a fact that was filed: the look-up that it agreed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Box<Provenance>>,
}

/// Where the state holds a fact, and why it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The service, `wire/operation`.
    pub service: String,
    /// The profile of the service, `name@version`.
    pub profile: String,
    /// Where the source itself says when the data is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Time>,
    /// When it was retrieved.
    pub retrieved_at: Time,
    /// The legal basis.
    pub basis: String,
    /// The id of the look-up in the exchange log.
    pub evidence: String,
}

impl Origin {
    /// An origin without a mapping.
    #[must_use]
    pub fn new(how: How, source: &str, at: Time) -> Self {
        Self {
            how,
            source: source.to_owned(),
            mapping: None,
            line: None,
            theirs: None,
            at,
            held: None,
            verified: None,
        }
    }
}

/// The origins of a dossier's facts: one for all that were read together, and the exceptions by our path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    read: Origin,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    except: BTreeMap<String, Origin>,
}

impl Origins {
    /// All facts come from there.
    #[must_use]
    pub const fn all(origin: Origin) -> Self {
        Self {
            read: origin,
            except: BTreeMap::new(),
        }
    }

    /// The origin of what was read together.
    #[must_use]
    pub const fn read(&self) -> &Origin {
        &self.read
    }

    /// Those that differ, by our path.
    pub fn exceptions(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.except.iter().map(|(path, origin)| (path.as_str(), origin))
    }

    /// The origin of the fact at that path: its own, its record's, or that of all.
    #[must_use]
    pub fn of(&self, path: &str) -> &Origin {
        let mut part = path;
        loop {
            if let Some(origin) = self.except.get(part) {
                return origin;
            }
            match part.rfind(['.', '[']) {
                Some(at) => part = &part[..at],
                None => return &self.read,
            }
        }
    }

    /// The fact at that path comes from elsewhere.
    pub fn note(&mut self, path: &str, origin: Origin) {
        self.except.insert(path.to_owned(), origin);
    }
}
