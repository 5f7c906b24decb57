//! In the worker, in order per dossier: route, translate, sign, and put in the outbox, all in one transaction.

use std::collections::HashSet;

use futures_util::future::join_all;

use super::record::{About, commit};
use super::{Destination, Error, Outbound};
use crate::evidence::blind::Blind;
use crate::evidence::hash;
use crate::evidence::leaf::Draft;
use crate::model::{Dossier, ExchangeId, Finding, Operation, Owner, Step};
use crate::store::{Filing, NewStep, Prepared, Rendered, Stopped};
use crate::translate::{self, Untranslatable};

/// What to write beside a message that could not be made.
const MEND: &str = "correct mapping, code list, catalogue or partner, then `lienthong outbox retry` or push the dossier again";
/// Facts that are logged of one document that cannot be made.
const TOLD: usize = 10;

/// A filing and the dossier that was read from it; none when that cannot be read.
struct Opened {
    filing: Filing,
    dossier: Option<Dossier>,
    /// The dossier is no longer as it was filed.
    changed: bool,
}

/// What one round of preparing came to.
#[derive(Debug, Default)]
pub struct Round {
    /// Filings that are prepared, and dossiers that are put off for a moment because their key is not at hand.
    pub prepared: usize,
    /// Filings about which the state is asked first, each the only one of its dossier: [`Outbound::prepare_one`] takes them.
    pub asking: Vec<Filing>,
}

impl Outbound {
    /// Prepares up to `most` filings in order of acceptance. Up to `room` of those about which the state is asked first are
    /// taken in hand and given back; what stands behind another of its dossier stays where it is.
    pub async fn prepare(&self, most: usize, room: usize) -> Result<Round, Error> {
        let held = self.hands.held(self.now());
        let filings = self.parts.store.unprepared(most, &held).await?;
        let mut round = Round::default();
        let (mut plain, mut behind) = (Vec::new(), HashSet::new());
        for opened in filings.into_iter().map(|filing| self.opened(filing)) {
            let number = opened.filing.number.clone();
            let asks = opened
                .dossier
                .as_ref()
                .is_some_and(|dossier| self.has_rules(dossier));
            if behind.contains(&number) {
                continue;
            }
            if !asks {
                plain.push(opened);
                continue;
            }
            if round.asking.len() < room && self.hands.take(&number) {
                round.asking.push(opened.filing);
            }
            behind.insert(number);
        }
        round.prepared = self.prepare_plain(plain).await?;
        Ok(round)
    }

    /// Prepares filings about which nobody is asked, all at the same time: a key that waits signs many beside each other.
    /// What is not signed yet is put off with all that stands behind it of its dossier.
    async fn prepare_plain(&self, plain: Vec<Opened>) -> Result<usize, Error> {
        let numbers: Vec<String> = plain.iter().map(|opened| opened.filing.number.clone()).collect();
        let made = join_all(plain.into_iter().map(|opened| self.prepared(opened))).await;
        let (mut ready, mut waiting, mut why) = (Vec::new(), HashSet::new(), None);
        for (number, made) in numbers.into_iter().zip(made) {
            match made {
                Ok(prepared) if !waiting.contains(&number) => ready.push(prepared),
                Ok(_) => {}
                Err(error) => {
                    waiting.insert(number);
                    why = Some(error);
                }
            }
        }
        let put_off = waiting
            .iter()
            .filter(|number| self.hands.put_off(number, self.now()))
            .count();
        let moved = ready.len() + put_off;
        self.enqueue(ready).await?;
        match why {
            Some(error) if moved == 0 => return Err(error),
            Some(error) => {
                tracing::error!(dossiers.count = waiting.len(), error = %error, "dossiers wait for a signing key");
            }
            None => {}
        }
        Ok(moved)
    }

    /// Prepares one filing with what the state holds.
    pub async fn prepare_one(&self, filing: Filing) -> Result<(), Error> {
        let mut opened = self.opened(filing);
        if let Some(dossier) = &mut opened.dossier {
            self.reuse(&opened.filing, dossier).await?;
            opened.changed = true;
        }
        let prepared = self.prepared(opened).await?;
        self.enqueue(vec![prepared]).await
    }

    /// Lets go of a dossier of which [`Outbound::prepare`] gave a filing back.
    pub fn let_go(&self, number: &str) {
        self.hands.let_go(number);
        self.accepted.notify_one();
    }

