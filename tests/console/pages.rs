//! The console in a real browser: signing in, searching, opening, unmasking, proving and deciding, in both languages, wide and
//! narrow. Pictures are kept below the target folder, to be looked at.

use std::path::PathBuf;
use std::process::Command;

use lienthong::evidence::note::Vkey;
use lienthong::keys::FileKey;
use lienthong::model::State;
use lienthong::store::ExchangeRow;

use super::looks::identity;
use super::work::{rows, world};
use super::{PASSWORD, cookie, enter, look};
use crate::support::browser::Browser;
use crate::support::node::Alive;
use crate::support::root;

/// Every page has one heading and one main part, each field a label, each table heads, and nothing wider than the window.
const SOUND: &str = "(() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (all('h1').length !== 1) wrong.push('headings');
  if (all('main').length !== 1) wrong.push('main');
  if (!document.documentElement.lang) wrong.push('lang');
  all('input:not([type=hidden]),select,textarea').forEach(f => { if (!f.labels.length && !f.ariaLabel) wrong.push('no label: ' + f.name); });
  all('a,button').forEach(f => { if (!f.textContent.trim()) wrong.push('no words: ' + f.outerHTML); });
  all('table').forEach(t => { if (!t.querySelector('thead th[scope=col]')) wrong.push('no heads'); });
  all('[aria-labelledby]').forEach(e => { if (!document.getElementById(e.getAttribute('aria-labelledby'))) wrong.push('labelled by nothing'); });
  const ids = all('[id]').map(e => e.id); if (new Set(ids).size !== ids.length) wrong.push('one id twice: ' + ids.filter((id, at) => ids.indexOf(id) !== at));
  if (document.documentElement.scrollWidth > innerWidth) wrong.push('wider than the window: ' + document.documentElement.scrollWidth);
  return wrong.join('; ');
})()";

/// The contrast of every text with what lies behind it (WCAG 2.2, 1.4.3), the least of the page.
const CONTRAST: &str = "(() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  let least = [21, ''];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest('.sr,.skip')) continue;
    const [one, other] = [lum(parse(getComputedStyle(e).color)), lum(behind(e))].sort((a, b) => b - a);
    const ratio = (one + .05) / (other + .05);
    if (ratio < least[0]) least = [ratio, walk.currentNode.data.trim().slice(0, 40) + ' ' + e.className];
  }
  return least;
})()";

pub(super) struct Seat {
    pub(super) browser: Browser,
    pub(super) base: String,
    pub(super) pictures: PathBuf,
}

impl Seat {
    /// Judges the page that stands, wide and narrow, and keeps its pictures.
    pub(super) fn judge(&mut self, name: &str) {
        for (width, form) in [(1280, "wide"), (390, "narrow")] {
            self.browser.size(width, 900);
            let wrong = self.browser.eval(SOUND);
            assert_eq!(wrong, "", "{name}, {form}");
            let contrast = self.browser.eval(CONTRAST);
            assert!(contrast[0].as_f64().unwrap() >= 4.5, "{name}, {form}: {contrast}");
            self.browser
                .picture(&self.pictures.join(format!("{name}-{form}.png")));
        }
        self.browser.size(1280, 900);
        assert_eq!(self.browser.complaints, [""; 0], "{name}");
    }

