//! The books: what the gateway stated of each partner last, and what it stated before. Counts, and nobody's name.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::Console;
use super::gate::Person;
use super::page::{self, Page};
use crate::evidence::statement::{Count, Statement};
use crate::store::{StatementRow, StoreError};

/// Statements of one page.
const ROWS: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "books.html", config = "src/console/askama.toml")]
struct Books {
    page: Page,
    newest: Vec<Stated>,
    history: Vec<Stated>,
    /// Where to go on.
    next: Option<u64>,
}

impl Books {
    fn agree(&self) -> bool {
        self.newest.iter().all(|one| one.agrees)
    }
}

/// A statement as a page shows it.
pub(super) struct Stated {
    pub(super) number: u64,
    pub(super) partner: String,
    pub(super) at: i64,
    pub(super) agrees: bool,
    leaves: u64,
    /// Rows and log; none where the note is not to be read, which no statement of ours is.
    counts: Option<(Count, Count)>,
    found: Vec<String>,
}

/// Where to go on.
#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<u64>,
}

/// Shows what was stated.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    person: Person,
    before: Result<Query<Before>, QueryRejection>,
) -> Response {
    // What is no number is nowhere in particular: the page begins at its beginning.
    let before = before.ok().and_then(|Query(before)| before.before);
    let (newest, history) = match seen(&console, before).await {
        Ok(seen) => seen,
        Err(error) => return page::unanswered(&console, &person, &error),
    };
    let next = history.last().filter(|_| history.len() == ROWS);
    let books = Books {
        page: Page::new(&console, &person, person.lang.t("Sổ sách", "Books"), "books"),
        next: next.map(|last| last.number),
        newest,
        history,
    };
    page::answer(StatusCode::OK, person.lang, &books)
}

async fn seen(console: &Console, before: Option<u64>) -> Result<(Vec<Stated>, Vec<Stated>), StoreError> {
    let history = console.store().statements(before, None, ROWS).await?;
    Ok((newest(console).await?, history.into_iter().map(stated).collect()))
}

/// The newest statement of each partner.
pub(super) async fn newest(console: &Console) -> Result<Vec<Stated>, StoreError> {
    let stated_last = console.store().stated().await?;
    Ok(stated_last.into_iter().map(stated).collect())
}

fn stated(row: StatementRow) -> Stated {
    let read = Statement::unverified(&row.note).ok();
    Stated {
        number: row.number,
        partner: row.partner,
        at: row.at,
        agrees: row.agrees && read.as_ref().is_some_and(Statement::agrees),
        leaves: row.leaves,
        counts: read.as_ref().map(|read| (read.rows, read.folded)),
        found: read.map(|read| read.found).unwrap_or_default(),
    }
}
