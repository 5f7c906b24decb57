//! P1, P2, P3, P9: durable accept over the real route, with real tokens and dossiers that nobody filed before.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::super::Failed;
use super::figure::{Figure, Must, median, medians, percentile, ratios};
use super::load::{Load, Run, post};
use super::sink::{Manner, Sink};
use super::site::{Alive, Dossiers, NOWHERE, OPENCPS, Site};
use super::size::Size;
use crate::http;
use crate::store::{Bare, Settings};

/// What a bare row holds.
const ROW: usize = 4_096;

/// What Svix 1.100 did on such a machine (Redis always, worker off), measured 23 November 2026: connections, accepted
/// a second, 99th percentile in ms.
const SVIX: &[(usize, f64, Option<f64>)] = &[
    (1, 534.0, None),
    (16, 1_567.0, Some(19.0)),
    (64, 1_455.0, Some(92.0)),
];
/// Flushes for an accepted dossier, at most, by connections.
const FLUSHES: &[(usize, f64)] = &[(1, 1.0), (16, 0.25), (64, 0.08)];

/// One window of one side.
struct Window {
    run: Run,
    flushes: u64,
}

/// Accepting with the door alone: nothing is prepared or sent meanwhile, as Svix was measured with its worker off.
pub(super) async fn measure(dossiers: &mut Dossiers, size: &Size) -> Result<Vec<Figure>, Failed> {
    let site = Site::new(NOWHERE, NOWHERE, "")?;
    let alive = site.door().await?;
    let bare = Open::new(&site).await?;
    let mut figures = Vec::new();
    for (connections, rate, slowest) in SVIX.iter().copied() {
        let mut rounds = Vec::new();
        let mut windows = Vec::new();
        for _ in 0..size.rounds {
            let requests = dossiers.pushes(OPENCPS, pushes(size, connections));
            let ours = window(&alive, requests, connections, size).await?;
            let rows = Arc::new(vec![post("/", "-", &[b'x'; ROW]); pushes(size, connections)]);
            let theirs = load(bare.address, rows, connections, size).run().await;
            rounds.push((ours.run.rate(), theirs.rate()));
            windows.push(ours);
        }
        figures.extend(rows(connections, &windows, &rounds, (rate, slowest)));
    }
    alive.stop().await;
    Ok(figures)
}

fn rows(
    connections: usize,
    windows: &[Window],
    rounds: &[(f64, f64)],
    (rate, slowest): (f64, Option<f64>),
) -> Vec<Figure> {
    let over = format!(
        "{connections} connection{}",
        if connections == 1 { "" } else { "s" }
    );
    let (ours, bare) = medians(rounds);
    let millis: Vec<f64> = windows
        .iter()
        .map(|window| percentile(&window.run.millis(), 99))
        .collect();
    let middle: Vec<f64> = windows
        .iter()
        .map(|window| percentile(&window.run.millis(), 50))
        .collect();
    let flushes: u64 = windows.iter().map(|window| window.flushes).sum();
    let accepted: usize = windows.iter().map(|window| window.run.accepted().count()).sum();
    let accept = Figure::new("P1", format!("durable accept, {over}"), ours, "/s").against("Svix", rate);
    let tail = Figure::new("P1", format!("99th percentile, {over}"), median(&millis), "ms");
    let beside = Figure::new("P2", format!("the same, {over}"), ours, "/s").beside(
        "bare axum + SQLite, 4 KB a row",
        bare,
        ratios(rounds),
    );
    let counted = flushes as f64 / accepted.max(1) as f64;
    let flushed = Figure::new(
        "P3",
        format!("flushes for an accepted dossier, {over}"),
        counted,
        "",
    );
    let most = FLUSHES
        .iter()
        .find(|(of, _)| *of == connections)
        .map_or(1.0, |(_, most)| *most);
    vec![
        if connections == 1 {
            accept
        } else {
            accept.must(Must::AtLeast(5.0))
        },
        Figure::new("P1", format!("50th percentile, {over}"), median(&middle), "ms"),
        match slowest {
            Some(slowest) => tail.against("Svix", slowest).must(Must::AtMost(0.5)),
            None => tail,
        },
        if connections == 1 {
            beside
        } else {
            beside.must(Must::AtLeast(0.6))
        },
        flushed.must(Must::AtMost(most)),
    ]
}

/// P9: a partner that answers 500 to everything, against one that takes everything; whole nodes, with all their loops.
pub(super) async fn failing(dossiers: &mut Dossiers, size: &Size) -> Result<Vec<Figure>, Failed> {
    let (good, bad) = (
        Sink::open(0, Manner::Takes).await?,
        Sink::open(0, Manner::Fails).await?,
    );
    let (well, ill) = (
        Site::new(&good.base, NOWHERE, "")?,
        Site::new(&bad.base, NOWHERE, "")?,
    );
    let (healthy, failing) = (well.start().await?, ill.start().await?);
    let mut rounds = Vec::new();
    for _ in 0..size.rounds {
        let mut rates = Vec::new();
        for alive in [&failing, &healthy] {
            let requests = dossiers.pushes(OPENCPS, pushes(size, 16));
            rates.push(window(alive, requests, 16, size).await?.run.rate());
            settle(alive, &healthy).await?;
        }
        rounds.extend(rates.first().copied().zip(rates.last().copied()));
    }
    failing.stop().await;
    healthy.stop().await;
    let (ours, well) = medians(&rounds);
    let row = Figure::new(
        "P9",
        "accept while the partner answers 500 to all, 16 connections",
        ours,
        "/s",
    );
    Ok(vec![
        row.beside("a partner that is well", well, ratios(&rounds))
            .must(Must::AtLeast(0.8)),
    ])
}

/// Lets the healthy node finish, so that it takes nothing from the other's window.
async fn settle(alive: &Alive, healthy: &Alive) -> Result<(), Failed> {
    if std::ptr::eq(alive, healthy) {
        super::drained(alive, Duration::from_secs(30)).await?;
    }
    Ok(())
}

async fn window(
    alive: &Alive,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    size: &Size,
) -> Result<Window, Failed> {
    let before = alive.node.store.flushes();
    let run = load(alive.address, requests, connections, size).run().await;
    run.sound()?;
    Ok(Window {
        run,
        flushes: alive.node.store.flushes() - before,
    })
}

fn load(address: SocketAddr, requests: Arc<Vec<Vec<u8>>>, connections: usize, size: &Size) -> Load {
    Load {
        address,
        requests,
        connections,
        limit: size.window,
        every: Duration::ZERO,
    }
}

fn pushes(size: &Size, connections: usize) -> usize {
    if connections == 1 {
        size.pushes.0
    } else {
        size.pushes.1
    }
}

/// The bare route, open until it is dropped.
struct Open {
    address: SocketAddr,
    _task: JoinSet<()>,
}

impl Open {
    async fn new(site: &Site) -> Result<Self, Failed> {
        let path = site.config().node.dir.join("bare.db");
        let store = Arc::new(Bare::create(&path, &Settings::default())?);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let mut task = JoinSet::new();
        task.spawn(async move {
            if let Err(error) = http::bare(store, listener).await {
                tracing::error!(error = %error, "the bare route fell shut");
            }
        });
        Ok(Self { address, _task: task })
    }
}
