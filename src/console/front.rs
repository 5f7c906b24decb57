//! The front page: how the node is, and what waits for a person.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::books::{self, Stated};
use super::chart::{self, Bar};
use super::gate::Person;
use super::lang::Lang;
use super::page::{self, Page};
use super::{Console, when, words};
use crate::partner::{Gate, Partner};
use crate::store::{Books, CallbackBooks, QueueRow, SignedCheckpoint, Standing, StoreError};

/// Queues that the front page names.
const FEW: usize = 5;

/// The page.
#[derive(Template)]
#[template(path = "front.html", config = "src/console/askama.toml")]
struct Front {
    page: Page,
    books: Books,
    callbacks: CallbackBooks,
    /// Exchanges that still move.
    moving: u64,
    /// What waits for a person: parked exchanges and callbacks.
    parked: u64,
    bar: Bar,
    oldest: Option<i64>,
    queues: Vec<Queue>,
    partners: Vec<Gated>,
    checkpoint: Option<Signed>,
    sound: bool,
    /// The newest statement of each partner.
    stated: Vec<Stated>,
}

impl Front {
    /// The partners of which the books do not agree.
    fn broken(&self) -> Vec<&str> {
        let broken = self.stated.iter().filter(|one| !one.agrees);
        broken.map(|one| one.partner.as_str()).collect()
    }

    /// When the books were stated last.
    fn stated_at(&self) -> Option<i64> {
        self.stated.iter().map(|one| one.at).max()
    }
}

/// What waits for the same owner and the same action.
pub(super) struct Queue {
    pub(super) owner: &'static str,
    pub(super) action: String,
    pub(super) partner: String,
    pub(super) state: &'static str,
    /// The state's own word, for a search.
    pub(super) word: &'static str,
    pub(super) count: u64,
    pub(super) since: i64,
    pub(super) first: String,
    pub(super) cause: Option<String>,
}

/// A partner and what may be sent to it.
pub(super) struct Gated {
    pub(super) name: String,
    pub(super) gate: &'static str,
    /// The class of its mark.
    pub(super) mark: &'static str,
    /// How long nothing is sent.
    pub(super) wait: Option<String>,
    pub(super) asked: bool,
    /// How fast it may be sent to.
    pub(super) pace: String,
}

/// The newest checkpoint.
struct Signed {
    size: u64,
    at: i64,
    root: String,
}

/// Everything the page shows.
struct Seen {
    books: Books,
    callbacks: CallbackBooks,
    standing: Standing,
    checkpoint: Option<SignedCheckpoint>,
    stated: Vec<Stated>,
}

/// Shows the front page.
pub(super) async fn show(State(console): State<Arc<Console>>, person: Person) -> Response {
    let seen = match seen(&console).await {
        Ok(seen) => seen,
        Err(error) => return page::unanswered(&console, &person, &error),
    };
    let lang = person.lang;
    let Seen {
        books,
        callbacks,
        standing,
        checkpoint,
        stated,
    } = seen;
    let moving = books.waiting + books.unprepared;
    let front = Front {
        page: Page::new(&console, &person, lang.t("Tổng quan", "Overview"), "front"),
        bar: chart::states(&books),
        moving,
        parked: books.parked + callbacks.parked,
        books,
        callbacks,
        oldest: standing.oldest,
        queues: standing
            .queues
            .into_iter()
            .take(FEW)
            .map(|row| queue(lang, row))
            .collect(),
        partners: partners(&console, lang),
        checkpoint: checkpoint.map(|signed| Signed {
            size: signed.size,
            at: signed.at,
            root: data_encoding::HEXLOWER.encode(&signed.root),
        }),
        sound: console.parts.upkeep.is_sound(),
        stated,
    };
    page::answer(StatusCode::OK, lang, &front)
}

async fn seen(console: &Console) -> Result<Seen, StoreError> {
    let store = console.store();
    Ok(Seen {
        books: store.books().await?,
        callbacks: store.callback_books().await?,
        standing: store.standing().await?,
        checkpoint: store.checkpoint().await?,
        stated: books::newest(console).await?,
    })
}

/// A queue in the reader's words.
pub(super) fn queue(lang: Lang, row: QueueRow) -> Queue {
    Queue {
        owner: words::owner(lang, row.owner),
        action: words::action(lang, row.action.as_deref()),
        partner: row.partner,
        state: words::state(lang, row.state),
        word: row.state.word(),
        count: row.count,
        since: row.since,
        first: row.first.to_string(),
        cause: row.cause,
    }
}

/// Every partner, by name: those we owe first.
pub(super) fn partners(console: &Console, lang: Lang) -> Vec<Gated> {
    let outbound = &console.parts.outbound;
    let now = console.now();
    let owed = outbound
        .partners()
        .map(|partner| gated(lang, partner, false, now));
    let asked = outbound.sources().map(|partner| gated(lang, partner, true, now));
    let mut all: Vec<Gated> = owed.chain(asked).collect();
    all.sort_by(|one, other| (one.asked, &one.name).cmp(&(other.asked, &other.name)));
    all
}

fn gated(lang: Lang, partner: &Partner, asked: bool, now: i64) -> Gated {
    let gate = partner.gate();
    let (mark, wait) = match gate {
        Gate::Closed => ("good", None),
        Gate::HalfOpen => ("slow", None),
        Gate::Open(until) => ("bad", Some(when::span(lang, until.saturating_sub(now)))),
    };
    Gated {
        name: partner.name().to_owned(),
        gate: words::gate(lang, gate),
        mark,
        wait,
        asked,
        pace: format!(
            "{} {} · {} {}",
            partner.pace(),
            lang.t("mỗi giây", "a second"),
            partner.concurrency(),
            lang.t("cùng lúc", "at a time")
        ),
    }
}
