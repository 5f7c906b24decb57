//! A clock that jumps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

use lienthong::app;
use lienthong::clock::{Clock, SystemClock, Timestamp};
use lienthong::model::{Operation, State};

use super::{generated, pause, push, rows, until};
use crate::support::node::{Alive, Site};
use crate::support::portal::{Asked, LOOKUP, Portal, Say};

const HOURS: i64 = 7 * 3_600_000;

/// The machine's clock, set wrong by so many milliseconds.
#[derive(Default)]
struct Wrong(AtomicI64);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().millis() + self.0.load(SeqCst))
    }
}

async fn start(site: &Site, clock: &Arc<Wrong>) -> Alive {
    let config = site.config();
    let store = Arc::new(app::opened(&config).unwrap());
    site.run(app::timed(&config, store, Arc::clone(clock) as Arc<dyn Clock>).unwrap())
        .await
}

/// All that was pushed is there, once, and the log still fits.
async fn whole(alive: &Alive, site: &Site, portal: &Portal, count: usize) {
    until("everything is delivered", async || {
        let rows = rows(alive).await;
        portal.known() == count
            && rows.iter().all(|row| {
                row.state == State::Delivered
                    || row.operation == Operation::Progress && row.state == State::Parked
            })
    })
    .await;
    alive.node.upkeep.checkpoint().await.unwrap();
    assert_eq!(
        app::check_log(&alive.node, &site.config())
            .await
            .unwrap()
            .findings,
        Vec::<String>::new()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_set_back_and_forth_loses_nothing_and_holds_nothing_for_ever() {
    let portal = Portal::start(|asked, honest| match (asked.creates(), asked.nth) {
        (true, 1) => Say::Answer(429, "", String::new()),
        _ => honest(),
    });
    let clock = Arc::new(Wrong::default());
    let site = Site::new(&portal.base, "");
    let alive = start(&site, &clock).await;
    for (turn, wrong) in [0, HOURS, 0, -HOURS, HOURS].into_iter().enumerate() {
        clock.0.store(wrong, SeqCst);
        let turn = turn as u64;
        push(&alive, 4 * turn..4 * turn + 4).await;
        pause(100).await;
    }
    clock.0.store(0, SeqCst);
    alive.stop().await;
    // What was told to wait by a clock that ran ahead waits no longer once the process starts anew.
    let alive = start(&site, &clock).await;
    whole(&alive, &site, &portal, 20).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_of_a_clock_that_ran_ahead_ends_with_its_process() {
    let hangs = Arc::new(AtomicBool::new(true));
    let sign = Arc::clone(&hangs);
    let portal = Portal::start(move |asked, honest| match (asked.creates(), sign.load(SeqCst)) {
        (true, true) => Say::Late(std::time::Duration::from_secs(2), Box::new(Say::Nothing)),
        _ => honest(),
    });
    let clock = Arc::new(Wrong(AtomicI64::new(HOURS)));
    let site = Site::new(&portal.base, super::SOON);
    let node = start(&site, &clock).await;
    push(&node, 0..4).await;
    until("a creation is under way", async || {
        portal.count(Asked::creates) > 0
    })
    .await;
    // Stopped without a word: its runtime ends with it, and the leases stay in the store.
    node.abandon().await;
    clock.0.store(0, SeqCst);
    hangs.store(false, SeqCst);
    let alive = start(&site, &clock).await;
    whole(&alive, &site, &portal, 4).await;
    assert!(portal.calls(LOOKUP) > 0);
    assert_eq!(alive.push("igate", &generated(&alive, 9)).await.status, 202);
    whole(&alive, &site, &portal, 5).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_that_was_to_be_left_alone_is_not_left_alone_for_hours_because_the_clock_went_back() {
    let ill = Arc::new(AtomicBool::new(true));
    let sign = Arc::clone(&ill);
    let portal = Portal::start(
        move |asked, honest| match (asked.service.as_str(), sign.load(SeqCst)) {
            ("login", true) => Say::Answer(429, "retry-after: 1\r\n", String::new()),
            _ => honest(),
        },
    );
    let clock = Arc::new(Wrong(AtomicI64::new(HOURS)));
    let site = Site::new(&portal.base, "");
    let alive = start(&site, &clock).await;
    push(&alive, 0..2).await;
    until("it was asked to wait", async || portal.calls("login") > 0).await;
    pause(100).await;
    ill.store(false, SeqCst);
    clock.0.store(0, SeqCst);
    push(&alive, 2..4).await;
    until("what came since is there", async || portal.known() >= 2).await;
    alive.stop().await;
}
