//! From bytes to a tree, within bounds: no document type, no entities of the document's own, nothing fetched.
//!
//! quick-xml finds the tags; what it leaves to its caller (names, namespaces, values, the one root) is checked here.

use std::borrow::Cow;

use quick_xml::events::{BytesDecl, Event};
use quick_xml::reader::Reader;

use super::bounds::{Bounds, Unreadable};
use super::letters::{is_blank, is_name, legal, reference};
use super::tag::{self, Raw};
use super::tree::{Attribute, Binding, Document, Kind, NOWHERE, Name, Node, OF_XML, WHOLE, XML};

/// The text of a document: UTF-8 without a byte order mark, legal characters only, line ends as `\n` (XML 1.0 §2.11).
#[derive(Debug)]
pub(super) struct Source<'a>(Cow<'a, str>);

impl<'a> Source<'a> {
    pub(super) fn new(bytes: &'a [u8], bounds: &Bounds) -> Result<Self, Unreadable> {
        if bytes.len() > bounds.bytes {
            return Err(Unreadable::Bound("bytes"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Encoding)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if !legal(text) {
            return Err(Unreadable::Character);
        }
        Ok(Self(match has_returns(text) {
            true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
            false => Cow::Borrowed(text),
        }))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The document in this text.
    pub(super) fn document(&self, bounds: &Bounds) -> Result<Document<'_>, Unreadable> {
        let mut builder = Builder::new(&self.0, bounds);
        let mut reader = Reader::from_str(&self.0);
        let mut from = 0;
        loop {
            let event = reader.read_event();
            let to = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            match event.map_err(|_| Unreadable::Form(from))? {
                Event::Start(_) => builder.start(from, to, 1)?,
                Event::Empty(_) => {
                    builder.start(from, to, 2)?;
                    builder.end(to)?;
                }
                Event::End(_) => builder.end(to)?,
                Event::Text(_) => builder.characters(from, to)?,
                Event::CData(_) => builder.section(from, to)?,
                Event::GeneralRef(_) => builder.reference(from, to)?,
                Event::Comment(_) => builder.comment(from, to)?,
                Event::PI(_) => builder.instruction(from, to)?,
                Event::Decl(declared) if from == 0 => declaration(&declared, &self.0)?,
                Event::Decl(_) => return Err(Unreadable::Form(from)),
                Event::DocType(_) => return Err(Unreadable::Doctype),
                Event::Eof => return builder.finish(from),
            }
            from = to;
        }
    }
}

/// Whether a carriage return is anywhere; without a way out, so that the compiler can look at many bytes at once.
fn has_returns(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | (byte == b'\r'))
}

/// What a declaration says must be what the text is. ASCII text is the same under every name that is met.
fn declaration(declared: &BytesDecl<'_>, text: &str) -> Result<(), Unreadable> {
    if declared.version().map_err(|_| Unreadable::Form(0))? != "1.0" {
        return Err(Unreadable::Version);
    }
    let Some(encoding) = declared.encoding() else {
        return Ok(());
    };
    let encoding = encoding.map_err(|_| Unreadable::Form(0))?;
    match encoding.eq_ignore_ascii_case("utf-8") || text.is_ascii() {
        true => Ok(()),
        false => Err(Unreadable::Encoding),
    }
}

struct Builder<'a, 'b> {
    document: Document<'a>,
    bounds: &'b Bounds,
    /// The open elements, and how many bindings were in scope before each.
    open: Vec<(usize, usize)>,
    /// The bindings in scope, the nearest last.
    scope: Vec<u32>,
    elements: usize,
}

impl<'a, 'b> Builder<'a, 'b> {
    fn new(text: &'a str, bounds: &'b Bounds) -> Self {
        let mut nodes = Vec::with_capacity(text.len() / 24 + 4);
        nodes.push(Node {
            kind: Kind::Document,
            parent: WHOLE,
            end: 1,
            span: 0..text.len(),
        });
        let built_in = |prefix, space| Binding {
            prefix,
            space: Cow::Borrowed(space),
        };
        Self {
            document: Document {
                text,
                nodes,
                attributes: Vec::with_capacity(16),
                bindings: vec![built_in("", ""), built_in("xml", XML)],
                root: WHOLE,
                relative: false,
            },
            bounds,
            open: Vec::with_capacity(16),
            scope: vec![NOWHERE, OF_XML],
            elements: 0,
        }
    }

