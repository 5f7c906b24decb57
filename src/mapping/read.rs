//! What the flows call: documents in, typed dossiers, steps and subjects out, and the reverse.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::back::{Back, Refused, open};
use super::fault::{Fault, Wrong};
use super::forth::{Forth, Notes};
use super::keep::keep;
use super::node::{ITEMS, Node};
use super::plan::Plan;
use super::transform::{Context, Run};
use crate::model::{
    Dossier, Extension, Fact, Facts, How, Misfit, Number, Origin, Origins, Path, Record, Step, Time, Value,
};

/// A fact read from a document, what no line could carry, and the paths that were worked out.
#[derive(Debug)]
pub struct Read<T> {
    /// The fact.
    pub fact: T,
    /// What its mapping keeps beside it.
    pub extension: Extension,
    /// Paths of ours that `[derived]` filled, with the line of each.
    pub derived: Vec<(String, u32)>,
}

/// A step of a dossier, read from a document of its own.
#[derive(Debug)]
pub struct Progress {
    /// The dossier it belongs to.
    pub number: Number,
    /// The step.
    pub step: Step,
    /// What its mapping keeps beside it.
    pub extension: Extension,
}

impl Plan {
    /// Reads a dossier as that site wrote it; `at` is when it came.
    ///
    /// # Errors
    /// [`Refused`] when the bytes are no document, or with every value that stops it.
    pub fn read(&self, bytes: &[u8], context: &Context<'_>, at: Time) -> Result<Dossier, Refused> {
        let read: Read<Facts> = self.read_as(bytes, context)?;
        let origin = Origin {
            mapping: Some(self.stamp()),
            ..Origin::new(How::Filed, context.site, at)
        };
        let mut origins = Origins::all(origin.clone());
        for (path, line) in read.derived {
            let derived = Origin {
                how: How::Derived,
                line: Some(line),
                ..origin.clone()
            };
            origins.note(&path, derived);
        }
        let mut extensions = BTreeMap::new();
        if !read.extension.is_empty() {
            extensions.insert(self.name.clone(), read.extension);
        }
        Ok(Dossier {
            facts: read.fact,
            origins,
            extensions,
            findings: Vec::new(),
        })
    }

    /// Reads a document into the fact that the mapping calls `ours`: [`Facts`], a subject, a component.
    ///
    /// # Errors
    /// [`Refused`] when the bytes are no document, or with every value that stops it.
    pub fn read_as<T: Fact>(&self, bytes: &[u8], context: &Context<'_>) -> Result<Read<T>, Refused> {
        let mut node = Node::parse(bytes)?;
        let (frames, extension, derived) = self.run_back(&mut node, context)?;
        let value = frames.into_iter().next_back().unwrap_or_default();
        let mut misfits = Vec::new();
        match T::from_value(value, &mut misfits) {
            Some(fact) if misfits.is_empty() => Ok(Read {
                fact,
                extension,
                derived,
            }),
            _ => Err(Refused::Faults(
                misfits.into_iter().map(|misfit| self.misfit(misfit)).collect(),
            )),
        }
    }

    /// Reads steps: one, or a list of them.
    ///
    /// # Errors
    /// [`Refused`] when the bytes are no document, or with every value that stops them.
    pub fn read_steps(&self, bytes: &[u8], context: &Context<'_>) -> Result<Vec<Progress>, Refused> {
        let node = Node::parse(bytes)?;
        let nodes = if let Node::List(items) = node {
            items
        } else {
            vec![node]
        };
        let (mut steps, mut faults) = (Vec::new(), Vec::new());
        for (n, mut node) in nodes.into_iter().enumerate() {
            match self.step(&mut node, context) {
                Ok(progress) => steps.push(progress),
                Err(found) => faults.extend(found.into_iter().map(|fault| Fault {
                    pointer: format!("/{n}{}", fault.pointer),
                    ..fault
                })),
            }
        }
        if faults.is_empty() {
            Ok(steps)
        } else {
            Err(Refused::Faults(faults))
        }
    }

