//! The frame around every page, and what every answer carries.

use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;

use super::gate::Person;
use super::lang::Lang;
use super::look::LOOKS;
use super::when::{self, When};
use super::{Console, words};
use crate::accounts::Role;
use crate::evidence::hash;

/// How all pages look.
const STYLE: &str = include_str!("style.css");
/// What tells this stylesheet from another.
static STYLED: LazyLock<String> = LazyLock::new(|| HEXLOWER.encode(&hash::digest(&[STYLE.as_bytes()])[..8]));
/// Nothing runs, nothing is loaded from elsewhere, no form leads elsewhere, nobody frames it.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the frame shows.
pub(super) struct Page {
    pub(super) lang: Lang,
    pub(super) title: String,
    /// Which entry of the menu it belongs to.
    pub(super) entry: &'static str,
    pub(super) account: String,
    pub(super) roles: Vec<Role>,
    pub(super) token: String,
    pub(super) node: String,
    pub(super) here: String,
    /// The log's key, as those who check it know it.
    pub(super) verifier: String,
    /// The moment at which it is made, ms since 1970.
    pub(super) now: i64,
}

impl Page {
    /// The frame of somebody's page.
    pub(super) fn new(console: &Console, person: &Person, title: &str, entry: &'static str) -> Self {
        Self {
            entry,
            account: person.account.clone(),
            roles: person.roles.clone(),
            token: person.token.clone(),
            here: person.here.clone(),
            ..Self::outside(console, person.lang, title)
        }
    }

    /// The frame where nobody is signed in.
    pub(super) fn outside(console: &Console, lang: Lang, title: &str) -> Self {
        Self {
            lang,
            title: title.to_owned(),
            entry: "",
            account: String::new(),
            roles: Vec::new(),
            token: String::new(),
            node: console.parts.node.clone(),
            here: "/console".to_owned(),
            verifier: console.parts.upkeep.known().to_string(),
            now: console.now(),
        }
    }

    /// What is said in the page's language.
    pub(super) fn t<'a>(&self, vietnamese: &'a str, english: &'a str) -> &'a str {
        self.lang.t(vietnamese, english)
    }

    /// A moment, ms since 1970.
    pub(super) fn when(&self, at: &i64) -> When {
        When::of(self.lang, *at, self.now)
    }

    /// A count.
    pub(super) fn count(&self, count: &u64) -> String {
        when::count(self.lang, *count)
    }

    /// What the account may do, in words.
    pub(super) fn duties(&self) -> String {
        let words: Vec<&str> = self
            .roles
            .iter()
            .map(|role| words::role(self.lang, *role))
            .collect();
        words.join(", ")
    }

    /// Whether the account may open what is masked.
    pub(super) fn may_look(&self) -> bool {
        self.roles.iter().any(|role| LOOKS.contains(role))
    }

    /// Marks the entry of the menu that the page belongs to.
    pub(super) fn current(&self, entry: &str) -> &'static str {
        if self.entry == entry {
            " aria-current=page"
        } else {
            ""
        }
    }

    /// The stylesheet, at an address that changes with it.
    pub(super) fn style(&self) -> String {
        format!("/console/style.css?{}", &*STYLED)
    }
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "notice.html", config = "src/console/askama.toml")]
pub(super) struct Notice<'a> {
    pub(super) page: Page,
    pub(super) says: &'a str,
    pub(super) back: &'a str,
}

impl Notice<'_> {
    pub(super) fn answer(self, status: StatusCode) -> Response {
        answer(status, self.page.lang, &self)
    }
}

/// A page as an answer.
pub(super) fn answer(status: StatusCode, lang: Lang, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => {
            let headers = [
                (CONTENT_TYPE, "text/html; charset=utf-8"),
                (CONTENT_LANGUAGE, lang.tag()),
            ];
            (status, headers, html).into_response()
        }
        Err(error) => {
            tracing::error!(error = %error, "a page was not made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The page of somebody whose question the store did not answer.
pub(super) fn unanswered(console: &Console, person: &Person, error: &dyn std::error::Error) -> Response {
    tracing::error!(error = %error, "the console was not answered");
    let lang = person.lang;
    Notice {
        page: Page::new(console, person, lang.t("Chưa trả lời được", "No answer"), ""),
        says: lang.t(
            "Kho dữ liệu chưa trả lời được. Hãy thử lại sau ít phút; nếu vẫn vậy, báo người vận hành nút.",
            "The store did not answer. Try again in a few minutes; if it stays so, tell whoever runs the node.",
        ),
        back: "/console",
    }
    .answer(StatusCode::SERVICE_UNAVAILABLE)
}

/// Says that there is no such page, dossier or exchange.
pub(super) fn absent(console: &Console, person: &Person) -> Response {
    let lang = person.lang;
    Notice {
        page: Page::new(console, person, lang.t("Không tìm thấy", "Not found"), ""),
        says: lang.t(
            "Không có gì ở địa chỉ này. Kiểm tra lại số hồ sơ hoặc mã trao đổi.",
            "Nothing is at this address. Check the dossier's number or the exchange's id.",
        ),
        back: "/console/search",
    }
    .answer(StatusCode::NOT_FOUND)
}

/// Any other address.
pub(super) async fn nowhere(State(console): State<Arc<Console>>, person: Person) -> Response {
    absent(&console, &person)
}

/// The stylesheet.
pub(super) async fn style() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, STYLE)
}

/// What every answer of the console carries.
pub(super) fn harden(headers: &mut HeaderMap, tls: bool) {
    let lines = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: a browser then says of no form where it comes from.
        (REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ];
    for (name, value) in lines {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if tls {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}
