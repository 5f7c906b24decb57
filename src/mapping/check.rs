//! Silence is a mistake: every fact of ours is carried by a line, worked out, or listed as lost with a reason.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeTable;

use super::compile::Compiler;
use super::plan::Place;
use super::sentence::Shapes;
use crate::model::{Hop, Kind, Path, nearest};

/// The facts of ours that a mapping speaks of, by their paths without choices.
#[derive(Default)]
pub(crate) struct Carried {
    paths: BTreeSet<String>,
    derived: BTreeSet<String>,
}

type Reasons = Vec<(String, String)>;

impl Carried {
    /// A line carries that fact; `ours` are the paths of the records around it.
    pub(crate) fn note(&mut self, place: &Place, ours: &[String]) {
        let around = ours
            .len()
            .checked_sub(place.up + 1)
            .and_then(|index| ours.get(index));
        let around = around.map_or("", String::as_str);
        let join = |path: &str| {
            if around.is_empty() {
                path.to_owned()
            } else {
                format!("{around}.{path}")
            }
        };
        self.paths.insert(join(place.path.normal()));
        for hop in place.path.hops() {
            if let Hop::Where(index, record, _) = hop
                && let Some((list, _)) = place.path.normal().rsplit_once("[]")
                && let Some(field) = record.fields.get(*index)
            {
                self.paths.insert(join(&format!("{list}[].{}", field.name)));
            }
        }
    }

    pub(crate) fn derived(&mut self, path: &str) {
        self.derived.insert(path.to_owned());
    }

    fn has(&self, path: &str) -> bool {
        self.paths.contains(path) || self.derived.contains(path)
    }
}

impl Compiler<'_> {
    /// Reads `[lost.forth]` and `[lost.back]`, and tells which facts nothing speaks of.
    pub(crate) fn lost(&mut self, table: &DeTable<'_>, shapes: &Shapes) -> (Reasons, Reasons) {
        let lost = table.get("lost").and_then(|lost| lost.get_ref().as_table());
        let forth = self.reasons(lost, "forth");
        let back = self.reasons(lost, "back");
        let Some(root) = shapes.0.last() else {
            return (forth, back);
        };
        let leaves = root.leaves();
        let mut listed = BTreeSet::new();
        for (path, _) in &forth {
            let covered: Vec<&String> = leaves.iter().filter(|leaf| covers(path, leaf)).collect();
            let place = self.find_key(lost, path);
            if covered.is_empty() {
                self.mistake(&place, unknown(path, root));
            } else if let Some(carried) = covered.iter().find(|leaf| self.carried.paths.contains(**leaf)) {
                self.mistake(&place, format!("`{carried}` is not lost: a line carries it"));
            }
            listed.extend(covered.into_iter().cloned());
        }
        let silent: Vec<&String> = leaves
            .iter()
            .filter(|leaf| !listed.contains(*leaf) && !self.carried.has(leaf))
            .collect();
        // A line that is mistaken would seem silent too.
        if !silent.is_empty() && self.is_sound() {
            let names: Vec<String> = silent.iter().map(|leaf| format!("`{leaf}`")).collect();
            let place = lost.map_or(0..0, |_| table.get("lost").map_or(0..0, Spanned::span));
            let what = format!(
                "neither a line nor [lost.forth] speaks of {}: carry {} or say why not",
                names.join(", "),
                if silent.len() == 1 { "it" } else { "them" }
            );
            self.mistake(&place, what);
        }
        (forth, back)
    }

    fn reasons(&mut self, lost: Option<&DeTable<'_>>, way: &str) -> Reasons {
        let mut reasons = Vec::new();
        let Some(table) = lost.and_then(|lost| lost.get(way)?.get_ref().as_table()) else {
            return reasons;
        };
        for (key, entry) in table {
            match entry
                .get_ref()
                .as_str()
                .filter(|reason| !reason.trim().is_empty())
            {
                Some(reason) => reasons.push((key.get_ref().as_ref().to_owned(), reason.to_owned())),
                None => self.mistake(&entry.span(), "say why it is lost, in quotes"),
            }
        }
        reasons
    }

    fn find_key(&self, lost: Option<&DeTable<'_>>, path: &str) -> std::ops::Range<usize> {
        let table = lost.and_then(|lost| lost.get("forth")?.get_ref().as_table());
        let key = table.and_then(|table| table.keys().find(|key| key.get_ref().as_ref() == path));
        key.map_or(0..0, Spanned::span)
    }
}

/// True when a line of `[lost.forth]` speaks of that leaf: itself, its record, or its list.
pub(crate) fn covers(path: &str, leaf: &str) -> bool {
    let mut leaf = plain(leaf);
    let begins = plain(path.trim_end_matches(".*")).all(|byte| leaf.next() == Some(byte));
    begins && matches!(leaf.next(), None | Some(b'.'))
}

/// A path without its `[]`.
fn plain(path: &str) -> impl Iterator<Item = u8> + '_ {
    path.bytes().filter(|byte| !matches!(byte, b'[' | b']'))
}

fn unknown(path: &str, root: &'static crate::model::Record) -> String {
    let plain = path.trim_end_matches(".*");
    match Path::parse(plain, root) {
        Err(fault) => fault.what,
        Ok(found) if matches!(found.kind(), Kind::Record(_)) => format!("`{plain}` has no facts"),
        Ok(_) => nearest(plain, []).map_or_else(|| format!("`{plain}` is not a fact"), str::to_owned),
    }
}
