//! In the worker, in order per dossier: route, translate, sign, and put in the outbox, all in one transaction.

use super::record::{About, commit};
use super::{Destination, Error, Outbound};
use crate::evidence::blind::Blind;
use crate::evidence::hash;
use crate::model::{Dossier, ExchangeId, Operation, Owner, SignerError, Step};
use crate::store::{Filing, NewStep, Prepared, Rendered, Stopped};
use crate::translate::{self, Untranslatable, Written};

/// What to write beside a message that could not be made.
const MEND: &str = "correct mapping, code list, catalogue or partner, then `lienthong outbox retry` or push the dossier again";
/// Facts that are logged of one document that cannot be made.
const TOLD: usize = 10;

impl Outbound {
    /// Prepares up to `most` filings in order of acceptance, and tells how many there were.
    pub async fn prepare(&self, most: usize) -> Result<usize, Error> {
        let filings = self.parts.store.unprepared(most, &[]).await?;
        let prepared: Vec<_> = filings.iter().map(|filing| self.prepared(filing)).collect();
        if prepared.is_empty() {
            return Ok(0);
        }
        let count = prepared.len();
        self.parts.store.enqueue(prepared).await?;
        for destination in self.parts.destinations.values() {
            destination.queued.notify_one();
        }
        Ok(count)
    }

    /// What one filing comes to. It never fails: a filing that cannot be prepared is stopped with an owner, because all
    /// others stand behind it.
    fn prepared(&self, filing: &Filing) -> Prepared {
        let at = self.now();
        let exchange = filing.exchange.unwrap_or_else(|| self.id(at));
        let made = self.made(filing, exchange);
        let Made {
            message,
            steps,
            subject,
            progress,
            chunk,
        } = made.unwrap_or_else(|cause| Made {
            message: Err(stopped(exchange, cause)),
            steps: Vec::new(),
            subject: None,
            progress: "",
            chunk: 1,
        });
        let about = |exchange, operation| About {
            exchange,
            number: &filing.number,
            subject,
            partner: &filing.partner,
            operation,
        };
        let recorder = &self.parts.recorder;
        let about_it = about(exchange, Operation::Create);
        let leaf = match &message {
            Ok((_, rendered)) => {
                let committed = commit(&rendered.salt, &rendered.payload);
                recorder.queued(about_it, at, &rendered.mapping, Some(committed))
            }
            Err(stopped) => recorder.stopped(about_it, at, &stopped.cause),
        };
        let step_ids: Vec<_> = (0..steps.len().div_ceil(chunk)).map(|_| self.id(at)).collect();
        let step_leaves = step_ids
            .iter()
            .map(|id| recorder.queued(about(*id, Operation::Progress), at, progress, None))
            .collect();
        let due_at = filing
            .due_at
            .filter(|due| *due > at)
            .unwrap_or(filing.at.saturating_add(self.parts.give_up));
        Prepared {
            filing: filing.id,
            number: filing.number.clone(),
            partner: filing.partner.clone(),
            at,
            give_up_at: due_at,
            due_at,
            message,
            reused: None,
            steps,
            chunk,
            step_ids,
            leaf,
            step_leaves,
        }
    }

    /// The message and the steps of a filing; the error is the cause why there can be none, one stable word.
    fn made(&self, filing: &Filing, exchange: ExchangeId) -> Result<Made<'_>, &'static str> {
        let destination = self.destination(&filing.partner).map_err(|_| "no-such-partner")?;
        let dossier = serde_json::from_slice::<Dossier>(&filing.dossier).map_err(|_| "filing-unreadable")?;
        Ok(Made {
            message: self
                .message(destination, &dossier)
                .map(|rendered| (exchange, rendered))
                .map_err(|cause| stopped(exchange, cause)),
            steps: steps(filing, &dossier).ok_or("filing-unreadable")?,
            subject: self.parts.recorder.subject(translate::identity(&dossier)),
            progress: &destination.progress,
            chunk: destination.partner.most(Operation::Progress),
        })
    }

    fn message(&self, destination: &Destination, dossier: &Dossier) -> Result<Rendered, &'static str> {
        let written = self
            .parts
            .translator
            .message(&destination.dossier, dossier)
            .map_err(|why| untranslated(&why))?;
        self.seal(destination, written).map_err(|_| "unsigned")
    }

    /// Signs exactly the bytes that were written (rule 2).
    pub(super) fn seal(&self, destination: &Destination, written: Written) -> Result<Rendered, SignerError> {
        let signature = destination
            .signature
            .as_ref()
            .map(|jws| jws.detached(&written.payload))
            .transpose()?;
        Ok(Rendered {
            payload: written.payload,
            signature,
            salt: self.salt(),
            mapping: written.mapping,
        })
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

fn stopped(exchange: ExchangeId, cause: &str) -> Stopped {
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
fn fingerprint(number: &str, step: &Step) -> [u8; 16] {
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
