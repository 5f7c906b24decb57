//! Searching: what an auditor looks for, page by page. A person's number never stands in an address: it is blinded first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::form::{Form, escaped};
use super::gate::{Person, Said};
use super::lang::Lang;
use super::page::{self, Page};
use super::{Console, words};
use crate::clock::Timestamp;
use crate::evidence::blind::Blind;
use crate::model::{ExchangeId, State as Standing};
use crate::store::{Cursor, FoundRow, Search};

/// Rows of a page.
const ROWS: usize = 50;
/// A day, in ms.
const DAY: i64 = 86_400_000;

/// The page.
#[derive(Template)]
#[template(path = "search.html", config = "src/console/askama.toml")]
struct Found {
    page: Page,
    asked: Asked,
    states: Vec<Choice>,
    partners: Vec<Choice>,
    rows: Vec<Row>,
    /// Where to go on, as a query.
    next: Option<String>,
    /// The same search, without a place, as a query.
    query: String,
}

/// A choice of a list.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    pub(super) chosen: bool,
}

/// An exchange in the reader's words.
pub(super) struct Row {
    pub(super) exchange: String,
    pub(super) dossier: String,
    /// The dossier's number as it stands in an address.
    pub(super) path: String,
    pub(super) system: String,
    pub(super) agency: String,
    pub(super) procedure: String,
    pub(super) partner: String,
    pub(super) operation: &'static str,
    pub(super) state: &'static str,
    /// The class of the state's mark.
    pub(super) word: &'static str,
    pub(super) owner: Option<&'static str>,
    pub(super) cause: String,
    pub(super) made_at: i64,
}

/// What a search asks for, as it was said.
#[derive(Clone, Default)]
pub(super) struct Asked {
    number: String,
    subject: String,
    agency: String,
    procedure: String,
    partner: String,
    state: String,
    since: String,
    until: String,
    after: String,
}

impl Asked {
    pub(super) fn of(form: &Form) -> Self {
        let said = |name| form.said(name).unwrap_or_default().to_owned();
        Self {
            number: said("number"),
            subject: said("subject"),
            agency: said("agency"),
            procedure: said("procedure"),
            partner: said("partner"),
            state: said("state"),
            since: said("since"),
            until: said("until"),
            after: said("after"),
        }
    }

    /// Whether it asks for a dossier by its number and for nothing else.
    fn only_number(&self) -> bool {
        let Self {
            number,
            subject,
            agency,
            procedure,
            partner,
            state,
            since,
            until,
            after,
        } = self;
        let others = [subject, agency, procedure, partner, state, since, until, after];
        !number.is_empty() && others.iter().all(|other| other.is_empty())
    }

    /// As a query, without the place where a page ended.
    pub(super) fn query(&self) -> String {
        let pairs = [
            ("number", &self.number),
            ("subject", &self.subject),
            ("agency", &self.agency),
            ("procedure", &self.procedure),
            ("partner", &self.partner),
            ("state", &self.state),
            ("since", &self.since),
            ("until", &self.until),
        ];
        let said = pairs.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = said
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        pairs.join("&")
    }

    /// What the store is asked. What cannot be understood asks for nothing.
    pub(super) fn search(&self, limit: usize) -> Search {
        let text = |value: &String| (!value.is_empty()).then(|| value.clone());
        Search {
            number: text(&self.number),
            subject: Blind::parse(&self.subject),
            agency: text(&self.agency),
            procedure: text(&self.procedure),
            partner: text(&self.partner),
            state: Standing::from_word(&self.state),
            since: day(&self.since),
            until: day(&self.until).map(|at| at + DAY),
            after: place(&self.after),
            limit,
        }
    }
}

/// The beginning of a day in Viet Nam, ms since 1970.
fn day(text: &str) -> Option<i64> {
    let at = format!("{text}T00:00:00+07:00").parse::<Timestamp>();
    at.ok().map(Timestamp::millis)
}

/// A place as it stands in an address: `row.exchange`.
fn place(text: &str) -> Option<Cursor> {
    let (dossier, exchange) = text.split_once('.')?;
    Some(Cursor {
        dossier: dossier.parse().ok()?,
        exchange: exchange.parse().ok(),
    })
}

pub(super) fn written(place: Cursor) -> String {
    let exchange = place.exchange.map(|id| id.to_string()).unwrap_or_default();
    format!("{}.{exchange}", place.dossier)
}

