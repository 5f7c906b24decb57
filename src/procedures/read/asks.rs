//! What a form asks for: facts of the dossier, and fields of its own.

use super::owners;
use crate::model::{Facts, Kind, Path};
use crate::procedures::asked::{Ask, Form};
use crate::procedures::page::{Page, Row, Said};

const ASK: [&str; 10] = [
    "fact", "field", "kind", "title", "english", "required", "max", "form", "words", "owners",
];

/// The kinds of a field that only the form has.
const KINDS: [(&str, Kind); 5] = [
    ("text", Kind::Text),
    ("date", Kind::Date),
    ("time", Kind::Time),
    ("number", Kind::Int),
    ("yes", Kind::Bool),
];

/// The rows of `facts`.
pub(super) fn read(page: &mut Page<'_>, top: &Row<'_, '_>) -> Vec<Ask> {
    let mut asks: Vec<Ask> = Vec::new();
    for row in page.rows(top, "facts") {
        page.known(&row, "a row of `facts`", &ASK);
        if let Some(ask) = ask(page, &row) {
            if asks.iter().any(|known| known.path == ask.path) {
                page.wrong(&row.place, format!("`{}` is asked for already", ask.path));
            }
            asks.push(ask);
        }
    }
    asks
}

fn ask(page: &mut Page<'_>, row: &Row<'_, '_>) -> Option<Ask> {
    let (path, fact, kind) = asked(page, row)?;
    let words = words(page, row, kind);
    let form = form(page, row);
    let english = page.text(row, "english");
    let title = page.text(row, "title")?.text;
    Some(Ask {
        path,
        fact,
        kind,
        title: [title, english?.text],
        required: page.flag(row, "required"),
        max: page.maybe_number(row, "max"),
        form,
        words,
        owners: owners(page, row),
    })
}

/// Which fact or field a row asks for, and its kind.
fn asked(page: &mut Page<'_>, row: &Row<'_, '_>) -> Option<(String, Option<Path>, Kind)> {
    match (page.maybe_text(row, "fact"), page.maybe_text(row, "field")) {
        (Some(said), None) => {
            if row.has("kind") {
                page.wrong(
                    &row.place,
                    "the dossier knows the kind of its fact; leave `kind` out",
                );
            }
            let path = fact(page, &said)?;
            let kind = path.kind();
            Some((said.text, Some(path), kind))
        }
        (None, Some(said)) => Some((name(page, &said)?, None, kind(page, row))),
        (Some(_), Some(_)) | (None, None) => {
            let what = "a row asks for a `fact` of the dossier or for a `field` of the form's own";
            page.wrong(&row.place, what);
            None
        }
    }
}

/// A path to one scalar fact of a dossier.
fn fact(page: &mut Page<'_>, said: &Said) -> Option<Path> {
    let path = match Path::parse(&said.text, Facts::RECORD) {
        Ok(path) => path,
        Err(fault) => {
            // The text stands behind its quote.
            let start = said.place.start + 1;
            page.wrong(&(start + fault.place.start..start + fault.place.end), fault.what);
            return None;
        }
    };
    let scalar = !matches!(path.kind(), Kind::Record(_) | Kind::List(_));
    if !scalar || !path.is_single() {
        page.wrong(
            &said.place,
            "a form asks for one fact, not for a record or a list",
        );
        return None;
    }
    Some(path)
}

/// The name of a field of the form's own: `father.number`. It is none of the dossier's facts.
fn name(page: &mut Page<'_>, said: &Said) -> Option<String> {
    let letters = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if !said.text.split('.').all(letters) {
        page.wrong(&said.place, "a field is named in small letters, \"father.name\"");
        return None;
    }
    let first = said.text.split('.').next().unwrap_or_default();
    if Facts::RECORD.field(first).is_some() {
        page.wrong(
            &said.place,
            format!("`{first}` is a fact of the dossier: write `fact` instead"),
        );
        return None;
    }
    Some(said.text.clone())
}

fn kind(page: &mut Page<'_>, row: &Row<'_, '_>) -> Kind {
    let Some(said) = page.maybe_text(row, "kind") else {
        return Kind::Text;
    };
    match KINDS.iter().find(|(word, _)| *word == said.text) {
        Some((_, kind)) => *kind,
        None => {
            let what = format!("a field is of no kind `{}`", said.text);
            page.unknown(&said, &what, KINDS.iter().map(|(word, _)| *word));
            Kind::Text
        }
    }
}

fn form(page: &mut Page<'_>, row: &Row<'_, '_>) -> Option<Form> {
    let said = page.maybe_text(row, "form")?;
    let known = Form::ALL.iter().find(|(word, _)| *word == said.text);
    if known.is_none() {
        let what = format!("there is no form `{}`", said.text);
        page.unknown(&said, &what, Form::ALL.iter().map(|(word, _)| *word));
    }
    known.map(|(_, form)| *form)
}

fn words(page: &mut Page<'_>, row: &Row<'_, '_>, kind: Kind) -> Vec<(String, String)> {
    let pairs = page.pairs(row, "words");
    if let Kind::Code(set) = kind {
        for (word, _) in pairs
            .iter()
            .filter(|(word, _)| !set.words.contains(&word.text.as_str()))
        {
            let what = format!("{} has no word `{}`", set.name, word.text);
            page.unknown(word, &what, set.words.iter().copied());
        }
    } else if !pairs.is_empty() && !matches!(kind, Kind::Text) {
        page.wrong(&row.place, format!("a {} has no `words`", kind.word()));
    }
    pairs
        .into_iter()
        .map(|(word, text)| (word.text, text.text))
        .collect()
}
