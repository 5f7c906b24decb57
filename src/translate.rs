//! Mapping: a local system's document → our dossier → the portal's payload. Which mapping, which code lists and which
//! names of procedures apply is decided here; what they mean is decided in `mappings/`.

mod addresses;
mod back;
mod catalogue;
mod files;
mod items;
mod places;
mod shelves;
mod steps;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::value::RawValue;

pub use catalogue::{Catalogue, Listed};
pub use files::{NamedFile, give_addresses, named_files};
pub use shelves::Shelves;
pub use steps::NoSteps;

use crate::codes::Codes;
use crate::mapping::{self, Context, Fault, Note, Plan, Reason, Refused, Unreadable as Misread};
use crate::model::{Diagnostic, Dossier, How, Origin, Step, Time, sample};
use crate::procedures::Procedures;

/// How often a generated document is drawn again.
const DRAWS: u64 = 16;

/// Why nothing can be translated: what is wrong in mappings, code lists, procedures and laws, all of it.
#[derive(Debug, thiserror::Error)]
#[error("mappings cannot be used:\n{}", .diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Untold {
    /// Everything that is wrong, with its place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why a pushed document is no dossier.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It cannot be read at all.
    #[error(transparent)]
    Bytes(#[from] Misread),
    /// It can, and these values stop it.
    #[error("{} values stop this document", .0.len())]
    Facts(Vec<Fault>),
    /// Its procedure is in no catalogue.
    #[error("the procedure is in no catalogue")]
    Procedure {
        /// Its national code.
        code: String,
    },
    /// The system's mapping is not there.
    #[error("there is no mapping `{0}`")]
    Mapping(String),
}

/// Why the portal's document cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Untranslatable {
    /// These facts stop it.
    #[error("{} facts stop this document: {}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Facts(Vec<Fault>),
    /// A step in the store cannot be read back.
    #[error("a step in the store cannot be read back")]
    Step,
    /// The partner's mapping is not there.
    #[error("there is no mapping `{0}`")]
    Mapping(String),
}

/// How a local system writes.
#[derive(Clone, Copy, Debug)]
pub struct Local<'a> {
    /// The mapping of its dossiers.
    pub mapping: &'a str,
    /// Its site, whose own rows of code lists come first.
    pub site: &'a str,
    /// What the address of a file begins with that it names only by a reference.
    pub files: Option<&'a str>,
}

/// A dossier as it was read.
#[derive(Debug)]
pub struct ReadDossier {
    /// The dossier.
    pub dossier: Dossier,
    /// The mapping that read it, as `name@version`.
    pub mapping: String,
}

/// A payload as it was written.
#[derive(Debug)]
pub struct Written {
    /// The bytes.
    pub payload: Vec<u8>,
    /// The mapping that wrote it, as `name@version`.
    pub mapping: String,
    /// What was cut.
    pub notes: Vec<Note>,
}

/// Everything that translates.
pub struct Translator {
    plans: BTreeMap<String, Plan>,
    codes: Codes,
    procedures: Arc<Procedures>,
    catalogue: Catalogue,
    /// Per mapping, the pointer into their document of each fact of ours that is read from it.
    pointers: HashMap<String, HashMap<String, String>>,
}

impl Translator {
    /// Reads mappings, code lists, procedures and laws; says everything that is wrong at once.
    pub fn new(shelves: &Shelves) -> Result<Self, Untold> {
        let mut diagnostics = Vec::new();
        let lists = shelves
            .codes
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        // Without its code lists no mapping can be judged: their mistakes come first.
        let codes = Codes::compile(lists).map_err(|diagnostics| Untold { diagnostics })?;
        let mut plans = BTreeMap::new();
        for (name, text) in &shelves.mappings {
            match Plan::compile(&format!("mappings/{name}.toml"), text, &codes) {
                Ok(plan) => {
                    plans.insert(name.clone(), plan);
                }
                Err(found) => diagnostics.extend(found),
            }
        }
        let procedures = shelves.procedures().unwrap_or_else(|found| {
            diagnostics.extend(found);
            Procedures::default()
        });
        if !diagnostics.is_empty() {
            return Err(Untold { diagnostics });
        }
        let pointers = |(name, plan): (&String, &Plan)| (name.clone(), places::pointers(plan));
        Ok(Self {
            pointers: plans.iter().map(pointers).collect(),
            plans,
            codes,
            catalogue: Catalogue::of(&procedures),
            procedures: Arc::new(procedures),
        })
    }

