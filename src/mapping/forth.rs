//! Ours → theirs: one walk over the plan beside our facts, written as JSON bytes in the mapping's order.

use serde_json::Value as Json;

use super::fault::{FAULTS, Fault, Wrong};
use super::node::point;
use super::out::{json, string};
use super::plan::{Array, Block, Empty, Level, Line, Object, Plan, What};
use super::transform::Run;
use crate::model::{Extension, Row, Value};

/// What happened while writing that is no fault.
pub type Notes = Vec<Note>;

/// A text that was cut to what may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// JSON pointer into their document.
    pub pointer: String,
    /// Our path.
    pub ours: String,
    /// The line of the mapping's file.
    pub line: u32,
}

/// The writing of one document.
pub(crate) struct Forth<'r, 'v> {
    run: &'r Run<'v>,
    empty: Empty,
    kept: Option<&'r Extension>,
    pub(crate) frames: Vec<&'v Value<'v>>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) notes: Notes,
    pointer: String,
}

/// One item of a row on the way down: its place in its list, and itself.
pub(crate) type Item<'v> = (usize, &'v Value<'v>);

impl<'r, 'v> Forth<'r, 'v> {
    pub(crate) fn new(plan: &Plan, run: &'r Run<'v>, frames: Vec<&'v Value<'v>>) -> Self {
        let (faults, notes) = (Vec::new(), Vec::new());
        Self {
            run,
            empty: plan.empty,
            kept: None,
            frames,
            faults,
            notes,
            pointer: String::new(),
        }
    }

    /// Writes what was kept again, where the facts still say the same.
    pub(crate) fn with(mut self, kept: Option<&'r Extension>) -> Self {
        self.kept = kept.filter(|kept| !kept.is_empty());
        self
    }

    /// Writes an object; says whether it has a member.
    pub(crate) fn object(&mut self, object: &'v Object, bytes: &mut Vec<u8>) -> bool {
        bytes.push(b'{');
        let start = bytes.len();
        let back = self.pointer.len();
        for field in &object.fields {
            let before = bytes.len();
            if before > start {
                bytes.push(b',');
            }
            bytes.extend_from_slice(&field.head);
            self.pointer.push_str(&field.step);
            if !self.member(&field.what, bytes) {
                bytes.truncate(before);
            }
            self.pointer.truncate(back);
        }
        for (key, value) in self
            .kept
            .and_then(|kept| kept.members.get(&self.pointer))
            .into_iter()
            .flatten()
        {
            comma(start, bytes);
            string(key, bytes);
            bytes.push(b':');
            json(value, bytes);
        }
        let wrote = bytes.len() > start;
        bytes.push(b'}');
        wrote
    }

    fn member(&mut self, what: &'v What, bytes: &mut Vec<u8>) -> bool {
        if let What::Line(line) = what {
            return self.line(line, bytes);
        }
        if let Some(kept) = self.kept.and_then(|kept| kept.kept.get(&self.pointer))
            && plain(what, &self.frames, self.empty, self.run) == kept.instead
        {
            return came(kept.came.as_ref(), bytes);
        }
        self.composed(what, bytes)
    }

    fn composed(&mut self, what: &'v What, bytes: &mut Vec<u8>) -> bool {
        match what {
            What::Line(line) => self.line(line, bytes),
            What::Object(object) => self.object(object, bytes) || self.empty != Empty::Absent,
            What::Array(array) => self.array(array, bytes),
            What::Text { inner, base64 } => {
                let mut document = Vec::new();
                if !self.composed(inner, &mut document) {
                    return self.empty.out().write(bytes);
                }
                let text = String::from_utf8_lossy(&document);
                if *base64 {
                    string(&data_encoding::BASE64.encode(text.as_bytes()), bytes);
                } else {
                    string(&text, bytes);
                }
                true
            }
        }
    }

    fn line(&mut self, line: &'v Line, bytes: &mut Vec<u8>) -> bool {
        let out = match line.write(&self.frames, self.empty, self.run) {
            Ok(out) => out,
            Err(wrong) => return self.fault(line, wrong),
        };
        if let Some(kept) = self.kept.and_then(|kept| kept.kept.get(&self.pointer))
            && out.json() == kept.instead
        {
            self.run.cut.set(false);
            return came(kept.came.as_ref(), bytes);
        }
        if self.run.cut.replace(false) {
            let ours = line
                .ours()
                .map_or(String::new(), |place| place.path.normal().to_owned());
            self.notes.push(Note {
                pointer: self.pointer.clone(),
                ours,
                line: line.number,
            });
        }
        out.write(bytes)
    }

    fn fault(&mut self, line: &Line, wrong: Wrong) -> bool {
        if self.faults.len() < FAULTS {
            let ours = line.ours().map(|place| place.path.normal().to_owned());
            self.faults.push(Fault {
                pointer: self.pointer.clone(),
                ours,
                wrong,
            });
        }
        false
    }

