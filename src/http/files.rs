//! Files: handed in by systems, shown to them, and fetched at addresses that dossiers carry.

mod name;
mod range;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::problem::{Kind, Problem};
use super::{Caller, Doors, Head, Part, denied};
use crate::clock::Timestamp;
use crate::files::{Draft, Kept, PART, Reader, Unkept, Unread};
use crate::intake;
use crate::store::{Addressed, FileRow, REPLACE, Scan, StoreError, Wanted};
use crate::upkeep::Doer;
pub(super) use name::disposition;
use range::Asked;

/// The slowest that a file may come, in bytes a second, after the time that any body has.
const SLOWEST: u64 = 16 * 1024;
/// The most files of one answer.
const PAGE: usize = 100;
/// What one file holds of the room for bodies: the part that is being sealed, and what comes meanwhile.
const HELD: usize = 4 * PART;

/// Takes a file: its bytes go to the disk as they come. The answer waits for the disk.
pub(super) async fn hand_in(
    State(doors): State<Arc<Doors>>,
    Part(system): Part,
    head: Head,
    sent: Body,
) -> Result<Response, Problem> {
    let systems = doors.outbound.systems();
    let system = systems.writer(&system, head.shown()).map_err(denied)?;
    let mut room = doors.room.part();
    if !room.grow(HELD) {
        return Err(Problem::new(Kind::Full));
    }
    let kept = taken(&doors, sent).await?;
    let row = doors.outbound.keep_file(system, kept).await.map_err(unstored)?;
    let location = format!("/v1/systems/{}/files/{}", system.name, named(&row.digest));
    let mut response = (StatusCode::CREATED, Json(shown(&row))).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// A file that a system handed in, by its digest; for the system and for operators.
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    head: Head,
) -> Result<Response, Problem> {
    let Path((system, digest)) = path.map_err(|_| Problem::new(Kind::UnknownAddress))?;
    is_own(&doors, &system, &head)?;
    let digest = wanted(&digest)?;
    let row = doors.outbound.store().file(&system, digest).await;
    let row = row
        .map_err(unstored)?
        .ok_or_else(|| Problem::new(Kind::UnknownFile))?;
    let mut shown = shown(&row);
    shown["named"] = json!(row.named);
    shown["scan"] = json!(row.scan);
    shown["scan_says"] = json!(row.scan_says);
    Ok(Json(shown).into_response())
}

/// Whether a caller is the system that a path names, or an operator.
pub(super) fn is_own(doors: &Doors, system: &str, head: &Head) -> Result<(), Problem> {
    match doors.outbound.systems().caller(head.shown()).map_err(denied)? {
        intake::Caller::System(own) if own != system => Err(Problem::new(Kind::OtherSystem)),
        intake::Caller::Operator(_) | intake::Caller::System(_) => Ok(()),
    }
}

/// The digest that a path names.
pub(super) fn wanted(text: &str) -> Result<[u8; 32], Problem> {
    let hex = text.strip_prefix("sha-256:").unwrap_or(text);
    let digest = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok();
    digest
        .and_then(|digest| digest.try_into().ok())
        .ok_or_else(|| Problem::new(Kind::UnknownFile))
}

fn shown(row: &FileRow) -> Value {
    json!({
        "digest": named(&row.digest),
        "size": row.size,
        "media": row.media,
        "accepted_at": Timestamp::from_millis(row.at).to_string(),
    })
}

fn named(digest: &[u8; 32]) -> String {
    format!("sha-256:{}", HEXLOWER.encode(digest))
}

/// The bytes of a body, on disk.
async fn taken(doors: &Doors, sent: Body) -> Result<Kept, Problem> {
    let limit = doors.outbound.files().limit();
    if sent.size_hint().lower() > limit {
        passed(sent, limit, doors.patience).await;
        return Err(unkept(Unkept::TooLarge(limit)));
    }
    let draft = doors.outbound.begin_file().map_err(unkept)?;
    let draft = written(draft, sent, doors.patience).await?;
    let files = Arc::clone(doors.outbound.files());
    aside(move || draft.finish(&files)).await?.map_err(unkept)
}

