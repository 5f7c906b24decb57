//! Payments that begin here, through the twin's platform: begun once, paid once, whatever is lost or said twice on the way.

mod ways;

use std::time::Duration;

use lienthong::store::{PayState, PaymentBooks, PaymentRow};
use lienthong::twin::Province;
use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::node::{Alive, National, Site, samples};
use crate::support::state::origin;

pub(crate) const SECRET: &str = "KHOA-BI-MAT-THU-NGHIEM";

/// A gateway that begins payments, with waits short enough for a test.
pub(crate) fn settings(origin: &str, more: &str) -> String {
    format!(
        r#"
[systems.igate]
agencies = ["H99"]
[callbacks.payment]
networks = ["127.0.0.0/8"]
secret_file = "payment.secret"
[partners.payment]
base = "{origin}/bank"
connect = "1 s"
answer = "1500 ms"
longest = "3 s"
pace = {{ per_second = 100000, burst = 1000 }}
circuit = {{ failures = 50, open = "100 ms", longest_open = "200 ms" }}
[partners.payment.secrets]
key_file = "payment.secret"
[partners.payment.framing.platform]
ip = "10.0.0.5"
[payments]
partner = "payment"
callbacks = "payment"
schedule = ["50 ms", "100 ms"]
{more}
"#
    )
}

/// A twin, and a site that begins payments with its platform.
pub(crate) async fn site(day: &str, more: &str) -> ((National, tempfile::TempDir), Site) {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), day, 1).await;
    let site = Site::new(&national.base, &settings(&origin(&national), more));
    std::fs::write(site.path("payment.secret"), SECRET).unwrap();
    ((national, books), site)
}

/// Tells the platform whom to confirm to, and which dossier is never paid.
pub(crate) fn province(alive: &Alive, owing: Option<&str>) -> Province {
    Province {
        address: alive.address,
        payment: SECRET.to_owned(),
        vneid: String::new(),
        numbers: Vec::new(),
        owing: owing.map(str::to_owned),
        awaiting: None,
    }
}

