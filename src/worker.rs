//! The loops that run the flows. They stop when told, and finish what is in their hands first.

mod pay;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

pub use pay::pay;

use crate::inbound::{Inbound, Register, Tray};
use crate::outbound::Outbound;
use crate::partner::{Gate, Partner};
use crate::store::{Filing, Leased};
use crate::upkeep::{Retained, Upkeep};

/// How long a loop sleeps when nothing tells it when to wake.
const IDLE: Duration = Duration::from_secs(1);
/// How long a fresh catalogue stands, and how long after one that nobody brought.
const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);
/// How many filings are prepared in one transaction.
const BATCH: usize = 64;
/// How many dossiers are asked about at one time.
const FLYING: usize = 128;

/// Tells the loops to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// The hand that tells them.
pub struct Halt(watch::Sender<bool>);

/// A halt and the stop that hears it.
pub fn halt() -> (Halt, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Halt(sender), Stop(receiver))
}

impl Halt {
    /// Tells every loop to stop.
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it was told.
    pub fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves when it is told, or when the hand is gone.
    pub async fn told(&mut self) {
        let _gone = self.0.wait_for(|told| *told).await;
    }
}

/// Starts the loops: prepare, one dispatch for each partner, register, one poll for each tray and each register, apply, one tell for each system with a
/// webhook, upkeep.
pub fn start(
    outbound: &Arc<Outbound>,
    inbound: &Arc<Inbound>,
    upkeep: &Arc<Upkeep>,
    stop: &Stop,
) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    loops.spawn(prepare(Arc::clone(outbound), stop.clone()));
    for partner in outbound.partners() {
        loops.spawn(dispatch(Arc::clone(outbound), Arc::clone(partner), stop.clone()));
    }
    loops.spawn(register(Arc::clone(outbound), stop.clone()));
    for one in inbound.registers() {
        loops.spawn(results(Arc::clone(inbound), Arc::clone(one), stop.clone()));
    }
    for tray in inbound.trays() {
        loops.spawn(poll(Arc::clone(inbound), Arc::clone(tray), stop.clone()));
    }
    loops.spawn(apply(Arc::clone(inbound), stop.clone()));
    for system in inbound.hooked() {
        loops.spawn(tell(Arc::clone(inbound), system.to_owned(), stop.clone()));
    }
    loops.spawn(keep(Arc::clone(upkeep), stop.clone()));
    loops.spawn(retain(Arc::clone(upkeep), stop.clone()));
    loops.spawn(scan(Arc::clone(upkeep), stop.clone()));
    loops.spawn(stamp(Arc::clone(upkeep), stop.clone()));
    loops.spawn(state(Arc::clone(upkeep), stop.clone()));
    loops.spawn(refresh(Arc::clone(outbound), stop.clone()));
    loops
}

/// Those filings about which the state is asked fly beside the rest: a database that hangs holds no other dossier.
async fn prepare(outbound: Arc<Outbound>, mut stop: Stop) {
    let mut flying: JoinSet<()> = JoinSet::new();
    while !stop.is_told() {
        let wait = match outbound.prepare(BATCH, FLYING.saturating_sub(flying.len())).await {
            Ok(round) => {
                let moved = round.prepared + round.asking.len();
                for filing in round.asking {
                    flying.spawn(ask(Arc::clone(&outbound), filing));
                }
                if moved > 0 {
                    continue;
                }
                IDLE
            }
            Err(error) => {
                tracing::error!(error = %error, "preparing stands still");
                IDLE
            }
        };
        tokio::select! {
            Some(_) = flying.join_next() => while flying.try_join_next().is_some() {},
            () = outbound.accepted() => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => {}
        }
    }
    while flying.join_next().await.is_some() {}
}

async fn ask(outbound: Arc<Outbound>, filing: Filing) {
    let number = filing.number.clone();
    if let Err(error) = outbound.prepare_one(filing).await {
        // It was not prepared, and is taken up again after a pause.
        tracing::error!(error = %error, "a dossier was not prepared with what the state holds");
        tokio::time::sleep(IDLE).await;
    }
    outbound.let_go(&number);
}

/// One partner's loop: a partner that hangs holds nobody else's.
async fn dispatch(outbound: Arc<Outbound>, partner: Arc<Partner>, mut stop: Stop) {
    let mut flying: JoinSet<()> = JoinSet::new();
    while !stop.is_told() {
        let wait = fill(&outbound, &partner, &mut flying).await;
        tokio::select! {
            Some(_) = flying.join_next() => while flying.try_join_next().is_some() {},
            () = outbound.queued(partner.name()) => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => {}
        }
    }
    while flying.join_next().await.is_some() {}
}

/// Leases as much as may fly, and tells how long nothing else will come by itself.
async fn fill(outbound: &Arc<Outbound>, partner: &Arc<Partner>, flying: &mut JoinSet<()>) -> Duration {
    let free = match partner.gate() {
        Gate::Closed => partner.concurrency().saturating_sub(flying.len()),
        Gate::HalfOpen if flying.is_empty() => 1,
        Gate::HalfOpen => 0,
        Gate::Open(until) => return outbound.until(until),
    };
    if free == 0 {
        return IDLE;
    }
    match outbound.lease(partner, free).await {
        Ok(leased) if leased.is_empty() => outbound.pause(partner.name()).await,
        Ok(leased) => {
            for message in leased {
                flying.spawn(fly(Arc::clone(outbound), Arc::clone(partner), message));
            }
            IDLE
        }
        Err(error) => {
            tracing::error!(partner.name = partner.name(), error = %error, "leasing stands still");
            IDLE
        }
    }
}

