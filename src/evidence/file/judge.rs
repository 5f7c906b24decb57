//! Holds the files of a dossier against the log, from the checkpoint's signature down to each byte that a leaf commits to.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use serde::Deserialize;

use super::{
    CHECKPOINT, COMPLETENESS, CONSISTENCY, Fault, INDEX, Index, Judged, Opening, Role, STAMPED, TOKEN,
    proof_name, stamp,
};
use crate::evidence::blind::commitment;
use crate::evidence::chain;
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::{self, Chain, Entry};
use crate::evidence::map::text::{Complete, Completeness};
use crate::evidence::note::Vkey;
use crate::evidence::proof::text::ProofText;

/// The members of a receipt that tie it to its leaf and its body.
#[derive(Deserialize)]
struct Receipt {
    number: String,
    digest: String,
    leaf: String,
}

/// Judges the files by the logs' keys that are known.
///
/// # Errors
/// The first thing that does not hold.
pub fn judge(files: &BTreeMap<String, Vec<u8>>, known: &[Vkey]) -> Result<Judged, Fault> {
    let index = Index::read(file(files, INDEX)?)?;
    let checkpoint = text(files, CHECKPOINT)?;
    let completeness = Completeness::parse(text(files, COMPLETENESS)?)?;
    let complete = completeness.check(known)?;
    if completeness.leaf.checkpoint != checkpoint {
        return Err(Fault::OtherCheckpoint(COMPLETENESS.to_owned()));
    }
    if completeness.chain.to_string() != index.chain || complete.checkpoint.origin != index.origin {
        return Err(Fault::OtherChain);
    }
    let entries = entries(files, checkpoint, known)?;
    whole(&completeness.chain, &complete, &entries)?;
    let entries: Vec<Entry> = entries.into_iter().map(|(entry, _)| entry).collect();
    let shut = opened(files, &index, &entries)?;
    let stamped = stamp::judge(files, &complete.checkpoint, known)?;
    Ok(Judged {
        index,
        entries,
        complete,
        shut,
        stamped,
    })
}

pub(super) fn file<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> Result<&'a [u8], Fault> {
    let file = files.get(name).map(Vec::as_slice);
    file.ok_or_else(|| Fault::Missing(name.to_owned()))
}

pub(super) fn text<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> Result<&'a str, Fault> {
    std::str::from_utf8(file(files, name)?).map_err(|_| Fault::Text(name.to_owned()))
}

/// Every leaf with its bytes, by index; each under the one checkpoint.
fn entries(
    files: &BTreeMap<String, Vec<u8>>,
    checkpoint: &str,
    known: &[Vkey],
) -> Result<Vec<(Entry, Vec<u8>)>, Fault> {
    let mut entries = Vec::new();
    for name in files.keys().filter(|name| name.ends_with(".tlog-proof")) {
        let proof = ProofText::parse(text(files, name)?);
        let proof = proof.and_then(|proof| proof.check(None, known).map(|_| proof));
        let proof = proof.map_err(|source| Fault::Proof {
            name: name.clone(),
            source,
        })?;
        if proof.checkpoint != checkpoint {
            return Err(Fault::OtherCheckpoint(name.clone()));
        }
        let bytes = proof.extra.unwrap_or_default();
        let entry = Entry::read(&bytes).map_err(|source| Fault::Leaf {
            name: name.clone(),
            source,
        })?;
        if entry.index != proof.index || *name != proof_name(entry.index) {
            return Err(Fault::OtherLeaf(name.clone()));
        }
        entries.push((entry, bytes));
    }
    entries.sort_by_key(|(entry, _)| entry.index);
    Ok(entries)
}

/// The leaves are the chain from its beginning to the head that the map says.
fn whole(chain: &Chain, complete: &Complete, entries: &[(Entry, Vec<u8>)]) -> Result<(), Fault> {
    let bytes: Vec<&[u8]> = entries.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let head = chain::complete(chain, &bytes)?;
    let given = entries.len() as u64;
    let (newest, proved) = complete.newest.unwrap_or_default();
    if proved != given || head.is_some_and(|head| head.index != newest) {
        return Err(Fault::Count { proved, given });
    }
    Ok(())
}

