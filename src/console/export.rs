//! A search as a file: JSON Lines for programs, CSV with a UTF-8 mark for spreadsheets. Numbers of dossiers and words of ours,
//! nothing that is masked; made page by page, so that no export fills the memory.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::Console;
use super::form::Form;
use super::gate::Person;
use super::search::Asked;
use crate::clock::Timestamp;
use crate::store::{FoundRow, Search};

/// Rows that are read at once.
const ROWS: usize = 1_000;
/// The most rows of one file.
const MOST: usize = 200_000;
const COLUMNS: &str = "exchange,dossier,system,agency,procedure,partner,operation,state,attempts,owner,cause,made_at,changed_at\r\n";

/// How a file is written.
#[derive(Clone, Copy)]
enum Shape {
    Csv,
    Lines,
}

/// Where an export stands.
struct Walk {
    console: Arc<Console>,
    search: Option<Search>,
    left: usize,
    form: Shape,
    head: bool,
}

/// All that a search finds, the newest first.
pub(super) async fn take(
    State(console): State<Arc<Console>>,
    person: Person,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let asked = Asked::of(&form);
    let (form, media, ending) = match form.said("as") {
        Some("jsonl") => (Shape::Lines, "application/jsonl", "jsonl"),
        Some(_) | None => (Shape::Csv, "text/csv; charset=utf-8", "csv"),
    };
    tracing::info!(
        account.name = person.account,
        export.form = ending,
        "a person takes an export"
    );
    let walk = Walk {
        search: Some(asked.search(ROWS)),
        console,
        left: MOST,
        form,
        head: true,
    };
    let headers = [
        (CONTENT_TYPE, media.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"exchanges.{ending}\""),
        ),
    ];
    let pages = stream::unfold(walk, |mut walk| async move {
        let page = walk.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(page)), walk))
    });
    (headers, Body::from_stream(pages)).into_response()
}

impl Walk {
    /// The next part of the file. What the store does not answer ends it with a line that says so: half a file must not pass
    /// for a whole one.
    async fn next(&mut self) -> Option<String> {
        let search = self.search.take()?;
        let mut text = String::new();
        if std::mem::take(&mut self.head)
            && let Shape::Csv = self.form
        {
            text.push('\u{feff}');
            text.push_str(COLUMNS);
        }
        match self.console.store().search(search.clone()).await {
            Ok(page) => {
                page.rows
                    .iter()
                    .take(self.left)
                    .for_each(|row| self.form.write(row, &mut text));
                self.left = self.left.saturating_sub(page.rows.len());
                let more = page.next.filter(|_| self.left > 0);
                if self.left == 0 && page.next.is_some() {
                    text.push_str(self.form.cut());
                }
                self.search = more.map(|after| Search {
                    after: Some(after),
                    ..search
                });
            }
            Err(error) => {
                tracing::error!(error = %error, "an export was broken off");
                text.push_str(self.form.cut());
            }
        }
        Some(text)
    }
}

impl Shape {
    fn write(self, row: &FoundRow, into: &mut String) {
        match self {
            Self::Lines => {
                into.push_str(&serde_json::to_string(row).unwrap_or_default());
                into.push('\n');
            }
            Self::Csv => {
                let cells = [
                    row.exchange.to_string(),
                    row.dossier.clone(),
                    row.system.clone(),
                    row.agency.clone().unwrap_or_default(),
                    row.procedure.clone(),
                    row.partner.clone(),
                    row.operation.word().to_owned(),
                    row.state.word().to_owned(),
                    row.attempts.to_string(),
                    row.owner.map(|owner| owner.word().to_owned()).unwrap_or_default(),
                    row.cause.clone().unwrap_or_default(),
                    Timestamp::from_millis(row.made_at).local(),
                    Timestamp::from_millis(row.changed_at).local(),
                ];
                into.push_str(&cells.map(|cell| escaped(&cell)).join(","));
                into.push_str("\r\n");
            }
        }
    }

    /// The last line of a file that is not whole.
    fn cut(self) -> &'static str {
        match self {
            Self::Lines => "{\"incomplete\":true}\n",
            Self::Csv => "incomplete\r\n",
        }
    }
}

/// RFC 4180; and a cell that a spreadsheet would take for a formula is text.
fn escaped(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_breaks_out_or_becomes_a_formula() {
        assert_eq!(escaped("H99-1"), "H99-1");
        assert_eq!(escaped("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
        assert_eq!(escaped("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(escaped("-1,2"), "\"'-1,2\"");
    }
}
