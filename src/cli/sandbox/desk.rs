//! The desk in the sandbox: what lay at the hub of linked births and deaths is accepted as its system would, registered with civil
//! status, and the books of both sides are compared.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};

use super::super::Failed;
use super::super::push::{Gateway, Item, Pushed};
use super::world::World;
use super::{GLANCE, PATIENCE};
use crate::store::{RegistrationRow, Store, TrayRow};
use crate::twin::Twin;

/// The system whose desk it is.
const SYSTEM: &str = "opencps";
/// The partner that the hub is.
const HUB: &str = "hub";
/// So many are counted.
const COUNTED: usize = 100_000;

/// What became of what lay at the hub, and of what was registered, on both sides.
pub(super) struct Desk {
    items: Vec<TrayRow>,
    registrations: Vec<RegistrationRow>,
    /// What still lies at the hub, by the twin.
    lies: usize,
    /// What the hub was told of, by the twin.
    taken: u64,
    /// What was registered, by the twin.
    registered: u64,
    /// States that were told and taken, by the store and by the twin.
    told: (u64, u64),
}

/// Waits until the hub holds nothing more for the province; false when that takes longer than anybody waits.
pub(super) async fn taken(store: &dyn Store, twin: &Twin) -> Result<bool, Failed> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let items = store.tray_items(COUNTED).await?;
        let told = items.iter().all(|item| item.acknowledged);
        if twin.lies_at_hub() == 0 && told && store.callback_books().await?.waiting == 0 {
            return Ok(true);
        }
        tokio::time::sleep(GLANCE).await;
    }
    Ok(false)
}

/// Pushes what lay at the hub as the desk does that accepted it; gives back what was not taken.
pub(super) async fn push(
    world: &World,
    gateway: &str,
    store: &dyn Store,
) -> Result<Vec<(String, Pushed)>, Failed> {
    let gateway = std::sync::Arc::new(Gateway::new(gateway, SYSTEM, &world.token(SYSTEM)?)?);
    let items = filed(store).await?.into_iter().map(|(number, document)| Item {
        name: number,
        body: accepted(document).to_string().into_bytes(),
    });
    let mut unpushed = Vec::new();
    let all = gateway.all(items, |name, pushed| {
        let accepted = pushed == Pushed::Accepted;
        unpushed.extend((!accepted).then(|| (format!("{HUB}: {name}"), pushed)));
    });
    all.await;
    Ok(unpushed)
}

/// The documents of what lay at the hub, in the words of the system, by their numbers: the latest of each.
async fn filed(store: &dyn Store) -> Result<BTreeMap<String, Value>, Failed> {
    let (mut filed, mut after) = (BTreeMap::new(), 0);
    loop {
        let rows = store.events(SYSTEM, after, 1_000).await?;
        let Some(last) = rows.last() else {
            return Ok(filed);
        };
        after = last.place;
        for row in rows {
            let event: Value = serde_json::from_slice(&row.body).unwrap_or_default();
            let data = &event["data"];
            let files = row.kind != "dossier.news";
            if files && data["partner"] == HUB && data["document"].is_object() {
                filed.insert(row.number, data["document"].clone());
            }
        }
    }
}

/// What a desk adds to a dossier that it accepted: when, what it is about, who is competent, and where its own copies of the
/// papers are.
fn accepted(mut document: Value) -> Value {
    document["dossierStatus"] = json!("receiving");
    document["receiveDate"] = json!("09/01/2026 08:00:00");
    document["dossierName"] = json!("Đăng ký hộ tịch liên thông");
    document["govAgencyCode"] = json!("H99.14");
    document["govAgencyName"] = json!("Ủy ban nhân dân phường Mẫu");
    for file in document["dossierFiles"].as_array_mut().into_iter().flatten() {
        let id = file["dossierFileId"].to_string();
        file["fileUrl"] = json!(format!("http://{SYSTEM}.h99.example/files/{id}"));
    }
    document
}