/// Holds everything that is shown against its leaf; gives the leaves of which nothing is shown.
fn opened(files: &BTreeMap<String, Vec<u8>>, index: &Index, entries: &[Entry]) -> Result<Vec<u64>, Fault> {
    let mut spoken: BTreeSet<&str> = [INDEX, CHECKPOINT, COMPLETENESS, STAMPED, TOKEN, CONSISTENCY].into();
    let proofs: Vec<String> = entries.iter().map(|entry| proof_name(entry.index)).collect();
    spoken.extend(proofs.iter().map(String::as_str));
    let committed = entries.iter().filter(|entry| entry.draft.commit.is_some());
    let mut shut: BTreeSet<u64> = committed.map(|entry| entry.index).collect();
    for opening in &index.opened {
        let entry = entries.iter().find(|entry| entry.index == opening.leaf);
        let entry = entry.ok_or(Fault::NoLeaf(opening.leaf))?;
        if let Some(name) = &opening.file {
            spoken.insert(name);
        }
        if fits(files, index, opening, entry)? {
            shut.remove(&opening.leaf);
        }
    }
    match files.keys().find(|name| !spoken.contains(name.as_str())) {
        Some(stray) => Err(Fault::Stray(stray.clone())),
        None => Ok(shut.into_iter().collect()),
    }
}

/// Whether it opens the leaf's commitment; an error where it should and does not.
fn fits(
    files: &BTreeMap<String, Vec<u8>>,
    index: &Index,
    opening: &Opening,
    entry: &Entry,
) -> Result<bool, Fault> {
    let bytes = match (&opening.file, &opening.digest) {
        (Some(name), None) => file(files, name)?.to_vec(),
        (None, Some(digest)) => hex::<32>(digest).ok_or(Fault::Index)?.to_vec(),
        (Some(_), Some(_)) | (None, None) => return Err(Fault::Index),
    };
    match opening.role {
        Role::Receipt => receipt(files, index, &bytes, entry).map(|()| false),
        Role::Signature | Role::Reply => Ok(false),
        Role::Filed | Role::Dossier | Role::Payload | Role::Sent => committed(opening, &bytes, entry),
        Role::Answer | Role::Callback | Role::Told | Role::Looked => committed(opening, &bytes, entry),
    }
}

fn committed(opening: &Opening, bytes: &[u8], entry: &Entry) -> Result<bool, Fault> {
    let commit = commitment(&hex(&opening.salt).ok_or(Fault::Index)?, bytes);
    let draft = &entry.draft;
    // What is rendered at its attempt is committed to beside all that leaves.
    let beside = draft.facts.get("payload") == Some(&HEXLOWER.encode(&commit));
    let (leaf, role) = (opening.leaf, opening.role);
    if draft.commit == Some(commit) {
        Ok(true)
    } else if beside && role == Role::Payload {
        Ok(false)
    } else {
        Err(Fault::Commitment { leaf, role })
    }
}

/// The receipt is for this dossier, names the leaf's body, and the body that the same leaf commits to.
fn receipt(
    files: &BTreeMap<String, Vec<u8>>,
    index: &Index,
    bytes: &[u8],
    entry: &Entry,
) -> Result<(), Fault> {
    let other = Fault::Receipt(entry.index);
    let Ok(receipt) = serde_json::from_slice::<Receipt>(bytes) else {
        return Err(other);
    };
    let own = |opening: &&Opening| opening.leaf == entry.index && opening.role == Role::Filed;
    let filed = index
        .opened
        .iter()
        .find(own)
        .and_then(|opening| files.get(opening.file.as_ref()?));
    let named = |hash: &Hash| format!("sha-256:{}", HEXLOWER.encode(hash));
    let fits = receipt.leaf == named(&leaf::body_digest(&entry.body))
        && filed.is_some_and(|filed| receipt.digest == named(&hash::digest(&[filed])))
        && receipt.number == index.dossier;
    if fits { Ok(()) } else { Err(other) }
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}
