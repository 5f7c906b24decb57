//! The two laws of every mapping, as functions: a broken one is told by its place, never by a value.

use serde_json::Value as Json;

use super::back::Refused;
use super::fault::Fault;
use super::misread::Unreadable;
use super::node::point;
use super::plan::Plan;
use super::transform::Context;
use crate::model::sample::Chance;
use crate::model::{Dossier, Fact, Facts, Origins, Path, Time, Value};

/// How a law did not hold, or could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The document cannot be read.
    #[error("the document is refused: {0:?}")]
    Refused(Vec<Fault>),
    /// The document is no JSON.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The dossier cannot be written.
    #[error("the dossier cannot be written: {0:?}")]
    Unwritable(Vec<Fault>),
    /// Law 1: what was written is not what came, first at that pointer.
    #[error("back then forth differs at {0:?}")]
    Document(String),
    /// Law 2: the fact that line carries came back otherwise.
    #[error("forth then back differs at {ours} (line {line})")]
    Fact {
        /// Our path.
        ours: String,
        /// The line of the mapping's file.
        line: u32,
    },
    /// Written again, a dossier that came back is another document, first at that pointer.
    #[error("forth, back and forth again differs at {0:?}")]
    Unstable(String),
}

impl From<Refused> for Broken {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Faults(faults) => Self::Refused(faults),
            Refused::Unreadable(unreadable) => Self::Unreadable(unreadable),
        }
    }
}

/// Law 1: back then forth gives what was, as JSON values.
///
/// # Errors
/// [`Broken`] names the place.
pub fn back_then_forth(plan: &Plan, bytes: &[u8], context: &Context<'_>) -> Result<(), Broken> {
    let dossier = plan.read(bytes, context, Time::at(0))?;
    let mut written = Vec::new();
    plan.write(&dossier, context, &mut written)
        .map_err(Broken::Unwritable)?;
    differs(bytes, &written).map_or(Ok(()), |pointer| Err(Broken::Document(pointer)))
}

/// Law 2: forth then back gives what was, on the facts the mapping carries; and forth again the same document.
///
/// # Errors
/// [`Broken`] names the place.
pub fn forth_then_back(plan: &Plan, dossier: &Dossier, context: &Context<'_>) -> Result<(), Broken> {
    let mut plain = dossier.clone();
    plain.extensions.clear();
    let mut written = Vec::new();
    plan.write(&plain, context, &mut written)
        .map_err(Broken::Unwritable)?;
    let mut read = plan.read(&written, context, Time::at(0))?;
    same_facts(plan, &plain, &read)?;
    // What was worked out counts as said if it was said before: else a field it explains would be left to the extension.
    read.extensions.clear();
    read.origins = worked_out(&plain, &read);
    let mut again = Vec::new();
    plan.write(&read, context, &mut again)
        .map_err(Broken::Unwritable)?;
    differs(&written, &again).map_or(Ok(()), |pointer| Err(Broken::Unstable(pointer)))
}

/// The origins before, and of those after only the ones of facts that were not there before.
fn worked_out(before: &Dossier, after: &Dossier) -> Origins {
    let mut origins = before.origins.clone();
    let facts = before.facts.value();
    for (path, origin) in after.origins.exceptions() {
        let place = Path::parse(path, Facts::RECORD);
        let said = place.is_ok_and(|place| place.find(&facts).is_some_and(|fact| !fact.is_absent()));
        if !said {
            origins.note(path, origin.clone());
        }
    }
    origins
}

fn same_facts(plan: &Plan, before: &Dossier, after: &Dossier) -> Result<(), Broken> {
    let (mut one, mut other) = (before.facts.value(), after.facts.value());
    plan.hide_derived(&before.origins, &mut one);
    plan.hide_derived(&after.origins, &mut other);
    let (mut befores, mut afters) = (Vec::new(), Vec::new());
    plan.walk(&one, &mut |seen| befores.push(seen));
    plan.walk(&other, &mut |seen| afters.push(seen));
    for (n, before) in befores.iter().enumerate() {
        let line = before.line;
        if !line.forth || !line.back || line.lossy {
            continue;
        }
        let after = afters
            .get(n)
            .filter(|after| std::ptr::eq(after.line, line))
            .and_then(|after| after.fact);
        if !alike(before.fact, after) {
            return Err(Broken::Fact {
                ours: before.ours.clone(),
                line: line.number,
            });
        }
    }
    Ok(())
}

fn alike(one: Option<&Value<'_>>, other: Option<&Value<'_>>) -> bool {
    let said = |value: Option<&Value<'_>>| value.is_some_and(|value| !value.is_absent());
    if said(one) || said(other) {
        one == other
    } else {
        true
    }
}

/// Where two documents first differ.
fn differs(one: &[u8], other: &[u8]) -> Option<String> {
    let read = |bytes: &[u8]| serde_json::from_slice::<Json>(bytes).unwrap_or_default();
    let (one, other) = (read(one), read(other));
    if one == other {
        return None;
    }
    let mut pointer = String::new();
    narrow(&one, &other, &mut pointer);
    Some(pointer)
}

fn narrow(one: &Json, other: &Json, pointer: &mut String) {
    match (one, other) {
        (Json::Object(one), Json::Object(other)) => {
            let keys = one.keys().chain(other.keys());
            if let Some(key) = keys.into_iter().find(|key| one.get(*key) != other.get(*key)) {
                point(pointer, key);
                if let (Some(one), Some(other)) = (one.get(key), other.get(key)) {
                    narrow(one, other, pointer);
                }
            }
        }
        (Json::Array(one), Json::Array(other)) => {
            let len = one.len().max(other.len());
            if let Some(n) = (0..len).find(|n| one.get(*n) != other.get(*n)) {
                point(pointer, &n.to_string());
                if let (Some(one), Some(other)) = (one.get(n), other.get(n)) {
                    narrow(one, other, pointer);
                }
            }
        }
        _ => {}
    }
}

/// Disturbs a document as systems do: members go missing, empty, null or strange, rows move, come twice, or are of no
/// known kind.
pub fn disturb(document: &mut Json, chance: &mut Chance) {
    match document {
        Json::Object(members) => {
            members.retain(|_, _| !chance.percent(2));
            for (_, member) in members.iter_mut() {
                match chance.below(120) {
                    0 => *member = Json::Null,
                    1 => *member = Json::String(String::new()),
                    _ => disturb(member, chance),
                }
            }
            if chance.percent(25) {
                let strange = [
                    Json::from(1.5),
                    Json::Null,
                    Json::from("x"),
                    serde_json::json!({"a": [1, {}]}),
                ];
                let member = chance.pick(&strange).cloned().unwrap_or_default();
                members.insert(format!("strange/{}", chance.below(3)), member);
            }
        }
        Json::Array(items) => {
            items.iter_mut().for_each(|item| disturb(item, chance));
            if items.len() > 1 && chance.percent(30) {
                let (one, other) = (chance.below(items.len() as u64), chance.below(items.len() as u64));
                items.swap(one as usize, other as usize);
            }
            if let Some(again) = chance.pick(items).cloned().filter(|_| chance.percent(15)) {
                items.push(again);
            }
            if chance.percent(10) {
                items.insert(0, Json::Null);
            }
        }
        Json::String(text) if chance.percent(2) => text.push(' '),
        Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