async fn fly(outbound: Arc<Outbound>, partner: Arc<Partner>, message: Leased) {
    let id = message.id;
    if let Err(error) = outbound.dispatch(&partner, message).await {
        // The lease ends by itself, and the attempt under way is healed by its operation's rule.
        tracing::error!(exchange.id = %id, partner.name = partner.name(), error = %error, "an attempt was not settled");
    }
}

/// What is due with a register of the state is pushed to it, and what became of what lay in trays is told.
async fn register(outbound: Arc<Outbound>, mut stop: Stop) {
    while !stop.is_told() {
        let moved = match (outbound.register(BATCH).await, outbound.tell_states(BATCH).await) {
            (Ok(registered), Ok(told)) => registered + told > 0,
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(error = %error, "registering stands still");
                false
            }
        };
        if moved {
            continue;
        }
        tokio::select! {
            () = outbound.registrable() => {}
            () = tokio::time::sleep(IDLE) => {}
            () = stop.told() => {}
        }
    }
}

/// One register's loop: what came of what it was pushed.
async fn results(inbound: Arc<Inbound>, register: Arc<Register>, mut stop: Stop) {
    while !stop.is_told() {
        // What is broken off here is asked for again.
        let asked =
            tokio::select! { asked = inbound.results(&register) => asked, () = stop.told() => return };
        let wait = match asked {
            Ok(0) => inbound.unasked(&register).await,
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(partner.name = register.partner.name(), error = %error, "asking for results stands still");
                IDLE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => {}
        }
    }
}

/// One tray's loop: the longer nothing comes, the longer it waits.
async fn poll(inbound: Arc<Inbound>, tray: Arc<Tray>, mut stop: Stop) {
    let mut empty = 0_usize;
    while !stop.is_told() {
        // What is broken off here comes again with the next list.
        let round = tokio::select! { round = inbound.poll(&tray) => round, () = stop.told() => return };
        if round.more && round.kept > 0 {
            continue;
        }
        empty = if round.kept > 0 {
            0
        } else {
            empty.saturating_add(1)
        };
        tokio::select! {
            () = tokio::time::sleep(tray.wait(empty)) => {}
            () = stop.told() => {}
        }
    }
}

/// What national sides said is put on its dossiers.
async fn apply(inbound: Arc<Inbound>, mut stop: Stop) {
    while !stop.is_told() {
        match inbound.apply(BATCH).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::error!(error = %error, "applying stands still"),
        }
        tokio::select! {
            () = inbound.received() => {}
            () = tokio::time::sleep(IDLE) => {}
            () = stop.told() => {}
        }
    }
}

/// One system's webhook: one that hangs holds nobody else's.
async fn tell(inbound: Arc<Inbound>, system: String, mut stop: Stop) {
    while !stop.is_told() {
        let wait = match inbound.tell(&system, FLYING).await {
            Ok(0) => inbound.quiet(&system).await,
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(system.name = %system, error = %error, "telling stands still");
                IDLE
            }
        };
        tokio::select! {
            () = inbound.applied(&system) => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => {}
        }
    }
}

/// The catalogue is asked for once a day, and an hour after a day on which nobody answered.
async fn refresh(outbound: Arc<Outbound>, mut stop: Stop) {
    let mut wait = Duration::from_secs(1);
    while !stop.is_told() {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => return,
        }
        let told = tokio::select! {
            told = outbound.refresh() => told,
            () = stop.told() => return,
        };
        tracing::info!(procedures.count = told, "the catalogue was asked for");
        wait = if told > 0 { DAY } else { HOUR };
    }
}

/// What has served its time is erased, an hour after it was looked for last.
async fn retain(upkeep: Arc<Upkeep>, mut stop: Stop) {
    while !stop.is_told() {
        match upkeep.retain().await {
            Ok(ended) if ended == Retained::default() => {}
            Ok(ended) => {
                tracing::info!(
                    dossiers.count = ended.erased,
                    months.count = ended.months,
                    dropped.count = ended.dropped,
                    "what has served its time was ended"
                );
                continue;
            }
            Err(error) => tracing::error!(error = %error, "what has served its time was not ended"),
        }
        match upkeep.retain_files().await {
            Ok(0) => {}
            Ok(files) => {
                tracing::info!(files.count = files, "files have served their time");
                continue;
            }
            Err(error) => tracing::error!(error = %error, "files that have served their time stay"),
        }
        tokio::select! {
            () = tokio::time::sleep(HOUR) => {}
            () = stop.told() => {}
        }
    }
}

/// Files are scanned, where a scanner is named. What is broken off here is scanned at the next start.
async fn scan(upkeep: Arc<Upkeep>, mut stop: Stop) {
    while !stop.is_told() {
        let round = tokio::select! { round = upkeep.scan_round() => round, () = stop.told() => return };
        let Some(wait) = round else { return };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => {}
        }
    }
}

/// Checkpoints are stamped, where an authority is named.
async fn stamp(upkeep: Arc<Upkeep>, mut stop: Stop) {
    while !stop.is_told() {
        // What is broken off here is asked for again at the next start.
        let round = tokio::select! { round = upkeep.stamp_round() => round, () = stop.told() => return };
        let Some(wait) = round else { return };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => {}
        }
    }
}

/// The books are stated.
async fn state(upkeep: Arc<Upkeep>, mut stop: Stop) {
    while !stop.is_told() {
        let wait = upkeep.statement_round().await;
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.told() => {}
        }
    }
}

async fn keep(upkeep: Arc<Upkeep>, mut stop: Stop) {
    while !stop.is_told() {
        upkeep.round().await;
        tokio::select! {
            () = tokio::time::sleep(upkeep.interval()) => {}
            () = stop.told() => {}
        }
    }
    // What was settled while stopping stands under a checkpoint too.
    upkeep.close().await;
}
