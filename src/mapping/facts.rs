//! Which line carries which fact of a dossier: for origins, and for the second law.

use std::collections::BTreeMap;

use super::forth::gather;
use super::node::point;
use super::plan::{Array, Line, Object, Plan, Source, What};
use super::tree::join;
use crate::model::{Dossier, Fact, Facts, Kind, Origin, Path, Value};

/// One line of a mapping, told to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Their path, `TaiLieuNop[].TenTepDinhKem`.
    pub theirs: String,
    /// Our path, `components[].files[].name`; empty for a constant.
    pub ours: String,
    /// The line of the mapping's file.
    pub line: u32,
    /// It writes.
    pub forth: bool,
    /// It reads.
    pub back: bool,
    /// What it writes may say less than the fact.
    pub lossy: bool,
}

/// One fact of a dossier and the field of theirs that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Our path, `components[0].files[1].name`.
    pub ours: String,
    /// JSON pointer into their document, rows in the mapping's own order.
    pub theirs: String,
    /// The line of the mapping's file.
    pub line: u32,
}

/// What a walk sees: the line, our path, their pointer, and the fact.
pub(crate) struct Seen<'v> {
    pub(crate) line: &'v Line,
    pub(crate) ours: String,
    pub(crate) theirs: String,
    pub(crate) fact: Option<&'v Value<'v>>,
}

struct Walk<'s, 'v> {
    frames: Vec<&'v Value<'v>>,
    /// The concrete path of each frame.
    ours: Vec<String>,
    pointer: String,
    see: &'s mut dyn FnMut(Seen<'v>),
}

impl Plan {
    /// Shows every line with the fact it would write, in the order of writing.
    pub(crate) fn walk<'v>(&'v self, root: &'v Value<'v>, see: &mut dyn FnMut(Seen<'v>)) {
        let (ours, pointer) = (vec![String::new()], String::new());
        Walk {
            frames: vec![root],
            ours,
            pointer,
            see,
        }
        .object(&self.root);
    }

    /// Which field of theirs carries each fact of a dossier.
    #[must_use]
    pub fn told(&self, dossier: &Dossier) -> Vec<Told> {
        let value = dossier.facts.value();
        let mut told = Vec::new();
        self.walk(&value, &mut |seen| {
            if seen.fact.is_some_and(|fact| !fact.is_absent()) {
                told.push(Told {
                    ours: seen.ours,
                    theirs: seen.theirs,
                    line: seen.line.number,
                });
            }
        });
        told
    }

    /// Every fact of a dossier with its origin, in the order of the facts; those that this mapping read name its line
    /// and their path.
    #[must_use]
    pub fn origins(&self, dossier: &Dossier) -> Vec<(String, Origin)> {
        let mut told: BTreeMap<String, Told> = BTreeMap::new();
        for one in self.told(dossier) {
            told.entry(one.ours.clone()).or_insert(one);
        }
        let stamp = self.stamp();
        let mut paths = Vec::new();
        leaves(Facts::KIND, &dossier.facts.value(), "", &mut paths);
        let with_line = |path: String| {
            let mut origin = dossier.origin(&path).clone();
            if origin.mapping.as_deref() == Some(&stamp)
                && origin.line.is_none()
                && let Some(told) = told.get(&path)
            {
                origin.line = Some(told.line);
                origin.theirs = Some(told.theirs.clone());
            }
            (path, origin)
        };
        paths.into_iter().map(with_line).collect()
    }

    /// Its lines, in the order of writing.
    #[must_use]
    pub fn lines(&self) -> Vec<Carried> {
        let mut lines = Vec::new();
        gather_lines(&self.root, &[String::new()], &mut lines);
        lines
    }
}

fn gather_lines(object: &Object, around: &[String], lines: &mut Vec<Carried>) {
    for field in &object.fields {
        gather_member(&field.what, around, lines);
    }
}