/// Lets a body pass that is too large, as far as a smaller one could go, so that its caller hears the answer.
async fn passed(sent: Body, limit: u64, patience: Duration) {
    let mut stream = sent.into_data_stream();
    let mut passed = 0_u64;
    let passing = async {
        while let Some(Ok(some)) = stream.next().await
            && passed < limit
        {
            passed += some.len() as u64;
        }
    };
    let _given_up = tokio::time::timeout(patience, passing).await;
}

/// Writes what comes. The time it may take grows with what came.
async fn written(mut draft: Draft, sent: Body, patience: Duration) -> Result<Draft, Problem> {
    let mut stream = sent.into_data_stream();
    let (began, mut came) = (tokio::time::Instant::now(), 0_u64);
    loop {
        let until = began + patience + Duration::from_secs(came / SLOWEST);
        let next = tokio::time::timeout_at(until, stream.next()).await;
        let some = match next.map_err(|_| Problem::new(Kind::TooSlow))? {
            None => return Ok(draft),
            Some(some) => some.map_err(|_| Problem::new(Kind::TooSlow))?,
        };
        came += some.len() as u64;
        draft = aside(move || draft.write(&some).map(|()| draft))
            .await?
            .map_err(unkept)?;
    }
}

/// Where waiting for the disk is allowed.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Problem::new(Kind::Broken))
}

fn unkept(why: Unkept) -> Problem {
    match why {
        Unkept::Empty => Problem::new(Kind::EmptyFile),
        Unkept::TooLarge(limit) => Problem::new(Kind::FileTooLarge).with("limit", limit),
        Unkept::Full => Problem::new(Kind::Full),
        Unkept::Unwritable { .. } | Unkept::Sealed(_) => {
            tracing::error!(error = %why, "a file was not kept for a fault of the gateway's own");
            Problem::new(Kind::Full)
        }
    }
}

pub(super) fn unstored(why: StoreError) -> Problem {
    tracing::error!(error = %why, "the store did not answer for a file");
    Problem::new(Kind::Full)
}

/// Gives a file to whoever has its address. Before its first byte leaves, the log tells of it.
pub(super) async fn fetch(
    State(doors): State<Arc<Doors>>,
    Part(address): Part,
    method: Method,
    Caller(peer): Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = doors.outbound.addressed(&address).await.map_err(unstored)?;
    let file = file.ok_or_else(|| Problem::new(Kind::UnknownFile))?;
    withheld(&doors, &file)?;
    let tag = format!("\"{}\"", HEXLOWER.encode(&file.digest));
    if range::matches(headers.get(IF_NONE_MATCH), &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, header(&tag))]).into_response());
    }
    let asked = Asked::of(&headers, &tag, file.size);
    let Ok(asked) = asked else {
        let mut refused = Problem::new(Kind::BadRange).into_response();
        let whole = header(&format!("bytes */{}", file.size));
        refused.headers_mut().insert(CONTENT_RANGE, whole);
        return Ok(refused);
    };
    let opened = doors
        .outbound
        .open_file(&file)
        .map_err(|why| unread(&file, &why))?;
    let reader = Arc::new(opened);
    // A part that does not open is a fault that the caller hears, and no download.
    first(&reader, asked.start)
        .await?
        .map_err(|why| unread(&file, &why))?;
    let name = match method {
        Method::HEAD => String::new(),
        _ => entered(&doors, &address, &peer).await?,
    };
    let body = match method {
        Method::HEAD => Body::empty(),
        _ => bytes(reader, &asked),
    };
    Ok(answer(&file, (&tag, &name), &asked, body))
}

/// Why nobody is given a file.
fn withheld(doors: &Doors, file: &Addressed) -> Result<(), Problem> {
    match file.scan {
        _ if file.gone => Err(Problem::new(Kind::FileGone)),
        Scan::Found => Err(Problem::new(Kind::FileHarmful)),
        Scan::NotScanned if doors.upkeep.holds_unscanned() => Err(Problem::new(Kind::FileHeld)),
        Scan::NotScanned | Scan::Clean => Ok(()),
    }
}

