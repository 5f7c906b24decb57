//! XML read within bounds and written without gluing strings.
//!
//! Text is joined before it is trimmed, because writers of the national side put Vietnamese letters as numeric
//! references and the reader hands out every piece alone. No document type and no entity but the built-in five.

mod read;
mod write;

use std::borrow::Cow;

pub use read::{read, read_text};
pub use write::{write, write_bare};

/// An element and all that is in it, borrowed from the document where it can be. Text standing between child elements is
/// joined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element<'a> {
    /// The name as written, with its prefix.
    pub name: Cow<'a, str>,
    /// Attribute names as written, and values.
    pub attributes: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The element's own text, without blanks at its ends.
    pub text: Cow<'a, str>,
    /// Child elements in order.
    pub children: Vec<Element<'a>>,
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

impl<'a> Element<'a> {
    /// An element of this name, empty.
    #[must_use]
    pub fn new(name: impl Into<Cow<'a, str>>) -> Self {
        Element {
            name: name.into(),
            ..Element::default()
        }
    }

    /// An element of this name that holds a text.
    #[must_use]
    pub fn with_text(name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Self {
        Element {
            text: text.into(),
            ..Element::new(name)
        }
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local(&self) -> &str {
        self.parts().1
    }

    /// The name's prefix, empty when it has none, and the name without it.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        // Names are short: a search by bytes is over before a search for letters has begun.
        match self.name.bytes().position(|byte| byte == b':') {
            Some(at) => (&self.name[..at], &self.name[at + 1..]),
            None => ("", &self.name),
        }
    }

    /// The first child of this local name.
    #[must_use]
    pub fn child(&self, local: &str) -> Option<&Element<'a>> {
        self.children.iter().find(|child| child.local() == local)
    }

    /// The text at the end of a path of local names.
    #[must_use]
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        let end = path
            .iter()
            .try_fold(self, |element, local| element.child(local))?;
        Some(&end.text)
    }

    /// The value of the attribute of this name, prefix included.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_ref())
    }
}

/// A name of letters, digits, `_`, `-`, `.` and at most one `:`, each part beginning with a letter or `_`.
fn named(name: &str) -> Result<&str, Unfit> {
    if is_plain(name.as_bytes()) {
        return Ok(name);
    }
    let (prefix, local) = name.split_once(':').unwrap_or(("_", name));
    if is_part(prefix) && is_part(local) {
        Ok(name)
    } else {
        Err(Unfit::Name)
    }
}

/// The same of names in ASCII, as those of national documents are.
fn is_plain(name: &[u8]) -> bool {
    let (mut first, mut colons) = (true, 0);
    for byte in name {
        let fits = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => true,
            b':' => !first && colons == 0,
            b'0'..=b'9' | b'-' | b'.' => !first,
            _ => false,
        };
        if !fits {
            return false;
        }
        first = *byte == b':';
        colons += usize::from(first);
    }
    !first
}

fn is_part(part: &str) -> bool {
    let first = part.chars().next();
    let rest = part.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    rest && first.is_some_and(|c| c.is_alphabetic() || c == '_')
}

fn legal(text: &str) -> Result<&str, Unfit> {
    let control = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    // Beyond the controls only U+FFFE and U+FFFF are unknown, and both begin with this byte.
    let unknown = text.bytes().any(control)
        || (text.as_bytes().contains(&0xef) && text.contains(['\u{fffe}', '\u{ffff}']));
    if unknown { Err(Unfit::Character) } else { Ok(text) }
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
        assert_eq!((root.local(), root.text.as_ref()), ("a", "Huế & <Q1> x"));
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
    fn a_document_in_other_letters_is_refused_and_one_that_only_says_so_is_not() {
        let says = |encoding: &str, text: &str| {
            let document = format!("<?xml version='1.0' encoding='{encoding}'?><a>{text}</a>");
            read(document.as_bytes(), &Bounds::default()).map(|root| root.text.into_owned())
        };
        for encoding in ["UTF-8", "utf-8", "UTF-16", "us-ascii"] {
            assert_eq!(says(encoding, "Huế"), Ok("Huế".to_owned()), "{encoding}");
        }
        for encoding in ["windows-1258", "iso-8859-1", "TCVN3", ""] {
            assert_eq!(says(encoding, "Huế"), Err(Unfit::Encoding), "{encoding}");
            assert_eq!(says(encoding, "Hue"), Ok("Hue".to_owned()), "{encoding}");
        }
    }

    #[test]
    fn a_plain_document_is_borrowed_whole() {
        let text = "<n:a>\n<n:b x='1'>Huế</n:b ><c/><d>1</d></n:a>";
        let root = read(text.as_bytes(), &Bounds::default()).unwrap();
        let is_borrowed = |text: &Cow<'_, str>| text.is_empty() || matches!(text, Cow::Borrowed(_));
        for element in root.children.iter().chain([&root]) {
            assert!(
                is_borrowed(&element.name) && is_borrowed(&element.text),
                "{element:?}"
            );
        }
        let names: Vec<&str> = root.children.iter().map(|child| child.name.as_ref()).collect();
        assert_eq!(names, ["n:b", "c", "d"]);
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
            attributes: vec![("x y".into(), "".into())],
            ..Element::new("a")
        };
        assert_eq!(write(&root), Err(Unfit::Name));
        assert_eq!(write(&Element::with_text("a", "\u{1}")), Err(Unfit::Character));
    }

    fn tree() -> impl Strategy<Value = Element<'static>> {
        let letters = "[ -~\\n\\tàệ<>&'\"]{0,12}";
        let leaf = ("[a-z]{1,4}(:[a-z]{1,3})?", letters, letters).prop_map(|(name, value, text)| Element {
            attributes: vec![("x:k".into(), value.into())],
            ..Element::with_text(name, text.trim().to_owned())
        });
        leaf.prop_recursive(4, 20, 4, |inner| {
            ("[a-z]{1,4}", prop::collection::vec(inner, 0..4)).prop_map(|(name, children)| Element {
                children,
                ..Element::new(name)
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
