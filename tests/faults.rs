//! What goes wrong, made to go wrong: each line is an instant at which others lose, repeat or lie.
//!
//! The first column counts as the crash atlas of the design does (its section 2.0).
//!
//! | # | the instant | the test that would see it |
//! |---|---|---|
//! | 1 | work taken from one list, not yet in the next | `flows::killed_at_any_moment_and_run_again_it_loses_nothing_and_creates_nothing_twice` |
//! | 2 | a send is under way | [`door::killed_while_the_portal_is_thinking_nothing_is_lost_and_no_step_is_sent_twice`] |
//! | 4 | kept, but not yet queued: the repeat only looks accepted | [`door::killed_while_the_portal_is_thinking_nothing_is_lost_and_no_step_is_sent_twice`], [`door::one_body_fifty_times_at_once_is_one_dossier_and_one_receipt`] |
//! | 5 | after the attempt, before its retry is queued | one transaction: `store::sqlite::tests::law::the_outbox_keeps_its_laws`; whole: as 1 |
//! | 7 | the key is kept, the work is not | [`door::killed_while_the_portal_is_thinking_nothing_is_lost_and_no_step_is_sent_twice`] |
//! | 10 | a state that no sweep looks at | [`time::a_clock_set_back_and_forth_loses_nothing_and_holds_nothing_for_ever`] |
//! | 13 | the work is done, its completion does not arrive | [`portal::an_answer_cut_at_any_byte_is_looked_up_and_nothing_is_made_twice`] |
//! | 16 | the call throws, and is booked as received | [`portal::an_answer_that_is_no_answer_is_never_read_as_taken`] |
//! | 17 | the look-up fails, and is read as “not there” | [`portal::a_lookup_that_fails_is_not_absence`] |
//! | 18 | between the dossier and its steps | [`steps::a_step_whose_fate_is_unknown_is_parked_and_never_sent_twice`] |
//! | 19 | the portal is down for longer than the retries | [`portal::a_portal_that_fails_for_hours_is_tried_until_the_deadline_and_then_owned`] |
//! | 22 | after the answer, before the commit | [`door::killed_while_the_portal_is_thinking_nothing_is_lost_and_no_step_is_sent_twice`] |

mod books;
mod door;
mod portal;
mod steps;
mod time;

use lienthong::model::State;
use lienthong::store::{ExchangeRow, Query};

use crate::support::node::{Alive, Site};
use crate::support::portal::Portal;

/// A circuit that never opens: what is tried must not wait for it.
const NO_CIRCUIT: &str = "partners.portal.circuit.failures = 1000000";
/// A call is over soon.
const SOON: &str = "partners.portal.connect = '100 ms'\npartners.portal.answer = '400 ms'\npartners.portal.longest = '500 ms'";

/// A node before a portal, with `count` generated dossiers pushed.
async fn pushed(portal: &Portal, more: &str, count: u64) -> (Site, Alive) {
    let site = Site::new(&portal.base, more);
    let alive = site.start().await;
    push(&alive, 0..count).await;
    (site, alive)
}

async fn push(alive: &Alive, which: std::ops::Range<u64>) {
    for number in which {
        let answer = alive.push("igate", &generated(alive, number)).await;
        assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
    }
}

/// The dossier of this number, as iGate would write it.
fn generated(alive: &Alive, number: u64) -> Vec<u8> {
    alive
        .node
        .outbound
        .translator()
        .sample("local/igate/dossier", "igate", 7, number)
        .unwrap()
}

async fn rows(alive: &Alive) -> Vec<ExchangeRow> {
    alive
        .node
        .store
        .exchanges(Query {
            all: true,
            limit: 100_000,
            ..Query::default()
        })
        .await
        .unwrap()
}

async fn parked(alive: &Alive) -> Vec<ExchangeRow> {
    let rows = rows(alive).await;
    rows.into_iter()
        .filter(|row| row.state == State::Parked)
        .collect()
}

/// Waits until this holds; a minute is more than any of it takes.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1_200 {
        if holds().await {
            return;
        }
        pause(50).await;
    }
    panic!("it never came to it: {what}");
}

async fn pause(millis: u64) {
    tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
}

/// An operator's hand, over the door.
async fn hand(alive: &Alive, row: &ExchangeRow, verb: &str, says: &str) -> u16 {
    let headers = [
        ("authorization", "Bearer hand"),
        ("content-type", "application/json"),
    ];
    let path = format!("/v1/exchanges/{}/{verb}", row.exchange);
    alive.call("POST", &path, &headers, says.as_bytes()).await.status
}
