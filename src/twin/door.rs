//! The HTTP front: what the adapter on the way to the portal insists on, and the judge's own pages.

use super::answer::{self, Answer};
use super::calls::{Ready, Told};
use super::day::{After, Before, CodeAs, Shape};
use super::{Inner, Place, bank, databases, signer};
use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{Router, get};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// Connections hold the twin weakly: an idle one must not keep the books open.
pub(super) fn router(twin: &Arc<Inner>) -> Router {
    Router::new()
        .route("/twin/books", get(books))
        .route("/twin/dossiers/{number}", get(page))
        .merge(databases::pages())
        .fallback(forward)
        .with_state(Arc::downgrade(twin))
}

async fn books(State(twin): State<Weak<Inner>>) -> Response {
    match twin.upgrade() {
        Some(twin) => Json(twin.summary()).into_response(),
        None => closed(),
    }
}

async fn page(State(twin): State<Weak<Inner>>, Path(number): Path<String>) -> Response {
    let Some(twin) = twin.upgrade() else {
        return closed();
    };
    match twin.books.page(&number).await {
        Some(page) => Json(page).into_response(),
        None => answer::turned_away(StatusCode::NOT_FOUND, "no such dossier"),
    }
}

async fn forward(State(twin): State<Weak<Inner>>, request: Request) -> Response {
    let Some(twin) = twin.upgrade() else {
        return closed();
    };
    if databases::is_here(request.uri().path()) {
        return twin.inquire(request).await;
    }
    if request.uri().path().starts_with(bank::BASE) {
        return twin.bank(request).await;
    }
    if let Some(path) = request.uri().path().strip_prefix(signer::BASE) {
        let path = path.to_owned();
        return sealed(&twin, &path, request).await;
    }
    match enter(&twin, request).await {
        Ok((way, headers, body)) => twin.answer(way, &headers, &body).await,
        Err((status, why)) => answer::turned_away(status, why),
    }
}

/// The provider of remote signatures, which has no bad days.
async fn sealed(twin: &Inner, path: &str, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match to_bytes(body, twin.options.largest).await {
        Ok(body) if head.method == Method::POST => twin.provider.answer(path, &head.headers, &body),
        Ok(_) => answer::turned_away(StatusCode::METHOD_NOT_ALLOWED, "POST only"),
        Err(_) => answer::turned_away(StatusCode::PAYLOAD_TOO_LARGE, "body too large or cut"),
    }
}

/// Which of the three paths was called; the last two may be one address.
#[derive(Debug, Clone, Copy)]
enum Way {
    Login,
    Service { integration: bool, share: bool },
}

/// Everything that is refused before the body is looked at.
async fn enter(
    twin: &Inner,
    request: Request,
) -> Result<(Way, HeaderMap, Bytes), (StatusCode, &'static str)> {
    let away = |status, why| Err((status, why));
    let (head, body) = request.into_parts();
    let Some(way) = way(twin, head.uri.path()) else {
        return away(StatusCode::NOT_FOUND, "no such path");
    };
    if head.method != Method::POST {
        return away(StatusCode::METHOD_NOT_ALLOWED, "POST only");
    }
    if head.headers.contains_key(header::TRANSFER_ENCODING)
        || !head.headers.contains_key(header::CONTENT_LENGTH)
    {
        return away(
            StatusCode::LENGTH_REQUIRED,
            "Content-Length needed, Transfer-Encoding refused",
        );
    }
    if !is_json(&head.headers) {
        return away(StatusCode::UNSUPPORTED_MEDIA_TYPE, "application/json only");
    }
    if !is_addressed(twin, &head.uri, &head.headers) {
        return away(
            StatusCode::BAD_REQUEST,
            "Client received SOAP Fault from server: Server.ClientProxy.UnknownMember (dstcode)",
        );
    }
    match to_bytes(body, twin.options.largest).await {
        Ok(body) => Ok((way, head.headers, body)),
        Err(_) => away(StatusCode::PAYLOAD_TOO_LARGE, "body too large or cut"),
    }
}

fn way(twin: &Inner, path: &str) -> Option<Way> {
    let options = &twin.options;
    if path == options.login {
        return Some(Way::Login);
    }
    let (integration, share) = (path == options.integration, path == options.share);
    (integration || share).then_some(Way::Service { integration, share })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (kind, _) = kind.split_once(';').unwrap_or((kind, ""));
    kind.trim().eq_ignore_ascii_case("application/json")
}

