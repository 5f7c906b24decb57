//! The console as a browser meets it: signing in, what keeps others out, and what every answer carries.

mod books;
mod looks;
mod pages;
pub(crate) mod waits;
mod work;

use lienthong::accounts::{Account, Accounts, Role, password, totp};
use lienthong::clock::{Clock, SystemClock, SystemDice};

use crate::support::http::Answer;
use crate::support::node::{Alive, Site};

/// The password of every account here.
pub(crate) const PASSWORD: &str = "mat khau thu nghiem 1";

/// A site whose console knows one account of each kind: `an` has a password alone, `binh` a phone, `chi` is shut.
fn site(more: &str) -> (Site, totp::Secret) {
    sited("second_factor = false\n", more)
}

fn sited(second: &str, more: &str) -> (Site, totp::Secret) {
    let site = Site::new("http://127.0.0.1:1", &format!("[console]\n{second}{more}"));
    let dice = SystemDice::new().unwrap();
    let secret = totp::Secret::new(&dice);
    let account = |totp: Option<&totp::Secret>, disabled| Account {
        roles: vec![Role::Auditor],
        password: password::Kept::of(PASSWORD, &dice).unwrap(),
        totp: totp.cloned(),
        disabled,
    };
    let mut all = Accounts::default();
    all.accounts.insert("an".to_owned(), account(None, false));
    all.accounts
        .insert("binh".to_owned(), account(Some(&secret), false));
    all.accounts.insert("chi".to_owned(), account(None, true));
    all.write(&site.path("accounts.toml")).unwrap();
    (site, secret)
}

/// A form, sent as a browser sends one of our own pages.
async fn send(alive: &Alive, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let origin = format!("http://{}", alive.address);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie),
    ];
    alive.call("POST", path, &headers, form(fields).as_bytes()).await
}

