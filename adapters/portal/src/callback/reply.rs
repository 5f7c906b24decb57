//! What the portal hears (§3.2): the words of the system that it was seen to call.

use serde_json::{Value, json};
use wire::callback::{Callback, End, Reply, Unread};

/// It was done.
const DONE: i64 = 0;
/// It was there before.
const AGAIN: i64 = 1;
/// It was not done.
const FAILED: i64 = -1;

pub(super) fn reply(door: &str, callback: Option<&Callback>, end: End<'_>) -> Reply {
    match end {
        End::Unread(why) => unread(why),
        End::Found(found) => match serde_json::from_slice(found) {
            Ok(found @ Value::Object(_)) if door == "search" => Reply::json(200, &found),
            _ => said(FAILED, &words(callback, end).1),
        },
        End::Busy => Reply {
            status: 503,
            ..said(FAILED, &words(callback, end).1)
        },
        End::Taken
        | End::Kept
        | End::Conflict
        | End::Closed
        | End::UnknownDossier
        | End::UnknownProcedure
        | End::Forged
        | End::Differs => {
            let (code, words) = words(callback, end);
            said(code, &words)
        }
    }
}

fn said(code: i64, message: &str) -> Reply {
    Reply::json(200, &json!({ "error_code": code, "message": message }))
}

/// A malformed body has an answer of its own (§3.1); what is empty is named.
fn unread(why: Unread) -> Reply {
    match why {
        Unread::Missing("data") => said(FAILED, "Data empty"),
        Unread::Missing(name) => said(FAILED, &format!("{name} empty")),
        Unread::Body | Unread::Wrong(_) | Unread::Large => Reply::text(500, "request body incorrect"),
    }
}

fn words(callback: Option<&Callback>, end: End<'_>) -> (i64, String) {
    let number = callback
        .and_then(|callback| callback.number.as_deref())
        .unwrap_or_default();
    let kind = callback.map(|callback| callback.kind).unwrap_or_default();
    let taken = end == End::Taken || end == End::Kept;
    match (kind, end) {
        (_, End::Forged) => (FAILED, "401 Unauthorized - Error Security Code".to_owned()),
        ("search", _) => (FAILED, "masohoso not found".to_owned()),
        ("tax-receipt", _) if taken => (DONE, format!("Gửi dữ liệu thành công : {number}")),
        ("tax-notice", _) if taken => (DONE, "gửi dữ liệu thành công".to_owned()),
        ("amendment", _) if taken && callback.is_some_and(|callback| callback.updating == Some(true)) => {
            (DONE, "update dossier success".to_owned())
        }
        _ if taken => (DONE, format!("{number}| create dossier success")),
        ("amendment", End::Conflict | End::Closed) => (AGAIN, "Duplicate refId".to_owned()),
        (_, End::Conflict | End::Closed) => (AGAIN, format!("{number}| duplicate refId")),
        ("tax-receipt" | "tax-notice", End::UnknownDossier) => {
            (FAILED, format!("{number} không tồn tại trên hệ thống"))
        }
        ("tax-receipt" | "tax-notice", _) => (FAILED, "Lỗi hệ thống".to_owned()),
        (_, End::UnknownProcedure) => {
            let procedure = callback.and_then(|callback| callback.procedure.as_deref());
            let procedure = procedure.unwrap_or_default();
            (
                FAILED,
                format!("{number}| Not found serviceInfo mapping with: {procedure}"),
            )
        }
        _ => (FAILED, format!("{number}| create dossier error")),
    }
}
