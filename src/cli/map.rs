//! `map`: work on mappings. What is wrong is said with its place, what is lost is said before it is lost.

mod check;
mod diff;
mod shelf;

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::{Failed, Map, say, say_json};
use crate::mapping::{Carried, FUNCTIONS, Fault, Loss, Refused, TRANSFORMS};
use crate::model::{Dossier, Time};
use shelf::Shelf;

/// Does one of them.
pub(super) fn run(verb: Map) -> Result<bool, Failed> {
    match verb {
        Map::Check {
            transforms: true,
            json,
            ..
        } => transforms(json),
        Map::Check { paths, json, .. } => check::run(&paths, json),
        Map::Run {
            file,
            mapping,
            back: true,
        } => back(&file, &mapping),
        Map::Run {
            file,
            mapping,
            back: false,
        } => forth(&file, &mapping),
        Map::Loss { mapping, json } => loss(&mapping, json),
        Map::Diff {
            old,
            new,
            dossiers,
            json,
        } => diff::run(&old, &new, &dossiers, json),
    }
}

/// A transform as `--json` shows it.
#[derive(Serialize)]
struct Shown {
    usage: &'static str,
    does: &'static str,
    examples: Vec<Example>,
}

/// An example of a transform.
#[derive(Serialize)]
struct Example {
    step: &'static str,
    ours: &'static str,
    theirs: &'static str,
    both: bool,
}

fn transforms(json: bool) -> Result<bool, Failed> {
    let shown: Vec<Shown> = TRANSFORMS
        .iter()
        .map(|transform| Shown {
            usage: transform.usage,
            does: transform.doc,
            examples: transform
                .examples
                .iter()
                .map(|it| Example {
                    step: it.step,
                    ours: it.ours,
                    theirs: it.theirs,
                    both: it.both,
                })
                .collect(),
        })
        .collect();
    if json {
        say_json(&shown);
        return Ok(true);
    }
    for one in &shown {
        say(one.usage);
        say(&format!("    {}", one.does));
        for it in &one.examples {
            let arrow = if it.both { "⇄" } else { "→" };
            say(&format!("    {}: {} {arrow} {}", it.step, it.ours, it.theirs));
        }
    }
    say("in [derived]:");
    FUNCTIONS
        .iter()
        .for_each(|(name, does)| say(&format!("{name}\n    {does}")));
    Ok(true)
}

/// Our dossier to their document; what the catalogue says of its procedure is filled in, as the gateway does.
fn forth(file: &Path, mapping: &str) -> Result<bool, Failed> {
    let shelf = Shelf::open()?;
    let plan = shelf.plan(mapping)?;
    let mut dossier = shelf::dossier(file)?;
    shelf.complete(&mut dossier);
    let context = shelf.context(plan.name(), shelf::day(&dossier));
    let mut bytes = Vec::new();
    // A mapping of steps starts from the dossier and one step of it.
    let written = match plan.records() {
        [_] => plan.write(&dossier, &context, &mut bytes),
        _ => plan.write_steps(&dossier.facts.number, &dossier.facts.steps, &context, &mut bytes),
    };
    for note in written.map_err(|faults| Failed::NotDone(sentences(&faults)))? {
        super::complain(&format!(
            "{}: cut ({}, line {})",
            note.pointer, note.ours, note.line
        ));
    }
    out(&bytes)
}

/// Their document to our dossier.
fn back(file: &Path, mapping: &str) -> Result<bool, Failed> {
    let shelf = Shelf::open()?;
    let plan = shelf.plan(mapping)?;
    let bytes = std::fs::read(file).map_err(|error| Failed::file(file, &error))?;
    let now = Time::at(shelf::now());
    if plan.records().len() > 1 {
        return Err(Failed::NotDone(format!(
            "`{mapping}` reads steps, which are no dossier of ours"
        )));
    }
    let dossier: Dossier = plan
        .read(&bytes, &shelf.context(plan.name(), now), now)
        .map_err(|refused| match refused {
            Refused::Unreadable(unreadable) => Failed::NotDone(unreadable.to_string()),
            Refused::Faults(faults) => Failed::NotDone(sentences(&faults)),
        })?;
    let bytes = serde_json::to_vec_pretty(&dossier).map_err(|error| Failed::because(&error))?;
    out(&bytes)
}

fn sentences(faults: &[Fault]) -> String {
    faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn out(bytes: &[u8]) -> Result<bool, Failed> {
    let mut out = std::io::stdout().lock();
    // A reader that went away has what it wanted.
    let _read = out.write_all(bytes).and_then(|()| out.write_all(b"\n"));
    Ok(true)
}

/// A loss report as `--json` shows it.
#[derive(Serialize)]
struct Lost {
    mapping: String,
    not_written: Vec<Reasoned>,
    not_read: Vec<Reasoned>,
    one_way: Vec<Way>,
    written_as_less: Vec<Way>,
}

/// A path, and why it is not carried.
#[derive(Serialize)]
struct Reasoned {
    path: String,
    reason: String,
}

/// A line of a mapping.
#[derive(Serialize)]
struct Way {
    ours: String,
    theirs: String,
    line: u32,
}

fn loss(mapping: &str, json: bool) -> Result<bool, Failed> {
    let loss = Shelf::open()?.plan(mapping)?.loss();
    if json {
        say_json(&Lost::from(loss));
    } else {
        say(loss.to_string().trim_end());
    }
    Ok(true)
}

impl From<Loss> for Lost {
    fn from(loss: Loss) -> Self {
        let reasoned = |all: Vec<(String, String)>| {
            all.into_iter()
                .map(|(path, reason)| Reasoned { path, reason })
                .collect()
        };
        let ways = |all: Vec<Carried>| {
            let way = |line: Carried| Way {
                ours: line.ours,
                theirs: line.theirs,
                line: line.line,
            };
            all.into_iter().map(way).collect()
        };
        Self {
            mapping: loss.mapping,
            not_written: reasoned(loss.forth),
            not_read: reasoned(loss.back),
            one_way: ways(loss.one_way),
            written_as_less: ways(loss.less),
        }
    }
}
