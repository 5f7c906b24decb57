//! Software keys in PEM files, one key a file, readable by their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use openssl::sign;
use zeroize::Zeroizing;

use crate::model::signer::{Algorithm, Signer, SignerError};
use crate::signing::public::{self, KeyError, SMALLEST_RSA};

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
    /// Whether others than its owner may read the file, which they should not.
    pub exposed: bool,
}

/// A private key from a PEM file, parsed once.
pub struct FileKey {
    id: String,
    algorithm: Algorithm,
    der: Vec<u8>,
    engine: Engine,
}

/// OpenSSL wipes these when they are dropped.
enum Engine {
    P256(EcKey<Private>),
    Other(PKey<Private>),
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileKey({} {})", self.algorithm, self.id)
    }
}

impl FileKey {
    /// Reads a private key, PKCS#8 or the older PEM forms, not under a passphrase.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let pem = read_secret(path)?;
        Self::from_pem(&pem).map_err(|source| KeyFileError::Key {
            path: path.into(),
            source,
        })
    }

    /// Reads a private key from PEM in memory.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        // Without a callback OpenSSL would ask for a passphrase on the terminal.
        let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0)).map_err(KeyError::Malformed)?;
        Self::new(key)
    }

    /// Makes a fresh key that is in no file, for one run or one test.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::new(generate(algorithm).map_err(KeyError::Generate)?)
    }

    /// The public key, PEM.
    pub fn public_pem(&self) -> String {
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}-----END PUBLIC KEY-----\n",
            pem_lines(&self.der)
        )
    }

    fn new(key: PKey<Private>) -> Result<Self, KeyError> {
        let algorithm = public::algorithm_of(&key)?;
        let der = key.public_key_to_der().map_err(KeyError::Malformed)?;
        let engine = match algorithm {
            Algorithm::Es256 => Engine::P256(key.ec_key().map_err(KeyError::Malformed)?),
            Algorithm::Rs256 | Algorithm::Ed25519 => Engine::Other(key),
        };
        Ok(Self {
            id: public::key_id(&der),
            algorithm,
            der,
            engine,
        })
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        match (&self.engine, self.algorithm) {
            (Engine::P256(key), _) => {
                let signature = EcdsaSig::sign(&sha256(message), key)?;
                let mut wide = signature.r().to_vec_padded(32)?;
                wide.extend_from_slice(&signature.s().to_vec_padded(32)?);
                Ok(wide)
            }
            (Engine::Other(key), Algorithm::Ed25519) => {
                sign::Signer::new_without_digest(key)?.sign_oneshot_to_vec(message)
            }
            (Engine::Other(key), Algorithm::Rs256 | Algorithm::Es256) => {
                sign::Signer::new(MessageDigest::sha256(), key)?.sign_oneshot_to_vec(message)
            }
        }
    }
}

impl Signer for FileKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn public(&self) -> &[u8] {
        &self.der
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.signature(message).map_err(|source| SignerError::Refused {
            id: self.id.clone(),
            source: Box::new(source),
        })
    }
}

/// Makes a key and writes `dir/name.pem` with mode 0600, flushed; refuses to overwrite.
pub fn create(dir: &Path, name: &str, algorithm: Algorithm) -> Result<Listed, KeyFileError> {
    let path = dir.join(file_name(name)?);
    let pem = generate(algorithm)
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
        algorithm: key.algorithm,
        public: key.public_pem(),
        id: key.id,
        path: path.into(),
        exposed: mode.permissions().mode() & 0o077 != 0,
    })
}

fn generate(algorithm: Algorithm) -> Result<PKey<Private>, ErrorStack> {
    match algorithm {
        Algorithm::Es256 => {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            PKey::from_ec_key(EcKey::generate(&group)?)
        }
        Algorithm::Rs256 => PKey::from_rsa(Rsa::generate(SMALLEST_RSA)?),
        Algorithm::Ed25519 => PKey::generate_ed25519(),
    }
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

/// Standard base64 in lines of 64 (RFC 7468 §2).
fn pem_lines(der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let mut lines = String::with_capacity(text.len() + text.len() / 64 + 1);
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
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
                (algorithm, false, name.as_str())
            );
            assert_eq!(
                fs::metadata(&made.path).unwrap().permissions().mode() & 0o777,
                0o600
            );
            let public = PublicKey::from_pem(made.public.as_bytes()).unwrap();
            assert_eq!((public.id(), public.algorithm()), (made.id.as_str(), algorithm));
            let key = Arc::new(FileKey::read(&made.path).unwrap());
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
        assert_eq!(names, ["eddsa", "es256", "rs256"]);
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

    #[test]
    fn es256_is_always_64_bytes_and_openssl_agrees() {
        let key = FileKey::generate(Algorithm::Es256).unwrap();
        let public = PKey::public_key_from_der(key.public()).unwrap();
        for n in 0..400_u32 {
            let wide = key.sign(&n.to_be_bytes()).unwrap();
            assert_eq!(wide.len(), 64);
            let number = |bytes| openssl::bn::BigNum::from_slice(bytes).unwrap();
            let der = EcdsaSig::from_private_components(number(&wide[..32]), number(&wide[32..])).unwrap();
            let mut verifier = sign::Verifier::new(MessageDigest::sha256(), &public).unwrap();
            assert!(
                verifier
                    .verify_oneshot(&der.to_der().unwrap(), &n.to_be_bytes())
                    .unwrap()
            );
        }
    }

    #[test]
    fn unusable_keys_are_refused_and_nothing_is_shown() {
        let short = PKey::from_rsa(Rsa::generate(1024).unwrap())
            .unwrap()
            .private_key_to_pem_pkcs8()
            .unwrap();
        assert!(matches!(FileKey::from_pem(&short), Err(KeyError::Short(1024))));
        let group = EcGroup::from_curve_name(Nid::SECP384R1).unwrap();
        let other = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let other = other.private_key_to_pem_pkcs8().unwrap();
        assert!(matches!(FileKey::from_pem(&other), Err(KeyError::Unsupported)));
        let cipher = openssl::symm::Cipher::aes_256_cbc();
        let locked = generate(Algorithm::Ed25519).unwrap();
        let locked = locked
            .private_key_to_pem_pkcs8_passphrase(cipher, b"throw-away")
            .unwrap();
        assert!(matches!(FileKey::from_pem(&locked), Err(KeyError::Malformed(_))));
        assert!(matches!(
            FileKey::from_pem(b"nothing"),
            Err(KeyError::Malformed(_))
        ));
        let key = FileKey::generate(Algorithm::Ed25519).unwrap();
        assert_eq!(format!("{key:?}"), format!("FileKey(EdDSA {})", key.id()));
    }
}
