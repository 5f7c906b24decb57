//! Dossiers: push one or many, show one, its exchanges, and where each of its values came from.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::future::join_all;
use serde_json::json;
use serde_json::value::RawValue;

use super::body;
use super::problem::{Kind, Language, Problem};
use super::refusal::{misread, refused};
use super::remarks;
use super::reuse::unfetched;
use super::{Doors, Head, Part, denied};
use crate::clock::Timestamp;
use crate::intake::{self, Caller, System};
use crate::model::Dossier;
use crate::outbound::{Submission, Taken};
use crate::store::{DossierRow, Query, Seen, Wanted};
use crate::upkeep::Doer;

/// The most exchanges of one dossier that are listed at once.
const PAGE: usize = 1_000;

/// Accepts a dossier in the system's own format, or an array of them. The answer waits for the disk.
pub(super) async fn push(
    State(doors): State<Arc<Doors>>,
    Part(system): Part,
    head: Head,
    body: Body,
) -> Result<Response, Problem> {
    let system = doors
        .outbound
        .systems()
        .writer(&system, head.shown())
        .map_err(denied)?;
    is_json(&head.headers)?;
    let key = key(&head.headers)?;
    let mut room = doors.room.part();
    let body = body::within(&doors, body, &mut room).await?;
    let _turn = doors.room.turn(body.len()).await;
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Err(Problem::new(Kind::Empty)),
        Some(b'[') => many(&doors, system, key, &body, Language::of(&head.headers)).await,
        Some(_) => {
            let submission = Submission {
                system,
                key,
                body: &body,
            };
            doors
                .outbound
                .submit(submission)
                .await
                .map(accepted)
                .map_err(refused)
        }
    }
}

pub(super) fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    // Who says nothing of the kind of body is taken at its bytes.
    let Some(media) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let media = media.to_str().unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Problem::new(Kind::UnsupportedMedia))
    }
}

pub(super) fn key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let text = key.to_str().map_err(|_| Problem::new(Kind::BadKey))?;
    intake::key(text)
        .map(Some)
        .map_err(|_| Problem::new(Kind::BadKey))
}

pub(super) fn accepted(taken: Taken) -> Response {
    let mut response = (StatusCode::ACCEPTED, taken.receipt).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(location) = HeaderValue::from_str(&location(&taken.number)) {
        headers.insert(LOCATION, location);
    }
    response
}

/// A number may hold any printable character; a path may not.
fn location(number: &str) -> String {
    let mut path = String::from("/v1/dossiers/");
    for byte in number.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push('%');
            path.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
    }
    path
}

/// Each item of an array lives its own life: its receipt or its problem stands at its place.
async fn many(
    doors: &Doors,
    system: &System,
    key: Option<&str>,
    body: &[u8],
    language: Language,
) -> Result<Response, Problem> {
    let items: Vec<&RawValue> = doors
        .outbound
        .translator()
        .items(body, doors.batch_limit)
        .map_err(misread)?;
    if items.len() > doors.batch_limit {
        return Err(Problem::new(Kind::TooMany));
    }
    if items.is_empty() {
        return Err(Problem::new(Kind::Empty));
    }
    let submitted = items.iter().enumerate().map(|(place, item)| async move {
        let key = key.map(|key| format!("{key}/{place}"));
        let submission = Submission {
            system,
            key: key.as_deref(),
            body: item.get().as_bytes(),
        };
        doors.outbound.submit(submission).await
    });
    let mut answer = Vec::from(*b"[");
    for (place, taken) in join_all(submitted).await.into_iter().enumerate() {
        if place > 0 {
            answer.push(b',');
        }
        match taken {
            Ok(taken) => answer.extend_from_slice(&taken.receipt),
            Err(refusal) => {
                answer.extend_from_slice(refused(refusal).document(language).to_string().as_bytes());
            }
        }
    }
    answer.push(b']');
    Ok((
        StatusCode::MULTI_STATUS,
        [(CONTENT_TYPE, "application/json")],
        answer,
    )
        .into_response())
}

/// One dossier, as its latest filing says.
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    Part(number): Part,
    head: Head,
) -> Result<Response, Problem> {
    let (row, seen) = seen(&doors, &number, &head).await?;
    let part = |name| seen.part(name).map(|bytes| raw(bytes.to_vec())).transpose();
    let came_back = part("news")?;
    let read = read(&seen)?;
    let unfit = doors.outbound.remarks(&row.system, &read);
    let broken = || Problem::new(Kind::Broken);
    let dossier: Box<RawValue> = part("dossier")?.ok_or_else(broken)?;
    let receipt: Box<RawValue> = part("receipt")?.ok_or_else(broken)?;
    let shown = Shown {
        number: &row.number,
        system: &row.system,
        versions: row.versions,
        accepted_at: Timestamp::from_millis(row.accepted_at).to_string(),
        dossier: &dossier,
        receipt: &receipt,
        came_back: came_back.as_deref(),
        remarks: unfit
            .iter()
            .map(|one| remarks::document(one, Language::of(&head.headers)))
            .collect(),
        not_reused: read.findings.iter().filter_map(unfetched).collect(),
    };
    Ok(Json(shown).into_response())
}