    pub(super) fn go(&mut self, path: &str) {
        let url = format!("{}{path}", self.base);
        self.browser.open(&url);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_sign_in_search_open_prove_and_decide() {
    let (_portal, site, alive) = world().await;
    let delivered = rows(&alive, State::Delivered).await.remove(0);
    let parked = rows(&alive, State::Parked).await.remove(0);
    let person = identity(&alive, &delivered.dossier).await;
    // The books are stated by the hour; a person sees them once they were.
    assert!(!alive.node.upkeep.state().await.unwrap().is_empty());
    let known = Vkey::of(
        "lienthong.example/test",
        &FileKey::read(&site.config().log.key_file).unwrap(),
    )
    .unwrap();
    for language in ["vi", "en"] {
        let mut seat = Seat {
            browser: tokio::task::block_in_place(Browser::start),
            base: format!("http://{}", alive.address),
            pictures: PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
                .join("console")
                .join(language),
        };
        tokio::task::block_in_place(|| {
            visits(
                &mut seat,
                language,
                (&delivered, &person),
                (language == "vi").then_some(&parked),
            )
        });
    }
    let state = alive
        .node
        .store
        .exchange(parked.exchange)
        .await
        .unwrap()
        .unwrap()
        .state;
    assert_eq!(state, State::Delivered, "decided on the page");
    verifies(&alive, &delivered.exchange.to_string(), &known).await;
    alive.stop().await;
}

/// One visit from signing in to signing out.
fn visits(
    seat: &mut Seat,
    language: &str,
    (delivered, person): (&ExchangeRow, &str),
    parked: Option<&ExchangeRow>,
) {
    signs_in(seat, language);
    searches(seat, &delivered.dossier);
    looks(seat, &delivered.exchange.to_string());
    asks(seat, person);
    if let Some(parked) = parked {
        decides(seat, &parked.exchange.to_string());
    }
    for (path, name) in [
        ("/console", "front"),
        ("/console/queues", "queues"),
        ("/console/once", "once"),
        ("/console/books", "books"),
    ] {
        seat.go(path);
        seat.judge(name);
    }
    seat.browser.click(".who button");
    let title = if language == "vi" {
        "Đăng nhập"
    } else {
        "Sign in"
    };
    assert!(seat.browser.text("h1").contains(title));
}

fn signs_in(seat: &mut Seat, language: &str) {
    seat.go("/console");
    seat.browser.click(&format!("button[lang={language}]"));
    seat.judge("sign-in");
    assert_eq!(
        seat.browser.eval("document.activeElement.id"),
        "name",
        "one may type at once"
    );
    seat.browser.fill("#name", "hai");
    seat.browser.fill("#password", "sai");
    seat.browser.click("main button.main");
    assert_eq!(seat.browser.count("[role=alert]"), 1);
    seat.browser.complaints.clear(); // A refused sign-in is a 403, which a browser complains of.
    seat.browser.fill("#name", "hai");
    seat.browser.fill("#password", PASSWORD);
    seat.browser.click("main button.main");
    assert_eq!(seat.browser.text(".who b"), "hai");
    assert_eq!(seat.browser.eval("document.documentElement.lang"), language);
}

fn searches(seat: &mut Seat, number: &str) {
    seat.browser.click("nav a[href='/console/search']");
    seat.judge("search");
    seat.browser.choose("#state", "parked");
    seat.browser.click("form[role=search] button.main");
    assert!(seat.browser.count("tbody tr") > 0 && seat.browser.count("tbody .pill:not(.parked)") == 0);
    seat.browser.eval("document.querySelector('#state').value = ''");
    seat.browser.fill("#number", number);
    seat.browser.click("form[role=search] button.main");
    assert_eq!(seat.browser.text("h1"), number, "a number leads to its dossier");
    seat.judge("dossier");
    opens(seat, "dossier-opened");
}

fn looks(seat: &mut Seat, exchange: &str) {
    seat.go(&format!("/console/exchanges/{exchange}"));
    let masked = seat.browser.count(".mask");
    assert!(masked > 3, "{masked}");
    seat.judge("exchange");
    let plain = seat.browser.count(".value");
    assert!(plain > 3, "{plain}");
    opens(seat, "exchange-opened");
}

/// Opens what the page masks, and finds it masked again at its address.
fn opens(seat: &mut Seat, name: &str) {
    let path = seat.browser.eval("location.pathname");
    seat.browser.tick(".look summary");
    seat.browser.choose("#basis", "inspection");
    seat.browser.fill("#cause", "kiểm tra theo Quyết định 12/QĐ-TTr");
    seat.browser.click(".look button.main");
    assert_eq!(seat.browser.count(".opened[role=status]"), 1, "{name}");
    assert!(
        seat.browser.count(".value") > 10 && seat.browser.count(".mask") == 0,
        "{name}"
    );
    seat.judge(name);
    seat.go(path.as_str().unwrap());
    assert_eq!(seat.browser.count(".opened"), 0, "{name}");
}

/// Asks who looked at the data of the person whom a dossier is about.
fn asks(seat: &mut Seat, person: &str) {
    seat.browser.click("nav a[href='/console/deeds']");
    seat.browser.fill("#identity", person);
    seat.browser.choose("#basis", "subject-request");
    seat.browser.fill("#cause", "người dân hỏi ai đã xem");
    seat.browser.click("main button.main");
    assert!(seat.browser.count("tbody tr") > 0);
    seat.judge("deeds");
}

fn decides(seat: &mut Seat, exchange: &str) {
    seat.go("/console/queues");
    assert!(seat.browser.count(".queues li") > 0);
    seat.judge("queues-waiting");
    seat.go(&format!("/console/exchanges/{exchange}"));
    seat.judge("parked");
    seat.browser.tick("input[value=delivered]");
    seat.browser.fill("#why", "đã thấy trên cổng quốc gia");
    seat.browser.click("#hand ~ form button.main");
    assert_eq!(seat.browser.count(".done[role=status]"), 1);
    assert_eq!(seat.browser.count("h1 .pill.delivered"), 1);
}

/// What the page says one may check oneself, is checked: the file that it gives, with the program that it names.
async fn verifies(alive: &Alive, exchange: &str, known: &Vkey) {
    alive.node.upkeep.checkpoint().await.unwrap();
    let session = cookie(&enter(alive, "kiem", PASSWORD, "").await);
    let proof = look(alive, &format!("/console/exchanges/{exchange}/proof"), &session).await;
    assert_eq!(proof.status, 200);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("{exchange}.tlog-proof"));
    std::fs::write(&file, &proof.body).unwrap();
    let run = |file: &PathBuf| {
        Command::new(env!("CARGO_BIN_EXE_lienthong"))
            .args(["verify", "--trust", &known.to_string()])
            .arg(file)
            .current_dir(root())
            .output()
            .unwrap()
    };
    let judged = run(&file);
    assert!(
        judged.status.success(),
        "{}",
        String::from_utf8_lossy(&judged.stdout)
    );
    let forged = String::from_utf8(proof.body)
        .unwrap()
        .replacen("index ", "index 1", 1);
    std::fs::write(&file, forged).unwrap();
    assert!(!run(&file).status.success());
}
