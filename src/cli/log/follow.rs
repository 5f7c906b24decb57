//! The log of a running node read over HTTP like any monitor would: from its checkpoint down to every leaf.

use serde::Deserialize;

use super::super::Failed;
use super::super::remote::Remote;
use crate::evidence::audit::{Auditor, Finding};
use crate::evidence::checkpoint::Checkpoint;
use crate::evidence::note::Vkey;
use crate::evidence::statement::judge::{Judge, Kept};
use crate::evidence::tile::{Place, WIDTH, unbundle};
use crate::upkeep::Checked;

/// The width of a full tile.
const FULL: u16 = 256;

/// Audits everything under the newest checkpoint. Without a known key its signature is not checked.
pub(super) async fn audit(
    remote: &Remote,
    known: Option<&Vkey>,
    held: &[String],
    mut progress: impl FnMut(u64),
) -> Result<Checked, Failed> {
    let Some(note) = remote.find("/log/checkpoint").await? else {
        return Err(Failed::NotDone(
            "this node has given out no checkpoint yet".to_owned(),
        ));
    };
    let mut findings = Vec::new();
    let checkpoint = match opened(&String::from_utf8_lossy(&note), known) {
        Ok(checkpoint) => checkpoint,
        Err(says) => return Ok(unread(says)),
    };
    let size = checkpoint.size;
    let mut checkpoints = vec![checkpoint];
    for note in held {
        match opened(note, known) {
            Ok(checkpoint) => checkpoints.push(checkpoint),
            Err(says) => findings.push(says),
        }
    }
    let mut auditor = Auditor::new(checkpoints).with(judge(remote, known).await?);
    for number in 0..size.div_ceil(WIDTH) {
        let width = (size - number * WIDTH).min(WIDTH);
        match entries(remote, number, width).await? {
            Some(entries) => entries.iter().for_each(|entry| auditor.entry(entry)),
            None => findings.push(format!("the bundle of entries {number} is missing or damaged")),
        }
        tiles(remote, &mut auditor).await?;
        progress(number * WIDTH + width);
    }
    let audit = auditor.finish();
    findings.extend(audit.findings.iter().map(ToString::to_string));
    let backdated = audit.backdated.iter().map(ToString::to_string);
    Ok(Checked {
        leaves: audit.size,
        mapped: audit.mapped,
        statements: audit.statements,
        remarks: backdated.chain(audit.remarks).collect(),
        findings,
    })
}

/// Where the checkpoint itself does not stand, nothing under it is read.
fn unread(says: String) -> Checked {
    Checked {
        leaves: 0,
        mapped: 0,
        statements: 0,
        remarks: Vec::new(),
        findings: vec![says],
    }
}

/// Holds the tiles that became full against those of the node.
async fn tiles(remote: &Remote, auditor: &mut Auditor) -> Result<(), Failed> {
    for tile in auditor.take_tiles() {
        let place = Place {
            level: Some(tile.level),
            number: tile.number,
            width: FULL,
        };
        if remote.find(&format!("/log/{place}")).await?.as_ref() != Some(&tile.bytes) {
            auditor.find(Finding::Tile {
                level: tile.level,
                number: tile.number,
            });
        }
    }
    Ok(())
}

/// A page of the list of statements.
#[derive(Deserialize)]
struct Listed {
    statements: Vec<Stated>,
    next: Option<u64>,
}

/// A statement in it.
#[derive(Deserialize)]
struct Stated {
    number: u64,
    partner: String,
    leaf: u64,
    note: String,
}

/// All statements of the books that the node shows, to be held against its log. They are asked for after the checkpoint: every one
/// that its leaves tell of is among them.
async fn judge(remote: &Remote, known: Option<&Vkey>) -> Result<Judge, Failed> {
    let mut judge = Judge::default();
    let mut target = "/log/statements".to_owned();
    loop {
        let Some(page) = remote.find(&target).await? else {
            return Ok(judge);
        };
        let listed: Listed = serde_json::from_slice(&page)
            .map_err(|error| Failed::NotDone(format!("the list of statements cannot be read: {error}")))?;
        for stated in listed.statements {
            let Stated {
                number,
                partner,
                leaf,
                note,
            } = stated;
            let kept = Kept {
                number,
                partner,
                leaf,
                note,
            };
            judge.hold(&kept, known);
        }
        match listed.next {
            Some(next) => target = format!("/log/statements?before={next}"),
            None => return Ok(judge),
        }
    }
}

/// The checkpoint in a note: verified where the key is known, else as it is written.
fn opened(note: &str, known: Option<&Vkey>) -> Result<Checkpoint, String> {
    let opened = match known {
        Some(known) => Checkpoint::open(note, std::slice::from_ref(known)),
        None => Checkpoint::parse(
            note.split_once("\n\n")
                .map_or(note, |(body, _)| &note[..=body.len()]),
        ),
    };
    opened.map_err(|error| format!("the checkpoint does not stand: {error}"))
}

async fn entries(remote: &Remote, number: u64, width: u64) -> Result<Option<Vec<Vec<u8>>>, Failed> {
    let place = Place {
        level: None,
        number,
        width: u16::try_from(width).unwrap_or(FULL),
    };
    let bundle = remote.find(&format!("/log/{place}")).await?;
    let entries = bundle.and_then(|bytes| unbundle(&bytes));
    Ok(entries.filter(|entries| entries.len() as u64 == width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::FileKey;
    use crate::model::Algorithm;

    #[test]
    fn a_checkpoint_is_read_unverified_only_where_no_key_is_known() {
        let key = FileKey::generate(Algorithm::Ed25519).unwrap();
        let checkpoint = Checkpoint {
            origin: "log.h99.example".into(),
            size: 7,
            root: [7; 32],
        };
        let note = checkpoint.sign(&key).unwrap();
        let known = Vkey::of("log.h99.example", &key).unwrap();
        assert_eq!(opened(&note, Some(&known)), Ok(checkpoint.clone()));
        let forged = note.replace("\n7\n", "\n8\n");
        assert!(opened(&forged, Some(&known)).is_err());
        assert_eq!(opened(&forged, None).map(|checkpoint| checkpoint.size), Ok(8));
        assert!(opened("nonsense", None).is_err());
    }
}
