//! Whether a value is a key's over the canonical `SignedInfo`.

use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sign::{Signer, Verifier as Engine};

use super::names::{Digest, Method};
use super::refusal::Refusal;
use crate::model::signer::{Algorithm, Family, Verifier};
use crate::signing::public::PublicKey;

/// Checks a value that a key made.
pub(super) fn by_key(key: &PublicKey, method: Method, message: &[u8], value: &[u8]) -> Result<(), Refusal> {
    let valid = match method {
        Method::Mac(_) => return Err(Refusal::Confusion),
        Method::RsaSha1 if key.family() == Family::Rsa => quiet(rsa_sha1(key, message, value)),
        Method::RsaSha1 => return Err(Refusal::Confusion),
        Method::Key(algorithm) => {
            fits(key.family(), algorithm)?;
            is_wide(algorithm, value)?;
            let key = key.clone().using(algorithm).map_err(|_| Refusal::Confusion)?;
            key.verify(message, value)
        }
    };
    match valid {
        true => Ok(()),
        false => Err(Refusal::Value),
    }
}

/// Checks a value that a shared secret made; a whole one, never a part.
pub(super) fn by_secret(secret: &[u8], digest: Digest, message: &[u8], value: &[u8]) -> Result<(), Refusal> {
    let made =
        PKey::hmac(secret).and_then(|key| Signer::new(digest.engine(), &key)?.sign_oneshot_to_vec(message));
    let made = made.map_err(|_| Refusal::Value)?;
    match made.len() == value.len() && memcmp::eq(&made, value) {
        true => Ok(()),
        false => Err(Refusal::Value),
    }
}

fn fits(family: Family, algorithm: Algorithm) -> Result<(), Refusal> {
    let is_curve = |family| matches!(family, Family::P256 | Family::P384);
    match algorithm.family() {
        wanted if wanted == family => Ok(()),
        wanted if is_curve(wanted) && is_curve(family) => Err(Refusal::Curve),
        _ => Err(Refusal::Confusion),
    }
}

fn is_wide(algorithm: Algorithm, value: &[u8]) -> Result<(), Refusal> {
    match algorithm.family().width() {
        Some(width) if value.len() != 2 * width => {
            Err(match quiet(EcdsaSig::from_der(value).map(|_| true)) {
                true => Refusal::Der,
                false => Refusal::Width,
            })
        }
        _ => Ok(()),
    }
}

fn rsa_sha1(key: &PublicKey, message: &[u8], value: &[u8]) -> Result<bool, ErrorStack> {
    let key = PKey::public_key_from_der(key.der())?;
    Engine::new(Digest::Sha1.engine(), &key)?.verify_oneshot(value, message)
}

/// A failure is a no; OpenSSL leaves its reasons on a per-thread stack, where the next call would find them.
fn quiet(answer: Result<bool, ErrorStack>) -> bool {
    let yes = answer.unwrap_or(false);
    if !yes {
        ErrorStack::get();
    }
    yes
}
