//! Each part from its section of the configuration.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::partners::{self, Reached};
use super::{Unbuilt, shipped};
use crate::clock::{Clock, Dice};
use crate::config::Config;
use crate::evidence::blind::Blinder;
use crate::intake::{System, Systems};
use crate::keys::{FileKey, Secret};
use crate::model::Signer;
use crate::outbound::{Parts, Recorder};
use crate::outbox::Schedule;
use crate::signing::jws::Jws;
use crate::store::{self, Store};
use crate::translate::{Shelves, Translator};

pub(super) fn outbound(
    config: &Config,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
) -> Result<Parts, Unbuilt> {
    let receipts: Arc<dyn Signer> = Arc::new(FileKey::read(&config.keys.receipt_file)?);
    let blinding = Secret::read(&config.keys.blinding_file)?;
    let Reached {
        destinations,
        sources,
    } = partners::reached(config, &clock)?;
    Ok(Parts {
        store,
        systems: systems(config),
        translator: translator(config)?,
        destinations,
        sources,
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
pub(super) fn overlay(over: &mut BTreeMap<String, String>, folder: Option<&Path>) -> Result<(), Unbuilt> {
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

pub(super) fn millis(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
}
