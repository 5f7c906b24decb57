//! Who looked at what of a subject, and had what erased: for auditors and for whoever answers for personal data. That this is asked is
//! a look itself.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::gate::{self, Person, Said};
use super::lang::Lang;
use super::look::{self, ACCOUNT, Ask};
use super::page::{self, Page};
use super::{Console, dossier, words};
use crate::upkeep::Told;

const PATH: &str = "/console/deeds";
/// The most deeds that are shown.
const MOST: usize = 1_000;

/// The page.
#[derive(Template)]
#[template(path = "deeds.html", config = "src/console/askama.toml")]
struct Deeds {
    page: Page,
    ask: Ask,
    found: Option<Found>,
}

/// What was found of a subject.
struct Found {
    /// The subject, as the leaves have it.
    subject: String,
    rows: Vec<Row>,
    /// Deeds that are not shown.
    more: u64,
}

/// A deed in the reader's words.
struct Row {
    at: i64,
    leaf: u64,
    what: String,
    dossier: Option<(String, String)>,
    who: String,
    reason: String,
    basis: String,
}

/// The form.
pub(super) async fn form(State(console): State<Arc<Console>>, person: Person) -> Response {
    answer(&console, &person, None)
}

/// What was done with the data of the subject that the form names.
pub(super) async fn show(State(console): State<Arc<Console>>, person: Person, Said(form): Said) -> Response {
    let doer = match look::doer(&console, &person, &form, PATH) {
        Ok(doer) => doer,
        Err(refused) => return *refused,
    };
    let number = form.said("identity").unwrap_or_default();
    let number: String = number.split_whitespace().collect();
    let Some(blind) = console.parts.outbound.blinded(&number) else {
        return answer(&console, &person, None);
    };
    let lang = person.lang;
    match console.parts.upkeep.deeds(&doer, &number).await {
        Ok(told) => {
            let found = Found {
                subject: blind.to_string(),
                more: told.len().saturating_sub(MOST) as u64,
                rows: told.into_iter().take(MOST).map(|one| row(lang, one)).collect(),
            };
            answer(&console, &look::staying(person, PATH.to_owned()), Some(found))
        }
        Err(error) => page::unanswered(&console, &person, &error),
    }
}

fn answer(console: &Console, person: &Person, found: Option<Found>) -> Response {
    let Some(ask) = look::ask(person, PATH) else {
        return gate::not_allowed(console, person);
    };
    let title = person.lang.t("Ai đã xem", "Who looked");
    let deeds = Deeds {
        page: Page::new(console, person, title, "deeds"),
        ask,
        found,
    };
    page::answer(StatusCode::OK, person.lang, &deeds)
}

fn row(lang: Lang, told: Told) -> Row {
    let said = |name: &str| {
        let says = told.says.as_ref().and_then(|says| says[name].as_str());
        says.unwrap_or_default().to_owned()
    };
    let (who, basis) = (said("who"), said("basis"));
    Row {
        at: told.deed.at,
        leaf: told.deed.leaf,
        what: words::deed(lang, &told.deed.what, told.deed.erased),
        dossier: told.deed.dossier.map(|number| (dossier::at(&number), number)),
        who: if told.says.is_none() {
            lang.t("đã hết hạn lưu", "no longer kept").to_owned()
        } else {
            who.strip_prefix(ACCOUNT).unwrap_or(&who).to_owned()
        },
        reason: said("reason"),
        basis: look::basis(lang, &basis),
    }
}
