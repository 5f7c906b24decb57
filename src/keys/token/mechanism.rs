//! Which mechanism of PKCS#11 makes which signature, and over what. The hash is always made here: it saves the way of the
//! whole message, and every token takes a hash.

use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use openssl::error::ErrorStack;
use openssl::hash::hash;

use crate::model::signer::{Algorithm, Family, Hash};
use crate::signing::public::digest;

/// RFC 8017 §9.2, note 1: what stands before a SHA-256, SHA-384 or SHA-512 in a DigestInfo.
const PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// The mechanism (PKCS#11 3.1 §6.1, §6.3).
pub(super) fn of(algorithm: Algorithm) -> Mechanism<'static> {
    match (algorithm.family(), algorithm.hash()) {
        (Family::P256 | Family::P384, _) => Mechanism::Ecdsa,
        (Family::Ed25519, _) | (Family::Rsa, None) => {
            Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure))
        }
        (Family::Rsa, Some(hash)) if algorithm.is_pss() => Mechanism::RsaPkcsPss(pss(hash)),
        (Family::Rsa, Some(_)) => Mechanism::RsaPkcs,
    }
}

/// RFC 7518 §3.5: one hash throughout, and a salt of its length.
fn pss(hash: Hash) -> PkcsPssParams {
    let (hash_alg, mgf, salt) = match hash {
        Hash::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32_u64),
        Hash::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48),
        Hash::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64),
    };
    PkcsPssParams {
        hash_alg,
        mgf,
        s_len: salt.into(),
    }
}

/// What the token signs: the hash; in RSA v1.5 its DigestInfo; in Ed25519 the message itself.
pub(super) fn input(algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let (Some(digest), Some(kind)) = (digest(algorithm), algorithm.hash()) else {
        return Ok(message.to_vec());
    };
    let hashed = hash(digest, message)?;
    if algorithm.family() != Family::Rsa || algorithm.is_pss() {
        return Ok(hashed.to_vec());
    }
    let (arc, length) = match kind {
        Hash::Sha256 => (1, 32),
        Hash::Sha384 => (2, 48),
        Hash::Sha512 => (3, 64),
    };
    let mut whole = PREFIX;
    // The lengths of both sequences, the last arc of the hash's name, the length of the hash.
    whole[1] = 17 + length;
    whole[14] = arc;
    whole[18] = length;
    Ok([&whole[..], &hashed].concat())
}
