//! In the worker: what became of what a register of the state was pushed. It is asked with growing pauses, and each state that
//! is new is received as what that register says of the dossier, before the next question is put off.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wire::awaited::{Row, Stand};

use super::Inbound;
use super::poll::nobody;
use super::record::About;
use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::partner::Partner;
use crate::store::{Awaited, Awaiting, Found, Receipt, Received, Renewal, StoreError};

/// The longest that a loop sleeps before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A register that is asked what came of what it was pushed.
pub struct Register {
    /// The conversation.
    pub partner: Arc<Partner>,
    /// What the question is, and what it brings.
    pub wire: Box<dyn wire::awaited::Awaited>,
    /// The mapping that reads each kind.
    pub mappings: BTreeMap<String, String>,
    /// How long to wait after a state that is new, then after those that are not.
    pub waits: Vec<Duration>,
    /// The most that one round asks for.
    pub batch: usize,
}

impl Register {
    /// When it is asked again that was asked so often in vain, ms since 1970.
    fn again(&self, tries: u32, now: i64) -> i64 {
        let place = usize::try_from(tries).unwrap_or(usize::MAX);
        let place = place.min(self.waits.len().saturating_sub(1));
        let wait = self.waits.get(place).copied().unwrap_or(LOOK_AGAIN);
        now.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Inbound {
    /// The registers that are asked.
    pub fn registers(&self) -> &[Arc<Register>] {
        &self.parts.registers
    }

    /// Asks for what is due, at most a batch; says for how many.
    pub async fn results(&self, register: &Register) -> Result<usize, StoreError> {
        let store = &self.parts.store;
        let due = store
            .awaiting(register.partner.name(), self.now(), register.batch)
            .await?;
        let count = due.len();
        let mut groups: BTreeMap<String, Vec<Awaiting>> = BTreeMap::new();
        for one in due {
            groups.entry(one.asked.clone()).or_default().push(one);
        }
        let most = register.partner.most_of(register.wire.asks());
        for (asked, group) in &groups {
            for some in group.chunks(most) {
                let rows = self.rows(register, asked, some).await;
                let found = self.stands(register, some, rows).await?;
                store.found(found).await?;
            }
        }
        Ok(count)
    }

    /// How long no question of this register is due.
    pub async fn unasked(&self, register: &Register) -> Duration {
        match self.parts.store.awaits_at(register.partner.name()).await {
            Ok(Some(at)) => {
                let wait = u64::try_from(at.saturating_sub(self.now()).max(1)).unwrap_or(1);
                Duration::from_millis(wait).min(LOOK_AGAIN)
            }
            Ok(None) | Err(_) => LOOK_AGAIN,
        }
    }

    /// One question for some of them. Whatever comes back that cannot be used is no row.
    async fn rows(&self, register: &Register, asked: &str, some: &[Awaiting]) -> Vec<Row> {
        let numbers: Vec<&str> = some.iter().map(|one| one.number.as_str()).collect();
        let numbers = numbers.join(",");
        let together: Vec<(String, String)> = serde_json::from_str(asked).unwrap_or_default();
        let with = together
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let arguments: Vec<(&str, &str)> = with.chain([("dossiers", numbers.as_str())]).collect();
        let answer = match register.partner.ask(register.wire.asks(), &arguments).await {
            Ok(reading) => reading.result,
            Err(why) => {
                tracing::warn!(partner.name = register.partner.name(), cause = %why, "a register did not say what came of what it has");
                return Vec::new();
            }
        };
        let Some(answer) = answer else { return Vec::new() };
        let rows = register.wire.rows(&answer, |bytes| hash::digest(&[bytes]));
        rows.unwrap_or_else(|| {
            tracing::warn!(
                partner.name = register.partner.name(),
                "what a register says cannot be read"
            );
            Vec::new()
        })
    }

    /// What was found of each that was asked for. What is new of it is kept before that.
    async fn stands(
        &self,
        register: &Register,
        some: &[Awaiting],
        rows: Vec<Row>,
    ) -> Result<Vec<Found>, StoreError> {
        let mut rows: BTreeMap<String, Row> = rows.into_iter().map(|row| (row.number.clone(), row)).collect();
        let mut all = Vec::with_capacity(some.len());
        for one in some {
            let row = rows.remove(&one.number);
            let new = row.filter(|row| one.code.as_ref() != Some(&row.code));
            let found = match new {
                Some(row) => self.heard(register, one, row).await?,
                None => Found {
                    number: one.number.clone(),
                    round: one.round,
                    code: None,
                    tries: one.tries.saturating_add(1),
                    stands: Awaited::Again(register.again(one.tries.saturating_add(1), self.now())),
                },
            };
            all.push(found);
        }
        Ok(all)
    }

    /// A state that is new: kept as what the register says.
    async fn heard(&self, register: &Register, one: &Awaiting, row: Row) -> Result<Found, StoreError> {
        let (code, stand) = (row.code.clone(), row.stand);
        let reception = self
            .parts
            .store
            .receive(self.result(register, one.round, row))
            .await?;
        if reception.end == Some(Received::Taken) {
            self.received.notify_one();
        }
        let partner = register.partner.name().to_owned();
        metrics::counter!("lienthong_results_total", "partner" => partner, "end" => reception.end.map_or("repeat", Received::word))
            .increment(1);
        Ok(Found {
            number: one.number.clone(),
            round: one.round,
            code: Some(code),
            tries: 0,
            stands: match stand {
                Stand::Underway => Awaited::Again(register.again(0, self.now())),
                Stand::Supplement => Awaited::Supplement,
                Stand::Ended => Awaited::Ended,
            },
        })
    }

    /// What a register says, as a callback that nobody waits for the reply of. Each push has states of its own.
    fn result(&self, register: &Register, round: u32, row: Row) -> Receipt {
        let (at, salt) = (self.now(), self.salt());
        let id = self.id(at);
        let said = row.said;
        let (recorder, partner, kind) = (
            self.parts.recorder.clone(),
            register.partner.name().to_owned(),
            said.kind,
        );
        let commit = commitment(&salt, &said.document);
        let papers = said
            .papers
            .into_iter()
            .map(|paper| (hash::digest(&[&paper.bytes]), paper.bytes));
        Receipt {
            id,
            listener: partner.clone(),
            kind,
            key: format!("{round}/{}", said.key),
            digest: hash::digest(&[&said.document]),
            document: said.document,
            papers: papers.collect(),
            at,
            said_at: said.at.or(Some(at)),
            updating: false,
            renewal: Renewal::Never,
            files: false,
            series: None,
            number: said.number,
            system: None,
            order: None,
            sought: true,
            salt,
            telling: Arc::new(move |end, number| {
                let about = About {
                    callback: id,
                    partner: &partner,
                    kind,
                    number,
                };
                (nobody(), recorder.received(about, at, end.word(), commit))
            }),
        }
    }
}
