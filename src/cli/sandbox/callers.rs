//! The way back in the sandbox: the twin calls the gateway, and the books of both sides are compared.

use std::net::SocketAddr;
use std::time::Instant;

use super::super::Failed;
use super::items::{generated, shipped};
use super::payments::Debt;
use super::world::{SYSTEMS, World};
use super::{GLANCE, PATIENCE};
use crate::app;
use crate::config::Config;
use crate::model::Dossier;
use crate::model::codes::{PaymentState, Status};
use crate::store::{CallbackBooks, CallbackRow, Store};
use crate::translate::{Local, Translator};
use crate::twin::{Called, Province, Twin};

/// So many dossiers the national side tells of.
const KNOWN: usize = 12;
/// So many dossiers of one system are paid for.
const OWED: usize = 8;
/// So many dossiers are looked through for them.
const LOOKED_AT: usize = 500;
/// So many parked callbacks are counted by their kind.
const COUNTED: usize = 100_000;
/// What is kept of what we asked for ourselves.
const QUERIED: &str = "queried";
/// The cause of what says another amount than was ordered.
const DIFFERS: &str = "amount-differs";
/// The system that what names no agency belongs to.
const SYSTEM: &str = "opencps";

/// What became of the callbacks, on both sides.
pub(super) struct Callbacks {
    /// What the twin says.
    pub(super) called: Called,
    /// What the store says.
    pub(super) books: CallbackBooks,
    /// Those that somebody must act on.
    pub(super) parked: Vec<CallbackRow>,
    /// Events in the feeds of all systems.
    pub(super) events: u64,
}

/// The province, as the twin knows it.
pub(super) fn province(
    world: &World,
    config: &Config,
    address: SocketAddr,
    asked: (Option<u32>, u64),
) -> Result<(Province, Vec<Debt>), Failed> {
    let translator = app::translator(config)?;
    let mut province = Province {
        address,
        payment: world.token("payment")?,
        vneid: world.token("vneid")?,
        numbers: Vec::new(),
        owing: None,
        awaiting: None,
    };
    for dossier in dossiers(&translator, (config, SYSTEM), asked) {
        let number = dossier.facts.number.as_str().to_owned();
        if province.awaiting.is_none() && dossier.facts.status == Status::SupplementRequested {
            province.awaiting = Some(number);
        } else if province.owing.is_none() && owes(&dossier) {
            province.owing = Some(number);
        } else if province.numbers.len() < KNOWN && !province.numbers.contains(&number) {
            province.numbers.push(number);
        }
    }
    let debts = debts(&translator, config, asked, province.owing.as_deref());
    Ok((province, debts))
}

/// What is paid for through the platform: first the dossier that is kept for the look-up of bills, which nobody pays, and then those of
/// the other systems, which nobody confirms without being asked.
fn debts(
    translator: &Translator,
    config: &Config,
    asked: (Option<u32>, u64),
    owing: Option<&str>,
) -> Vec<Debt> {
    let mut debts: Vec<Debt> = owing
        .map(|number| Debt {
            system: SYSTEM,
            number: number.to_owned(),
        })
        .into_iter()
        .collect();
    for system in SYSTEMS.iter().filter(|system| **system != SYSTEM) {
        let owed = dossiers(translator, (config, system), asked)
            .into_iter()
            .filter(owes)
            .map(|dossier| Debt {
                system,
                number: dossier.facts.number.as_str().to_owned(),
            });
        debts.extend(owed.take(OWED));
    }
    debts
}

fn owes(dossier: &Dossier) -> bool {
    let unpaid = dossier.facts.payment.state == Some(PaymentState::Unpaid);
    unpaid
        && dossier
            .facts
            .fees
            .iter()
            .any(|fee| fee.amount.is_some_and(|amount| amount > 0))
}

/// The dossiers that are pushed by one of the systems, read as the gateway reads them.
fn dossiers(
    translator: &Translator,
    (config, name): (&Config, &'static str),
    (count, seed): (Option<u32>, u64),
) -> Vec<Dossier> {
    let Some(system) = config.systems.get(name) else {
        return Vec::new();
    };
    let local = Local {
        mapping: &system.mapping,
        site: &system.site,
        files: system.files.as_deref(),
    };
    let items: Vec<_> = match count {
        None => shipped(name).take(LOOKED_AT).collect(),
        Some(count) => {
            let place = SYSTEMS.iter().position(|one| *one == name).unwrap_or_default();
            generated(translator, local, (place, count, seed))
                .take(LOOKED_AT)
                .collect()
        }
    };
    let read = items
        .iter()
        .filter_map(|item| translator.read(local, &item.body, 0).ok());
    read.map(|read| read.dossier).collect()
}

/// Waits until everything that was kept is where it can be; false when that takes longer than anybody waits. What names a dossier
/// that the store has does not stay parked for want of it.
pub(super) async fn settle(store: &dyn Store) -> Result<bool, Failed> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if store.callback_books().await?.waiting == 0 && !is_awaited(store).await? {
            return Ok(true);
        }
        tokio::time::sleep(GLANCE).await;
    }
    Ok(false)
}

