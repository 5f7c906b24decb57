//! P7: partner A hangs with 1,500 queued, while partner B gets 100 a second.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::super::Failed;
use super::figure::{Figure, Must, percentile};
use super::load::Load;
use super::sink::{Manner, Sink};
use super::site::{Alive, Dossiers, IGATE, OPENCPS, Site};
use super::size::Size;

/// Queued for the partner that hangs.
const QUEUED: usize = 1_500;
/// Between two dossiers to the partner that is well.
const EVERY: Duration = Duration::from_millis(10);
/// The longest that the last of them is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the dossiers to B fared.
struct Fared {
    pushed: usize,
    delivered: usize,
    slowest: f64,
}

/// Measures it: B alone first, then beside A.
pub(super) async fn measure(dossiers: &mut Dossiers, size: &Size) -> Result<Vec<Figure>, Failed> {
    let (hung, well) = (
        Sink::open(0, Manner::Hangs).await?,
        Sink::open(0, Manner::Takes).await?,
    );
    let site = Site::new(&hung.base, &well.base, "")?;
    let alive = site.start().await?;
    let alone = paced(dossiers, &alive, &well, size.paced).await;
    let requests = dossiers.pushes(OPENCPS, QUEUED);
    let limit = Duration::from_secs(5);
    Load {
        address: alive.address,
        requests,
        connections: 16,
        limit,
        every: Duration::ZERO,
    }
    .run()
    .await;
    let beside = paced(dossiers, &alive, &well, size.paced).await;
    alive.stop().await;
    let share = beside.delivered as f64 / beside.pushed.max(1) as f64;
    let what = format!("B at 100/s while A hangs with {QUEUED} queued");
    Ok(vec![
        Figure::new("P7", format!("{what}: delivered of all pushed"), share, "").must(Must::AtLeast(1.0)),
        Figure::new(
            "P7",
            format!("{what}: push to arrival, 99th percentile"),
            beside.slowest,
            "ms",
        )
        .against("B alone", alone.slowest)
        .must(Must::AtMost(2.0)),
        Figure::new("P7", "the same, in itself", beside.slowest, "ms").must(Must::AtMost(1_000.0)),
    ])
}

/// Pushes to B at its pace, and waits until all of it came.
async fn paced(dossiers: &mut Dossiers, alive: &Alive, well: &Sink, count: usize) -> Fared {
    let first = dossiers.next();
    let requests = dossiers.pushes(IGATE, count);
    let pushed = requests.len();
    let limit = EVERY * u32::try_from(count).unwrap_or(u32::MAX) + PATIENCE;
    let run = Load {
        address: alive.address,
        requests,
        connections: 8,
        limit,
        every: EVERY,
    }
    .run()
    .await;
    let began: HashMap<u64, Instant> = run
        .accepted()
        .map(|answer| (first + answer.place as u64, answer.began))
        .collect();
    let waited = Instant::now();
    let mut millis = Vec::new();
    while millis.len() < pushed && waited.elapsed() < PATIENCE {
        let came = well.take().into_iter();
        let took = came.filter_map(|(number, at)| began.get(&number).map(|began| at.duration_since(*began)));
        millis.extend(took.map(|took| took.as_secs_f64() * 1_000.0));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Fared {
        pushed,
        delivered: millis.len(),
        slowest: percentile(&millis, 99),
    }
}
