//! From a mapping file to a plan; every mistake is told at once, in its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check::Carried;
use super::condition::Condition;
use super::derive::Rule;
use super::plan::{Array, Block, Empty, Object, Plan, What};
use super::sentence::{Shapes, Trouble, line};
use super::tree::{Header, join, levels};
use crate::model::{
    CodeLists, Component, Diagnostic, Facts, Held, News, Order, Record, Step, Subject, line_number, nearest,
};

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;

/// What a mapping may call `ours`.
const ROOTS: &[(&str, &[&Record])] = &[
    ("dossier", &[Facts::RECORD]),
    ("step", &[Facts::RECORD, Step::RECORD]),
    ("subject", &[Subject::RECORD]),
    ("component", &[Component::RECORD]),
    ("held", &[Held::RECORD]),
    ("news", &[News::RECORD]),
    ("order", &[Order::RECORD]),
];

impl Plan {
    /// Compiles a mapping's text; `file` is how diagnostics name it.
    ///
    /// # Errors
    /// Every mistake in it, in the order of the file.
    pub fn compile(file: &str, text: &str, lists: &dyn CodeLists) -> Result<Self, Vec<Diagnostic>> {
        let mut compiler = Compiler {
            file,
            text,
            lists,
            mistakes: Vec::new(),
            carried: Carried::default(),
        };
        let plan = compiler.plan();
        let mut mistakes = compiler.mistakes;
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        match plan {
            Some(plan) if mistakes.is_empty() => Ok(plan),
            _ => Err(mistakes),
        }
    }
}

pub(crate) struct Compiler<'a> {
    file: &'a str,
    pub(crate) text: &'a str,
    lists: &'a dyn CodeLists,
    mistakes: Vec<Diagnostic>,
    pub(crate) carried: Carried,
}

/// Where in both documents a table of the file stands.
#[derive(Clone)]
struct Around {
    shapes: Shapes,
    /// The path of ours of each of the shapes, `components[]`.
    ours: Vec<String>,
    theirs: String,
}

