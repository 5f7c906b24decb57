//! What the caller hears when something was not done (RFC 9457): a stable `type`, the cause in the caller's language,
//! who must act, and what to do next.

mod flaws;
mod row;
mod texts;

use std::cmp::Ordering;
use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub use flaws::Flaw;
pub use texts::Kind;

use crate::model::Owner;

/// How long a caller waits who was told to come back, where nobody knows better.
const WAIT: Duration = Duration::from_secs(10);

/// The language of the texts in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Where the caller asks for none of ours.
    #[default]
    Vietnamese,
    /// Where the caller likes it better.
    English,
}

impl Language {
    /// What `Accept-Language` (RFC 9110 §12.5.4) asks for.
    pub fn of(headers: &HeaderMap) -> Self {
        let asked = headers.get_all(ACCEPT_LANGUAGE);
        let ranges = || {
            asked
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
        };
        let weight = |tag| {
            ranges()
                .filter_map(|range| quality(range, tag))
                .fold(0.0, f32::max)
        };
        if weight("en") > weight("vi") {
            Self::English
        } else {
            Self::Vietnamese
        }
    }

    /// As `Content-Language` names it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }
}

/// How well a language is liked by one range; `None` when the range is about others.
fn quality(range: &str, tag: &str) -> Option<f32> {
    let (name, rest) = range.split_once(';').unwrap_or((range, ""));
    let primary = name.trim().split('-').next().unwrap_or_default();
    if !primary.eq_ignore_ascii_case(tag) {
        return None;
    }
    let weight = rest.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse);
    weight.ok().filter(|weight| (0.0..=1.0).contains(weight))
}

impl Kind {
    /// The last part of its `type`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Its HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Who must act.
    pub fn owner(self) -> Owner {
        self.row().owner
    }
}

/// One place of the body that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    pointer: String,
    flaw: Flaw,
    members: Map<String, Value>,
}

impl Wrong {
    /// What is wrong at a JSON Pointer (RFC 6901) into the body as pushed.
    pub fn new(pointer: impl Into<String>, flaw: Flaw) -> Self {
        Self {
            pointer: pointer.into(),
            flaw,
            members: Map::new(),
        }
    }

    /// With a further member, such as `line` or `list`. Never the value that was found.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    fn document(&self, language: Language) -> Value {
        let mut object = Map::new();
        object.insert("pointer".to_owned(), json!(self.pointer));
        object.insert("detail".to_owned(), json!(self.flaw.text(language)));
        object.extend(self.members.clone());
        Value::Object(object)
    }

    fn order(&self, other: &Self, language: Language) -> Ordering {
        let texts = |wrong: &Self| wrong.flaw.text(language);
        self.pointer
            .cmp(&other.pointer)
            .then_with(|| texts(self).cmp(texts(other)))
    }
}

