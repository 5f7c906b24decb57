//! Keys on PKCS#11 tokens and HSMs: they never leave it, so every signature is asked of it, over sessions that are kept open.

mod listing;
mod mechanism;
mod module;
mod object;
mod pool;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cryptoki::error::{Error, RvError};
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use openssl::error::ErrorStack;

use super::file::KeyFileError;
use crate::config;
use crate::model::signer::{Algorithm, Family, Signer, SignerError, Verifier};
use crate::signing::public::{KeyError, PublicKey};

pub use listing::{TokenKeyListed, TokenListed, tokens};

use object::Wanted;
use pool::{Mortal, Pool};

/// Why a key on a token did not sign, or could not be found.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The maker's library cannot be used.
    #[error("the PKCS#11 module {} cannot be used", path.display())]
    Module {
        /// The library.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<Error>,
    },
    /// The token is in no slot.
    #[error("the token `{token}` is in no slot")]
    Absent {
        /// Its label or serial number.
        token: String,
    },
    /// More than one token or key goes by that name.
    #[error("more than one is called `{what}`; say its serial number or its id too")]
    Ambiguous {
        /// The name.
        what: String,
    },
    /// The token refused the PIN, now or before. It is not tried again.
    #[error("the token `{token}` refused the PIN; put the right one into its file, it is read again")]
    Pin {
        /// The token's label.
        token: String,
    },
    /// The PIN is locked, or the next refusal would lock it.
    #[error(
        "the PIN of the token `{token}` is locked, or will be at the next refusal: log in once with the maker's own program"
    )]
    Locked {
        /// The token's label.
        token: String,
    },
    /// The PIN's file cannot be read.
    #[error(transparent)]
    PinFile(KeyFileError),
    /// There is no such key on the token.
    #[error("there is no private key `{key}` on the token")]
    NoKey {
        /// Its label or id.
        key: String,
    },
    /// The token shows nothing public of the key.
    #[error(
        "the token shows neither a public key nor a certificate of `{key}`: name its certificate as `chain_file`"
    )]
    NoPublic {
        /// Its label or id.
        key: String,
    },
    /// The key is none of ours.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The token did not answer a moment ago, and is not asked again at once.
    #[error("the token did not answer a moment ago")]
    Away,
    /// The token has no room for one more session.
    #[error("the token takes no more sessions")]
    Full,
    /// All sessions were in use for too long.
    #[error("no session of the token became free in time")]
    Busy,
    /// The token said no, or nothing.
    #[error("the token failed")]
    Failed(#[source] Error),
    /// The hash could not be made.
    #[error("the message could not be hashed")]
    Hash(#[from] ErrorStack),
    /// What came back is no signature of the key that was named: another key goes by that name now.
    #[error("what the token made is not this key's signature")]
    Wrong,
}

/// A key on a token. Signing waits for the token, so it `waits`.
#[derive(Clone)]
pub struct TokenKey {
    shared: Arc<Shared>,
    public: PublicKey,
    chain: Vec<Vec<u8>>,
}

/// What all uses of one key share, with whatever algorithm.
struct Shared {
    at: config::Token,
    pool: Pool<Hand>,
}

/// A session with the key found in it.
struct Hand {
    session: Open,
    key: ObjectHandle,
    /// A signature of it was held against the public key.
    proven: bool,
}

/// A session that is closed when it is dropped, unless it was buried.
struct Open(Option<Session>);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenKey({} {})", self.algorithm(), self.id())
    }
}

impl TokenKey {
    /// Finds the key on its token, and what is public of it. Logs in, so it waits for the token.
    pub fn find(at: &config::Token, sessions: u32) -> Result<Self, TokenError> {
        let shared = Arc::new(Shared::new(at, sessions));
        let open = || shared.open();
        let (public, chain) = shared.pool.with(open, |hand| {
            object::half(hand.session.alive()?, hand.key, &wanted(at))
        })?;
        Ok(Self {
            shared,
            public,
            chain,
        })
    }

    /// The key by the certificates that its owner has of it, PEM, its own first: the token is asked when it is to sign.
    pub fn known(at: &config::Token, sessions: u32, chain_file: &Path) -> Result<Self, KeyFileError> {
        let (public, chain) = super::chain::read_own(chain_file)?;
        Ok(Self {
            shared: Arc::new(Shared::new(at, sessions)),
            public,
            chain,
        })
    }

    /// The same key over the same sessions, used with another algorithm of its family.
    pub fn using(&self, algorithm: Algorithm) -> Result<Self, KeyError> {
        let public = self.public.clone().using(algorithm)?;
        Ok(Self {
            public,
            ..self.clone()
        })
    }

