//! `sandbox`: the whole thing on one machine. Twin and gateway on loopback, the shipped dossiers pushed, translated, signed,
//! delivered and logged, what the twin calls back kept and told, and the books of both sides compared at the end.

mod callers;
mod hsm;
mod table;
mod world;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::Serialize;
use tokio::net::TcpListener;

use super::push::{Bar, Gateway, Item, Pushed};
use super::{Failed, Sandbox, say_json, told_to_stop};
use crate::app;
use crate::config::Config;
use crate::store::{Books, Store};
use crate::translate::{Local, Translator};
use crate::twin::{Day, Options, Summary, Twin};
use crate::upkeep::Checked;
use world::{SYSTEMS, World};

/// The longest that a run may take to settle before it is called not done.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// How often the books are looked at while a run settles.
const GLANCE: Duration = Duration::from_millis(50);
/// How long the twin hangs on a day when it hangs: longer than the gateway waits.
const HANG: Duration = Duration::from_secs(3);

/// The last line of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) dossiers: u64,
    pub(super) exchanges: Exchanges,
    pub(super) callbacks: u64,
    pub(super) reused_facts: u64,
    pub(super) twin: TwinBooks,
    pub(super) log: LogState,
    pub(super) seconds: f64,
}

/// What accepted dossiers owe, and what became of it.
#[derive(Debug, Serialize)]
pub(super) struct Exchanges {
    pub(super) owed: u64,
    pub(super) delivered: u64,
    pub(super) refused: u64,
    pub(super) parked: u64,
    pub(super) waiting: u64,
}

/// What the twin's own books say.
#[derive(Debug, Serialize)]
pub(super) struct TwinBooks {
    pub(super) dossiers: u64,
    pub(super) duplicates: u64,
    pub(super) duplicate_steps: u64,
}

/// What checking the whole log said.
#[derive(Debug, Serialize)]
pub(super) struct LogState {
    pub(super) leaves: u64,
    pub(super) verified: bool,
}

/// Runs the sandbox; true when the books agree.
pub(super) async fn run(asked: Sandbox) -> Result<bool, Failed> {
    let day = asked.day.as_deref().unwrap_or_else(|| Day::Calm.name());
    let day = Day::named(day).map_err(|error| Failed::Use(error.to_string()))?;
    let world = World::open(asked.dir.as_deref(), asked.hsm.as_deref())?;
    let began = Instant::now();
    let (twin, base, twin_stop) = start_twin(&world, day, asked.seed).await?;
    let config = world.config(&base, asked.listen)?;
    let node = app::node(&config)?;
    let listener = TcpListener::bind(config.http.listen).await?;
    let running = node.start(&config, listener).await?;
    let gateway = format!("http://{}", running.address);
    if !asked.json {
        table::opening(&world, &gateway, &base, &config);
    }
    let province = callers::province(&world, &config, running.address, (asked.count, asked.seed))?;
    let called = |error| Failed::because(&error);
    twin.calls_early(&province).await.map_err(called)?;
    let unpushed = push(&world, &gateway, &config, &asked).await?;
    twin.calls(&province).await.map_err(called)?;
    let settled =
        settle(node.store.as_ref(), asked.json).await? && callers::settle(node.store.as_ref()).await?;
    twin.asks(&province).await.map_err(called)?;
    let callbacks = callers::books(node.store.as_ref(), &twin).await?;
    let seconds = began.elapsed().as_secs_f64();
    if !asked.once {
        table::closing(&node, &twin.summary(), &unpushed, seconds).await?;
        table::callbacks(&callbacks);
        table::stays(&world, &gateway);
        told_to_stop().await;
    }
    running.stop(config.http.graceful).await;
    let mut report = report(&node, &config, &twin.summary(), seconds).await?;
    report.callbacks = callbacks.books.kept;
    let good = agree(&report, settled, &unpushed) && callbacks.agree();
    if asked.once && !asked.json {
        table::closing(&node, &twin.summary(), &unpushed, seconds).await?;
        table::callbacks(&callbacks);
    }
    for what in callbacks.disagreements() {
        tracing::error!(what, "the books of the callbacks do not agree");
    }
    if asked.json {
        say_json(&report);
    }
    let _gone = twin_stop.send(());
    world.close(asked.once);
    Ok(good)
}