/// Shows what was found. Who asks for a number alone is shown what has it.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    person: Person,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = Asked::of(&Form::read(query.unwrap_or_default().as_bytes()));
    if asked.only_number()
        && let Some(direct) = direct(&console, &asked.number).await
    {
        return Redirect::to(&direct).into_response();
    }
    let found = match console.store().search(asked.search(ROWS)).await {
        Ok(found) => found,
        Err(error) => return page::unanswered(&console, &person, &error),
    };
    let lang = person.lang;
    let query = asked.query();
    let next = found.next.map(|place| {
        let and = if query.is_empty() { "" } else { "&" };
        format!("{query}{and}after={}", written(place))
    });
    let page = Found {
        page: Page::new(&console, &person, lang.t("Tra cứu", "Search"), "search"),
        states: states(lang, &asked.state),
        partners: partners(&console, &asked.partner),
        rows: found.rows.into_iter().map(|one| row(lang, one)).collect(),
        asked,
        next,
        query,
    };
    page::answer(StatusCode::OK, lang, &page)
}

/// The page of a dossier or an exchange that has this number.
async fn direct(console: &Console, number: &str) -> Option<String> {
    if let Ok(id) = number.parse::<ExchangeId>() {
        return Some(format!("/console/exchanges/{id}"));
    }
    let dossier = console.store().dossier(number).await.ok().flatten()?;
    Some(format!("/console/dossiers/{}", escaped(&dossier.number)))
}

/// Blinds the number of a person, and looks for what the log has under it.
pub(super) async fn blind(
    State(console): State<Arc<Console>>,
    _person: Person,
    Said(form): Said,
) -> Response {
    let number: String = form
        .said("identity")
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let blind = Some(number).filter(|number| !number.is_empty());
    let blind = blind.and_then(|number| console.parts.outbound.blinded(&number));
    match blind {
        Some(blind) => Redirect::to(&format!("/console/search?subject={blind}")).into_response(),
        None => Redirect::to("/console/search").into_response(),
    }
}

fn states(lang: Lang, chosen: &str) -> Vec<Choice> {
    let choice = |state: &Standing| Choice {
        value: state.word().to_owned(),
        text: words::state(lang, *state).to_owned(),
        chosen: state.word() == chosen,
    };
    Standing::ALL.iter().map(choice).collect()
}

fn partners(console: &Console, chosen: &str) -> Vec<Choice> {
    let mut names: Vec<String> = console
        .parts
        .outbound
        .partners()
        .map(|partner| partner.name().to_owned())
        .collect();
    names.sort();
    let choice = |name: String| Choice {
        chosen: name == chosen,
        text: name.clone(),
        value: name,
    };
    names.into_iter().map(choice).collect()
}

pub(super) fn row(lang: Lang, found: FoundRow) -> Row {
    Row {
        exchange: found.exchange.to_string(),
        path: escaped(&found.dossier),
        dossier: found.dossier,
        system: found.system,
        agency: found.agency.unwrap_or_default(),
        procedure: found.procedure,
        partner: found.partner,
        operation: words::operation(lang, found.operation),
        state: words::state(lang, found.state),
        word: found.state.word(),
        owner: found.owner.map(|owner| words::owner(lang, Some(owner))),
        cause: found.cause.unwrap_or_default(),
        made_at: found.made_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_said_in_an_address_and_read_back() {
        let form = Form::read(
            "agency=H99.14&state=parked&since=2026-01-15&until=2026-01-15&number=+&after=7.".as_bytes(),
        );
        let asked = Asked::of(&form);
        assert_eq!(
            asked.query(),
            "agency=H99.14&state=parked&since=2026-01-15&until=2026-01-15"
        );
        let search = asked.search(10);
        assert_eq!(
            search.until.unwrap() - search.since.unwrap(),
            DAY,
            "the last day counts"
        );
        assert_eq!(search.since, Some(1_768_410_000_000));
        assert_eq!((search.state, search.number), (Some(Standing::Parked), None));
        let id: ExchangeId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        for cursor in [
            Cursor {
                dossier: 7,
                exchange: None,
            },
            Cursor {
                dossier: 0,
                exchange: Some(id),
            },
        ] {
            assert_eq!(place(&written(cursor)), Some(cursor));
        }
        assert_eq!(
            search.after,
            Some(Cursor {
                dossier: 7,
                exchange: None
            })
        );
    }
}
