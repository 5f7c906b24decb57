//! `bench`: every figure of the README's speed table, measured now, on loopback and in temporary folders.
//!
//! Load generator, gateway, store and partner share this machine's cores. What is compared takes turns in short windows,
//! and the median of the rounds' ratios counts: absolute figures move from hour to hour.

mod accept;
mod back;
mod crash;
mod figure;
mod hang;
mod load;
mod mapping;
mod restart;
mod reuse;
mod sink;
mod site;
mod size;
mod whole;

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{Bench, Failed, say, say_json, table};
use crate::config::Config;
use figure::{Figure, TITLES};
use site::{Alive, Dossiers};
use size::Size;

/// What is said of the figures that stand in the program.
const NOTE: &str = "Svix: 1.100 with Redis, fsync always, measured 23 November 2026 on a 2-core machine of the kind that CI has.";

/// The parts, in their order: what is measured, and the figures that come of it.
const PARTS: [(&str, &[&str]); 9] = [
    ("mapping", &["M3"]),
    ("what the state holds", &["U1", "U2"]),
    ("accepting", &["P1", "P2", "P3"]),
    ("what comes back", &["C1", "C2"]),
    ("the whole way", &["P5", "R1"]),
    ("a partner that hangs", &["P7"]),
    ("kill -9", &["P8"]),
    ("a partner that fails", &["P9"]),
    ("a full store", &["A2", "P10"]),
];

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    quick: bool,
    cores: usize,
    seconds: f64,
    note: &'static str,
    figures: &'a [Figure],
}

/// Measures everything. Figures that do not hold are said, not failed: times are no test.
pub(super) async fn run(asked: &Bench) -> Result<bool, Failed> {
    let size = if asked.quick { Size::QUICK } else { Size::FULL };
    let began = Instant::now();
    let figures = measured(&size, asked.only.as_deref()).await?;
    let seconds = began.elapsed().as_secs_f64();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    if asked.json {
        say_json(&Report {
            quick: asked.quick,
            cores,
            seconds,
            note: NOTE,
            figures: &figures,
        });
    } else {
        let rows: Vec<_> = figures.iter().map(Figure::cells).collect();
        table::columns(TITLES, &rows).iter().for_each(|line| say(line));
        say(&format!("\n{NOTE}\nThis run: {cores} cores, {seconds:.0} s."));
    }
    Ok(true)
}

async fn measured(size: &Size, only: Option<&str>) -> Result<Vec<Figure>, Failed> {
    let shipped = Config::shipped().map_err(|mistakes| {
        Failed::NotDone(
            mistakes
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    })?;
    let mut dossiers = Dossiers::new(&shipped)?;
    let mut figures = Vec::new();
    for (what, names) in PARTS {
        if only.is_none_or(|only| names.contains(&only)) {
            progress(what);
            figures.extend(part(names[0], &mut dossiers, size).await?);
        }
    }
    progress("");
    if figures.is_empty() {
        let names: Vec<&str> = PARTS
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        return Err(Failed::Use(format!("there are the figures {}", names.join(", "))));
    }
    Ok(figures)
}

/// One part, by the name of its first figure.
async fn part(first: &str, dossiers: &mut Dossiers, size: &Size) -> Result<Vec<Figure>, Failed> {
    match first {
        "M3" => tokio::task::block_in_place(|| mapping::measure(dossiers, size)),
        "U1" => reuse::measure(dossiers, size).await,
        "P1" => accept::measure(dossiers, size).await,
        "C1" => back::measure(size).await,
        "P5" => whole::measure(size).await,
        "P7" => hang::measure(dossiers, size).await,
        "P8" => crash::measure(dossiers, size).await,
        "P9" => accept::failing(dossiers, size).await,
        _ => restart::measure(dossiers, size).await,
    }
}

/// What is measured now: one line that is written over, on a terminal only.
fn progress(what: &str) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _shown = write!(out, "\r{what:<40}\r");
    }
}

/// Waits until nothing of a node moves by itself any more.
async fn drained(alive: &Alive, patience: Duration) -> Result<(), Failed> {
    let began = Instant::now();
    while began.elapsed() < patience {
        let books = alive.node.store.books().await?;
        if books.unprepared == 0 && books.waiting == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(Failed::NotDone(format!(
        "{patience:?} were not enough for a node to deliver what it had"
    )))
}
