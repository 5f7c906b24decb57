//! Software keys in PKCS#12 containers (RFC 7292), under a passphrase that lies in a file of its own.

use std::path::Path;

use openssl::pkcs12::Pkcs12;

use super::chain;
use super::file::{KeyFileError, read_secret};
use super::software::FileKey;
use crate::model::Signer;
use crate::signing::public::KeyError;

impl FileKey {
    /// Reads the key of a PKCS#12 container and the certificates that are with it. The passphrase is the first line of a
    /// file; without a file the container has none.
    ///
    /// Containers under RC2 or three-key DES, as old programs make them, are refused: OpenSSL 3 no longer opens them.
    pub fn unlock(path: &Path, passphrase_file: Option<&Path>) -> Result<Self, KeyFileError> {
        let passphrase = passphrase_file.map(read_secret).transpose()?;
        let passphrase = passphrase.as_ref().map_or(&[][..], |text| first_line(text));
        let container = read_secret(path)?;
        let closed = |source| KeyFileError::Container {
            path: path.into(),
            source,
        };
        let unusable = |source| KeyFileError::Key {
            path: path.into(),
            source,
        };
        // OpenSSL takes text; what is none opens nothing.
        let passphrase = std::str::from_utf8(passphrase).unwrap_or("\u{fffd}");
        let opened = Pkcs12::from_der(&container)
            .and_then(|container| container.parse2(passphrase))
            .map_err(closed)?;
        let key = opened.pkey.ok_or_else(|| unusable(KeyError::Unsupported))?;
        let key = Self::new(key).map_err(unusable)?;
        let mut all: Vec<_> = opened.cert.into_iter().collect();
        all.extend(opened.ca.into_iter().flatten());
        if all.is_empty() {
            return Ok(key);
        }
        let chain = chain::ordered(all, key.public()).map_err(|source| KeyFileError::Chain {
            path: path.into(),
            source,
        })?;
        Ok(key.certified(chain))
    }
}

/// What people write into a file ends in a line's end that is not of the secret.
pub(super) fn first_line(text: &[u8]) -> &[u8] {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line)
}
