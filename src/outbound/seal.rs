//! Signs what was written: at once with a key in this process, aside with one that waits.

use std::sync::Arc;

use super::{Destination, Error, Outbound};
use crate::model::SignerError;
use crate::signing::jws::Jws;
use crate::store::Rendered;
use crate::translate::Written;

/// No key of this node has its turn today.
#[derive(Debug, thiserror::Error)]
#[error("no key has its turn")]
struct Nobody;

impl Outbound {
    /// Signs exactly the bytes that were written (rule 2), with the key whose turn it is. The inner error stops the message:
    /// its key refused. The outer one leaves it to another attempt: its key is not at hand.
    pub(super) async fn seal(
        &self,
        destination: &Destination,
        written: Written,
    ) -> Result<Result<Rendered, &'static str>, Error> {
        let Written { payload, mapping, .. } = written;
        let (payload, signature) = match &destination.signature {
            None => (payload, None),
            Some(rota) => {
                let jws = rota.at(self.time()).ok_or_else(nobody)?;
                match signed(jws, payload).await {
                    Ok((payload, signature)) => (payload, Some(signature)),
                    Err(why @ SignerError::Refused { .. }) => {
                        tracing::error!(error = %why, "a payload is not signed");
                        return Ok(Err("unsigned"));
                    }
                    Err(why @ SignerError::Unreachable { .. }) => return Err(why.into()),
                }
            }
        };
        Ok(Ok(Rendered {
            payload,
            signature,
            salt: self.salt(),
            mapping,
        }))
    }
}

/// The payload and its signature. A key that waits does so on a thread that may stand still, so that others run on.
async fn signed(jws: &Arc<Jws>, payload: Vec<u8>) -> Result<(Vec<u8>, String), SignerError> {
    if !jws.waits() {
        let signature = jws.detached(&payload)?;
        return Ok((payload, signature));
    }
    let aside = Arc::clone(jws);
    let done = tokio::task::spawn_blocking(move || {
        let signature = aside.detached(&payload)?;
        Ok((payload, signature))
    });
    done.await.unwrap_or_else(|ended| {
        Err(SignerError::Unreachable {
            id: jws.key_id().to_owned(),
            source: Box::new(ended),
        })
    })
}

fn nobody() -> SignerError {
    SignerError::Unreachable {
        id: "of payloads".to_owned(),
        source: Box::new(Nobody),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use futures_util::future::join_all;

    use super::*;
    use crate::keys::FileKey;
    use crate::model::{Algorithm, Signer};

    /// A key on a token that takes 50 ms, with a session for everybody.
    struct Slow(FileKey);

    impl Signer for Slow {
        fn algorithm(&self) -> Algorithm {
            self.0.algorithm()
        }

        fn id(&self) -> &str {
            self.0.id()
        }

        fn public(&self) -> &[u8] {
            self.0.public()
        }

        #[expect(clippy::disallowed_methods, reason = "a token that takes its time")]
        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
            std::thread::sleep(Duration::from_millis(50));
            self.0.sign(message)
        }

        fn waits(&self) -> bool {
            true
        }
    }

    /// How often this thread came by until then.
    async fn ticks_until(end: Instant) -> usize {
        let mut ticks = 0;
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(1)).await;
            ticks += 1;
        }
        ticks
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_key_that_waits_signs_many_beside_each_other_and_holds_nobody() {
        let key = FileKey::generate(Algorithm::Es256).unwrap();
        let public = crate::signing::public::PublicKey::from_der(key.public()).unwrap();
        let jws = Arc::new(Jws::new(Arc::new(Slow(key))));
        let began = Instant::now();
        let signing = join_all((0..40_u8).map(|n| signed(&jws, vec![n])));
        let (all, ticks) = tokio::join!(signing, ticks_until(began + Duration::from_millis(60)));
        // One after the other they would take two seconds; the one thread of this runtime goes on meanwhile.
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert!(ticks > 5, "{ticks}");
        for (n, made) in (0..40_u8).zip(all) {
            let (payload, token) = made.unwrap();
            assert_eq!(payload, [n]);
            assert_eq!(
                crate::signing::jws::verify_detached(&token, &payload, &public),
                Ok(())
            );
        }
    }
}
