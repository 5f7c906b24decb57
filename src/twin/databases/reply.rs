//! One answer on its way out: whole, cut, hanging, or without end.

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use serde_json::Value;
use std::convert::Infallible;

pub(super) const JSON: &str = "application/json;charset=utf-8";
pub(super) const XML: &str = "text/xml;charset=utf-8";
pub(super) const HTML: &str = "text/html;charset=utf-8";
pub(super) const TEXT: &str = "text/plain;charset=utf-8";

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) body: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) end: End,
}

/// How the sending ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    /// The connection is cut after so many bytes.
    Cut(usize),
    /// Nothing comes for as long as the twin hangs.
    Hang,
    /// The body is followed by 50 MiB of elements.
    Flood,
}

impl Reply {
    pub(super) fn new(status: u16, kind: &'static str, body: impl Into<String>) -> Reply {
        Reply {
            status,
            kind,
            body: body.into(),
            headers: Vec::new(),
            end: End::Whole,
        }
    }

    pub(super) fn json(status: u16, body: &Value) -> Reply {
        Reply::new(status, JSON, body.to_string())
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn ending(mut self, end: End) -> Reply {
        self.end = end;
        self
    }

    /// The answer as it is sent, but for the hanging, which is the door's.
    pub(super) fn send(self) -> Response {
        let mut response = match self.end {
            End::Whole => self.body.into_response(),
            End::Cut(after) => crate::twin::answer::cut(self.body, after),
            End::Hang => crate::twin::answer::cut(self.body, 0),
            End::Flood => flood(self.body).into_response(),
        };
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Pieces of 64 KiB of empty elements, 800 of them.
fn flood(first: String) -> Body {
    let piece = Bytes::from("<x>0</x>".repeat(8 << 10));
    let more = stream::repeat(piece).take(800);
    let all = stream::iter([Bytes::from(first)]).chain(more);
    Body::from_stream(all.map(Ok::<Bytes, Infallible>))
}
