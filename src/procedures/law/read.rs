//! From the files of `mappings/reuse/` to the laws; every mistake in its place.

use std::collections::BTreeMap;

use super::super::page::{Page, Row, Said};
use super::{Article, Database, Law, Laws, Reason, Scope};
use crate::model::{Diagnostic, Path, Record};

const LAW: [&str; 14] = [
    "law",
    "version",
    "name",
    "follows",
    "guessed",
    "from",
    "until",
    "grace",
    "everywhere",
    "articles",
    "scope",
    "sets",
    "reasons",
    "databases",
];
const ARTICLE: [&str; 6] = ["article", "database", "services", "replaces", "from", "until"];
const SCOPE: [&str; 5] = ["procedure", "articles", "published", "until", "follows"];
/// What a file adds to the scope of a law that stands in another file.
const ADDED: [&str; 3] = ["scope_of", "follows", "scope"];

/// The parts of what the state holds, until its record is handed in.
const PARTS: [&str; 5] = ["person", "business", "insurance", "papers", "as_of"];

/// What the paths of held facts are checked against: the record, or, without it, the names of its parts.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Held(pub(in super::super) Option<&'static Record>);

impl Held {
    /// Says what is wrong with a path, if anything is; gives back where it leads.
    pub(in super::super) fn check(self, page: &mut Page<'_>, said: &Said) -> Option<Path> {
        let Some(record) = self.0 else {
            let part = said.text.split(['.', '[']).next().unwrap_or_default();
            if !PARTS.contains(&part) {
                let part = Said {
                    text: part.to_owned(),
                    place: said.place.clone(),
                };
                let what = format!("the state holds no `{}`", part.text);
                page.unknown(&part, &what, PARTS);
            }
            return None;
        };
        Path::parse(&said.text, record)
            .map_err(|fault| {
                // The text stands behind its quote.
                let start = said.place.start + 1;
                page.wrong(&(start + fault.place.start..start + fault.place.end), fault.what);
            })
            .ok()
    }
}

