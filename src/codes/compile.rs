//! From a code list's text to a list; every mistake is told at once, in its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{List, Row};
use crate::model::codes::SETS;
use crate::model::{Day, Diagnostic, Words, nearest};

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;

/// Compiles one list; mistakes are added in the order of the file.
pub(super) fn list(file: &str, text: &str, mistakes: &mut Vec<Diagnostic>) -> Option<(String, List)> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut compiler = Compiler {
        file,
        text,
        list: List::default(),
        words: None,
        mistakes: Vec::new(),
    };
    for error in &errors {
        compiler.mistake(&error.span().unwrap_or(0..0), error.message().replace('\n', " "));
    }
    let name = if errors.is_empty() {
        compiler.list(table.get_ref())
    } else {
        None
    };
    compiler
        .mistakes
        .sort_by_key(|mistake| (mistake.line, mistake.column));
    mistakes.append(&mut compiler.mistakes);
    name.map(|name| (name, compiler.list))
}

struct Compiler<'a> {
    file: &'a str,
    text: &'a str,
    list: List,
    words: Option<&'static Words>,
    mistakes: Vec<Diagnostic>,
}

/// Where and when rows of a table hold.
#[derive(Clone, Default)]
struct Scope {
    site: Option<String>,
    from: Option<Day>,
    until: Option<Day>,
    name: Option<Box<str>>,
}

