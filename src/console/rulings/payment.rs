//! One payment: where it stands, what was ruled of it, and the operator's hand.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{Ruled, ended, ruled, unsaid};
use crate::console::exchange::HANDS;
use crate::console::form::escaped;
use crate::console::gate::{self, Person, Said};
use crate::console::hand::reason;
use crate::console::page::{self, Page};
use crate::console::{Console, dossier, words};
use crate::payments::{Hand, Says};
use crate::store::{PayState, PaymentRow, RulingRow, StoreError};

/// The page.
#[derive(Template)]
#[template(path = "payment.html", config = "src/console/askama.toml")]
struct Shown {
    page: Page,
    path: String,
    row: PaymentRow,
    /// Whole đồng.
    amount: u64,
    state: &'static str,
    owner: Option<&'static str>,
    action: String,
    dossier: String,
    rulings: Vec<Ruled>,
    may_hand: bool,
    done: bool,
}

/// Shows a payment.
pub(in crate::console) async fn show(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(reference): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    match seen(&console, &reference).await {
        Ok(Some(seen)) => {
            let done = query.as_deref() == Some("done");
            let shown = page(&console, &person, seen, done);
            page::answer(StatusCode::OK, person.lang, &shown)
        }
        Ok(None) => page::absent(&console, &person),
        Err(error) => page::unanswered(&console, &person, &error),
    }
}

/// Has the platform asked again, or lets nobody pay it any more.
pub(in crate::console) async fn hand(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(reference): Path<String>,
    Said(form): Said,
) -> Response {
    if !person.is(HANDS) {
        return gate::not_allowed(&console, &person);
    }
    let Some(payments) = &console.parts.payments else {
        return page::absent(&console, &person);
    };
    let back = at(&reference);
    let says = match form.said("act") {
        Some("ask") => Some(Says::AskAgain),
        Some("drop") => Some(Says::Drop),
        Some(_) | None => None,
    };
    let (Some(says), Some(reason)) = (says, reason(form.said("reason"))) else {
        return unsaid(&console, &person, &back);
    };
    let hand = Hand {
        reference,
        says,
        reason: reason.to_owned(),
        account: Some(person.account.clone()),
    };
    let end = payments.handle(hand).await;
    ended(&console, &person, end, &back)
}

/// The address of a payment's page.
pub(in crate::console) fn at(reference: &str) -> String {
    format!("/console/payments/{}", escaped(reference))
}

async fn seen(
    console: &Console,
    reference: &str,
) -> Result<Option<(PaymentRow, Vec<RulingRow>)>, StoreError> {
    let store = console.store();
    let Some(row) = store.payment(reference).await? else {
        return Ok(None);
    };
    let rulings = store.rulings(row.payment).await?;
    Ok(Some((row, rulings)))
}

fn page(
    console: &Console,
    person: &Person,
    (row, rulings): (PaymentRow, Vec<RulingRow>),
    done: bool,
) -> Shown {
    let lang = person.lang;
    let title = format!("{} {}", lang.t("Khoản thanh toán", "Payment"), row.reference);
    let here = console.parts.payments.is_some();
    Shown {
        page: Page::new(console, person, &title, "queues"),
        path: at(&row.reference),
        amount: row.amount.unsigned_abs(),
        state: words::payment(lang, row.state),
        owner: row.owner.map(|owner| words::owner(lang, Some(owner))),
        action: words::action(lang, row.action.as_deref()),
        dossier: dossier::at(&row.dossier),
        rulings: rulings.iter().map(|one| ruled(console, lang, one)).collect(),
        may_hand: here && person.is(HANDS) && row.state == PayState::Parked,
        done,
        row,
    }
}
