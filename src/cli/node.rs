//! Which node: its settings by a file or by its folder, or a running one by its address.

use std::path::Path;
use std::sync::Arc;

use super::remote::Remote;
use super::{At, Failed};
use crate::app;
use crate::config::{self, Config, Layer, Mistake};
use crate::store::{Sqlite, Store};
use crate::vault::Keyless;

/// The operator's file, where it stands in a node's own folder.
const FILE: &str = "lienthong.toml";
/// The variable that would say another folder than the one asked for.
const FOLDER: &str = "LIENTHONG_NODE__DIR";

/// A node as a verb was pointed at it.
pub(super) enum There {
    /// It runs, and is asked over HTTP.
    Running(Box<Remote>),
    /// Its folder, with or without a process in it.
    Folder(Box<Config>),
}

impl There {
    /// The node that was named; without a name, that of the settings.
    pub(super) fn find(at: &At) -> Result<Self, Failed> {
        match &at.url {
            Some(url) => {
                let remote = Remote::new(url, at.token_file.as_deref())?;
                Ok(Self::Running(Box::new(remote)))
            }
            None => Ok(Self::Folder(Box::new(settings(at.dir.as_deref())?))),
        }
    }
}

/// The settings of a node by the operator's file.
pub(super) fn configured(file: Option<&Path>) -> Result<Config, Failed> {
    Config::load(file, config::environment()).map_err(|mistakes| Failed::NotDone(all(&mistakes)))
}

/// The settings of the node in a folder; without a folder, those of the environment over the shipped ones.
///
/// The folder that was asked for wins over the one that its file names, so that a copy is looked into and not its original.
pub(super) fn settings(dir: Option<&Path>) -> Result<Config, Failed> {
    let Some(dir) = dir else { return configured(None) };
    if !dir.is_dir() {
        return Err(Failed::NotDone(format!("{} is no folder", dir.display())));
    }
    let file = dir.join(FILE);
    let name = file.display().to_string();
    let own = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => named(dir),
        Err(error) => return Err(Failed::file(&file, &error)),
    };
    let folder = format!("[node]\ndir = {}", toml::Value::from(dir.display().to_string()));
    let layers = [
        Layer {
            name: &name,
            text: &own,
        },
        Layer {
            name: "--dir",
            text: &folder,
        },
    ];
    let environment = config::environment().filter(|(name, _)| name != FOLDER);
    Config::layered(&layers, environment).map_err(|mistakes| Failed::NotDone(all(&mistakes)))
}

/// A folder without settings of its own still says what its log is called: in the newest checkpoint given out.
fn named(dir: &Path) -> String {
    let head = std::fs::read_to_string(dir.join("checkpoint")).unwrap_or_default();
    match head.lines().next() {
        Some(origin) => format!("[node]\nname = {}", toml::Value::from(origin)),
        None => String::new(),
    }
}

/// The store of a node, to look into beside whoever writes. Where its keys are not, what is sealed stays shut.
pub(super) fn store(config: &Config) -> Result<Arc<dyn Store>, Failed> {
    let sealer = app::opener(config).unwrap_or_else(|why| Arc::new(Keyless::because(why.to_string())));
    Ok(Arc::new(Sqlite::open_read_only(&config.store.path, sealer)?))
}

/// All mistakes, each with its place.
pub(super) fn all(mistakes: &[Mistake]) -> String {
    mistakes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_wins_over_the_one_its_file_names_and_an_unnamed_log_has_its_checkpoints_name() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("checkpoint"), "log.h99.example/x\n3\nAAAA\n").unwrap();
        let config = settings(Some(dir.path())).unwrap();
        assert_eq!(
            (config.node.name.as_str(), config.store.path.parent()),
            ("log.h99.example/x", Some(dir.path()))
        );
        let own = "[node]\nname = \"own.h99.example\"\ndir = \"/elsewhere\"\n";
        std::fs::write(dir.path().join(FILE), own).unwrap();
        let config = settings(Some(dir.path())).unwrap();
        assert_eq!(
            (config.node.name.as_str(), config.node.dir.as_path()),
            ("own.h99.example", dir.path())
        );
        assert!(matches!(
            settings(Some(&dir.path().join("none"))),
            Err(Failed::NotDone(_))
        ));
    }
}