/// Pushes a dossier of iGate that owes 1,250,000 đồng, under a number of its own.
pub(crate) async fn owing(alive: &Alive, n: usize) -> String {
    let mut body = sample("fee-both-unpaid");
    let number = format!("H99.14-260617-{n:04}");
    body["code"] = json!(number);
    let answer = alive.push("igate", body.to_string().as_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    number
}

fn sample(case: &str) -> Value {
    let all = samples("igate");
    let (_, body) = all.iter().find(|(name, _)| name.ends_with(case)).unwrap();
    serde_json::from_slice(body).unwrap()
}

pub(crate) async fn begin(alive: &Alive, number: &str) -> Answer {
    let body = json!({ "dossier": number }).to_string();
    let headers = [
        ("authorization", "Bearer token-igate"),
        ("content-type", "application/json"),
    ];
    alive
        .call("POST", "/v1/systems/igate/payments", &headers, body.as_bytes())
        .await
}

async fn shown(alive: &Alive, path: &str, token: &str) -> Answer {
    let token = format!("Bearer {token}");
    alive
        .call("GET", path, &[("authorization", token.as_str())], &[])
        .await
}

pub(crate) async fn books(alive: &Alive) -> PaymentBooks {
    alive.node.store.payment_books().await.unwrap()
}

pub(crate) async fn row(alive: &Alive, number: &str) -> PaymentRow {
    alive
        .node
        .store
        .payments(Some(number), 9)
        .await
        .unwrap()
        .remove(0)
}

/// Waits until a payment stands so.
pub(crate) async fn stands(alive: &Alive, number: &str, state: PayState) -> PaymentRow {
    for _ in 0..400 {
        let row = row(alive, number).await;
        if row.state == state {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!(
        "it does not come to be {}: {:?}",
        state.word(),
        row(alive, number).await
    )
}

pub(crate) async fn whole(alive: &Alive) {
    assert_eq!(
        alive.node.store.discrepancies().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_begins_is_confirmed_and_its_fee_receipt_is_served() {
    let ((national, _books), site) = site("calm", "").await;
    let alive = site.start().await;
    let number = owing(&alive, 1).await;
    let begun = begin(&alive, &number).await;
    assert_eq!(begun.status, 200, "{}", begun.json());
    let first = begun.json();
    assert_eq!(
        (&first["state"], &first["amount"]),
        (&json!("open"), &json!(1_250_000))
    );
    assert!(first["page"].as_str().unwrap().starts_with("https://"), "{first}");
    // Beginning again is the same payment, and nothing leaves for it.
    let again = begin(&alive, &number).await.json();
    assert_eq!(
        (&again["reference"], &again["page"]),
        (&first["reference"], &first["page"])
    );
    assert_eq!(national.twin.banked().begun, 1);
    national.twin.confirms_to(&province(&alive, None));
    assert_eq!(national.twin.pays().await.unwrap(), 0);
    let paid = stands(&alive, &number, PayState::Paid).await;
    assert!(paid.paid_at.is_some());
    // What is paid is not due, before and after it is on the dossier.
    let refused = begin(&alive, &number).await;
    assert_eq!(
        (refused.status, &refused.json()["type"]),
        (409, &json!("/problems/nothing-due"))
    );
    let told = crate::back::events(&alive, "igate", 1).await;
    let said = &told[0]["data"]["facts"]["payment"];
    assert_eq!(
        (&said["state"], &said["amount"], &said["reference"]),
        (&json!("portal"), &json!(1_250_000), &first["reference"])
    );
    let path = format!("/v1/systems/igate/payments/{}", paid.reference);
    for _ in 0..200 {
        if shown(&alive, &path, "token-igate").await.json()["receipt"] == true {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let receipt = shown(&alive, &format!("{path}/receipt"), "token-igate").await;
    assert_eq!(receipt.status, 200);
    assert!(receipt.body.starts_with(b"%PDF"), "{:?}", receipt.body);
    assert_eq!(
        shown(&alive, &path, "hand").await.status,
        200,
        "its operator sees it"
    );
    assert_eq!(shown(&alive, &path, "token-opencps").await.status, 403);
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_begins_that_is_not_due_not_there_or_not_configured() {
    let (_national, site) = site("calm", "").await;
    let alive = site.start().await;
    let unknown = begin(&alive, "H99.14-260617-9999").await;
    assert_eq!(unknown.json()["type"], "/problems/unknown-dossier");
    let (_, free) = samples("opencps")
        .into_iter()
        .find(|(name, _)| name.ends_with("fee-of-zero"))
        .unwrap();
    let free = alive.push("opencps", &free).await.json()["number"].clone();
    // Another system's dossier is as good as absent.
    assert_eq!(begin(&alive, free.as_str().unwrap()).await.status, 404);
    let call = async |token: &str, body: &str| {
        let token = format!("Bearer {token}");
        let headers = [("authorization", token.as_str())];
        let path = "/v1/systems/opencps/payments";
        alive.call("POST", path, &headers, body.as_bytes()).await
    };
    let wanted = json!({ "dossier": free }).to_string();
    assert_eq!(
        call("token-opencps", &wanted).await.json()["type"],
        "/problems/nothing-due"
    );
    assert_eq!(call("token-igate", &wanted).await.status, 403);
    assert_eq!(call("token-opencps", "{}").await.status, 422);
    assert_eq!(books(&alive).await.begun, 0);
    alive.abandon().await;

    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let bare = Site::new(&national.base, "");
    let alive = bare.start().await;
    let number = owing(&alive, 1).await;
    let refused = begin(&alive, &number).await;
    assert_eq!(
        (refused.status, &refused.json()["type"]),
        (501, &json!("/problems/no-platform"))
    );
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_is_away_holds_no_request_longer_than_it_waits() {
    let ((national, _books), site) = site("calm", "wait = \"300 ms\"").await;
    let mut site = site;
    // Nobody listens there.
    site.more = site.more.replacen(&origin(&national), "http://127.0.0.1:9", 1);
    let alive = site.start().await;
    let number = owing(&alive, 1).await;
    let began = std::time::Instant::now();
    let answer = begin(&alive, &number).await;
    assert_eq!((answer.status, &answer.json()["state"]), (202, &json!("asked")));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    alive.abandon().await;
    // The order outlives the process, and the platform hears of it when it is there.
    site.more = site.more.replacen("http://127.0.0.1:9", &origin(&national), 1);
    let alive = site.start().await;
    let open = stands(&alive, &number, PayState::Open).await;
    assert_eq!(json!(open.reference), answer.json()["reference"]);
    assert_eq!(national.twin.banked().begun, 1);
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_how_many_stand_where_and_systems_do_not() {
    let (_national, site) = site("calm", "").await;
    let alive = site.start().await;
    let number = owing(&alive, 1).await;
    begin(&alive, &number).await;
    let seen = shown(&alive, "/v1/payments", "hand").await.json();
    assert_eq!(
        (&seen["books"]["begun"], &seen["books"]["open"], &seen["parked"]),
        (&json!(1), &json!(1), &json!([]))
    );
    assert_eq!(shown(&alive, "/v1/payments", "token-igate").await.status, 403);
    let strange = shown(&alive, "/v1/systems/igate/payments/KHONGCO", "token-igate").await;
    assert_eq!(strange.json()["type"], "/problems/unknown-payment");
    let early = row(&alive, &number).await.reference;
    let path = format!("/v1/systems/igate/payments/{early}/receipt");
    let none = shown(&alive, &path, "token-igate").await;
    assert_eq!(none.json()["type"], "/problems/no-fee-receipt");
    alive.abandon().await;
}

#[test]
fn a_platform_that_is_not_there_is_said_before_anything_runs() {
    for (right, wrong, said) in [
        ("", "", ""),
        ("partner = \"payment\"", "partner = \"paymnt\"", "no such partner"),
        (
            "partner = \"payment\"",
            "partner = \"portal\"",
            "no mapping `init`",
        ),
        ("callbacks = \"payment\"", "callbacks = \"bank\"", "has no `bank`"),
        ("callbacks = \"payment\"", "", "needs its `callbacks`"),
        ("partner = \"payment\"", "", "need their `partner`"),
    ] {
        let text = settings("http://127.0.0.1:9", "").replacen(right, wrong, 1);
        let layer = lienthong::config::Layer {
            name: "more",
            text: &text,
        };
        let config = lienthong::config::Config::layered(&[layer], std::iter::empty());
        let why = match config {
            Err(mistakes) => format!("{mistakes:?}"),
            Ok(config) => {
                lienthong::app::paying(&config).map_or_else(|why| why.to_string(), |()| String::new())
            }
        };
        assert!(why.contains(said) && why.is_empty() == said.is_empty(), "{why}");
    }
}