fn is_addressed(twin: &Inner, uri: &Uri, headers: &HeaderMap) -> bool {
    let wanted = twin.options.dstcode.as_str();
    let header = || {
        headers
            .get("dstcode")
            .is_some_and(|value| value.as_bytes() == wanted.as_bytes())
    };
    let query = || {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
        pairs.is_ok_and(|Query(pairs)| {
            pairs
                .iter()
                .any(|(name, value)| name == "dstcode" && value == wanted)
        })
    };
    match twin.options.place {
        Place::Header => header(),
        Place::Query => query(),
        Place::Either => wanted.is_empty() || header() || query(),
    }
}

impl Inner {
    async fn answer(&self, way: Way, headers: &HeaderMap, body: &[u8]) -> Response {
        self.counts.calls.fetch_add(1, Ordering::Relaxed);
        let signature = self.options.signature.as_deref();
        if signature.is_some_and(|name| headers.contains_key(name)) {
            self.counts.signed.fetch_add(1, Ordering::Relaxed);
        }
        let ready = match way {
            Way::Login => self.ready_login(body),
            Way::Service { .. } => self.ready(body),
        };
        match ready.and_then(|ready| right_way(way, ready)) {
            Ok(ready) => self.live_through(ready).await,
            Err(refusal) => self.refuse(&refusal, Shape::default()),
        }
    }

    /// One call on one day: what comes before, the call, the flush, what comes after.
    async fn live_through(&self, ready: Ready<'_>) -> Response {
        let plan = ready.plan.clone();
        if let Some(before) = plan.before {
            return self.instead(before);
        }
        if let Some(wait) = plan.wait {
            self.weather.hit("slow");
            tokio::time::sleep(wait).await;
        }
        let Told { answer, flush } = self.take(ready);
        let taken = flush.is_some();
        if let Some(flush) = flush
            && !flush.kept().await
        {
            // The disk refused: nothing was taken, and nothing more will be.
            return answer::forgotten();
        }
        self.note_shape(plan.shape);
        match plan.after {
            // A call that changed or found nothing has nothing to lose on the way back.
            Some(after) if taken || matches!(after, After::Cut(_)) => {
                self.spoil(after, answer.body(plan.shape)).await
            }
            Some(_) | None if answer.is_good() => answer::ok(answer.body(plan.shape)),
            Some(_) | None => self.refuse(&answer, plan.shape),
        }
    }

    fn instead(&self, before: Before) -> Response {
        let (fault, response) = match before {
            Before::BadGateway => ("storm", answer::bad_gateway()),
            Before::TooMany => ("limit", answer::later(StatusCode::TOO_MANY_REQUESTS)),
            Before::Unavailable => ("unavailable", answer::later(StatusCode::SERVICE_UNAVAILABLE)),
            // Nothing was done, so half of the truth is half of an error.
            Before::Lie(lie) => ("lie-before", answer::lie(lie, HALF)),
        };
        self.weather.hit(fault);
        response
    }

    async fn spoil(&self, after: After, body: String) -> Response {
        match after {
            After::Hang => {
                self.weather.hit("hang");
                self.hang().await;
                answer::cut(body, 0)
            }
            After::Cut(bytes) => {
                self.weather.hit("reset");
                answer::cut(body, bytes)
            }
            After::Forget => {
                self.weather.hit("forgotten-steps");
                answer::forgotten()
            }
            After::Lie(lie) => {
                self.weather.hit("lie-after");
                answer::lie(lie, &body)
            }
        }
    }

    /// Longer than the caller waits, but not longer than the twin lives.
    pub(super) async fn hang(&self) {
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            () = tokio::time::sleep(self.options.hang) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    fn refuse(&self, answer: &Answer<'_>, shape: Shape) -> Response {
        self.counts.refused.fetch_add(1, Ordering::Relaxed);
        answer::ok(answer.body(shape))
    }

    fn note_shape(&self, shape: Shape) {
        match shape.code {
            CodeAs::Sample => {}
            CodeAs::Int => self.weather.hit("code-as-int"),
            CodeAs::Text => self.weather.hit("code-as-text"),
        }
        if shape.nested {
            self.weather.hit("nested");
        }
    }
}

const HALF: &str = r#"{"error_code": -1, "message": "Lỗi hệ thống"}"#;

/// A service answers on its own path only (§1.1).
fn right_way(way: Way, ready: Ready<'_>) -> Result<Ready<'_>, Answer<'static>> {
    match (way, ready.service) {
        (Way::Login, _) | (_, None) => Ok(ready),
        (Way::Service { integration, share }, Some(service)) => {
            let right = if service.is_shared() { share } else { integration };
            if right {
                Ok(ready)
            } else {
                Err(Answer::refused("Dịch vụ không thuộc đường dẫn này"))
            }
        }
    }
}

fn closed() -> Response {
    answer::turned_away(StatusCode::SERVICE_UNAVAILABLE, "the twin has closed")
}

#[cfg(test)]
mod tests {
    use crate::twin::trial::{envelope, options, up};
    use crate::twin::{Day, Options, Place};
    use serde_json::json;

