//! The canonical form of a plain document in one pass over its text, without a tree: most of what is signed is plain, and
//! reading it into a tree takes longer than a signature on P-256.
//!
//! What is not plain (comments, sections, instructions, names beyond ASCII, `xml:` attributes, numbers for characters, defaults
//! taken back, anything wrong) is left to the tree by saying nothing. Where this says something, the tree says the same.

use super::bounds::Bounds;
use super::bytes::{CLASS, COLON, NAME, OTHER, special};
use super::canon::Form;

/// What one pass found.
#[derive(Debug)]
pub(super) struct Straight<'a> {
    /// The canonical form.
    pub(super) canonical: Vec<u8>,
    /// Where the root's end tag begins.
    pub(super) end: usize,
    /// The namespaces that the root declares.
    pub(super) scope: Vec<(&'a str, &'a str)>,
    /// The values of all attributes that may identify an element.
    pub(super) identifiers: Vec<&'a str>,
}

/// Looks at a whole document; `None` where it is not plain.
pub(super) fn straight<'a>(text: &'a str, form: Form, bounds: &Bounds) -> Option<Straight<'a>> {
    let start = prolog(text)?;
    let mut pass = Pass {
        text,
        bytes: text.as_bytes(),
        form,
        bounds,
        out: Vec::with_capacity(text.len() + 256),
        copied: start,
        at: start,
        elements: 0,
        open: Vec::with_capacity(16),
        scope: Vec::with_capacity(8),
        rendered: Vec::with_capacity(8),
        attributes: Vec::with_capacity(8),
        identifiers: Vec::new(),
    };
    let end = pass.run()?;
    pass.flush(pass.at);
    let rest_is_blank = text[pass.at..]
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
    (rest_is_blank && pass.out.len() <= bounds.canonical).then_some(Straight {
        canonical: pass.out,
        end,
        scope: pass.scope,
        identifiers: pass.identifiers,
    })
}

/// Where the root element begins, after a declaration of the usual kind.
fn prolog(text: &str) -> Option<usize> {
    let mut rest = text;
    for usual in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        "<?xml version=\"1.0\"?>",
    ] {
        rest = rest.strip_prefix(usual).unwrap_or(rest);
        if rest.len() < text.len() {
            rest = rest.trim_start_matches([' ', '\t', '\n']);
            break;
        }
    }
    rest.starts_with('<').then_some(text.len() - rest.len())
}

struct Pass<'a, 'b> {
    text: &'a str,
    bytes: &'a [u8],
    form: Form,
    bounds: &'b Bounds,
    out: Vec<u8>,
    /// Up to where the text is in `out`; from there to `at` it is canonical as it stands.
    copied: usize,
    at: usize,
    elements: usize,
    open: Vec<Open<'a>>,
    /// The namespaces in scope, and those that the open elements have written, the nearest last.
    scope: Vec<(&'a str, &'a str)>,
    rendered: Vec<(&'a str, &'a str)>,
    /// The attributes of the tag at hand, declarations not among them.
    attributes: Vec<Attribute<'a>>,
    identifiers: Vec<&'a str>,
}

struct Open<'a> {
    name: &'a str,
    prefix: &'a str,
    scope: usize,
    rendered: usize,
}

#[derive(Clone, Copy)]
struct Attribute<'a> {
    /// As it is written.
    whole: &'a str,
    prefix: &'a str,
    local: &'a str,
    value: &'a str,
}

