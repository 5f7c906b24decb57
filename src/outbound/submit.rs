//! In the request: intake → translate (dry) → fits its procedure → accept. What needs no partner is refused before anything
//! is kept.

use super::Outbound;
use super::files::{Located, Missing};
use super::record::commit;
use super::remarks::{Tally, Unfit};
use crate::clock::Timestamp;
use crate::evidence::hash;
use crate::evidence::leaf::body_digest;
use crate::intake::{Receipt, System};
use crate::mapping::{Fault, Wrong};
use crate::model::{Dossier, SignerError};
use crate::store::{Acceptance, Accepted, StoreError};
use crate::translate::{self, Local, Unreadable, Untranslatable};

/// How often the addresses of a dossier's files are looked up anew: each time another push of it was faster.
const LOOKS: usize = 8;

/// One dossier as a system pushes it.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    /// The system.
    pub system: &'a System,
    /// The key it gave, checked.
    pub key: Option<&'a str>,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

/// A dossier as it is to be accepted.
pub(super) struct Made<'a> {
    /// The dossier.
    pub(super) dossier: &'a Dossier,
    /// The mapping that read it, as `name@version`.
    pub(super) mapping: &'a str,
    /// The files that it names.
    pub(super) located: Located,
}

/// How a system writes.
pub(super) fn local(system: &System) -> Local<'_> {
    Local {
        mapping: &system.mapping,
        site: &system.site,
        files: system.files.as_deref(),
    }
}

/// What a submission gets: the receipt's bytes, and the dossier's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The dossier's number.
    pub number: String,
    /// The receipt, byte for byte the same on a repeat.
    pub receipt: Vec<u8>,
    /// Whether it was accepted before.
    pub repeat: bool,
}

/// A fact that the partner's document needs and the dossier lacks, or has in a way the partner does not take.
#[derive(Clone, Debug)]
pub struct Unmet {
    /// Where in the pushed body, as far as that can be told.
    pub pointer: String,
    /// Our path of the fact.
    pub fact: String,
    /// Where it would stand in the partner's document.
    pub wanted: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// Why a submission was refused. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read, or a fact is missing or wrong.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It was read, but the partner wants more than it says.
    #[error("{} facts stop the partner's document", .0.len())]
    Unmet(Vec<Unmet>),
    /// A supplement request asks for papers whose data the state holds, and gives no reason.
    #[error("{} papers are asked for again", .0.len())]
    AskedAgain(Vec<Unfit>),
    /// It does not fit its procedure, which takes no other.
    #[error("{} things do not fit the procedure", .0.len())]
    Unfit(Vec<Unfit>),
    /// It names files by digest that are not here.
    #[error("{} files are not here", .0.len())]
    MissingFiles(Vec<Missing>),
    /// It names files by digest, and nobody said how others reach this node.
    #[error("files have no address: `http.public` is not set")]
    NoPublicAddress,
    /// The partner's mapping is not there.
    #[error(transparent)]
    Untranslatable(Untranslatable),
    /// The system's partner is not in the configuration.
    #[error("the configuration has no partner `{0}`")]
    Unconfigured(String),
    /// The key stands for another body.
    #[error("the key was used for another body")]
    KeyReused {
        /// SHA-256 of the body accepted under this key.
        first: [u8; 32],
        /// SHA-256 of this body.
        received: [u8; 32],
    },
    /// The key stands for a body that was erased.
    #[error("what was accepted under this key was erased")]
    Erased,
    /// Its system pushed no such dossier.
    #[error("its system pushed no such dossier")]
    UnknownDossier,
    /// What is kept of the dossier does not open.
    #[error("what is kept of the dossier does not open")]
    Unopened,
    /// The dossier belongs to another system.
    #[error("the dossier belongs to another system")]
    Foreign,
    /// The outbox holds as much as it may.
    #[error("the outbox is full")]
    OutboxFull,
    /// The store did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The receipt could not be signed.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl Outbound {
    /// Accepts one dossier, or says why not. The answer waits for the disk.
    pub async fn submit(&self, submission: Submission<'_>) -> Result<Taken, Refusal> {
        for _ in 0..LOOKS {
            let taken = self.submit_once(submission).await?;
            if let Some(taken) = taken {
                return Ok(taken);
            }
        }
        // Others push the same dossier all the time.
        Err(Refusal::Store(StoreError::Full(
            "the addresses of its files change all the time",
        )))
    }

