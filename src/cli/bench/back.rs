//! C1 and C2: what comes back. Callbacks that are kept before they are answered, and how soon the province hears of one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::Failed;
use super::figure::{Figure, Must, percentile};
use super::load::{Load, Run, post};
use super::sink::{Manner, Sink};
use super::site::{Alive, NOWHERE, Site};
use super::size::Size;

/// An online dossier as the national side files it, and its number there.
const FILED: &str = include_str!("../../../fixtures/online/dossier/sample/callback.json");
const NUMBER: &str = "H99.14-20260115-0000001";
/// Between two callbacks of which the province is told.
const EVERY: Duration = Duration::from_millis(20);
/// The longest that the last of them is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// A webhook's secret, for a node that lives for minutes.
const SECRET: &[u8] = b"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Measures both.
pub(super) async fn measure(size: &Size) -> Result<Vec<Figure>, Failed> {
    Ok(vec![kept(size).await?, told(size).await?])
}

/// Keeping with the door alone, as accepting is measured.
async fn kept(size: &Size) -> Result<Figure, Failed> {
    let province = Sink::open(0, Manner::Takes).await?;
    let site = site(&province)?;
    let alive = site.door().await?;
    let load = Load {
        address: alive.address,
        requests: callbacks(0, size.pushes.1),
        connections: 16,
        limit: size.window,
        every: Duration::ZERO,
    };
    let run = load.run().await;
    sound(&alive, &run).await?;
    alive.stop().await;
    let row = Figure::new("C1", "callbacks kept durably, 16 connections", run.rate(), "/s");
    Ok(row.must(Must::AtLeast(3_000.0)))
}

/// From a callback to its webhook, with the whole node between.
async fn told(size: &Size) -> Result<Figure, Failed> {
    let province = Sink::open(0, Manner::Takes).await?;
    let site = site(&province)?;
    let alive = site.start().await?;
    let count = size.paced / 2;
    let load = Load {
        address: alive.address,
        requests: callbacks(0, count),
        connections: 4,
        limit: EVERY * u32::try_from(count).unwrap_or(u32::MAX) + PATIENCE,
        every: EVERY,
    };
    let run = load.run().await;
    sound(&alive, &run).await?;
    let millis = arrivals(&province, &run).await;
    alive.stop().await;
    if millis.len() < run.answers.len() {
        let (told, all) = (millis.len(), run.answers.len());
        return Err(Failed::NotDone(format!(
            "the province was told of {told} of {all} callbacks"
        )));
    }
    let row = Figure::new(
        "C2",
        "callback to the province's webhook, 50th percentile",
        percentile(&millis, 50),
        "ms",
    );
    Ok(row.must(Must::AtMost(200.0)))
}

/// How long each took that came, in ms.
async fn arrivals(province: &Sink, run: &Run) -> Vec<f64> {
    let began: HashMap<u64, Instant> = run
        .accepted()
        .map(|answer| (answer.place as u64, answer.began))
        .collect();
    let (waited, mut millis) = (Instant::now(), Vec::new());
    while millis.len() < began.len() && waited.elapsed() < PATIENCE {
        let came = province.take().into_iter();
        let took = came.filter_map(|(number, at)| began.get(&number).map(|began| at.duration_since(*began)));
        millis.extend(took.map(|took| took.as_secs_f64() * 1_000.0));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    millis
}

/// An answer of 200 may be a refusal: what counts is what is kept.
async fn sound(alive: &Alive, run: &Run) -> Result<(), Failed> {
    run.sound()?;
    let kept = alive.node.store.callback_books().await?;
    if kept.kept == run.answers.len() as u64 && kept.refused == 0 && kept.parked == 0 {
        return Ok(());
    }
    Err(Failed::NotDone(format!(
        "of {} callbacks that were answered {} were kept, {} of them parked",
        run.answers.len(),
        kept.kept,
        kept.parked
    )))
}

fn site(province: &Sink) -> Result<Site, Failed> {
    let more = format!(
        "[systems.tandan]\nagencies = [\"H99\"]\n[systems.tandan.webhook]\nurl = \"{}/told\"\nnetworks = [\"127.0.0.0/8\"]\n\
         secret_files = [\"hook.secret\"]\n[callbacks.online]\nnetworks = [\"127.0.0.0/8\"]\n",
        province.base
    );
    Site::with(NOWHERE, NOWHERE, &more, &[("hook.secret", SECRET)])
}

/// So many online dossiers, each of a number of its own.
fn callbacks(first: usize, count: usize) -> Arc<Vec<Vec<u8>>> {
    let one = |number: usize| {
        let body = FILED.replace(NUMBER, &format!("H99.14-20260115-{number:07}"));
        post("/NoiHoSo", "-", body.as_bytes())
    };
    Arc::new((first..first + count).map(one).collect())
}
