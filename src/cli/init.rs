//! `init`: the folder, the keys, the store and the log of a node. What stands is never replaced.
//!
//! The store is made last, so that its presence says that the keys were all made: killed in the middle and run again,
//! `init` makes what is missing. A key that is missing beside a store was lost, and that is for a person to mend.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Failed, Node, node, say};
use crate::config::Config;
use crate::evidence::note::Vkey;
use crate::keys::{self, FileKey, Secret};
use crate::model::{Algorithm, Sealer};
use crate::store::{Settings, Sqlite, StoreError};
use crate::vault::Vault;

/// What stands after a node was made.
pub(super) struct Made {
    /// Files that were made now.
    pub(super) files: Vec<PathBuf>,
    /// The verifier key of the log, for those who follow it.
    pub(super) known: Vkey,
}

/// Makes a node and says what others must be told.
pub(super) fn run(node: &Node) -> Result<bool, Failed> {
    let config = node::configured(node.config.as_deref())?;
    let made = make(&config)?;
    for file in &made.files {
        say(&format!("made {}", file.display()));
    }
    say(&format!("the log is verified with {}", made.known));
    say(
        "next: fill in the partners and systems of the settings, then `lienthong check` and `lienthong serve`",
    );
    Ok(true)
}

/// Makes what a node needs; refuses when it was made already. A node of a version that sealed nothing gets what seals.
pub(super) fn make(config: &Config) -> Result<Made, Failed> {
    if Sqlite::is_sealed(&config.store.path).is_ok_and(|sealed| !sealed) {
        let (mut files, known) = (Vec::new(), known(config)?);
        vault(config, &mut files)?;
        if !files.is_empty() {
            return Ok(Made { files, known });
        }
    }
    vacant(config)?;
    let mut keys = vec![
        (&config.keys.receipt_file, Algorithm::Es256),
        (&config.log.key_file, Algorithm::Ed25519),
    ];
    // Keys that follow one another are made by `keys new`, or elsewhere, and named in the settings.
    if config.keys.payload.is_empty() {
        keys.insert(1, (&config.keys.payload_file, payload(config)));
    }
    folder(&config.node.dir)?;
    let mut files = Vec::new();
    for (path, algorithm) in keys {
        if once(path, |beside| key(beside, algorithm))? {
            files.push(path.clone());
        }
    }
    let blinding = &config.keys.blinding_file;
    if once(blinding, |beside| Ok(Secret::create(beside).map(drop)?))? {
        files.push(blinding.clone());
    }
    let node_key = vault(config, &mut files)?;
    let known = known(config)?;
    if let Some(parent) = config.store.path.parent() {
        folder(parent)?;
    }
    let vault = Vault::open(&config.vault.keys_file, node_key.bytes())?;
    store(&config.store.path, Arc::new(vault))?;
    files.push(config.store.path.clone());
    Ok(Made { files, known })
}

/// The log as its followers know it.
fn known(config: &Config) -> Result<Vkey, Failed> {
    let known = Vkey::of(&config.node.name, &FileKey::read(&config.log.key_file)?);
    known.map_err(|error| Failed::because(&error))
}

/// Makes what seals: the node key, and an empty file of keys under it.
fn vault(config: &Config, files: &mut Vec<PathBuf>) -> Result<Secret, Failed> {
    let (node_key, keys) = (&config.vault.node_key_file, &config.vault.keys_file);
    if keys.exists() && !node_key.exists() {
        return Err(Failed::NotDone(format!(
            "{} was made for a node key that is gone: bring {} back. Nothing was made",
            keys.display(),
            node_key.display()
        )));
    }
    if once(node_key, |beside| Ok(Secret::create(beside).map(drop)?))? {
        files.push(node_key.clone());
    }
    let secret = Secret::read(node_key)?;
    if once(keys, |beside| Ok(Vault::create(beside, secret.bytes())?))? {
        files.push(keys.clone());
    }
    Ok(secret)
}

/// Makes the store; one whose making was broken off is completed.
fn store(path: &Path, sealer: Arc<dyn Sealer>) -> Result<(), Failed> {
    match Sqlite::create(path, Settings::default(), Arc::clone(&sealer)) {
        Err(StoreError::Unusable(_)) if path.exists() => Sqlite::open(path, Settings::default(), sealer)?,
        made => made?,
    };
    Ok(())
}

