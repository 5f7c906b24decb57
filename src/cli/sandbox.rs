//! `sandbox`: the whole thing on one machine. Twin and gateway on loopback, the shipped dossiers pushed, translated, signed,
//! delivered and logged, what the twin calls back kept and told, and the books of both sides compared at the end.

mod callers;
mod desk;
mod hsm;
mod items;
mod payments;
mod sides;
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
use crate::evidence::statement::Statement;
use crate::store::{Books, Store};
use crate::translate::Local;
use crate::twin::{Day, Options, Summary, Twin};
use crate::upkeep::Checked;
use items::{generated, shipped};
use sides::Sides;
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
    payments: payments::Paid,
    pub(super) polled: u64,
    pub(super) registered: u64,
    pub(super) reused_facts: u64,
    pub(super) twin: TwinBooks,
    pub(super) log: LogState,
    pub(super) books: Stated,
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

/// What the gateway stated of its own books.
#[derive(Debug, Serialize)]
pub(super) struct Stated {
    pub(super) statements: u64,
    pub(super) agree: bool,
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
    let (province, debts) = callers::province(&world, &config, running.address, (asked.count, asked.seed))?;
    let called = |error| Failed::because(&error);
    twin.confirms_to(&province);
    twin.calls_early(&province).await.map_err(called)?;
    let mut unpushed = push(&world, &gateway, &config, &asked).await?;
    twin.calls(&province).await.map_err(called)?;
    let unbegun = payments::begin(&world, &gateway, &debts).await?;
    let store = node.store.as_ref();
    let taken = desk::taken(store, &twin).await?;
    // Whoever asks for so many dossiers gets so many.
    if asked.count.is_none() {
        unpushed.extend(desk::push(&world, &gateway, store).await?);
    }
    let settled = taken
        && settle(store, asked.json).await?
        && desk::settle(store).await?
        && payments::settle(store, &twin).await?
        && callers::settle(store).await?
        && settle(store, asked.json).await?;
    twin.asks(&province).await.map_err(called)?;
    let books = Sides::of(store, &twin, unbegun).await?;
    let seconds = began.elapsed().as_secs_f64();
    if !asked.once {
        table::closing(&node, &twin.summary(), &unpushed, seconds).await?;
        table::sides(&books);
        table::stays(&world, &gateway);
        told_to_stop().await;
    }
    running.stop(config.http.graceful).await;
    let report = report(&node, &config, (&twin.summary(), &books), seconds).await?;
    let good = agree(&report, settled, &unpushed) && books.disagreements().is_empty();
    if asked.once && !asked.json {
        table::closing(&node, &twin.summary(), &unpushed, seconds).await?;
        table::sides(&books);
    }
    for what in books.disagreements() {
        tracing::error!(what, "the books do not agree");
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
        payment: world.token("payment")?,
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

async fn report(
    node: &app::Node,
    config: &Config,
    (twin, books): (&Summary, &Sides),
    seconds: f64,
) -> Result<Report, Failed> {
    let Books {
        dossiers,
        unprepared,
        delivered,
        refused,
        parked,
        waiting,
    } = node.store.books().await?;
    let agree = state(node).await?;
    let Checked {
        leaves,
        findings,
        statements,
        ..
    } = app::check_log(node, config).await?;
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
        payments: books.payments.paid(),
        polled: books.desk.acknowledged(),
        registered: books.desk.registered(),
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
        books: Stated { statements, agree },
        seconds: (seconds * 1_000.0).round() / 1_000.0,
    })
}

/// States the books once more, at the end, and has that under a checkpoint. Says whether they agree.
async fn state(node: &app::Node) -> Result<bool, Failed> {
    let stated = node
        .upkeep
        .state()
        .await
        .map_err(|error| Failed::because(&error))?;
    node.upkeep.close().await;
    for statement in &stated {
        tracing::info!(partner.name = %statement.partner, rows = %statement.rows, "the books were stated");
    }
    Ok(stated.iter().all(Statement::agrees))
}

/// The books agree: everything was accepted and settled, nothing was made twice, and the log stands.
fn agree(report: &Report, settled: bool, unpushed: &[(String, Pushed)]) -> bool {
    settled
        && unpushed.is_empty()
        && report.exchanges.waiting == 0
        && report.twin.duplicates == 0
        && report.twin.duplicate_steps == 0
        && report.log.verified
        && report.books.agree
}
