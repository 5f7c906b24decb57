//! Theirs → ours: one walk over the plan beside their document; every fault is told, not only the first.

use std::mem;

use super::fault::{FAULTS, Fault, Wrong};
use super::misread::Unreadable;
use super::node::{Members, Node, point};
use super::plan::{Array, Block, Field, Level, Line, Object, Place, Plan, Source, What};
use super::transform::{Run, decode};
use crate::model::{Path, Value};

/// Why a document was not read.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It cannot be read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It can, and these values stop it; at most 100.
    #[error("{} values stop this document", .0.len())]
    Faults(Vec<Fault>),
}

/// Where the rows of one array went, and in each row those of the arrays in it.
#[derive(Default)]
pub(crate) struct Sorted {
    pub(crate) rows: Vec<(Option<u16>, Vec<Sorted>)>,
}

/// The reading of one document.
pub(crate) struct Back<'r, 'n> {
    run: &'r Run<'n>,
    /// The records being filled: the root first, the innermost last.
    pub(crate) frames: Vec<Value<'n>>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) sorted: Vec<Sorted>,
    pointer: String,
}

/// Opens the documents inside texts, where the plan says there are some.
pub(crate) fn open<'n>(object: &Object, members: &mut Members<'n>) {
    for (key, node) in members {
        if let Some(field) = object
            .index
            .get(key.as_ref())
            .and_then(|index| object.fields.get(*index))
        {
            open_member(&field.what, node);
        }
    }
}

fn open_member<'n>(what: &What, node: &mut Node<'n>) {
    match (what, node) {
        (What::Object(object), Node::Map(members)) => open(object, members),
        (What::Array(array), Node::List(rows)) => {
            for row in rows {
                for block in &array.blocks {
                    open_member_row(block, row);
                }
            }
        }
        (What::Text { inner, base64 }, node) => {
            if let Node::Text(text) = node
                && let Some(mut document) = document(text, *base64)
            {
                open_member(inner, &mut document);
                *node = Node::Document(mem::take(text), Box::new(document));
            }
        }
        (What::Line(_) | What::Object(_) | What::Array(_), _) => {}
    }
}

fn open_member_row<'n>(block: &Block, row: &mut Node<'n>) {
    if let Node::Map(members) = row {
        open(&block.row, members);
    }
}

/// The document in a text; borrowed when the text itself is.
fn document<'n>(text: &std::borrow::Cow<'n, str>, base64: bool) -> Option<Node<'n>> {
    if base64 {
        return decode(text).and_then(|text| Node::parse(text.as_bytes()).ok().map(Node::into_owned));
    }
    match text {
        std::borrow::Cow::Borrowed(text) => Node::parse(text.as_bytes()).ok(),
        std::borrow::Cow::Owned(text) => Node::parse(text.as_bytes()).ok().map(Node::into_owned),
    }
}

impl<'r, 'n> Back<'r, 'n> {
    /// Reads a document into the root records.
    pub(crate) fn read(plan: &'n Plan, node: &'n Node<'_>, roots: Vec<Value<'n>>, run: &'r Run<'n>) -> Self {
        let mut back = Self {
            run,
            frames: roots,
            faults: Vec::new(),
            sorted: Vec::new(),
            pointer: String::new(),
        };
        match node.members() {
            Some(members) => back.both_passes(&plan.root, members),
            None => back.fault(None, Wrong::Type { wanted: "an object" }),
        }
        back
    }

    fn fault(&mut self, line: Option<&Line>, wrong: Wrong) {
        if self.faults.len() < FAULTS {
            let ours = line
                .and_then(Line::ours)
                .map(|place| place.path.normal().to_owned());
            self.faults.push(Fault {
                pointer: self.pointer.clone(),
                ours,
                wrong,
            });
        }
    }

    fn both_passes(&mut self, object: &'n Object, members: &'n Members<'_>) {
        self.object(object, Some(members), false);
        if object.late {
            self.object(object, Some(members), true);
        }
    }

    fn object(&mut self, object: &'n Object, members: Option<&'n Members<'_>>, late: bool) {
        for (field, slot) in object.fields.iter().zip(Slots::of(object, members).nodes) {
            if let What::Line(line) = &field.what {
                self.line(field, line, slot, late);
                continue;
            }
            let back = self.pointer.len();
            self.pointer.push_str(&field.step);
            self.member(&field.what, slot, late);
            self.pointer.truncate(back);
        }
    }

    fn member(&mut self, what: &'n What, slot: Option<&'n Node<'_>>, late: bool) {
        match what {
            What::Line(_) => {}
            What::Object(inner) if inner.late || !late => match slot.map(|node| (node, node.members())) {
                Some((_, Some(members))) => self.object(inner, Some(members), late),
                Some((node, None)) if !node.is_empty() => {
                    self.fault(None, Wrong::Type { wanted: "an object" })
                }
                Some(_) | None => self.object(inner, None, late),
            },
            What::Object(_) => {}
            What::Array(array) if !late => match slot.map(|node| (node, node.items())) {
                Some((_, Some(items))) => self.rows(array, items),
                Some((node, None)) if !node.is_empty() => self.fault(None, Wrong::Type { wanted: "a list" }),
                Some(_) | None => {}
            },
            What::Array(_) => {}
            What::Text { inner, .. } => match slot {
                Some(Node::Document(_, document)) => self.member(inner, Some(document), late),
                Some(node) if !node.is_empty() => self.fault(None, Wrong::Document),
                Some(_) | None => self.member(inner, None, late),
            },
        }
    }

