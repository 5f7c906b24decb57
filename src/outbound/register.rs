//! In the worker: what its procedure registers is pushed to a register of the state, in order per dossier, once the desk has
//! accepted it; and pushed again when the register wants papers and the dossier comes anew.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use data_encoding::HEXLOWER_PERMISSIVE;
use tokio::sync::Notify;
use wire::attach::{BULK, attach};

use super::prepare::{stopped, untranslated};
use super::record::{About, commit};
use super::{Error, Outbound};
use crate::model::codes::Status;
use crate::model::{Dossier, Facts, Operation};
use crate::partner::Partner;
use crate::store::{Push, Registered, Registering, Registrable, Rendered};
use crate::translate::{self, Local};

/// A register of the state that dossiers are pushed to.
pub struct Register {
    /// The conversation.
    pub partner: Arc<Partner>,
    /// The mapping of each kind.
    pub mappings: BTreeMap<String, String>,
    /// How it is pushed.
    pub wire: Box<dyn wire::awaited::Awaited>,
    /// Told when something was put in its outbox.
    pub queued: Notify,
}

/// A message that is made apart from its filing's own.
pub(super) struct Message<'a> {
    pub(super) number: &'a str,
    pub(super) partner: &'a str,
    pub(super) operation: Operation,
    pub(super) payload: Vec<u8>,
    pub(super) mapping: String,
    /// When the state owes an answer, ms since 1970.
    pub(super) due_at: Option<i64>,
}

/// What a dossier is registered as, and where.
struct Way<'a> {
    register: &'a Register,
    mapping: Option<&'a String>,
}

impl Outbound {
    /// Whether a dossier of this procedure is registered with a register that is configured.
    pub(super) fn registers(&self, dossier: &Dossier) -> bool {
        self.way(dossier).is_some()
    }