impl Compiler<'_> {
    fn mistake(&mut self, place: &Range<usize>, what: impl Into<String>) {
        self.mistakes
            .push(Diagnostic::at(self.file, self.text, place, what));
    }

    fn list(&mut self, table: &DeTable<'_>) -> Option<String> {
        const KNOWN: &[&str] = &["list", "ours", "follows", "rows", "row", "site", "silent", "omit"];
        self.strangers(table, "a code list", KNOWN);
        self.set(table);
        self.list.follows = self.text_of(table, "follows")?;
        self.rows(table, &Scope::default());
        for (site, rows) in tables(table, "site") {
            let scope = Scope {
                site: Some(site.get_ref().as_ref().to_owned()),
                ..Scope::default()
            };
            self.list.sites.extend(scope.site.clone());
            self.rows(rows, &scope);
        }
        self.silent(table);
        self.omitted(table);
        self.uncovered(table);
        self.text_of(table, "list")
    }

    /// Says which keys nobody reads.
    fn strangers(&mut self, table: &DeTable<'_>, what: &str, known: &[&str]) {
        for key in table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
        {
            let near = nearest(key.get_ref(), known.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("; it has `{near}`"));
            self.mistake(&key.span(), format!("{what} has no `{}`{near}", key.get_ref()));
        }
    }

    fn text_of(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        let found = table
            .get(key)
            .and_then(|entry| entry.get_ref().as_str())
            .map(str::to_owned);
        if found.is_none() {
            let place = table.get(key).map_or(0..0, Spanned::span);
            self.mistake(&place, format!("say `{key}` here, a text in quotes"));
        }
        found
    }

    fn set(&mut self, table: &DeTable<'_>) {
        let Some(entry) = table.get("ours") else { return };
        let name = entry.get_ref().as_str().unwrap_or_default();
        self.words = SETS.iter().find(|words| words.name == name).copied();
        self.list.set = Some(name.to_owned());
        if self.words.is_none() {
            let near = nearest(name, SETS.iter().map(|words| words.name));
            let near = near.map_or_else(String::new, |near| format!("; there is `{near}`"));
            self.mistake(&entry.span(), format!("we have no code `{name}`{near}"));
        }
    }

    fn rows(&mut self, table: &DeTable<'_>, scope: &Scope) {
        for (ours, theirs) in table
            .get("rows")
            .and_then(|rows| rows.get_ref().as_table())
            .into_iter()
            .flatten()
        {
            self.row(ours, theirs, scope);
        }
        for row in table
            .get("row")
            .and_then(|rows| rows.get_ref().as_array())
            .into_iter()
            .flatten()
        {
            let Some(row_table) = row.get_ref().as_table() else {
                continue;
            };
            self.strangers(row_table, "a row", &["ours", "theirs", "name", "from", "until"]);
            let name = row_table.get("name").and_then(|name| name.get_ref().as_str());
            let scope = Scope {
                from: self.day(row_table, "from"),
                until: self.day(row_table, "until"),
                name: name.map(Into::into),
                ..scope.clone()
            };
            match (row_table.get("ours"), row_table.get("theirs")) {
                (Some(ours), Some(theirs)) => match ours.get_ref().as_str() {
                    Some(word) => self.row(&Spanned::new(ours.span(), word.into()), theirs, &scope),
                    None => self.mistake(&ours.span(), "a word of ours in quotes"),
                },
                _ => self.mistake(&row.span(), "a row says `ours` and `theirs`"),
            }
        }
    }

    fn day(&mut self, table: &DeTable<'_>, key: &str) -> Option<Day> {
        let entry = table.get(key)?;
        let day = entry.get_ref().as_str().and_then(|text| text.parse().ok());
        if day.is_none() {
            self.mistake(&entry.span(), "no such day; write \"2025-07-01\"");
        }
        day
    }

    fn row(&mut self, ours: &Key<'_>, theirs: &Spanned<DeValue<'_>>, scope: &Scope) {
        let word = ours.get_ref().as_ref();
        if let Some(words) = self.words.filter(|words| !words.words.contains(&word)) {
            let near = nearest(word, words.words.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("; it has `{near}`"));
            self.mistake(&ours.span(), format!("{} has no word `{word}`{near}", words.name));
        }
        let one = std::slice::from_ref(theirs);
        let all = theirs.get_ref().as_array().map_or(one, |many| &many[..]);
        for entry in all {
            match entry.get_ref().as_str() {
                Some(their) => self.pair(word, their, &entry.span(), scope),
                None => self.mistake(&entry.span(), "their word is a text in quotes"),
            }
        }
    }

    fn pair(&mut self, ours: &str, theirs: &str, place: &Range<usize>, scope: &Scope) {
        let Scope {
            site,
            from,
            until,
            name,
        } = scope.clone();
        let row = Row {
            word: ours.to_owned(),
            site,
            from,
            until,
            name,
        };
        let rows = self.list.theirs.entry(theirs.to_owned()).or_default();
        let taken = rows
            .iter()
            .find(|other| other.meets(&row) && other.word != ours)
            .map(|other| other.word.clone());
        rows.push(row.clone());
        self.list.ours.entry(ours.to_owned()).or_default().push(Row {
            word: theirs.to_owned(),
            ..row
        });
        if let Some(other) = taken {
            self.mistake(place, format!("their `{theirs}` means `{other}` already"));
        }
    }

    /// Words of theirs that say nothing; none of them has a row.
    fn silent(&mut self, table: &DeTable<'_>) {
        let silent = table.get("silent").and_then(|entry| entry.get_ref().as_table());
        for (word, says) in silent.into_iter().flatten() {
            let their = word.get_ref().as_ref();
            if let Some(rows) = self.list.theirs.get(their)
                && let Some(row) = rows.first()
            {
                let text = format!("their `{their}` means `{}` already", row.word);
                self.mistake(&word.span(), text);
            }
            match says.get_ref().as_str().filter(|says| !says.trim().is_empty()) {
                Some(says) => drop(self.list.silent.insert(their.to_owned(), says.to_owned())),
                None => self.mistake(&says.span(), "say what it stands for, in quotes"),
            }
        }
    }

    fn omitted(&mut self, table: &DeTable<'_>) {
        for (side, words) in tables(table, "omit") {
            let at = usize::from(side.get_ref() == "theirs");
            for (word, reason) in words {
                self.omit(at, word, reason);
            }
        }
    }

    fn omit(&mut self, side: usize, word: &Key<'_>, reason: &Spanned<DeValue<'_>>) {
        match reason.get_ref().as_str().filter(|why| !why.trim().is_empty()) {
            Some(why) => {
                self.list.omitted[side].insert(word.get_ref().to_string(), why.to_owned());
            }
            None => self.mistake(&reason.span(), "say why it is omitted, in quotes"),
        }
    }

    /// A closed set is spoken of whole.
    fn uncovered(&mut self, table: &DeTable<'_>) {
        let Some(words) = self.words else { return };
        let place = table.get("ours").map_or(0..0, Spanned::span);
        for word in words.words {
            if !self.list.ours.contains_key(*word) && !self.list.omitted[0].contains_key(*word) {
                self.mistake(
                    &place,
                    format!("nothing is said of `{word}`: give it a row or a reason under [omit.ours]"),
                );
            }
        }
    }
}

/// The tables inside a table of that name.
fn tables<'t, 'i>(
    table: &'t DeTable<'i>,
    name: &str,
) -> impl Iterator<Item = (&'t Key<'i>, &'t DeTable<'i>)> {
    let inner = table.get(name).and_then(|entry| entry.get_ref().as_table());
    inner
        .into_iter()
        .flatten()
        .filter_map(|(key, entry)| Some((key, entry.get_ref().as_table()?)))
}
