//! Software keys in PEM files, one key a file, readable by their owner alone; beside `NAME.pem` its certificates may lie in
//! `NAME.crt`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::chain::{self, Certificate, ChainError};
use super::software::{self, FileKey};
use crate::model::signer::{Algorithm, Signer};
use crate::signing::public::KeyError;

/// The largest key file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Why a key file was not made or not read; names the file, never what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// A key of that name is there; keys are never overwritten.
    #[error("{} exists; a key is never overwritten", path.display())]
    Exists {
        /// The file that is there.
        path: PathBuf,
    },
    /// A name that is not 1 to 64 of `a-z`, `0-9`, `-`, beginning with a letter or digit.
    #[error("`{name}` cannot name a key: use a-z, 0-9 and -, at most 64")]
    Name {
        /// The name that was asked for.
        name: String,
    },
    /// The file could not be read or written.
    #[error("the key file {} could not be read or written", path.display())]
    Io {
        /// The file or its folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// There is no private key that is used here; one under a passphrase counts as none.
    #[error("no key that can be used for {}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: KeyError,
    },
    /// The key is in no file.
    #[error("the key is in no file")]
    Elsewhere,
    /// A container that its passphrase does not open, or that is none.
    #[error("{} is no PKCS#12 file that its passphrase opens", path.display())]
    Container {
        /// The file.
        path: PathBuf,
        /// What OpenSSL said.
        #[source]
        source: openssl::error::ErrorStack,
    },
    /// The certificates beside the key, or within its container, cannot be kept with it.
    #[error("the certificates in {} cannot be kept with the key", path.display())]
    Chain {
        /// The file of the certificates.
        path: PathBuf,
        /// What is wrong with them.
        #[source]
        source: ChainError,
    },
    /// The file holds something else than 64 hexadecimal digits.
    #[error("{} holds no secret: 64 hexadecimal digits", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
    },
}

/// One key as `keys list` shows it; nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The file's name without `.pem`.
    pub name: String,
    /// The key's one algorithm.
    pub algorithm: Algorithm,
    /// The key's id, as in `kid`.
    pub id: String,
    /// Where it lies.
    pub path: PathBuf,
    /// The public key, PEM.
    pub public: String,
    /// The certificate kept with it, if there is one.
    pub certificate: Option<Certificate>,
    /// Whether others than its owner may read the file, which they should not.
    pub exposed: bool,
}

impl FileKey {
    /// Reads a private key, PKCS#8 or the older PEM forms, not under a passphrase; and its certificates, where `NAME.crt`
    /// lies beside it.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let key = Self::bare(path)?;
        let beside = path.with_extension("crt");
        if beside.exists() {
            key.with_chain(&beside)
        } else {
            Ok(key)
        }
    }

    /// The same key with the certificates of a file, PEM; the first is the key's own.
    pub fn with_chain(self, path: &Path) -> Result<Self, KeyFileError> {
        let chain = chain::read(path, self.public())?;
        Ok(self.certified(chain))
    }

    fn bare(path: &Path) -> Result<Self, KeyFileError> {
        let pem = read_secret(path)?;
        Self::from_pem(&pem).map_err(|source| KeyFileError::Key {
            path: path.into(),
            source,
        })
    }
}

/// Makes a key and writes `dir/name.pem` with mode 0600, flushed; refuses to overwrite.
pub fn create(dir: &Path, name: &str, algorithm: Algorithm) -> Result<Listed, KeyFileError> {
    let path = dir.join(file_name(name)?);
    let pem = software::generate(algorithm)
        .and_then(|key| key.private_key_to_pem_pkcs8())
        .map(Zeroizing::new)
        .map_err(|source| KeyFileError::Key {
            path: path.clone(),
            source: KeyError::Generate(source),
        })?;
    write_secret(&path, &pem)?;
    listed(&path)
}

/// Every key in a folder, by name; a file that holds no usable key is an error that names it.
pub fn list(dir: &Path) -> Result<Vec<Listed>, KeyFileError> {
    let failed = |source| KeyFileError::Io {
        path: dir.into(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "pem") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| listed(path)).collect()
}

