//! The complement: what came beside what our facts would be written as; where they differ, what came is kept.

use serde_json::Value as Json;

use super::back::{Slots, Sorted};
use super::forth::{Item, gather, key, plain};
use super::node::{Members, Node, point};
use super::out::Out;
use super::plan::{Array, Empty, Field, Line, Object, Plan, Source, What};
use super::transform::Run;
use crate::model::{Extension, Kept, Row, Value};

/// The comparison of one document with its facts.
struct Keeper<'r, 'v> {
    run: &'r Run<'v>,
    empty: Empty,
    frames: Vec<&'v Value<'v>>,
    sorted: std::slice::Iter<'r, Sorted>,
    pointer: String,
    extension: Extension,
}

/// What must be kept so that these facts are written as that document again.
pub(crate) fn keep<'v>(
    plan: &'v Plan,
    node: &Node<'_>,
    frames: Vec<&'v Value<'v>>,
    sorted: &[Sorted],
    run: &Run<'v>,
) -> Extension {
    let (pointer, extension) = (String::new(), Extension::default());
    let mut keeper = Keeper {
        run,
        empty: plan.empty,
        frames,
        sorted: sorted.iter(),
        pointer,
        extension,
    };
    if let Some(members) = node.members() {
        keeper.object(&plan.root, members);
    }
    run.cut.set(false);
    keeper.extension
}

impl<'v> Keeper<'_, 'v> {
    fn object(&mut self, object: &'v Object, members: &Members<'_>) {
        let back = self.pointer.len();
        let Slots { nodes, strange } = Slots::of(object, Some(members));
        for (field, slot) in object.fields.iter().zip(nodes) {
            if let What::Line(line) = &field.what {
                self.line(field, line, slot);
                continue;
            }
            self.pointer.push_str(&field.step);
            self.member(&field.what, slot);
            self.pointer.truncate(back);
        }
        for (key, node) in strange {
            let own = self.extension.members.entry(self.pointer.clone()).or_default();
            own.insert(key.as_ref().to_owned(), node.json());
        }
    }

    fn line(&mut self, field: &Field, line: &'v Line, slot: Option<&Node<'_>>) {
        if self.plainly_same(line, slot) {
            return;
        }
        // A fact that cannot be written back is one that was never read: what came stays beside it.
        let out = line
            .write(&self.frames, self.empty, self.run)
            .unwrap_or(Out::Nothing);
        if !out.same(slot) {
            let back = self.pointer.len();
            self.pointer.push_str(&field.step);
            self.kept(slot, out.json());
            self.pointer.truncate(back);
        }
    }

    /// What most lines come to, without writing them: a text as it came, or nothing on both sides.
    fn plainly_same(&self, line: &Line, slot: Option<&Node<'_>>) -> bool {
        let Source::Fact(place) = &line.source else {
            return false;
        };
        if !line.forth {
            return false;
        }
        match (place.find(&self.frames), slot) {
            (Some(Value::Text(fact)), Some(Node::Text(came))) => {
                line.steps.is_empty() && !fact.is_empty() && fact == came
            }
            (None | Some(Value::Absent), None) => self.empty == Empty::Absent && line.default.is_none(),
            (None | Some(_), _) => false,
        }
    }

    fn member(&mut self, what: &'v What, slot: Option<&Node<'_>>) {
        match (what, slot) {
            (What::Line(_), _) => {}
            (What::Object(object), Some(Node::Map(members))) if !members.is_empty() => {
                self.object(object, members)
            }
            (What::Array(array), Some(Node::List(items))) => self.rows(what, array, items),
            (What::Text { inner, .. }, Some(node @ Node::Document(_, document))) => {
                self.whole(what, Some(node));
                self.member(inner, Some(document));
            }
            (What::Object(_) | What::Array(_) | What::Text { .. }, slot) => self.whole(what, slot),
        }
    }

    /// Keeps a whole member when the facts alone would be written otherwise.
    fn whole(&mut self, what: &'v What, slot: Option<&Node<'_>>) {
        let instead = plain(what, &self.frames, self.empty, self.run);
        if instead != slot.map(Node::json) {
            self.kept(slot, instead);
        }
    }

    fn kept(&mut self, came: Option<&Node<'_>>, instead: Option<Json>) {
        let kept = Kept {
            came: came.map(Node::json),
            instead,
        };
        self.extension.kept.insert(self.pointer.clone(), kept);
    }

    fn rows(&mut self, what: &'v What, array: &'v Array, items: &[Node<'_>]) {
        let Some(sorted) = self.sorted.next() else { return };
        if items.is_empty() {
            return self.whole(what, Some(&Node::List(Vec::new())));
        }
        let gathered: Vec<Vec<Vec<Item<'v>>>> = array
            .blocks
            .iter()
            .map(|block| gather(block, &mut self.frames))
            .collect();
        for (n, rows) in (0_u16..).zip(&gathered) {
            if rows.len() != sorted.rows.iter().filter(|(block, _)| *block == Some(n)).count() {
                return self.whole(what, Some(&Node::List(items.to_vec())));
            }
        }
        self.order(array, items, sorted);
        let mut gathered: Vec<_> = gathered.into_iter().map(Vec::into_iter).collect();
        let back = self.pointer.len();
        for (n, (item, (block, inner))) in items.iter().zip(&sorted.rows).enumerate() {
            let Some(block) = block.map(usize::from) else {
                continue;
            };
            let row = gathered.get_mut(block).and_then(Iterator::next);
            if let (Some(row), Some(members)) = (row, item.members()) {
                point(&mut self.pointer, &n.to_string());
                let outer = std::mem::replace(&mut self.sorted, inner.iter());
                let number = self.run.enter(n);
                self.row(array, block, &row, members);
                self.run.row.set(number);
                self.sorted = outer;
                self.pointer.truncate(back);
            }
        }
    }

    fn row(&mut self, array: &'v Array, block: usize, row: &[Item<'v>], members: &Members<'_>) {
        let (frames, before) = (self.frames.len(), self.size());
        let block = &array.blocks[block];
        self.frames.extend(row.iter().map(|(_, value)| *value));
        self.object(&block.row, members);
        if self.size() > before {
            let key = key(block, &self.frames, self.empty, self.run);
            self.extension.rows.insert(self.pointer.clone(), key);
        }
        self.frames.truncate(frames);
    }

    fn size(&self) -> usize {
        self.extension.kept.len() + self.extension.members.len() + self.extension.order.len()
    }

    /// Keeps the order of rows where the plan alone does not give it, and the rows of no block.
    fn order(&mut self, array: &Array, items: &[Node<'_>], sorted: &Sorted) {
        if array.blocks.len() < 2 && sorted.rows.iter().all(|(block, _)| block.is_some()) {
            return;
        }
        let order = items
            .iter()
            .zip(&sorted.rows)
            .map(|(item, (block, _))| match block {
                Some(block) => Row::Block(*block),
                None => Row::Kept { row: item.json() },
            });
        self.extension.order.insert(self.pointer.clone(), order.collect());
    }
}
