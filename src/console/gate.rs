//! Who asks, and whether a page of ours made him ask: sessions, roles, origins and tokens.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{COOKIE, HOST, HeaderName, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::Console;
use super::form::{Form, escaped};
use super::lang::Lang;
use super::page::{Notice, Page};
use super::people;
use crate::accounts::Role;
use crate::transport::Peer;

/// The longest form, in bytes, and how long it may take to come.
const FORM: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(10);
/// What a browser says of where a request comes from (W3C, Fetch Metadata).
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Somebody who is signed in, and the language of his pages.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) account: String,
    pub(super) roles: Vec<Role>,
    pub(super) token: String,
    pub(super) lang: Lang,
    /// The page that is asked for, to come back to.
    pub(super) here: String,
}

impl Person {
    /// Whether he has one of these roles.
    pub(super) fn is(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }
}

/// What a form of ours says: it came from a page of ours, and of this session.
pub(super) struct Said(pub(super) Form);

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(known, _)| *known == name);
    found.next().map(|(_, value)| value)
}

/// The cookie of sessions. With TLS its name binds it to this host and to TLS (RFC 6265bis §4.1.3.2).
pub(super) fn session_cookie(tls: bool) -> &'static str {
    if tls { "__Host-lienthong" } else { "lienthong" }
}

/// A page of ours to go back to; the front page for anything else, so that no link leads elsewhere through us.
pub(super) fn home(path: Option<&str>) -> &str {
    let ours = |path: &&str| {
        let rest = path.strip_prefix("/console")?;
        let plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let apart = rest.is_empty() || rest.starts_with('/') || rest.starts_with('?');
        (plain && apart && !rest.starts_with("//")).then_some(())
    };
    path.filter(|path| ours(path).is_some()).unwrap_or("/console")
}

impl Console {
    /// Who is signed in, by the cookie: the account must stand, open, and with the secrets it had.
    pub(super) fn person(&self, headers: &HeaderMap, here: &str) -> Option<Person> {
        let cookie = cookie(headers, session_cookie(self.parts.policy.tls))?;
        let session = self.sessions.of(cookie, self.now())?;
        let people = self.people.all();
        let account = people
            .accounts
            .get(&session.account)
            .filter(|account| !account.disabled);
        let Some(account) = account.filter(|account| people::mark(account) == session.mark) else {
            self.sessions.end(cookie);
            return None;
        };
        Some(Person {
            account: session.account,
            roles: account.roles.clone(),
            token: session.token,
            lang: Lang::of(headers),
            here: here.to_owned(),
        })
    }
}

impl FromRequestParts<Arc<Console>> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Response> {
        let here = parts
            .uri
            .path_and_query()
            .map_or("/console", |path| path.as_str());
        match console.person(&parts.headers, here) {
            Some(person) => {
                note(&person, parts);
                Ok(person)
            }
            None if parts.method == Method::GET => {
                let to = escaped(home(Some(here)));
                Err(Redirect::to(&format!("/console/sign-in?to={to}")).into_response())
            }
            // What was said is not done, and must be said again: nobody is signed in any more.
            None => Err(Redirect::to("/console/sign-in").into_response()),
        }
    }
}

/// The line of the node's own log that says who looked at what; numbers stay out of it.
fn note(person: &Person, parts: &Parts) {
    let route = parts.extensions.get::<axum::extract::MatchedPath>();
    tracing::info!(
        account.name = person.account,
        caller.address = %address(parts),
        http.method = parts.method.as_str(),
        http.route = route.map_or("none", |route| route.as_str()),
        "a person looked"
    );
}

/// Where a request comes from, with its port.
pub(super) fn address(parts: &Parts) -> String {
    let peer = parts.extensions.get::<Peer>();
    peer.map_or_else(|| "unknown".to_owned(), |peer| peer.address.to_string())
}

