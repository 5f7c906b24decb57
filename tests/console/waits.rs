//! Callbacks and payments that wait for a person, decided on their pages in a real browser.

use std::path::PathBuf;

use lienthong::accounts::{Account, Accounts, Role, password};
use lienthong::clock::SystemDice;
use lienthong::store::PayState;

use super::PASSWORD;
use super::pages::Seat;
use crate::back::{confirm, send};
use crate::payments::{begin, owing, site, stands, whole};
use crate::support::browser::Browser;
use crate::support::node::Alive;

/// Nobody pays, and a person is asked at once.
const SOON: &str =
    "asking = [\"50 ms\"]\ngive_up = \"300 ms\"\nwait = \"200 ms\"\n[console]\nsecond_factor = false\n";
const DOOR: &str = "/o/pgi/ppdvcqg/dpnhankqthanhtoanhs";
/// A number that nobody filed.
const STRAY: &str = "H99.14-260301-0999";

/// A person of every role that these pages know.
pub(crate) fn accounts(path: &std::path::Path) {
    let dice = SystemDice::new().unwrap();
    let account = Account {
        roles: vec![Role::Auditor, Role::Operator],
        password: password::Kept::of(PASSWORD, &dice).unwrap(),
        totp: None,
        disabled: false,
    };
    let mut all = Accounts::default();
    all.accounts.insert("hai".to_owned(), account);
    all.write(path).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_person_is_decided_on_its_page() {
    let ((_national, _books), site) = site("calm", SOON).await;
    accounts(&site.path("accounts.toml"));
    let alive = site.start().await;
    let owed = owing(&alive, 1).await;
    begin(&alive, &owed).await;
    let parked = stands(&alive, &owed, PayState::Parked).await;
    for reference in ["dvc0201", "dvc0202"] {
        let heard = send(&alive, DOOR, &confirm(STRAY, reference, 90_000, "00")).await;
        assert_eq!(heard.json()["MaLoi"], "00");
    }
    tokio::task::block_in_place(|| {
        let mut seat = seat(&alive, "vi");
        enters(&mut seat, "vi");
        gives(&mut seat, &owed);
        sets_aside(&mut seat);
        drops(&mut seat, &parked.reference);
        let mut seat = self::seat(&alive, "en");
        enters(&mut seat, "en");
        seat.go(&format!("/console/payments/{}", parked.reference));
        seat.judge("payment-dropped");
    });
    assert_eq!(stands(&alive, &owed, PayState::Dropped).await.owner, None);
    let books = alive.node.store.callback_books().await.unwrap();
    assert_eq!((books.parked, books.aside), (0, 1));
    whole(&alive).await;
    alive.stop().await;
}

fn seat(alive: &Alive, language: &str) -> Seat {
    Seat {
        browser: Browser::start(),
        base: format!("http://{}", alive.address),
        pictures: PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("console")
            .join(language),
    }
}

fn enters(seat: &mut Seat, language: &str) {
    seat.go("/console");
    seat.browser.click(&format!("button[lang={language}]"));
    seat.browser.fill("#name", "hai");
    seat.browser.fill("#password", PASSWORD);
    seat.browser.click("main button.main");
    assert_eq!(seat.browser.text(".who b"), "hai");
}

/// The first callback is this dossier's; what it says is seen before that is said.
fn gives(seat: &mut Seat, number: &str) {
    seat.go("/console/queues");
    seat.judge("queues-callbacks");
    seat.browser.click("section[aria-labelledby=callbacks] a");
    seat.browser.tick(".look summary");
    seat.browser.choose("#basis", "incident");
    seat.browser.fill("#cause", "tìm hồ sơ của khoản đã trả");
    seat.browser.click(".look button.main");
    assert_eq!(
        seat.browser.count("pre.long"),
        2,
        "what it says, and what it was answered"
    );
    seat.judge("callback-opened");
    seat.browser.tick("input[value=dossier]");
    seat.browser.eval("document.querySelector('#dossier').value = ''");
    seat.browser.fill("#dossier", number);
    decides(seat);
    seat.judge("callback-given");
}

fn sets_aside(seat: &mut Seat) {
    seat.go("/console/queues");
    seat.browser.click("section[aria-labelledby=callbacks] a");
    seat.judge("callback");
    seat.browser.tick("input[value=aside]");
    decides(seat);
    assert_eq!(seat.browser.count("form[action$='/hand']"), 0, "once");
}

fn drops(seat: &mut Seat, reference: &str) {
    seat.go("/console/queues");
    seat.browser.click("section[aria-labelledby=payments] a");
    assert_eq!(seat.browser.text("dd code"), reference);
    seat.judge("payment");
    seat.browser.tick("input[value=drop]");
    decides(seat);
    assert_eq!(seat.browser.count("h1 .pill.dropped"), 1);
}

fn decides(seat: &mut Seat) {
    seat.browser.fill("#why", "đã đối chiếu với hồ sơ giấy");
    seat.browser.click("form[action$='/hand'] button.main");
    assert_eq!(seat.browser.count(".done[role=status]"), 1);
    assert_eq!(seat.browser.count(".entry"), 1, "the ruling stands on the page");
}
