//! AES-256-GCM, and the form of a sealed value: a version, the slot, a seed, the sealed bytes and their tag. The seed gives each
//! value a key of its own (HMAC-SHA-256 under the slot's key), so that its nonce can be zero; where it stands is bound in.

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

use crate::evidence::hash;
use crate::model::{Place, SealError, Slot};

/// A key of AES-256, wiped when it is dropped.
pub(super) type Key = Zeroizing<[u8; 32]>;

pub(super) const NONCE: usize = 12;
pub(super) const TAG: usize = 16;
const VERSION: u8 = 1;
const SEED: usize = 16;
const HEAD: usize = 1 + 8 + SEED;

/// The cipher, looked up once.
pub(super) struct Gcm(Cipher);

impl Gcm {
    pub(super) fn new() -> Result<Self, SealError> {
        Cipher::fetch(None, "AES-256-GCM", None).map(Self).map_err(failed)
    }

    /// Appends the sealed bytes and their tag.
    pub(super) fn encrypt(
        &self,
        (key, nonce): (&[u8; 32], &[u8; NONCE]),
        bound: &[u8],
        bytes: &[u8],
        into: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        let mut sealed = || -> Result<[u8; TAG], ErrorStack> {
            let mut ctx = CipherCtx::new()?;
            ctx.encrypt_init(Some(&self.0), Some(key), Some(nonce))?;
            ctx.cipher_update(bound, None)?;
            ctx.cipher_update_vec(bytes, into)?;
            ctx.cipher_final_vec(into)?;
            let mut tag = [0; TAG];
            ctx.tag(&mut tag)?;
            Ok(tag)
        };
        let tag = sealed().map_err(failed)?;
        into.extend_from_slice(&tag);
        Ok(())
    }

    /// The clear bytes, if nothing was changed.
    pub(super) fn decrypt(
        &self,
        (key, nonce): (&[u8; 32], &[u8; NONCE]),
        bound: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let (bytes, tag) = sealed
            .split_at_checked(sealed.len().wrapping_sub(TAG))
            .ok_or(SealError::Broken)?;
        let opened = || -> Result<Vec<u8>, ErrorStack> {
            let mut ctx = CipherCtx::new()?;
            let mut clear = Vec::with_capacity(bytes.len() + TAG);
            ctx.decrypt_init(Some(&self.0), Some(key), Some(nonce))?;
            ctx.cipher_update(bound, None)?;
            ctx.cipher_update_vec(bytes, &mut clear)?;
            ctx.set_tag(tag)?;
            ctx.cipher_final_vec(&mut clear)?;
            Ok(clear)
        };
        opened().map_err(|_| SealError::Broken)
    }

    /// Seals a value for its place.
    pub(super) fn seal(
        &self,
        (slot, key): (Slot, &Key),
        seed: [u8; SEED],
        place: Place<'_>,
        bytes: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut sealed = Vec::with_capacity(HEAD + bytes.len() + 2 * TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(&slot.0.to_be_bytes());
        sealed.extend_from_slice(&seed);
        let bound = bound(slot, place);
        self.encrypt((&own(key, &seed), &[0; NONCE]), &bound, bytes, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens a value where it stands, with its slot's key.
    pub(super) fn open(&self, key: &Key, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (slot, seed, rest) = parts(sealed).ok_or(SealError::Broken)?;
        self.decrypt((&own(key, seed), &[0; NONCE]), &bound(slot, place), rest)
    }
}

/// The slot that a sealed value says it is under.
pub(super) fn slot(sealed: &[u8]) -> Option<Slot> {
    parts(sealed).map(|(slot, ..)| slot)
}

fn parts(sealed: &[u8]) -> Option<(Slot, &[u8], &[u8])> {
    let (head, rest) = sealed.split_at_checked(HEAD)?;
    let (version, head) = head.split_first()?;
    let (slot, seed) = head.split_first_chunk()?;
    (*version == VERSION).then_some((Slot(u64::from_be_bytes(*slot)), seed, rest))
}

/// What is bound in: slot, column, and the row's parts, each with its length in front, so that none runs into the next.
fn bound(slot: Slot, place: Place<'_>) -> Vec<u8> {
    let mut bound = Vec::with_capacity(128);
    bound.extend_from_slice(&slot.0.to_be_bytes());
    for part in [place.column.as_bytes(), place.row[0], place.row[1]] {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}

/// The key of one value: HMAC-SHA-256 of the seed under the slot's key.
fn own(key: &Key, seed: &[u8]) -> Key {
    let label = b"lienthong/sealed value\0";
    Zeroizing::new(hash::mac(&**key, &[label, seed].concat()))
}

/// What OpenSSL says of a cipher holds no value.
fn failed(error: ErrorStack) -> SealError {
    SealError::Unusable(error.to_string())
}
