//! The router and its layers; one file a resource.

mod access;
mod bare;
mod body;
mod callbacks;
mod deeds;
mod dossiers;
mod events;
mod exchanges;
mod files;
mod health;
mod log;
mod papers;
mod payments;
pub mod problem;
mod procedures;
mod refusal;
mod remarks;
mod reuse;
mod room;
mod rulings;
mod serve;
mod statements;
mod steps;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post};
use metrics_exporter_prometheus::PrometheusHandle;

pub use bare::bare;

use crate::clock::{Clock, Dice};
use crate::inbound::Inbound;
use crate::intake::{Denied, Shown};
use crate::keys::Dated;
use crate::outbound::Outbound;
use crate::payments::Payments;
use crate::transport::{Fresh, Peer};
use crate::upkeep::Upkeep;
use problem::{Kind, Problem};

pub use room::Room;
pub use serve::{Door, Limits, serve};

/// What the routes take and give, as OpenAPI 3.1.
const DESCRIPTION: &str = include_str!("http/openapi.json");

/// What the routes stand on.
pub struct Doors {
    /// The way out.
    pub outbound: Arc<Outbound>,
    /// The way back.
    pub inbound: Arc<Inbound>,
    /// Payments that begin here, where a platform is named.
    pub payments: Option<Arc<Payments>>,
    /// The keeper of checkpoints.
    pub upkeep: Arc<Upkeep>,
    /// Its certificates, and when they end.
    pub certificates: Fresh<Vec<Dated>>,
    /// The figures.
    pub figures: PrometheusHandle,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance, for the ids of requests.
    pub dice: Arc<dyn Dice>,
    /// The longest body, in bytes.
    pub body_limit: usize,
    /// The room for bodies.
    pub room: Room,
    /// The room for the bodies of callbacks, which are larger.
    pub callback_room: Room,
    /// The longest array of dossiers.
    pub batch_limit: usize,
    /// How long a body may take to arrive.
    pub patience: std::time::Duration,
}

/// All routes; `http/openapi.json` describes exactly these.
fn routes() -> Vec<(&'static str, MethodRouter<Arc<Doors>>)> {
    vec![
        ("/v1/systems/{system}/dossiers", post(dossiers::push)),
        ("/v1/systems/{system}/reuse", post(reuse::preview)),
        ("/v1/systems/{system}/events", get(events::feed)),
        ("/v1/systems/{system}/payments", post(payments::begin)),
        ("/v1/systems/{system}/payments/{reference}", get(payments::show)),
        (
            "/v1/systems/{system}/payments/{reference}/receipt",
            get(payments::receipt),
        ),
        ("/v1/systems/{system}/files", post(files::hand_in)),
        ("/v1/systems/{system}/files/{digest}", get(files::show)),
        ("/v1/systems/{system}/papers/{digest}", get(papers::show)),
        ("/v1/systems/{system}/steps", post(steps::push)),
        ("/files/{id}", get(files::fetch)),
        ("/v1/files", get(files::list)),
        ("/v1/payments", get(payments::list)),
        ("/v1/payments/{reference}/ask", post(rulings::ask)),
        ("/v1/payments/{reference}/drop", post(rulings::drop_payment)),
        ("/v1/callbacks", get(events::callbacks)),
        ("/v1/callbacks/{id}", get(rulings::show)),
        ("/v1/callbacks/{id}/assign", post(rulings::assign)),
        ("/v1/callbacks/{id}/set-aside", post(rulings::set_aside)),
        ("/v1/dossiers/{number}", get(dossiers::show)),
        ("/v1/dossiers/{number}/exchanges", get(dossiers::exchanges)),
        ("/v1/dossiers/{number}/origins", get(dossiers::origins)),
        ("/v1/dossiers/{number}/evidence", get(dossiers::evidence)),
        ("/v1/procedures", get(procedures::list)),
        ("/v1/procedures/{code}", get(procedures::show)),
        ("/v1/procedures/{code}/form", post(procedures::form)),
        ("/v1/exchanges", get(exchanges::search)),
        ("/v1/exchanges/{id}", get(exchanges::show)),
        ("/v1/exchanges/{id}/proof", get(exchanges::proof)),
        ("/v1/exchanges/{id}/retry", post(exchanges::retry)),
        ("/v1/exchanges/{id}/release", post(exchanges::release)),
        ("/v1/erasures", post(deeds::erase)),
        ("/v1/deeds", post(deeds::list)),
        ("/log/checkpoint", get(log::checkpoint)),
        ("/log/tile/{*path}", get(log::tile)),
        ("/log/chain/{*path}", get(log::chain)),
        ("/log/stamp/{leaves}", get(log::stamp)),
        ("/log/statements", get(statements::list)),
        ("/log/statements/{number}", get(statements::show)),
        ("/healthz", get(health::alive)),
        ("/readyz", get(health::ready)),
        ("/metrics", get(health::figures)),
        ("/openapi.json", get(description)),
    ]
}