    fn array(&mut self, array: &'v Array, bytes: &mut Vec<u8>) -> bool {
        let mut gathered: Vec<_> = array
            .blocks
            .iter()
            .map(|block| gather(block, &mut self.frames).into_iter())
            .collect();
        bytes.push(b'[');
        let start = bytes.len();
        let order = self
            .kept
            .and_then(|kept| kept.order.get(&self.pointer))
            .map_or(&[][..], Vec::as_slice);
        for (n, row) in order.iter().enumerate() {
            let block = match row {
                Row::Kept { row } => {
                    comma(start, bytes);
                    json(row, bytes);
                    continue;
                }
                Row::Block(block) => usize::from(*block),
            };
            if let Some(items) = gathered.get_mut(block).and_then(Iterator::next) {
                comma(start, bytes);
                self.row(&array.blocks[block], &items, n, bytes);
            }
        }
        let mut n = order.len();
        for (block, rows) in array.blocks.iter().zip(gathered) {
            for items in rows {
                comma(start, bytes);
                self.row(block, &items, n, bytes);
                n += 1;
            }
        }
        let wrote = bytes.len() > start;
        bytes.push(b']');
        wrote || self.empty != Empty::Absent
    }

    fn row(&mut self, block: &'v Block, items: &[Item<'v>], n: usize, bytes: &mut Vec<u8>) {
        let (frames, back) = (self.frames.len(), self.pointer.len());
        self.frames.extend(items.iter().map(|(_, value)| *value));
        let list = self.pointer.clone();
        point(&mut self.pointer, &n.to_string());
        if let Some(kept) = self.kept {
            self.same_row(kept, &list, block);
        }
        let outer = self.run.enter(n);
        self.object(&block.row, bytes);
        self.run.row.set(outer);
        self.frames.truncate(frames);
        self.pointer.truncate(back);
    }

    /// Rows may have moved since they were read: what was kept for a row is written beside that row only.
    fn same_row(&mut self, kept: &Extension, list: &str, block: &'v Block) {
        if kept
            .rows
            .get(&self.pointer)
            .is_none_or(|known| *known == key(block, &self.frames, self.empty, self.run))
        {
            return;
        }
        let now = key(block, &self.frames, self.empty, self.run);
        let prefix = format!("{list}/");
        let mut rows = kept
            .rows
            .range(prefix.clone()..)
            .take_while(|(row, _)| row.starts_with(&prefix));
        let found = rows.find(|(row, known)| **known == now && !row[prefix.len()..].contains('/'));
        self.pointer = found.map_or_else(|| format!("{list}/-"), |(row, _)| row.clone());
    }
}

fn comma(start: usize, bytes: &mut Vec<u8>) {
    if bytes.len() > start {
        bytes.push(b',');
    }
}

fn came(came: Option<&Json>, bytes: &mut Vec<u8>) -> bool {
    came.is_some_and(|came| {
        json(came, bytes);
        true
    })
}

/// What a row is known by: what its first line says.
pub(crate) fn key<'v>(block: &'v Block, frames: &[&'v Value<'v>], empty: Empty, run: &Run<'v>) -> Json {
    let first = block.row.fields.iter().find_map(|field| match &field.what {
        What::Line(line) if line.ours().is_some() && line.forth => Some(line),
        What::Line(_) | What::Object(_) | What::Array(_) | What::Text { .. } => None,
    });
    let out = first.and_then(|line| line.write(frames, empty, run).ok()?.json());
    run.cut.set(false);
    out.unwrap_or(Json::Null)
}

/// What a member would be written as from the facts alone; `None` when it would be left out.
pub(crate) fn plain<'v>(
    what: &'v What,
    frames: &[&'v Value<'v>],
    empty: Empty,
    run: &Run<'v>,
) -> Option<Json> {
    let (faults, notes) = (Vec::new(), Vec::new());
    let frames = frames.to_vec();
    let mut writer = Forth {
        run,
        empty,
        kept: None,
        frames,
        faults,
        notes,
        pointer: String::new(),
    };
    let mut bytes = Vec::new();
    let wrote = writer.composed(what, &mut bytes);
    if wrote {
        serde_json::from_slice(&bytes).ok()
    } else {
        None
    }
}

/// The rows of a block: for each, the items on the way down, those that meet the block's condition.
pub(crate) fn gather<'v>(block: &Block, frames: &mut Vec<&'v Value<'v>>) -> Vec<Vec<Item<'v>>> {
    let mut rows = Vec::new();
    descend(&block.levels, block, frames, &mut Vec::new(), &mut rows);
    rows
}

fn descend<'v>(
    levels: &[Level],
    block: &Block,
    frames: &mut Vec<&'v Value<'v>>,
    items: &mut Vec<Item<'v>>,
    rows: &mut Vec<Vec<Item<'v>>>,
) {
    let Some((level, rest)) = levels.split_first() else {
        if block.when.ours(frames) {
            rows.push(items.clone());
        }
        return;
    };
    let Some(Value::List(list)) = level.list.find(frames) else {
        return;
    };
    for (n, value) in list.iter().enumerate() {
        frames.push(value);
        items.push((n, value));
        descend(rest, block, frames, items, rows);
        items.pop();
        frames.pop();
    }
}