    async fn enqueue(&self, prepared: Vec<Prepared>) -> Result<(), Error> {
        if prepared.is_empty() {
            return Ok(());
        }
        self.parts.store.enqueue(prepared).await?;
        self.due.notify_one();
        for destination in self.parts.destinations.values() {
            destination.queued.notify_one();
        }
        Ok(())
    }

    /// Reads the dossier of a filing; what its system says itself of reuse is taken out, unless it is to be passed on.
    fn opened(&self, filing: Filing) -> Opened {
        let mut dossier = serde_json::from_slice::<Dossier>(&filing.dossier).ok();
        let passed_on = self.parts.reusing.claims;
        let claimed = dossier
            .as_mut()
            .filter(|_| !passed_on)
            .map(crate::reuse::claims)
            .unwrap_or_default();
        if !claimed.is_empty() {
            tracing::debug!(
                facts.count = claimed.len(),
                "a system's own claims of reuse are not passed on"
            );
        }
        Opened {
            filing,
            dossier,
            changed: !claimed.is_empty(),
        }
    }

    /// What one filing comes to. A filing that cannot be prepared is stopped with an owner, because all others stand behind
    /// it; it fails only where its key is not at hand, and is then left as it was.
    async fn prepared(&self, opened: Opened) -> Result<Prepared, Error> {
        let Opened {
            filing,
            dossier,
            changed,
        } = opened;
        let filing = &filing;
        let at = self.now();
        let exchange = filing.exchange.unwrap_or_else(|| self.id(at));
        let reused = dossier
            .as_ref()
            .filter(|_| changed)
            .map(|dossier| self.reused(filing, dossier));
        let made = self.made(filing, dossier.as_ref(), exchange).await?;
        let Made {
            message,
            steps,
            subject,
            progress,
            chunk,
        } = made.unwrap_or_else(|cause| Made::not(exchange, cause));
        let about = |exchange, operation| About {
            exchange,
            number: &filing.number,
            subject,
            partner: &filing.partner,
            operation,
        };
        let recorder = &self.parts.recorder;
        let about_it = about(exchange, Operation::Create);
        let leaf = self.first_leaf(about_it, at, &message);
        let step_ids: Vec<_> = (0..steps.len().div_ceil(chunk)).map(|_| self.id(at)).collect();
        let step_leaves = step_ids
            .iter()
            .map(|id| recorder.queued(about(*id, Operation::Progress), at, progress, None))
            .collect();
        let due_at = filing
            .due_at
            .filter(|due| *due > at)
            .unwrap_or(filing.at.saturating_add(self.parts.give_up));
        Ok(Prepared {
            filing: filing.id,
            number: filing.number.clone(),
            partner: filing.partner.clone(),
            at,
            give_up_at: due_at,
            due_at,
            message,
            reused,
            registers: dossier.as_ref().is_some_and(|dossier| self.registers(dossier)),
            steps,
            chunk,
            step_ids,
            leaf,
            step_leaves,
        })
    }

    /// The leaf of a message that was made, or could not be.
    fn first_leaf(
        &self,
        about: About<'_>,
        at: i64,
        message: &Result<(ExchangeId, Rendered), Stopped>,
    ) -> Draft {
        let recorder = &self.parts.recorder;
        match message {
            Ok((_, rendered)) => {
                let committed = commit(&rendered.salt, &rendered.payload);
                recorder.queued(about, at, &rendered.mapping, Some(committed))
            }
            Err(stopped) => recorder.stopped(about, at, &stopped.cause),
        }
    }

    /// The message and the steps of a filing; the error is the cause why there can be none, one stable word.
    async fn made(
        &self,
        filing: &Filing,
        dossier: Option<&Dossier>,
        exchange: ExchangeId,
    ) -> Result<Result<Made<'_>, &'static str>, Error> {
        let Ok(destination) = self.destination(&filing.partner) else {
            return Ok(Err("no-such-partner"));
        };
        let read = dossier.and_then(|dossier| Some((dossier, steps(filing, dossier)?)));
        let Some((dossier, steps)) = read else {
            return Ok(Err("filing-unreadable"));
        };
        let message = self.message(destination, dossier).await?;
        Ok(Ok(Made {
            message: message
                .map(|rendered| (exchange, rendered))
                .map_err(|cause| stopped(exchange, cause)),
            steps,
            subject: self.parts.recorder.subject(translate::identity(dossier)),
            progress: &destination.progress,
            chunk: destination.partner.most(Operation::Progress),
        }))
    }

