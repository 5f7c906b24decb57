//! Canonical XML 1.0 and 1.1, exclusive Canonical XML 1.0, each with and without comments.
//!
//! A node-set here is always a whole document or one element with all that is below it, less at most one element (the
//! signature that an enveloped transform takes out); XPath could make others, and is refused.

use std::borrow::Cow;

use super::base;
use super::escape::{attribute, text};
use super::tree::{Document, Kind, Name, OF_XML, WHOLE, XML};

/// A way to write the one form of all documents that mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical {
    /// Which recommendation.
    pub form: Form,
    /// Whether comments are part of it.
    pub comments: bool,
    /// Exclusive form only: prefixes that are written as the inclusive form would (`#default` is the empty string).
    pub prefixes: Vec<String>,
}

/// A recommendation on canonical XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Canonical XML 1.0 (2001): all namespaces in scope and all `xml:` attributes of what stands around.
    Inclusive,
    /// Canonical XML 1.1 (2008): `xml:id` is not inherited, `xml:base` is resolved.
    Inclusive11,
    /// Exclusive XML Canonicalization 1.0 (2002): the namespaces that are used, nothing inherited.
    Exclusive,
}

/// Why there is no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Formless {
    /// It would be larger than [`Bounds::canonical`](super::bounds::Bounds).
    #[error("the canonical form is larger than is written")]
    Large,
    /// A namespace is a relative reference (Canonical XML 1.0 §1.3 asks for failure).
    #[error("a namespace that is a relative reference has no canonical form")]
    Relative,
}

impl Canonical {
    /// The form of a recommendation, without comments.
    pub const fn new(form: Form) -> Self {
        Self {
            form,
            comments: false,
            prefixes: Vec::new(),
        }
    }

    /// The form that an algorithm identifier names; prefixes stand elsewhere.
    pub fn named(uri: &str) -> Option<Self> {
        let (form, comments) = match uri {
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => (Form::Inclusive, false),
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments" => (Form::Inclusive, true),
            "http://www.w3.org/2006/12/xml-c14n11" => (Form::Inclusive11, false),
            "http://www.w3.org/2006/12/xml-c14n11#WithComments" => (Form::Inclusive11, true),
            "http://www.w3.org/2001/10/xml-exc-c14n#" => (Form::Exclusive, false),
            "http://www.w3.org/2001/10/xml-exc-c14n#WithComments" => (Form::Exclusive, true),
            _ => return None,
        };
        Some(Self {
            comments,
            ..Self::new(form)
        })
    }

    /// Its algorithm identifier.
    pub const fn uri(&self) -> &'static str {
        match (self.form, self.comments) {
            (Form::Inclusive, false) => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            (Form::Inclusive, true) => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
            (Form::Inclusive11, false) => "http://www.w3.org/2006/12/xml-c14n11",
            (Form::Inclusive11, true) => "http://www.w3.org/2006/12/xml-c14n11#WithComments",
            (Form::Exclusive, false) => "http://www.w3.org/2001/10/xml-exc-c14n#",
            (Form::Exclusive, true) => "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        }
    }
}

/// Which nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subset {
    /// The document itself, or an element.
    pub(super) apex: usize,
    /// An element below it that is left out with all that it holds.
    pub(super) without: Option<usize>,
    /// Whether comments are among them.
    pub(super) comments: bool,
}

/// Writes the canonical form of a node-set at the end of `out`.
pub(super) fn write(
    document: &Document<'_>,
    subset: Subset,
    method: &Canonical,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), Formless> {
    if document.relative {
        return Err(Formless::Relative);
    }
    let mut writer = Writer {
        document,
        method,
        comments: subset.comments && method.comments,
        apex: subset.apex,
        limit: out.len().saturating_add(limit),
        out,
        rendered: Vec::with_capacity(8),
        open: Vec::with_capacity(16),
        fresh: Vec::with_capacity(8),
        order: Vec::with_capacity(8),
    };
    writer.subtree(subset)
}

struct Writer<'d, 'a, 'o> {
    document: &'d Document<'a>,
    method: &'d Canonical,
    comments: bool,
    apex: usize,
    limit: usize,
    out: &'o mut Vec<u8>,
    /// The namespaces that the open elements have written, the nearest last.
    rendered: Vec<(&'d str, &'d str)>,
    /// The open elements, and how many namespaces were written before each.
    open: Vec<(usize, usize)>,
    /// The namespaces of the tag at hand, and the order of its attributes; kept for their room.
    fresh: Vec<(&'d str, &'d str)>,
    order: Vec<usize>,
}