/// One round over a file.
type Round = fn(&mut Page<'_>, &Row<'_, '_>, Held, &mut Laws);

/// Reads all files: first what laws stand on, then the laws, then what is added to their scope.
pub(in super::super) fn laws(files: &[(&str, &str)], held: Held, mistakes: &mut Vec<Diagnostic>) -> Laws {
    const ROUNDS: [(bool, Round); 3] = [(false, ground), (false, law), (true, add)];
    let mut laws = Laws::default();
    for (added, round) in ROUNDS {
        for (file, text) in files {
            let (_, found) = Page::new(file, text).read(|page, top| {
                let now = top.has("scope_of") == added;
                now.then(|| round(page, top, held, &mut laws))
            });
            // A file that is no TOML says so in each round.
            let new = found.into_iter().filter(|one| !mistakes.contains(one));
            let new: Vec<_> = new.collect();
            mistakes.extend(new);
        }
    }
    laws
}

/// What any law may speak of.
fn ground(page: &mut Page<'_>, top: &Row<'_, '_>, held: Held, laws: &mut Laws) {
    databases(page, top, laws);
    sets(page, top, held, laws);
    reasons(page, top, laws);
}

fn law(page: &mut Page<'_>, top: &Row<'_, '_>, _: Held, laws: &mut Laws) {
    page.known(top, "a law", &LAW);
    page.text(top, "follows");
    page.maybe_text(top, "guessed");
    page.maybe_number(top, "version");
    let (number, name, from) = (
        page.text(top, "law"),
        page.text(top, "name"),
        page.day(top, "from"),
    );
    let until = page.maybe_day(top, "until");
    let articles = articles(page, top, laws);
    let (Some(number), Some(name), Some(from)) = (number, name, from) else {
        return;
    };
    if until.is_some_and(|until| until <= from) {
        page.wrong(&number.place, "it ends before it begins");
    }
    let law = Law {
        name: name.text,
        from,
        until,
        grace: page.maybe_number(top, "grace").unwrap_or(0),
        everywhere: page.flag(top, "everywhere"),
        scope: scope(page, top, &articles),
        articles,
    };
    if laws.laws.insert(number.text.clone(), law).is_some() {
        page.wrong(&number.place, format!("there is a law `{}` already", number.text));
    }
}

fn articles(page: &mut Page<'_>, top: &Row<'_, '_>, laws: &Laws) -> BTreeMap<String, Article> {
    let mut articles = BTreeMap::new();
    for row in page.rows(top, "articles") {
        page.known(&row, "an article", &ARTICLE);
        let (key, database) = (page.text(&row, "article"), page.text(&row, "database"));
        let services = page.texts(&row, "services");
        let (Some(key), Some(database)) = (key, database) else {
            continue;
        };
        if !laws.databases.contains_key(&database.text) {
            let what = format!("no database is called `{}`", database.text);
            page.unknown(&database, &what, laws.databases.keys().map(String::as_str));
        }
        let known = |part: &str| laws.databases.contains_key(part);
        for said in services
            .iter()
            .filter(|said| !said.text.split('/').next().is_some_and(known))
        {
            let what = format!(
                "`{}` is of no database here; write \"database/operation\"",
                said.text
            );
            page.wrong(&said.place, what);
        }
        let article = Article {
            database: database.text,
            services: services.into_iter().map(|said| said.text).collect(),
            replaces: page
                .texts(&row, "replaces")
                .into_iter()
                .map(|said| said.text)
                .collect(),
            from: page.maybe_day(&row, "from"),
            until: page.maybe_day(&row, "until"),
        };
        if articles.insert(key.text.clone(), article).is_some() {
            page.wrong(&key.place, format!("`{}` is here already", key.text));
        }
    }
    articles
}

fn scope(page: &mut Page<'_>, top: &Row<'_, '_>, known: &BTreeMap<String, Article>) -> Vec<Scope> {
    let mut scope = Vec::new();
    for row in page.rows(top, "scope") {
        page.known(&row, "a row of the scope", &SCOPE);
        page.text(&row, "follows");
        let articles = page.texts(&row, "articles");
        if articles.is_empty() && !row.has("articles") {
            page.wrong(&row.place, "say `articles` here, a list of texts");
        }
        for said in articles.iter().filter(|said| !known.contains_key(&said.text)) {
            let what = format!("the law has no article `{}`", said.text);
            page.unknown(said, &what, known.keys().map(String::as_str));
        }
        let (procedure, published) = (page.text(&row, "procedure"), page.day(&row, "published"));
        let until = page.maybe_day(&row, "until");
        if let (Some(procedure), Some(published)) = (procedure, published) {
            scope.push(Scope {
                procedure: procedure.text,
                articles: articles.into_iter().map(|said| said.text).collect(),
                published,
                until,
            });
        }
    }
    scope
}

fn add(page: &mut Page<'_>, top: &Row<'_, '_>, _: Held, laws: &mut Laws) {
    page.known(top, "an addition to a law's scope", &ADDED);
    page.text(top, "follows");
    let Some(number) = page.text(top, "scope_of") else {
        return;
    };
    let Some(law) = laws.laws.get_mut(&number.text) else {
        let what = format!("there is no law `{}`", number.text);
        page.unknown(&number, &what, laws.laws.keys().map(String::as_str));
        return;
    };
    let added = scope(page, top, &law.articles);
    law.scope.extend(added);
}

fn databases(page: &mut Page<'_>, top: &Row<'_, '_>, laws: &mut Laws) {
    for (key, row) in page.named(top, "databases") {
        page.known(&row, "a database", &["name", "code"]);
        let Some(name) = page.text(&row, "name") else {
            continue;
        };
        let database = Database {
            name: name.text,
            code: page.maybe_text(&row, "code").map(|said| said.text),
        };
        if laws.databases.insert(key.text.clone(), database).is_some() {
            page.wrong(&key.place, format!("the database `{}` is told already", key.text));
        }
    }
}

fn sets(page: &mut Page<'_>, top: &Row<'_, '_>, held: Held, laws: &mut Laws) {
    for (name, paths) in page.lists(top, "sets") {
        for path in &paths {
            held.check(page, path);
        }
        let paths = paths.into_iter().map(|said| said.text).collect();
        if laws.sets.insert(name.text.clone(), paths).is_some() {
            page.wrong(
                &name.place,
                format!("the fact set `{}` is told already", name.text),
            );
        }
    }
}

fn reasons(page: &mut Page<'_>, top: &Row<'_, '_>, laws: &mut Laws) {
    for row in page.rows(top, "reasons") {
        page.known(&row, "a reason", &["code", "vietnamese", "english"]);
        let said = ["code", "vietnamese", "english"].map(|key| page.text(&row, key));
        let [Some(code), Some(vietnamese), Some(english)] = said else {
            continue;
        };
        if laws.reasons.iter().any(|known| known.code == code.text) {
            page.wrong(&code.place, format!("the reason `{}` is told already", code.text));
        }
        laws.reasons.push(Reason {
            code: code.text,
            vietnamese: vietnamese.text,
            english: english.text,
        });
    }
}
