//! The people who may open the console: local accounts in a file of their own.
//!
//! A file and not the store: accounts are made and shut while the node runs and holds its store, a backup carries no
//! password's hash to where copies are kept, and an older store that is put back brings nobody back who was shut out.

pub mod password;
pub mod totp;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What somebody may do. Each may look; what is masked stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Looks into everything, takes exports.
    Auditor,
    /// Lays a hand on exchanges that wait or stand.
    Operator,
    /// Writes mappings.
    Mapper,
    /// Agrees to what needs a second person.
    Approver,
    /// Answers for personal data.
    #[serde(rename = "data-protection")]
    ProtectionDesk,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Auditor,
        Self::Operator,
        Self::Mapper,
        Self::Approver,
        Self::ProtectionDesk,
    ];

    /// Its word, in the file and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Mapper => "mapper",
            Self::Approver => "approver",
            Self::ProtectionDesk => "data-protection",
        }
    }

    /// The role of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// One person's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What the person may do.
    pub roles: Vec<Role>,
    /// What is kept of the password.
    pub password: password::Kept,
    /// The secret that the person's phone has too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<totp::Secret>,
    /// Shut: nobody signs in, and who is in is out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
}

/// All accounts of a node, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Each by its name.
    #[serde(default)]
    pub accounts: BTreeMap<String, Account>,
}

/// The file of accounts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadAccounts {
    /// It cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no file of accounts. What stands in it is not said.
    #[error("{path}: line {line} is not what a file of accounts says")]
    Form {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
    },
}

/// A name that no account can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account's name has 1 to 40 of the characters a-z, 0-9, `.` and `-`")]
pub struct BadName;

/// Whether an account can be called so.
pub fn name(name: &str) -> Result<&str, BadName> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    ((1..=40).contains(&name.len()) && name.bytes().all(fits))
        .then_some(name)
        .ok_or(BadName)
}

impl Accounts {
    /// Reads the file; where none stands there is nobody.
    pub fn read(path: &Path) -> Result<Self, BadAccounts> {
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                return Err(BadAccounts::File {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        toml::from_str(&text).map_err(|error| {
            let before = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(before).filter(|byte| *byte == b'\n').count() + 1;
            BadAccounts::Form {
                path: path.to_owned(),
                line,
            }
        })
    }

    /// Changes the file: two who change it at the same time do so one after the other, and what is refused changes nothing.
    pub fn change<E: From<BadAccounts>>(
        path: &Path,
        how: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let file = |source| BadAccounts::File {
            path: path.to_owned(),
            source,
        };
        let beside = path.with_extension("lock");
        let lock = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&beside);
        // Held until it is dropped.
        let lock = lock.map_err(file)?;
        lock.lock().map_err(file)?;
        let mut all = Self::read(path)?;
        how(&mut all)?;
        Ok(all.write(path)?)
    }

    /// Puts the file in its place, whole or not at all, for its owner alone.
    pub fn write(&self, path: &Path) -> Result<(), BadAccounts> {
        let text = toml::to_string(self).unwrap_or_default();
        replace(path, text.as_bytes()).map_err(|source| BadAccounts::File {
            path: path.to_owned(),
            source,
        })
    }
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    // What a run that was killed left behind may be readable for others.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::clock::SeededDice;

    #[test]
    fn the_file_is_read_as_it_was_written_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.toml");
        assert_eq!(Accounts::read(&path).unwrap(), Accounts::default());
        let dice = SeededDice::new(1);
        let account = Account {
            roles: vec![Role::Auditor, Role::ProtectionDesk],
            password: password::Kept::of("mot mat khau thu nghiem", &dice).unwrap(),
            totp: Some(totp::Secret::new(&dice)),
            disabled: false,
        };
        let mut all = Accounts::default();
        all.accounts.insert("thanh.tra".to_owned(), account);
        all.write(&path).unwrap();
        all.write(&path).unwrap();
        assert_eq!(Accounts::read(&path).unwrap(), all);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!format!("{all:?}").contains("argon2"), "nobody prints a hash");
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.toml");
        fs::write(
            &path,
            "[accounts.an]\nroles = [\"auditor\"]\npassword = \"bi-mat\"\n",
        )
        .unwrap();
        let error = Accounts::read(&path).unwrap_err().to_string();
        assert!(error.contains("line 3") && !error.contains("bi-mat"), "{error}");
        fs::write(&path, "[accounts.an]\nroles = [\"king\"]\n").unwrap();
        assert!(Accounts::read(&path).is_err());
    }

    #[test]
    fn names_are_plain() {
        for good in ["an", "nguyen-van.a1"] {
            assert_eq!(name(good), Ok(good));
        }
        for bad in ["", "An", "a b", "ạ", &"a".repeat(41)] {
            assert_eq!(name(bad), Err(BadName));
        }
    }
}
