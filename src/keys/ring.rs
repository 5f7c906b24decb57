//! Keys that follow one another: which signs when, and which verify what was signed before.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::ends::Seen;
use super::file::{KeyFileError, read_public};
use super::remote::{RemoteKey, RemoteSigner};
use super::software::FileKey;
use super::token::{TokenError, TokenKey};
use crate::config::{self, Kept};
use crate::model::signer::{Algorithm, Signer};
use crate::model::{Day, Overlap, Rota, Turn};
use crate::signing::public::PublicKey;

/// How often a provider is asked whether it has signed.
const PACE: Duration = Duration::from_millis(500);

/// What the one key is called that stands without a section of its own.
pub(super) const ONLY: &str = "payload";

/// The keys of one purpose.
#[derive(Debug)]
pub struct Ring {
    keys: Vec<Held>,
}

/// One key and its days.
#[derive(Debug)]
struct Held {
    name: String,
    from: Option<Day>,
    until: Option<Day>,
    key: Key,
}

#[derive(Debug)]
enum Key {
    File(FileKey),
    Token(TokenKey),
    Remote(RemoteKey),
    Retired(PublicKey),
}

/// How a provider of remote signatures is reached; the error says why there is no way to it.
pub type Reach<'a> = &'a dyn Fn(&config::Remote) -> Result<Arc<dyn RemoteSigner>, String>;

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// A key's file.
    #[error("the key `{name}`")]
    File {
        /// The key's name.
        name: String,
        /// What is wrong.
        #[source]
        source: KeyFileError,
    },
    /// A key's token.
    #[error("the key `{name}`")]
    Token {
        /// The key's name.
        name: String,
        /// What is wrong.
        #[source]
        source: TokenError,
    },
    /// A key's provider.
    #[error("the key `{name}`: {why}")]
    Provider {
        /// The key's name.
        name: String,
        /// Why it cannot be reached.
        why: String,
    },
    /// Two keys begin to sign at the same moment.
    #[error("two keys for {algorithm}")]
    Overlap {
        /// What they sign with.
        algorithm: Algorithm,
        /// Which.
        #[source]
        source: Overlap,
    },
    /// There is no key of that name that signs.
    #[error("there is no key `{0}` that signs")]
    Unknown(String),
    /// No key can be used with an algorithm.
    #[error("no key can be used with {0}")]
    Algorithm(Algorithm),
}

impl Ring {
    /// The keys that sign payloads. Those on tokens whose certificates are not named are looked for there, which waits.
    ///
    /// # Errors
    /// The first key that cannot be used.
    pub fn payload(keys: &config::Keys, reach: Reach<'_>) -> Result<Self, RingError> {
        if keys.payload.is_empty() {
            let key = FileKey::read(&keys.payload_file).map_err(|source| RingError::File {
                name: ONLY.to_owned(),
                source,
            })?;
            return Ok(Self {
                keys: vec![Held::always(Key::File(key))],
            });
        }
        let open = |(name, key): (&String, &config::Key)| Held::open(name, key, keys.sessions, reach);
        let keys: Result<Vec<Held>, RingError> = keys.payload.iter().map(open).collect();
        Ok(Self { keys: keys? })
    }

    /// Who signs with an algorithm, and when. Keys of another family are left out: they are for other partners.
    ///
    /// # Errors
    /// When there is no key for it, or two that begin at the same moment.
    pub fn signers(&self, algorithm: Algorithm) -> Result<Rota<Arc<dyn Signer>>, RingError> {
        let turn = |held: &Held| {
            let who = held.key.using(algorithm)?;
            Some(Turn::between(&held.name, held.from, held.until, who))
        };
        let turns: Vec<Turn<Arc<dyn Signer>>> = self.keys.iter().filter_map(turn).collect();
        if turns.is_empty() {
            return Err(RingError::Algorithm(algorithm));
        }
        Rota::new(turns).map_err(|source| RingError::Overlap { algorithm, source })
    }

    /// The public half of a key by its id (`kid`), of those that are retired too: for what was signed before.
    pub fn verifier(&self, id: &str, algorithm: Algorithm) -> Option<PublicKey> {
        let halves = self.keys.iter().filter_map(|held| held.key.half());
        halves
            .filter(|half| crate::model::Verifier::id(half) == id)
            .find_map(|half| half.using(algorithm).ok())
    }

