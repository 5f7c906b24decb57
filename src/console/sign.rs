//! Signing in and out, and the choice of a language.

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::form::Form;
use super::gate::{self, Person, Said};
use super::lang::{self, Lang};
use super::page::{self, Page};
use super::{Console, people, when};
use crate::accounts::{Account, password};
use crate::clock::SeededDice;

/// The page with the form.
#[derive(Template)]
#[template(path = "sign.html", config = "src/console/askama.toml")]
struct SignIn<'a> {
    page: Page,
    to: &'a str,
    second: bool,
    /// Why it was not done, after a try.
    trouble: Option<String>,
}

/// The form to sign in by.
pub(super) async fn form(State(console): State<Arc<Console>>, request: Request) -> Response {
    let asked = Form::read(request.uri().query().unwrap_or_default().as_bytes());
    let to = gate::home(asked.said("to"));
    if console.person(request.headers(), to).is_some() {
        return Redirect::to(to).into_response();
    }
    shown(&console, Lang::of(request.headers()), to, None)
}

fn shown(console: &Console, lang: Lang, to: &str, trouble: Option<String>) -> Response {
    let status = if trouble.is_some() {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::OK
    };
    let form = SignIn {
        page: Page::outside(console, lang, lang.t("Đăng nhập", "Sign in")),
        to,
        second: console.parts.policy.second_factor,
        trouble,
    };
    page::answer(status, lang, &form)
}

/// Signs somebody in. Whatever is wrong, the answer is the same and takes as long.
pub(super) async fn enter(State(console): State<Arc<Console>>, request: Request) -> Response {
    let lang = Lang::of(request.headers());
    let (parts, body) = request.into_parts();
    let said = match gate::form(Request::from_parts(parts.clone(), body), lang, &console).await {
        Ok(said) => said,
        Err(refused) => return refused,
    };
    let to = gate::home(said.said("to")).to_owned();
    let name = said.said("name").unwrap_or_default().to_lowercase();
    match console.judged(&name, &said).await {
        Ok(account) => {
            note(&console, &parts, &name, "signed-in");
            let cookie = console.sessions.begin(
                &name,
                people::mark(&account),
                console.now(),
                console.parts.dice.as_ref(),
            );
            set(Redirect::to(&to).into_response(), console.session(&cookie, None))
        }
        Err(Barred::Wrong) => {
            note(&console, &parts, &name, "wrong");
            let says = lang.t(
                "Tên, mật khẩu hoặc mã không đúng.",
                "Name, password or code is not right.",
            );
            shown(&console, lang, &to, Some(says.to_owned()))
        }
        Err(Barred::Shut(until)) => {
            note(&console, &parts, &name, "shut");
            let says = lang.t(
                "Sai quá nhiều lần. Tên này tạm khóa đến",
                "Too many wrong tries. This name is shut until",
            );
            let until = when::moment(lang, until);
            shown(&console, lang, &to, Some(format!("{says} {until}.")))
        }
    }
}

/// Why nobody was let in.
enum Barred {
    Wrong,
    /// Until then, ms since 1970.
    Shut(i64),
}

impl Console {
    async fn judged(&self, name: &str, said: &Form) -> Result<Account, Barred> {
        let people = self.people.all();
        let account = people.accounts.get(name).filter(|account| !account.disabled);
        // Names that cannot be are one name: they fill no memory.
        let tried = crate::accounts::name(name).unwrap_or("?");
        self.locks
            .take(tried, account.is_some(), self.now())
            .map_err(Barred::Shut)?;
        let kept = account.map_or_else(|| nobody().clone(), |account| Some(account.password.clone()));
        let password = zeroize::Zeroizing::new(said.raw("password").unwrap_or_default().to_owned());
        let place = self.hashing.acquire().await;
        let fits = tokio::task::spawn_blocking(move || kept.is_some_and(|kept| kept.fits(&password))).await;
        drop(place);
        let account = account.filter(|_| fits.unwrap_or(false)).ok_or(Barred::Wrong)?;
        let step = self.second(account, tried, said.said("code"))?;
        if !self.locks.right(tried, step) {
            return Err(Barred::Wrong);
        }
        Ok(account.clone())
    }

    /// The step of the one-time code that was said; none where none is asked for. An account that has a phone is asked for its
    /// code in any case.
    fn second(&self, account: &Account, name: &str, code: Option<&str>) -> Result<Option<i64>, Barred> {
        match &account.totp {
            None if self.parts.policy.second_factor => Err(Barred::Wrong),
            None => Ok(None),
            Some(secret) => {
                let seconds = self.now().div_euclid(1_000);
                let step = secret.step(code.unwrap_or_default(), seconds, self.locks.step(name));
                step.map(Some).ok_or(Barred::Wrong)
            }
        }
    }

    /// The line that sets the cookie of a session, or takes it away.
    fn session(&self, value: &str, age: Option<u32>) -> String {
        let tls = self.parts.policy.tls;
        let secure = if tls { "; Secure" } else { "" };
        let age = age.map_or(String::new(), |age| format!("; Max-Age={age}"));
        let name = gate::session_cookie(tls);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
    }
}

/// What is hashed against where nobody has the name, so that its absence takes as long.
fn nobody() -> &'static Option<password::Kept> {
    static NOBODY: OnceLock<Option<password::Kept>> = OnceLock::new();
    NOBODY.get_or_init(|| password::Kept::of("nobody", &SeededDice::new(0)).ok())
}

/// Signs somebody out.
pub(super) async fn leave(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    person: Person,
    _said: Said,
) -> Response {
    if let Some(cookie) = gate::cookie(&headers, gate::session_cookie(console.parts.policy.tls)) {
        console.sessions.end(cookie);
    }
    tracing::info!(account.name = person.account, "a person signed out");
    let response = Redirect::to("/console/sign-in").into_response();
    set(response, console.session("", Some(0)))
}

/// Remembers a language. It changes nothing else, and needs nobody to be signed in.
pub(super) async fn language(State(console): State<Arc<Console>>, request: Request) -> Response {
    let lang = Lang::of(request.headers());
    let said = match gate::form(request, lang, &console).await {
        Ok(said) => said,
        Err(refused) => return refused,
    };
    let chosen = said.said("language").and_then(Lang::tagged).unwrap_or(lang);
    let line = format!(
        "{}={}; Path=/console; Max-Age=31536000; HttpOnly; SameSite=Lax",
        lang::COOKIE,
        chosen.tag()
    );
    set(Redirect::to(gate::home(said.said("to"))).into_response(), line)
}

fn set(mut response: Response, cookie: String) -> Response {
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// The line of the node's own log. A name that nobody has may be a password in the wrong field: it is not written.
fn note(console: &Console, parts: &Parts, name: &str, end: &'static str) {
    let known = console.people.all().accounts.contains_key(name);
    tracing::info!(
        account.name = if known { name } else { "?" },
        caller.address = %gate::address(parts),
        sign_in = end,
        "a person signed in or tried to"
    );
}
