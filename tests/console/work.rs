//! What people do in the console, over the same addresses as their browser.

use lienthong::accounts::{Account, Accounts, Role, password};
use lienthong::clock::SystemDice;
use lienthong::evidence::leaf::{Entry, Kind};
use lienthong::model::State;
use lienthong::store::{ExchangeRow, Query};

use super::{PASSWORD, cookie, enter, look, send, text, token};
use crate::support::node::{Alive, Site, samples};
use crate::support::portal::{Portal, STEPS, Say};

/// A node with dossiers of which the steps stand parked, and one account for each role: `kiem` audits, `truc` operates.
pub(super) async fn world() -> (Portal, Site, Alive) {
    let portal = Portal::start(|asked, honest| match asked.service.as_str() {
        STEPS => Say::Nothing,
        _ => honest(),
    });
    let more = "[console]\nsecond_factor = false\n[partners.portal.circuit]\nfailures = 100000\n";
    let site = Site::new(&portal.base, more);
    let dice = SystemDice::new().unwrap();
    let account = |roles: &[Role]| Account {
        roles: roles.to_vec(),
        password: password::Kept::of(PASSWORD, &dice).unwrap(),
        totp: None,
        disabled: false,
    };
    let mut all = Accounts::default();
    all.accounts.insert("kiem".to_owned(), account(&[Role::Auditor]));
    all.accounts.insert("truc".to_owned(), account(&[Role::Operator]));
    all.accounts
        .insert("hai".to_owned(), account(&[Role::Auditor, Role::Operator]));
    all.write(&site.path("accounts.toml")).unwrap();
    let alive = site.start().await;
    for (_, body) in samples("tandan").into_iter().take(6) {
        assert_eq!(alive.push("tandan", &body).await.status, 202);
    }
    alive.settle().await;
    alive.node.upkeep.checkpoint().await.unwrap();
    (portal, site, alive)
}

pub(super) async fn rows(alive: &Alive, state: State) -> Vec<ExchangeRow> {
    let query = Query {
        state: Some(state),
        all: true,
        limit: 1_000,
        ..Query::default()
    };
    alive.node.store.exchanges(query).await.unwrap()
}