/// What the caller hears. Answers say it in Vietnamese, unless [`speak`] hears the caller ask for English.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    kind: Kind,
    errors: Vec<Wrong>,
    members: Map<String, Value>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem of that kind, and nothing else to say about it.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            errors: Vec::new(),
            members: Map::new(),
            retry_after: None,
        }
    }

    /// With one more place that is wrong.
    #[must_use]
    pub fn error(mut self, wrong: Wrong) -> Self {
        self.errors.push(wrong);
        self
    }

    /// With many more places that are wrong.
    #[must_use]
    pub fn errors(mut self, wrong: impl IntoIterator<Item = Wrong>) -> Self {
        self.errors.extend(wrong);
        self
    }

    /// With a further member, such as `accepted` and `received` of a reused key. Never personal data.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// With the time after which to try again: `Retry-After`, in whole seconds, at least one.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The document, as it stands in an answer or as an item of one.
    pub fn document(&self, language: Language) -> Value {
        let row = self.kind.row();
        let mut errors: Vec<&Wrong> = self.errors.iter().collect();
        errors.sort_by(|one, two| one.order(two, language));
        let mut document = Map::new();
        document.insert("type".to_owned(), json!(format!("/problems/{}", row.name)));
        document.insert("title".to_owned(), json!(row.title(language)));
        document.insert("status".to_owned(), json!(row.status));
        document.insert("detail".to_owned(), json!(row.detail(language)));
        document.insert("owner".to_owned(), json!(row.owner.word()));
        document.insert("action".to_owned(), json!(row.action(language)));
        let errors: Vec<Value> = errors.into_iter().map(|wrong| wrong.document(language)).collect();
        document.insert("errors".to_owned(), Value::Array(errors));
        document.extend(self.members.clone());
        Value::Object(document)
    }

    /// The whole answer.
    pub fn answer(&self, language: Language) -> Response {
        let status = self.kind.status();
        let mut response = (status, Json(self.document(language))).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        headers.insert(VARY, HeaderValue::from_static("Accept-Language"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.wait() {
            headers.insert(
                RETRY_AFTER,
                HeaderValue::from(wait.as_secs_f64().ceil().max(1.0) as u64),
            );
        }
        response
    }

    /// Who is told to come back (429, 503) is told when.
    fn wait(&self) -> Option<Duration> {
        let back =
            [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&self.kind.status());
        self.retry_after.or(back.then_some(WAIT))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.answer(Language::default());
        response.extensions_mut().insert(self);
        response
    }
}

/// A layer of the router: says the problems of all routes in the language that the caller asks for.
pub async fn speak(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    spoken(next.run(request).await, language)
}

fn spoken(response: Response, language: Language) -> Response {
    let problem = response
        .extensions()
        .get::<Problem>()
        .filter(|_| language != Language::default());
    let Some(problem) = problem else { return response };
    let mut answer = problem.answer(language);
    // What other layers and the route added, such as `Allow`, stays.
    for (name, value) in response.headers() {
        let known = answer.headers().contains_key(name) || name == CONTENT_LENGTH;
        if !known {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(text: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(text).unwrap());
        Language::of(&headers)
    }

    #[test]
    fn vietnamese_is_spoken_unless_english_is_liked_better() {
        for text in [
            "",
            "vi",
            "fr",
            "*",
            "vi-VN,vi;q=0.9,en;q=0.8",
            "en;q=0",
            "en;q=two",
            "english",
        ] {
            assert_eq!(asking(text), Language::Vietnamese, "{text}");
        }
        for text in ["en", "EN-us", "fr, en;q=0.1", "vi;q=0.5, en;q=0.6"] {
            assert_eq!(asking(text), Language::English, "{text}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::Vietnamese);
    }

    #[test]
    fn the_document_has_its_members_in_their_order() {
        let problem = Problem::new(Kind::UnmappedCode)
            .error(Wrong::new("/b", Flaw::Missing))
            .error(
                Wrong::new("/a", Flaw::UnknownCode)
                    .with("list", "gender")
                    .with("code", "7"),
            )
            .error(Wrong::new("/a", Flaw::TooLong))
            .with("accepted", "sha-256:00");
        let expected = concat!(
            r#"{"type":"/problems/unmapped-code","title":"Unmapped code","status":422,"#,
            r#""detail":"The dossier has a code that is in no code list.","owner":"gateway","#,
            r#""action":"The gateway's operator adds the code to its list; then push again.","errors":["#,
            r#"{"pointer":"/a","detail":"Longer than allowed."},"#,
            r#"{"pointer":"/a","detail":"The code is not in its code list.","list":"gender","code":"7"},"#,
            r#"{"pointer":"/b","detail":"A required member is missing or empty."}],"accepted":"sha-256:00"}"#
        );
        assert_eq!(problem.document(Language::English).to_string(), expected);
        assert!(
            problem.document(Language::Vietnamese)["title"]
                .as_str()
                .unwrap()
                .starts_with("Mã chưa")
        );
        let bare = Problem::new(Kind::NoToken).document(Language::English);
        assert_eq!(
            bare["errors"],
            json!([]),
            "the list is there when nothing is in it"
        );
    }

    #[test]
    fn each_kind_is_complete_and_alone() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(*kind));
            assert!(kind.status().is_client_error() || kind.status().is_server_error());
            let (vi, en) = (kind.row(), Problem::new(*kind).document(Language::English));
            assert_ne!(Some(vi.title(Language::Vietnamese)), en["title"].as_str());
            assert!(
                vi.name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
        }
    }

    #[test]
    fn an_answer_is_said_again_in_english_and_keeps_what_was_added() {
        let mut response = Problem::new(Kind::WrongMethod).into_response();
        response
            .headers_mut()
            .insert("allow", HeaderValue::from_static("GET"));
        let english = spoken(response, Language::English);
        assert_eq!(english.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(
            (&english.headers()["allow"], &english.headers()[CONTENT_LANGUAGE]),
            (&HeaderValue::from_static("GET"), &HeaderValue::from_static("en"))
        );
        let other = spoken(StatusCode::NO_CONTENT.into_response(), Language::English);
        assert_eq!(other.status(), StatusCode::NO_CONTENT);
    }

    #[test]
    fn who_must_come_back_hears_when() {
        let header = |problem: Problem| problem.into_response().headers().get(RETRY_AFTER).cloned();
        assert_eq!(
            header(Problem::new(Kind::Full)),
            Some(HeaderValue::from_static("10"))
        );
        assert_eq!(
            header(Problem::new(Kind::Full).after(Duration::from_millis(1_200))),
            Some(HeaderValue::from_static("2"))
        );
        assert_eq!(
            header(Problem::new(Kind::Stopping).after(Duration::ZERO)),
            Some(HeaderValue::from_static("1"))
        );
        assert_eq!(header(Problem::new(Kind::WrongShape)), None);
        let response = Problem::new(Kind::WrongToken).into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[CONTENT_LANGUAGE], "vi");
    }
}
