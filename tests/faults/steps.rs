//! What may not be sent twice, and what must go in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use lienthong::model::{Operation, State};
use serde_json::Value;

use super::{NO_CIRCUIT, generated, hand, parked, pause, pushed, rows, until};
use crate::support::node::{Alive, National, Site};
use crate::support::portal::{Asked, Portal, STEPS, Say};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_whose_fate_is_unknown_is_parked_and_never_sent_twice() {
    let portal = Portal::start(|asked, honest| match (asked.service.as_str(), asked.nth) {
        (STEPS, 1) => Say::Nothing,
        _ => honest(),
    });
    let (site, alive) = pushed(&portal, NO_CIRCUIT, 8).await;
    alive.settle().await;
    let steps = parked(&alive).await;
    assert!(steps.len() >= 3, "{}", steps.len());
    assert!(
        steps
            .iter()
            .all(|row| row.operation == Operation::Progress && row.owner.is_some())
    );
    // The same again, a retry, a new start: none of them may send a step.
    for number in 0..8 {
        assert_eq!(alive.push("igate", &generated(&alive, number)).await.status, 202);
    }
    assert_eq!(hand(&alive, &steps[0], "retry", r#"{"reason":"x"}"#).await, 409);
    alive.stop().await;
    let alive = site.start().await;
    alive.settle().await;
    let sent = |row: &lienthong::store::ExchangeRow| {
        portal.count(|asked| asked.service == STEPS && asked.number == row.dossier)
    };
    assert!(steps.iter().all(|row| sent(row) == 1));

    assert_eq!(
        hand(
            &alive,
            &steps[0],
            "release",
            r#"{"reason":"it is there","as":"delivered"}"#
        )
        .await,
        204
    );
    assert_eq!(
        hand(
            &alive,
            &steps[1],
            "release",
            r#"{"reason":"it is not","as":"again"}"#
        )
        .await,
        204
    );
    alive.settle().await;
    assert_eq!((sent(&steps[0]), sent(&steps[1]), sent(&steps[2])), (1, 2, 1));
    assert_eq!(parked(&alive).await.len(), steps.len() - 2);
    assert_eq!(
        hand(&alive, &steps[1], "release", r#"{"reason":"twice","as":"again"}"#).await,
        409
    );
    alive.stop().await;
}

/// The same dossier, later.
fn version(alive: &Alive, number: u64, version: usize) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(&generated(alive, number)).unwrap();
    body["applicant"]["data"]["email"] = format!("v{version}@cong-dan.example").into();
    body.to_string().into_bytes()
}

/// The first version was created, and each later one said as an update.
fn in_order(asked: &[Asked]) {
    let dossiers: Vec<&Asked> = asked.iter().filter(|asked| asked.dossier()).collect();
    let order: Vec<bool> = dossiers.iter().map(|asked| asked.updating).collect();
    assert_eq!(order, [false, true, true]);
    for (number, asked) in dossiers.iter().enumerate() {
        let data = asked.body["data"].to_string();
        assert!(data.contains(&format!("v{number}@cong-dan.example")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_creation_holds_what_came_later_and_release_lets_it_go_in_order() {
    let ill = Arc::new(AtomicBool::new(true));
    let sign = Arc::clone(&ill);
    let portal = Portal::start(move |asked, honest| {
        if sign.load(SeqCst) && asked.service != "login" {
            Say::Answer(500, "", String::new())
        } else {
            honest()
        }
    });
    let site = Site::new(
        &portal.base,
        &format!("{NO_CIRCUIT}\noutbox.give_up = '1 s'\noutbox.schedule = ['1 ms', '50 ms']"),
    );
    let alive = site.start().await;
    for number in 0..3 {
        assert_eq!(alive.push("igate", &version(&alive, 1, number)).await.status, 202);
        alive.settle().await;
    }
    let stands = parked(&alive).await;
    assert_eq!(
        stands.len(),
        rows(&alive).await.len(),
        "all of them stand, each with an owner"
    );
    assert!(
        stands
            .iter()
            .all(|row| row.owner.is_some() && row.action.is_some()),
        "{stands:?}"
    );
    let create = stands.iter().find(|row| row.attempts > 0).unwrap();
    let behind = stands.iter().find(|row| row.attempts == 0).unwrap();
    assert_eq!(
        hand(&alive, behind, "release", r#"{"reason":"x","as":"again"}"#).await,
        409,
        "it moves only with the first"
    );
    ill.store(false, SeqCst);
    let seen = portal.asked().len();
    assert_eq!(
        hand(
            &alive,
            create,
            "release",
            r#"{"reason":"not there","as":"again"}"#
        )
        .await,
        204
    );
    alive.settle().await;
    assert_eq!(parked(&alive).await.len(), 0);
    in_order(&portal.asked()[seen..]);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_versions_pushed_fast_the_last_one_stands_at_the_portal() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "lies", 3).await;
    let site = Site::new(&national.base, "");
    let alive = site.start().await;
    for number in 0..30 {
        for dossier in 1..4 {
            assert_eq!(
                alive
                    .push("igate", &version(&alive, dossier, number))
                    .await
                    .status,
                202
            );
        }
    }
    alive.settle().await;
    let all = rows(&alive).await;
    let mut numbers: Vec<_> = all.iter().map(|row| row.dossier.clone()).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 3);
    for number in numbers {
        let last = all
            .iter()
            .rfind(|row| row.dossier == number && row.operation != Operation::Progress)
            .unwrap();
        let payload = alive
            .node
            .store
            .rendered(last.exchange)
            .await
            .unwrap()
            .unwrap()
            .payload;
        assert!(String::from_utf8_lossy(&payload).contains("v29@cong-dan.example"));
        assert_eq!(last.state, State::Delivered);
        let digest: String = openssl::sha::sha256(&payload)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(national.twin.page(&number).await.unwrap().digest, digest);
    }
    assert_eq!(national.twin.summary().totals.duplicate_steps, 0);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_that_hangs_holds_nobody_elses_messages() {
    let hanging = Portal::start(|_, honest| Say::Late(std::time::Duration::from_secs(5), Box::new(honest())));
    let honest = Portal::start(|_, honest| honest());
    let text = std::fs::read_to_string(crate::support::root().join("config/partners/portal.toml")).unwrap();
    let second: toml::Table = text.parse().unwrap();
    let mut second = second["partners"]["portal"].as_table().unwrap().clone();
    second.insert("base".into(), honest.base.clone().into());
    second.insert("username".into(), "000.00.00.H99".into());
    let endpoints = "[endpoints]\nintegration = '/mapi/g'\nshare = '/mapi/s'"
        .parse::<toml::Table>()
        .unwrap();
    second["framing"].as_table_mut().unwrap().extend(endpoints);
    second.insert("connect".into(), "1 s".into());
    second.insert("answer".into(), "2 s".into());
    second.insert("password_file".into(), "portal.password".into());
    let mut more = toml::Table::new();
    more.insert(
        "partners".into(),
        toml::Table::from_iter([("second".to_owned(), second.into())]).into(),
    );
    let mut more = toml::to_string(&more).unwrap();
    more.push_str("\n[systems.igate]\npartner = 'second'\n");
    let site = Site::new(&hanging.base, &more);
    let alive = site.start().await;
    for (_, body) in crate::support::node::samples("opencps").iter().take(20) {
        assert_eq!(alive.push("opencps", body).await.status, 202);
    }
    super::push(&alive, 0..20).await;
    until("the second partner has all of its own", async || {
        honest.known() == 20
    })
    .await;
    assert_eq!(hanging.count(Asked::pushes), 0);
    pause(10).await;
    alive.stop().await;
}
