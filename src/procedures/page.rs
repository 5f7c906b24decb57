//! A file that people write, as it is read: what stands where, and everything that is wrong with it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{Day, Diagnostic, Words, nearest};

/// The bytes of a file that something is about.
pub(super) type Place = Range<usize>;

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// The text.
    pub(super) text: String,
    /// Where.
    pub(super) place: Place,
}

/// A table of a file: the whole file, or one row of a list in it.
#[derive(Clone, Debug)]
pub(super) struct Row<'t, 'i> {
    table: &'t DeTable<'i>,
    /// Where it stands.
    pub(super) place: Place,
}

/// A file, and what is wrong with it so far.
pub(super) struct Page<'f> {
    file: &'f str,
    text: &'f str,
    mistakes: Vec<Diagnostic>,
}

impl<'f> Page<'f> {
    /// A file of that name.
    pub(super) fn new(file: &'f str, text: &'f str) -> Self {
        Self {
            file,
            text,
            mistakes: Vec::new(),
        }
    }

    /// Parses it and shows its table to `read`; gives back what was read, and what is wrong in the order of the file. A
    /// file that is no TOML is not read.
    pub(super) fn read<T>(
        mut self,
        read: impl FnOnce(&mut Self, &Row<'_, '_>) -> T,
    ) -> (Option<T>, Vec<Diagnostic>) {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.wrong(&error.span().unwrap_or(0..0), error.message().replace('\n', " "));
        }
        let row = Row {
            table: table.get_ref(),
            place: 0..0,
        };
        let read = errors.is_empty().then(|| read(&mut self, &row));
        self.mistakes
            .sort_by_key(|mistake| (mistake.line, mistake.column));
        (read, self.mistakes)
    }

    /// Its text.
    pub(super) fn source(&self) -> &str {
        self.text
    }

    /// The name of the file.
    pub(super) fn file(&self) -> &str {
        self.file
    }

    /// Something is wrong there.
    pub(super) fn wrong(&mut self, place: &Place, what: impl Into<String>) {
        self.mistakes
            .push(Diagnostic::at(self.file, self.text, place, what));
    }

    /// The same, with the nearest of what there is.
    pub(super) fn unknown<'a>(&mut self, said: &Said, what: &str, known: impl IntoIterator<Item = &'a str>) {
        let near = nearest(&said.text, known).map_or_else(String::new, |near| format!("; there is `{near}`"));
        self.wrong(&said.place, format!("{what}{near}"));
    }

    /// A row has no other keys than these.
    pub(super) fn known(&mut self, row: &Row<'_, '_>, what: &str, names: &[&str]) {
        for key in row.table.keys() {
            if !names.contains(&key.get_ref().as_ref()) {
                let near = nearest(key.get_ref(), names.iter().copied());
                let near = near.map_or_else(String::new, |near| format!("; it has `{near}`"));
                self.wrong(&key.span(), format!("{what} has no `{}`{near}", key.get_ref()));
            }
        }
    }

    /// A text that must be there, and must say something.
    pub(super) fn text(&mut self, row: &Row<'_, '_>, key: &str) -> Option<Said> {
        if !row.table.contains_key(key) {
            self.wrong(&row.place, format!("say `{key}` here, a text in quotes"));
            return None;
        }
        self.maybe_text(row, key)
    }

    /// A text that may be there.
    pub(super) fn maybe_text(&mut self, row: &Row<'_, '_>, key: &str) -> Option<Said> {
        let entry = row.table.get(key)?;
        self.said(key, entry)
    }

    fn said(&mut self, key: &str, entry: &Spanned<DeValue<'_>>) -> Option<Said> {
        let text = entry.get_ref().as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.wrong(&entry.span(), format!("`{key}` is a text in quotes"));
        }
        Some(Said {
            text: text?.to_owned(),
            place: entry.span(),
        })
    }

    /// A list of texts; one alone may stand without brackets.
    pub(super) fn texts(&mut self, row: &Row<'_, '_>, key: &str) -> Vec<Said> {
        let Some(entry) = row.table.get(key) else {
            return Vec::new();
        };
        let one = std::slice::from_ref(entry);
        let all = entry.get_ref().as_array().map_or(one, |many| &many[..]);
        all.iter().filter_map(|entry| self.said(key, entry)).collect()
    }

    /// Words of a closed set.
    pub(super) fn words(&mut self, row: &Row<'_, '_>, key: &str, set: &Words) -> Vec<Said> {
        let said = self.texts(row, key);
        for word in said
            .iter()
            .filter(|word| !set.words.contains(&word.text.as_str()))
        {
            let what = format!("{} has no word `{}`", set.name, word.text);
            self.unknown(word, &what, set.words.iter().copied());
        }
        said.into_iter()
            .filter(|word| set.words.contains(&word.text.as_str()))
            .collect()
    }

    /// Pairs of a table of texts, with the places of both.
    pub(super) fn pairs(&mut self, row: &Row<'_, '_>, key: &str) -> Vec<(Said, Said)> {
        let Some(table) = self.table(row, key) else {
            return Vec::new();
        };
        let pair = |(name, entry): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
            let value = self.said(name.get_ref(), entry)?;
            let name = Said {
                text: name.get_ref().to_string(),
                place: name.span(),
            };
            Some((name, value))
        };
        table.table.iter().filter_map(pair).collect()
    }

    /// The rows of a table whose names are free, each with its name: `[databases.population]`.
    pub(super) fn named<'t, 'i>(&mut self, row: &Row<'t, 'i>, key: &str) -> Vec<(Said, Row<'t, 'i>)> {
        let Some(table) = self.table(row, key) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        for (name, entry) in table.table {
            let said = Said {
                text: name.get_ref().to_string(),
                place: name.span(),
            };
            match entry.get_ref().as_table() {
                Some(inner) => rows.push((
                    said,
                    Row {
                        table: inner,
                        place: entry.span(),
                    },
                )),
                None => self.wrong(&entry.span(), format!("`{}` is a table", said.text)),
            }
        }
        rows
    }

    /// A list of texts under each free name: `identity = ["person.name"]`.
    pub(super) fn lists(&mut self, row: &Row<'_, '_>, key: &str) -> Vec<(Said, Vec<Said>)> {
        let Some(table) = self.table(row, key) else {
            return Vec::new();
        };
        let mut lists = Vec::new();
        for name in table.table.keys() {
            let said = Said {
                text: name.get_ref().to_string(),
                place: name.span(),
            };
            let texts = self.texts(&table, name.get_ref());
            lists.push((said, texts));
        }
        lists
    }

    /// A table that may be there.
    pub(super) fn table<'t, 'i>(&mut self, row: &Row<'t, 'i>, key: &str) -> Option<Row<'t, 'i>> {
        let entry = row.table.get(key)?;
        let table = entry.get_ref().as_table();
        if table.is_none() {
            self.wrong(&entry.span(), format!("`{key}` is a table"));
        }
        Some(Row {
            table: table?,
            place: entry.span(),
        })
    }

    /// A list of tables that may be there.
    pub(super) fn rows<'t, 'i>(&mut self, row: &Row<'t, 'i>, key: &str) -> Vec<Row<'t, 'i>> {
        let Some(entry) = row.table.get(key) else {
            return Vec::new();
        };
        let Some(items) = entry.get_ref().as_array() else {
            self.wrong(&entry.span(), format!("`{key}` is a list of tables"));
            return Vec::new();
        };
        let mut rows = Vec::new();
        for item in items {
            match item.get_ref().as_table() {
                Some(table) => rows.push(Row {
                    table,
                    place: item.span(),
                }),
                None => self.wrong(&item.span(), format!("each row of `{key}` is a table")),
            }
        }
        rows
    }

    /// A whole number from 0 on that may be there.
    pub(super) fn maybe_number(&mut self, row: &Row<'_, '_>, key: &str) -> Option<u32> {
        let entry = row.table.get(key)?;
        let number = self.number_in(key, entry);
        number.map(|(number, _)| number)
    }

    /// Whole numbers from 0 on, with their places.
    pub(super) fn numbers(&mut self, row: &Row<'_, '_>, key: &str) -> Vec<(u32, Place)> {
        let Some(entry) = row.table.get(key) else {
            return Vec::new();
        };
        let one = std::slice::from_ref(entry);
        let all = entry.get_ref().as_array().map_or(one, |many| &many[..]);
        all.iter()
            .filter_map(|entry| self.number_in(key, entry))
            .collect()
    }

    fn number_in(&mut self, key: &str, entry: &Spanned<DeValue<'_>>) -> Option<(u32, Place)> {
        let number = entry
            .get_ref()
            .as_integer()
            .and_then(|number| number.as_str().parse().ok());
        if number.is_none() {
            self.wrong(&entry.span(), format!("`{key}` is a whole number from 0 on"));
        }
        Some((number?, entry.span()))
    }

    /// Yes or no; no when it is not there.
    pub(super) fn flag(&mut self, row: &Row<'_, '_>, key: &str) -> bool {
        let Some(entry) = row.table.get(key) else {
            return false;
        };
        let flag = entry.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(&entry.span(), format!("`{key}` is true or false"));
        }
        flag.unwrap_or(false)
    }

    /// A day that must be there.
    pub(super) fn day(&mut self, row: &Row<'_, '_>, key: &str) -> Option<Day> {
        let said = self.text(row, key)?;
        self.day_of(&said)
    }

    /// A day that may be there.
    pub(super) fn maybe_day(&mut self, row: &Row<'_, '_>, key: &str) -> Option<Day> {
        let said = self.maybe_text(row, key)?;
        self.day_of(&said)
    }

    fn day_of(&mut self, said: &Said) -> Option<Day> {
        let day = said.text.parse().ok();
        if day.is_none() {
            self.wrong(&said.place, "no such day; write \"2026-01-01\"");
        }
        day
    }
}

impl Row<'_, '_> {
    /// Whether a key stands there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }
}
