//! What waits for whom, and what comes to its end: for operators.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::front::{self, Gated, Queue};
use super::gate::Person;
use super::lang::Lang;
use super::page::{self, Page};
use super::search::{self, Row};
use super::{Console, rulings, words};
use crate::keys::ends;
use crate::model::{State as Standing, Time};
use crate::store::{CallbackRow, Page as Found, PaymentRow, Search, Standing as Stands, StoreError};

/// Rows of each list.
const ROWS: usize = 25;

/// The page.
#[derive(Template)]
#[template(path = "queues.html", config = "src/console/askama.toml")]
struct Queues {
    page: Page,
    queues: Vec<Queue>,
    /// Whether more stands than was counted.
    more: bool,
    oldest: Option<i64>,
    parked: Vec<Row>,
    callbacks: Vec<Called>,
    payments: Vec<Owed>,
    partners: Vec<Gated>,
    ends: Vec<String>,
}

/// A payment that waits, in the reader's words.
struct Owed {
    path: String,
    reference: String,
    dossier: String,
    amount: u64,
    owner: &'static str,
    action: String,
    at: i64,
}

/// A callback that waits, in the reader's words.
struct Called {
    path: String,
    partner: String,
    kind: String,
    dossier: String,
    owner: &'static str,
    action: String,
    cause: String,
    at: i64,
}

/// Shows what waits.
pub(super) async fn show(State(console): State<Arc<Console>>, person: Person) -> Response {
    let (standing, found, callbacks, payments) = match seen(&console).await {
        Ok(seen) => seen,
        Err(error) => return page::unanswered(&console, &person, &error),
    };
    let lang = person.lang;
    let now = Time::at(console.now().div_euclid(1_000));
    let ends = console.parts.certificates.now();
    let queues = Queues {
        page: Page::new(&console, &person, lang.t("Việc chờ", "Queues"), "queues"),
        queues: standing
            .queues
            .into_iter()
            .map(|row| front::queue(lang, row))
            .collect(),
        more: standing.more,
        oldest: standing.oldest,
        parked: found.rows.into_iter().map(|row| search::row(lang, row)).collect(),
        callbacks: callbacks
            .into_iter()
            .map(|row| Called {
                path: rulings::at_callback(&row.callback.to_string()),
                partner: row.partner,
                kind: row.kind,
                dossier: row.dossier.unwrap_or_default(),
                owner: words::owner(lang, row.owner),
                action: words::action(lang, row.action.as_deref()),
                cause: row.cause.unwrap_or_default(),
                at: row.at,
            })
            .collect(),
        payments: payments.into_iter().map(|row| owed(lang, row)).collect(),
        partners: front::partners(&console, lang),
        ends: ends::shown(&ends, now).iter().map(ToString::to_string).collect(),
    };
    page::answer(StatusCode::OK, lang, &queues)
}

fn owed(lang: Lang, row: PaymentRow) -> Owed {
    Owed {
        path: rulings::at_payment(&row.reference),
        amount: row.amount.unsigned_abs(),
        owner: words::owner(lang, row.owner),
        action: words::action(lang, row.action.as_deref()),
        at: row.began_at,
        reference: row.reference,
        dossier: row.dossier,
    }
}

/// What stands, what is parked, and the callbacks and payments that wait.
type Waiting = (Stands, Found, Vec<CallbackRow>, Vec<PaymentRow>);

async fn seen(console: &Console) -> Result<Waiting, StoreError> {
    let store = console.store();
    let parked = Search {
        state: Some(Standing::Parked),
        limit: ROWS,
        ..Search::default()
    };
    Ok((
        store.standing().await?,
        store.search(parked).await?,
        store.callbacks(None, ROWS).await?,
        store.payments(None, ROWS).await?,
    ))
}
