//! XML read within bounds and written without gluing strings.
//!
//! Text is joined before it is trimmed, because writers of the national side put Vietnamese letters as numeric
//! references and the reader hands out every piece alone. No document type and no entity but the built-in five.

use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// An element and all that is in it. Text standing between child elements is joined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The name as written, with its prefix.
    pub name: String,
    /// Attribute names as written, and values.
    pub attributes: Vec<(String, String)>,
    /// The element's own text, without blanks at its ends.
    pub text: String,
    /// Child elements in order.
    pub children: Vec<Element>,
}

/// How much a reader takes in, and how deep it goes.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of the whole document.
    pub bytes: usize,
    /// Elements within elements.
    pub depth: usize,
    /// Elements of the whole document.
    pub elements: usize,
    /// Attributes of one element.
    pub attributes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            bytes: 5 << 20,
            depth: 32,
            elements: 100_000,
            attributes: 64,
        }
    }
}

/// What is wrong with a document. None of these says what stood in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The bytes are not UTF-8.
    #[error("not UTF-8")]
    Encoding,
    /// Not well formed.
    #[error("not well-formed XML, at byte {0}")]
    Form(u64),
    /// A document type is declared.
    #[error("a document type is declared")]
    Doctype,
    /// An entity other than the five built-in ones.
    #[error("an entity that is not built in")]
    Entity,
    /// A character that XML 1.0 does not know.
    #[error("a character that XML does not know")]
    Character,
    /// A name that is no XML name.
    #[error("not an XML name")]
    Name,
    /// Beyond one of the [`Bounds`].
    #[error("beyond the bound of {0}")]
    Bound(&'static str),
}

impl Element {
    /// An element of this name, empty.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Element {
            name: name.to_owned(),
            ..Element::default()
        }
    }

    /// An element of this name that holds a text.
    #[must_use]
    pub fn with_text(name: &str, text: &str) -> Self {
        Element {
            text: text.to_owned(),
            ..Element::new(name)
        }
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local(&self) -> &str {
        self.name
            .split_once(':')
            .map_or(self.name.as_str(), |(_, local)| local)
    }

    /// The first child of this local name.
    #[must_use]
    pub fn child(&self, local: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.local() == local)
    }

    /// The text at the end of a path of local names.
    #[must_use]
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        let end = path
            .iter()
            .try_fold(self, |element, local| element.child(local))?;
        Some(end.text.as_str())
    }

    /// The value of the attribute of this name, prefix included.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Reads one document.
