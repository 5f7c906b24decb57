//! From a file of `mappings/procedures/` to a procedure; every mistake in its place.

mod asks;

use super::asked::{Coded, Competent, Due, Length, Paper, Procedure, Registered, Term};
use super::law::{Held, Laws};
use super::page::{Page, Row};
use super::rules;
use crate::model::Diagnostic;
use crate::model::codes::{Channel, FeeKind, SubjectKind};

const PROCEDURE: [&str; 19] = [
    "procedure",
    "version",
    "name",
    "follows",
    "guessed",
    "strict",
    "field",
    "agency",
    "competent",
    "levels",
    "channels",
    "term",
    "basis",
    "facts",
    "papers",
    "fees",
    "results",
    "registers",
    "reuse",
];
const PAPER: [&str; 9] = [
    "code",
    "name",
    "originals",
    "copies",
    "required",
    "shown",
    "replaced_by",
    "channels",
    "owners",
];

/// Reads one file.
pub(super) fn procedure(
    file: &str,
    text: &str,
    (laws, held): (&Laws, Held),
    mistakes: &mut Vec<Diagnostic>,
) -> Option<Procedure> {
    let (read, found) = Page::new(file, text).read(|page, top| whole(page, top, laws, held));
    mistakes.extend(found);
    read.flatten()
}

fn whole(page: &mut Page<'_>, top: &Row<'_, '_>, laws: &Laws, held: Held) -> Option<Procedure> {
    page.known(top, "a procedure", &PROCEDURE);
    let code = code(page, top);
    let said = ["name", "follows", "agency"].map(|key| page.text(top, key));
    let (field, competent) = (coded(page, top, "field"), competent(page, top));
    let channels = channels(page, top);
    if channels.is_empty() {
        page.wrong(&top.place, "say `channels` here: how it may be filed");
    }
    let guessed = page.maybe_text(top, "guessed").map(|said| said.text);
    let mut procedure = Procedure {
        code: code.clone().unwrap_or_default(),
        version: page.maybe_number(top, "version").unwrap_or(1),
        name: String::new(),
        follows: String::new(),
        guessed,
        strict: page.flag(top, "strict"),
        field: field.clone().unwrap_or_else(|| Coded::of("", "")),
        agency: String::new(),
        competent: competent.clone().unwrap_or_else(|| Competent {
            level: 0,
            name: String::new(),
        }),
        levels: levels(page, top),
        channels,
        term: term(page, top),
        basis: page
            .texts(top, "basis")
            .into_iter()
            .map(|said| said.text)
            .collect(),
        asks: asks::read(page, top),
        papers: papers(page, top),
        fees: fees(page, top),
        results: results(page, top),
        registers: registers(page, top),
        rules: Vec::new(),
    };
    procedure.rules = rules::read(page, top, &procedure, (laws, held));
    let [Some(name), Some(follows), Some(agency)] = said else {
        return None;
    };
    (code.is_some() && field.is_some() && competent.is_some()).then_some(Procedure {
        name: name.text,
        follows: follows.text,
        agency: agency.text,
        ..procedure
    })
}

/// What it is registered as: a wire, and the name of its mapping there.
fn registers(page: &mut Page<'_>, top: &Row<'_, '_>) -> Option<Registered> {
    let said = page.maybe_text(top, "registers")?;
    let read = Registered::read(&said.text);
    if read.is_none() {
        page.wrong(
            &said.place,
            "a register and a kind belong here, such as `civil-status/birth`",
        );
    }
    read
}

/// The national code, which is the file's name too.
fn code(page: &mut Page<'_>, top: &Row<'_, '_>) -> Option<String> {
    let said = page.text(top, "procedure")?;
    let code = said.text.as_bytes();
    let national = matches!(code, [first, b'.', rest @ ..] if first.is_ascii_digit()
        && rest.len() == 6 && rest.iter().all(u8::is_ascii_digit));
    if !national {
        page.wrong(&said.place, "a national procedure code is \"d.dddddd\"");
        return None;
    }
    let stem = page
        .file()
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".toml"));
    if stem.is_some_and(|stem| stem != said.text) {
        let what = format!("the file of this procedure is called `{}.toml`", said.text);
        page.wrong(&said.place, what);
    }
    Some(said.text)
}

fn coded(page: &mut Page<'_>, top: &Row<'_, '_>, key: &str) -> Option<Coded> {
    let Some(row) = page.table(top, key) else {
        page.wrong(&top.place, format!("say `{key}` here, with `code` and `name`"));
        return None;
    };
    page.known(&row, key, &["code", "name"]);
    coded_row(page, &row)
}

fn coded_row(page: &mut Page<'_>, row: &Row<'_, '_>) -> Option<Coded> {
    let (code, name) = (page.text(row, "code"), page.text(row, "name"));
    Some(Coded {
        code: code?.text,
        name: name?.text,
    })
}

