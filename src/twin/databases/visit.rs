//! One call as it came, before anything was looked at.

use super::reply::Reply;
use super::road::{Road, Wrap};
use super::service::Service;
use axum::http::{HeaderMap, HeaderName, Method, header};
use data_encoding::BASE64;
use uuid::Uuid;

/// A call in memory.
pub(super) struct Visit {
    pub(super) road: &'static Road,
    /// The path behind the road's prefix, without a version 1.0.
    pub(super) rest: String,
    pub(super) path: String,
    pub(super) method: Method,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Visit {
    /// The text of a header, or nothing.
    pub(super) fn header(&self, name: HeaderName) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn named(&self, name: &'static str) -> String {
        self.header(HeaderName::from_static(name)).to_owned()
    }

    /// The service's own address, as the caller knows it.
    pub(super) fn address(&self) -> String {
        format!("http://{}{}", self.header(header::HOST), self.path)
    }

    /// XML where the question is SOAP, JSON everywhere else.
    pub(super) fn is_right_kind(&self, service: Service) -> bool {
        let kind = self.header(header::CONTENT_TYPE);
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if service.is_population() && self.road.wrap == Wrap::Plain {
            return kind == "application/xml" || kind == "text/xml";
        }
        kind == "application/json"
    }

    /// What X-Road says about a call: request, dossier, officer.
    pub(super) fn of_xroad(&self) -> [String; 3] {
        let officer = self.named("x-road-userid");
        let officer = officer.strip_prefix("VN").unwrap_or(&officer).to_owned();
        [self.named("x-road-id"), self.named("x-road-issue"), officer]
    }

    /// What X-Road adds to every answer.
    pub(super) fn echoed(&self, reply: Reply) -> Reply {
        let id = self.named("x-road-id");
        let id = if id.is_empty() {
            Uuid::now_v7().to_string()
        } else {
            id
        };
        let hash = BASE64.encode(&openssl::sha::sha512(&self.body));
        reply
            .with("x-road-client", self.named("x-road-client"))
            .with("x-road-id", id)
            .with("x-road-service", self.path.trim_start_matches("/r1/"))
            .with("x-road-request-id", Uuid::now_v7().to_string())
            .with("x-road-request-hash", hash)
    }
}
