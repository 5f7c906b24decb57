//! What every answer carries, and the one line that the node's own log has of it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderName, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::{Doors, shown};
use crate::clock::{Clock, Timestamp};
use crate::intake::Caller;

/// The header of a request's id.
const REQUEST: HeaderName = HeaderName::from_static("x-request-id");

/// A request on its way; its line is written when it ends, also when its caller did not wait for the answer.
struct Line {
    clock: Arc<dyn Clock>,
    began: Timestamp,
    request: HeaderValue,
    method: &'static str,
    /// As the router names it, never as it was asked: numbers of dossiers stand in paths.
    route: Option<MatchedPath>,
    caller: Option<Caller>,
    status: Option<StatusCode>,
}

/// A layer of the router: gives the answer its headers and the log its line.
pub(super) async fn note(State(doors): State<Arc<Doors>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let mut line = Line {
        clock: Arc::clone(&doors.clock),
        began: doors.clock.now(),
        request: given(headers.get(REQUEST)).unwrap_or_else(|| made(&doors)),
        method: word(request.method()),
        route: request.extensions().get::<MatchedPath>().cloned(),
        caller: doors
            .outbound
            .systems()
            .caller(shown(headers, request.extensions()))
            .ok(),
        status: None,
    };
    let mut response = next.run(request).await;
    line.status = Some(response.status());
    let headers = response.headers_mut();
    headers.insert(REQUEST, line.request.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // What may be kept says so itself.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The caller's own id of the request, if it is a UUID: any other text could be about a person, and stands in logs.
fn given(value: Option<&HeaderValue>) -> Option<HeaderValue> {
    let id = value?.to_str().ok()?.parse::<uuid::Uuid>().ok()?;
    HeaderValue::from_str(&id.to_string()).ok()
}

fn made(doors: &Doors) -> HeaderValue {
    let mut random = [0; 10];
    doors.dice.bytes(&mut random);
    let millis = u64::try_from(doors.clock.now().millis()).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &random);
    HeaderValue::from_str(&id.into_uuid().to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// A method is a word of the caller's; only those that are known are written down.
fn word(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known
        .into_iter()
        .find(|known| method.as_str() == *known)
        .unwrap_or("other")
}

impl Line {
    fn took(&self) -> Duration {
        self.clock.now().since(self.began)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let (kind, name) = match &self.caller {
            Some(Caller::System(name)) => ("system", name.as_str()),
            Some(Caller::Operator(name)) => ("operator", name.as_str()),
            None => ("nobody", ""),
        };
        tracing::info!(
            request.id = self.request.to_str().unwrap_or_default(),
            http.method = self.method,
            http.route = self.route.as_ref().map_or("none", MatchedPath::as_str),
            http.status = self.status.map_or(0, |status| status.as_u16()),
            ms = u64::try_from(self.took().as_millis()).unwrap_or(u64::MAX),
            caller.kind = kind,
            caller.name = name,
            "a request ended"
        );
    }
}
