//! The evidence of one dossier in one file: an ASiC-E container with all its leaves, the proof that they are all, and everything that
//! opens what they commit to. It can be checked on any machine, by the log's key alone for what the log says.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::heads::{self, Keeper};
use super::shelf::{Shelf, Unshown, looking};
use crate::evidence::blind::Blind;
use crate::evidence::file::{
    self, CHECKPOINT, COMPLETENESS, CONSISTENCY, INDEX, Index, Opening, Role, STAMPED, TOKEN,
};
use crate::evidence::leaf::{Chain, Entry, Kind, LeafError};
use crate::evidence::map::End;
use crate::evidence::map::text::{Completeness, Incomplete};
use crate::evidence::proof::text::ProofText;
use crate::evidence::tile;
use crate::evidence::tree::Edge;
use crate::evidence::view::View;
use crate::model::Signer;
use crate::signing::cms::{self, EmitError};
use crate::signing::container::{Draft, Object, Unpackable};
use crate::signing::trust::own::{self, SelfError};
use crate::store::{Exhibit, Exhibits, Of, StampRow, Store, StoreError};

/// Why no evidence was written.
#[derive(Debug, thiserror::Error)]
pub enum Unexported {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log could not be read.
    #[error(transparent)]
    Shown(#[from] Unshown),
    /// A leaf of the dossier cannot be read.
    #[error("a leaf of the dossier cannot be read: see `lienthong log verify`")]
    Leaf(#[from] LeafError),
    /// What was just written as a proof is none.
    #[error(transparent)]
    Completeness(#[from] Incomplete),
    /// No certificate could be made for the key that seals.
    #[error(transparent)]
    Certificate(#[from] SelfError),
    /// The container was not signed.
    #[error(transparent)]
    Signature(#[from] EmitError),
    /// The container could not be packed.
    #[error(transparent)]
    Packed(#[from] Unpackable),
}

/// What is exported, and by whom it is sealed.
pub(super) struct Wanted<'a> {
    /// The dossier's number.
    pub(super) number: &'a str,
    /// The log's name.
    pub(super) origin: &'a str,
    /// The key that seals the container.
    pub(super) signer: &'a dyn Signer,
    /// When, ms since 1970.
    pub(super) now: i64,
}

/// The container of a dossier, with what is shown of it; none when no checkpoint stands over its leaves and a map.
pub(super) async fn export(
    store: &Arc<dyn Store>,
    keeper: &mut Option<Keeper>,
    shown: &Exhibits,
    wanted: &Wanted<'_>,
) -> Result<Option<Vec<u8>>, Unexported> {
    let chain = Chain::Dossier(Blind(shown.blind));
    let Some(text) = heads::complete(store, keeper, chain.clone()).await? else {
        return Ok(None);
    };
    let completeness = Completeness::parse(&text)?;
    let (note, head) = (completeness.leaf.checkpoint.clone(), completeness.proof.end);
    let (walked, size) = (chain.clone(), completeness.leaf.index + 1);
    let proofs = looking(store, move |shelf| {
        leaves(shelf, &walked, head, &completeness.leaf)
    })
    .await?;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut entries = Vec::new();
    for proof in &proofs {
        entries.push(Entry::read(proof.extra.as_deref().unwrap_or_default())?);
        files.insert(file::proof_name(proof.index), proof.to_string().into_bytes());
    }
    let newest = entries.last().map_or(0, |entry| entry.index);
    stamped(store, &mut files, (newest, size)).await?;
    files.insert(CHECKPOINT.to_owned(), note.into_bytes());
    files.insert(COMPLETENESS.to_owned(), text.into_bytes());
    let index = Index {
        v: 1,
        origin: wanted.origin.to_owned(),
        dossier: wanted.number.to_owned(),
        chain: chain.to_string(),
        opened: opened(shown, &entries, &mut files),
    };
    files.insert(INDEX.to_owned(), index.to_json());
    Ok(Some(packed(&files, wanted)?))
}

/// Lays the stamp beside the proofs that says the most of a dossier whose newest leaf is this one: the earliest over all its leaves, else
/// the newest there is. A stamp over more than the checkpoint of the proofs is of the next export.
async fn stamped(
    store: &Arc<dyn Store>,
    files: &mut BTreeMap<String, Vec<u8>>,
    (newest, size): (u64, u64),
) -> Result<(), Unexported> {
    let under = |stamp: &StampRow| stamp.leaves <= size;
    let over_all = store.stamp_over(newest + 1).await?.filter(under);
    let stamp = match over_all {
        Some(stamp) => Some(stamp),
        None => store.newest_stamp().await?.filter(under),
    };
    let Some(stamp) = stamp else {
        return Ok(());
    };
    let old = stamp.leaves;
    let path = looking(store, move |shelf| {
        let edge = Edge::read(size, shelf)?;
        Ok(View::new(&edge, shelf).consistency(old, size)?)
    });
    let path = file::Path(path.await?);
    files.insert(CONSISTENCY.to_owned(), path.to_string().into_bytes());
    files.insert(STAMPED.to_owned(), stamp.note.into_bytes());
    files.insert(TOKEN.to_owned(), stamp.token);
    Ok(())
}

/// The proofs of all leaves of a chain under the checkpoint of the map's leaf, oldest first: from its head backwards, link by link.
fn leaves(shelf: &Shelf, chain: &Chain, head: End, map: &ProofText) -> Result<Vec<ProofText>, Unshown> {
    let size = map.index + 1;
    let edge = Edge::read(size, shelf)?;
    let mut view = View::new(&edge, shelf);
    let mut next = match head {
        End::Here { index, .. } => Some(index),
        End::Other(_) | End::Nothing => None,
    };
    let mut proofs = Vec::new();
    while let Some(index) = next {
        let extra = tile::entries(shelf, index..index + 1)?.pop();
        let entry = extra.as_deref().and_then(|bytes| Entry::read(bytes).ok());
        let link = entry.and_then(|entry| entry.links.into_iter().find(|(of, _)| of == chain));
        // A link leads back, or nowhere: a log that was tampered with must not lead in a circle.
        next = link
            .and_then(|(_, before)| Some(before?.index))
            .filter(|before| *before < index);
        proofs.push(ProofText {
            extra,
            index,
            path: view.inclusion(index, size)?,
            checkpoint: map.checkpoint.clone(),
        });
    }
    proofs.reverse();
    Ok(proofs)
}

/// Puts what is shown beside the proofs, and says of which leaf it is.
fn opened(shown: &Exhibits, entries: &[Entry], files: &mut BTreeMap<String, Vec<u8>>) -> Vec<Opening> {
    let mut opened = Vec::new();
    for exhibit in &shown.exhibits {
        // What was entered after the checkpoint is of the next export.
        let Some(leaf) = place(exhibit, entries) else {
            continue;
        };
        let (role, salt) = (exhibit.role, data_encoding::HEXLOWER.encode(&exhibit.salt));
        let is_digest = matches!(role, Role::Sent | Role::Looked);
        let digest = is_digest.then(|| data_encoding::HEXLOWER.encode(&exhibit.bytes));
        let file = (!is_digest).then(|| name(role, leaf));
        files.extend(file.iter().map(|name| (name.clone(), exhibit.bytes.clone())));
        opened.push(Opening {
            role,
            leaf,
            salt,
            file,
            digest,
        });
    }
    opened
}

/// The leaf that tells of an exhibit, if it is one of these.
fn place(exhibit: &Exhibit, entries: &[Entry]) -> Option<u64> {
    match exhibit.of {
        Of::Leaf(leaf) => entries
            .iter()
            .map(|entry| entry.index)
            .find(|index| *index == leaf),
        Of::Attempt(exchange, number) => {
            let (id, number) = (exchange.to_string(), number.to_string());
            let ended = exhibit.role == Role::Answer;
            let own = |entry: &&Entry| {
                let draft = &entry.draft;
                let kind = if ended {
                    draft.kind == Kind::Settled
                } else {
                    matches!(draft.kind, Kind::Attempted | Kind::Probed)
                };
                let attempt = draft.facts.get("attempt") == Some(&number);
                kind && attempt && draft.exchange.as_deref() == Some(&id) && draft.commit.is_some()
            };
            entries.iter().find(own).map(|entry| entry.index)
        }
    }
}

fn name(role: Role, leaf: u64) -> String {
    let (folder, ending) = match role {
        Role::Filed => ("filed", "body"),
        Role::Receipt => ("receipts", "json"),
        Role::Dossier => ("dossiers", "json"),
        Role::Payload => ("payloads", "payload"),
        Role::Signature => ("payloads", "jws"),
        Role::Sent => ("sent", "sha256"),
        Role::Answer => ("answers", "body"),
        Role::Callback => ("callbacks", "body"),
        Role::Reply => ("callbacks", "reply"),
        Role::Told => ("told", "json"),
        Role::Looked => ("looked", "sha256"),
    };
    format!("{folder}/{leaf}.{ending}")
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("json") => "application/json",
        Some("tlog-proof" | "completeness" | "consistency") | None => "text/plain",
        Some("tst") => "application/vnd.etsi.timestamp-token",
        Some("jws") => "application/jose",
        Some(_) => "application/octet-stream",
    }
}

fn packed(files: &BTreeMap<String, Vec<u8>>, wanted: &Wanted<'_>) -> Result<Vec<u8>, Unexported> {
    let objects: Vec<Object<'_>> = files
        .iter()
        .map(|(name, bytes)| Object {
            name,
            media_type: media_type(name),
            bytes,
        })
        .collect();
    let draft = Draft::new(&objects)?;
    let at = Timestamp::from_millisecond(wanted.now).unwrap_or(Timestamp::UNIX_EPOCH);
    let certificate = own::self_issued(wanted.signer, wanted.origin, at)?;
    let signature = cms::sign(&[draft.to_sign()], wanted.signer, &[certificate], at)?;
    Ok(draft.finish(&signature)?)
}
