//! One callback: where it stands, what was ruled of it, and the operator's hand. What it says is masked.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{Ruled, ended, ruled, unsaid};
use crate::console::exchange::HANDS;
use crate::console::form::Form;
use crate::console::gate::{self, Person, Said};
use crate::console::hand::reason;
use crate::console::look::{self, Ask, Paper};
use crate::console::page::{self, Page};
use crate::console::{Console, dossier, words};
use crate::inbound::{Hand, Says};
use crate::model::ExchangeId;
use crate::store::{CallbackRow, RulingRow, StoreError, Wanted};

/// The page.
#[derive(Template)]
#[template(path = "callback.html", config = "src/console/askama.toml")]
struct Shown {
    page: Page,
    id: String,
    row: CallbackRow,
    state: &'static str,
    owner: &'static str,
    action: String,
    /// The address of its dossier, where that is here.
    dossier: Option<String>,
    rulings: Vec<Ruled>,
    may_hand: bool,
    /// Whether it may be given to somebody.
    homeless: bool,
    systems: Vec<String>,
    done: bool,
    ask: Option<Ask>,
    looked: Option<(u64, Vec<Paper>)>,
}

/// Shows a callback, masked.
pub(in crate::console) async fn show(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    match seen(&console, &id).await {
        Ok(Some(seen)) => {
            let shown = Shown {
                done: query.as_deref() == Some("done"),
                ..page(&console, &person, seen)
            };
            page::answer(StatusCode::OK, person.lang, &shown)
        }
        Ok(None) => page::absent(&console, &person),
        Err(error) => page::unanswered(&console, &person, &error),
    }
}

/// Opens what a callback says, and what it was answered.
pub(in crate::console) async fn look(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(id): Path<String>,
    Said(form): Said,
) -> Response {
    let back = at(&id);
    let doer = match look::doer(&console, &person, &form, &back) {
        Ok(doer) => doer,
        Err(refused) => return *refused,
    };
    let seen = match seen(&console, &id).await {
        Ok(Some(seen)) => seen,
        Ok(None) => return page::absent(&console, &person),
        Err(error) => return page::unanswered(&console, &person, &error),
    };
    let wanted = Wanted::Callback(seen.0.callback);
    match console.parts.upkeep.look(&doer, wanted).await {
        Ok(Some(look)) => {
            let shown = Shown {
                looked: Some((look.leaf, look::papers(&look, ""))),
                ..page(&console, &look::staying(person.clone(), back), seen)
            };
            page::answer(StatusCode::OK, person.lang, &shown)
        }
        kept => look::nothing(&console, &person, kept, &back),
    }
}

/// Says whose a callback is, or that nothing follows from it.
pub(in crate::console) async fn hand(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(id): Path<String>,
    Said(form): Said,
) -> Response {
    if !person.is(HANDS) {
        return gate::not_allowed(&console, &person);
    }
    let Ok(callback) = id.parse::<ExchangeId>() else {
        return page::absent(&console, &person);
    };
    let back = at(&id);
    let (Some(says), Some(reason)) = (says(&form), reason(form.said("reason"))) else {
        return unsaid(&console, &person, &back);
    };
    let hand = Hand {
        callback,
        says,
        reason: reason.to_owned(),
        account: Some(person.account.clone()),
    };
    let end = console.parts.inbound.handle(hand).await;
    ended(&console, &person, end, &back)
}

fn says(form: &Form) -> Option<Says> {
    match form.said("act")? {
        "dossier" => form
            .said("dossier")
            .map(|number| Says::Dossier(number.to_owned())),
        "system" => form.said("system").map(|name| Says::System(name.to_owned())),
        "aside" => Some(Says::Aside),
        _ => None,
    }
}

/// The address of a callback's page; what is no id has none.
pub(in crate::console) fn at(id: &str) -> String {
    match id.parse::<ExchangeId>() {
        Ok(id) => format!("/console/callbacks/{id}"),
        Err(_) => "/console/queues".to_owned(),
    }
}

async fn seen(console: &Console, id: &str) -> Result<Option<(CallbackRow, Vec<RulingRow>)>, StoreError> {
    let Ok(id) = id.parse::<ExchangeId>() else {
        return Ok(None);
    };
    let store = console.store();
    let Some(row) = store.callback(id).await? else {
        return Ok(None);
    };
    Ok(Some((row, store.rulings(id).await?)))
}

fn page(console: &Console, person: &Person, (row, rulings): (CallbackRow, Vec<RulingRow>)) -> Shown {
    let lang = person.lang;
    let title = format!("{} {}", lang.t("Phản hồi", "Callback"), row.kind);
    let waits = row.state == "parked";
    let homeless = waits && matches!(row.cause.as_deref(), Some("no-dossier" | "no-system"));
    let systems = console.parts.inbound.systems().names();
    Shown {
        page: Page::new(console, person, &title, "queues"),
        id: row.callback.to_string(),
        state: words::callback(lang, &row.state),
        owner: words::owner(lang, row.owner),
        action: words::action(lang, row.action.as_deref()),
        dossier: row.dossier.as_deref().filter(|_| !homeless).map(dossier::at),
        rulings: rulings.iter().map(|one| ruled(console, lang, one)).collect(),
        may_hand: person.is(HANDS) && waits,
        homeless,
        systems: systems.into_iter().map(str::to_owned).collect(),
        done: false,
        ask: look::ask(person, &at(&row.callback.to_string())),
        looked: None,
        row,
    }
}