    /// What kind of key it is.
    pub fn family(&self) -> Family {
        self.public.family()
    }

    /// The public half, used with the same algorithm.
    pub fn half(&self) -> &PublicKey {
        &self.public
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let algorithm = self.public.algorithm();
        let input = mechanism::input(algorithm, message)?;
        let mechanism = mechanism::of(algorithm);
        self.shared.pool.with(
            || self.shared.open(),
            |hand| {
                let signed = hand.session.alive()?.sign(&mechanism, hand.key, &input);
                let signature = signed.map_err(TokenError::Failed)?;
                // A token that was changed meanwhile may have another key of that name.
                if !hand.proven && !self.public.verify(message, &signature) {
                    return Err(TokenError::Wrong);
                }
                hand.proven = true;
                Ok(signature)
            },
        )
    }
}

impl Shared {
    fn new(at: &config::Token, sessions: u32) -> Self {
        Self {
            at: at.clone(),
            pool: Pool::new(usize::try_from(sessions).unwrap_or(usize::MAX)),
        }
    }

    fn open(&self) -> Result<Hand, TokenError> {
        let module = module::load(&self.at.module)?;
        let (slot, token) = module.token(self.at.label.as_deref(), self.at.serial.as_deref())?;
        let session = Open(Some(module.session(slot)?));
        module.log_in(session.alive()?, slot, &token, &self.at.pin_file)?;
        let key = object::private(session.alive()?, &wanted(&self.at))?;
        Ok(Hand {
            session,
            key,
            proven: false,
        })
    }
}

fn wanted(at: &config::Token) -> Wanted<'_> {
    Wanted {
        label: at.key.as_deref(),
        id: at.key_id.as_deref(),
    }
}

impl Open {
    fn alive(&self) -> Result<&Session, TokenError> {
        self.0.as_ref().ok_or(TokenError::Away)
    }
}

impl Mortal for Hand {
    fn bury(mut self) {
        // Its number may be another session's by now, which must not be closed.
        self.session.0 = None;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            // A session that cannot be closed is closed.
            let _closed = session.close();
        }
    }
}

impl Signer for TokenKey {
    fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    fn id(&self) -> &str {
        self.public.id()
    }

    fn public(&self) -> &[u8] {
        self.public.der()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.signature(message).map_err(|error| {
            let id = self.id().to_owned();
            let refused = error.is_refusal();
            let source = Box::new(error);
            if refused {
                SignerError::Refused { id, source }
            } else {
                SignerError::Unreachable { id, source }
            }
        })
    }

    fn waits(&self) -> bool {
        true
    }

    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

impl TokenError {
    /// Whether the session, the key in it or the whole token is gone, so that a fresh session may heal it.
    fn is_dead(&self) -> bool {
        let Self::Failed(Error::Pkcs11(error, _)) = self else {
            return matches!(self, Self::Away);
        };
        matches!(
            error,
            RvError::CryptokiNotInitialized
                | RvError::DeviceError
                | RvError::DeviceMemory
                | RvError::DeviceRemoved
                | RvError::FunctionCanceled
                | RvError::FunctionFailed
                | RvError::GeneralError
                | RvError::HostMemory
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::OperationActive
                | RvError::OperationNotInitialized
                | RvError::SessionClosed
                | RvError::SessionHandleInvalid
                | RvError::SlotIdInvalid
                | RvError::TokenNotPresent
                | RvError::TokenNotRecognized
                | RvError::UserNotLoggedIn
        )
    }

    /// Whether the token has no room for one more session.
    fn is_full(&self) -> bool {
        matches!(
            self,
            Self::Full | Self::Failed(Error::Pkcs11(RvError::SessionCount, _))
        )
    }

    /// Whether the key was there and would not sign; everything else may be mended without touching what is to be signed.
    fn is_refusal(&self) -> bool {
        match self {
            Self::Key(_) | Self::Hash(_) | Self::Wrong => true,
            Self::Failed(error) => matches!(error, Error::Pkcs11(..)) && !self.is_dead() && !self.is_full(),
            Self::Module { .. }
            | Self::Absent { .. }
            | Self::Ambiguous { .. }
            | Self::Pin { .. }
            | Self::Locked { .. }
            | Self::PinFile(_)
            | Self::NoKey { .. }
            | Self::NoPublic { .. }
            | Self::Away
            | Self::Full
            | Self::Busy => false,
        }
    }
}

#[cfg(test)]
mod tests;
