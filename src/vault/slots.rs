//! The file of keys. A head that knows its node key, then one place of 64 bytes for each slot: a wrapped key, or the mark of one
//! that was destroyed.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::model::{SealError, Slot};
use crate::vault::cipher::{Gcm, Key, NONCE, TAG};

const MAGIC: &[u8; 8] = b"LThKeys1";
const NAME: usize = 16;
/// Bytes of the head, and of each slot.
const PLACE: usize = 64;
const KEY: usize = 32;
/// Where in its place a slot says what it is.
const STATE: usize = NONCE + KEY + TAG;
const LIVE: [u8; 4] = *b"live";
const DESTROYED: [u8; 4] = *b"gone";

/// The file, open.
pub(super) struct Slots {
    file: File,
    path: PathBuf,
    name: [u8; NAME],
    pub(super) gcm: Gcm,
    node: Key,
    /// Whole slots in the file; whoever makes more holds the lock.
    made: Mutex<u64>,
}

impl Slots {
    /// Makes an empty file of keys for a node key, flushed; refuses where one stands.
    pub(super) fn create(path: &Path, node: &[u8; KEY]) -> Result<(), SealError> {
        let gcm = Gcm::new()?;
        let mut head = Vec::with_capacity(PLACE);
        head.extend_from_slice(MAGIC);
        let (mut name, mut nonce) = ([0; NAME], [0; NONCE]);
        random(&mut name)?;
        random(&mut nonce)?;
        head.extend_from_slice(&name);
        head.extend_from_slice(&nonce);
        gcm.encrypt((node, &nonce), &named(&name), &[], &mut head)?;
        head.resize(PLACE, 0);
        let made = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(path);
        made.and_then(|file| file.write_all_at(&head, 0).and_then(|()| file.sync_all()))
            .map_err(|error| unusable(path, &error))
    }

    /// Opens a file of keys with the node key it was made for, to write as well or only to read.
    pub(super) fn open(path: &Path, node: &[u8; KEY], write: bool) -> Result<Self, SealError> {
        let file = OpenOptions::new().read(true).write(write).open(path);
        let file = file.map_err(|error| unusable(path, &error))?;
        let length = file.metadata().map_err(|error| unusable(path, &error))?.len();
        let mut head = [0; PLACE];
        let read = file.read_exact_at(&mut head, 0).is_ok();
        let strange = || SealError::Unusable(format!("{} is not a file of keys", path.display()));
        let (magic, rest) = head.split_first_chunk().ok_or_else(strange)?;
        let (name, rest) = rest.split_first_chunk().ok_or_else(strange)?;
        let (nonce, rest) = rest.split_first_chunk().ok_or_else(strange)?;
        if !read || magic != MAGIC {
            return Err(strange());
        }
        let gcm = Gcm::new()?;
        gcm.decrypt((node, nonce), &named(name), &rest[..TAG])
            .map_err(|_| {
                let path = path.display();
                SealError::Keyless(format!(
                    "{path} was made for another node key than the one configured"
                ))
            })?;
        Ok(Self {
            name: *name,
            path: path.to_owned(),
            gcm,
            node: Zeroizing::new(*node),
            made: Mutex::new((length / PLACE as u64).saturating_sub(1)),
            file,
        })
    }

    /// Its name, drawn when it was made.
    pub(super) fn name(&self) -> [u8; NAME] {
        self.name
    }

    /// How many slots were made.
    pub(super) fn made(&self) -> u64 {
        *self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of a slot.
    pub(super) fn read(&self, slot: Slot) -> Result<Key, SealError> {
        let mut place = [0; PLACE];
        if let Err(error) = self.file.read_exact_at(&mut place, offset(slot)?) {
            let path = &self.path;
            return Err(if error.kind() == std::io::ErrorKind::UnexpectedEof {
                SealError::Keyless(format!("{} holds no such key", path.display()))
            } else {
                unusable(path, &error)
            });
        }
        let state = place[STATE..].first_chunk().copied();
        if state == Some(DESTROYED) {
            return Err(SealError::Erased);
        }
        let (nonce, rest) = place.split_first_chunk().ok_or(SealError::Broken)?;
        let wrapped = &rest[..KEY + TAG];
        let key = self
            .gcm
            .decrypt((&self.node, nonce), &self.bound(slot), wrapped)?;
        let key = Zeroizing::new(key);
        let mut whole: Key = Zeroizing::new([0; KEY]);
        whole.copy_from_slice(&key[..KEY]);
        Ok(whole)
    }

    /// Makes so many more, flushed together before any of them is used. What a death in the middle left is written over.
    pub(super) fn make(&self, count: usize) -> Result<Vec<(Slot, Key)>, SealError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let mut places = Vec::with_capacity(count * PLACE);
        let mut fresh = Vec::with_capacity(count);
        for slot in (*made..).take(count).map(Slot) {
            let mut key: Key = Zeroizing::new([0; KEY]);
            openssl::rand::rand_priv_bytes(&mut *key)
                .map_err(|error| SealError::Unusable(error.to_string()))?;
            let mut nonce = [0; NONCE];
            random(&mut nonce)?;
            places.extend_from_slice(&nonce);
            let bound = self.bound(slot);
            self.gcm
                .encrypt((&self.node, &nonce), &bound, &*key, &mut places)?;
            places.extend_from_slice(&LIVE);
            fresh.push((slot, key));
        }
        self.write(&places, Slot(*made))?;
        *made += count as u64;
        Ok(fresh)
    }

    /// Writes the mark of the destroyed over these keys, on disk when it returns.
    pub(super) fn destroy(&self, slots: &[Slot]) -> Result<(), SealError> {
        let mut mark = [0; PLACE];
        mark[STATE..STATE + DESTROYED.len()].copy_from_slice(&DESTROYED);
        let made = self.made();
        for slot in slots.iter().filter(|slot| slot.0 < made) {
            self.file
                .write_all_at(&mark, offset(*slot)?)
                .map_err(|error| unusable(&self.path, &error))?;
        }
        self.file
            .sync_data()
            .map_err(|error| unusable(&self.path, &error))
    }

    fn write(&self, places: &[u8], from: Slot) -> Result<(), SealError> {
        self.file
            .write_all_at(places, offset(from)?)
            .and_then(|()| self.file.sync_data())
            .map_err(|error| unusable(&self.path, &error))
    }

    /// A wrapped key opens only in its own place of its own file.
    fn bound(&self, slot: Slot) -> Vec<u8> {
        [self.name.as_slice(), &slot.0.to_be_bytes()].concat()
    }
}

fn named(name: &[u8; NAME]) -> Vec<u8> {
    [MAGIC.as_slice(), name].concat()
}

fn offset(slot: Slot) -> Result<u64, SealError> {
    let place = slot.0.checked_add(1);
    place
        .and_then(|place| place.checked_mul(PLACE as u64))
        .ok_or(SealError::Broken)
}

fn random(into: &mut [u8]) -> Result<(), SealError> {
    openssl::rand::rand_bytes(into).map_err(|error| SealError::Unusable(error.to_string()))
}

fn unusable(path: &Path, error: &std::io::Error) -> SealError {
    let says = format!("{}: {error}", path.display());
    if error.kind() == std::io::ErrorKind::NotFound {
        SealError::Keyless(says)
    } else {
        SealError::Unusable(says)
    }
}
