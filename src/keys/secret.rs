//! Secrets that are not key pairs: 32 random bytes in a file, for blinding and for sealing. Lost, what they sealed is lost and
//! what they blinded cannot be found again by value; whoever can read one can do both.

use std::fmt;
use std::path::Path;

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::keys::file::{KeyFileError, read_secret, write_secret};
use crate::signing::public::KeyError;

/// 32 random bytes that are wiped when they are dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Draws a fresh one.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        openssl::rand::rand_priv_bytes(&mut *bytes).map_err(KeyError::Generate)?;
        Ok(Self(bytes))
    }

    /// Draws a fresh one and writes it as 64 hexadecimal digits with mode 0600, flushed; refuses to overwrite.
    pub fn create(path: &Path) -> Result<Self, KeyFileError> {
        let unusable = |source| KeyFileError::Key {
            path: path.into(),
            source,
        };
        let secret = Self::generate().map_err(unusable)?;
        let mut text = Zeroizing::new(String::with_capacity(65));
        HEXLOWER.encode_append(&*secret.0, &mut text);
        text.push('\n');
        write_secret(path, text.as_bytes())?;
        Ok(secret)
    }

    /// Reads one: 64 hexadecimal digits.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let text = read_secret(path)?;
        let mut bytes = Zeroizing::new([0; 32]);
        let digits = text.trim_ascii();
        let whole = digits.len() == 64 && HEXLOWER.decode_mut(digits, &mut *bytes).is_ok();
        if whole {
            Ok(Self(bytes))
        } else {
            Err(KeyFileError::Secret { path: path.into() })
        }
    }

    /// The bytes, for whoever blinds or seals with them.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_once_read_again_and_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/blinding.key");
        let made = Secret::create(&path).unwrap();
        assert_eq!(Secret::read(&path).unwrap().bytes(), made.bytes());
        assert!(matches!(Secret::create(&path), Err(KeyFileError::Exists { .. })));
        assert_eq!(format!("{made:?}"), "Secret");
        std::fs::write(&path, "00").unwrap();
        assert!(matches!(Secret::read(&path), Err(KeyFileError::Secret { .. })));
    }
}
