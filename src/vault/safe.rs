//! The vault of a node: fresh slots at hand, the keys used lately, and all others in their file.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::model::{Place, SealError, Sealer, Slot, Warrant};
use crate::vault::cipher::{self, Key};
use crate::vault::slots::Slots;

/// Keys that are made at once: 128 KiB of their file, one flush.
const BATCH: usize = if cfg!(test) { 8 } else { 2_048 };
/// With fewer at hand, more are made beside the work.
const LOW: usize = BATCH / 2;
/// Keys in each of two generations that stay in memory: together below 1 MiB.
const GENERATION: usize = if cfg!(test) { 4 } else { 4_096 };

/// The vault. One process writes its file: the one that holds the store.
pub struct Vault {
    inner: Arc<Inner>,
    maker: Maker,
}

struct Inner {
    slots: Slots,
    free: Mutex<Free>,
    /// Held by whoever makes more, so that two do not.
    making: Mutex<()>,
    known: Mutex<Known>,
}

/// Slots at hand; before `resume` there are none.
struct Free {
    ready: VecDeque<(Slot, Key)>,
    /// The first slot of the file that was not looked at.
    unread: Option<u64>,
}

#[derive(Default)]
struct Known {
    young: HashMap<Slot, Key>,
    old: HashMap<Slot, Key>,
}

/// The thread that makes keys ahead.
struct Maker {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Vault {
    /// Makes an empty file of keys, wrapped by this node key; refuses where one stands.
    pub fn create(path: &Path, node: &[u8; 32]) -> Result<(), SealError> {
        Slots::create(path, node)
    }

    /// Opens the file of keys, for the one process that holds the store.
    pub fn open(path: &Path, node: &[u8; 32]) -> Result<Self, SealError> {
        Self::over(Slots::open(path, node, true)?, true)
    }

    /// Opens it beside that process, to open what is sealed and no more.
    pub fn open_read_only(path: &Path, node: &[u8; 32]) -> Result<Self, SealError> {
        Self::over(Slots::open(path, node, false)?, false)
    }

    fn over(slots: Slots, makes: bool) -> Result<Self, SealError> {
        let inner = Arc::new(Inner {
            slots,
            free: Mutex::new(Free {
                ready: VecDeque::new(),
                unread: None,
            }),
            making: Mutex::default(),
            known: Mutex::default(),
        });
        let maker = if makes {
            Maker::start(Arc::clone(&inner))?
        } else {
            Maker {
                wake: None,
                thread: None,
            }
        };
        Ok(Self { inner, maker })
    }
}

impl Sealer for Vault {
    fn name(&self) -> [u8; 16] {
        self.inner.slots.name()
    }

    fn resume(&self, free: Slot) -> Result<(), SealError> {
        if free.0 > self.inner.slots.made() {
            let says =
                "the file of keys has fewer keys than the store has used: it is an older copy".to_owned();
            return Err(SealError::Keyless(says));
        }
        hold(&self.inner.free).unread = Some(free.0);
        Ok(())
    }

    fn take(&self) -> Result<Slot, SealError> {
        let (slot, key) = loop {
            let mut free = hold(&self.inner.free);
            let taken = free.ready.pop_front();
            let left = free.ready.len();
            drop(free);
            if left < LOW {
                self.maker.wake();
            }
            match taken {
                Some(taken) => break taken,
                None => self.inner.fill(1)?,
            }
        };
        hold(&self.inner.known).keep(slot, key);
        Ok(slot)
    }

    fn give_back(&self, slot: Slot) {
        let key = hold(&self.inner.known).find(slot);
        if let Some(key) = key {
            hold(&self.inner.free).ready.push_front((slot, key));
        }
    }

    fn seal(&self, slot: Slot, place: Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let key = self.inner.key(slot)?;
        let mut seed = [0; 16];
        openssl::rand::rand_bytes(&mut seed).map_err(|error| SealError::Unusable(error.to_string()))?;
        self.inner.slots.gcm.seal((slot, &key), seed, place, bytes)
    }

    fn open(&self, _warrant: Warrant, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let slot = cipher::slot(sealed).ok_or(SealError::Broken)?;
        let key = self.inner.key(slot)?;
        self.inner.slots.gcm.open(&key, place, sealed)
    }

    fn destroy(&self, slots: &[Slot]) -> Result<(), SealError> {
        let gone: HashSet<Slot> = slots.iter().copied().collect();
        hold(&self.inner.free)
            .ready
            .retain(|(slot, _)| !gone.contains(slot));
        // From memory first and last: whoever read a key from the file meanwhile must not keep it.
        hold(&self.inner.known).forget(&gone);
        let destroyed = self.inner.slots.destroy(slots);
        hold(&self.inner.known).forget(&gone);
        destroyed
    }
}

impl Inner {
    fn key(&self, slot: Slot) -> Result<Key, SealError> {
        if let Some(key) = hold(&self.known).find(slot) {
            return Ok(key);
        }
        let key = self.slots.read(slot)?;
        hold(&self.known).keep(slot, key.clone());
        Ok(key)
    }

    /// Sees to it that at least so many are at hand: first those that were made and never taken, then new ones.
    fn fill(&self, least: usize) -> Result<(), SealError> {
        let _alone = hold(&self.making);
        while hold(&self.free).ready.len() < least {
            let Some(unread) = hold(&self.free).unread else {
                return Err(SealError::Unusable(
                    "no store said which keys are taken".to_owned(),
                ));
            };
            let end = self.slots.made().min(unread.saturating_add(BATCH as u64));
            // One that was destroyed, or that a death left half written, is passed over.
            let left = (unread..end).map(Slot);
            let mut fresh: Vec<_> = left
                .filter_map(|slot| Some((slot, self.slots.read(slot).ok()?)))
                .collect();
            let mut next = end;
            if unread == end {
                fresh = self.slots.make(BATCH)?;
                next = self.slots.made();
            }
            let mut free = hold(&self.free);
            free.unread = Some(next);
            free.ready.extend(fresh);
        }
        Ok(())
    }
}

impl Known {
    fn find(&self, slot: Slot) -> Option<Key> {
        self.young.get(&slot).or_else(|| self.old.get(&slot)).cloned()
    }

    fn keep(&mut self, slot: Slot, key: Key) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(slot, key);
    }

    fn forget(&mut self, gone: &HashSet<Slot>) {
        self.young.retain(|slot, _| !gone.contains(slot));
        self.old.retain(|slot, _| !gone.contains(slot));
    }
}

impl Maker {
    fn start(inner: Arc<Inner>) -> Result<Self, SealError> {
        let (wake, woken) = sync_channel(1);
        let run = move || make_ahead(&inner, &woken);
        let thread = thread::Builder::new().name("vault-keys".to_owned()).spawn(run);
        let thread = thread.map_err(|error| SealError::Unusable(error.to_string()))?;
        Ok(Self {
            wake: Some(wake),
            thread: Some(thread),
        })
    }

    fn wake(&self) {
        if let Some(wake) = &self.wake {
            // It is awake already, then.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

fn make_ahead(inner: &Inner, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        // What fails here fails again where a key is wanted, and is told there.
        let _ = inner.fill(LOW);
    }
}

fn hold<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
