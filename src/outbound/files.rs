//! Files: handed in by systems ahead of the dossiers that name them, and the address at which each is fetched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::record::commit;
use super::{Outbound, Refusal};
use crate::files::{Draft, Files, Kept, Reader, Unkept, Unread, ending};
use crate::intake::System;
use crate::model::{Dossier, Time};
use crate::store::{Addressed, FileKept, FileRow, Naming, NewFile, Scan, StoreError};
use crate::translate::{self, NamedFile};

/// The path under which files are fetched.
pub const FETCHED: &str = "/files/";

/// Where files lie, and how the world reaches them.
pub struct Shelf {
    /// The folder.
    pub files: Arc<Files>,
    /// What the address of every file begins with; none where nobody said how others reach this node.
    pub public: Option<String>,
}

/// A file that a dossier names and that is not here, or is given to nobody.
#[derive(Clone, Debug)]
pub struct Missing {
    /// Where in the pushed body, as far as that can be told.
    pub pointer: String,
    /// Our path of the fact.
    pub fact: String,
    /// The digest that it names.
    pub digest: [u8; 32],
    /// It is here, and something was found in it.
    pub refused: bool,
}

/// The files of one dossier.
#[derive(Default)]
pub(super) struct Located {
    /// Those that are here, with their addresses.
    pub(super) files: Vec<Naming>,
    /// Those that are not.
    pub(super) missing: Vec<Missing>,
}

impl Outbound {
    /// Begins to take a file; see [`Outbound::keep_file`].
    pub fn begin_file(&self) -> Result<Draft, Unkept> {
        self.parts.shelf.files.begin(self.id(self.now()))
    }

    /// The folder of files.
    pub fn files(&self) -> &Arc<Files> {
        &self.parts.shelf.files
    }

    /// Keeps a file that is on disk. The same bytes of the same system are kept once, and answered as they were.
    pub async fn keep_file(&self, system: &System, kept: Kept) -> Result<FileRow, StoreError> {
        let (at, salt) = (self.now(), self.salt());
        let commit = commit(&salt, &kept.digest);
        let leaf = self.parts.recorder.handed_in(&system.name, kept.id, at, commit);
        let file = NewFile {
            id: kept.id,
            system: system.name.clone(),
            digest: kept.digest,
            size: kept.size,
            media: kept.media,
            at,
            slot: kept.slot,
            salt,
            leaf,
        };
        // After an error nobody knows whether the store has it: the next start looks.
        match self.parts.store.keep_file(file).await? {
            FileKept::New(row) => Ok(row),
            FileKept::Again(row) => {
                self.parts.shelf.files.discard(&kept);
                Ok(row)
            }
        }
    }

    /// What stands at an address.
    pub async fn addressed(&self, address: &str) -> Result<Option<Addressed>, StoreError> {
        self.parts.store.addressed(address).await
    }

    /// Opens a file of the folder.
    pub fn open_file(&self, file: &Addressed) -> Result<Reader, Unread> {
        self.parts.shelf.files.read(file.id, file.size)
    }

    /// Looks up the files that a dossier names by digest, and puts their addresses in it.
    pub(super) async fn locate(&self, system: &System, dossier: &mut Dossier) -> Result<Located, Refusal> {
        let named = translate::named_files(dossier);
        if named.is_empty() {
            return Ok(Located::default());
        }
        let public = self.parts.shelf.public.as_deref();
        let public = public.ok_or(Refusal::NoPublicAddress)?.trim_end_matches('/');
        let digests: BTreeSet<[u8; 32]> = named.iter().map(|file| file.digest).collect();
        let number = dossier.facts.number.as_str();
        let places = self
            .parts
            .store
            .places(&system.name, number, digests.into_iter().collect());
        let (mut located, mut addresses) = (Located::default(), BTreeMap::new());
        let mut bad = BTreeSet::new();
        for place in places.await? {
            if place.scan == Scan::Found && place.address.is_none() {
                bad.insert(place.digest);
                continue;
            }
            let own = named
                .iter()
                .find(|file| file.digest == place.digest && file.name.is_some());
            let name = own.and_then(|file| file.name.clone());
            let name = name.unwrap_or_else(|| nameless(&place.digest, &place.media));
            let address = place.address.unwrap_or_else(|| self.address());
            let whole = format!("{public}{FETCHED}{address}");
            addresses.insert(place.digest, (whole, name.clone()));
            located.files.push(Naming {
                digest: place.digest,
                address,
                name,
            });
        }
        let missing = named
            .into_iter()
            .filter(|file| !addresses.contains_key(&file.digest));
        located.missing = missing.map(|file| self.missing(system, file, &bad)).collect();
        let at = Time::at(self.now().div_euclid(1_000));
        translate::give_addresses(dossier, &addresses, at);
        Ok(located)
    }

    fn missing(&self, system: &System, file: NamedFile, bad: &BTreeSet<[u8; 32]>) -> Missing {
        let NamedFile { fact, digest, .. } = file;
        Missing {
            pointer: self.parts.translator.pointer(&system.mapping, &fact),
            fact,
            refused: bad.contains(&digest),
            digest,
        }
    }

    /// A fresh address: a UUID of version 4, whose 122 bits nobody guesses.
    fn address(&self) -> String {
        let mut random = [0; 16];
        self.parts.dice.bytes(&mut random);
        uuid::Builder::from_random_bytes(random).into_uuid().to_string()
    }
}

/// What a file is called that nobody gave a name.
fn nameless(digest: &[u8; 32], media: &str) -> String {
    let short = data_encoding::HEXLOWER.encode(&digest[..8]);
    format!("{short}.{}", ending(media))
}