/// What the dossier of a row says of a person, and may be on no page that is masked.
pub(super) async fn secrets(alive: &Alive, number: &str) -> Vec<String> {
    let filed = alive.node.store.filed(number).await.unwrap().unwrap();
    let dossier: lienthong::model::Dossier = serde_json::from_slice(&filed).unwrap();
    let owner = dossier.facts.owner;
    let papers = owner.papers.into_iter().filter_map(|paper| paper.number);
    let said = owner
        .name
        .into_iter()
        .chain(owner.phone)
        .chain(owner.email)
        .chain(papers);
    said.filter(|text| text.len() > 4).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_about_a_person_is_shown_and_all_that_is_about_nobody_is() {
    let (_portal, _site, alive) = world().await;
    let session = cookie(&enter(&alive, "kiem", PASSWORD, "").await);
    let row = rows(&alive, State::Delivered).await.remove(0);
    let secrets = secrets(&alive, &row.dossier).await;
    assert!(secrets.len() > 1);
    let tells = |page: &str| -> Vec<String> {
        let told = secrets.iter().filter(|secret| page.contains(secret.as_str()));
        told.cloned().collect()
    };
    let path = format!("/console/exchanges/{}", row.exchange);
    let dossier = format!("/console/dossiers/{}", row.dossier);
    for masked in [path.as_str(), dossier.as_str(), "/console/search"] {
        let page = text(&look(&alive, masked, &session).await);
        assert!(page.contains(&row.dossier), "{masked}");
        assert_eq!(tells(&page), [""; 0], "{masked} shows a person");
    }
    let page = text(&look(&alive, &path, &session).await);
    let name = page
        .split("<tr")
        .find(|line| line.contains("<code>owner.name</code>"))
        .unwrap();
    assert!(
        name.contains("portal/dossier.toml:") && name.contains("local/tandan/dossier.toml:"),
        "the lines that wrote and read it: {name}"
    );
    assert!(name.contains("class=\"mask\""), "{name}");
    let plain = page.matches("class=\"value\"").count();
    assert!(plain > 3, "what is about nobody is shown: {plain}");
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_does_not() {
    let (_portal, _site, alive) = world().await;
    let (audits, operates) = (
        cookie(&enter(&alive, "kiem", PASSWORD, "").await),
        cookie(&enter(&alive, "truc", PASSWORD, "").await),
    );
    let row = rows(&alive, State::Parked).await.remove(0);
    let path = format!("/console/exchanges/{}", row.exchange);
    let token_of = async |session: &str| token(&look(&alive, &path, session).await);
    let (audit, operate) = (token_of(&audits).await, token_of(&operates).await);
    let reason = ("reason", "xem xét theo quy trình");
    let fields = [("token", audit.as_str()), ("act", "delivered"), reason];
    assert_eq!(
        send(&alive, &format!("{path}/hand"), &audits, &fields)
            .await
            .status,
        403
    );
    assert!(!operate.is_empty());
    let stolen = [("token", audit.as_str()), ("act", "delivered"), reason];
    assert_eq!(
        send(&alive, &format!("{path}/hand"), &operates, &stolen)
            .await
            .status,
        403,
        "another session's token"
    );
    let offered = async |session: &str| text(&look(&alive, &path, session).await).contains("/hand\"");
    assert!(offered(&operates).await && !offered(&audits).await);
    assert_eq!(
        alive
            .node
            .store
            .exchange(row.exchange)
            .await
            .unwrap()
            .unwrap()
            .state,
        State::Parked
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_hand_is_in_the_log_with_its_reason_and_its_person() {
    let (_portal, _site, alive) = world().await;
    let session = cookie(&enter(&alive, "truc", PASSWORD, "").await);
    let row = rows(&alive, State::Parked).await.remove(0);
    let path = format!("/console/exchanges/{}", row.exchange);
    let token = token(&look(&alive, &path, &session).await);
    let say = async |act: &str, reason: &str| {
        let fields = [("token", token.as_str()), ("act", act), ("reason", reason)];
        send(&alive, &format!("{path}/hand"), &session, &fields).await
    };
    assert_eq!(say("delivered", "ngắn").await.status, 422);
    assert_eq!(
        say("retry", "đã xem trên cổng quốc gia").await.status,
        409,
        "steps are not repeated blindly"
    );
    let done = say("delivered", "đã xem trên cổng quốc gia").await;
    assert_eq!(
        (done.status, done.header("location")),
        (303, Some(format!("{path}?done").as_str()))
    );
    assert_eq!(
        say("delivered", "đã xem trên cổng quốc gia").await.status,
        409,
        "it has moved on"
    );
    let now = alive.node.store.exchange(row.exchange).await.unwrap().unwrap();
    assert_eq!(now.state, State::Delivered);
    let hands = alive.node.store.hands(row.exchange).await.unwrap();
    assert_eq!(hands.len(), 1);
    assert_eq!(hands[0].account, Some(alive.node.outbound.account("truc")));
    let leaf = alive
        .node
        .store
        .entries(hands[0].leaf, 1)
        .await
        .unwrap()
        .remove(0);
    let leaf = Entry::read(&leaf.bytes).unwrap().draft;
    assert_eq!(
        (leaf.kind, leaf.facts["as"].as_str()),
        (Kind::Released, "delivered")
    );
    let page = text(&look(&alive, &path, &session).await);
    assert_eq!(leaf.facts["by"], alive.node.outbound.account("truc").to_string());
    assert!(page.contains("<b>truc</b>"));
    assert!(
        !page.contains("đã xem trên cổng quốc gia"),
        "the reason is sealed"
    );
    assert_eq!(alive.node.store.discrepancies().await.unwrap(), [""; 0]);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_finds_by_each_condition_and_goes_on_where_a_page_ended() {
    let (_portal, _site, alive) = world().await;
    let session = cookie(&enter(&alive, "kiem", PASSWORD, "").await);
    let all = [
        rows(&alive, State::Delivered).await,
        rows(&alive, State::Parked).await,
    ]
    .concat();
    let row = &all[0];
    let found = async |query: &str| {
        let page = text(&look(&alive, &format!("/console/search?{query}"), &session).await);
        all.iter()
            .filter(|row| page.contains(&format!("/console/exchanges/{}\"", row.exchange)))
            .count()
    };
    assert_eq!(found("").await, all.len());
    assert_eq!(
        found("state=parked").await,
        rows(&alive, State::Parked).await.len()
    );
    assert_eq!(
        found("partner=portal&state=delivered").await,
        rows(&alive, State::Delivered).await.len()
    );
    assert_eq!(found("partner=nobody").await, 0);
    assert_eq!(found("since=2000-01-01&until=2000-01-02").await, 0);
    assert_eq!(found("since=2000-01-01").await, all.len());
    let direct = look(
        &alive,
        &format!("/console/search?number={}", row.dossier),
        &session,
    )
    .await;
    assert_eq!(
        direct.header("location"),
        Some(format!("/console/dossiers/{}", row.dossier).as_str())
    );
    let direct = look(
        &alive,
        &format!("/console/search?number={}", row.exchange),
        &session,
    )
    .await;
    assert_eq!(
        direct.header("location"),
        Some(format!("/console/exchanges/{}", row.exchange).as_str())
    );
    // A person's number goes in by a form and comes out blinded.
    let token = token(&look(&alive, "/console/search", &session).await);
    let filed = alive.node.store.filed(&row.dossier).await.unwrap().unwrap();
    let dossier: lienthong::model::Dossier = serde_json::from_slice(&filed).unwrap();
    let identity = dossier.facts.owner.papers[0].number.clone().unwrap();
    let fields = [("token", token.as_str()), ("identity", identity.as_str())];
    let blind = send(&alive, "/console/search", &session, &fields).await;
    let location = blind.header("location").unwrap().to_owned();
    assert!(location.starts_with("/console/search?subject=") && !location.contains(&identity));
    let own = all.iter().filter(|other| other.dossier == row.dossier).count();
    let query = location.split_once('?').unwrap().1.to_owned();
    assert!(found(&query).await >= own && found(&query).await < all.len());
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_has_every_row_and_nobodys_name() {
    let (_portal, _site, alive) = world().await;
    let session = cookie(&enter(&alive, "kiem", PASSWORD, "").await);
    let all = alive
        .node
        .store
        .exchanges(Query {
            all: true,
            limit: 1_000,
            ..Query::default()
        })
        .await
        .unwrap();
    let csv = look(&alive, "/console/export?as=csv", &session).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.body.starts_with("\u{feff}exchange,dossier,".as_bytes()));
    let csv = text(&csv);
    assert_eq!(csv.lines().count(), all.len() + 1);
    assert!(all.iter().all(|row| csv.contains(&row.exchange.to_string())));
    let lines = text(&look(&alive, "/console/export?as=jsonl&state=parked", &session).await);
    let read: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read.len(), rows(&alive, State::Parked).await.len());
    assert!(read.iter().all(|row| row["state"] == "parked"));
    for secret in secrets(&alive, &all[0].dossier).await {
        assert!(!csv.contains(&secret) && !lines.contains(&secret));
    }
    assert_eq!(look(&alive, "/console/export?as=csv", "").await.status, 303);
    alive.stop().await;
}