fn listed(path: &Path) -> Result<Listed, KeyFileError> {
    let key = FileKey::read(path)?;
    let mode = fs::metadata(path).map_err(|source| KeyFileError::Io {
        path: path.into(),
        source,
    })?;
    Ok(Listed {
        name: path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        algorithm: key.algorithm(),
        public: key.public_pem(),
        id: key.id().to_owned(),
        certificate: key.chain().first().and_then(|der| Certificate::read(der).ok()),
        path: path.into(),
        exposed: mode.permissions().mode() & 0o077 != 0,
    })
}

fn file_name(name: &str) -> Result<String, KeyFileError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 64 || name.starts_with('-') || !name.chars().all(allowed) {
        return Err(KeyFileError::Name {
            name: name.to_owned(),
        });
    }
    Ok(format!("{name}.pem"))
}

/// Reads a small secret file into memory that is wiped.
pub(super) fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    // Room at once, so that no half-filled buffer is left behind unwiped while it grows.
    let mut secret = Zeroizing::new(Vec::with_capacity(LARGEST as usize));
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut secret))
        .map_err(|source| KeyFileError::Io {
            path: path.into(),
            source,
        })?;
    Ok(secret)
}

/// Reads a small file that is no secret.
pub(super) fn read_public(path: &Path) -> Result<Vec<u8>, KeyFileError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|source| KeyFileError::Io {
            path: path.into(),
            source,
        })?;
    Ok(bytes)
}

/// Writes a secret file with mode 0600, flushed with its folder; never over another.
pub(super) fn write_secret(path: &Path, secret: &[u8]) -> Result<(), KeyFileError> {
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(dir)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(secret)?;
        file.sync_all()?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|source| match source.kind() == io::ErrorKind::AlreadyExists {
        true => KeyFileError::Exists { path: path.into() },
        false => KeyFileError::Io {
            path: path.into(),
            source,
        },
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::signer::Verifier;
    use crate::signing::jws::{self, Jws};
    use crate::signing::public::PublicKey;

    #[test]
    fn every_algorithm_is_made_listed_read_and_signs() {
        let dir = tempfile::tempdir().unwrap();
        for algorithm in Algorithm::ALL {
            let name = algorithm.name().to_ascii_lowercase();
            let made = create(dir.path(), &name, algorithm).unwrap();
            assert_eq!(
                (made.algorithm, made.exposed, made.name.as_str()),
                (algorithm.family().usual(), false, name.as_str())
            );
            assert_eq!(
                fs::metadata(&made.path).unwrap().permissions().mode() & 0o777,
                0o600
            );
            let public = PublicKey::from_pem(made.public.as_bytes()).unwrap();
            let public = public.using(algorithm).unwrap();
            assert_eq!((public.id(), public.algorithm()), (made.id.as_str(), algorithm));
            let key = Arc::new(FileKey::read(&made.path).unwrap().using(algorithm).unwrap());
            assert_eq!(key.public(), public.der());
            let token = Jws::new(key.clone()).detached(b"payload").unwrap();
            assert_eq!(jws::verify_detached(&token, b"payload", &public), Ok(()));
            let other = FileKey::generate(algorithm).unwrap().sign(b"payload").unwrap();
            assert!(!public.verify(b"payload", &other));
        }
        let names: Vec<_> = list(dir.path())
            .unwrap()
            .into_iter()
            .map(|key| key.name)
            .collect();
        assert_eq!(
            names,
            [
                "eddsa", "es256", "es384", "ps256", "ps384", "ps512", "rs256", "rs384", "rs512"
            ]
        );
    }

    #[test]
    fn a_key_is_never_overwritten_and_its_name_stays_in_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let made = create(dir.path(), "log", Algorithm::Ed25519).unwrap();
        let before = fs::read(&made.path).unwrap();
        let again = create(dir.path(), "log", Algorithm::Ed25519);
        assert!(matches!(again, Err(KeyFileError::Exists { .. })));
        assert_eq!(fs::read(&made.path).unwrap(), before);
        for name in ["", "../log", "a/b", "A", "-x", "log.pem"] {
            assert!(
                matches!(
                    create(dir.path(), name, Algorithm::Es256),
                    Err(KeyFileError::Name { .. })
                ),
                "{name}"
            );
        }
    }
}