impl Compiler<'_> {
    pub(crate) fn mistake(&mut self, place: &Range<usize>, what: impl Into<String>) {
        self.mistakes
            .push(Diagnostic::at(self.file, self.text, place, what));
    }

    pub(crate) const fn is_sound(&self) -> bool {
        self.mistakes.is_empty()
    }

    fn plan(&mut self) -> Option<Plan> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.mistake(&error.span().unwrap_or(0..0), error.message().replace('\n', " "));
        }
        if !errors.is_empty() {
            return None;
        }
        let table = table.get_ref();
        const KNOWN: [&str; 8] = [
            "mapping", "version", "ours", "follows", "empty", "document", "derived", "lost",
        ];
        for key in table
            .keys()
            .filter(|key| !KNOWN.contains(&key.get_ref().as_ref()))
        {
            let near =
                nearest(key.get_ref(), KNOWN).map_or_else(String::new, |near| format!("; it has `{near}`"));
            self.mistake(&key.span(), format!("a mapping has no `{}`{near}", key.get_ref()));
        }
        let shapes = self.shapes(table)?;
        let prefixes = if shapes.0.len() > 1 {
            vec!["dossier".to_owned(), String::new()]
        } else {
            vec![String::new()]
        };
        let around = Around {
            shapes: shapes.clone(),
            ours: prefixes,
            theirs: String::new(),
        };
        let mut root = Object::default();
        match table.get("document").map(|entry| (entry.get_ref(), entry.span())) {
            Some((DeValue::Table(document), _)) => self.members(document, &around, &[], &mut root),
            Some((_, place)) => self.mistake(&place, "write it as a table, [document]"),
            None => self.mistake(&(0..0), "a mapping needs a table [document]"),
        }
        let derived = self.derived(table, &shapes);
        let (lost_forth, lost_back) = self.lost(table, &shapes);
        Some(Plan {
            name: self.word(table, "mapping")?.0,
            version: self.version(table)?,
            follows: self.word(table, "follows")?.0,
            empty: self.empty(table)?,
            shapes: shapes.0,
            opens: root.opens(),
            root,
            derived,
            lost_forth,
            lost_back,
        })
    }

    fn word(&mut self, table: &DeTable<'_>, key: &str) -> Option<(String, Range<usize>)> {
        match table.get(key).map(|entry| (entry.get_ref(), entry.span())) {
            Some((DeValue::String(word), place)) => Some((word.as_ref().to_owned(), place)),
            Some((_, place)) => {
                self.mistake(&place, format!("`{key}` is a text in quotes"));
                None
            }
            None => {
                self.mistake(&(0..0), format!("a mapping says its `{key}` at the top"));
                None
            }
        }
    }

    fn version(&mut self, table: &DeTable<'_>) -> Option<u32> {
        let entry = table.get("version");
        let version = entry.and_then(|entry| entry.get_ref().as_integer()?.as_str().parse().ok());
        if version.is_none() {
            let place = entry.map_or(0..0, Spanned::span);
            self.mistake(&place, "a mapping says its `version` at the top, a number from 1");
        }
        version
    }

    fn empty(&mut self, table: &DeTable<'_>) -> Option<Empty> {
        if !table.contains_key("empty") {
            return Some(Empty::Absent);
        }
        let (word, place) = self.word(table, "empty")?;
        match word.as_str() {
            "text" => Some(Empty::Text),
            "null" => Some(Empty::Null),
            "absent" => Some(Empty::Absent),
            _ => {
                self.mistake(&place, "`empty` is \"text\", \"null\" or \"absent\"");
                None
            }
        }
    }

    fn shapes(&mut self, table: &DeTable<'_>) -> Option<Shapes> {
        let (word, place) = self.word(table, "ours")?;
        let found = ROOTS.iter().find(|(name, _)| *name == word);
        if found.is_none() {
            let names: Vec<&str> = ROOTS.iter().map(|(name, _)| *name).collect();
            self.mistake(&place, format!("`ours` is one of {}", names.join(", ")));
        }
        found.map(|(_, records)| Shapes(records.to_vec()))
    }

    /// The members of one table of the document; `words` are those that say something about the table itself.
    fn members(&mut self, table: &DeTable<'_>, around: &Around, words: &[&str], object: &mut Object) {
        for (key, entry) in table
            .iter()
            .filter(|(key, _)| !words.contains(&key.get_ref().as_ref()))
        {
            let Some(header) = self.header(key) else { continue };
            match entry.get_ref() {
                DeValue::String(text) => self.line(key, (text, &entry.span()), &header, around, object),
                DeValue::Table(inner) => self.table(key, inner, &header, around, object),
                DeValue::Array(blocks) if header.array => {
                    self.blocks(key, blocks, &header, around, object);
                }
                DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => self.mistake(&entry.span(), "the right column is a text in quotes"),
            }
        }
    }

    fn blocks(
        &mut self,
        key: &Key<'_>,
        blocks: &[Spanned<DeValue<'_>>],
        header: &Header,
        around: &Around,
        object: &mut Object,
    ) {
        for block in blocks {
            match block.get_ref().as_table() {
                Some(inner) => self.table(key, inner, header, around, object),
                None => self.mistake(&block.span(), "each block is a table"),
            }
        }
    }

    fn header(&mut self, key: &Key<'_>) -> Option<Header> {
        match Header::parse(key.get_ref()) {
            Ok(header) => Some(header),
            Err(trouble) => {
                let place = self.inside(&key.span(), key.get_ref(), &trouble.place);
                self.mistake(&place, trouble.what);
                None
            }
        }
    }

    fn line(
        &mut self,
        key: &Key<'_>,
        (text, place): (&str, &Range<usize>),
        header: &Header,
        around: &Around,
        object: &mut Object,
    ) {
        match line(text, &around.shapes, self.lists) {
            Err(troubles) => self.troubles(place, text, troubles),
            Ok(_) if header.array || header.json => {
                self.mistake(
                    &key.span(),
                    "an array or a document in a text is a table of its own",
                );
            }
            Ok(mut line) => {
                line.number = line_number(self.text, key.span().start);
                line.theirs = join(&around.theirs, &header.keys.join("."));
                if let Some(ours) = line.ours() {
                    self.carried.note(ours, &around.ours);
                }
                if !object.put(&header.keys, What::Line(Box::new(line))) {
                    self.mistake(&key.span(), "their field has a line already");
                }
            }
        }
    }

    fn table(
        &mut self,
        key: &Key<'_>,
        table: &DeTable<'_>,
        header: &Header,
        around: &Around,
        object: &mut Object,
    ) {
        let theirs = join(&around.theirs, &header.keys.join("."));
        if !header.array {
            let mut inner = Object::default();
            self.members(
                table,
                &Around {
                    theirs,
                    ..around.clone()
                },
                &[],
                &mut inner,
            );
            if !object.put(&header.keys, header.wrap(What::Object(inner))) {
                self.mistake(&key.span(), "their field has a line already");
            }
            return;
        }
        let theirs = theirs + "[]";
        let Some(block) = self.block(
            key,
            table,
            Around {
                theirs,
                ..around.clone()
            },
        ) else {
            return;
        };
        let added = match object.at(&header.keys).map(|what| what.inner()) {
            Some(What::Array(array)) => {
                array.blocks.push(block);
                true
            }
            Some(_) => false,
            None => object.put(
                &header.keys,
                header.wrap(What::Array(Array { blocks: vec![block] })),
            ),
        };
        if !added {
            self.mistake(&key.span(), "their field has a line already");
        }
    }

    fn block(&mut self, key: &Key<'_>, table: &DeTable<'_>, mut around: Around) -> Option<Block> {
        let Some((each, place)) = table
            .get("each")
            .and_then(|each| Some((each.get_ref().as_str()?, each.span())))
        else {
            self.mistake(&key.span(), "an array needs `each = \"a list of ours\"`");
            return None;
        };
        let levels = match levels(each, &mut around.shapes, &mut around.ours) {
            Ok(levels) => levels,
            Err(trouble) => {
                self.troubles(&place, each, vec![trouble]);
                return None;
            }
        };
        let when = match table
            .get("when")
            .and_then(|when| Some((when.get_ref().as_str()?, when.span())))
        {
            None => Condition::default(),
            Some((when, place)) => Condition::parse(when, &around.shapes).unwrap_or_else(|trouble| {
                self.troubles(&place, when, vec![trouble]);
                Condition::default()
            }),
        };
        let mut row = Object::default();
        self.members(table, &around, &["each", "when"], &mut row);
        Some(Block { levels, when, row })
    }

    fn derived(&mut self, table: &DeTable<'_>, shapes: &Shapes) -> Vec<Rule> {
        let mut rules = Vec::new();
        let Some(DeValue::Table(derived)) = table.get("derived").map(Spanned::get_ref) else {
            return rules;
        };
        for (key, entry) in derived {
            let ways = entry.get_ref().as_array();
            let ways = ways.map_or_else(|| vec![entry], |ways| ways.iter().collect());
            for way in ways {
                rules.extend(self.rule(key, way, shapes));
            }
        }
        rules
    }

    fn rule(&mut self, key: &Key<'_>, entry: &Spanned<DeValue<'_>>, shapes: &Shapes) -> Option<Rule> {
        let Some(text) = entry.get_ref().as_str() else {
            self.mistake(&entry.span(), "the right column is a text in quotes");
            return None;
        };
        let number = line_number(self.text, entry.span().start);
        match Rule::parse(key.get_ref(), text, (shapes, self.lists), number) {
            Ok(rule) => {
                self.carried.derived(rule.target.normal());
                return Some(rule);
            }
            Err((true, trouble)) => self.troubles(&entry.span(), text, vec![trouble]),
            Err((false, trouble)) => self.troubles(&key.span(), key.get_ref(), vec![trouble]),
        }
        None
    }

    pub(crate) fn troubles(&mut self, place: &Range<usize>, text: &str, troubles: Vec<Trouble>) {
        for trouble in troubles {
            let place = self.inside(place, text, &trouble.place);
            self.mistake(&place, trouble.what);
        }
    }

    /// The bytes of the file that are those bytes of a value; the whole value when it was written with escapes.
    fn inside(&self, value: &Range<usize>, text: &str, part: &Range<usize>) -> Range<usize> {
        let raw = self.text.get(value.clone()).unwrap_or_default();
        match raw.find(text) {
            Some(at) if !text.is_empty() => value.start + at + part.start..value.start + at + part.end,
            _ => value.clone(),
        }
    }
}