impl<'d> Writer<'d, '_, '_> {
    fn subtree(&mut self, subset: Subset) -> Result<(), Formless> {
        let end = self.document.nodes[subset.apex].end;
        let mut next = subset.apex;
        while next < end {
            self.close(next);
            if subset.without == Some(next) {
                next = self.document.nodes[next].end;
                continue;
            }
            match &self.document.nodes[next].kind {
                Kind::Document => {}
                Kind::Element { name, .. } => self.start(next, *name)?,
                Kind::Text(content) => text(content, self.out),
                Kind::Comment(content) if self.comments => self.apart(next, |out| {
                    out.extend_from_slice(b"<!--");
                    out.extend_from_slice(content.as_bytes());
                    out.extend_from_slice(b"-->");
                }),
                Kind::Comment(_) => {}
                Kind::Instruction { target, content } => self.apart(next, |out| {
                    out.extend_from_slice(b"<?");
                    out.extend_from_slice(target.as_bytes());
                    out.extend(Some(b' ').filter(|_| !content.is_empty()));
                    out.extend_from_slice(content.as_bytes());
                    out.extend_from_slice(b"?>");
                }),
            }
            self.bounded()?;
            next += 1;
        }
        self.close(end);
        self.bounded()
    }

    const fn bounded(&self) -> Result<(), Formless> {
        match self.out.len() > self.limit {
            true => Err(Formless::Large),
            false => Ok(()),
        }
    }

    /// Outside the root element a comment or an instruction has a line of its own (§2.3).
    fn apart(&mut self, node: usize, content: impl FnOnce(&mut Vec<u8>)) {
        let outside = self.document.nodes[node].parent == WHOLE;
        if outside && node > self.document.root {
            self.out.push(b'\n');
        }
        content(self.out);
        if outside && node < self.document.root {
            self.out.push(b'\n');
        }
    }

    /// Writes the end tags of the elements that end before `node`.
    fn close(&mut self, node: usize) {
        while let Some((open, rendered)) = self.open.last().copied() {
            if self.document.nodes[open].end > node {
                break;
            }
            self.open.pop();
            self.rendered.truncate(rendered);
            if let Some(name) = self.document.name(open) {
                self.out.extend_from_slice(b"</");
                self.name(name.prefix, name.local);
                self.out.push(b'>');
            }
        }
    }

    fn start(&mut self, node: usize, name: Name<'d>) -> Result<(), Formless> {
        self.open.push((node, self.rendered.len()));
        self.out.push(b'<');
        self.name(name.prefix, name.local);
        self.fresh.clear();
        match self.method.form {
            Form::Exclusive => self.used(node, name),
            Form::Inclusive | Form::Inclusive11 => self.declared(node),
        }
        self.namespaces()?;
        let inherits = node == self.apex && self.method.form != Form::Exclusive;
        if inherits {
            self.with_inherited(node);
        } else {
            self.attributes(node);
        }
        self.out.push(b'>');
        Ok(())
    }

    fn name(&mut self, prefix: &str, local: &str) {
        if !prefix.is_empty() {
            self.out.extend_from_slice(prefix.as_bytes());
            self.out.push(b':');
        }
        self.out.extend_from_slice(local.as_bytes());
    }

    /// Inclusive: what is in scope at the first element, what the others declare.
    fn declared(&mut self, node: usize) {
        if node == self.apex {
            for (prefix, space) in self.document.scope(node) {
                self.offer(prefix, space);
            }
        } else {
            for binding in self.document.bindings(node) {
                self.offer(binding.prefix, &binding.space);
            }
        }
    }

    /// Exclusive: what the tag uses, and of the listed prefixes what the inclusive form would write.
    fn used(&mut self, node: usize, name: Name<'d>) {
        let document = self.document;
        self.offer(name.prefix, document.space(name));
        for one in document.attributes(node) {
            if !one.name.prefix.is_empty() {
                self.offer(one.name.prefix, document.space(one.name));
            }
        }
        if self.method.prefixes.is_empty() {
            return;
        }
        let listed = |(prefix, _): &(&str, &str)| self.method.prefixes.iter().any(|one| one == prefix);
        let mut more: Vec<(&str, &str)> = match node == self.apex {
            true => document.scope(node),
            false => document
                .bindings(node)
                .iter()
                .map(|one| (one.prefix, &*one.space))
                .collect(),
        };
        more.retain(listed);
        for (prefix, space) in more {
            self.offer(prefix, space);
        }
    }