/// Waits until nothing that was pushed is still awaited, and nothing there is to be told; false when that takes longer than
/// anybody waits.
pub(super) async fn settle(store: &dyn Store) -> Result<bool, Failed> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let rows = store.registrations(None, COUNTED).await?;
        let mut states = rows.iter().map(|row| row.state.as_str());
        let open = states.any(|state| matches!(state, "due" | "pushed" | "awaited"));
        if !open && store.stale(1).await?.is_empty() {
            return Ok(true);
        }
        tokio::time::sleep(GLANCE).await;
    }
    Ok(false)
}

/// The books of both sides.
pub(super) async fn books(store: &dyn Store, twin: &Twin) -> Result<Desk, Failed> {
    let tally = twin.summary().databases;
    Ok(Desk {
        items: store.tray_items(COUNTED).await?,
        registrations: store.registrations(None, COUNTED).await?,
        lies: twin.lies_at_hub(),
        taken: tally.hub_taken,
        registered: tally.registrations,
        told: (store.states_told().await?, tally.hub_states),
    })
}

impl Desk {
    /// Dossiers that the register has, as the store knows it.
    pub(super) fn registered(&self) -> u64 {
        self.counted(&["awaited", "supplement", "ended"])
    }

    /// Dossiers of the hub that are kept and acknowledged.
    pub(super) fn acknowledged(&self) -> u64 {
        let told = self.items.iter().filter(|item| item.acknowledged);
        told.count() as u64
    }

    fn counted(&self, states: &[&str]) -> u64 {
        let rows = self.registrations.iter();
        rows.filter(|row| states.contains(&row.state.as_str())).count() as u64
    }

    /// Where the two sides do not say the same.
    pub(super) fn disagreements(&self) -> Vec<String> {
        let (acknowledged, registered) = (self.acknowledged(), self.registered());
        let checks = [
            (
                self.lies == 0,
                format!("{} dossiers still lie at the hub", self.lies),
            ),
            (
                acknowledged == self.items.len() as u64 && acknowledged == self.taken,
                format!(
                    "of {} dossiers of the hub {acknowledged} are acknowledged; the hub was told of {}",
                    self.items.len(),
                    self.taken
                ),
            ),
            (
                registered == self.registered,
                format!(
                    "{registered} dossiers are registered; the register has {}",
                    self.registered
                ),
            ),
            (
                self.told.0 == self.told.1,
                format!("{} states are told; the hub took {}", self.told.0, self.told.1),
            ),
        ];
        let wrong = checks.into_iter().filter(|(holds, _)| !holds);
        wrong.map(|(_, what)| what).collect()
    }

    /// One line for people.
    pub(super) fn line(&self) -> String {
        format!(
            "the hub: {} dossiers taken, {} acknowledged, {} states told; {} registered with civil status, {} with their end known, {} stopped",
            self.items.len(),
            self.acknowledged(),
            self.told.0,
            self.registered(),
            self.counted(&["ended"]),
            self.counted(&["stopped", "refused"]),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_agree_only_when_both_sides_say_the_same() {
        let desk = |acknowledged, lies, taken, registered, told| Desk {
            items: vec![TrayRow {
                tray: HUB.into(),
                item: "LT-1".into(),
                number: "H99-1".into(),
                acknowledged,
            }],
            registrations: vec![RegistrationRow {
                number: "H99-1".into(),
                state: "ended".into(),
                partner: None,
                round: 1,
                code: None,
                owner: None,
                action: None,
                cause: None,
            }],
            lies,
            taken,
            registered,
            told,
        };
        assert!(desk(true, 0, 1, 1, (5, 5)).disagreements().is_empty());
        for wrong in [
            desk(false, 0, 1, 1, (5, 5)),
            desk(true, 1, 1, 1, (5, 5)),
            desk(true, 0, 2, 1, (5, 5)),
            desk(true, 0, 1, 2, (5, 5)),
            desk(true, 0, 1, 1, (5, 6)),
        ] {
            assert_eq!(wrong.disagreements().len(), 1);
        }
    }
}
