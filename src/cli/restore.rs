//! `restore`: a copy in the place of the store. What stood there is kept beside it, and the log's promises are held up.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Failed, Restore, check, node, say};
use crate::app;
use crate::config::Config;
use crate::evidence::note::Vkey;
use crate::keys::FileKey;
use crate::store::{Sqlite, Store};
use crate::upkeep::Unsigned;
use crate::vault::Keyless;

/// Puts the copy in the store's place, and says what it means for checkpoints already given out.
pub(super) async fn run(asked: &Restore) -> Result<bool, Failed> {
    let config = node::settings(asked.dir.as_deref())?;
    let path = &config.store.path;
    let kept = keep(path).await?;
    if let Err(error) = Sqlite::restore(&asked.file, path, true) {
        if let Some(kept) = &kept {
            // Nothing was replaced, so nothing needs keeping.
            fs::remove_file(kept).map_err(|error| Failed::file(kept, &error))?;
        }
        return Err(error.into());
    }
    if let Some(kept) = kept {
        say(&format!("what stood there is kept as {}", kept.display()));
    }
    told(&config).await?;
    Ok(true)
}

/// A copy of what stands there, under the first free name beside it.
async fn keep(path: &Path) -> Result<Option<PathBuf>, Failed> {
    if !path.exists() {
        return Ok(None);
    }
    let name = |number: u32| {
        let mut name = OsString::from(path);
        name.push(format!(".replaced-{number}"));
        PathBuf::from(name)
    };
    let kept = (1..)
        .map(name)
        .find(|name| !name.exists())
        .unwrap_or_else(|| name(0));
    // Copied as it is: nothing of it is opened.
    let shut = Arc::new(Keyless::because("they are not needed to copy".to_owned()));
    let whole = match Sqlite::open_read_only(path, shut) {
        Ok(store) => store.backup(&kept).await,
        Err(error) => Err(error),
    };
    if whole.is_err() {
        // A damaged store is the reason to restore one; its bytes are kept as they are.
        fs::copy(path, &kept).map_err(|error| Failed::file(&kept, &error))?;
    }
    Ok(Some(kept))
}

/// Says how the restored store stands to the newest checkpoint given out.
async fn told(config: &Config) -> Result<(), Failed> {
    let head = node::store(config)?.head().await?;
    say(&format!(
        "{} holds {} leaves of the log",
        config.store.path.display(),
        head.size
    ));
    if let Err(why) = app::opener(config) {
        say(&format!(
            "what is sealed in it opens only with {} and {}: {why}",
            config.vault.node_key_file.display(),
            config.vault.keys_file.display()
        ));
    }
    let known = Vkey::of(&config.node.name, &FileKey::read(&config.log.key_file)?);
    let known = known.map_err(|error| Failed::because(&error))?;
    let given = check::given(config, &known);
    if let Err(older) = given.and_then(|given| check::stands(given.as_ref(), head)) {
        say(&older.to_string());
        if let Unsigned::Older { .. } | Unsigned::Forked(_) = older {
            say(&instead(config));
        }
    }
    Ok(())
}

/// What to do about checkpoints that others hold and this store cannot keep.
fn instead(config: &Config) -> String {
    format!(
        "Until then the node does not serve and does not sign. If no newer copy exists, the leaves since then are lost: give \
         the log another name (`node.name`) and another key (`lienthong keys new`), put {} away, and tell everybody who \
         keeps checkpoints of this log at which leaf it ended.",
        config.log.head_file.display()
    )
}
