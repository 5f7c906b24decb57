//! Recognise, verify and read what a national side sends by itself; and find out whose it is.
//!
//! A sender is believed for what it can show: the address or the certificate of its connection, a key, a checksum. What it can
//! show it must: a checksum that is wrong is not made good by the right address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use wire::callback::{Address, Callback, Callbacks, End, Joined, Proof, Reply, Sent, Unread};
use zeroize::Zeroizing;

use crate::codes::AgencyId;
use crate::model::Network;
use crate::signing::mac;
use crate::signing::mac::checksum;

/// Whom a listener believes.
#[derive(Default)]
pub struct Trust {
    /// The networks it may call from.
    pub networks: Vec<Network>,
    /// SHA-256 of the certificates its connection may show.
    pub certificates: Vec<[u8; 32]>,
    /// The key or the checksum's secret that both ends know.
    pub secret: Option<Zeroizing<Vec<u8>>>,
}

/// The connection that a callback came on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connection {
    /// The caller's address.
    pub address: Option<IpAddr>,
    /// SHA-256 of the certificate that the caller showed.
    pub certificate: Option<[u8; 32]>,
}

/// Why a sender is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The connection came from elsewhere.
    #[error("it came from an address that is not the sender's")]
    Address,
    /// The connection showed no certificate of the sender's.
    #[error("it came on a connection without the sender's certificate")]
    Certificate,
    /// The key or the checksum is wrong.
    #[error("its key or checksum is wrong")]
    Proof,
    /// Nothing is configured by which this sender could be known.
    #[error("nothing is configured by which its sender could be known")]
    Nothing,
}

impl Doubt {
    /// One stable word for the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Certificate => "certificate",
            Self::Proof => "proof",
            Self::Nothing => "nothing-to-know-it-by",
        }
    }
}

impl Trust {
    /// Whether such a connection may bring anything at all; true when it shows that it is the sender's.
    ///
    /// # Errors
    /// [`Doubt`] says what was missing or wrong.
    pub fn admits(&self, connection: Connection) -> Result<bool, Doubt> {
        let mut shown = false;
        if !self.networks.is_empty() {
            let from = connection.address.ok_or(Doubt::Address)?;
            if !self.networks.iter().any(|network| network.has(from)) {
                return Err(Doubt::Address);
            }
            shown = true;
        }
        if !self.certificates.is_empty() {
            let certificate = connection.certificate.ok_or(Doubt::Certificate)?;
            if !self.certificates.contains(&certificate) {
                return Err(Doubt::Certificate);
            }
            shown = true;
        }
        Ok(shown)
    }

    /// Whether whoever sent this over that connection is its sender.
    ///
    /// # Errors
    /// [`Doubt`] says what was missing or wrong.
    pub fn believes(&self, proof: &Proof, connection: Connection) -> Result<(), Doubt> {
        let shown = self.admits(connection)?;
        match proof {
            Proof::Nothing if shown => Ok(()),
            Proof::Nothing => Err(Doubt::Nothing),
            Proof::Key(given) => self.proven(|secret| mac::same(secret, given.as_bytes())),
            Proof::Checksum { joined, parts, given } => self.proven(|secret| {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                let joined = match joined {
                    Joined::Barred => checksum::Joined::Barred,
                    Joined::Plain => checksum::Joined::Plain,
                };
                joined.fits(&parts, secret, given)
            }),
        }
    }

    fn proven(&self, fits: impl FnOnce(&[u8]) -> bool) -> Result<(), Doubt> {
        let secret = self.secret.as_ref().ok_or(Doubt::Nothing)?;
        if fits(secret) { Ok(()) } else { Err(Doubt::Proof) }
    }
}

/// One national side that calls us.
pub struct Listener {
    /// Its name in configuration and log.
    pub name: String,
    /// How it writes and what it understands.
    pub wire: Box<dyn Callbacks>,
    /// What its paths begin with here; empty, or beginning with `/`.
    pub path: String,
    /// Whom it believes.
    pub trust: Trust,
    /// Whose a callback is that nothing else tells the owner of.
    pub system: Option<String>,
    /// What the numbers begin with that it is given for the dossiers it will file: an agency of ours.
    pub numbers: Option<String>,
    /// The mapping that reads or answers each kind.
    pub mappings: BTreeMap<String, String>,
    /// The longest body, in bytes.
    pub limit: usize,
}

/// The provincial systems by the agencies that they keep dossiers of.
#[derive(Clone, Debug, Default)]
pub struct Agencies(Vec<(String, AgencyId)>);

/// Whose a callback is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This system's.
    System(String),
    /// An agency's that is none of ours.
    Stranger,
    /// Nothing tells.
    Nobody,
}

impl Listener {
    /// The addresses it listens at.
    pub fn addresses(&self) -> impl Iterator<Item = Address> {
        let path = self.path.clone();
        self.wire.addresses().into_iter().map(move |address| Address {
            path: format!("{path}{}", address.path),
            ..address
        })
    }

    /// Reads what came to a door.
    ///
    /// # Errors
    /// [`Unread`] says what is wrong with it.
    pub fn read(&self, door: &str, sent: &Sent<'_>) -> Result<Callback, Unread> {
        self.wire.read(door, sent)
    }

    /// What the sender hears.
    pub fn reply(&self, door: &str, callback: Option<&Callback>, end: End<'_>) -> Reply {
        self.wire.reply(door, callback, end)
    }

    /// Whose it is: by the agency it names or its number begins with, else by the path it came on.
    pub fn owner(&self, agencies: &Agencies, callback: &Callback) -> Owner {
        let named = [
            callback.agency.as_deref(),
            callback.number.as_deref().and_then(agency_of),
        ];
        let known: Vec<AgencyId> = named.into_iter().flatten().filter_map(AgencyId::read).collect();
        let ours = known.iter().find_map(|agency| agencies.system(agency));
        match (ours, &self.system) {
            (Some(system), _) => Owner::System(system.to_owned()),
            (None, _) if known.iter().any(AgencyId::is_local) => Owner::Stranger,
            (None, Some(system)) => Owner::System(system.clone()),
            (None, None) => Owner::Nobody,
        }
    }
}

/// What a dossier's number begins with, where that is an agency (portal.md §5.1).
fn agency_of(number: &str) -> Option<&str> {
    number.split_once('-').map(|(agency, _)| agency)
}

impl Agencies {
    /// These systems with the agencies each keeps. The configuration has judged that they are identifiers.
    pub fn new<'a>(systems: impl IntoIterator<Item = (&'a str, &'a [String])>) -> Self {
        let each = |(system, written): (&'a str, &'a [String])| {
            let ids = written.iter().filter_map(|written| AgencyId::read(written));
            ids.map(|id| (system.to_owned(), id)).collect::<Vec<_>>()
        };
        Self(systems.into_iter().flat_map(each).collect())
    }

    /// The system that keeps the dossiers of an agency, by its identifier.
    pub fn of(&self, written: &str) -> Option<&str> {
        self.system(&AgencyId::read(written)?)
    }

    /// The system that keeps an agency's dossiers: the one whose own agency is nearest above it.
    fn system(&self, agency: &AgencyId) -> Option<&str> {
        let above = self.0.iter().filter(|(_, kept)| agency.is_within(kept));
        let nearest = above.max_by_key(|(_, kept)| kept.depth());
        nearest.map(|(system, _)| system.as_str())
    }
}

#[cfg(test)]
mod tests;
