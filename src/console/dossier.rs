//! One dossier: all that happened to it, in its order, and what the state already held of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::form::escaped;
use super::gate::Person;
use super::lang::Lang;
use super::look::{self, Ask, Opened};
use super::page::{self, Page};
use super::{Console, rulings, words};
use crate::model::{Dossier, Finding};
use crate::store::{CallbackRow, DossierRow, FoundRow, InquiryRow, Search, StoreError};

/// The most exchanges and callbacks of one dossier that are shown.
const MOST: usize = 500;

/// The page.
#[derive(Template)]
#[template(path = "dossier.html", config = "src/console/askama.toml")]
struct Shown {
    page: Page,
    row: DossierRow,
    procedure: String,
    procedure_name: String,
    agency: String,
    status: String,
    steps: Vec<Moment>,
    held: Vec<Held>,
    /// The form of a look, for those who may.
    ask: Option<Ask>,
    /// What a look opened.
    looked: Option<Opened>,
}

/// Something that happened.
struct Moment {
    at: i64,
    what: String,
    /// More of it, in the same line.
    note: String,
    /// The class of its mark.
    mark: &'static str,
    link: Option<String>,
}

/// What one rule of reuse came to.
struct Held {
    service: String,
    good: bool,
    says: String,
    basis: String,
}

/// Everything that is known of a dossier.
struct Seen {
    row: DossierRow,
    exchanges: Vec<FoundRow>,
    inquiries: Vec<InquiryRow>,
    callbacks: Vec<CallbackRow>,
    latest: Option<Vec<u8>>,
}

/// Shows a dossier.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(number): Path<String>,
) -> Response {
    answer(&console, &person, &number, None).await
}

/// The page of a dossier, with what a look opened.
pub(super) async fn answer(
    console: &Console,
    person: &Person,
    number: &str,
    looked: Option<Opened>,
) -> Response {
    match seen(console, number).await {
        Ok(Some(seen)) => {
            let shown = Shown {
                looked,
                ..page(console, person, seen)
            };
            page::answer(StatusCode::OK, person.lang, &shown)
        }
        Ok(None) => page::absent(console, person),
        Err(error) => page::unanswered(console, person, &error),
    }
}

fn page(console: &Console, person: &Person, seen: Seen) -> Shown {
    let lang = person.lang;
    let read = seen.latest.as_ref();
    let read = read.and_then(|latest| serde_json::from_slice::<Dossier>(latest).ok());
    let facts = read.as_ref().map(|dossier| &dossier.facts);
    let steps = moments(lang, &seen);
    let title = format!("{} {}", lang.t("Hồ sơ", "Dossier"), seen.row.number);
    Shown {
        page: Page::new(console, person, &title, "search"),
        ask: look::ask(person, &at(&seen.row.number)),
        looked: None,
        procedure: facts
            .map(|facts| facts.procedure.code.clone())
            .unwrap_or_default(),
        procedure_name: facts
            .and_then(|facts| facts.procedure.name.clone())
            .unwrap_or_default(),
        agency: facts
            .map(|facts| [facts.competent.code.clone(), facts.competent.name.clone()])
            .map(|both| both.into_iter().flatten().collect::<Vec<_>>().join(" · "))
            .unwrap_or_default(),
        status: facts
            .map(|facts| words::status(lang, facts.status).to_owned())
            .unwrap_or_default(),
        held: read
            .iter()
            .flat_map(|dossier| &dossier.findings)
            .map(|one| held(lang, one))
            .collect(),
        steps,
        row: seen.row,
    }
}

/// The address of a dossier's page.
pub(super) fn at(number: &str) -> String {
    format!("/console/dossiers/{}", escaped(number))
}

async fn seen(console: &Console, number: &str) -> Result<Option<Seen>, StoreError> {
    let store = console.store();
    let Some(row) = store.dossier(number).await? else {
        return Ok(None);
    };
    let search = Search {
        number: Some(row.number.clone()),
        limit: MOST,
        ..Search::default()
    };
    Ok(Some(Seen {
        exchanges: store.search(search).await?.rows,
        inquiries: store.inquiries(number).await?,
        callbacks: store.callbacks(Some(number), MOST).await?,
        latest: store.filed(number).await?,
        row,
    }))
}

/// All that happened, the newest first.
fn moments(lang: Lang, seen: &Seen) -> Vec<Moment> {
    let mut all: Vec<Moment> = seen.exchanges.iter().map(|one| exchange(lang, one)).collect();
    all.extend(seen.inquiries.iter().map(|one| inquiry(lang, one)));
    all.extend(seen.callbacks.iter().map(|one| callback(lang, one)));
    all.push(Moment {
        at: seen.row.accepted_at,
        what: lang
            .t("Nhận từ hệ thống của tỉnh", "Accepted from the provincial system")
            .to_owned(),
        note: format!(
            "{}, {} {}",
            seen.row.system,
            lang.t("bản thứ", "version"),
            seen.row.versions
        ),
        mark: "moving",
        link: None,
    });
    all.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    all
}

fn exchange(lang: Lang, one: &FoundRow) -> Moment {
    let owner = one.owner.map(|owner| words::owner(lang, Some(owner)));
    let parts = [Some(words::state(lang, one.state)), owner, one.cause.as_deref()];
    Moment {
        at: one.made_at,
        what: format!("{} → {}", words::operation(lang, one.operation), one.partner),
        note: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        mark: one.state.word(),
        link: Some(format!("/console/exchanges/{}", one.exchange)),
    }
}

fn inquiry(lang: Lang, one: &InquiryRow) -> Moment {
    let class = one
        .class
        .as_deref()
        .unwrap_or(lang.t("chưa kết thúc", "not ended"));
    let took = one.delivered.len();
    Moment {
        at: one.at,
        what: format!("{} {}", lang.t("Tra cứu", "Asked"), one.service),
        note: format!(
            "{class} · {took} {} · {} · {} {}",
            lang.t("dữ kiện lấy về", "facts taken"),
            one.basis,
            lang.t("lá", "leaf"),
            one.asked
        ),
        mark: "look",
        link: None,
    }
}

fn callback(lang: Lang, one: &CallbackRow) -> Moment {
    let state = words::callback(lang, &one.state);
    let parts = [Some(state), one.cause.as_deref()];
    Moment {
        at: one.at,
        what: format!(
            "{} {} ({})",
            lang.t("Phía quốc gia báo", "Said by"),
            one.partner,
            one.kind
        ),
        note: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        mark: if one.state == "parked" {
            "parked"
        } else {
            "delivered"
        },
        link: Some(rulings::at_callback(&one.callback.to_string())),
    }
}

fn held(lang: Lang, finding: &Finding) -> Held {
    let good = finding.unused.is_none();
    let says = match finding.unused {
        Some(unused) => format!("{}: {}", unused.word(), unused.action()),
        None => format!(
            "{} {} · {} {} · {} {} · {} {}",
            finding.filled.len(),
            lang.t("điền", "filled"),
            finding.verified.len(),
            lang.t("khớp", "confirmed"),
            finding.differs.len(),
            lang.t("khác", "differ"),
            finding.replaced.len(),
            lang.t("giấy tờ không phải nộp", "papers not asked for"),
        ),
    };
    Held {
        service: finding.service.clone(),
        good,
        says,
        basis: finding.basis.clone(),
    }
}