    const LOGIN: &str = "/VXPAdapter/RestService/forward/mapi/login";
    const JSON: &str = "Content-Type: application/json\r\n";
    const HEADER: &str = "dstcode: VN:GOV:000.00.00.G22:vpcpdvcprovider\r\n";
    const QUERY: &str = "?dstcode=VN%3AGOV%3A000.00.00.G22%3Avpcpdvcprovider";
    const BODY: &str = r#"{"username":"000.00.00.H99","password":"mat-khau-thu-nghiem"}"#;

    #[tokio::test]
    async fn the_door_refuses_what_the_adapter_would() {
        let (_folder, options) = options(Day::Calm);
        let (stage, caller) = up(Options {
            largest: 1000,
            ..options
        })
        .await;
        let right = format!("{JSON}{HEADER}");
        for (method, target, headers, body, status) in [
            ("POST", LOGIN, right.as_str(), BODY, 200),
            ("GET", LOGIN, &right, "", 405),
            ("POST", "/other", &right, BODY, 404),
            ("POST", LOGIN, HEADER, BODY, 415),
            ("POST", LOGIN, JSON, BODY, 400),
            ("POST", LOGIN, &right, &" ".repeat(1001), 413),
        ] {
            assert_eq!(
                caller.call(method, target, headers, body).await.status,
                status,
                "{method} {target}"
            );
        }
        let start = format!("POST {LOGIN} HTTP/1.1\r\nHost: twin\r\nConnection: close\r\n");
        let chunked = format!("{start}{right}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        assert_eq!(caller.raw(&chunked).await.status, 411);
        assert_eq!(stage.down().await.summary().calls, 1);
    }

    #[tokio::test]
    async fn dstcode_stands_where_this_site_wants_it() {
        let cases = [
            (Place::Header, 200, 400),
            (Place::Query, 400, 200),
            (Place::Either, 200, 200),
        ];
        for (place, in_header, in_query) in cases {
            let (_folder, options) = options(Day::Calm);
            let (stage, caller) = up(Options { place, ..options }).await;
            let header = caller
                .call("POST", LOGIN, &format!("{JSON}{HEADER}"), BODY)
                .await
                .status;
            let query = caller
                .call("POST", &format!("{LOGIN}{QUERY}"), JSON, BODY)
                .await
                .status;
            assert_eq!((header, query), (in_header, in_query), "{place:?}");
            stage.down().await;
        }
    }

    #[tokio::test]
    async fn each_service_stands_on_its_own_path() {
        let (_folder, options) = options(Day::Calm);
        let (stage, caller) = up(options).await;
        let session = &caller.login().await;
        let list = envelope(session, "LayDanhSachTTHC");
        assert_eq!(caller.post("s", &list).await.told().0, "0");
        assert_eq!(
            caller.post("g", &list).await.told().1,
            "Dịch vụ không thuộc đường dẫn này"
        );
        let look = envelope(session, "TraCuuHoSo");
        assert_eq!(
            caller.post("s", &look).await.told().1,
            "Dịch vụ không thuộc đường dẫn này"
        );
        stage.down().await;
    }

    #[tokio::test]
    async fn both_paths_may_be_one_and_the_catalogue_is_read_there() {
        let (_folder, options) = options(Day::Calm);
        let (stage, caller) = up(Options {
            share: options.integration.clone(),
            ..options
        })
        .await;
        let session = &caller.login().await;
        let mut one = envelope(session, "LayThuTuc");
        one["maTTHC"] = json!("1.001234");
        let shown = caller.post("g", &one).await.body;
        assert!(shown.contains(r#""MALINHVUC":"G99-TN01""#), "{shown}");
        one["maTTHC"] = json!("9.000000");
        assert!(caller.post("g", &one).await.body.ends_with(r#""result":[]}"#));
        for service in ["LayDanhSachTTHC", "LayDanhMucLinhVuc", "LayDanhMucCoQuan"] {
            let list = caller.post("g", &envelope(session, service)).await.body;
            assert!(list.contains(r#""result":[{"MA"#), "{list}");
        }
        stage.down().await;
    }
}