fn competent(page: &mut Page<'_>, top: &Row<'_, '_>) -> Option<Competent> {
    let Some(row) = page.table(top, "competent") else {
        page.wrong(&top.place, "say `competent` here, with `level` and `name`");
        return None;
    };
    page.known(&row, "competent", &["level", "name"]);
    let level = page.numbers(&row, "level").into_iter().next();
    let name = page.text(&row, "name")?.text;
    match level {
        Some((level @ (0 | 1 | 3), _)) => Some(Competent { level, name }),
        Some((2, place)) => {
            page.wrong(
                &place,
                "there is no district since 1 July 2025: 1 is a province, 3 a commune",
            );
            None
        }
        Some((_, place)) => {
            page.wrong(&place, "a level is 0 ministry, 1 province, 3 commune");
            None
        }
        None => {
            page.wrong(&row.place, "say `level` here: 0 ministry, 1 province, 3 commune");
            None
        }
    }
}

fn levels(page: &mut Page<'_>, top: &Row<'_, '_>) -> Vec<u32> {
    let levels = page.numbers(top, "levels");
    for (_, place) in levels.iter().filter(|(level, _)| *level > 3) {
        page.wrong(place, "a level is 0 ministry, 1 province, 2 district, 3 commune");
    }
    levels.into_iter().map(|(level, _)| level).collect()
}

fn channels(page: &mut Page<'_>, row: &Row<'_, '_>) -> Vec<Channel> {
    let words = page.words(row, "channels", Channel::WORDS);
    words
        .iter()
        .filter_map(|said| Channel::from_word(&said.text))
        .collect()
}

/// The owners that a row is about.
pub(super) fn owners(page: &mut Page<'_>, row: &Row<'_, '_>) -> Vec<SubjectKind> {
    let words = page.words(row, "owners", SubjectKind::WORDS);
    words
        .iter()
        .filter_map(|said| SubjectKind::from_word(&said.text))
        .collect()
}

fn term(page: &mut Page<'_>, top: &Row<'_, '_>) -> Option<Term> {
    let row = page.table(top, "term")?;
    page.known(&row, "a term", &["days", "hours", "cutoff"]);
    let cutoff = page.maybe_text(&row, "cutoff");
    if let Some(said) = &cutoff
        && !is_time(&said.text)
    {
        page.wrong(&said.place, "a time of day is \"15:00\"");
    }
    let (days, hours) = (page.maybe_number(&row, "days"), page.maybe_number(&row, "hours"));
    let length = match (days, hours) {
        (Some(days), None) => Length::Days(days),
        (None, Some(hours)) => Length::Hours(hours),
        (Some(_), Some(_)) | (None, None) => {
            page.wrong(&row.place, "a term has either `days` or `hours`");
            return None;
        }
    };
    Some(Term {
        length,
        cutoff: cutoff.map(|said| said.text),
    })
}

fn is_time(text: &str) -> bool {
    let part = |part: &str, below: u8| part.len() == 2 && part.parse::<u8>().is_ok_and(|n| n < below);
    text.split_once(':')
        .is_some_and(|(hour, minute)| part(hour, 24) && part(minute, 60))
}

fn papers(page: &mut Page<'_>, top: &Row<'_, '_>) -> Vec<Paper> {
    let mut papers: Vec<Paper> = Vec::new();
    for row in page.rows(top, "papers") {
        page.known(&row, "a paper", &PAPER);
        let Some(Coded { code, name }) = coded_row(page, &row) else {
            continue;
        };
        if papers.iter().any(|known| known.code == code) {
            page.wrong(&row.place, format!("the paper `{code}` is here already"));
        }
        papers.push(Paper {
            code,
            name,
            originals: page.maybe_number(&row, "originals").unwrap_or(0),
            copies: page.maybe_number(&row, "copies").unwrap_or(0),
            required: page.flag(&row, "required"),
            shown: page.flag(&row, "shown"),
            replaced_by: page.maybe_text(&row, "replaced_by").map(|said| said.text),
            channels: channels(page, &row),
            owners: owners(page, &row),
        });
    }
    papers
}

fn fees(page: &mut Page<'_>, top: &Row<'_, '_>) -> Vec<Due> {
    let mut fees = Vec::new();
    for row in page.rows(top, "fees") {
        page.known(&row, "a fee", &["kind", "name", "amount", "channels"]);
        let kind = page.words(&row, "kind", FeeKind::WORDS);
        let kind = kind.first().and_then(|said| FeeKind::from_word(&said.text));
        if kind.is_none() && !row.has("kind") {
            page.wrong(&row.place, "say `kind` here: charge (phí) or fee (lệ phí)");
        }
        if let (Some(kind), Some(name)) = (kind, page.text(&row, "name")) {
            fees.push(Due {
                kind,
                name: name.text,
                amount: page.maybe_number(&row, "amount"),
                channels: channels(page, &row),
            });
        }
    }
    fees
}

fn results(page: &mut Page<'_>, top: &Row<'_, '_>) -> Vec<Coded> {
    let mut results = Vec::new();
    for row in page.rows(top, "results") {
        page.known(&row, "a result", &["code", "name"]);
        results.extend(coded_row(page, &row));
    }
    results
}

impl Coded {
    fn of(code: &str, name: &str) -> Self {
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
        }
    }
}
