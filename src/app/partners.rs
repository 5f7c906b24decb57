//! The partners, each from its section: its profile, its adapter, its way out, its account; as a destination of dossiers
//! where it has their mappings, else as a source of what the state holds.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::parts::{millis, overlay};
use super::{Unbuilt, shipped};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::keys::{Ring, RingError, Seen};
use crate::model::Rota;
use crate::outbound::{Destination, Source};
use crate::partner::{Limits, Partner, Settings, Unset};
use crate::registry;
use crate::signing::jws::Jws;
use crate::transport::{self, Transport};

/// The mappings that make a partner one to whom dossiers are owed.
const DOSSIER: &str = "dossier";
const PROGRESS: &str = "progress";

/// All partners, by name.
pub(super) struct Reached {
    pub(super) destinations: HashMap<String, Destination>,
    pub(super) sources: HashMap<String, Source>,
    /// The keys that sign payloads, where some partner has them signed.
    pub(super) keys: Vec<Seen>,
}

pub(super) fn reached(config: &Config, clock: &Arc<dyn Clock>) -> Result<Reached, Unbuilt> {
    let profiles = profiles(config)?;
    let ring = ring(config)?;
    let mut all = Reached {
        destinations: HashMap::new(),
        sources: HashMap::new(),
        keys: ring.as_ref().map_or_else(Vec::new, Ring::seen),
    };
    for (name, partner) in &config.partners {
        let framing = framing(name, partner, &profiles)?;
        let profile = stamp(&framing);
        let conversation = Arc::new(conversation(name, partner, framing, clock)?);
        match (partner.mappings.get(DOSSIER), partner.mappings.get(PROGRESS)) {
            (Some(dossier), Some(progress)) => {
                let destination = Destination {
                    partner: conversation,
                    dossier: dossier.clone(),
                    progress: progress.clone(),
                    signature: signature(ring.as_ref(), partner)?,
                    queued: Notify::new(),
                };
                all.destinations.insert(name.clone(), destination);
            }
            _ => {
                let source = Source {
                    partner: conversation,
                    mappings: partner.mappings.clone(),
                    profile,
                };
                all.sources.insert(name.clone(), source);
            }
        }
    }
    Ok(all)
}

/// The texts of the profiles: the shipped ones, and above them those of the configured folder.
pub fn profiles(config: &Config) -> Result<BTreeMap<String, String>, Unbuilt> {
    let mut profiles = shipped::profiles();
    overlay(&mut profiles, config.profiles.folder.as_deref(), "toml")?;
    Ok(profiles)
}

/// How a partner is framed: its profile, and above it what its own section says.
pub fn framing(
    name: &str,
    partner: &config::Partner,
    profiles: &BTreeMap<String, String>,
) -> Result<toml::Table, Unbuilt> {
    let mut framing = match &partner.profile {
        None => toml::Table::new(),
        Some(profile) => {
            let wanted = format!("{}/{profile}", partner.adapter);
            let text = profiles.get(&wanted).ok_or_else(|| {
                let known = profiles
                    .keys()
                    .filter_map(|key| key.strip_prefix(&format!("{}/", partner.adapter)));
                Unbuilt::Profile {
                    name: name.to_owned(),
                    profile: profile.clone(),
                    why: format!("there is {}", known.collect::<Vec<_>>().join(", ")),
                }
            })?;
            toml::from_str(text).map_err(|why| Unbuilt::Profile {
                name: name.to_owned(),
                profile: profile.clone(),
                why: why.to_string(),
            })?
        }
    };
    lay(&mut framing, partner.framing.clone());
    Ok(framing)
}

/// Lays one table over another: tables are joined, everything else is replaced.
fn lay(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => lay(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// `name@version` of a profile, where the framing is one.
fn stamp(framing: &toml::Table) -> String {
    let name = framing.get("profile").and_then(toml::Value::as_str);
    let version = framing.get("version").and_then(toml::Value::as_integer);
    match (name, version) {
        (Some(name), Some(version)) => format!("{name}@{version}"),
        _ => String::new(),
    }
}

fn conversation(
    name: &str,
    partner: &config::Partner,
    framing: toml::Table,
    clock: &Arc<dyn Clock>,
) -> Result<Partner, Unbuilt> {
    let adapter = registry::adapter(&partner.adapter, framing).map_err(|why| Unbuilt::Adapter {
        name: name.to_owned(),
        why,
    })?;
    let concurrency = usize::try_from(partner.concurrency).unwrap_or(usize::MAX);
    let transport = Transport::new(transport::Settings {
        base: partner.base.clone(),
        connect: partner.connect,
        answer: partner.answer,
        answer_limit: usize::try_from(partner.answer_limit).unwrap_or(usize::MAX),
        connections: concurrency,
        connect_tries: 3,
        tls: transport::Tls {
            identity: partner.identity.clone(),
            roots: partner.roots.clone(),
        },
        networks: Vec::new(),
    })?;
    let (username, password) = account(partner)?;
    let settings = Settings {
        name: name.to_owned(),
        username,
        password,
        secrets: secrets(partner)?,
        session: millis(partner.session),
        longest: millis(partner.longest),
        concurrency,
        pace: NonZeroU32::new(partner.pace.per_second).ok_or(Unset::Pace)?,
        burst: NonZeroU32::new(partner.pace.burst).ok_or(Unset::Pace)?,
        circuit: Limits {
            failures: partner.circuit.failures,
            open: millis(partner.circuit.open),
            longest: millis(partner.circuit.longest_open),
        },
    };
    Ok(Partner::new(settings, adapter, transport, Arc::clone(clock)))
}

fn account(partner: &config::Partner) -> Result<(String, Zeroizing<String>), Unbuilt> {
    let Some(account) = &partner.account else {
        return Ok((String::new(), Zeroizing::new(String::new())));
    };
    Ok((account.username.clone(), secret(&account.password_file)?))
}

fn secrets(partner: &config::Partner) -> Result<Vec<(String, Zeroizing<String>)>, Unbuilt> {
    let named = partner.secrets.iter();
    named
        .map(|(name, path)| Ok((name.clone(), secret(path)?)))
        .collect()
}

/// The first line of a file.
fn secret(path: &Path) -> Result<Zeroizing<String>, Unbuilt> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|why| Unbuilt::File {
            path: path.to_owned(),
            why,
        })?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

/// The keys that sign payloads, where a partner asks for signatures.
fn ring(config: &Config) -> Result<Option<Ring>, Unbuilt> {
    let asked = config
        .partners
        .values()
        .any(|partner| partner.signature.is_some());
    Ok(asked
        .then(|| Ring::payload(&config.keys, &super::provider))
        .transpose()?)
}

/// Who signs payloads, and when. The keys must be of the algorithm that the partner's section names.
fn signature(ring: Option<&Ring>, partner: &config::Partner) -> Result<Option<Rota<Arc<Jws>>>, Unbuilt> {
    let (Some(ring), Some(wanted)) = (ring, partner.signature) else {
        return Ok(None);
    };
    let signers = ring.signers(wanted)?;
    let signed = signers.try_map(|signer| Ok::<_, RingError>(Arc::new(Jws::new(Arc::clone(signer)))));
    Ok(Some(signed?))
}