/// A store that stands is kept; so is the claim of a log whose store is gone.
fn vacant(config: &Config) -> Result<(), Failed> {
    let (store, head) = (&config.store.path, &config.log.head_file);
    if Sqlite::is_sealed(store).is_ok() {
        return Err(Failed::NotDone(format!(
            "a store stands at {} already; nothing was made",
            store.display()
        )));
    }
    if head.exists() {
        return Err(Failed::NotDone(format!(
            "{} is the checkpoint of a log that was given out, and its store is gone: bring it back with `lienthong restore`. \
             Nothing was made",
            head.display()
        )));
    }
    Ok(())
}

/// The algorithm that the partners ask of payloads.
fn payload(config: &Config) -> Algorithm {
    let mut partners = config.partners.values();
    partners
        .find_map(|partner| partner.signature)
        .unwrap_or(Algorithm::Es256)
}

/// Makes a folder that only this user can enter; one that stands stays as it is.
fn folder(path: &Path) -> Result<(), Failed> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| Failed::file(path, &error))
}

/// Makes a file beside its name and gives it its name when it is whole. False when it stands already.
fn once(path: &Path, make: impl FnOnce(&Path) -> Result<(), Failed>) -> Result<bool, Failed> {
    if path.exists() {
        return Ok(false);
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut beside = path.with_file_name(format!("{stem}-new"));
    if let Some(ending) = path.extension() {
        beside.set_extension(ending);
    }
    if let Some(parent) = path.parent() {
        folder(parent)?;
    }
    if beside.exists() {
        // Left by a run that was killed: nobody was told of it.
        fs::remove_file(&beside).map_err(|error| Failed::file(&beside, &error))?;
    }
    make(&beside)?;
    // A link, unlike a new name, refuses to take another file's place.
    fs::hard_link(&beside, path).map_err(|error| Failed::file(path, &error))?;
    fs::remove_file(&beside).map_err(|error| Failed::file(&beside, &error))?;
    Ok(true)
}

/// Makes a key in a file that must be called `NAME.pem`.
pub(super) fn key(path: &Path, algorithm: Algorithm) -> Result<(), Failed> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if path.extension().is_none_or(|ending| ending != "pem") {
        return Err(Failed::NotDone(format!(
            "{}: a key's file ends in .pem",
            path.display()
        )));
    }
    keys::create(dir, &name, algorithm)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::Layer;

    fn config(dir: &Path) -> Config {
        let text = format!(
            "[node]\ndir = {}",
            toml::Value::from(dir.join("node").display().to_string())
        );
        Config::layered(
            &[Layer {
                name: "test",
                text: &text,
            }],
            std::iter::empty(),
        )
        .unwrap()
    }

    fn all(config: &Config) -> [&PathBuf; 6] {
        [
            &config.keys.receipt_file,
            &config.keys.payload_file,
            &config.log.key_file,
            &config.keys.blinding_file,
            &config.vault.node_key_file,
            &config.vault.keys_file,
        ]
    }

    #[test]
    fn a_node_is_made_once_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        assert_eq!(make(&config).unwrap().files.len(), 7);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&config.node.dir), mode(&config.node.dir.join("keys"))),
            (0o700, 0o700)
        );
        assert_eq!(all(&config).map(|path| mode(path)), [0o600; 6]);
        let before = all(&config).map(|path| fs::read(path).unwrap());
        assert!(matches!(make(&config), Err(Failed::NotDone(_))));
        assert_eq!(all(&config).map(|path| fs::read(path).unwrap()), before);
    }

    /// As after a `kill -9` at any moment before the store was whole.
    #[test]
    fn what_an_interrupted_run_made_is_kept_and_the_rest_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        make(&config).unwrap();
        let receipt = fs::read(&config.keys.receipt_file).unwrap();
        fs::remove_dir_all(&config.store.path)
            .or_else(|_| fs::remove_file(&config.store.path))
            .unwrap();
        fs::remove_file(&config.log.key_file).unwrap();
        fs::write(config.node.dir.join("keys/log-new.pem"), "half a ke").unwrap();
        assert_eq!(
            make(&config).unwrap().files,
            [config.log.key_file.clone(), config.store.path.clone()]
        );
        assert_eq!(fs::read(&config.keys.receipt_file).unwrap(), receipt);
        assert!(!config.node.dir.join("keys/log-new.pem").exists());
    }

    #[test]
    fn a_log_whose_store_is_gone_is_not_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        fs::create_dir_all(&config.node.dir).unwrap();
        fs::write(&config.log.head_file, "a checkpoint").unwrap();
        assert!(matches!(make(&config), Err(Failed::NotDone(_))));
        assert!(!config.keys.receipt_file.exists());
    }
}
