//! Opening what is masked: only for those who may, only with a reason and a basis, and only after a leaf that says so.

use lienthong::evidence::leaf::{Draft, Entry, Kind};
use lienthong::model::{Dossier, State};
use lienthong::upkeep::Doer;

use super::work::{rows, secrets, world};
use super::{PASSWORD, cookie, enter, look, send, text, token};
use crate::support::http::Answer;
use crate::support::node::Alive;

const REASON: &str = "kiểm tra theo Quyết định 12/QĐ-TTr";

/// All leaves of looks.
async fn looked(alive: &Alive) -> Vec<Draft> {
    let all = alive.node.store.entries(0, 10_000).await.unwrap();
    let drafts = all.iter().map(|entry| Entry::read(&entry.bytes).unwrap().draft);
    drafts.filter(|draft| draft.kind == Kind::Opened).collect()
}

/// Asks to open a page as a form of it would.
async fn opens(alive: &Alive, session: &str, path: &str, (basis, reason): (&str, &str)) -> Answer {
    let token = token(&look(alive, path, session).await);
    let fields = [("token", token.as_str()), ("basis", basis), ("reason", reason)];
    send(alive, &format!("{path}/look"), session, &fields).await
}

/// The number of the person whom a dossier is about.
pub(super) async fn identity(alive: &Alive, number: &str) -> String {
    let filed = alive.node.store.filed(number).await.unwrap().unwrap();
    let dossier: Dossier = serde_json::from_slice(&filed).unwrap();
    dossier.facts.owner.papers[0].number.clone().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_masked_is_opened_after_a_leaf_that_says_to_whom_and_masked_again_after() {
    let (_portal, _site, alive) = world().await;
    let session = cookie(&enter(&alive, "kiem", PASSWORD, "").await);
    let row = rows(&alive, State::Delivered).await.remove(0);
    let secrets = secrets(&alive, &row.dossier).await;
    let tells = |page: &str| {
        secrets
            .iter()
            .filter(|secret| page.contains(secret.as_str()))
            .count()
    };
    for path in [
        format!("/console/exchanges/{}", row.exchange),
        format!("/console/dossiers/{}", row.dossier),
    ] {
        let before = looked(&alive).await.len();
        let opened = opens(&alive, &session, &path, ("inspection", REASON)).await;
        assert_eq!(
            (opened.status, opened.header("cache-control")),
            (200, Some("no-store")),
            "{path}"
        );
        let page = text(&opened);
        assert!(tells(&page) > 1, "{path} shows what it opened");
        assert!(
            !page.contains("class=\"mask\"") && !page.contains(REASON),
            "{path}"
        );
        let leaves = looked(&alive).await;
        let leaf = leaves.last().unwrap();
        assert!(leaves.len() > before && leaf.commit.is_some(), "{path}");
        assert!(leaf.subject.is_some() && leaf.dossier.is_some(), "{path}");
        assert_eq!(leaf.facts["by"], alive.node.outbound.account("kiem").to_string());
        let here = text(&look(&alive, &path, &session).await);
        assert_eq!(tells(&here), 0, "{path} is masked again");
        assert!(
            page.contains(&format!("name=\"to\" value=\"{path}\"")),
            "a language leads to its page"
        );
    }
    assert_eq!(alive.node.store.discrepancies().await.unwrap(), [""; 0]);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_or_does_not_say_why_opens_nothing_and_enters_nothing() {
    let (_portal, _site, alive) = world().await;
    let (audits, operates) = (
        cookie(&enter(&alive, "kiem", PASSWORD, "").await),
        cookie(&enter(&alive, "truc", PASSWORD, "").await),
    );
    let row = rows(&alive, State::Delivered).await.remove(0);
    let secrets = secrets(&alive, &row.dossier).await;
    for path in [
        format!("/console/exchanges/{}", row.exchange),
        format!("/console/dossiers/{}", row.dossier),
    ] {
        for (session, said, status) in [
            (&operates, ("inspection", REASON), 403),
            (&audits, ("inspection", "ngắn"), 422),
            (&audits, ("inspection", ""), 422),
            (&audits, ("", REASON), 422),
            (&audits, ("because", REASON), 422),
        ] {
            let answer = opens(&alive, session, &path, said).await;
            assert_eq!(answer.status, status, "{path} {said:?}");
            let page = text(&answer);
            assert!(
                !secrets.iter().any(|secret| page.contains(secret)),
                "{path} {said:?}"
            );
        }
        assert!(!text(&look(&alive, &path, &operates).await).contains("/look\""));
    }
    let deeds = look(&alive, "/console/deeds", &operates).await;
    assert_eq!(deeds.status, 403);
    assert!(
        !text(&deeds).contains("href=\"/console/deeds\""),
        "nor is it offered"
    );
    assert_eq!(looked(&alive).await, []);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looked_at_somebodys_data_is_listed_and_the_question_too() {
    let (_portal, _site, alive) = world().await;
    let session = cookie(&enter(&alive, "kiem", PASSWORD, "").await);
    let row = rows(&alive, State::Delivered).await.remove(0);
    let person = identity(&alive, &row.dossier).await;
    let path = format!("/console/exchanges/{}", row.exchange);
    let opened = opens(&alive, &session, &path, ("complaint", REASON)).await;
    assert_eq!(opened.status, 200);
    let asks = async || {
        let token = token(&look(&alive, "/console/deeds", &session).await);
        let fields = [
            ("token", token.as_str()),
            ("identity", person.as_str()),
            ("basis", "subject-request"),
            ("reason", "người dân hỏi ai đã xem"),
        ];
        text(&send(&alive, "/console/deeds", &session, &fields).await)
    };
    let page = asks().await;
    assert!(page.contains(REASON) && page.contains("Giải quyết khiếu nại") && page.contains(&row.dossier));
    assert!(!page.contains(&person), "the number stands nowhere");
    let blind = alive.node.outbound.blinded(&person).unwrap();
    assert!(page.contains(&format!("subject/{blind}")));
    let again = asks().await;
    assert!(
        again.contains("người dân hỏi ai đã xem"),
        "the question before is on the list"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_opens_no_more_and_its_page_still_stands() {
    let (_portal, _site, alive) = world().await;
    let session = cookie(&enter(&alive, "kiem", PASSWORD, "").await);
    // Steps stand parked everywhere, and what is owed is not erased: they are released first.
    let row = rows(&alive, State::Delivered).await.remove(0);
    let person = identity(&alive, &row.dossier).await;
    for parked in rows(&alive, State::Parked).await {
        let hand = lienthong::outbound::Hand {
            exchange: parked.exchange,
            release: lienthong::model::Release::from_word("delivered"),
            reason: "seen at the portal".to_owned(),
            account: None,
        };
        assert!(alive.node.outbound.handle(hand).await.unwrap());
    }
    let doer = Doer {
        who: "test".to_owned(),
        reason: "asked for".to_owned(),
        basis: "Law 91/2025".to_owned(),
    };
    let erased = alive.node.upkeep.erase(&doer, &person, false).await.unwrap();
    assert!(erased.erased.contains(&row.dossier), "{erased:?}");
    let path = format!("/console/dossiers/{}", row.dossier);
    let opened = opens(&alive, &session, &path, ("inspection", REASON)).await;
    assert_eq!(opened.status, 410);
    assert_eq!(look(&alive, &path, &session).await.status, 200);
    alive.stop().await;
}