    /// What is known of each key that signs.
    pub fn seen(&self) -> Vec<Seen> {
        self.keys.iter().filter_map(Held::seen).collect()
    }
}

/// One key that signs payloads, by its name, with its usual algorithm or with one of its family.
///
/// # Errors
/// When there is none of that name that signs, or it cannot be used so.
pub fn signer(
    keys: &config::Keys,
    name: &str,
    algorithm: Option<Algorithm>,
    reach: Reach<'_>,
) -> Result<Arc<dyn Signer>, RingError> {
    let unknown = || RingError::Unknown(name.to_owned());
    let key = keys.payload.get(name).ok_or_else(unknown)?;
    let held = Held::open(name, key, keys.sessions, reach)?;
    let usual = held.seen().ok_or_else(unknown)?.family.usual();
    let wanted = algorithm.unwrap_or(usual);
    held.key.using(wanted).ok_or(RingError::Algorithm(wanted))
}

impl Held {
    fn always(key: Key) -> Self {
        Self {
            name: ONLY.to_owned(),
            from: None,
            until: None,
            key,
        }
    }

    fn open(name: &str, key: &config::Key, sessions: u32, reach: Reach<'_>) -> Result<Self, RingError> {
        let named = || name.to_owned();
        let file = |source| RingError::File {
            name: named(),
            source,
        };
        let chain = key.chain_file.as_deref();
        let opened = match (&key.kept, chain) {
            (Kept::File { .. }, _) => Key::File(in_file(key).map_err(file)?),
            (Kept::Token(at), Some(chain)) => Key::Token(TokenKey::known(at, sessions, chain).map_err(file)?),
            (Kept::Token(at), None) => {
                let found = TokenKey::find(at, sessions);
                Key::Token(found.map_err(|source| RingError::Token {
                    name: named(),
                    source,
                })?)
            }
            (Kept::Remote(at), _) => {
                let unreached = |why| RingError::Provider { name: named(), why };
                let provider = reach(at).map_err(unreached)?;
                let runtime = Handle::try_current().map_err(|why| unreached(why.to_string()))?;
                let times = (PACE, at.confirm);
                let known = RemoteKey::known(provider, &at.credential, &at.chain_file, times, runtime);
                Key::Remote(known.map_err(file)?)
            }
            (Kept::Retired { public_file }, _) => Key::Retired(retired(public_file).map_err(file)?),
        };
        Ok(Self {
            name: named(),
            from: key.from,
            until: key.until,
            key: opened,
        })
    }

    fn seen(&self) -> Option<Seen> {
        let key: &dyn Signer = match &self.key {
            Key::File(key) => key,
            Key::Token(key) => key,
            Key::Remote(key) => key,
            Key::Retired(_) => return None,
        };
        Some(Seen::of(&self.name, (self.from, self.until), key))
    }
}

/// A key in a file, with its certificates.
pub(super) fn in_file(key: &config::Key) -> Result<FileKey, KeyFileError> {
    let Kept::File {
        path,
        passphrase_file,
    } = &key.kept
    else {
        return Err(KeyFileError::Elsewhere);
    };
    let found = if key.kept.is_container() {
        FileKey::unlock(path, passphrase_file.as_deref())?
    } else {
        FileKey::read(path)?
    };
    match &key.chain_file {
        Some(chain) => found.with_chain(chain),
        None => Ok(found),
    }
}

/// A public key that is only verified with, PEM.
pub(super) fn retired(path: &Path) -> Result<PublicKey, KeyFileError> {
    PublicKey::from_pem(&read_public(path)?).map_err(|source| KeyFileError::Key {
        path: path.into(),
        source,
    })
}

impl Key {
    fn using(&self, algorithm: Algorithm) -> Option<Arc<dyn Signer>> {
        match self {
            Self::File(key) => Some(Arc::new(key.clone().using(algorithm).ok()?)),
            Self::Token(key) => Some(Arc::new(key.using(algorithm).ok()?)),
            // A provider is given hashes, and Ed25519 signs none.
            Self::Remote(key) => algorithm
                .hash()
                .and(key.using(algorithm).ok())
                .map(|key| Arc::new(key) as _),
            Self::Retired(_) => None,
        }
    }

    fn half(&self) -> Option<PublicKey> {
        match self {
            Self::File(key) => PublicKey::from_der(key.public()).ok(),
            Self::Token(key) => Some(key.half().clone()),
            Self::Remote(key) => Some(key.half().clone()),
            Self::Retired(key) => Some(key.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
