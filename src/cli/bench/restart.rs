//! A store with many dossiers: how soon a node on it is ready, how fast what waits is delivered, and how fast the log is
//! checked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::super::Failed;
use super::figure::{Figure, Must};
use super::load::Wire;
use super::sink::{Manner, Sink};
use super::site::{Alive, Dossiers, NOWHERE, OPENCPS, Site};
use super::size::Size;
use crate::evidence::audit::Auditor;
use crate::outbound::{Outbound, Submission};
use crate::store::Store;

/// Dossiers that are generated at one time.
const CHUNK: usize = 5_000;
/// What Svix drained a second after a restart, measured 23 November 2026.
const SVIX: f64 = 1_415.0;
/// Bytes of the log that are read at most for its check.
const READ: usize = 256 << 20;

/// Measures them one after another on the same store.
pub(super) async fn measure(dossiers: &mut Dossiers, size: &Size) -> Result<Vec<Figure>, Failed> {
    let mut figures = Vec::new();
    let site = Site::new(NOWHERE, NOWHERE, "")?;
    let alive = site.door().await?;
    fill(dossiers, &alive, size.stored).await?;
    figures.push(check(alive.node.store.as_ref()).await?);
    alive.stop().await;
    let began = Instant::now();
    let alive = site.start().await?;
    let mut wire = Wire::open(alive.address).await?;
    let status = wire
        .ask(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        .await?;
    let seconds = if status == 200 {
        began.elapsed().as_secs_f64()
    } else {
        f64::INFINITY
    };
    alive.stop().await;
    let what = format!("a store with {} dossiers, none of them sent: ready", size.stored);
    figures.push(Figure::new("restart", what, seconds, "s").must(Must::AtMost(2.0)));
    figures.push(drain(dossiers, size.whole as usize).await?);
    Ok(figures)
}

/// P10: what was accepted before a restart is delivered after it.
async fn drain(dossiers: &mut Dossiers, count: usize) -> Result<Figure, Failed> {
    let sink = Sink::open(0, Manner::Takes).await?;
    let site = Site::new(&sink.base, NOWHERE, "")?;
    let alive = site.door().await?;
    fill(dossiers, &alive, count).await?;
    alive.stop().await;
    let began = Instant::now();
    let alive = site.start().await?;
    super::drained(&alive, Duration::from_secs(60)).await?;
    let seconds = began.elapsed().as_secs_f64();
    let delivered = alive.node.store.books().await?.delivered;
    alive.stop().await;
    let what = format!("drain of {count} dossiers after a restart: exchanges delivered");
    let row = Figure::new("P10", what, delivered as f64 / seconds, "/s");
    Ok(row.against("Svix", SVIX).must(Must::AtLeast(4.0)))
}

/// Has so many dossiers accepted, some at a time, past the door.
async fn fill(dossiers: &mut Dossiers, alive: &Alive, count: usize) -> Result<(), Failed> {
    let mut left = count;
    while left > 0 {
        let bodies = Arc::new(dossiers.bodies(OPENCPS, left.min(CHUNK)));
        let mut tasks = JoinSet::new();
        for place in 0..64 {
            tasks.spawn(submit(
                Arc::clone(&alive.node.outbound),
                Arc::clone(&bodies),
                place,
            ));
        }
        while let Some(done) = tasks.join_next().await {
            done.map_err(|error| Failed::because(&error))??;
        }
        left -= left.min(CHUNK);
    }
    Ok(())
}

/// Every 64th of them.
async fn submit(outbound: Arc<Outbound>, bodies: Arc<Vec<Vec<u8>>>, place: usize) -> Result<(), Failed> {
    let Some(system) = outbound.systems().named(OPENCPS) else {
        return Ok(());
    };
    for body in bodies.iter().skip(place).step_by(64) {
        let submission = Submission {
            system,
            key: None,
            body,
        };
        outbound
            .submit(submission)
            .await
            .map_err(|error| Failed::because(&error))?;
    }
    Ok(())
}

/// A2: every leaf, link and tile of the log in memory, by one core.
async fn check(store: &dyn Store) -> Result<Figure, Failed> {
    let size = store.head().await?.size;
    let mut entries = Vec::new();
    let mut bytes = 0;
    while (entries.len() as u64) < size && bytes < READ {
        let more = store.entries(entries.len() as u64, 4_096).await?;
        bytes += more.iter().map(|entry| entry.bytes.len()).sum::<usize>();
        entries.extend(more);
    }
    let mut auditor = Auditor::new([]);
    let began = Instant::now();
    for entry in &entries {
        auditor.entry(&entry.bytes);
        auditor.take_tiles();
    }
    let rate = bytes as f64 / began.elapsed().as_secs_f64() / 1e9;
    let what = format!(
        "log verification, {} leaves of {} bytes",
        entries.len(),
        bytes / entries.len().max(1)
    );
    Ok(Figure::new("A2", what, rate, "GB/s").must(Must::AtLeast(0.8)))
}
