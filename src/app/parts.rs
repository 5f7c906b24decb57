//! Each part from its section of the configuration.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::partners::{self, Reached};
use super::{Unbuilt, callers, registers, shipped, stamping};
use crate::clock::{Clock, Dice};
use crate::codes::Units;
use crate::config::Config;
use crate::evidence::blind::Blinder;
use crate::evidence::note::Vkey;
use crate::files::Files;
use crate::inbound;
use crate::intake::{Keys, System, Systems};
use crate::keys::{Dated, FileKey, KeyFileError, Secret, Seen, dated};
use crate::model::{Sealer, Signer};
use crate::outbound::{Parts, Recorder, Reusing, Shelf};
use crate::outbox::Schedule;
use crate::partner::Unset;
use crate::reuse::{Limits, Memory, Officers};
use crate::signing::jws::Jws;
use crate::store::{self, Store};
use crate::translate::{Shelves, Translator};
use crate::transport::{Acceptor, At, Certified, Fresh, Scanner};
use crate::upkeep;
use crate::vault::Vault;

pub(super) fn outbound(
    config: &Config,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
) -> Result<Parts, Unbuilt> {
    let receipts: Arc<dyn Signer> = Arc::new(FileKey::read(&config.keys.receipt_file)?);
    let Reached {
        destinations,
        sources,
        keys,
    } = partners::reached(config, &clock)?;
    Ok(Parts {
        shelf: shelf(config, store.sealer()),
        store,
        systems: systems(config),
        translator: Arc::new(translator(config)?),
        registers: registers::registers(config, &sources)?,
        tellers: registers::tellers(config, &sources)?,
        destinations,
        sources,
        keys,
        reusing: reusing(config, dice.as_ref())?,
        receipts: Arc::new(Jws::new(receipts)),
        recorder: Recorder::new(blinder(config)?),
        schedule: schedule(config.outbox.schedule.waits()),
        give_up: millis(config.outbox.give_up),
        lease: millis(config.outbox.lease),
        log: config.node.name.clone(),
        clock,
        dice,
    })
}

/// The way back, over the same store, systems and mappings as the way out.
pub(super) fn inbound(config: &Config, out: &Parts) -> Result<inbound::Parts, Unbuilt> {
    Ok(inbound::Parts {
        store: Arc::clone(&out.store),
        listeners: callers::listeners(config)?,
        trays: callers::trays(config, &out.sources),
        registers: registers::asked(config, &out.sources)?,
        agencies: callers::agencies(config),
        systems: out.systems.clone(),
        translator: Arc::clone(&out.translator),
        hooks: callers::hooks(config)?,
        schedule: schedule(config.notify.schedule.waits()),
        recorder: inbound::Recorder::new(blinder(config)?),
        paid: Arc::default(),
        clock: Arc::clone(&out.clock),
        dice: Arc::clone(&out.dice),
    })
}

pub(super) fn schedule(waits: &[Duration]) -> Schedule {
    Schedule::new(waits.iter().map(|wait| millis(*wait)).collect())
}

/// What the state holds: whom to ask, in whose name, and how much.
fn reusing(config: &Config, dice: &dyn Dice) -> Result<Reusing, Unbuilt> {
    let reuse = &config.reuse;
    let limits = reuse.limits;
    let bounds = store::Bounds {
        subjects: limits.subjects,
        calls: limits.calls,
        hour: limits.hour,
        day: limits.day,
    };
    let per_second = NonZeroU32::new(limits.per_second).ok_or(Unset::Pace)?;
    Ok(Reusing {
        sources: reuse.sources.clone().into_iter().collect(),
        officers: officers(config)?,
        limits: Limits::new(per_second, bounds),
        memory: Memory::new(dice, millis(reuse.memory)),
        wait: reuse.wait,
        fresh: i64::try_from(reuse.fresh.as_secs()).unwrap_or(i64::MAX),
        claims: reuse.claims,
        units: units(config)?,
    })
}