    fn way(&self, dossier: &Dossier) -> Option<Way<'_>> {
        let code = &dossier.facts.procedure.code;
        let procedures = self.parts.translator.procedures();
        let registered = procedures.find(code)?.registers.as_ref()?;
        let register = self.parts.registers.get(&registered.wire)?;
        Some(Way {
            register,
            mapping: register.mappings.get(&registered.mapping),
        })
    }

    /// Resolves when a filing was prepared that is due with a register.
    pub async fn registrable(&self) {
        self.due.notified().await;
    }

    /// Looks at what is due with a register, at most so many; says how many there were.
    pub async fn register(&self, most: usize) -> Result<usize, Error> {
        let due = self.parts.store.registrable(most).await?;
        let mut registered = Vec::with_capacity(due.len());
        for one in &due {
            let at = self.now();
            registered.push(Registered {
                number: one.number.clone(),
                filing: one.filing,
                at,
                how: self.registering(one, at).await?,
            });
        }
        if !registered.is_empty() {
            self.parts.store.register(registered).await?;
            for register in self.parts.registers.values() {
                register.queued.notify_one();
            }
        }
        Ok(due.len())
    }

    /// What is done about one dossier as it stands.
    async fn registering(&self, one: &Registrable, at: i64) -> Result<Registering, Error> {
        let stop = |cause| Ok(Registering::Stopped(stopped(self.id(at), cause)));
        let Ok(filed) = serde_json::from_slice::<Dossier>(&one.dossier) else {
            return stop("filing-unreadable");
        };
        let Some(way) = self.way(&filed) else {
            return Ok(Registering::Idle);
        };
        let Some(dossier) = self.form(one, filed) else {
            return Ok(Registering::Idle);
        };
        match self.pushed(&way, one, dossier, at).await? {
            Ok(push) => Ok(Registering::Push(Box::new(push))),
            Err(cause) => stop(cause),
        }
    }

    /// The message, with the papers in it; the inner error is the cause why there can be none, one stable word.
    async fn pushed(
        &self,
        way: &Way<'_>,
        one: &Registrable,
        mut dossier: Dossier,
        at: i64,
    ) -> Result<Result<Push, &'static str>, Error> {
        let Some(mapping) = way.mapping else {
            return Ok(Err("no-mapping"));
        };
        let papers = self.papers(&mut dossier.facts).await?;
        let local = Local {
            mapping,
            site: "",
            files: None,
        };
        let written = match self.parts.translator.local(local, &dossier) {
            Ok(written) => written,
            Err(why) => return Ok(Err(untranslated(&why))),
        };
        let paper = |digest: &str| papers.get(digest).cloned();
        let Ok(payload) = attach(&written.payload, way.register.wire.papers(), BULK, paper) else {
            return Ok(Err("papers-too-large"));
        };
        let Some(asked) = way.register.wire.together(&payload) else {
            return Ok(Err("not-a-registration"));
        };
        let message = Message {
            number: &one.number,
            partner: way.register.partner.name(),
            operation: Operation::Register,
            payload,
            mapping: written.mapping,
            due_at: one.due_at,
        };
        Ok(Ok(Push {
            asked: serde_json::to_string(&asked).unwrap_or_default(),
            ..self.out(message, &dossier, at)
        }))
    }

    /// A message that is made apart from its filing's own, with its leaf.
    pub(super) fn out(&self, message: Message<'_>, dossier: &Dossier, at: i64) -> Push {
        let rendered = Rendered {
            payload: message.payload,
            signature: None,
            salt: self.salt(),
            mapping: message.mapping,
        };
        let exchange = self.id(at);
        let about = About {
            exchange,
            number: message.number,
            subject: self.parts.recorder.subject(translate::identity(dossier)),
            partner: message.partner,
            operation: message.operation,
        };
        let committed = commit(&rendered.salt, &rendered.payload);
        let recorder = &self.parts.recorder;
        let leaf = recorder.queued(about, at, &rendered.mapping, Some(committed));
        let due_at = message.due_at.filter(|due| *due > at);
        let due_at = due_at.unwrap_or(at.saturating_add(self.parts.give_up));
        Push {
            exchange,
            partner: message.partner.to_owned(),
            rendered,
            asked: String::new(),
            give_up_at: due_at,
            due_at,
            leaf,
        }
    }

    /// The dossier with the answers of its form: its own, or those of what lay in a tray under its number, under the facts of
    /// the desk. None where the desk has not accepted it, or nobody here has the form: it is registered elsewhere then.
    fn form(&self, one: &Registrable, filed: Dossier) -> Option<Dossier> {
        match filed.facts.status {
            Status::Accepted | Status::Processing => {}
            Status::Registered
            | Status::NotAccepted
            | Status::SupplementRequested
            | Status::PaymentRequested
            | Status::Withdrawn
            | Status::Stopped
            | Status::Finished
            | Status::Returned => return None,
        }
        if filed.facts.form.office.is_some() {
            return Some(filed);
        }
        let (tray, kind, document) = one.linked.as_ref()?;
        let mapping = self.parts.sources.get(tray)?.mappings.get(kind)?;
        let local = Local {
            mapping,
            site: "",
            files: None,
        };
        let read = self.parts.translator.read(local, document, one.at);
        let mut dossier = read
            .inspect_err(|why| {
                tracing::error!(mapping.name = mapping, error = %why, "what lay in a tray cannot be read");
            })
            .ok()?
            .dossier;
        let desk = filed.facts;
        let facts = &mut dossier.facts;
        facts.other_number = Some(facts.number.as_str().to_owned());
        facts.number = desk.number;
        facts.status = desk.status;
        facts.received_at = desk.received_at.or(desk.created_at).or(facts.submitted_at);
        facts.due_at = desk.due_at;
        Some(dossier)
    }

    /// The papers that are here, by their digests. A file of which nobody here has the bytes is not sent: it loses its digest.
    async fn papers(&self, facts: &mut Facts) -> Result<HashMap<String, Vec<u8>>, Error> {
        let mut papers = HashMap::new();
        let mut absent = 0_usize;
        let components = facts.components.iter_mut();
        for file in components.flat_map(|component| component.files.iter_mut()) {
            let digest = file.digest.as_deref().and_then(digest);
            let bytes = match digest {
                Some(digest) => self.parts.store.paper(digest).await?,
                None => None,
            };
            match bytes.zip(file.digest.clone()) {
                Some((bytes, digest)) => {
                    papers.insert(digest, bytes);
                }
                None => {
                    file.digest = None;
                    absent += 1;
                }
            }
        }
        if absent > 0 {
            tracing::warn!(
                papers.absent = absent,
                "papers whose bytes are not here are not sent to the register"
            );
        }
        Ok(papers)
    }
}

/// A digest that is written in hex.
pub(super) fn digest(text: &str) -> Option<[u8; 32]> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}