    fn parent(&self) -> usize {
        self.open.last().map_or(WHOLE, |(node, _)| *node)
    }

    fn push(&mut self, kind: Kind<'a>, from: usize, to: usize) {
        let end = self.document.nodes.len() + 1;
        self.document.nodes.push(Node {
            kind,
            parent: self.parent(),
            end,
            span: from..to,
        });
    }

    /// `tail` is how many bytes end the tag.
    fn start(&mut self, from: usize, to: usize, tail: usize) -> Result<(), Unreadable> {
        self.elements += 1;
        if self.elements > self.bounds.elements {
            return Err(Unreadable::Bound("elements"));
        }
        if self.open.len() >= self.bounds.depth {
            return Err(Unreadable::Bound("depth"));
        }
        if self.open.is_empty() {
            if self.document.root != WHOLE {
                return Err(Unreadable::Form(from));
            }
            self.document.root = self.document.nodes.len();
        }
        let raw = Raw::new(self.document.text, from + 1, to - tail)?;
        let before = self.scope.len();
        let (first_binding, first) = (self.document.bindings.len(), self.document.attributes.len());
        self.attributes(&raw, from)?;
        let space = self.resolve(raw.prefix).ok_or(Unreadable::Namespace(from))?;
        self.resolve_attributes(first, from)?;
        let name = Name {
            prefix: raw.prefix,
            local: raw.local,
            space,
        };
        let kind = Kind::Element {
            name,
            attributes: first..self.document.attributes.len(),
            bindings: first_binding..self.document.bindings.len(),
        };
        self.push(kind, from, to);
        self.open.push((self.document.nodes.len() - 1, before));
        Ok(())
    }

    /// Declarations of namespaces are set apart; the other attributes wait for all of them.
    fn attributes(&mut self, raw: &Raw<'a>, from: usize) -> Result<(), Unreadable> {
        let (mut count, before) = (0, self.scope.len());
        let mut rest = raw.rest(self.document.text);
        while let Some(one) = tag::attribute(&mut rest)? {
            count += 1;
            if count > self.bounds.attributes {
                return Err(Unreadable::Bound("attributes"));
            }
            match (one.prefix, one.local) {
                ("", "xmlns") => self.bind("", one.value, before, from)?,
                ("xmlns", prefix) => self.bind(prefix, one.value, before, from)?,
                (prefix, local) => self.document.attributes.push(Attribute {
                    name: Name {
                        prefix,
                        local,
                        space: NOWHERE,
                    },
                    value: one.value,
                }),
            }
        }
        Ok(())
    }

    /// Namespaces in XML 1.0, §3 and §5. What is in scope from `before` on was declared by this very tag.
    fn bind(
        &mut self,
        prefix: &'a str,
        space: Cow<'a, str>,
        before: usize,
        from: usize,
    ) -> Result<(), Unreadable> {
        let reserved = matches!(space.as_ref(), XML | "http://www.w3.org/2000/xmlns/");
        let twice = self.scope[before..]
            .iter()
            .any(|one| self.document.bindings[*one as usize].prefix == prefix);
        let wrong = match prefix {
            "xml" => space != XML,
            "xmlns" => true,
            "" => reserved,
            _ => reserved || space.is_empty(),
        };
        if wrong || twice {
            return Err(Unreadable::Namespace(from));
        }
        if self.scope.len() >= self.bounds.namespaces {
            return Err(Unreadable::Bound("namespaces"));
        }
        self.document.relative |= !space.is_empty() && !is_absolute(&space);
        let binding =
            u32::try_from(self.document.bindings.len()).map_err(|_| Unreadable::Bound("namespaces"))?;
        self.document.bindings.push(Binding { prefix, space });
        self.scope.push(binding);
        Ok(())
    }

    fn resolve(&self, prefix: &str) -> Option<u32> {
        let binding = |index: &u32| &self.document.bindings[*index as usize];
        let found = self
            .scope
            .iter()
            .rev()
            .find(|one| binding(one).prefix == prefix)?;
        // A default that was taken back is no namespace, whichever binding says so.
        Some(if binding(found).space.is_empty() {
            NOWHERE
        } else {
            *found
        })
    }