async fn is_awaited(store: &dyn Store) -> Result<bool, Failed> {
    for row in store.callbacks(None, COUNTED).await? {
        let Some(number) = row.dossier.filter(|_| row.cause.as_deref() == Some("no-dossier")) else {
            continue;
        };
        if store.dossier(&number).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The books of both sides.
pub(super) async fn books(store: &dyn Store, twin: &Twin) -> Result<Callbacks, Failed> {
    let mut events = 0;
    for system in SYSTEMS {
        let mut after = 0;
        loop {
            let rows = store.events(system, after, 1_000).await?;
            let Some(last) = rows.last() else { break };
            after = last.place;
            events += rows.len() as u64;
        }
    }
    Ok(Callbacks {
        called: twin.called(),
        books: store.callback_books().await?,
        parked: store.callbacks(None, COUNTED).await?,
        events,
    })
}

impl Callbacks {
    /// Where they do not agree: what the twin was told is what the store kept, nothing forged was believed, nothing was answered in
    /// two ways, and each that was put on its dossier is told of once.
    pub(super) fn disagreements(&self) -> Vec<String> {
        let (all, books) = (self.called.all(), &self.books);
        // What we asked for ourselves nobody called about, and another amount than was ordered is kept, and said not to be taken.
        let differing = self.parked.iter().filter(|row| {
            let is_called = row.kind != QUERIED;
            is_called && row.cause.as_deref() == Some(DIFFERS)
        });
        let differing = differing.count() as u64;
        let kept = books.applied + books.waiting + books.parked + books.known - books.sought - differing;
        let refused = books.refused + differing;
        let checks = [
            (
                all.taken == kept,
                format!("the twin was told that {} are taken; {kept} are", all.taken),
            ),
            (
                all.refused == refused,
                format!(
                    "the twin was told that {} are not; {refused} are kept so",
                    all.refused
                ),
            ),
            (
                all.believed == 0,
                format!("{} with a wrong checksum or key were taken", all.believed),
            ),
            (
                all.differing == 0,
                format!("{} were answered otherwise the second time", all.differing),
            ),
            (
                self.events == books.applied,
                format!(
                    "{} are on their dossiers, {} events tell of it",
                    books.applied, self.events
                ),
            ),
        ];
        let wrong = checks.into_iter().filter(|(holds, _)| !holds);
        let unexpected = self.called.unexpected.iter();
        wrong
            .map(|(_, what)| what)
            .chain(unexpected.map(|what| format!("answered otherwise than a province should: {what}")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::Calls;

    #[test]
    fn books_agree_only_when_both_sides_say_the_same() {
        let of = |calls: Calls, books: CallbackBooks, events: u64| Callbacks {
            called: Called {
                kinds: [("confirm".to_owned(), calls)].into(),
                unexpected: Vec::new(),
            },
            books,
            parked: Vec::new(),
            events,
        };
        let calls = Calls {
            sent: 5,
            taken: 3,
            refused: 1,
            ..Calls::default()
        };
        let books = CallbackBooks {
            kept: 4,
            applied: 2,
            waiting: 0,
            parked: 1,
            refused: 1,
            ..CallbackBooks::default()
        };
        assert!(of(calls, books, 2).disagreements().is_empty());
        for (calls, books, events) in [
            (Calls { taken: 4, ..calls }, books, 2),
            (Calls { refused: 0, ..calls }, books, 2),
            (Calls { believed: 1, ..calls }, books, 2),
            (
                Calls {
                    differing: 1,
                    ..calls
                },
                books,
                2,
            ),
            (calls, CallbackBooks { parked: 0, ..books }, 2),
            (calls, CallbackBooks { sought: 1, ..books }, 2),
            (calls, books, 3),
        ] {
            assert_eq!(of(calls, books, events).disagreements().len(), 1);
        }
        let mut strange = of(calls, books, 2);
        strange.called.unexpected.push("bill, plain".to_owned());
        assert!(!strange.disagreements().is_empty());
    }
}
