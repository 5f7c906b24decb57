//! Keys that a provider keeps for us (remote signing, EN 419 241): a hash goes there with a description, the signer may have to
//! confirm it on a device of their own, and the signature is fetched when it is there.

pub mod csc;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openssl::error::ErrorStack;
use openssl::hash::hash;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use super::chain::read_own;
use super::file::KeyFileError;
use crate::model::signer::{Algorithm, Signer, SignerError, Verifier};
use crate::signing::public::{KeyError, PublicKey, digest};

/// What is still under way.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, RemoteError>> + Send + 'a>>;

/// A provider of remote signatures. Everything is asked by hash: what is signed never leaves the house.
pub trait RemoteSigner: Send + Sync {
    /// The credentials that this account may sign with.
    fn credentials(&self) -> Pending<'_, Vec<Credential>>;

    /// Asks for signatures. What is not signed at once waits under a ticket.
    fn request<'a>(&'a self, wish: &'a Wish) -> Pending<'a, Stage>;

    /// Asks how it stands. A ticket that is signed is not asked about again.
    fn poll<'a>(&'a self, ticket: &'a Ticket) -> Pending<'a, Stage>;

    /// Takes a request back. False where the provider knows no such thing: the request then ends by itself.
    fn cancel<'a>(&'a self, ticket: &'a Ticket) -> Pending<'a, bool>;
}

/// A key that a provider keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// By what the provider knows it.
    pub id: String,
    /// Its certificates, DER, its own first.
    pub chain: Vec<Vec<u8>>,
    /// What it can be used with, of ours.
    pub algorithms: Vec<Algorithm>,
    /// How many hashes it signs at one time, at most.
    pub most: usize,
}

/// What is to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The credential.
    pub credential: String,
    /// The algorithm, by its name.
    pub algorithm: String,
    /// The hashes, each of the algorithm's own hash.
    pub hashes: Vec<Vec<u8>>,
    /// What the signer is shown; no personal data, it passes through other people's devices.
    pub description: String,
}

/// What waits at the provider. It can be stored, so that a restart loses nothing; its handle lets nobody sign anything else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// What was asked for.
    pub wish: Wish,
    /// By what the provider knows the request.
    pub handle: String,
    /// The signer has confirmed, and the signatures are being made.
    pub confirmed: bool,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Ticket({}, confirmed: {})",
            self.wish.credential, self.confirmed
        )
    }
}

/// How a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The signer has not confirmed yet, or the provider has not signed yet.
    Waiting(Ticket),
    /// The signatures in the order of the hashes, as the provider wrote them.
    Signed(Vec<Vec<u8>>),
}

/// Why a provider did not sign.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// No whole answer came.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// It said no, in one of its words.
    #[error("the provider refused with status {status}: {word}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Its word for it (`invalid_request`, `access_denied` …).
        word: String,
    },
    /// An answer that does not say what it must.
    #[error("the provider's answer lacks `{0}`")]
    Unreadable(&'static str),
    /// Nobody confirmed in time.
    #[error("nobody confirmed the signature in time")]
    Unconfirmed,
    /// The algorithm signs no hashes, or the credential is not for it.
    #[error("a provider cannot sign a hash with {0}")]
    Algorithm(Algorithm),
    /// What came back is not this key's signature.
    #[error("what the provider made is not this key's signature")]
    Wrong,
    /// The hash could not be made.
    #[error("the message could not be hashed")]
    Hash(#[from] ErrorStack),
}

/// A provider's key as a [`Signer`]: it asks, waits for the confirmation, and holds its thread meanwhile.
pub struct RemoteKey {
    provider: Arc<dyn RemoteSigner>,
    credential: String,
    public: PublicKey,
    chain: Vec<Vec<u8>>,
    runtime: Handle,
    pace: Duration,
    patience: Duration,
}

impl std::fmt::Debug for RemoteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RemoteKey({} {})", self.algorithm(), self.id())
    }
}

impl RemoteKey {
    /// A credential of a provider, known by its certificates (PEM, its own first). It is asked about every `pace`, for as long
    /// as `patience`; `runtime` carries the calls.
    pub fn known(
        provider: Arc<dyn RemoteSigner>,
        credential: &str,
        chain_file: &Path,
        (pace, patience): (Duration, Duration),
        runtime: Handle,
    ) -> Result<Self, KeyFileError> {
        let (public, chain) = read_own(chain_file)?;
        Ok(Self {
            provider,
            credential: credential.to_owned(),
            public,
            chain,
            runtime,
            pace,
            patience,
        })
    }

    /// The same key, used with another algorithm of its family.
    pub fn using(&self, algorithm: Algorithm) -> Result<Self, KeyError> {
        Ok(Self {
            provider: Arc::clone(&self.provider),
            credential: self.credential.clone(),
            public: self.public.clone().using(algorithm)?,
            chain: self.chain.clone(),
            runtime: self.runtime.clone(),
            pace: self.pace,
            patience: self.patience,
        })
    }

    /// The public half, used with the same algorithm.
    pub fn half(&self) -> &PublicKey {
        &self.public
    }

    async fn signature(&self, message: &[u8]) -> Result<Vec<u8>, RemoteError> {
        let algorithm = self.algorithm();
        let digest = digest(algorithm).ok_or(RemoteError::Algorithm(algorithm))?;
        let wish = Wish {
            credential: self.credential.clone(),
            algorithm: algorithm.name().to_owned(),
            hashes: vec![hash(digest, message)?.to_vec()],
            description: "lienthong".to_owned(),
        };
        let began = Instant::now();
        let mut stage = self.provider.request(&wish).await?;
        let signatures = loop {
            let ticket = match stage {
                Stage::Signed(signatures) => break signatures,
                Stage::Waiting(ticket) => ticket,
            };
            if began.elapsed() >= self.patience {
                self.provider.cancel(&ticket).await?;
                return Err(RemoteError::Unconfirmed);
            }
            tokio::time::sleep(self.pace).await;
            stage = self.provider.poll(&ticket).await?;
        };
        let first = signatures.into_iter().next();
        let first = first.ok_or(RemoteError::Unreadable("signatures"))?;
        csc::fixed(first, algorithm)
            .into_iter()
            .find(|signature| self.public.verify(message, signature))
            .ok_or(RemoteError::Wrong)
    }
}

impl Signer for RemoteKey {
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
        let id = || self.id().to_owned();
        self.runtime
            .block_on(self.signature(message))
            .map_err(|error| match error {
                RemoteError::Unreachable(_) | RemoteError::Unconfirmed | RemoteError::Unreadable(_) => {
                    SignerError::Unreachable {
                        id: id(),
                        source: Box::new(error),
                    }
                }
                RemoteError::Refused { .. }
                | RemoteError::Algorithm(_)
                | RemoteError::Wrong
                | RemoteError::Hash(_) => SignerError::Refused {
                    id: id(),
                    source: Box::new(error),
                },
            })
    }

    fn waits(&self) -> bool {
        true
    }

    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

#[cfg(test)]
mod tests;
