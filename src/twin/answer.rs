//! What the portal answers, and the bytes and manners in which it does so.

use super::day::{CodeAs, Lie, Shape};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream;
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{Error, ErrorKind};
use std::time::Duration;

/// An answer before it is written (§1.5).
#[derive(Debug)]
pub(super) struct Answer<'a> {
    code: i64,
    /// The specification's sample of this service writes the code as a text.
    text: bool,
    message: Cow<'a, str>,
    session: Option<String>,
    result: Option<Cow<'a, RawValue>>,
}

impl<'a> Answer<'a> {
    pub(super) fn login(session: String) -> Answer<'a> {
        Answer {
            session: Some(session),
            ..Answer::new(0, false, "Thành công")
        }
    }

    pub(super) fn read(result: Cow<'a, RawValue>) -> Answer<'a> {
        Answer {
            result: Some(result),
            ..Answer::new(0, true, "")
        }
    }

    pub(super) fn pushed() -> Answer<'a> {
        Answer::new(0, true, "Đồng bộ thành công")
    }

    pub(super) fn progressed() -> Answer<'a> {
        Answer::new(0, false, "Cập nhật tiến độ thành công")
    }

    pub(super) fn exists(number: &str) -> Answer<'a> {
        Answer::new(EXISTS, true, format!("Hồ sơ {number} đã tồn tại"))
    }

    pub(super) fn refused(message: impl Into<Cow<'a, str>>) -> Answer<'a> {
        Answer::coded(-1, message)
    }

    pub(super) fn coded(code: i64, message: impl Into<Cow<'a, str>>) -> Answer<'a> {
        Answer::new(code, false, message)
    }

    /// Success, or what a caller may take for it.
    pub(super) fn is_good(&self) -> bool {
        self.code == 0
    }

    fn new(code: i64, text: bool, message: impl Into<Cow<'a, str>>) -> Answer<'a> {
        Answer {
            code,
            text,
            message: message.into(),
            session: None,
            result: None,
        }
    }

    /// The body in today's shape.
    pub(super) fn body(&self, shape: Shape) -> String {
        let number = if self.code == EXISTS {
            shape.exists.unwrap_or(EXISTS)
        } else {
            self.code
        };
        let text = match shape.code {
            CodeAs::Sample => self.text,
            CodeAs::Int => false,
            CodeAs::Text => true,
        };
        let code = if text {
            Code::Text(number.to_string())
        } else {
            Code::Int(number)
        };
        let result = self.result.as_deref();
        let whole = Whole {
            error_code: code,
            message: &self.message,
            session: self.session.as_deref(),
            result,
        };
        if !shape.nested {
            return json(&whole);
        }
        let inner = json(&Whole {
            error_code: Code::Int(number),
            session: None,
            ..whole
        });
        let code = if text {
            Code::Text(number.to_string())
        } else {
            Code::Int(number)
        };
        json(&Whole {
            error_code: code,
            message: &inner,
            session: None,
            result: None,
        })
    }
}

/// The code of “đã tồn tại” unless the day has another (§1.5).
const EXISTS: i64 = 3;

#[derive(Serialize)]
struct Whole<'a> {
    error_code: Code,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Code {
    Int(i64),
    Text(String),
}

/// Texts and numbers always have a JSON form.
fn json(whole: &Whole<'_>) -> String {
    serde_json::to_string(whole).unwrap_or_default()
}

pub(super) fn ok(body: String) -> Response {
    plain(StatusCode::OK, "application/json;charset=utf-8", body)
}

pub(super) fn bad_gateway() -> Response {
    let page = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
    plain(StatusCode::BAD_GATEWAY, "text/html", page)
}

/// 429 or 503, with the one second after which it is over.
pub(super) fn later(status: StatusCode) -> Response {
    let mut response = plain(status, "text/plain", "too many requests");
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// What the adapter in front of the portal says when it refuses a call by itself.
pub(super) fn turned_away(status: StatusCode, why: &'static str) -> Response {
    plain(status, "text/plain;charset=utf-8", why)
}

/// HTTP 200 that tells less than the truth; `body` is the true answer.
pub(super) fn lie(lie: Lie, body: &str) -> Response {
    let (kind, text) = lied(lie, body);
    plain(StatusCode::OK, kind, text)
}

/// The content type and the text of a lie.
pub(super) fn lied(lie: Lie, body: &str) -> (&'static str, String) {
    const JSON: &str = "application/json;charset=utf-8";
    match lie {
        Lie::ErrorBody => (
            JSON,
            r#"{"error_code": -1, "message": "Lỗi hệ thống"}"#.to_owned(),
        ),
        Lie::PlainText => ("text/plain", "server error".to_owned()),
        Lie::Fault => (
            "text/plain",
            "Client received SOAP Fault from server: timeout".to_owned(),
        ),
        Lie::Empty => (JSON, String::new()),
        Lie::Half => (JSON, body.chars().take(body.chars().count() / 2).collect()),
    }
}

pub(super) fn forgotten() -> Response {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", "server error")
}

/// Promises the whole body, sends its first bytes and cuts the connection.
pub(super) fn cut(body: String, after: usize) -> Response {
    let length = body.len();
    let mut first = Bytes::from(body);
    first.truncate(after.min(length.saturating_sub(1)));
    let end = stream::once(async {
        // The first bytes must leave before the connection does.
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err::<Bytes, Error>(Error::from(ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(stream::iter([Ok(first)]).chain(end));
    let mut response = plain(StatusCode::OK, "application/json;charset=utf-8", body);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn plain(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_messages_follow_the_shape_of_the_day() {
        let exists = Answer::exists("H99-1");
        let shape = |code, exists, nested| Shape { code, exists, nested };
        let body = |s| exists.body(s);
        assert_eq!(
            body(Shape::default()),
            r#"{"error_code":"3","message":"Hồ sơ H99-1 đã tồn tại"}"#
        );
        assert!(body(shape(CodeAs::Int, Some(-3), false)).starts_with(r#"{"error_code":-3,"#));
        assert!(body(shape(CodeAs::Text, Some(0), false)).starts_with(r#"{"error_code":"0","#));
        let nested: serde_json::Value =
            serde_json::from_str(&body(shape(CodeAs::Sample, None, true))).unwrap();
        let inner: serde_json::Value = serde_json::from_str(nested["message"].as_str().unwrap()).unwrap();
        assert_eq!(inner["message"], "Hồ sơ H99-1 đã tồn tại");
    }
}
