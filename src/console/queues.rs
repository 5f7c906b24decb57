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
use crate::store::{
    CallbackRow, FileBooks, FileRow, Page as Found, PaymentRow, Search, Standing as Stands, StoreError,
};

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
    files: Vec<Harmful>,
    /// Files that nobody looked into.
    not_scanned: u64,
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

/// A file in which something was found, in the reader's words.
struct Harmful {
    system: String,
    digest: String,
    media: String,
    named: u64,
    found: String,
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
    let Waiting {
        standing,
        found,
        callbacks,
        payments,
        files,
        books,
    } = match seen(&console).await {
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
        files: files.into_iter().map(harmful).collect(),
        not_scanned: books.not_scanned,
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

fn harmful(row: FileRow) -> Harmful {
    Harmful {
        digest: data_encoding::HEXLOWER.encode(&row.digest),
        system: row.system,
        media: row.media,
        named: row.named,
        found: row.scan_says.unwrap_or_default(),
        at: row.at,
    }
}

/// Everything that waits.
struct Waiting {
    standing: Stands,
    found: Found,
    callbacks: Vec<CallbackRow>,
    payments: Vec<PaymentRow>,
    files: Vec<FileRow>,
    books: FileBooks,
}

async fn seen(console: &Console) -> Result<Waiting, StoreError> {
    let store = console.store();
    let parked = Search {
        state: Some(Standing::Parked),
        limit: ROWS,
        ..Search::default()
    };
    Ok(Waiting {
        standing: store.standing().await?,
        found: store.search(parked).await?,
        callbacks: store.callbacks(None, ROWS).await?,
        payments: store.payments(None, ROWS).await?,
        files: store.found_files(ROWS).await?,
        books: store.file_books().await?,
    })
}
