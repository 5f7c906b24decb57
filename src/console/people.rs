//! The accounts as the file says now: it is read anew when it changed.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::accounts::{Account, Accounts};
use crate::evidence::hash::{self, Hash};

/// What tells that a file is another one than before.
type Face = Option<(u64, u64, i64, i64)>;

/// The people.
pub(super) struct People {
    path: PathBuf,
    read: Mutex<Option<(Face, Arc<Accounts>)>>,
}

impl People {
    /// Those of a file.
    pub(super) fn at(path: PathBuf) -> Self {
        Self {
            path,
            read: Mutex::default(),
        }
    }

    /// All accounts. A file that cannot be read has none: nobody is let in on what it said before.
    pub(super) fn all(&self) -> Arc<Accounts> {
        let face = self
            .path
            .metadata()
            .ok()
            .map(|about| (about.ino(), about.len(), about.mtime(), about.mtime_nsec()));
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, accounts)) = &*read
            && *known == face
        {
            return Arc::clone(accounts);
        }
        let accounts = Accounts::read(&self.path).unwrap_or_else(|error| {
            tracing::error!(error = %error, "nobody is signed in to the console");
            Accounts::default()
        });
        let accounts = Arc::new(accounts);
        *read = Some((face, Arc::clone(&accounts)));
        accounts
    }
}

/// What an account's secrets are: when they are others, its sessions are over.
pub(super) fn mark(account: &Account) -> Hash {
    let totp = account.totp.as_ref().map(ToString::to_string).unwrap_or_default();
    hash::digest(&[account.password.to_string().as_bytes(), b"\0", totp.as_bytes()])
}