/// The officers of each system that names a file of them.
pub fn officers(config: &Config) -> Result<HashMap<String, Officers>, Unbuilt> {
    let mut all = HashMap::new();
    for (name, system) in &config.systems {
        let Some(path) = &system.officers else { continue };
        let text = std::fs::read_to_string(path).map_err(|why| Unbuilt::File {
            path: path.clone(),
            why,
        })?;
        let officers = Officers::read(&text).map_err(|why| Unbuilt::Officers {
            system: name.clone(),
            why,
        })?;
        all.insert(name.clone(), officers);
    }
    Ok(all)
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

/// What keeps the house, over the same store.
pub(super) fn upkeep(
    config: &Config,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
) -> Result<upkeep::Parts, Unbuilt> {
    let log_key = FileKey::read(&config.log.key_file)?;
    let known = Vkey::of(&config.node.name, &log_key)?;
    Ok(upkeep::Parts {
        signer: Arc::new(log_key),
        known,
        seal: Arc::new(FileKey::read(&config.keys.receipt_file)?),
        origin: config.node.name.clone(),
        head_file: config.log.head_file.clone(),
        clock,
        dice,
        blinder: blinder(config)?,
        files: files(config, store.sealer()),
        lasting: upkeep::Lasting {
            ended: config.files.ended,
            unnamed: config.files.unnamed,
        },
        scanning: scanning(config)?,
        retention: upkeep::Retention {
            payload: config.retention.payload,
            access: config.retention.access,
            metadata: config.retention.metadata,
        },
        stamping: stamping::stamping(config)?,
        store,
        interval: config.log.interval,
        statements: config.statements.every,
    })
}

/// Where files lie, and how the world reaches them.
fn shelf(config: &Config, sealer: Arc<dyn Sealer>) -> Shelf {
    Shelf {
        files: files(config, sealer),
        public: config.http.public.clone(),
    }
}

/// Who scans files.
pub fn scanning(config: &Config) -> Result<upkeep::Scanning, Unbuilt> {
    let files = &config.files;
    let at = files.scanner.as_deref().map(str::parse::<At>).transpose()?;
    Ok(upkeep::Scanning {
        scanner: at.map(|at| Scanner::new(at, files.scan_wait)),
        hold: files.hold_unscanned,
    })
}

/// The folder of files.
pub fn files(config: &Config, sealer: Arc<dyn Sealer>) -> Arc<Files> {
    let bounds = (config.files.limit, config.outbox.min_free_disk);
    Arc::new(Files::new(&config.files.path, sealer, bounds))
}

/// What blinds dossiers and persons.
pub(super) fn blinder(config: &Config) -> Result<Blinder, Unbuilt> {
    Ok(Blinder::new(Secret::read(&config.keys.blinding_file)?.bytes()))
}

/// What seals and opens, for the one process that holds the store.
pub(super) fn vault(config: &Config) -> Result<Arc<dyn Sealer>, Unbuilt> {
    let node = Secret::read(&config.vault.node_key_file)?;
    Ok(Arc::new(Vault::open(&config.vault.keys_file, node.bytes())?))
}

/// What opens, beside that process.
pub fn opener(config: &Config) -> Result<Arc<dyn Sealer>, Unbuilt> {
    let node = Secret::read(&config.vault.node_key_file)?;
    let vault = Vault::open_read_only(&config.vault.keys_file, node.bytes())?;
    Ok(Arc::new(vault))
}

/// Everything that translates, of [`shelves`].
pub fn translator(config: &Config) -> Result<Translator, Unbuilt> {
    Ok(Translator::new(&shelves(config)?)?)
}

/// The texts of mappings, code lists, procedures and laws: the shipped ones, and above them those of the configured folders.
pub fn shelves(config: &Config) -> Result<Shelves, Unbuilt> {
    let mut shelves = shipped::shelves();
    overlay(&mut shelves.mappings, config.mappings.folder.as_deref(), "toml")?;
    overlay(&mut shelves.codes, config.codes.folder.as_deref(), "toml")?;
    overlay(
        &mut shelves.procedures,
        config.procedures.folder.as_deref(),
        "toml",
    )?;
    overlay(&mut shelves.laws, config.laws.folder.as_deref(), "toml")?;
    Ok(shelves)
}

/// The administrative units: the shipped tables, and those in `units/` of the folder of code lists. A table of another name
/// adds to them, as the next instrument does; one of the same name takes its place.
pub fn units(config: &Config) -> Result<Units, Unbuilt> {
    let mut tables = shipped::units();
    let folder = config.codes.folder.as_ref().map(|folder| folder.join("units"));
    overlay(
        &mut tables,
        folder.filter(|folder| folder.is_dir()).as_deref(),
        "tsv",
    )?;
    let tables = tables
        .iter()
        .map(|(name, text)| (format!("mappings/units/{name}.tsv"), &**text));
    let tables: Vec<(String, &str)> = tables.collect();
    Units::read(tables.iter().map(|(file, text)| (file.as_str(), *text))).map_err(Unbuilt::Units)
}

/// Lays the files of a folder that end so over what is there, by their path without ending.
pub(super) fn overlay<T: From<String>>(
    over: &mut BTreeMap<String, T>,
    folder: Option<&Path>,
    wanted: &str,
) -> Result<(), Unbuilt> {
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
        } else if path.extension().is_some_and(|ending| ending == wanted) {
            let text = std::fs::read_to_string(&path).map_err(unreadable)?;
            let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
            over.insert(name.to_string_lossy().into_owned(), text.into());
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
        keys: Keys {
            tokens: system.tokens.clone(),
            certificates: system.certificates.clone(),
        },
    });
    let operators = config.operators.iter().map(|(name, operator)| {
        let keys = Keys {
            tokens: operator.tokens.clone(),
            certificates: operator.certificates.clone(),
        };
        (name.clone(), keys)
    });
    Systems::new(systems.collect(), operators.collect())
}

/// TLS of the door, where it has a certificate.
pub(super) fn acceptor(config: &Config) -> Result<Option<Acceptor>, Unbuilt> {
    let certified = config.http.tls.as_ref().map(|tls| Certified {
        certificate: tls.certificate.clone(),
        key: tls.key.clone(),
        clients: tls.clients.clone(),
        strict: tls.strict,
    });
    certified.map(Acceptor::new).transpose().map_err(Unbuilt::Door)
}

/// The node's certificates: those of `keys`, and those of TLS as their files are.
pub(super) fn certificates(config: &Config, keys: &[Seen]) -> Result<Fresh<Vec<Dated>>, Unbuilt> {
    let signing: Vec<Dated> = keys.iter().filter_map(Dated::of).collect();
    let files = dated::files(config);
    let watched = files.iter().map(|(_, file)| file.clone()).collect();
    let read = move || {
        let shown: Result<Vec<Dated>, KeyFileError> = files.iter().map(Dated::read).collect();
        let shown = shown.map_err(|why| why.to_string())?;
        Ok(signing.iter().cloned().chain(shown).collect())
    };
    Fresh::new(watched, read).map_err(Unbuilt::Certificate)
}

pub(super) fn millis(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
}
