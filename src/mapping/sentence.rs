//! The right column: `path | step | step`, taken apart with the place of every word, and compiled to a line.

use std::ops::Range;

use super::plan::{Given, Line, Place, Source};
#[cfg(test)]
use super::transform::Act;
use super::transform::{Build, Built, TRANSFORMS, Type, WORDS, Word};
use crate::model::{CodeLists, Kind, Path, Record, nearest};

/// Something wrong in a text of a mapping, and which bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) place: Range<usize>,
    pub(crate) what: String,
}

impl Trouble {
    pub(crate) fn new(place: Range<usize>, what: impl Into<String>) -> Self {
        Self {
            place,
            what: what.into(),
        }
    }
}

/// The words of a text between two bars.
pub(crate) type Segment = Vec<Word>;

/// Takes a text apart at its bars and spaces; quotes hold words together.
pub(crate) fn segments(text: &str) -> Result<Vec<Segment>, Trouble> {
    let mut all = vec![Segment::new()];
    let mut rest = text.char_indices().peekable();
    while let Some((start, letter)) = rest.next() {
        match letter {
            '|' => all.push(Segment::new()),
            '\'' => {
                let end = rest
                    .by_ref()
                    .find(|(_, letter)| *letter == '\'')
                    .map(|(end, _)| end);
                let end = end.ok_or_else(|| Trouble::new(start..text.len(), "this quote is never closed"))?;
                let word = Word {
                    text: text[start + 1..end].to_owned(),
                    quoted: true,
                    place: start..end + 1,
                };
                all.last_mut()
                    .into_iter()
                    .for_each(|segment| segment.push(word.clone()));
            }
            letter if letter.is_whitespace() => {}
            _letter => {
                while rest
                    .next_if(|(_, letter)| !letter.is_whitespace() && *letter != '|')
                    .is_some()
                {}
                let end = rest.peek().map_or(text.len(), |(end, _)| *end);
                let word = Word {
                    text: text[start..end].to_owned(),
                    quoted: false,
                    place: start..end,
                };
                all.last_mut()
                    .into_iter()
                    .for_each(|segment| segment.push(word.clone()));
            }
        }
    }
    Ok(all)
}