fn gather_member(what: &What, around: &[String], lines: &mut Vec<Carried>) {
    match what {
        What::Line(line) => {
            let ours = line.ours().map_or(String::new(), |place| {
                let from = around
                    .len()
                    .checked_sub(place.up + 1)
                    .and_then(|index| around.get(index));
                join(from.map_or("", String::as_str), place.path.normal())
            });
            let Line {
                theirs,
                number,
                forth,
                back,
                lossy,
                ..
            } = line.as_ref();
            let (theirs, forth, back, lossy) = (theirs.clone(), *forth, *back, *lossy);
            lines.push(Carried {
                theirs,
                ours,
                line: *number,
                forth,
                back,
                lossy,
            });
        }
        What::Object(object) => gather_lines(object, around, lines),
        What::Text { inner, .. } => gather_member(inner, around, lines),
        What::Array(array) => {
            for block in &array.blocks {
                let mut around = around.to_vec();
                for level in &block.levels {
                    let from = around
                        .len()
                        .checked_sub(level.list.up + 1)
                        .and_then(|index| around.get(index));
                    let list = join(from.map_or("", String::as_str), level.list.path.normal());
                    around.push(list + "[]");
                }
                gather_lines(&block.row, &around, lines);
            }
        }
    }
}

impl<'v> Walk<'_, 'v> {
    fn object(&mut self, object: &'v Object) {
        let back = self.pointer.len();
        for field in &object.fields {
            point(&mut self.pointer, &field.key);
            self.member(&field.what);
            self.pointer.truncate(back);
        }
    }

    fn member(&mut self, what: &'v What) {
        match what {
            What::Line(line) => self.line(line),
            What::Object(object) => self.object(object),
            What::Text { inner, .. } => self.member(inner),
            What::Array(array) => self.array(array),
        }
    }

    fn array(&mut self, array: &'v Array) {
        let mut n = 0;
        for block in &array.blocks {
            for row in gather(block, &mut self.frames) {
                self.row(block, &row, n);
                n += 1;
            }
        }
    }

    fn row(&mut self, block: &'v super::plan::Block, row: &[super::forth::Item<'v>], n: usize) {
        let (frames, ours, back) = (self.frames.len(), self.ours.len(), self.pointer.len());
        for (level, (index, value)) in block.levels.iter().zip(row) {
            let from = self
                .ours
                .len()
                .checked_sub(level.list.up + 1)
                .and_then(|at| self.ours.get(at));
            let list = join(from.map_or("", String::as_str), level.list.path.normal());
            self.ours.push(format!("{list}[{index}]"));
            self.frames.push(value);
        }
        point(&mut self.pointer, &n.to_string());
        self.object(&block.row);
        self.pointer.truncate(back);
        self.frames.truncate(frames);
        self.ours.truncate(ours);
    }

    fn line(&mut self, line: &'v Line) {
        let (Source::Fact(place) | Source::Each(place)) = &line.source else {
            return;
        };
        let Some(from) = self.frames.len().checked_sub(place.up + 1) else {
            return;
        };
        let around = self.ours.get(from).map_or("", String::as_str);
        let frame = self.frames.get(from).copied();
        let theirs = self.pointer.clone();
        let found = frame
            .map(|frame| concrete(&place.path, frame))
            .unwrap_or_default();
        if found.is_empty() {
            (self.see)(Seen {
                line,
                ours: join(around, place.path.normal()),
                theirs,
                fact: None,
            });
            return;
        }
        for (path, fact) in found {
            (self.see)(Seen {
                line,
                ours: join(around, &path),
                theirs: theirs.clone(),
                fact: Some(fact),
            });
        }
    }
}

/// What a path finds, each with its path with places in it.
fn concrete<'v>(path: &Path, frame: &'v Value<'v>) -> Vec<(String, &'v Value<'v>)> {
    let mut found = Vec::new();
    path.each_with_path(frame, &mut |path, value| found.push((path, value)));
    found
}

/// Every fact that says something, with its path.
pub(crate) fn leaves(kind: Kind, value: &Value<'_>, path: &str, paths: &mut Vec<String>) {
    match (kind, value) {
        (_, Value::Absent) => {}
        (Kind::Record(record), Value::Record(values)) => {
            for (field, value) in record.fields.iter().zip(values) {
                leaves(field.kind, value, &join(path, field.name), paths);
            }
        }
        (Kind::List(item), Value::List(values)) => {
            for (n, value) in values.iter().enumerate() {
                leaves(*item, value, &format!("{path}[{n}]"), paths);
            }
        }
        _ => paths.push(path.to_owned()),
    }
}