async fn start_twin(
    world: &World,
    day: Day,
    seed: u64,
) -> Result<(Twin, String, tokio::sync::oneshot::Sender<()>), Failed> {
    let options = Options {
        folder: world.twin(),
        day,
        seed,
        password: world.token("portal")?,
        access: world.access()?,
        hang: HANG,
        ..Options::default()
    };
    let twin = Twin::open(options).map_err(|error| Failed::because(&error))?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let serving = twin.clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "this door waits for its end by the sender it returns"
    )]
    let _served = tokio::spawn(async move {
        let stop = async move {
            let _gone = receiver.await;
        };
        if let Err(error) = serving.serve(listener, stop).await {
            tracing::error!(error = %error, "the twin fell silent");
        }
    });
    Ok((twin, base, sender))
}

/// Pushes every system's dossiers at the same time, over the same routes as anybody; gives back what was not accepted.
async fn push(
    world: &World,
    gateway: &str,
    config: &Config,
    asked: &Sandbox,
) -> Result<Vec<(String, Pushed)>, Failed> {
    let translator = app::translator(config)?;
    let mut pushing = Vec::new();
    for (place, system) in SYSTEMS.iter().enumerate() {
        let gateway = Arc::new(Gateway::new(gateway, system, &world.token(system)?)?);
        let items: Box<dyn Iterator<Item = Item> + Send + '_> = match asked.count {
            None => Box::new(shipped(system)),
            Some(count) => Box::new(generated(
                &translator,
                Local {
                    mapping: &config.systems[*system].mapping,
                    site: &config.systems[*system].site,
                    files: None,
                },
                (place, count, asked.seed),
            )),
        };
        pushing.push(async move {
            let mut unpushed = Vec::new();
            let mut bar = Bar::new(0, 0);
            gateway
                .all(items, |name, pushed| {
                    bar.step();
                    let accepted = pushed == Pushed::Accepted;
                    unpushed.extend((!accepted).then(|| (format!("{system}: {name}"), pushed)));
                })
                .await;
            unpushed
        });
    }
    Ok(join_all(pushing).await.into_iter().flatten().collect())
}

/// The generated dossiers of the system at that place: every so many-th is its own.
fn generated<'a>(
    translator: &'a Translator,
    local: Local<'a>,
    (place, count, seed): (usize, u32, u64),
) -> impl Iterator<Item = Item> + Send + 'a {
    let mine = (0..u64::from(count)).filter(move |number| number % SYSTEMS.len() as u64 == place as u64);
    mine.filter_map(move |number| {
        let body = translator.sample(local.mapping, local.site, seed, number).ok()?;
        Some(Item {
            name: format!("generated {number}"),
            body,
        })
    })
}

fn shipped(system: &'static str) -> impl Iterator<Item = Item> {
    app::samples()
        .into_iter()
        .filter(move |sample| sample.system == system)
        .map(|sample| Item {
            name: sample.case.to_owned(),
            body: sample.body.to_vec(),
        })
}

/// Waits until nothing moves by itself any more; false when that takes longer than anybody waits.
async fn settle(store: &dyn Store, quiet: bool) -> Result<bool, Failed> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let books = store.books().await?;
        if books.unprepared == 0 && books.waiting == 0 {
            return Ok(true);
        }
        if !quiet {
            table::progress(&books);
        }
        tokio::time::sleep(GLANCE).await;
    }
    Ok(false)
}

async fn report(node: &app::Node, config: &Config, twin: &Summary, seconds: f64) -> Result<Report, Failed> {
    let Books {
        dossiers,
        unprepared,
        delivered,
        refused,
        parked,
        waiting,
    } = node.store.books().await?;
    let Checked { leaves, findings } = app::check_log(node, config).await?;
    for finding in &findings {
        tracing::error!(finding = finding, "the log does not fit");
    }
    let lookups = node.store.lookups().await?;
    let waiting = waiting + unprepared;
    Ok(Report {
        dossiers,
        exchanges: Exchanges {
            owed: delivered + refused + parked + waiting,
            delivered,
            refused,
            parked,
            waiting,
        },
        callbacks: node.store.callback_books().await?.kept,
        reused_facts: lookups.iter().map(|row| row.facts + row.papers).sum(),
        twin: TwinBooks {
            dossiers: twin.totals.dossiers,
            duplicates: twin.totals.duplicates,
            duplicate_steps: twin.totals.duplicate_steps,
        },
        log: LogState {
            leaves,
            verified: findings.is_empty(),
        },
        seconds: (seconds * 1_000.0).round() / 1_000.0,
    })
}

/// The books agree: everything was accepted and settled, nothing was made twice, and the log stands.
fn agree(report: &Report, settled: bool, unpushed: &[(String, Pushed)]) -> bool {
    settled
        && unpushed.is_empty()
        && report.exchanges.waiting == 0
        && report.twin.duplicates == 0
        && report.twin.duplicate_steps == 0
        && report.log.verified
}