    /// The dossier as it stands with what the state holds, and the leaf that commits to it.
    fn reused(&self, filing: &Filing, dossier: &Dossier) -> (Vec<u8>, Draft) {
        let json = serde_json::to_vec(dossier).unwrap_or_default();
        let count = |of: fn(&Finding) -> usize| dossier.findings.iter().map(of).sum();
        let counts = [
            ("filled", count(|finding| finding.filled.len())),
            ("verified", count(|finding| finding.verified.len())),
            ("differs", count(|finding| finding.differs.len())),
            ("replaced", count(|finding| finding.replaced.len())),
        ];
        let committed = commit(&filing.salt, &json);
        let leaf = self
            .parts
            .recorder
            .reused(&filing.number, self.now(), committed, counts);
        (json, leaf)
    }

    async fn message(
        &self,
        destination: &Destination,
        dossier: &Dossier,
    ) -> Result<Result<Rendered, &'static str>, Error> {
        let written = self.parts.translator.message(&destination.dossier, dossier);
        match written {
            Ok(written) => self.seal(destination, written).await,
            Err(why) => Ok(Err(untranslated(&why))),
        }
    }

    pub(super) fn id(&self, at: i64) -> ExchangeId {
        let mut random = [0; 10];
        self.parts.dice.bytes(&mut random);
        ExchangeId::new(at, &random)
    }
}

/// What was made of a filing.
struct Made<'a> {
    message: Result<(ExchangeId, Rendered), Stopped>,
    steps: Vec<NewStep>,
    subject: Option<Blind>,
    /// The mapping of its steps.
    progress: &'a str,
    /// Steps in one message.
    chunk: usize,
}

impl Made<'_> {
    /// Nothing could be made.
    fn not(exchange: ExchangeId, cause: &str) -> Self {
        Self {
            message: Err(stopped(exchange, cause)),
            steps: Vec::new(),
            subject: None,
            progress: "",
            chunk: 1,
        }
    }
}

pub(super) fn stopped(exchange: ExchangeId, cause: &str) -> Stopped {
    Stopped {
        exchange,
        owner: Owner::Gateway,
        action: MEND.to_owned(),
        cause: cause.to_owned(),
    }
}

/// Why a document could not be made, in one stable word: it goes into the log, which everybody reads. What stops it is
/// logged, without the values, for who must mend it.
pub(super) fn untranslated(why: &Untranslatable) -> &'static str {
    match why {
        Untranslatable::Facts(faults) => {
            for fault in faults.iter().take(TOLD) {
                let (wanted, action) = (fault.pointer.as_str(), fault.wrong.action());
                tracing::error!(
                    fault.wanted = wanted,
                    fault.action = action,
                    "a fact stops a document that was accepted"
                );
            }
            "facts-missing-or-wrong"
        }
        Untranslatable::Step => "step-unreadable",
        Untranslatable::Mapping(name) => {
            tracing::error!(mapping.name = name, "there is no such mapping");
            "no-such-mapping"
        }
    }
}

/// The dossier's steps with their fingerprints, oldest first.
fn steps(filing: &Filing, dossier: &Dossier) -> Option<Vec<NewStep>> {
    let mut steps = dossier
        .facts
        .steps
        .iter()
        .map(|step| {
            Some(NewStep {
                key: fingerprint(&filing.number, step),
                at: moment(step),
                step: serde_json::to_vec(step).ok()?,
            })
        })
        .collect::<Option<Vec<_>>>()?;
    steps.sort_by_key(|step| step.at);
    Some(steps)
}

/// When a step was done, ms since 1970.
fn moment(step: &Step) -> i64 {
    step.at.map_or(0, |at| at.seconds().saturating_mul(1_000))
}

/// The portal appends and does not look (portal.md §8.3): the same step must never be sent twice.
pub(super) fn fingerprint(number: &str, step: &Step) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(256);
    let at = moment(step).to_string();
    let parts = [
        Some(number),
        Some(&at),
        step.status.map(|status| status.word()),
        step.officer.as_deref(),
        step.content.as_deref(),
    ];
    for part in parts {
        let part = part.unwrap_or_default();
        // The length in front keeps two neighbouring parts from running together.
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    let digest = hash::digest(&[&bytes]);
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}
