//! What people do to an exchange: send it on its way, or say how it ended. With a reason, and in the log.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::Console;
use super::exchange::HANDS;
use super::gate::{self, Person, Said};
use super::page::{self, Notice, Page};
use crate::model::{ExchangeId, Release};
use crate::outbound::Hand;

/// The fewest and the most characters of a reason.
const REASON: (usize, usize) = (10, 1_000);

/// Sends an exchange on its way, or says how it ended.
pub(super) async fn hand(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(id): Path<String>,
    Said(form): Said,
) -> Response {
    if !person.is(HANDS) {
        return gate::not_allowed(&console, &person);
    }
    let Ok(exchange) = id.parse::<ExchangeId>() else {
        return page::absent(&console, &person);
    };
    let release = match form.said("act") {
        Some("retry") => Some(None),
        Some(word) => Release::from_word(word).map(Some),
        None => None,
    };
    let (Some(release), Some(reason)) = (release, reason(form.said("reason"))) else {
        return unsaid(&console, &person, &id);
    };
    let hand = Hand {
        exchange,
        release,
        reason: reason.to_owned(),
        account: Some(person.account.clone()),
    };
    match console.parts.outbound.handle(hand).await {
        Ok(true) => Redirect::to(&format!("/console/exchanges/{exchange}?done")).into_response(),
        Ok(false) => moved(&console, &person, &id),
        Err(error) => page::unanswered(&console, &person, &error),
    }
}

/// A reason that is long enough to be one.
pub(super) fn reason(said: Option<&str>) -> Option<&str> {
    said.filter(|reason| (REASON.0..=REASON.1).contains(&reason.chars().count()))
}

fn unsaid(console: &Console, person: &Person, id: &str) -> Response {
    let lang = person.lang;
    let says = lang.t(
        "Chưa làm gì cả. Hãy chọn việc cần làm và ghi lý do từ 10 ký tự.",
        "Nothing was done. Choose what is to be done, and give a reason of 10 characters or more.",
    );
    notice(console, person, (StatusCode::UNPROCESSABLE_ENTITY, says), id)
}

fn moved(console: &Console, person: &Person, id: &str) -> Response {
    let lang = person.lang;
    let says = lang.t(
        "Trao đổi này không còn ở trạng thái đó: nó đã đi tiếp, hoặc đang chờ một trao đổi trước của cùng hồ sơ.",
        "The exchange is no longer in that state: it has moved on, or stands behind an earlier one of its dossier.",
    );
    notice(console, person, (StatusCode::CONFLICT, says), id)
}

fn notice(console: &Console, person: &Person, (status, says): (StatusCode, &str), id: &str) -> Response {
    // An id that is none leads to the search.
    let known = id
        .parse::<ExchangeId>()
        .map(|id| format!("/console/exchanges/{id}"));
    let back = known.unwrap_or_else(|_| "/console/search".to_owned());
    Notice {
        page: Page::new(
            console,
            person,
            person.lang.t("Chưa thực hiện", "Not done"),
            "search",
        ),
        says,
        back: &back,
    }
    .answer(status)
}