pub fn read(bytes: &[u8], bounds: &Bounds) -> Result<Element, Unfit> {
    if bytes.len() > bounds.bytes {
        return Err(Unfit::Bound("bytes"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unfit::Encoding)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().check_comments = true;
    let mut tree = Tree {
        bounds,
        open: Vec::new(),
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
            Event::Text(text) => tree.text(&text.xml10_content(), at)?,
            Event::CData(text) => tree.text(&text.xml10_content(), at)?,
            Event::GeneralRef(reference) => tree.reference(&reference, at)?,
            Event::DocType(_) => return Err(Unfit::Doctype),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(at),
        }
    }
}

struct Tree<'b> {
    bounds: &'b Bounds,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Tree<'_> {
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
        let mut element = Element::new(named(start.name().0)?);
        for attribute in start.attributes() {
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

    fn end(&mut self, at: u64) -> Result<(), Unfit> {
        let mut element = self.open.pop().ok_or(Unfit::Form(at))?;
        let trimmed = element.text.trim();
        if trimmed.len() < element.text.len() {
            element.text = trimmed.to_owned();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: u64) -> Result<(), Unfit> {
        let Some(element) = self.open.last_mut() else {
            return if text.trim().is_empty() {
                Ok(())
            } else {
                Err(Unfit::Form(at))
            };
        };
        element.text.push_str(legal(text)?);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>, at: u64) -> Result<(), Unfit> {
        let letter = reference.resolve_char_ref().map_err(|_| Unfit::Character)?;
        match letter {
            Some(letter) => self.text(letter.encode_utf8(&mut [0; 4]), at),
            None => self.text(resolve_predefined_entity(reference).ok_or(Unfit::Entity)?, at),
        }
    }

    fn finish(self, at: u64) -> Result<Element, Unfit> {
        if self.open.is_empty() {
            self.root.ok_or(Unfit::Form(at))
        } else {
            Err(Unfit::Form(at))
        }
    }
}

fn pair(attribute: &Attribute<'_>) -> Result<(String, String), Unfit> {
    let value = unescape(&attribute.value).map_err(|_| Unfit::Entity)?;
    Ok((named(attribute.key.0)?.to_owned(), legal(&value)?.to_owned()))
}

/// Writes a document: every text escaped, every name checked.
pub fn write(root: &Element) -> Result<Vec<u8>, Unfit> {
    let mut into = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    element(&mut into, root, Bounds::default().depth)?;
    Ok(into.into_bytes())
}

fn element(into: &mut String, element: &Element, depth: usize) -> Result<(), Unfit> {
    let below = depth.checked_sub(1).ok_or(Unfit::Bound("depth"))?;
    let name = named(&element.name)?;
    into.push('<');
    into.push_str(name);
    for (key, value) in &element.attributes {
        into.extend([" ", named(key)?, "=\""]);
        escape(into, legal(value)?);
        into.push('"');
    }
    if element.text.is_empty() && element.children.is_empty() {
        into.push_str("/>");
        return Ok(());
    }
    into.push('>');
    escape(into, legal(&element.text)?);
    for child in &element.children {
        self::element(into, child, below)?;
    }
    into.extend(["</", name, ">"]);
    Ok(())
}

/// One escaping for texts and attributes; blanks other than the space are kept from being normalised away.
fn escape(into: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '&' => into.push_str("&amp;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&apos;"),
            '\t' => into.push_str("&#9;"),
            '\n' => into.push_str("&#10;"),
            '\r' => into.push_str("&#13;"),
            plain => into.push(plain),
        }
    }
}

/// A name of letters, digits, `_`, `-`, `.` and at most one `:`, each part beginning with a letter or `_`.
fn named(name: &str) -> Result<&str, Unfit> {
    let part = |part: &str| {
        let first = part.chars().next();
        let rest = part.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
        rest && first.is_some_and(|c| c.is_alphabetic() || c == '_')
    };
    let (prefix, local) = name.split_once(':').unwrap_or(("_", name));
    if part(prefix) && part(local) {
        Ok(name)
    } else {
        Err(Unfit::Name)
    }
}

fn legal(text: &str) -> Result<&str, Unfit> {
    let unknown = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(unknown) {
        Err(Unfit::Character)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(text: &str) -> Unfit {
        read(text.as_bytes(), &Bounds::default()).unwrap_err()
    }

    #[test]
    fn pieces_of_a_text_are_joined_before_they_are_trimmed() {
        let text = "\u{feff}<?xml version='1.0'?><n:a x='1 &amp; &#7871;'>  Hu&#7871; &amp; <![CDATA[<Q1> ]]><!-- c -->x <b/>\n</n:a>";
        let root = read(text.as_bytes(), &Bounds::default()).unwrap();
        assert_eq!((root.local(), root.text.as_str()), ("a", "Huế & <Q1> x"));
        assert_eq!(root.attribute("x"), Some("1 & ế"));
        assert_eq!(root.text_at(&["b"]), Some(""));
        assert_eq!(root.text_at(&["b", "c"]), None);
    }

    #[test]
    fn what_could_hurt_is_refused() {
        assert_eq!(fault("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), Unfit::Doctype);
        assert_eq!(fault("<a>&b;</a>"), Unfit::Entity);
        assert_eq!(fault("<a b='&c;'/>"), Unfit::Entity);
        assert_eq!(fault("<a>&#1;</a>"), Unfit::Character);
        assert_eq!(fault("<a b='&#1;'/>"), Unfit::Character);
        assert_eq!(fault(&"<a>".repeat(33)), Unfit::Bound("depth"));
        assert_eq!(read(&[0xff], &Bounds::default()), Err(Unfit::Encoding));
        let small = Bounds {
            bytes: 40,
            elements: 2,
            attributes: 1,
            ..Bounds::default()
        };
        assert_eq!(read(b"<a><b/><c/></a>", &small), Err(Unfit::Bound("elements")));
        assert_eq!(read(b"<a b='1' c='2'/>", &small), Err(Unfit::Bound("attributes")));
        assert_eq!(read(&[b' '; 41], &small), Err(Unfit::Bound("bytes")));
    }

    #[test]
    fn what_is_not_one_whole_document_is_refused() {
        for text in [
            "",
            " ",
            "a",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>b",
            "<a b='1' b='2'/>",
            "<a",
            "<a>&lt</a>",
            "<1/>",
        ] {
            assert!(matches!(fault(text), Unfit::Form(_) | Unfit::Name), "{text}");
        }
    }

    #[test]
    fn names_and_characters_cannot_inject() {
        assert_eq!(write(&Element::new("a><b")), Err(Unfit::Name));
        assert_eq!(write(&Element::new("")), Err(Unfit::Name));
        let root = Element {
            attributes: vec![("x y".into(), String::new())],
            ..Element::new("a")
        };
        assert_eq!(write(&root), Err(Unfit::Name));
        assert_eq!(write(&Element::with_text("a", "\u{1}")), Err(Unfit::Character));
    }

    fn tree() -> impl Strategy<Value = Element> {
        let letters = "[ -~\\n\\tàệ<>&'\"]{0,12}";
        let leaf = ("[a-z]{1,4}(:[a-z]{1,3})?", letters, letters).prop_map(|(name, value, text)| Element {
            attributes: vec![("x:k".to_owned(), value)],
            ..Element::with_text(&name, text.trim())
        });
        leaf.prop_recursive(4, 20, 4, |inner| {
            ("[a-z]{1,4}", prop::collection::vec(inner, 0..4)).prop_map(|(name, children)| Element {
                children,
                ..Element::new(&name)
            })
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(root in tree()) {
            let bytes = write(&root).unwrap();
            prop_assert_eq!(read(&bytes, &Bounds::default()), Ok(root));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in any::<usize>()) {
            let _ = read(&bytes, &Bounds::default());
            let whole = "<a x='é'>&#7871;<![CDATA[b]]><!--c--><d/></a>";
            let mut text = whole.as_bytes().to_vec();
            let at = cut % text.len();
            text.splice(at.., bytes);
            let _ = read(&text, &Bounds::default());
        }
    }
}