/// Where facts came from that the national side said.
#[derive(Default, serde::Deserialize)]
struct Said {
    said: Vec<serde_json::Value>,
}

/// What a dossier is shown as.
#[derive(serde::Serialize)]
struct Shown<'a> {
    number: &'a str,
    system: &'a str,
    versions: u32,
    accepted_at: String,
    dossier: &'a RawValue,
    receipt: &'a RawValue,
    /// What the national side said of it, over what was filed.
    came_back: Option<&'a RawValue>,
    remarks: Vec<serde_json::Value>,
    not_reused: Vec<serde_json::Value>,
}

fn raw(json: Vec<u8>) -> Result<Box<RawValue>, Problem> {
    let text = String::from_utf8(json).map_err(|_| Problem::new(Kind::Broken))?;
    RawValue::from_string(text).map_err(|_| Problem::new(Kind::Broken))
}

/// A dossier's exchanges, in order.
pub(super) async fn exchanges(
    State(doors): State<Arc<Doors>>,
    Part(number): Part,
    head: Head,
) -> Result<Response, Problem> {
    let row = visible(&doors, &number, &head).await?;
    let query = Query {
        dossier: Some(row.number),
        all: true,
        limit: PAGE,
        ..Query::default()
    };
    let rows = doors
        .outbound
        .store()
        .exchanges(query)
        .await
        .map_err(|_| Problem::new(Kind::Full))?;
    Ok(Json(json!({ "exchanges": rows })).into_response())
}

/// All evidence of a dossier, as an ASiC-E container that `lienthong verify` checks.
pub(super) async fn evidence(
    State(doors): State<Arc<Doors>>,
    Part(number): Part,
    head: Head,
) -> Result<Response, Problem> {
    let row = visible(&doors, &number, &head).await?;
    let doer = doer(&doors, &head)?;
    let container = doors.upkeep.export(&doer, &row.number).await.map_err(|error| {
        tracing::error!(error = %error, "no evidence was written");
        Problem::new(Kind::Full)
    })?;
    let container = container.ok_or_else(|| Problem::new(Kind::NotYetProved))?;
    Ok(([(CONTENT_TYPE, "application/vnd.etsi.asic-e+zip")], container).into_response())
}

/// Where each value of a dossier came from.
pub(super) async fn origins(
    State(doors): State<Arc<Doors>>,
    Part(number): Part,
    head: Head,
) -> Result<Response, Problem> {
    let (row, seen) = seen(&doors, &number, &head).await?;
    let dossier = read(&seen)?;
    let origins = doors.outbound.translator().origins(&dossier);
    let said = seen
        .part("news")
        .and_then(|news| serde_json::from_slice::<Said>(news).ok())
        .unwrap_or_default();
    Ok(Json(json!({ "number": row.number, "origins": origins, "said": said.said })).into_response())
}

/// What a caller sees of a dossier. That it was looked at is in the log before it is opened.
pub(super) async fn seen(doors: &Doors, number: &str, head: &Head) -> Result<(DossierRow, Seen), Problem> {
    let row = visible(doors, number, head).await?;
    if row.erased {
        return Err(Problem::new(Kind::Erased));
    }
    let doer = doer(doors, head)?;
    let seen = doors
        .upkeep
        .look(&doer, Wanted::Dossier(row.number.clone()))
        .await;
    let seen = seen.map_err(|_| Problem::new(Kind::Full))?;
    Ok((row, seen.ok_or_else(|| Problem::new(Kind::Erased))?))
}

/// Who looks at a dossier, and by what right.
pub(super) fn doer(doors: &Doors, head: &Head) -> Result<Doer, Problem> {
    let caller = doors.outbound.systems().caller(head.shown()).map_err(denied)?;
    Ok(match caller {
        Caller::System(who) => Doer {
            who,
            reason: "its own dossier".to_owned(),
            basis: "the system that filed it".to_owned(),
        },
        Caller::Operator(who) => Doer {
            who,
            reason: "the dossier was asked for".to_owned(),
            basis: "operator of this node".to_owned(),
        },
    })
}

/// The dossier that was seen.
pub(super) fn read(seen: &Seen) -> Result<Dossier, Problem> {
    seen.part("dossier")
        .and_then(|dossier| serde_json::from_slice(dossier).ok())
        .ok_or_else(|| Problem::new(Kind::Broken))
}

/// A dossier that this caller may see; another system's is as good as absent.
async fn visible(doors: &Doors, number: &str, head: &Head) -> Result<DossierRow, Problem> {
    let caller = doors.outbound.systems().caller(head.shown()).map_err(denied)?;
    let row = doors
        .outbound
        .store()
        .dossier(number)
        .await
        .map_err(|_| Problem::new(Kind::Full))?;
    row.filter(|row| match &caller {
        Caller::System(name) => row.system == *name,
        Caller::Operator(_) => true,
    })
    .ok_or_else(|| Problem::new(Kind::UnknownDossier))
}