    fn step(&self, node: &mut Node<'_>, context: &Context<'_>) -> Result<Progress, Vec<Fault>> {
        let (frames, extension, _) = self.run_back(node, context).map_err(|refused| match refused {
            Refused::Faults(faults) => faults,
            Refused::Unreadable(_) => Vec::new(),
        })?;
        let mut misfits = Vec::new();
        let mut frames = frames.into_iter();
        let root = frames.next().unwrap_or_default();
        let number = number_path()
            .and_then(|path| path.find(&root).map(Value::share))
            .unwrap_or_default();
        let number = Number::from_value(number, &mut misfits);
        let step = Step::from_value(frames.next().unwrap_or_default(), &mut misfits);
        match (number, step) {
            (Some(number), Some(step)) if misfits.is_empty() => Ok(Progress {
                number,
                step,
                extension,
            }),
            _ => Err(misfits.into_iter().map(|misfit| self.misfit(misfit)).collect()),
        }
    }

    #[expect(
        clippy::type_complexity,
        reason = "the three parts of one reading, taken apart at once by both callers"
    )]
    fn run_back<'n>(
        &'n self,
        node: &'n mut Node<'_>,
        context: &'n Context<'_>,
    ) -> Result<(Vec<Value<'n>>, Extension, Vec<(String, u32)>), Refused> {
        if let Node::Map(members) = node
            && self.opens
        {
            open(&self.root, members);
        }
        let run = Run::new(context);
        let roots = vec![Value::Absent; self.shapes.len()];
        let Back {
            mut frames,
            faults,
            sorted,
            ..
        } = Back::read(self, node, roots, &run);
        if !faults.is_empty() {
            return Err(Refused::Faults(once(faults)));
        }
        let extension = keep(self, node, frames.iter().collect(), &sorted, &run);
        let mut derived = Vec::new();
        if let Some(root) = frames.last_mut() {
            for rule in &self.derived {
                let filled = rule.apply(root, context);
                derived.extend(filled.into_iter().map(|path| (path, rule.number)));
            }
        }
        Ok((frames, extension, derived))
    }

    /// A fact that did not fit, at the line that should have brought it.
    fn misfit(&self, misfit: Misfit) -> Fault {
        let normal = normal(&misfit.path);
        let rule = self.derived.iter().find(|rule| rule.target.normal() == normal);
        let source = rule.and_then(|rule| rule.from()).unwrap_or(&normal);
        let line = self.lines().into_iter().find(|line| line.ours == source);
        let pointer = line.map_or(String::new(), |line| {
            format!("/{}", line.theirs.replace("[]", "").replace('.', "/"))
        });
        Fault {
            pointer,
            ours: Some(misfit.path),
            wrong: Wrong::from(misfit.why),
        }
    }

    /// Writes a dossier in their form into `bytes`; what its mapping kept is written again where it still holds.
    ///
    /// # Errors
    /// Every fact that stops it; `bytes` then holds nothing new.
    pub fn write(
        &self,
        dossier: &Dossier,
        context: &Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<Notes, Vec<Fault>> {
        let mut value = dossier.facts.value();
        self.hide_derived(&dossier.origins, &mut value);
        self.write_frames(vec![&value], dossier.extensions.get(&self.name), context, bytes)
    }

    /// The checks of [`Plan::write`] alone.
    ///
    /// # Errors
    /// Every fact that stops it.
    pub fn dry(&self, dossier: &Dossier, context: &Context<'_>) -> Result<Notes, Vec<Fault>> {
        self.write(dossier, context, &mut Vec::with_capacity(4096))
    }

    /// Writes a fact that the mapping calls `ours` and that is no dossier.
    ///
    /// # Errors
    /// Every fact that stops it; `bytes` then holds nothing new.
    pub fn write_as<T: Fact>(
        &self,
        read: (&T, Option<&Extension>),
        context: &Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<Notes, Vec<Fault>> {
        self.write_frames(vec![&read.0.value()], read.1, context, bytes)
    }

    /// Writes steps of one dossier as a list.
    ///
    /// # Errors
    /// Every fact that stops one of them; `bytes` then holds nothing new.
    pub fn write_steps(
        &self,
        number: &Number,
        steps: &[Step],
        context: &Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<Notes, Vec<Fault>> {
        let mut root = Value::Absent;
        if !steps.is_empty()
            && let Some(place) = number_path().and_then(|path| path.place(&mut root))
        {
            *place = number.value();
        }
        let (mut notes, mut faults) = (Vec::new(), Vec::new());
        let start = bytes.len();
        bytes.push(b'[');
        for (n, step) in steps.iter().take(ITEMS).enumerate() {
            if n > 0 {
                bytes.push(b',');
            }
            match self.write_frames(vec![&root, &step.value()], None, context, bytes) {
                Ok(found) => notes.extend(found),
                Err(found) => faults.extend(found.into_iter().map(|fault| Fault {
                    pointer: format!("/{n}{}", fault.pointer),
                    ..fault
                })),
            }
        }
        bytes.push(b']');
        if faults.is_empty() {
            return Ok(notes);
        }
        bytes.truncate(start);
        Err(faults)
    }

    fn write_frames<'v>(
        &'v self,
        frames: Vec<&'v Value<'v>>,
        kept: Option<&Extension>,
        context: &'v Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<Notes, Vec<Fault>> {
        let run = Run::new(context);
        let start = bytes.len();
        let mut forth = Forth::new(self, &run, frames).with(kept);
        forth.object(&self.root, bytes);
        if forth.faults.is_empty() {
            return Ok(forth.notes);
        }
        bytes.truncate(start);
        Err(forth.faults)
    }

    /// Facts that this mapping worked out are not its partner's to hear again.
    pub(crate) fn hide_derived(&self, origins: &Origins, value: &mut Value<'_>) {
        for (path, origin) in origins.exceptions() {
            let own = origin
                .mapping
                .as_deref()
                .and_then(|stamp| stamp.rsplit_once('@'))
                .map(|(name, _)| name);
            if origin.how == How::Derived
                && own == Some(self.name.as_str())
                && let Ok(path) = Path::parse(path, Facts::RECORD)
                && let Some(place) = path.find_mut(value)
            {
                *place = Value::Absent;
            }
        }
    }

    /// The records the mapping's lines start from, the innermost last.
    #[must_use]
    pub fn records(&self) -> &[&'static Record] {
        &self.shapes
    }

    /// Whether what it reads is such a record.
    #[must_use]
    pub fn is_of(&self, record: &Record) -> bool {
        matches!(self.shapes.as_slice(), [one] if one.name == record.name)
    }
}

/// Each fault once: an object is walked again for the lines that are read last.
fn once(faults: Vec<Fault>) -> Vec<Fault> {
    let mut told = Vec::with_capacity(faults.len());
    for fault in faults {
        if !told.contains(&fault) {
            told.push(fault);
        }
    }
    told
}

/// Where a dossier's number stands.
fn number_path() -> Option<&'static Path> {
    static NUMBER: LazyLock<Option<Path>> = LazyLock::new(|| Path::parse("number", Facts::RECORD).ok());
    NUMBER.as_ref()
}

/// A path with every choice of an item written `[]`.
pub(crate) fn normal(path: &str) -> String {
    let mut normal = String::new();
    let mut inside = false;
    for letter in path.chars() {
        match letter {
            '[' => normal.push_str("[]"),
            ']' => {}
            letter if !inside => normal.push(letter),
            _letter => {}
        }
        inside = (inside || letter == '[') && letter != ']';
    }
    normal
}
