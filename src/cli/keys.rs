//! `keys`: make one, list those of a node.

use std::path::Path;

use serde::Serialize;

use super::table::columns;
use super::{Failed, Keys, Purpose, init, node, say, say_json};
use crate::evidence::note::Vkey;
use crate::keys::{self, FileKey, Listed, Secret};
use crate::model::Algorithm;

/// A key as `--json` shows it.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    algorithm: &'static str,
    id: &'a str,
    path: String,
    exposed: bool,
    public: &'a str,
    /// The verifier key, of the log's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    vkey: Option<String>,
}

/// Makes or lists keys.
pub(super) fn run(verb: Keys) -> Result<bool, Failed> {
    match verb {
        Keys::New { file, purpose } => new(&file, purpose),
        Keys::List { pkcs11: Some(_), .. } => Err(Failed::NotDone(
            "keys on PKCS#11 tokens are of a later issue".to_owned(),
        )),
        Keys::List {
            node,
            pkcs11: None,
            json,
        } => list(node.config.as_deref(), json),
    }
}

fn new(file: &Path, purpose: Purpose) -> Result<bool, Failed> {
    let algorithm = match purpose {
        Purpose::Log => Algorithm::Ed25519,
        Purpose::Receipt | Purpose::Payload => Algorithm::Es256,
        Purpose::Blinding => {
            Secret::create(file)?;
            return Ok(true);
        }
    };
    init::key(file, algorithm)?;
    say(FileKey::read(file)?.public_pem().trim_end());
    Ok(true)
}

fn list(file: Option<&Path>, json: bool) -> Result<bool, Failed> {
    let config = node::configured(file)?;
    let own = [
        &config.keys.receipt_file,
        &config.keys.payload_file,
        &config.log.key_file,
    ];
    let mut folders: Vec<&Path> = own.iter().filter_map(|path| path.parent()).collect();
    folders.sort_unstable();
    folders.dedup();
    let mut listed = Vec::new();
    for folder in folders {
        listed.extend(keys::list(folder)?);
    }
    let log = &config.log.key_file;
    let vkey = |key: &Listed| {
        let own = (key.path == *log).then(|| FileKey::read(log).ok()).flatten()?;
        Some(Vkey::of(&config.node.name, &own).ok()?.to_string())
    };
    if json {
        let shown: Vec<Shown<'_>> = listed.iter().map(|key| shown(key, vkey(key))).collect();
        say_json(&shown);
        return Ok(true);
    }
    let rows: Vec<Vec<String>> = listed.iter().map(row).collect();
    columns(&["name", "algorithm", "id", "file", ""], &rows)
        .iter()
        .for_each(|line| say(line));
    if let Some(vkey) = listed.iter().find_map(vkey) {
        say(&format!("the log is verified with {vkey}"));
    }
    Ok(true)
}

fn shown(key: &Listed, vkey: Option<String>) -> Shown<'_> {
    Shown {
        name: &key.name,
        algorithm: key.algorithm.name(),
        id: &key.id,
        path: key.path.display().to_string(),
        exposed: key.exposed,
        public: &key.public,
        vkey,
    }
}

fn row(key: &Listed) -> Vec<String> {
    let warning = if key.exposed { "others may read it" } else { "" };
    let file = key.path.display().to_string();
    vec![
        key.name.clone(),
        key.algorithm.to_string(),
        key.id.clone(),
        file,
        warning.to_owned(),
    ]
}
