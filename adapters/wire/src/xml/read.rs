//! From bytes to a tree, within bounds.

use std::borrow::Cow;

use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Bounds, Element, Unfit, legal, named};

/// Reads one document.
///
/// # Errors
/// What is wrong with it.
pub fn read<'a>(bytes: &'a [u8], bounds: &Bounds) -> Result<Element<'a>, Unfit> {
    if bytes.len() > bounds.bytes {
        return Err(Unfit::Bound("bytes"));
    }
    read_text(std::str::from_utf8(bytes).map_err(|_| Unfit::Encoding)?, bounds)
}

/// Reads one document that is known to be text.
///
/// # Errors
/// What is wrong with it.
pub fn read_text<'a>(text: &'a str, bounds: &Bounds) -> Result<Element<'a>, Unfit> {
    if text.len() > bounds.bytes {
        return Err(Unfit::Bound("bytes"));
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree {
        document: text,
        bounds,
        open: Vec::with_capacity(8),
        root: None,
        elements: 0,
    };
    loop {
        let event = reader
            .read_event()
            .map_err(|_| Unfit::Form(reader.error_position()))?;
        let at = reader.buffer_position();
        match event {
            Event::Start(start) => tree.start(&start, at)?,
            Event::Empty(start) => {
                tree.start(&start, at)?;
                tree.end(at)?;
            }
            Event::End(_) => tree.end(at)?,
            // Blanks between elements, of which a document is full.
            Event::Text(blank) if blank.bytes().all(is_blank) && tree.has_no_text() => {}
            Event::Text(text) => tree.text(text.xml10_content(), at)?,
            Event::CData(text) => tree.text(text.xml10_content(), at)?,
            Event::GeneralRef(reference) => tree.reference(&reference, at)?,
            Event::DocType(_) => return Err(Unfit::Doctype),
            Event::Decl(declared) => declared_encoding(&declared, text, at)?,
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(at),
        }
    }
}

/// A document that says it is of an encoding whose letters are not those of UTF-8 would be read wrong. One that says
/// UTF-16 is not, for it could not be read at all then: some platforms write that into every text they hold.
fn declared_encoding(declared: &BytesDecl<'_>, text: &str, at: u64) -> Result<(), Unfit> {
    let Some(encoding) = declared.encoding() else {
        return Ok(());
    };
    let encoding = encoding.map_err(|_| Unfit::Form(at))?.to_ascii_lowercase();
    let known = ["utf-8", "utf8", "us-ascii", "ascii", "utf-16"].contains(&encoding.as_str());
    if known || text.is_ascii() {
        Ok(())
    } else {
        Err(Unfit::Encoding)
    }
}

struct Tree<'a, 'b> {
    document: &'a str,
    bounds: &'b Bounds,
    open: Vec<Element<'a>>,
    root: Option<Element<'a>>,
    elements: usize,
}

impl<'a> Tree<'a, '_> {
    fn start(&mut self, start: &BytesStart<'_>, at: u64) -> Result<(), Unfit> {
        self.elements += 1;
        if self.elements > self.bounds.elements {
            return Err(Unfit::Bound("elements"));
        }
        if self.open.len() >= self.bounds.depth {
            return Err(Unfit::Bound("depth"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(Unfit::Form(at));
        }
        let mut element = Element::new(self.borrowed(named(start.name().0)?, start, at));
        let has_attributes = start.len() > element.name.len();
        for attribute in has_attributes.then(|| start.attributes()).into_iter().flatten() {
            if element.attributes.len() == self.bounds.attributes {
                return Err(Unfit::Bound("attributes"));
            }
            element
                .attributes
                .push(pair(&attribute.map_err(|_| Unfit::Form(at))?)?);
        }
        self.open.push(element);
        Ok(())
    }

    /// The name of a tag that ended at `at`, as it stands in the document: the reader lends names for a moment only.
    fn borrowed(&self, name: &str, tag: &str, at: u64) -> Cow<'a, str> {
        let end = usize::try_from(at).unwrap_or(usize::MAX);
        let there = |mark: usize| {
            let start = end.checked_sub(mark + tag.len())?;
            self.document
                .get(start..start + name.len())
                .filter(|found| *found == name)
        };
        // `>` ends a tag, `/>` an empty one.
        match there(1).or_else(|| there(2)) {
            Some(found) => Cow::Borrowed(found),
            None => Cow::Owned(name.to_owned()),
        }
    }

    fn end(&mut self, at: u64) -> Result<(), Unfit> {
        let mut element = self.open.pop().ok_or(Unfit::Form(at))?;
        trim(&mut element.text);
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    /// Nothing but blanks was read into what is open.
    fn has_no_text(&self) -> bool {
        self.open.last().is_none_or(|element| element.text.is_empty())
    }

    fn text(&mut self, text: Cow<'a, str>, at: u64) -> Result<(), Unfit> {
        let Some(element) = self.open.last_mut() else {
            return if text.trim().is_empty() {
                Ok(())
            } else {
                Err(Unfit::Form(at))
            };
        };
        legal(&text)?;
        if element.text.is_empty() {
            element.text = text;
        } else {
            element.text.to_mut().push_str(&text);
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>, at: u64) -> Result<(), Unfit> {
        let letter = reference.resolve_char_ref().map_err(|_| Unfit::Character)?;
        let text = match letter {
            Some(letter) => Cow::Owned(letter.to_string()),
            None => Cow::Borrowed(resolve_predefined_entity(reference).ok_or(Unfit::Entity)?),
        };
        self.text(text, at)
    }

    fn finish(self, at: u64) -> Result<Element<'a>, Unfit> {
        if self.open.is_empty() {
            self.root.ok_or(Unfit::Form(at))
        } else {
            Err(Unfit::Form(at))
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn trim(text: &mut Cow<'_, str>) {
    if text.is_empty() {
        return;
    }
    match text {
        Cow::Borrowed(whole) => *whole = whole.trim(),
        Cow::Owned(whole) => {
            let trimmed = whole.trim();
            if trimmed.len() < whole.len() {
                *whole = trimmed.to_owned();
            }
        }
    }
}

fn pair<'a>(attribute: &Attribute<'_>) -> Result<(Cow<'a, str>, Cow<'a, str>), Unfit> {
    let value = unescape(&attribute.value).map_err(|_| Unfit::Entity)?;
    let name = named(attribute.key.0)?.to_owned();
    Ok((Cow::Owned(name), Cow::Owned(legal(&value)?.to_owned())))
}