fn form(fields: &[(&str, &str)]) -> String {
    let pair =
        |(name, value): &(&str, &str)| format!("{name}={}", value.replace('&', "%26").replace(' ', "+"));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

pub(crate) async fn enter(alive: &Alive, name: &str, password: &str, code: &str) -> Answer {
    let fields = [
        ("name", name),
        ("password", password),
        ("code", code),
        ("to", "/console"),
    ];
    send(alive, "/console/sign-in", "", &fields).await
}

/// The cookie that an answer sets, as it is sent back.
pub(crate) fn cookie(answer: &Answer) -> String {
    let line = answer.header("set-cookie").unwrap_or_default();
    line.split(';').next().unwrap_or_default().to_owned()
}

pub(crate) async fn look(alive: &Alive, path: &str, cookie: &str) -> Answer {
    alive.call("GET", path, &[("cookie", cookie)], b"").await
}

pub(crate) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

/// The token in the forms of a page.
fn token(answer: &Answer) -> String {
    let page = text(answer);
    let after = page
        .split("name=\"token\" value=\"")
        .nth(1)
        .expect("a page with a form");
    after.split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_sees_the_node_and_who_signs_out_does_not() {
    let (site, _) = site("");
    let alive = site.start().await;
    let stranger = look(&alive, "/console/anything?x=1", "").await;
    assert_eq!(
        (stranger.status, stranger.header("location")),
        (303, Some("/console/sign-in?to=%2Fconsole%2Fanything%3Fx%3D1"))
    );
    let form = look(&alive, "/console/sign-in?to=https://evil.example/", "").await;
    assert!(text(&form).contains("Đăng nhập") && text(&form).contains("name=\"to\" value=\"/console\""));
    let entered = enter(&alive, "an", PASSWORD, "").await;
    assert_eq!(
        (entered.status, entered.header("location")),
        (303, Some("/console"))
    );
    let line = entered.header("set-cookie").unwrap();
    assert!(
        line.contains("; HttpOnly") && line.contains("; SameSite=Lax"),
        "{line}"
    );
    let session = cookie(&entered);
    let front = look(&alive, "/console", &session).await;
    assert_eq!(front.status, 200);
    assert!(
        text(&front).contains("Mọi việc đang trôi chảy") && text(&front).contains("lienthong.example/test")
    );
    assert_eq!(look(&alive, "/console/nothing/here", &session).await.status, 404);
    let unsaid = send(&alive, "/console/sign-out", &session, &[("token", "another")]).await;
    assert_eq!(unsaid.status, 403, "a form of another session");
    assert_eq!(look(&alive, "/console", &session).await.status, 200);
    let out = send(
        &alive,
        "/console/sign-out",
        &session,
        &[("token", &token(&front))],
    )
    .await;
    assert_eq!(out.status, 303);
    assert_eq!(look(&alive, "/console", &session).await.status, 303);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_another_site_does_nothing() {
    let (site, _) = site("");
    let alive = site.start().await;
    let body = form(&[("name", "an"), ("password", PASSWORD)]);
    let own = format!("http://{}", alive.address);
    for headers in [
        vec![],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        let answer = alive
            .call("POST", "/console/sign-in", &headers, body.as_bytes())
            .await;
        assert_eq!(
            (answer.status, answer.header("set-cookie")),
            (403, None),
            "{headers:?}"
        );
    }
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_wrong_the_answer_is_the_same_and_too_many_shut_the_name() {
    let (site, _) = site("tries = 4\n");
    let alive = site.start().await;
    let mut said = Vec::new();
    for (name, password) in [("an", "wrong"), ("chi", PASSWORD), ("nobody", PASSWORD), ("", "")] {
        let answer = enter(&alive, name, password, "").await;
        assert_eq!(
            (answer.status, answer.header("set-cookie")),
            (403, None),
            "{name}"
        );
        said.push(text(&answer));
    }
    assert!(said.iter().all(|page| *page == said[0]) && said[0].contains("không đúng"));
    for _ in 0..3 {
        enter(&alive, "an", "wrong", "").await;
        enter(&alive, "nobody", "wrong", "").await;
    }
    for name in ["an", "nobody"] {
        let shut = text(&enter(&alive, name, PASSWORD, "").await);
        assert!(
            shut.contains("tạm khóa"),
            "{name}: the right password does not open it either"
        );
    }
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_a_phone_is_asked_for_its_code_and_a_code_is_good_once() {
    let (site, secret) = site("");
    let alive = site.start().await;
    let code = || secret.shown(SystemClock.now().millis() / 1_000).unwrap();
    assert_eq!(enter(&alive, "binh", PASSWORD, "").await.status, 403);
    let code = code();
    assert_eq!(enter(&alive, "binh", PASSWORD, &code).await.status, 303);
    assert_eq!(
        enter(&alive, "binh", PASSWORD, &code).await.status,
        403,
        "seen by somebody else"
    );
    alive.stop().await;
    let (site, _) = sited("second_factor = true\n", "");
    let alive = site.start().await;
    let answer = enter(&alive, "an", PASSWORD, "000000").await;
    assert_eq!(
        answer.status, 403,
        "an account without a phone, where one is needed"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_accounts_counts_at_once() {
    let (site, _) = site("");
    let alive = site.start().await;
    let path = site.path("accounts.toml");
    let in_as = async || cookie(&enter(&alive, "an", PASSWORD, "").await);
    let stands = async |session: &str| look(&alive, "/console", session).await.status == 200;
    let change = |how: &dyn Fn(&mut Account)| {
        Accounts::change::<lienthong::accounts::BadAccounts>(&path, |all| {
            how(all.accounts.get_mut("an").unwrap());
            Ok(())
        })
        .unwrap();
    };
    let session = in_as().await;
    assert!(stands(&session).await);
    change(&|account| account.disabled = true);
    assert!(!stands(&session).await, "shut");
    change(&|account| account.disabled = false);
    assert!(!stands(&session).await, "what ended stays ended");
    let session = in_as().await;
    assert!(stands(&session).await);
    change(&|account| account.password = password::Kept::of("else", &SystemDice::new().unwrap()).unwrap());
    assert!(
        !stands(&session).await,
        "another password ends what was begun with the old one"
    );
    std::fs::write(&path, "not a file of accounts").unwrap();
    let broken = enter(&alive, "binh", PASSWORD, "").await;
    assert_eq!(
        broken.status, 403,
        "nobody is let in on what the file said before"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_when_nobody_looks() {
    let (site, _) = site("idle = \"1 ms\"\n");
    let alive = site.start().await;
    let session = cookie(&enter(&alive, "an", PASSWORD, "").await);
    // Two calls lie more than a millisecond apart.
    let answers = [
        look(&alive, "/console", &session).await,
        look(&alive, "/console", &session).await,
    ];
    assert_eq!(answers[1].status, 303);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_hardened_and_loads_nothing_from_elsewhere() {
    let (site, _) = site("");
    let alive = site.start().await;
    let session = cookie(&enter(&alive, "an", PASSWORD, "").await);
    for (path, status) in [
        ("/console", 200),
        ("/console/", 200),
        ("/console/x", 404),
        ("/console/style.css", 200),
    ] {
        let answer = look(&alive, path, &session).await;
        assert_eq!(answer.status, status, "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'")
                && !policy.contains("unsafe")
                && !policy.contains("script")
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let page = text(&answer);
        for elsewhere in [
            "<script", "http://", "https://", "@import", "url(", " style=", " onclick",
        ] {
            assert!(!page.contains(elsewhere), "{path} has `{elsewhere}`");
        }
    }
    let page = look(&alive, "/console", &session).await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_speak_the_language_that_was_chosen() {
    let (site, _) = site("");
    let alive = site.start().await;
    let session = cookie(&enter(&alive, "an", PASSWORD, "").await);
    let chosen = send(
        &alive,
        "/console/language",
        "",
        &[("language", "en"), ("to", "/console")],
    )
    .await;
    assert_eq!(
        (chosen.status, chosen.header("location")),
        (303, Some("/console"))
    );
    let both = format!("{session}; {}", cookie(&chosen));
    let page = look(&alive, "/console", &both).await;
    assert_eq!(page.header("content-language"), Some("en"));
    assert!(text(&page).contains("<html lang=\"en\">") && text(&page).contains("All is flowing"));
    let asked = alive
        .call(
            "GET",
            "/console/sign-in",
            &[("accept-language", "en-GB,vi;q=0.5")],
            b"",
        )
        .await;
    assert!(text(&asked).contains("Sign in"));
    alive.stop().await;
}
