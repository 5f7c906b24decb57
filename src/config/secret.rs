use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The first line of a secret's file. It has no text form, so that it cannot be logged, and leaves memory when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// Why a secret is not at hand. None of these says what it is.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read, or is not text.
    #[error("the secret in {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file's first line is empty.
    #[error("the first line of {0} holds no secret")]
    Empty(PathBuf),
}

impl Secret {
    /// Reads a secret from its file.
    pub fn read(path: &Path) -> Result<Self, SecretError> {
        let unreadable = |source| SecretError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() {
            return Err(SecretError::Empty(path.to_owned()));
        }
        Ok(Self(Zeroizing::new(line.to_owned())))
    }

    /// The secret itself, for the one who uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