    /// Accepts it; none where the addresses of its files changed meanwhile.
    async fn submit_once(&self, submission: Submission<'_>) -> Result<Option<Taken>, Refusal> {
        let local = local(submission.system);
        let (system, body) = (submission.system, submission.body);
        let read = self.parts.translator.read(local, body, self.now())?;
        let mut dossier = read.dossier;
        let located = self.locate(system, &mut dossier).await?;
        self.guard(system, &dossier)?;
        self.dry(system, &dossier)?;
        let tally = self.fits(system, &dossier)?;
        let made = Made {
            dossier: &dossier,
            mapping: &read.mapping,
            located,
        };
        let (acceptance, missing) = self.filing(submission, made)?;
        self.accept(acceptance, (tally, missing)).await
    }

    /// Has the store accept it; none where the addresses of its files changed meanwhile.
    pub(super) async fn accept(
        &self,
        acceptance: Acceptance,
        (tally, missing): (Tally, Vec<Missing>),
    ) -> Result<Option<Taken>, Refusal> {
        let (number, receipt, received) = (
            acceptance.number.clone(),
            acceptance.receipt.clone(),
            acceptance.digest,
        );
        match self.parts.store.accept(acceptance).await? {
            Accepted::New => {
                tally.count();
                self.accepted.notify_one();
                Ok(Some(Taken {
                    number,
                    receipt,
                    repeat: false,
                }))
            }
            Accepted::Repeat { receipt } => Ok(Some(Taken {
                number,
                receipt,
                repeat: true,
            })),
            Accepted::FilesMoved => Ok(None),
            Accepted::FilesLacking => Err(Refusal::MissingFiles(missing)),
            Accepted::KeyReused { first } => Err(Refusal::KeyReused { first, received }),
            Accepted::Erased => Err(Refusal::Erased),
            Accepted::Foreign => Err(Refusal::Foreign),
            Accepted::OutboxFull => Err(Refusal::OutboxFull),
        }
    }

    /// Everything that accepting commits, made before the store is asked.
    pub(super) fn filing(
        &self,
        submission: Submission<'_>,
        made: Made<'_>,
    ) -> Result<(Acceptance, Vec<Missing>), Refusal> {
        let Submission { system, key, body } = submission;
        let Made {
            dossier,
            mapping,
            located: Located { files, missing },
        } = made;
        let now = self.parts.clock.now();
        let digest = hash::digest(&[body]);
        let salt = self.salt();
        let subject = self.parts.recorder.subject(translate::identity(dossier));
        let facts = &dossier.facts;
        let number = facts.number.as_str();
        let leaf = self
            .parts
            .recorder
            .accepted(system, number, subject, now.millis(), commit(&salt, body));
        let receipt = Receipt {
            number,
            system: &system.name,
            accepted_at: rfc3339(now),
            digest: named(&digest),
            leaf: named(&body_digest(&leaf.body())),
            log: &self.parts.log,
            mapping,
        }
        .sign(&self.parts.receipts)?;
        let acceptance = Acceptance {
            system: system.name.clone(),
            number: number.to_owned(),
            key: key.map(str::to_owned),
            digest,
            body: body.to_vec(),
            dossier: serde_json::to_vec(dossier).unwrap_or_default(),
            procedure: facts.procedure.code.clone(),
            agency: facts.competent.code.clone(),
            status: facts.status.word().to_owned(),
            partner: system.partner.clone(),
            due_at: facts.due_at.map(|due| due.seconds().saturating_mul(1_000)),
            at: now.millis(),
            receipt,
            salt,
            subjects: self.parts.recorder.subjects(dossier),
            files,
            lacks_files: !missing.is_empty(),
            leaf,
        };
        Ok((acceptance, missing))
    }

    /// Whether the partner's documents can be made of it.
    pub(super) fn dry(&self, system: &System, dossier: &Dossier) -> Result<(), Refusal> {
        let destination = self
            .parts
            .destinations
            .get(&system.partner)
            .ok_or_else(|| Refusal::Unconfigured(system.partner.clone()))?;
        let translator = &self.parts.translator;
        translator
            .dry(&destination.dossier, &destination.progress, dossier)
            .map_err(|why| match why {
                Untranslatable::Facts(faults) => {
                    let unmet = |fault: Fault| {
                        let fact = fault.ours.unwrap_or_default();
                        let pointer = translator.pointer(&system.mapping, &fact);
                        Unmet {
                            pointer,
                            fact,
                            wanted: fault.pointer,
                            wrong: fault.wrong,
                        }
                    };
                    Refusal::Unmet(faults.into_iter().map(unmet).collect())
                }
                other @ (Untranslatable::Step | Untranslatable::Mapping(_)) => Refusal::Untranslatable(other),
            })
    }
}

fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}

/// A digest as receipts and problems write it.
fn named(digest: &[u8; 32]) -> String {
    format!("sha-256:{}", data_encoding::HEXLOWER.encode(digest))
}
