//! The keys of a node: whether each can be used, whether others may read it, and what ends soon. No token is logged in at.

use std::path::Path;

use super::{Failed, Finding, exposed};
use crate::config::{Config, Kept, Key};
use crate::evidence::note::Vkey;
use crate::keys::ends::{self, End, Seen};
use crate::keys::{Dated, FileKey, Secret, dated};
use crate::model::{Algorithm, Rota, Signer, Time, Turn};

/// Looks at every key; gives back what verifies the log, if its key is there.
pub(super) fn keys(config: &Config, found: &mut Vec<Finding>) -> Option<Vkey> {
    key(&config.keys.receipt_file, Algorithm::Es256, found);
    if config.keys.payload.is_empty() {
        for wanted in asked(config) {
            drop(key(&config.keys.payload_file, wanted, found));
        }
    } else {
        ring(config, found);
    }
    let blinding = &config.keys.blinding_file;
    match Secret::read(blinding) {
        Ok(_) => exposed("key", blinding, found),
        Err(error) => found.push(Finding::file("key", blinding, Failed::because(&error))),
    }
    let log = key(&config.log.key_file, Algorithm::Ed25519, found)?;
    let known = Vkey::of(&config.node.name, &log);
    known
        .map_err(|error| found.push(Finding::new("log", &config.node.name, error)))
        .ok()
}

/// What ends within 60, 30 or 7 days, or has ended: turns of keys without a next one, and certificates; and tokens that are
/// away without being needed yet.
pub(super) fn ends(config: &Config, now: Time) -> Vec<Finding> {
    let mut told = payload_ends(config, now);
    let files = dated::files(config);
    // A file that cannot be read is a finding of who opens the door.
    let shown: Vec<Dated> = files.iter().filter_map(|file| Dated::read(file).ok()).collect();
    told.extend(ends::shown(&shown, now).iter().map(end));
    told
}

fn end(end: &End) -> Finding {
    match end {
        End::Turn { .. } => Finding::new("key", "keys.payload", end),
        End::Certificate { name, .. } => Finding::new("key", format!("keys.payload.{name}"), end),
        End::Tls { place, .. } => Finding::new("key", place, end),
    }
}

fn payload_ends(config: &Config, now: Time) -> Vec<Finding> {
    let wanted = asked(config);
    if wanted.is_empty() {
        return Vec::new();
    }
    let looked = ends::look(&config.keys).into_iter();
    let seen: Vec<Seen> = looked.filter_map(|(_, seen)| seen.ok().flatten()).collect();
    let away = seen.iter().filter_map(|seen| {
        let says = format!("{}; messages for it wait until it is there", seen.away.as_ref()?);
        Some(Finding::new("key", format!("keys.payload.{}", seen.name), says))
    });
    let told = ends::ends(&seen, &wanted, now);
    away.chain(told.iter().map(end)).collect()
}

/// The algorithms that partners ask of payloads, each once.
fn asked(config: &Config) -> Vec<Algorithm> {
    let of_partners = || config.partners.values().filter_map(|partner| partner.signature);
    let wanted = |algorithm: &Algorithm| of_partners().any(|wanted| wanted == *algorithm);
    Algorithm::ALL.into_iter().filter(wanted).collect()
}

/// The keys that sign payloads one after the other.
fn ring(config: &Config, found: &mut Vec<Finding>) {
    let (mut seen, mut unseen) = (Vec::new(), false);
    for (name, looked) in ends::look(&config.keys) {
        match looked {
            Ok(Some(one)) => seen.push(one),
            Ok(None) => {
                unseen |= matches!(
                    config.keys.payload.get(&name),
                    Some(Key {
                        kept: Kept::Token(_),
                        ..
                    })
                )
            }
            Err(error) => {
                unseen = true;
                found.push(Finding::new(
                    "key",
                    format!("keys.payload.{name}"),
                    Failed::because(&error),
                ));
            }
        }
    }
    for key in config.keys.payload.values() {
        secrets(key).for_each(|path| exposed("key", path, found));
    }
    for algorithm in asked(config) {
        let of = seen.iter().filter(|seen| seen.family == algorithm.family());
        let turns: Vec<Turn<()>> = of
            .map(|seen| Turn::between(&seen.name, seen.from, seen.until, ()))
            .collect();
        if turns.is_empty() && !unseen {
            found.push(Finding::new(
                "key",
                "keys.payload",
                format!("no key can be used with {algorithm}"),
            ));
        }
        if let Err(overlap) = Rota::new(turns) {
            found.push(Finding::new("key", "keys.payload", overlap));
        }
    }
}

/// The files of a key that nobody else may read.
fn secrets(key: &Key) -> impl Iterator<Item = &Path> {
    let (one, other) = match &key.kept {
        Kept::File {
            path,
            passphrase_file,
        } => (Some(path), passphrase_file.as_ref()),
        Kept::Token(at) => (Some(&at.pin_file), None),
        Kept::Remote(at) => (Some(&at.secret_file), None),
        Kept::Retired { .. } => (None, None),
    };
    one.into_iter().chain(other).map(|path| path.as_path())
}

fn key(path: &Path, wanted: Algorithm, found: &mut Vec<Finding>) -> Option<FileKey> {
    let key = match FileKey::read(path) {
        Ok(key) => key,
        Err(error) => {
            found.push(Finding::file("key", path, Failed::because(&error)));
            return None;
        }
    };
    let usual = key.algorithm();
    let Ok(key) = key.using(wanted) else {
        let says = format!("this key is for {usual}, and {wanted} is asked for");
        found.push(Finding::file("key", path, says));
        return None;
    };
    exposed("key", path, found);
    Some(key)
}
