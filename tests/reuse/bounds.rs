//! Purpose and bounds: no question without a record, a named officer and a subject of the dossier; none is put twice in ten
//! minutes; nobody waits for a database that hangs.

use std::time::{Duration, Instant};

use lienthong::model::Origin;
use serde_json::json;

use super::State;
use crate::support::node::National;
use crate::support::portal::{Portal, Say};
use crate::support::state::{self, P1, Who};

/// Whoever hangs.
const HANGS: Who = Who {
    number: "099090000504",
    name: "Người Chậm Trễ",
    born: "01/01/1990",
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_is_there_before_the_call_and_complete_after_it() {
    let state = State::start().await;
    let came = state.asks(P1).await;
    let row = &came.row;
    assert!(row.asked < row.answered.unwrap());
    assert!(row.basis.contains("66.7/2025"), "{row:?}");
    assert_eq!(
        (row.procedure.as_str(), row.profile.as_str(), row.partner.as_str()),
        ("1.001193", "c06@1", "population")
    );
    let asked = state.national.twin.inquiries();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].request, row.request);
    assert_eq!(state.national.twin.summary().databases.without_officer, 0);
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_question_within_ten_minutes_is_answered_from_the_first_and_that_is_on_record() {
    let state = State::start().await;
    let first = state.asks(P1).await;
    let mut again = state::birth(&first.number, P1);
    again["SoDienThoaiChuHoSo"] = json!("0900000018");
    again["NgaySinhChuHoSo"] = json!("17/05/1990");
    state::file(&state.alive, &again).await;
    let rows = state.rows(&first.number).await;
    let calls = state.national.twin.inquiries().len();
    assert_eq!(calls, 1, "the database was asked once");
    for row in rows.iter().skip(1) {
        assert_eq!(row.source, Some(first.row.id), "{row:?}");
    }
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_holds_no_other_dossier() {
    let state = State::start().await;
    let began = Instant::now();
    let slow = state::birth("001.00.40.H99-260310-9001", HANGS).to_string();
    assert_eq!(state.alive.push("tandan", slow.as_bytes()).await.status, 202);
    let quick = state::birth("001.00.40.H99-260310-9002", P1).to_string();
    assert_eq!(state.alive.push("tandan", quick.as_bytes()).await.status, 202);
    let done = async || {
        let path = "/v1/dossiers/001.00.40.H99-260310-9002/exchanges";
        let shown = state::shown(&state.alive, path).await;
        let all = shown["exchanges"].as_array().cloned().unwrap_or_default();
        !all.is_empty() && all.iter().all(|one| one["state"] == "delivered")
    };
    while !done().await {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the other dossier waits"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let slow = state.rows("001.00.40.H99-260310-9001").await;
    assert!(
        slow.iter().all(|row| row.ended_at.is_none()),
        "the slow one is still asked about"
    );
    state.alive.settle().await;
    state.delivered("001.00.40.H99-260310-9001").await;
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_nobody_reaches_leaves_the_dossier_without_reuse_and_says_so() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let site = state::site_of(&national.base, &format!("http://{port}"), "");
    let alive = site.start().await;
    let number = "001.00.40.H99-260310-9001";
    state::file(&alive, &state::birth(number, P1)).await;
    let shown = state::shown(&alive, &format!("/v1/dossiers/{number}")).await;
    let finding = &shown["dossier"]["findings"][0];
    assert_eq!(finding["class"], "upstream_unavailable");
    assert!(shown["not_reused"][0]["action"].is_string(), "{shown}");
    assert_eq!(national.twin.summary().totals.dossiers, 1);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_dies_in_the_middle_of_a_question_knows_that_it_was_asked() {
    let state = State::start().await;
    let number = "001.00.40.H99-260310-9001";
    let body = state::birth(number, HANGS).to_string();
    assert_eq!(state.alive.push("tandan", body.as_bytes()).await.status, 202);
    for _ in 0..200 {
        if !state.national.twin.inquiries().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let State {
        _books,
        national,
        site,
        alive,
    } = state;
    alive.abandon().await;
    let alive = site.start().await;
    alive.settle().await;
    let rows = alive.node.store.inquiries(number).await.unwrap();
    assert_eq!(rows[0].class.as_deref(), Some("unknown_result"), "{rows:?}");
    assert!(rows[0].answered.is_some());
    let requests: Vec<_> = national
        .twin
        .inquiries()
        .into_iter()
        .map(|one| one.request)
        .collect();
    assert!(requests.contains(&rows[0].request), "{requests:?}");
    assert_eq!(national.twin.summary().totals.dossiers, 1);
    State {
        _books,
        national,
        site,
        alive,
    }
    .ends()
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_is_asked_than_a_dossier_may() {
    let state = State::with("[reuse.limits]\nhour = 1\n").await;
    state.asks(P1).await;
    let other = "001.00.40.H99-260310-9002";
    state::file(&state.alive, &state::birth(other, P1)).await;
    let shown = state::shown(&state.alive, &format!("/v1/dossiers/{other}")).await;
    assert_eq!(shown["dossier"]["findings"][0]["unused"], "bounds", "{shown}");
    assert_eq!(state.rows(other).await.len(), 0);
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_asked_in_the_name_of_an_officer_whom_nobody_named() {
    let state = State::with("").await;
    std::fs::write(state.site.path("officers.toml"), "[officers]\n").unwrap();
    let State {
        _books,
        national,
        site,
        alive,
    } = state;
    alive.stop().await;
    let alive = site.start().await;
    let number = "001.00.40.H99-260310-9001";
    state::file(&alive, &state::birth(number, P1)).await;
    let shown = state::shown(&alive, &format!("/v1/dossiers/{number}")).await;
    assert_eq!(shown["dossier"]["findings"][0]["unused"], "no-officer", "{shown}");
    assert!(national.twin.inquiries().is_empty());
    alive.stop().await;
}

/// The origins of a whole dossier: each value that left says where it came from, and one that was reused says on what
/// ground, how old it is, and where the evidence lies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_value_that_left_is_explained() {
    let state = State::start().await;
    let came = state.asks(P1).await;
    let shown = state::shown(&state.alive, &format!("/v1/dossiers/{}/origins", came.number)).await;
    let origins = shown["origins"].as_array().unwrap();
    let gender = origins.iter().find(|one| one[0] == "owner.gender").unwrap();
    let origin: Origin = serde_json::from_value(gender[1].clone()).unwrap();
    let held = origin.held.unwrap();
    assert_eq!(held.evidence, came.row.id.to_string());
    assert_eq!(held.profile, "c06@1");
    assert!(held.basis.contains("66.7/2025"));
    for one in origins {
        assert!(one[1]["how"].is_string(), "{one}");
    }
    state.ends().await;
}

/// A portal that takes all, and databases that nobody has: what is asked of them never reaches the portal's road.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_of_the_databases_is_not_sent_to_the_portal() {
    let portal = Portal::start(|_, honest| honest());
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = state::site_of(&portal.base, &state::origin(&national), "");
    let alive = site.start().await;
    state::file(&alive, &state::birth("001.00.40.H99-260310-9001", P1)).await;
    assert_eq!(national.twin.inquiries().len(), 1);
    assert_eq!(portal.calls("login"), 1);
    let _unused = Say::Nothing;
    alive.stop().await;
}
