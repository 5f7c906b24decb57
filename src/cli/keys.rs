//! `keys`: make one, list those of a node or of a token, ask for a certificate.

mod listing;

use std::path::{Path, PathBuf};

use super::{Failed, Keys, Purpose, init, node, say, say_json};
use crate::app;
use crate::config::Config;
use crate::keys::{FileKey, Secret, csr, ring};
use crate::model::{Algorithm, Signer};

/// Makes or lists keys.
pub(super) fn run(verb: Keys) -> Result<bool, Failed> {
    match verb {
        Keys::New {
            file,
            purpose,
            algorithm,
            node,
            json,
        } => {
            let file = placed(file, node.config.as_deref())?;
            match wanted(purpose, algorithm) {
                Some(algorithm) => new(&file, algorithm, json),
                None => Ok(Secret::create(&file).map(|_| true)?),
            }
        }
        Keys::List {
            pkcs11: Some(module),
            pin_file,
            json,
            ..
        } => listing::tokens(&module, pin_file.as_deref(), json),
        Keys::List { node, json, .. } => listing::node(node.config.as_deref(), json),
        Keys::Csr {
            name,
            subject,
            algorithm,
            node,
        } => request(&name, &subject, algorithm, node.config.as_deref()),
    }
}

/// None for what is no key pair.
fn wanted(purpose: Option<Purpose>, algorithm: Option<Algorithm>) -> Option<Algorithm> {
    match purpose {
        None => algorithm,
        Some(Purpose::Log) => Some(Algorithm::Ed25519),
        Some(Purpose::Receipt | Purpose::Payload) => Some(Algorithm::Es256),
        Some(Purpose::Blinding) => None,
    }
}

/// A bare name is a key's in the node's folder of keys.
fn placed(file: PathBuf, config: Option<&Path>) -> Result<PathBuf, Failed> {
    let bare = file.extension().is_none() && file.components().count() == 1;
    if !bare {
        return Ok(file);
    }
    Ok(folder(&node::configured(config)?)
        .join(file)
        .with_extension("pem"))
}

/// The node's folder of keys.
fn folder(config: &Config) -> PathBuf {
    let beside = config.keys.payload_file.parent();
    beside.map(Path::to_owned).unwrap_or_default()
}

fn new(file: &Path, algorithm: Algorithm, json: bool) -> Result<bool, Failed> {
    init::key(file, algorithm)?;
    let key = FileKey::read(file)?;
    if json {
        say_json(&listing::Shown::made(file, algorithm, &key));
    } else {
        say(key.public_pem().trim_end());
    }
    Ok(true)
}

fn request(
    name: &str,
    subject: &str,
    algorithm: Option<Algorithm>,
    config: Option<&Path>,
) -> Result<bool, Failed> {
    let config = node::configured(config)?;
    let pem = if config.keys.payload.contains_key(name) {
        let signer = ring::signer(&config.keys, name, algorithm, &app::provider)?;
        csr::request_pem(signer.as_ref(), subject)?
    } else {
        let file = match name.ends_with(".pem") {
            true => PathBuf::from(name),
            false => folder(&config).join(format!("{name}.pem")),
        };
        let key = FileKey::read(&file)?;
        let wanted = algorithm.unwrap_or_else(|| key.algorithm());
        let key = key.using(wanted).map_err(|error| Failed::because(&error))?;
        csr::request_pem(&key, subject)?
    };
    say(pem.trim_end());
    Ok(true)
}