/// Whether a request that changes something comes from a page of this host. A browser always says so; who says neither is no
/// browser, and is turned away as well.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let said = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if said(&SITE).is_some_and(|site| site != "same-origin") {
        return false;
    }
    let origin = said(&ORIGIN).and_then(|origin| origin.split_once("://"));
    match (origin, said(&HOST)) {
        (Some((_, authority)), Some(host)) => authority.eq_ignore_ascii_case(host),
        (None, _) | (_, None) => false,
    }
}

/// The fields of a form that a page of ours sent.
pub(super) async fn form(request: Request, lang: Lang, console: &Console) -> Result<Form, Response> {
    if !is_ours(request.headers()) {
        return Err(refused(console, lang));
    }
    let reading = axum::body::to_bytes(request.into_body(), FORM);
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(Ok(bytes)) => Ok(Form::read(&bytes)),
        Ok(Err(_)) | Err(_) => Err(refused(console, lang)),
    }
}

impl FromRequest<Arc<Console>> for Said {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Response> {
        let lang = Lang::of(request.headers());
        let person = console.person(request.headers(), "/console");
        let form = form(request, lang, console).await?;
        let token = person.as_ref().map(|person| person.token.as_bytes());
        let shown = form.raw("token").unwrap_or_default().as_bytes();
        if token.is_some_and(|token| crate::signing::mac::same(token, shown)) {
            Ok(Self(form))
        } else {
            Err(refused(console, lang))
        }
    }
}

fn refused(console: &Console, lang: Lang) -> Response {
    Notice {
        page: Page::outside(console, lang, lang.t("Chưa thực hiện", "Not done")),
        says: lang.t(
            "Yêu cầu này không đến từ một trang của bảng điều khiển, hoặc trang đã quá cũ. Hãy mở lại trang và thử lại.",
            "This did not come from a page of the console, or the page is too old. Open the page again and try once more.",
        ),
        back: "/console",
    }
    .answer(StatusCode::FORBIDDEN)
}

/// The page of somebody whose role does not allow it.
pub(super) fn not_allowed(console: &Console, person: &Person) -> Response {
    let lang = person.lang;
    Notice {
        page: Page::new(console, person, lang.t("Không có quyền", "Not allowed"), ""),
        says: lang.t(
            "Vai trò của tài khoản này không cho phép việc đó. Người quản trị nút có thể thêm vai trò.",
            "The roles of this account do not allow that. Whoever runs the node can add one.",
        ),
        back: "/console",
    }
    .answer(StatusCode::FORBIDDEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_host_change_anything() {
        let ours = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            is_ours(&headers)
        };
        let host = ("host", "gw.h99.example");
        assert!(ours(&[host, ("origin", "https://GW.h99.example")]));
        assert!(ours(&[
            host,
            ("origin", "https://gw.h99.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        for bad in [
            vec![host],
            vec![host, ("origin", "null")],
            vec![host, ("origin", "https://gw.h99.example.evil")],
            vec![host, ("origin", "https://gw.h99.example:8443")],
            vec![
                host,
                ("origin", "https://gw.h99.example"),
                ("sec-fetch-site", "same-site"),
            ],
            vec![("origin", "https://gw.h99.example")],
        ] {
            assert!(!ours(&bad), "{bad:?}");
        }
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        for good in [
            "/console",
            "/console/",
            "/console/search?state=parked&after=1",
            "/console?x",
        ] {
            assert_eq!(home(Some(good)), good);
        }
        for bad in [
            "",
            "/",
            "//evil",
            "/console//evil",
            "/consolevil",
            "https://evil/console",
            "/console/\\evil",
            "/console/\nx",
        ] {
            assert_eq!(home(Some(bad)), "/console", "{bad:?}");
        }
        assert_eq!(home(None), "/console");
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", "a=1; lienthong=x=y".parse().unwrap());
        headers.append("cookie", "b=2".parse().unwrap());
        assert_eq!(cookie(&headers, "lienthong"), Some("x=y"));
        assert_eq!((cookie(&headers, "b"), cookie(&headers, "c")), (Some("2"), None));
    }
}