    /// What procedures ask for, and the laws of reuse.
    pub fn procedures(&self) -> &Arc<Procedures> {
        &self.procedures
    }

    /// The catalogue of procedures.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The code lists.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// A mapping by its name.
    pub fn plan(&self, name: &str) -> Option<&Plan> {
        self.plans.get(name)
    }

    /// All mappings.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.values()
    }

    /// The items of an array, each as its own bytes: at most `most` of them and one, which tells that there are more. Its
    /// items are read within their own limits; what cannot even be taken apart is judged as one document.
    pub fn items<'b>(&self, body: &'b [u8], most: usize) -> Result<Vec<&'b RawValue>, Misread> {
        items::take(body, most).map_err(|error| {
            mapping::unreadable(body).unwrap_or_else(|| Misread {
                reason: Reason::Syntax,
                pointer: String::new(),
                line: error.line(),
                column: error.column(),
            })
        })
    }

    /// Reads a dossier as its system wrote it, and completes it from the catalogue. `at` is when it came.
    pub fn read(&self, from: Local<'_>, body: &[u8], at: i64) -> Result<ReadDossier, Unreadable> {
        let plan = self
            .plan(from.mapping)
            .ok_or_else(|| Unreadable::Mapping(from.mapping.to_owned()))?;
        let at = Time::at(at.div_euclid(1_000));
        let context = self.context(from.site, at);
        let mut dossier = plan.read(body, &context, at).map_err(|refused| match refused {
            Refused::Unreadable(misread) => Unreadable::Bytes(misread),
            Refused::Faults(faults) => Unreadable::Facts(faults),
        })?;
        self.complete(&mut dossier, at)?;
        if let Some(base) = from.files {
            addresses::fill(&mut dossier, base, at);
        }
        Ok(ReadDossier {
            dossier,
            mapping: plan.stamp(),
        })
    }

    /// Fills in what the portal calls the procedure and its field; each of these facts says that the catalogue told it.
    fn complete(&self, dossier: &mut Dossier, at: Time) -> Result<(), Unreadable> {
        let code = dossier.facts.procedure.code.clone();
        let listed = self.catalogue.find(&code).ok_or(Unreadable::Procedure { code })?;
        let procedure = &mut dossier.facts.procedure;
        procedure.name = Some(listed.name);
        procedure.field.code = Some(listed.field);
        procedure.field.name = Some(listed.field_name);
        for path in ["procedure.name", "procedure.field.code", "procedure.field.name"] {
            let origin = Origin::new(How::Catalogue, "catalogue", at);
            dossier.origins.note(path, origin);
        }
        Ok(())
    }

    /// The checks of [`Translator::message`] and [`Translator::steps`] alone: what the portal would refuse for its shape
    /// is refused before it is accepted.
    pub fn dry(
        &self,
        dossier_mapping: &str,
        step_mapping: &str,
        dossier: &Dossier,
    ) -> Result<(), Untranslatable> {
        let mut faults = match self.message(dossier_mapping, dossier) {
            Ok(_) => Vec::new(),
            Err(Untranslatable::Facts(faults)) => self.named(dossier_mapping, "", faults),
            Err(other) => return Err(other),
        };
        let plan = self
            .plan(step_mapping)
            .ok_or_else(|| Untranslatable::Mapping(step_mapping.to_owned()))?;
        let facts = &dossier.facts;
        let context = self.context("", day(dossier));
        if let Err(found) = plan.write_steps(&facts.number, &facts.steps, &context, &mut Vec::new()) {
            faults.extend(self.named(step_mapping, "steps[].", found));
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Untranslatable::Facts(faults))
        }
    }

    /// The same faults with the whole path of the fact that each is about, from the line that wanted it.
    fn named(&self, mapping: &str, around: &str, faults: Vec<Fault>) -> Vec<Fault> {
        let lines = self.plan(mapping).map(Plan::lines).unwrap_or_default();
        let whole = |fault: Fault| {
            let theirs = places::fields(&fault.pointer);
            let line = lines.iter().find(|line| line.theirs == theirs);
            let ours = line.map(|line| format!("{around}{}", line.ours)).or(fault.ours);
            Fault { ours, ..fault }
        };
        faults.into_iter().map(whole).collect()
    }

    /// Where in a system's own document a fact of ours stands, as far as that can be told of one that may be missing: the
    /// field, or the list that should hold it.
    pub fn pointer(&self, mapping: &str, ours: &str) -> String {
        let known = self.pointers.get(mapping);
        let pointer = known.and_then(|known| known.get(&places::unnumbered(ours)));
        pointer.cloned().unwrap_or_default()
    }

    /// The dossier's message: a list of one document.
    pub fn message(&self, mapping: &str, dossier: &Dossier) -> Result<Written, Untranslatable> {
        let plan = self
            .plan(mapping)
            .ok_or_else(|| Untranslatable::Mapping(mapping.to_owned()))?;
        let context = self.context("", day(dossier));
        let mut payload = Vec::with_capacity(4_096);
        payload.push(b'[');
        let notes = plan
            .write(dossier, &context, &mut payload)
            .map_err(Untranslatable::Facts)?;
        payload.push(b']');
        Ok(Written {
            payload,
            mapping: plan.stamp(),
            notes,
        })
    }

    /// The message of some steps of one dossier, each as JSON of the store: a list in their order.
    pub fn steps(&self, mapping: &str, number: &str, steps: &[Vec<u8>]) -> Result<Written, Untranslatable> {
        let plan = self
            .plan(mapping)
            .ok_or_else(|| Untranslatable::Mapping(mapping.to_owned()))?;
        let number = crate::model::Number::new(number).map_err(|_| Untranslatable::Step)?;
        let steps = steps
            .iter()
            .map(|step| serde_json::from_slice::<Step>(step).map_err(|_| Untranslatable::Step))
            .collect::<Result<Vec<_>, _>>()?;
        let at = steps
            .iter()
            .filter_map(|step| step.at)
            .max()
            .unwrap_or(Time::at(0));
        let mut payload = Vec::with_capacity(4_096);
        let notes = plan
            .write_steps(&number, &steps, &self.context("", at), &mut payload)
            .map_err(Untranslatable::Facts)?;
        Ok(Written {
            payload,
            mapping: plan.stamp(),
            notes,
        })
    }

    /// A generated document of a local system, from a seed and a number: what `sandbox --count` pushes. A draw that this
    /// system has no words for is drawn again.
    pub fn sample(
        &self,
        mapping: &str,
        site: &str,
        seed: u64,
        number: u64,
    ) -> Result<Vec<u8>, Untranslatable> {
        let plan = self
            .plan(mapping)
            .ok_or_else(|| Untranslatable::Mapping(mapping.to_owned()))?;
        let mut faults = Vec::new();
        for draw in 0..DRAWS {
            let dossier = sample::dossier(seed.rotate_left(32) ^ draw, number);
            let mut body = Vec::with_capacity(4_096);
            match plan.write(&dossier, &self.context(site, day(&dossier)), &mut body) {
                Ok(_) => return Ok(body),
                Err(found) => faults = found,
            }
        }
        Err(Untranslatable::Facts(faults))
    }

    /// Every fact of a dossier with its origin; those that a mapping read name its line and their path.
    pub fn origins(&self, dossier: &Dossier) -> Vec<(String, Origin)> {
        let stamp = dossier.origins.read().mapping.as_deref().unwrap_or_default();
        let name = stamp.split('@').next().unwrap_or_default();
        self.plan(name)
            .map(|plan| plan.origins(dossier))
            .unwrap_or_default()
    }

    fn context<'a>(&'a self, site: &'a str, at: Time) -> Context<'a> {
        Context {
            lists: &self.codes,
            site,
            on: at.day(),
        }
    }
}

/// The identity number that a dossier's subject is known by.
pub fn identity(dossier: &Dossier) -> Option<&str> {
    dossier
        .facts
        .owner
        .papers
        .iter()
        .find_map(|paper| paper.number.as_deref())
}

/// The identity numbers of everybody whom a dossier is about, each once: its owner, who handed it in, and the persons of its
/// form.
pub fn identities(dossier: &Dossier) -> BTreeSet<&str> {
    let facts = &dossier.facts;
    let papers = facts.owner.papers.iter().chain(&facts.submitter.papers);
    let parties = facts.parties.iter();
    let parties = parties.flat_map(|party| [party.number.as_deref(), party.paper.number.as_deref()]);
    papers
        .map(|paper| paper.number.as_deref())
        .chain(parties)
        .flatten()
        .collect()
}

/// The day on which a dossier's codes are read and its papers are asked for: that of its acceptance, or of its filing.
pub fn day(dossier: &Dossier) -> Time {
    let facts = &dossier.facts;
    facts
        .received_at
        .or(facts.submitted_at)
        .or(facts.created_at)
        .unwrap_or(dossier.origins.read().at)
}
