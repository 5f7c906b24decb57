//! Each part from its section of the configuration.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::{Unbuilt, shipped};
use crate::clock::{Clock, Dice};
use crate::config::{self, Config};
use crate::evidence::blind::Blinder;
use crate::intake::{System, Systems};
use crate::keys::{FileKey, Secret};
use crate::model::Signer;
use crate::outbound::{Destination, Parts, Recorder};
use crate::outbox::Schedule;
use crate::partner::{Limits, Partner, Settings, Unset};
use crate::registry;
use crate::signing::jws::Jws;
use crate::store::{self, Store};
use crate::translate::{Shelves, Translator};
use crate::transport::{self, Transport};

pub(super) fn outbound(
    config: &Config,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
) -> Result<Parts, Unbuilt> {
    let receipts: Arc<dyn Signer> = Arc::new(FileKey::read(&config.keys.receipt_file)?);
    let blinding = Secret::read(&config.keys.blinding_file)?;
    let destinations = config
        .partners
        .iter()
        .map(|(name, partner)| Ok((name.clone(), destination(config, name, partner, &clock)?)))
        .collect::<Result<HashMap<_, _>, Unbuilt>>()?;
    Ok(Parts {
        store,
        systems: systems(config),
        translator: translator(config)?,
        destinations,
        receipts: Arc::new(Jws::new(receipts)),
        recorder: Recorder::new(Blinder::new(blinding.bytes())),
        schedule: Schedule::new(
            config
                .outbox
                .schedule
                .waits()
                .iter()
                .map(|wait| millis(*wait))
                .collect(),
        ),
        give_up: millis(config.outbox.give_up),
        lease: millis(config.outbox.lease),
        log: config.node.name.clone(),
        clock,
        dice,
    })
}

pub(super) fn store(config: &Config) -> store::Settings {
    store::Settings {
        batch: usize::try_from(config.store.batch).unwrap_or(usize::MAX),
        queue: usize::try_from(config.store.queue).unwrap_or(usize::MAX),
        outbox: u64::from(config.outbox.limit),
        room: config.outbox.min_free_disk,
        cache_kib: u32::try_from(config.store.cache / 1024).unwrap_or(u32::MAX),
        ..store::Settings::default()
    }
}

/// Everything that translates, of [`shelves`].
pub fn translator(config: &Config) -> Result<Translator, Unbuilt> {
    Ok(Translator::new(&shelves(config)?)?)
}

/// The texts of mappings, code lists, procedures and laws: the shipped ones, and above them those of the configured folders.
pub fn shelves(config: &Config) -> Result<Shelves, Unbuilt> {
    let mut shelves = shipped::shelves();
    overlay(&mut shelves.mappings, config.mappings.folder.as_deref())?;
    overlay(&mut shelves.codes, config.codes.folder.as_deref())?;
    overlay(&mut shelves.procedures, config.procedures.folder.as_deref())?;
    overlay(&mut shelves.laws, config.laws.folder.as_deref())?;
    Ok(shelves)
}

/// Lays the `.toml` files of a folder over what is there, by their path without ending.
fn overlay(over: &mut BTreeMap<String, String>, folder: Option<&Path>) -> Result<(), Unbuilt> {
    let Some(folder) = folder else { return Ok(()) };
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let unreadable = |why| Unbuilt::File {
            path: path.clone(),
            why,
        };
        if path.is_dir() {
            for entry in std::fs::read_dir(&path).map_err(unreadable)? {
                open.push(
                    entry
                        .map_err(|why| Unbuilt::File {
                            path: path.clone(),
                            why,
                        })?
                        .path(),
                );
            }
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            let text = std::fs::read_to_string(&path).map_err(unreadable)?;
            let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
            over.insert(name.to_string_lossy().into_owned(), text);
        }
    }
    Ok(())
}

fn systems(config: &Config) -> Systems {
    let systems = config.systems.iter().map(|(name, system)| System {
        name: name.clone(),
        mapping: system.mapping.clone(),
        site: system.site.clone(),
        files: system.files.clone(),
        partner: system.partner.clone(),
        tokens: system.tokens.clone(),
    });
    let operators = config
        .operators
        .iter()
        .flat_map(|(name, operator)| operator.tokens.iter().map(move |token| (name.clone(), *token)));
    Systems::new(systems.collect(), operators.collect())
}

fn destination(
    config: &Config,
    name: &str,
    partner: &config::Partner,
    clock: &Arc<dyn Clock>,
) -> Result<Destination, Unbuilt> {
    let adapter =
        registry::adapter(&partner.adapter, partner.framing.clone()).map_err(|why| Unbuilt::Adapter {
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
    })?;
    let (username, password) = account(partner)?;
    let settings = Settings {
        name: name.to_owned(),
        username,
        password,
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
    Ok(Destination {
        partner: Arc::new(Partner::new(settings, adapter, transport, Arc::clone(clock))),
        dossier: partner.mappings.dossier.clone(),
        progress: partner.mappings.progress.clone(),
        signature: signature(config, partner)?,
        queued: Notify::new(),
    })
}

fn account(partner: &config::Partner) -> Result<(String, Zeroizing<String>), Unbuilt> {
    let Some(account) = &partner.account else {
        return Ok((String::new(), Zeroizing::new(String::new())));
    };
    let password = std::fs::read_to_string(&account.password_file)
        .map(Zeroizing::new)
        .map_err(|why| Unbuilt::File {
            path: account.password_file.clone(),
            why,
        })?;
    let line = password.lines().next().unwrap_or_default().to_owned();
    Ok((account.username.clone(), Zeroizing::new(line)))
}

/// Who signs payloads. The key must be of the algorithm that the partner's section names.
fn signature(config: &Config, partner: &config::Partner) -> Result<Option<Arc<Jws>>, Unbuilt> {
    let Some(wanted) = partner.signature else {
        return Ok(None);
    };
    let key = FileKey::read(&config.keys.payload_file)?;
    if key.algorithm().name() != wanted.name() {
        let found = key.algorithm().name();
        return Err(Unset::Algorithm {
            wanted: wanted.name(),
            found,
        }
        .into());
    }
    Ok(Some(Arc::new(Jws::new(Arc::new(key)))))
}

fn millis(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
}