    /// Gives the attributes from `first` on their namespaces, and refuses a name that stands twice: a declaration, an
    /// attribute, or two prefixes of one namespace (Namespaces in XML 1.0 §6.3).
    fn resolve_attributes(&mut self, first: usize, from: usize) -> Result<(), Unreadable> {
        for index in first..self.document.attributes.len() {
            let prefix = self.document.attributes[index].name.prefix;
            if !prefix.is_empty() {
                let space = self.resolve(prefix).ok_or(Unreadable::Namespace(from))?;
                self.document.attributes[index].name.space = space;
            }
            let (before, this) = self.document.attributes[first..=index].split_at(index - first);
            let space = |name: Name<'_>| self.document.bindings[name.space as usize].space.as_ref();
            let twice = this.iter().any(|this| {
                before
                    .iter()
                    .any(|one| one.name.local == this.name.local && space(one.name) == space(this.name))
            });
            if twice {
                return Err(Unreadable::Namespace(from));
            }
        }
        Ok(())
    }

    fn end(&mut self, to: usize) -> Result<(), Unreadable> {
        let (node, scope) = self.open.pop().ok_or(Unreadable::Form(to))?;
        self.scope.truncate(scope);
        let end = self.document.nodes.len();
        let node = &mut self.document.nodes[node];
        node.end = end;
        node.span.end = to;
        Ok(())
    }

    fn characters(&mut self, from: usize, to: usize) -> Result<(), Unreadable> {
        let text = &self.document.text[from..to];
        if self.open.is_empty() {
            return match text.bytes().all(is_blank) {
                true => Ok(()),
                false => Err(Unreadable::Form(from)),
            };
        }
        if text.as_bytes().contains(&b']') && text.contains("]]>") {
            return Err(Unreadable::Form(from));
        }
        self.join(Cow::Borrowed(text), from, to)
    }

    fn section(&mut self, from: usize, to: usize) -> Result<(), Unreadable> {
        let text = inside(&self.document.text[from..to], "<![CDATA[", "]]>").ok_or(Unreadable::Form(from))?;
        self.join(Cow::Borrowed(text), from, to)
    }

    fn reference(&mut self, from: usize, to: usize) -> Result<(), Unreadable> {
        let name = inside(&self.document.text[from..to], "&", ";").ok_or(Unreadable::Form(from))?;
        let letter = reference(name).ok_or(Unreadable::Entity(from))?;
        self.join(Cow::Owned(letter.to_string()), from, to)
    }

    /// One text node for what stands together, in however many pieces it was written.
    fn join(&mut self, text: Cow<'a, str>, from: usize, to: usize) -> Result<(), Unreadable> {
        if self.open.is_empty() {
            return Err(Unreadable::Form(from));
        }
        let parent = self.parent();
        if let Some(Node {
            kind: Kind::Text(before),
            parent: of,
            span,
            ..
        }) = self.document.nodes.last_mut()
            && *of == parent
        {
            before.to_mut().push_str(&text);
            span.end = to;
        } else if !text.is_empty() {
            self.push(Kind::Text(text), from, to);
        }
        Ok(())
    }

    fn comment(&mut self, from: usize, to: usize) -> Result<(), Unreadable> {
        let text = inside(&self.document.text[from..to], "<!--", "-->").ok_or(Unreadable::Form(from))?;
        if text.contains("--") || text.ends_with('-') {
            return Err(Unreadable::Form(from));
        }
        self.push(Kind::Comment(text), from, to);
        Ok(())
    }

    fn instruction(&mut self, from: usize, to: usize) -> Result<(), Unreadable> {
        let text = inside(&self.document.text[from..to], "<?", "?>").ok_or(Unreadable::Form(from))?;
        let end = text.bytes().position(is_blank).unwrap_or(text.len());
        let (target, content) = text.split_at(end);
        if !is_name(target) || target.eq_ignore_ascii_case("xml") {
            return Err(Unreadable::Form(from));
        }
        let content = content.trim_start_matches([' ', '\t', '\n']);
        self.push(Kind::Instruction { target, content }, from, to);
        Ok(())
    }

    fn finish(mut self, at: usize) -> Result<Document<'a>, Unreadable> {
        if !self.open.is_empty() || self.document.root == WHOLE {
            return Err(Unreadable::Form(at));
        }
        let end = self.document.nodes.len();
        self.document.nodes[WHOLE].end = end;
        Ok(self.document)
    }
}

fn inside<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

/// Whether it has a scheme (RFC 3986 §3.1).
fn is_absolute(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}