    fn line(&mut self, field: &Field, line: &'n Line, slot: Option<&'n Node<'_>>, late: bool) {
        if line.late != late || !line.back {
            return;
        }
        let value = match line.read(slot, self.run) {
            Ok(value) => value,
            Err(wrong) => {
                let back = self.pointer.len();
                self.pointer.push_str(&field.step);
                self.fault(Some(line), wrong);
                return self.pointer.truncate(back);
            }
        };
        match (&line.source, value) {
            (Source::Given(_) | Source::Row, _) | (_, Value::Absent) => {}
            (Source::Fact(place), value) => {
                if let Some(frame) = self.frame(place) {
                    fill(place.path.place(frame), value);
                }
            }
            (Source::Each(place), value) => self.many(place, value),
        }
    }

    fn frame(&mut self, place: &Place) -> Option<&mut Value<'n>> {
        let index = self.frames.len().checked_sub(place.up + 1)?;
        self.frames.get_mut(index)
    }

    fn many(&mut self, place: &Place, value: Value<'n>) {
        let (Value::List(items), Some(frame)) = (value, self.frame(place)) else {
            return;
        };
        for (n, item) in items.into_iter().enumerate() {
            fill(place.path.place_nth(frame, n), item);
        }
    }

    fn rows(&mut self, array: &'n Array, items: &'n [Node<'_>]) {
        let mut sorted = Sorted::default();
        let back = self.pointer.len();
        for (n, item) in items.iter().enumerate() {
            point(&mut self.pointer, &n.to_string());
            sorted.rows.push(self.row(array, item));
            self.pointer.truncate(back);
        }
        self.sorted.push(sorted);
    }

    /// Reads a row by the first block it belongs to.
    fn row(&mut self, array: &'n Array, item: &'n Node<'_>) -> (Option<u16>, Vec<Sorted>) {
        let Some(members) = item.members() else {
            if !item.is_empty() {
                self.fault(None, Wrong::Type { wanted: "an object" });
            }
            return (None, Vec::new());
        };
        for (n, block) in (0_u16..).zip(&array.blocks) {
            if block.when.theirs(item)
                && let Some(sorted) = self.block(block, members)
            {
                return (Some(n), sorted);
            }
        }
        (None, Vec::new())
    }

    fn block(&mut self, block: &'n Block, members: &'n Members<'_>) -> Option<Vec<Sorted>> {
        let (faults, frames) = (self.faults.len(), self.frames.len());
        let outer = mem::take(&mut self.sorted);
        self.frames
            .resize_with(frames + block.levels.len(), Value::default);
        self.both_passes(&block.row, members);
        let sorted = mem::replace(&mut self.sorted, outer);
        let belongs = block.when.ours(&self.frames.iter().collect::<Vec<_>>());
        let items = self.frames.split_off(frames);
        if !belongs {
            self.faults.truncate(faults);
            return None;
        }
        if let Some(level) = block.levels.first()
            && let Some(frame) = self.frame(&level.list)
        {
            attach(frame, &block.levels, items);
        }
        Some(sorted)
    }
}

/// The first that says something stays: later lines are second sources.
fn fill<'n>(place: Option<&mut Value<'n>>, value: Value<'n>) {
    if let Some(place) = place
        && place.is_absent()
    {
        *place = value;
    }
}

/// Puts a row's items where they belong; a row whose outer item equals the one before shares it.
fn attach<'n>(base: &mut Value<'n>, levels: &[Level], items: Vec<Value<'n>>) {
    let mut items = items.into_iter();
    let (Some((level, rest)), Some(item)) = (levels.split_first(), items.next()) else {
        return;
    };
    let Some(place) = level.list.path.place(base) else {
        return;
    };
    if !matches!(place, Value::List(_)) {
        *place = Value::List(Vec::new());
    }
    let Value::List(list) = place else { return };
    let shared = match (rest.first(), list.last_mut()) {
        (Some(inner), Some(last)) => alike(last, &item, &inner.list.path),
        (None | Some(_), _) => false,
    };
    if !shared {
        list.push(item);
    }
    if let Some(last) = list.last_mut() {
        attach(last, rest, items.collect());
    }
}

/// True when two items say the same apart from the list at that path.
fn alike(last: &mut Value<'_>, item: &Value<'_>, list: &Path) -> bool {
    let inner = list.find_mut(last).map(mem::take);
    let same = match (&*last, item) {
        (Value::Record(last), Value::Record(item)) => last == item,
        (last, item) => last.is_absent() && item.is_absent(),
    };
    if let (Some(inner), Some(place)) = (inner, list.place(last)) {
        *place = inner;
    }
    same
}

/// So many fields on, a member is looked for before the index is asked.
const NEAR: usize = 8;

/// The members of an object beside the fields of the plan.
pub(crate) struct Slots<'n, 'd> {
    /// The node of each field, in the plan's order.
    pub(crate) nodes: Vec<Option<&'n Node<'d>>>,
    /// Members that no field names.
    pub(crate) strange: Vec<&'n (std::borrow::Cow<'d, str>, Node<'d>)>,
}

impl<'n, 'd> Slots<'n, 'd> {
    /// A document in the usual order needs no look-up.
    pub(crate) fn of(object: &Object, members: Option<&'n Members<'d>>) -> Self {
        let mut slots = Self {
            nodes: vec![None; object.fields.len()],
            strange: Vec::new(),
        };
        let mut next = 0;
        for member in members.into_iter().flatten() {
            // What is left out makes gaps; they are short.
            let near = object.fields.iter().skip(next).take(NEAR);
            let index = match near.zip(next..).find(|(field, _)| field.key == *member.0) {
                Some((_, index)) => Some(index),
                None => object.index.get(member.0.as_ref()).copied(),
            };
            if let Some(index) = index {
                slots.nodes[index] = Some(&member.1);
                next = index + 1;
            } else {
                slots.strange.push(member);
            }
        }
        slots
    }
}
