//! Asked once only: what the state was asked by procedure, and what need not be asked of a citizen any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use wire::Class;

use super::Console;
use super::gate::Person;
use super::page::{self, Page};
use crate::store::LookupsRow;

/// The page.
#[derive(Template)]
#[template(path = "once.html", config = "src/console/askama.toml")]
struct Once {
    page: Page,
    rows: Vec<Score>,
    facts: u64,
    papers: u64,
    dossiers: u64,
}

/// The score of one procedure.
#[derive(Default)]
struct Score {
    procedure: String,
    name: String,
    lookups: u64,
    matched: u64,
    facts: u64,
    papers: u64,
    /// The share of its look-ups that were answered with what the state holds, in hundredths.
    share: u64,
    /// What the others came to.
    others: String,
}

/// Shows the scores, the worst first: one that is never served stands out.
pub(super) async fn show(State(console): State<Arc<Console>>, person: Person) -> Response {
    let store = console.store();
    let (rows, books) = match (store.lookups().await, store.books().await) {
        (Ok(rows), Ok(books)) => (rows, books),
        (Err(error), _) | (_, Err(error)) => return page::unanswered(&console, &person, &error),
    };
    let mut scores = scores(&rows);
    for score in &mut scores {
        let listed = console
            .parts
            .outbound
            .translator()
            .catalogue()
            .find(&score.procedure);
        score.name = listed.map(|listed| listed.name).unwrap_or_default();
    }
    let once = Once {
        page: Page::new(&console, &person, person.lang.t("Một lần", "Once only"), "once"),
        facts: scores.iter().map(|score| score.facts).sum(),
        papers: scores.iter().map(|score| score.papers).sum(),
        dossiers: books.dossiers,
        rows: scores,
    };
    page::answer(StatusCode::OK, person.lang, &once)
}

fn scores(rows: &[LookupsRow]) -> Vec<Score> {
    let mut all: BTreeMap<&str, (Score, BTreeMap<&str, u64>)> = BTreeMap::new();
    for row in rows {
        let (score, others) = all.entry(&row.procedure).or_default();
        score.procedure.clone_from(&row.procedure);
        score.lookups += row.lookups;
        score.facts += row.facts;
        score.papers += row.papers;
        match row.class.as_deref() {
            Some(class) if class == Class::Match.word() => score.matched += row.lookups,
            class => *others.entry(class.unwrap_or("unended")).or_default() += row.lookups,
        }
    }
    let mut scores: Vec<Score> = all
        .into_values()
        .map(|(score, others)| whole(score, &others))
        .collect();
    scores.sort_by_key(|score| score.share);
    scores
}

fn whole(score: Score, others: &BTreeMap<&str, u64>) -> Score {
    let others: Vec<String> = others
        .iter()
        .map(|(class, count)| format!("{count} × {class}"))
        .collect();
    Score {
        share: score.matched * 100 / score.lookups.max(1),
        others: others.join(", "),
        ..score
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_the_share_that_was_answered_and_the_worst_stands_first() {
        let row = |procedure: &str, class: &str, lookups, facts| LookupsRow {
            procedure: procedure.to_owned(),
            service: "population/citizen".to_owned(),
            class: Some(class.to_owned()),
            lookups,
            facts,
            papers: 1,
        };
        let good = Class::Match.word();
        let rows = [
            row("1", good, 3, 7),
            row("1", "late", 1, 0),
            row("2", "late", 2, 0),
        ];
        let told: Vec<(String, u64, u64, String)> = scores(&rows)
            .into_iter()
            .map(|score| (score.procedure, score.share, score.facts, score.others))
            .collect();
        assert_eq!(
            told,
            [
                ("2".to_owned(), 0, 0, "2 × late".to_owned()),
                ("1".to_owned(), 75, 7, "1 × late".to_owned())
            ]
        );
    }
}
