//! What went out, value by value: which line of which mapping wrote it, which fact of ours it is, and where that came from.

use std::collections::HashMap;

use serde_json::Value;

use super::mask::{is_plain, unnumbered};
use crate::mapping::Plan;
use crate::model::{Dossier, How, Operation, Origin};
use crate::store::Rendered;
use crate::translate::Translator;

/// Values of one message that are shown; the rest of a very long one is only counted.
const MOST: usize = 2_000;

/// One value of a message.
pub(super) struct Traced {
    /// Its JSON pointer in the payload.
    pub(super) place: String,
    /// The value.
    pub(super) value: String,
    /// Whether it is about nobody.
    pub(super) is_plain: bool,
    /// Our fact, if one was written there.
    pub(super) ours: Option<String>,
    /// The line of the mapping's file that wrote it.
    pub(super) line: Option<u32>,
    /// Where the fact came from.
    pub(super) origin: Option<Origin>,
}

impl Traced {
    /// How the fact came to be known.
    pub(super) fn how(&self) -> Option<How> {
        self.origin.as_ref().map(|origin| origin.how)
    }
}

/// All values of a message, in their order.
pub(super) struct Trace {
    pub(super) values: Vec<Traced>,
    /// Values that are not shown.
    pub(super) more: usize,
    /// Whether it could be taken apart.
    pub(super) whole: bool,
}

/// Takes a message apart. `dossier` is the filing it was made for.
pub(super) fn message(
    translator: &Translator,
    dossier: Option<&Dossier>,
    (operation, rendered): (Operation, &Rendered),
) -> Trace {
    let mut places = Vec::new();
    let whole = match serde_json::from_slice::<Value>(&rendered.payload) {
        Ok(document) => {
            flatten(&document, String::new(), &mut places);
            true
        }
        Err(_) => false,
    };
    let known = Known::of(translator, dossier, (operation, &rendered.mapping));
    let more = places.len().saturating_sub(MOST);
    places.truncate(MOST);
    let values = places
        .into_iter()
        .map(|(place, value)| known.traced(place, value))
        .collect();
    Trace { values, more, whole }
}

/// What is known of a message's places.
struct Known {
    /// Pointer in the document → our fact and the line.
    written: HashMap<String, (String, u32)>,
    /// Field without its places → our fact without its places, and the line: for steps, of which a message has some, and for
    /// what the dossier has changed since.
    lines: HashMap<String, (String, u32)>,
    /// Our fact → where it came from; of facts in lists also by their path without places, the first of each.
    origins: HashMap<String, Origin>,
}

impl Known {
    fn of(
        translator: &Translator,
        dossier: Option<&Dossier>,
        (operation, mapping): (Operation, &str),
    ) -> Self {
        let plan = translator.plan(mapping.split('@').next().unwrap_or_default());
        // A step's facts are the dossier's `steps[]`, and its mapping names them from the step on.
        let steps = operation == Operation::Progress;
        let told = plan.zip(dossier).filter(|_| !steps);
        let told = told.map(|(plan, dossier)| plan.told(dossier)).unwrap_or_default();
        let lines = plan.map(Plan::lines).unwrap_or_default();
        let whole = |ours: String| match steps && !ours.is_empty() && ours != "number" {
            true => format!("steps[].{ours}"),
            false => ours,
        };
        Self {
            written: told
                .into_iter()
                .map(|one| (one.theirs, (one.ours, one.line)))
                .collect(),
            lines: lines
                .into_iter()
                .map(|one| (one.theirs, (whole(one.ours), one.line)))
                .collect(),
            origins: dossier
                .map(|dossier| origins(translator.origins(dossier)))
                .unwrap_or_default(),
        }
    }

    fn traced(&self, place: String, value: String) -> Traced {
        // A message is a list of documents; pointers of a mapping begin in its document.
        let inside = place
            .strip_prefix('/')
            .and_then(|rest| rest.find('/').map(|at| &rest[at..]))
            .unwrap_or(&place);
        let first = place.starts_with("/0/");
        let written = self.written.get(inside).filter(|_| first);
        let found = written.or_else(|| self.lines.get(&fields(inside)));
        let ours = found
            .map(|(ours, _)| ours.clone())
            .filter(|ours| !ours.is_empty());
        Traced {
            is_plain: ours.as_deref().is_some_and(is_plain) || value.is_empty(),
            origin: ours.as_ref().and_then(|ours| self.origins.get(ours)).cloned(),
            line: found.map(|(_, line)| *line),
            ours,
            place,
            value,
        }
    }
}

/// Origins by their facts, and for facts in lists by their paths without places too; then their field has none either.
fn origins(all: Vec<(String, Origin)>) -> HashMap<String, Origin> {
    let mut known = HashMap::with_capacity(all.len() * 2);
    for (path, origin) in all {
        let of_all = unnumbered(&path);
        if of_all != path {
            known.entry(of_all).or_insert_with(|| Origin {
                theirs: origin.theirs.as_deref().map(fields),
                ..origin.clone()
            });
        }
        known.insert(path, origin);
    }
    known
}

/// The fields that a pointer goes through, without places in lists.
fn fields(pointer: &str) -> String {
    let mut path = String::with_capacity(pointer.len());
    for step in pointer.split('/').skip(1) {
        let place = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        let mark = if place { "[]" } else { "." };
        if !path.is_empty() {
            path.push_str(mark);
        }
        if !place {
            path.push_str(step);
        }
    }
    path
}

/// Every value of a document that is no list and no object, with its pointer.
pub(super) fn flatten(value: &Value, at: String, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| flatten(value, format!("{at}/{}", escape(name)), into)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(place, value)| flatten(value, format!("{at}/{place}"), into)),
        Value::String(text) => into.push((at, text.clone())),
        Value::Null => into.push((at, String::new())),
        Value::Bool(_) | Value::Number(_) => into.push((at, value.to_string())),
    }
}

/// RFC 6901 §3.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_taken_apart_in_its_order() {
        let mut values = Vec::new();
        let document = serde_json::json!([{"b": [1, {"c/d": "x"}], "a": null, "e": true}]);
        flatten(&document, String::new(), &mut values);
        let told: Vec<(&str, &str)> = values
            .iter()
            .map(|(at, value)| (at.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("/0/b/0", "1"),
                ("/0/b/1/c~1d", "x"),
                ("/0/a", ""),
                ("/0/e", "true")
            ]
        );
        assert_eq!(fields("/TaiLieuNop/3/Ten"), "TaiLieuNop[].Ten");
    }
}
