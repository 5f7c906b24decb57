//! Tell a provincial system what happened to its dossiers: one webhook, by the Standard Webhooks specification.
//!
//! Each message carries an id that is the same on every try, the moment of the try, and a signature by each of the secrets and
//! keys that are in use: the receiver needs only one of them, so that one can follow another.

use std::sync::Arc;

use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::model::{ExchangeId, Signer, SignerError};
use crate::signing::mac;
use crate::transport::{Failure, Transport};

/// The fewest and the most bytes of a shared secret, as the specification has them.
const SECRET: std::ops::RangeInclusive<usize> = 24..=64;
/// What the text of a shared secret begins with.
const PREFIX: &str = "whsec_";

/// The text is no shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook's secret is `whsec_` and the base64 of 24 to 64 bytes")]
pub struct NotSecret;

/// A secret that both ends of a webhook know; it has no text form.
pub struct Shared(Zeroizing<Vec<u8>>);

impl Shared {
    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// [`NotSecret`] when it is anything else.
    pub fn read(text: &str) -> Result<Self, NotSecret> {
        let text = text.trim().strip_prefix(PREFIX).ok_or(NotSecret)?;
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| NotSecret)?;
        let bytes = Zeroizing::new(bytes);
        if SECRET.contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(NotSecret)
        }
    }
}

/// The webhook of one system.
pub struct Hook {
    /// The way there.
    pub transport: Transport,
    /// Path and query of the address.
    pub target: String,
    /// The secrets in use, the newest first.
    pub shared: Vec<Shared>,
    /// The Ed25519 keys in use, the newest first.
    pub keys: Vec<Arc<dyn Signer>>,
}

/// How one try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The system took it.
    Taken,
    /// It did not, or nobody can tell: the same again, not before so many seconds where it says so.
    Again {
        /// A stable word for the log.
        cause: &'static str,
        /// Seconds.
        after: Option<u64>,
    },
}

impl Hook {
    /// Sends one event.
    ///
    /// # Errors
    /// [`SignerError`] when a key is not at hand; nothing left then.
    pub async fn tell(&self, id: ExchangeId, at: i64, body: &[u8]) -> Result<Ended, SignerError> {
        let id = id.to_string();
        let seconds = at.div_euclid(1_000).to_string();
        let signature = self.signature(&id, &seconds, body)?;
        let request = wire::Request {
            method: wire::Method::Post,
            target: self.target.clone(),
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("webhook-id".to_owned(), id),
                ("webhook-timestamp".to_owned(), seconds),
                ("webhook-signature".to_owned(), signature),
            ],
            body: body.to_vec(),
        };
        Ok(match self.transport.send(&request).await {
            Ok(response) if (200..300).contains(&response.status) => Ended::Taken,
            Ok(response) => Ended::Again {
                cause: "refused",
                after: response.retry_after,
            },
            Err(failure) => Ended::Again {
                cause: Failure::word(failure),
                after: None,
            },
        })
    }

    /// `v1,…` by each secret and `v1a,…` by each key, over id, moment and body.
    fn signature(&self, id: &str, seconds: &str, body: &[u8]) -> Result<String, SignerError> {
        let signed = [id.as_bytes(), b".", seconds.as_bytes(), b".", body].concat();
        let mut each = Vec::with_capacity(self.shared.len() + self.keys.len());
        for secret in &self.shared {
            let tag = mac::hmac_sha256(&secret.0, &signed).map_err(|why| SignerError::Refused {
                id: PREFIX.to_owned(),
                source: Box::new(why),
            })?;
            each.push(format!("v1,{}", BASE64.encode(&tag)));
        }
        for key in &self.keys {
            each.push(format!("v1a,{}", BASE64.encode(&key.sign(&signed)?)));
        }
        Ok(each.join(" "))
    }
}