/// The records a path may start in: the root first, the innermost last.
#[derive(Clone)]
pub(crate) struct Shapes(pub(crate) Vec<&'static Record>);

impl Shapes {
    /// Compiles a path with its `^.` or `dossier.`.
    pub(crate) fn place(&self, word: &str, offset: usize) -> Result<Place, Trouble> {
        let mut rest = word;
        let mut up = 0;
        while let Some(after) = rest.strip_prefix("^.") {
            rest = after;
            up += 1;
        }
        let root = up == 0 && self.0.len() > 1 && rest.starts_with("dossier.");
        if root {
            rest = &rest["dossier.".len()..];
            up = self.0.len() - 1;
        }
        let start = offset + word.len() - rest.len();
        let Some(record) = self
            .0
            .len()
            .checked_sub(up + 1)
            .and_then(|index| self.0.get(index))
        else {
            return Err(Trouble::new(
                offset..start,
                "there are not so many items around this one",
            ));
        };
        let path = Path::parse(rest, record)
            .map_err(|fault| Trouble::new(start + fault.place.start..start + fault.place.end, fault.what))?;
        Ok(Place { up, path })
    }
}

/// Compiles one line; every trouble in it is told.
pub(crate) fn line(text: &str, shapes: &Shapes, lists: &dyn CodeLists) -> Result<Line, Vec<Trouble>> {
    let segments = segments(text).map_err(|trouble| vec![trouble])?;
    let mut troubles = Vec::new();
    let (first, steps) = segments
        .split_first()
        .map_or((&[][..], &[][..]), |(first, rest)| (first, rest));
    let mut line = Line::from(source(first, text, shapes).map_err(|trouble| vec![trouble])?);
    let fact = match &line.source {
        Source::Given(_) => None,
        Source::Row => Some((Type::Int, Kind::Int)),
        Source::Fact(place) => Type::of(place.path.kind()).map(|kind| (kind, place.path.kind())),
        Source::Each(place) => Some((Type::Texts, place.path.kind())),
    };
    if let Some((mut kind, fact)) = fact {
        let set = if let Kind::Code(words) = fact {
            Some(words.name)
        } else {
            None
        };
        for segment in steps {
            if let Err(trouble) = step(segment, &mut line, &mut kind, set, lists) {
                troubles.push(
                    trouble.unwrap_or_else(|| Trouble::new(0..text.len(), "two bars with nothing between")),
                );
            }
        }
        line.finish(kind, text, &mut troubles);
    } else if let Some(word) = steps
        .iter()
        .flatten()
        .find(|word| !["forth", "back"].contains(&word.text.as_str()))
    {
        troubles.push(Trouble::new(word.place.clone(), "a constant takes no steps"));
    }
    if troubles.is_empty() {
        Ok(line)
    } else {
        Err(troubles)
    }
}

fn source(words: &[Word], text: &str, shapes: &Shapes) -> Result<Source, Trouble> {
    let [word] = words else {
        return Err(Trouble::new(
            0..text.len(),
            "a line begins with one path of ours, or one constant in quotes",
        ));
    };
    if word.quoted {
        return Ok(Source::Given(Given::Text(word.text.clone())));
    }
    if word.text == "row" {
        let inside = shapes.0.len() > 1;
        let alone = || Trouble::new(word.place.clone(), "only a row of an array has a number");
        return inside.then_some(Source::Row).ok_or_else(alone);
    }
    if let Some(given) = Given::bare(&word.text) {
        return Ok(Source::Given(given));
    }
    let place = shapes.place(&word.text, word.place.start)?;
    match place.path.kind() {
        Kind::Record(_) | Kind::List(_) => Err(Trouble::new(
            word.place.clone(),
            format!(
                "`{}` is a {}: a line carries one fact",
                word.text,
                place.path.kind().word()
            ),
        )),
        Kind::Text if !place.path.is_single() => Ok(Source::Each(place)),
        _ if !place.path.is_single() => Err(Trouble::new(
            word.place.clone(),
            "a line carries one fact; many texts can be one with `split`",
        )),
        Kind::Text | Kind::Code(_) | Kind::Time | Kind::Date | Kind::Int | Kind::Bool => {
            Ok(Source::Fact(place))
        }
    }
}

fn step(
    segment: &Segment,
    line: &mut Line,
    kind: &mut Type,
    set: Option<&'static str>,
    lists: &dyn CodeLists,
) -> Result<(), Option<Trouble>> {
    let (name, words) = segment.split_first().ok_or(None)?;
    match (name.text.as_str(), words) {
        ("required", []) => line.required = true,
        ("forth", []) => line.back = false,
        ("back", []) => line.forth = false,
        ("default", [value]) if value.quoted => line.default = Some(Given::Text(value.text.clone())),
        ("default", _) => return Err(Some(Trouble::new(name.place.clone(), "write default 'x'"))),
        (_, words) => {
            let built = built(name, words, *kind, set, lists)?;
            *kind = built.gives;
            line.lossy |= built.lossy;
            line.steps.push(built.act);
        }
    }
    Ok(())
}

fn built(
    name: &Word,
    words: &[Word],
    takes: Type,
    set: Option<&'static str>,
    lists: &dyn CodeLists,
) -> Result<Built, Option<Trouble>> {
    let Some(transform) = TRANSFORMS.iter().find(|transform| transform.name == name.text) else {
        let names = TRANSFORMS
            .iter()
            .map(|step| step.name)
            .chain(WORDS.iter().map(|(word, _)| *word));
        let near = nearest(&name.text, names).map_or_else(
            || "; `map check --transforms` lists them".to_owned(),
            |near| format!("; there is `{near}`"),
        );
        return Err(Some(Trouble::new(
            name.place.clone(),
            format!("there is no step `{}`{near}", name.text),
        )));
    };
    (transform.build)(&Build {
        words,
        takes,
        set,
        lists,
    })
    .map_err(|unbuilt| {
        let word = unbuilt.word.and_then(|index| words.get(index)).unwrap_or(name);
        Some(Trouble::new(word.place.clone(), unbuilt.what))
    })
}

/// The steps that the examples of transforms write, alone.
#[cfg(test)]
pub(crate) fn pipeline(kind: Kind, text: &str) -> Vec<Box<dyn Act>> {
    let mut takes = Type::of(kind).unwrap_or(Type::Texts);
    let mut steps = Vec::new();
    for segment in segments(text).unwrap() {
        let Ok(built) = built(&segment[0], &segment[1..], takes, None, &Lists) else {
            panic!("{text}")
        };
        takes = built.gives;
        steps.push(built.act);
    }
    steps
}

/// What the steps write for a fact.
#[cfg(test)]
pub(crate) fn forth<'v>(
    steps: &'v [Box<dyn Act>],
    fact: crate::model::Value<'v>,
    run: &super::transform::Run<'v>,
) -> Option<serde_json::Value> {
    let value = steps
        .iter()
        .try_fold(fact, |value, step| step.forth(value, run))
        .ok()?;
    serde_json::from_slice(&super::out::Out::from(value).bytes()).ok()
}

/// The fact the steps read from a literal.
#[cfg(test)]
pub(crate) fn back(
    steps: &[Box<dyn Act>],
    theirs: &serde_json::Value,
    run: &super::transform::Run<'_>,
) -> Option<crate::model::Value<'static>> {
    let text = theirs.to_string();
    let node = super::node::Node::parse(text.as_bytes()).ok()?;
    let value = super::out::scalar(&node).ok()?;
    let value = steps
        .iter()
        .rev()
        .try_fold(value, |value, step| step.back(value, run))
        .ok()?;
    Some(value.into_owned())
}

/// One code list, for examples and tests of single lines.
#[cfg(test)]
pub(crate) struct Lists;

#[cfg(test)]
impl CodeLists for Lists {
    fn read(&self, _: &str, _: &str, theirs: &str, _: crate::model::Day) -> Option<&str> {
        (theirs == "1").then_some("one")
    }
    fn write(&self, _: &str, _: &str, ours: &str, _: crate::model::Day) -> Option<&str> {
        (ours == "one").then_some("1")
    }
    fn silent(&self, _: &str, theirs: &str) -> bool {
        theirs == "0"
    }
    fn names(&self) -> Vec<&str> {
        vec!["example"]
    }
    fn set(&self, _: &str) -> Option<&str> {
        None
    }
}
