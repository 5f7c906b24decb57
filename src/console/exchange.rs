//! One exchange: what came in and what went out, value by value, masked where it may be about a person; its attempts; its proof;
//! and the operator's hand.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::form::escaped;
use super::gate::Person;
use super::look::{self, Ask, Paper};
use super::page::{self, Page};
use super::sheet::{self, Attempt, Filed, Out, Sight, Touch};
use super::{Console, words};
use crate::accounts::Role;
use crate::model::{ExchangeId, Operation, State as Standing};
use crate::store::{self, AttemptRow, ExchangeRow, HandRow, Rendered, Sides, SignedCheckpoint, StoreError};

/// The roles that may lay a hand on an exchange.
pub(super) const HANDS: &[Role] = &[Role::Operator];

/// Everything that is known of an exchange.
pub(super) struct Seen {
    pub(super) row: ExchangeRow,
    attempts: Vec<AttemptRow>,
    sides: Option<Sides>,
    hands: Vec<HandRow>,
    leaf: Option<u64>,
    checkpoint: Option<SignedCheckpoint>,
}

impl Seen {
    /// The message, with what it was made for.
    pub(super) fn message(&self) -> Option<(&Sides, &Rendered)> {
        let sides = self.sides.as_ref()?;
        Some((sides, sides.message.as_ref()?))
    }
}

/// The page.
#[derive(Template)]
#[template(path = "exchange.html", config = "src/console/askama.toml")]
struct Exchange {
    page: Page,
    id: String,
    row: ExchangeRow,
    path: String,
    operation: &'static str,
    state: &'static str,
    owner: Option<&'static str>,
    action: Option<String>,
    out: Out,
    filed: Option<Filed>,
    is_answered: bool,
    attempts: Vec<Attempt>,
    hands: Vec<Touch>,
    leaf: Option<u64>,
    /// Whether a checkpoint that was given out reaches its leaf.
    proved: Option<u64>,
    may_hand: bool,
    repeatable: bool,
    done: bool,
    /// The form of a look, for those who may.
    ask: Option<Ask>,
    /// The leaf of the look that opened this page, and the answers it opened.
    looked: Option<(u64, Vec<Paper>)>,
}

/// Shows an exchange, masked.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    match seen(&console, &id).await {
        Ok(Some(seen)) => {
            let done = query.as_deref() == Some("done");
            let page = page(&console, &person, seen, Sight::Masked);
            page::answer(StatusCode::OK, person.lang, &Exchange { done, ..page })
        }
        Ok(None) => page::absent(&console, &person),
        Err(error) => page::unanswered(&console, &person, &error),
    }
}

/// The proof of its newest leaf, as a file.
pub(super) async fn proof(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse::<ExchangeId>() else {
        return page::absent(&console, &person);
    };
    match crate::upkeep::prove(console.store(), id).await {
        Ok(Some(proof)) => {
            let name = format!("attachment; filename=\"{id}.tlog-proof\"");
            let headers = [
                (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
                (CONTENT_DISPOSITION, name),
            ];
            (headers, proof).into_response()
        }
        Ok(None) => page::absent(&console, &person),
        Err(error) => page::unanswered(&console, &person, &error),
    }
}

pub(super) async fn seen(console: &Console, id: &str) -> Result<Option<Seen>, StoreError> {
    let Ok(id) = id.parse::<ExchangeId>() else {
        return Ok(None);
    };
    let store = console.store();
    let Some(row) = store.exchange(id).await? else {
        return Ok(None);
    };
    Ok(Some(Seen {
        attempts: store.attempts(id).await?,
        sides: store.sides(id).await?,
        hands: store.hands(id).await?,
        leaf: store.leaf_of(id).await?,
        checkpoint: store.checkpoint().await?,
        row,
    }))
}

/// The page as a look opened it: what it opened is shown in place of what stood masked.
pub(super) fn opened(console: &Console, person: &Person, mut seen: Seen, look: &store::Seen) -> Response {
    let message = seen.sides.as_mut().and_then(|sides| sides.message.as_mut());
    if let (Some(message), Some(payload)) = (message, look.part("payload")) {
        message.payload = payload.to_vec();
    }
    let page = Exchange {
        looked: Some((look.leaf, look::papers(look, "answer "))),
        ..page(console, person, seen, Sight::Opened)
    };
    page::answer(StatusCode::OK, person.lang, &page)
}

/// The page.
fn page(console: &Console, person: &Person, seen: Seen, sight: Sight) -> Exchange {
    let lang = person.lang;
    let out = sheet::out(console, lang, &seen, sight);
    let Seen { row, leaf, .. } = seen;
    let sides = seen.sides.as_ref();
    let title = format!("{} {}", lang.t("Trao đổi", "Exchange"), row.dossier);
    let stands = matches!(row.state, Standing::Parked | Standing::Later);
    let reached = seen.checkpoint.map(|signed| signed.size);
    let action = row.action.as_deref();
    Exchange {
        page: Page::new(console, person, &title, "search"),
        id: row.exchange.to_string(),
        path: escaped(&row.dossier),
        operation: words::operation(lang, row.operation),
        state: words::state(lang, row.state),
        owner: row.owner.map(|owner| words::owner(lang, Some(owner))),
        action: action.map(|action| words::action(lang, Some(action))),
        out,
        filed: sides.map(sheet::filed),
        is_answered: sides.is_some_and(|sides| sides.is_answered),
        attempts: seen
            .attempts
            .into_iter()
            .map(|one| sheet::attempt(lang, one))
            .collect(),
        hands: seen
            .hands
            .into_iter()
            .map(|one| sheet::touch(console, lang, one))
            .collect(),
        proved: reached.filter(|size| leaf.is_some_and(|leaf| leaf < *size)),
        leaf,
        may_hand: person.is(HANDS) && stands,
        repeatable: row.operation != Operation::Progress || row.state == Standing::Later,
        done: false,
        ask: look::ask(person, &format!("/console/exchanges/{}", row.exchange)),
        looked: None,
        row,
    }
}