/// Whether a path is one of the gateway's own, or may be taken for one.
pub fn is_own(path: &str) -> bool {
    let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
    let asked = first(path);
    let open = asked.as_deref().is_some_and(|first| first.starts_with('{'));
    open || asked.as_deref() == Some("console") || routes().iter().any(|(own, _)| first(own) == asked)
}

/// The router: all routes, those of a door beside this one, and what every answer goes through.
pub fn router(doors: Arc<Doors>, beside: Router) -> Router {
    let own = routes()
        .into_iter()
        .map(|(path, answers)| (path.to_owned(), answers));
    let all = own.chain(callbacks::routes(&doors.inbound));
    all.fold(beside.with_state(()), |router, (path, answers)| {
        router.route(&path, answers)
    })
    .method_not_allowed_fallback(otherwise)
    .fallback(nowhere)
    .layer(from_fn(problem::speak))
    .layer(from_fn_with_state(Arc::clone(&doors), access::note))
    .with_state(doors)
}

async fn description() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION)
}

async fn otherwise() -> Problem {
    Problem::new(Kind::WrongMethod)
}

async fn nowhere() -> Problem {
    Problem::new(Kind::UnknownAddress)
}

/// The part of the path that the route leaves open, with its percent signs read.
struct Part(String);

impl<S: Send + Sync> FromRequestParts<S> for Part {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let part = Path::from_request_parts(parts, state).await;
        part.map(|Path(part)| Self(part))
            .map_err(|_| Problem::new(Kind::UnknownAddress))
    }
}

/// The address a request came from; a proxy in front says its own.
struct Caller(String);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>();
        Ok(Self(peer.map_or_else(
            || "unknown".to_owned(),
            |peer| peer.address.to_string(),
        )))
    }
}

/// The headers of a request, and what it shows of its caller.
struct Head {
    headers: HeaderMap,
    certificate: Option<[u8; 32]>,
}

impl Head {
    fn shown(&self) -> Shown<'_> {
        Shown {
            token: token(&self.headers),
            certificate: self.certificate,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Head {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            headers: parts.headers.clone(),
            certificate: shown(&parts.headers, &parts.extensions).certificate,
        })
    }
}

/// What a request shows of its caller: a token in its headers, a certificate by its connection.
fn shown<'a>(headers: &'a HeaderMap, extensions: &Extensions) -> Shown<'a> {
    Shown {
        token: token(headers),
        certificate: extensions.get::<Peer>().and_then(|peer| peer.certificate),
    }
}

/// The bearer token, if one is shown.
fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn denied(denied: Denied) -> Problem {
    Problem::new(match denied {
        Denied::NoToken => Kind::NoToken,
        Denied::WrongToken => Kind::WrongToken,
        Denied::OtherSystem => Kind::OtherSystem,
        Denied::UnknownSystem => Kind::UnknownSystem,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_description_names_each_route_and_no_other() {
        let described: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let said: BTreeSet<String> = described["paths"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            said,
            routes().iter().map(|(path, _)| path.replace("{*", "{")).collect()
        );
        assert_eq!(described["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}
