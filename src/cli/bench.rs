//! `bench`: every figure of the README's speed table, measured now, on loopback and in temporary folders.
//!
//! Load generator, gateway, store and partner share this machine's cores. What is compared takes turns in short windows,
//! and the median of the rounds' ratios counts: absolute figures move from hour to hour.

mod accept;
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
    let figures = measured(&size).await?;
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

async fn measured(size: &Size) -> Result<Vec<Figure>, Failed> {
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
    progress("mapping");
    figures.extend(tokio::task::block_in_place(|| {
        mapping::measure(&mut dossiers, size)
    })?);
    progress("what the state holds");
    figures.extend(reuse::measure(&dossiers, size).await?);
    progress("accepting");
    figures.extend(accept::measure(&mut dossiers, size).await?);
    progress("the whole way");
    figures.extend(whole::measure(size).await?);
    progress("a partner that hangs");
    figures.extend(hang::measure(&mut dossiers, size).await?);
    progress("kill -9");
    figures.extend(crash::measure(&mut dossiers, size).await?);
    progress("a partner that fails");
    figures.extend(accept::failing(&mut dossiers, size).await?);
    progress("a full store");
    figures.extend(restart::measure(&mut dossiers, size).await?);
    progress("");
    Ok(figures)
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
