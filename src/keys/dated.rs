//! Certificates that end, and where each is named: those of keys that sign payloads, the door's, and those that partners are shown.

use std::path::PathBuf;

use super::chain::{self, Certificate};
use super::ends::Seen;
use super::file::KeyFileError;
use crate::config::Config;
use crate::model::Time;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A certificate by the place in the settings that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The setting: `http.certificate_file`.
    pub place: String,
    /// The certificate.
    pub certificate: Certificate,
}

impl Dated {
    /// The certificate of a key that signs payloads, if it has one.
    pub fn of(seen: &Seen) -> Option<Self> {
        Some(Self {
            place: format!("keys.payload.{}", seen.name),
            certificate: seen.certificate.clone()?,
        })
    }

    /// Reads the certificate of a setting.
    ///
    /// # Errors
    /// [`KeyFileError`] when its file cannot be read or holds none.
    pub fn read((place, file): &(String, PathBuf)) -> Result<Self, KeyFileError> {
        Ok(Self {
            place: place.clone(),
            certificate: chain::first(file)?,
        })
    }

    /// Whole days until it ends; negative once it is over.
    pub fn days_left(&self, now: Time) -> i64 {
        (self.certificate.until.seconds() - now.seconds()).div_euclid(DAY)
    }
}

/// The files of TLS that hold a certificate of ours, each with its setting.
pub fn files(config: &Config) -> Vec<(String, PathBuf)> {
    let door = config.http.tls.iter();
    let door = door.map(|tls| ("http.certificate_file".to_owned(), tls.certificate.clone()));
    let partners = config.partners.iter();
    let shown = partners.filter_map(|(name, partner)| {
        let file = partner.identity.clone()?;
        Some((format!("partners.{name}.identity_file"), file))
    });
    door.chain(shown).collect()
}
