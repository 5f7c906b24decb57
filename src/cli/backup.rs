//! `backup`: a consistent copy of the store, beside whoever writes it.

use super::node::{self, There};
use super::{Backup, Failed, say};

/// Copies the store.
pub(super) async fn run(asked: &Backup) -> Result<bool, Failed> {
    let config = match There::find(&asked.at)? {
        There::Folder(config) => config,
        There::Running(_) => {
            let says = "a node's store is copied where it stands: `lienthong backup FILE --dir DIR`, also while the node runs";
            return Err(Failed::Use(says.to_owned()));
        }
    };
    let store = node::store(&config)?;
    store.backup(&asked.file).await?;
    let head = store.head().await?;
    say(&format!(
        "{} holds the store with {} leaves of its log",
        asked.file.display(),
        head.size
    ));
    let mut secrets = [
        &config.vault.node_key_file,
        &config.keys.blinding_file,
        &config.log.key_file,
        &config.keys.receipt_file,
    ];
    secrets.sort();
    let secrets: Vec<String> = secrets.iter().map(|path| path.display().to_string()).collect();
    say(&format!(
        "it holds no keys; keep these as safely, elsewhere: {}",
        secrets.join(", ")
    ));
    say(&format!(
        "what is sealed in it opens only with {}: mirror that file as it changes, and let no copy of it stay that is older than \
         an erasure",
        config.vault.keys_file.display()
    ));
    Ok(true)
}