/// The files in which something was found, and how many stand where; for operators.
pub(super) async fn list(State(doors): State<Arc<Doors>>, head: Head) -> Result<Response, Problem> {
    match doors.outbound.systems().caller(head.shown()).map_err(denied)? {
        intake::Caller::Operator(_) => {}
        intake::Caller::System(_) => return Err(Problem::new(Kind::OtherSystem)),
    }
    let store = doors.outbound.store();
    let found = store.found_files(PAGE).await.map_err(unstored)?;
    let books = store.file_books().await.map_err(unstored)?;
    let parked = found.iter().map(|row| {
        let mut one = shown(row);
        one["system"] = json!(row.system);
        one["named"] = json!(row.named);
        one["found"] = json!(row.scan_says);
        one["owner"] = json!("system");
        one["action"] = json!(REPLACE);
        one
    });
    Ok(Json(json!({ "parked": parked.collect::<Vec<_>>(), "books": books })).into_response())
}

/// The part that a range begins in.
async fn first(reader: &Arc<Reader>, start: u64) -> Result<Result<(), Unread>, Problem> {
    let reader = Arc::clone(reader);
    aside(move || reader.part(start / PART as u64).map(drop)).await
}

/// Puts a download on record; the name of the file for its dossier.
async fn entered(doors: &Doors, address: &str, peer: &str) -> Result<String, Problem> {
    let doer = Doer {
        who: peer.to_owned(),
        reason: "a file was fetched".to_owned(),
        basis: "its address, which a dossier carries".to_owned(),
    };
    let seen = doors.upkeep.look(&doer, Wanted::File(address.to_owned())).await;
    let seen = seen
        .map_err(unstored)?
        .ok_or_else(|| Problem::new(Kind::FileGone))?;
    let name = seen.part("name").unwrap_or_default();
    Ok(String::from_utf8_lossy(name).into_owned())
}

fn answer(file: &Addressed, (tag, name): (&str, &str), asked: &Asked, body: Body) -> Response {
    let headers: [(HeaderName, String); 8] = [
        (CONTENT_TYPE, file.media.clone()),
        (CONTENT_LENGTH, (asked.end - asked.start).to_string()),
        (CONTENT_DISPOSITION, disposition(name, &file.media)),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (ETAG, tag.to_owned()),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
        // Should a browser open it after all, it runs nothing.
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
        (CONTENT_RANGE, asked.said(file.size)),
    ];
    let status = if asked.part {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    let mut response = (status, body).into_response();
    let said = headers
        .into_iter()
        .filter(|(name, _)| asked.part || *name != CONTENT_RANGE);
    for (name, value) in said {
        response.headers_mut().insert(name, header(&value));
    }
    response
}

/// The bytes of a range, a part at a time. One that does not open ends the connection: what came before it was whole.
fn bytes(reader: Arc<Reader>, asked: &Asked) -> Body {
    let parts = stream::try_unfold((reader, asked.start, asked.end), |(reader, at, end)| async move {
        if at >= end {
            return Ok(None);
        }
        let (number, part) = (at / PART as u64, Arc::clone(&reader));
        let read = tokio::task::spawn_blocking(move || part.part(number)).await;
        let clear = read.map_err(std::io::Error::other)?.map_err(|why| {
            tracing::error!(error = %why, "a file broke off while it was fetched");
            std::io::Error::other(why)
        })?;
        let skip = (at - number * PART as u64) as usize;
        let take = clear.len().saturating_sub(skip).min((end - at) as usize);
        let some = Bytes::from(clear).slice(skip..skip + take);
        Ok::<_, std::io::Error>(Some((some, (reader, at + take as u64, end))))
    });
    Body::from_stream(parts)
}

fn unread(file: &Addressed, why: &Unread) -> Problem {
    tracing::error!(file.id = %file.id, error = %why, "a file is not as it was kept");
    Problem::new(Kind::FileBroken)
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
