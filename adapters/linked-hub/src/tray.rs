//! The hub's tray: the linked dossiers that wait there until the province has said that it took them (§4.7).

use data_encoding::HEXLOWER;
use wire::callback::{Callback, Effect, Paper, Proof, Unread};
use wire::tray::{Asks, Item, Tray};

use crate::linked::{items, linked};

/// What waits at the hub.
pub struct Waiting;

impl Tray for Waiting {
    fn name(&self) -> &'static str {
        "linked-hub"
    }

    fn lists(&self) -> &'static str {
        "list"
    }

    fn reads(&self) -> Asks {
        Asks {
            operation: "detail",
            argument: "id",
        }
    }

    fn acknowledges(&self) -> Asks {
        Asks {
            operation: "acknowledge",
            argument: "linked",
        }
    }

    fn items(&self, listed: &[u8]) -> Option<Vec<Item>> {
        let items = items(listed)?.into_iter();
        let item = |row: crate::linked::Item| Item {
            id: row.id,
            key: row.number,
        };
        Some(items.map(item).collect())
    }

    fn read(&self, item: &Item, whole: &[u8], sha256: fn(&[u8]) -> [u8; 32]) -> Result<Callback, Unread> {
        let linked = linked(whole, sha256).ok_or(Unread::Body)?;
        // The number is what it is kept and acknowledged by: an answer about another dossier is no answer.
        if linked.number != item.key {
            return Err(Unread::Wrong("maHoSo"));
        }
        let papers = linked.papers.into_iter().filter_map(|paper| paper.bytes.ok());
        Ok(Callback {
            kind: kind(&linked.module),
            effect: Effect::Files,
            key: linked.number,
            number: None,
            reference: None,
            agency: None,
            procedure: linked.procedure,
            updating: None,
            at: None,
            money: None,
            proof: Proof::Nothing,
            document: linked.entry,
            papers: papers
                .map(|bytes| Paper {
                    digest: HEXLOWER.encode(&sha256(&bytes)),
                    bytes,
                })
                .collect(),
        })
    }
}

/// What a module registers. One that is not known is kept as what it is, so that somebody sees it.
fn kind(module: &str) -> &'static str {
    match module {
        "KS" | "LTKS" => "birth",
        "KT" | "LTKT" => "death",
        _ => "linked",
    }
}