    /// Notes a namespace to write, unless an open element has written just that, or this tag will.
    fn offer(&mut self, prefix: &'d str, space: &'d str) {
        if prefix == "xml" || self.fresh.iter().any(|(other, _)| *other == prefix) {
            return;
        }
        let before = self.rendered.iter().rev().find(|(other, _)| *other == prefix);
        let written = match before {
            Some((_, before)) => *before == space,
            None => space.is_empty(),
        };
        if !written {
            self.fresh.push((prefix, space));
        }
    }

    fn namespaces(&mut self) -> Result<(), Formless> {
        self.fresh.sort_unstable();
        for index in 0..self.fresh.len() {
            let (prefix, space) = self.fresh[index];
            self.out.extend_from_slice(b" xmlns");
            if !prefix.is_empty() {
                self.out.push(b':');
                self.out.extend_from_slice(prefix.as_bytes());
            }
            self.value(space);
            self.bounded()?;
        }
        self.rendered.append(&mut self.fresh);
        Ok(())
    }

    fn value(&mut self, value: &str) {
        self.out.extend_from_slice(b"=\"");
        attribute(value, self.out);
        self.out.push(b'"');
    }

    fn attributes(&mut self, node: usize) {
        let document = self.document;
        let all = document.attributes(node);
        if all.len() > 1 {
            self.order.clear();
            self.order.extend(0..all.len());
            let key = |index: &usize| (document.space(all[*index].name), all[*index].name.local);
            self.order.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        }
        for index in 0..all.len() {
            let one = &all[if all.len() > 1 { self.order[index] } else { index }];
            self.out.push(b' ');
            self.name(one.name.prefix, one.name.local);
            self.value(&one.value);
        }
    }

    /// The first element's attributes with the `xml:` ones of what stands around it (C14N 1.0 and 1.1 §2.4).
    fn with_inherited(&mut self, node: usize) {
        let document = self.document;
        let mut all: Vec<(&str, &str, &str, Cow<'_, str>)> = Vec::new();
        for one in document.attributes(node) {
            let value = one.value.as_ref().into();
            all.push((document.space(one.name), one.name.local, one.name.prefix, value));
        }
        for (local, value) in inherited(document, document.nodes[node].parent, self.method.form) {
            if !all.iter().any(|one| one.0 == XML && one.1 == local) {
                all.push((XML, local, "xml", value.into()));
            }
        }
        if self.method.form == Form::Inclusive11 {
            all.retain(|one| !(one.0 == XML && one.1 == "base"));
            if let Some(value) = base::of(document, node) {
                all.push((XML, "base", "xml", value.into()));
            }
        }
        all.sort_unstable();
        for (_, local, prefix, value) in all {
            self.out.push(b' ');
            self.name(prefix, local);
            self.value(&value);
        }
    }
}

/// The `xml:` attributes, by local name, that an element below `node` inherits; `xml:base` of the newer form stands apart.
pub(super) fn inherited<'d>(document: &'d Document<'_>, node: usize, form: Form) -> Vec<(&'d str, &'d str)> {
    let passes = |local: &str| match form {
        Form::Inclusive => true,
        Form::Inclusive11 => matches!(local, "lang" | "space"),
        Form::Exclusive => false,
    };
    let mut all: Vec<(&str, &str)> = Vec::new();
    for around in document.lineage(node) {
        for one in document.attributes(around) {
            let local = one.name.local;
            if one.name.space == OF_XML && passes(local) && all.iter().all(|(other, _)| *other != local) {
                all.push((local, &one.value));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_names_the_form_that_it_is_the_identifier_of() {
        for form in [Form::Inclusive, Form::Inclusive11, Form::Exclusive] {
            for comments in [false, true] {
                let method = Canonical {
                    comments,
                    ..Canonical::new(form)
                };
                assert_eq!(Canonical::named(method.uri()), Some(method));
            }
        }
        // What some write into edXML is no registered identifier.
        assert_eq!(Canonical::named("http://www.w3.org/TR/xml-exc-c14n#"), None);
    }
}