impl<'a> Pass<'a, '_> {
    /// Runs to the end of the root element, and gives the place of its end tag.
    fn run(&mut self) -> Option<usize> {
        loop {
            // At a `<`.
            let start = self.at;
            let ends = *self.bytes.get(start + 1)? == b'/';
            match ends {
                true => self.end_tag()?,
                false => self.start_tag()?,
            }
            if ends && self.open.is_empty() {
                return Some(start);
            }
            self.characters()?;
        }
    }

    fn flush(&mut self, to: usize) {
        self.out.extend_from_slice(&self.bytes[self.copied..to]);
        self.copied = to;
    }

    /// Up to the next `<`.
    fn characters(&mut self) -> Option<()> {
        loop {
            self.at += special(&self.bytes[self.at..])?;
            let here = self.at;
            match self.bytes[here] {
                b'<' => return Some(()),
                b'>' if self.bytes[..here].ends_with(b"]]") => return None,
                b'>' => {
                    self.flush(here);
                    self.out.extend_from_slice(b"&gt;");
                    self.copied += 1;
                    self.at += 1;
                }
                _ => {
                    let rest = &self.bytes[here..];
                    let known = [b"&amp;".as_slice(), b"&lt;", b"&gt;"];
                    self.at += known.iter().find(|one| rest.starts_with(one))?.len();
                }
            }
        }
    }

    fn end_tag(&mut self) -> Option<()> {
        let open = self.open.pop()?;
        let rest = self.bytes[self.at + 2..].strip_prefix(open.name.as_bytes())?;
        if *rest.first()? != b'>' {
            return None;
        }
        self.at += open.name.len() + 3;
        // What the root declared is told at the end.
        if !self.open.is_empty() {
            self.scope.truncate(open.scope);
        }
        self.rendered.truncate(open.rendered);
        Some(())
    }

    fn start_tag(&mut self) -> Option<()> {
        self.elements += 1;
        if self.elements > self.bounds.elements || self.open.len() >= self.bounds.depth {
            return None;
        }
        let start = self.at;
        self.at += 1;
        let (name, prefix, _) = self.name()?;
        let (scope, rendered) = (self.scope.len(), self.rendered.len());
        self.attributes.clear();
        let mut as_it_stands = true;
        loop {
            match *self.bytes.get(self.at)? {
                b'>' => break,
                b' ' => as_it_stands &= self.attribute(scope)?,
                _ => return None,
            }
        }
        self.at += 1;
        let declares = self.scope.len() > scope;
        let by_parent = self.open.last().is_some_and(|parent| parent.prefix == prefix);
        let nothing_new = !declares && by_parent && self.attributes.iter().all(|one| one.prefix.is_empty());
        if !nothing_new || !as_it_stands {
            self.written(start, (name, prefix), scope)?;
        } else if !self.is_sorted() {
            self.reordered(start + 1 + name.len())?;
        }
        self.open.push(Open {
            name,
            prefix,
            scope,
            rendered,
        });
        Some(())
    }

    /// A name of ASCII letters: whole, its prefix, its local part.
    fn name(&mut self) -> Option<(&'a str, &'a str, &'a str)> {
        let (from, mut colon) = (self.at, None);
        let mut before = COLON;
        for (place, byte) in self.bytes[from..].iter().enumerate() {
            match CLASS[usize::from(*byte)] {
                OTHER => {
                    self.at += place;
                    break;
                }
                // A second colon, or one that begins the name.
                COLON if before == COLON || colon.is_some() => return None,
                COLON => colon = Some(place),
                // What begins the name, or its local part.
                NAME if before == COLON => return None,
                _ => {}
            }
            before = CLASS[usize::from(*byte)];
        }
        if before == COLON || self.at == from {
            return None;
        }
        let name = self.text.get(from..self.at)?;
        Some(match colon {
            None => (name, "", name),
            Some(colon) => (name, &name[..colon], &name[colon + 1..]),
        })
    }

    /// One attribute after one blank; whether it is written as the canonical form writes it, its place aside. What is in
    /// scope from `own` on was declared by this very tag.
    fn attribute(&mut self, own: usize) -> Option<bool> {
        self.at += 1;
        let start = self.at;
        let (_, prefix, local) = self.name()?;
        if *self.bytes.get(self.at)? != b'=' {
            return None;
        }
        let quote = *self.bytes.get(self.at + 1)?;
        let from = self.at + 2;
        let ends = |byte: &u8| *byte == quote || matches!(byte, b'&' | b'<' | b'"' | b'\t' | b'\n');
        let to = from + self.bytes.get(from..)?.iter().position(ends)?;
        if !matches!(quote, b'"' | b'\'') || self.bytes[to] != quote {
            return None;
        }
        let value = self.text.get(from..to)?;
        self.at = to + 1;
        match (prefix, local) {
            ("", "xmlns") => self.declare("", value, own)?,
            ("xmlns", "xml" | "xmlns") | ("xml", _) => return None,
            ("xmlns", name) => self.declare(name, value, own)?,
            (prefix, local) => {
                if matches!(local, "Id" | "ID" | "id") {
                    self.identifiers.push(value);
                }
                self.attributes.push(Attribute {
                    whole: self.text.get(start..=to)?,
                    prefix,
                    local,
                    value,
                });
            }
        }
        let count = self.attributes.len() + self.scope.len() - own;
        (count <= self.bounds.attributes).then_some(quote == b'"')
    }

    fn declare(&mut self, prefix: &'a str, space: &'a str, own: usize) -> Option<()> {
        let plain =
            space.starts_with("urn:") || space.starts_with("http://") || space.starts_with("https://");
        let reserved =
            space.starts_with("http://www.w3.org/XML/") || space.starts_with("http://www.w3.org/2000/xmlns");
        let twice = self.scope[own..].iter().any(|(other, _)| *other == prefix);
        // Two namespaces are always in scope.
        if !plain || reserved || twice || self.scope.len() + 2 >= self.bounds.namespaces {
            return None;
        }
        self.scope.push((prefix, space));
        Some(())
    }

    /// Whether attributes without prefixes stand in their order, none twice.
    fn is_sorted(&self) -> bool {
        self.attributes.windows(2).all(|two| two[0].local < two[1].local)
    }

    /// Writes a tag whose attributes, none with a prefix, only stand in another order; they begin at `from`.
    fn reordered(&mut self, from: usize) -> Option<()> {
        self.flush(from);
        self.copied = self.at;
        self.attributes.sort_unstable_by_key(|one| one.local);
        for one in &self.attributes {
            self.out.push(b' ');
            self.out.extend_from_slice(one.whole.as_bytes());
        }
        self.out.push(b'>');
        self.is_sorted().then_some(())
    }

    fn space(&self, prefix: &str) -> Option<&'a str> {
        let found = self.scope.iter().rev().find(|(other, _)| *other == prefix);
        match found {
            Some((_, space)) => Some(space),
            None => prefix.is_empty().then_some(""),
        }
    }

    /// Writes the tag that began at `start` in its canonical form.
    fn written(&mut self, start: usize, (name, prefix): (&'a str, &'a str), own: usize) -> Option<()> {
        self.flush(start);
        self.copied = self.at;
        let first = self.rendered.len();
        let space = self.space(prefix)?;
        let mut attributes = std::mem::take(&mut self.attributes);
        if self.form == Form::Exclusive {
            self.render(first, prefix, space);
            for one in attributes.iter().filter(|one| !one.prefix.is_empty()) {
                self.render(first, one.prefix, self.space(one.prefix)?);
            }
        } else {
            for index in own..self.scope.len() {
                let (prefix, space) = self.scope[index];
                self.render(first, prefix, space);
            }
        }
        self.rendered[first..].sort_unstable();
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        for index in first..self.rendered.len() {
            let (prefix, space) = self.rendered[index];
            let colon = if prefix.is_empty() { "" } else { ":" };
            self.put(&[" xmlns", colon, prefix, "=\"", space, "\""]);
        }
        self.sort(&mut attributes)?;
        for one in &attributes {
            let colon = if one.prefix.is_empty() { "" } else { ":" };
            self.put(&[" ", one.prefix, colon, one.local, "=\"", one.value, "\""]);
        }
        self.out.push(b'>');
        self.attributes = attributes;
        (self.out.len() <= self.bounds.canonical).then_some(())
    }

    /// Notes a namespace to write, unless an open element has written just that, or this tag will.
    fn render(&mut self, first: usize, prefix: &'a str, space: &'a str) {
        let before = self.rendered.iter().rposition(|(other, _)| *other == prefix);
        let known = match before {
            Some(index) => index >= first || self.rendered[index].1 == space,
            None => space.is_empty(),
        };
        if !known {
            self.rendered.push((prefix, space));
        }
    }

    /// By namespace and local name, none twice; an attribute without a prefix is in no namespace.
    fn sort(&self, attributes: &mut [Attribute<'a>]) -> Option<()> {
        let space = |one: &Attribute<'a>| match one.prefix {
            "" => Some(""),
            prefix => self.space(prefix),
        };
        if attributes.iter().any(|one| space(one).is_none()) {
            return None;
        }
        attributes.sort_unstable_by(|a, b| (space(a), a.local).cmp(&(space(b), b.local)));
        let twice = attributes
            .windows(2)
            .any(|two| (space(&two[0]), two[0].local) == (space(&two[1]), two[1].local));
        (!twice).then_some(())
    }

    fn put(&mut self, parts: &[&str]) {
        for part in parts {
            self.out.extend_from_slice(part.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, prop};
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::super::canon::{self, Canonical, Subset};
    use super::super::read::Source;
    use super::super::tree::WHOLE;
    use super::*;

    /// The canonical form by way of the tree, and where its root's end tag begins.
    fn by_tree(text: &str, form: Form) -> Option<(Vec<u8>, usize)> {
        let bounds = Bounds::default();
        let source = Source::new(text.as_bytes(), &bounds).ok()?;
        let document = source.document(&bounds).ok()?;
        let all = Subset {
            apex: WHOLE,
            without: None,
            comments: false,
        };
        let mut out = Vec::new();
        canon::write(&document, all, &Canonical::new(form), bounds.canonical, &mut out).ok()?;
        let end = document.nodes[document.root].span.end;
        Some((out, document.text[..end].rfind("</")?))
    }

    const FORMS: [Form; 3] = [Form::Inclusive, Form::Inclusive11, Form::Exclusive];

    /// What one pass says, which must be what the tree says.
    fn agreed(text: &str) -> bool {
        let mut plain = 0;
        for form in FORMS {
            if let Some(found) = straight(text, form, &Bounds::default()) {
                let (canonical, end) = by_tree(text, form).unwrap_or_else(|| panic!("no document: {text}"));
                let told = String::from_utf8(found.canonical).unwrap();
                assert_eq!(told, String::from_utf8(canonical).unwrap(), "{text}");
                assert_eq!(found.end, end, "{text}");
                plain += 1;
            }
        }
        assert!(plain == 0 || plain == FORMS.len(), "{text}");
        plain > 0
    }

    #[test]
    fn plain_documents_are_written_as_the_tree_writes_them() {
        for text in [
            "<a></a>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>\n</a>\n",
            "<a>Trần &amp; con &lt;&gt; > ]] \"'</a>",
            "<p:a xmlns:p=\"urn:p\" xmlns=\"urn:q\"><b c=\"1\" a='2'><p:b></p:b></b></p:a>",
            "<a xmlns=\"urn:a\"><a xmlns=\"urn:a\"><b xmlns=\"urn:b\"></b></a><c></c></a>",
            "<a b=\">\" Id=\"x\"></a>",
            "<a xmlns:p=\"urn:1\" xmlns:q=\"urn:0\"><b p:x=\"1\" q:x=\"2\" x=\"3\" q:a=\"4\"></b></a>",
            "<a xmlns:p=\"urn:1\"><p:b xmlns:p=\"urn:2\" p:c=\"1\"><p:d></p:d></p:b><p:b></p:b></a>",
        ] {
            assert!(agreed(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_tree() {
        for text in [
            "",
            "a",
            "<a/>",
            "<a><b/></a>",
            "<a><!-- --></a>",
            "<a><![CDATA[x]]></a>",
            "<a><?p?></a>",
            "<a>&#65;</a>",
            "<a>&x;</a>",
            "<a>]]></a>",
            "<a></b>",
            "<a></a ></a>",
            "<a>",
            "<a></a><b></b>",
            "<a></a>x",
            "x<a></a>",
            "<é></é>",
            "<a b=\"&amp;\"></a>",
            "<a b=\"1\" b=\"2\"></a>",
            "<a b=\"1\" a=\"1\" b=\"2\"></a>",
            "<a  b=\"1\"></a>",
            "<a b =\"1\"></a>",
            "<a b=\"1\"c=\"1\"></a>",
            "<a xml:lang=\"vi\"></a>",
            "<p:a></p:a>",
            "<a p:b=\"1\"></a>",
            "<a xmlns=\"\"></a>",
            "<a xmlns=\"x/y\"></a>",
            "<a xmlns:p=\"urn:1\" xmlns:p=\"urn:2\"></a>",
            "<a xmlns:p=\"urn:1\" xmlns:q=\"urn:1\" p:b=\"\" q:b=\"\"></a>",
            "<a xmlns:xml=\"http://www.w3.org/XML/1998/namespace\"></a>",
            "<:a></:a>",
            "<a:></a:>",
            "<a:b:c></a:b:c>",
            "<1></1>",
            "<a:1></a:1>",
            "<a b=\"<\"></a>",
            "<a b></a>",
            "<a b=1></a>",
            "<!DOCTYPE a><a></a>",
            "<a xmlns:p=\"http://www.w3.org/2000/xmlns/\"></a>",
        ] {
            for form in FORMS {
                assert!(straight(text, form, &Bounds::default()).is_none(), "{text}");
            }
        }
        let deep = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
        assert!(straight(&deep, Form::Exclusive, &Bounds::default()).is_none());
    }

    fn element() -> impl Strategy<Value = String> {
        let text = prop::collection::vec(
            prop::sample::select(&["x", "ế", " ", "\n", "&amp;", ">", "]", "'", "&", "<!---->"][..]),
            0..4,
        );
        text.prop_map(|pieces| pieces.concat())
            .prop_recursive(5, 40, 5, |inner| {
                let name = prop::sample::select(&["a", "b", "p:a", "q:b", "p:b", "r:c"][..]);
                let inside = prop::collection::vec(
                    prop::sample::select(
                        &[
                            " a=\"1\"",
                            " b='2'",
                            " p:a=\"3\"",
                            " q:a=\"4\"",
                            " q:b=\">\"",
                            " xmlns=\"urn:1\"",
                            " xmlns:p=\"urn:1\"",
                            " xmlns:p=\"urn:2\"",
                            " xmlns:q=\"urn:2\"",
                            " xmlns:q='urn:3'",
                            " c=\"'\"",
                            " xmlns=\"\"",
                        ][..],
                    ),
                    0..4,
                );
                (name, inside, prop::collection::vec(inner, 0..4)).prop_map(|(name, inside, parts)| {
                    format!("<{name}{}>{}</{name}>", inside.concat(), parts.concat())
                })
            })
    }

    #[test]
    fn a_random_document_is_plain_and_right_or_left_to_the_tree() {
        let mut runner = TestRunner::deterministic();
        let documents = prop::collection::vec(element(), 0..3);
        let plain = (0..3000).filter(|_| {
            let inside = documents.new_tree(&mut runner).unwrap().current();
            agreed(&format!(
                "<r xmlns:q=\"urn:0\" xmlns:p=\"urn:1\">{}</r>",
                inside.concat()
            ))
        });
        // Both kinds are met.
        let plain = plain.count();
        assert!((500..2500).contains(&plain), "{plain}");
    }
}
