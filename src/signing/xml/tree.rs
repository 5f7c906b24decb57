//! A document as one flat list of nodes in document order, borrowed from its text.
//!
//! The descendants of a node are those that follow it up to its end, so that walking needs no recursion and a hostile depth no
//! stack.

use std::borrow::Cow;
use std::ops::Range;

/// The namespace that `xml:` is always bound to.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the identifiers that signed SOAP messages have (WS-Security 1.1 §4.2).
const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// The binding of no namespace, in every document.
pub(super) const NOWHERE: u32 = 0;
/// The binding of `xml:`, in every document.
pub(super) const OF_XML: u32 = 1;
/// The node that is the document itself.
pub(super) const WHOLE: usize = 0;

/// One document.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// The text that every place below counts in: line ends are `\n`.
    pub(super) text: &'a str,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) bindings: Vec<Binding<'a>>,
    /// The root element.
    pub(super) root: usize,
    /// Some namespace is a relative reference, which has no canonical form (Canonical XML §1.3).
    pub(super) relative: bool,
}

#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) parent: usize,
    /// The node after its last descendant.
    pub(super) end: usize,
    /// Its bytes in the text, tags and all.
    pub(super) span: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Kind<'a> {
    Document,
    Element {
        name: Name<'a>,
        /// Which of the document's attributes, declarations of namespaces not among them.
        attributes: Range<usize>,
        /// Which of the document's bindings it declares.
        bindings: Range<usize>,
    },
    /// Character data, joined over sections and references.
    Text(Cow<'a, str>),
    Comment(&'a str),
    Instruction {
        target: &'a str,
        content: &'a str,
    },
}

/// A qualified name, resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'a> {
    /// Empty where there is none.
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    /// The binding that holds its namespace.
    pub(super) space: u32,
}

#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub(super) name: Name<'a>,
    /// Normalised as an attribute of no declared type (XML 1.0 §3.3.3).
    pub(super) value: Cow<'a, str>,
}

/// One declaration of a namespace.
#[derive(Debug)]
pub(super) struct Binding<'a> {
    /// Empty for the default.
    pub(super) prefix: &'a str,
    /// Empty where the default is taken back.
    pub(super) space: Cow<'a, str>,
}

/// What an identifier leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Identified {
    Nothing,
    One(usize),
    /// Two elements claim it: what one reader takes, another does not.
    Several,
}

impl<'a> Document<'a> {
    /// The name of an element; nothing else has one.
    pub(super) fn name(&self, node: usize) -> Option<Name<'a>> {
        match &self.nodes[node].kind {
            Kind::Element { name, .. } => Some(*name),
            Kind::Document | Kind::Text(_) | Kind::Comment(_) | Kind::Instruction { .. } => None,
        }
    }

    /// The namespace of a name.
    pub(super) fn space(&self, name: Name<'_>) -> &str {
        &self.bindings[name.space as usize].space
    }

    /// Whether it is the element of that name.
    pub(super) fn is(&self, node: usize, space: &str, local: &str) -> bool {
        self.name(node)
            .is_some_and(|name| name.local == local && self.space(name) == space)
    }

    /// The attributes of an element, declarations of namespaces not among them.
    pub(super) fn attributes(&self, node: usize) -> &[Attribute<'a>] {
        match &self.nodes[node].kind {
            Kind::Element { attributes, .. } => &self.attributes[attributes.clone()],
            Kind::Document | Kind::Text(_) | Kind::Comment(_) | Kind::Instruction { .. } => &[],
        }
    }

    /// The namespaces that an element itself declares.
    pub(super) fn bindings(&self, node: usize) -> &[Binding<'a>] {
        match &self.nodes[node].kind {
            Kind::Element { bindings, .. } => &self.bindings[bindings.clone()],
            Kind::Document | Kind::Text(_) | Kind::Comment(_) | Kind::Instruction { .. } => &[],
        }
    }

    /// The value of an attribute in no namespace.
    pub(super) fn attribute(&self, node: usize, local: &str) -> Option<&str> {
        self.attributes(node)
            .iter()
            .find(|one| one.name.local == local && one.name.space == NOWHERE)
            .map(|one| one.value.as_ref())
    }

    /// The elements directly below.
    pub(super) fn elements(&self, node: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes[node].end;
        let first = (node + 1 < end).then_some(node + 1);
        std::iter::successors(first, move |here| {
            Some(self.nodes[*here].end).filter(|next| *next < end)
        })
        .filter(|here| self.name(*here).is_some())
    }

    /// All elements below, itself included, in document order.
    pub(super) fn below(&self, node: usize) -> impl Iterator<Item = usize> {
        (node..self.nodes[node].end).filter(|one| self.name(*one).is_some())
    }

    /// The node itself, its parent, and so on to the root element.
    pub(super) fn lineage(&self, node: usize) -> impl Iterator<Item = usize> {
        let mut next = (node != WHOLE).then_some(node);
        std::iter::from_fn(move || {
            let here = next?;
            next = Some(self.nodes[here].parent).filter(|parent| *parent != WHOLE);
            Some(here)
        })
    }

    /// Whether `node` is `whole` or stands inside it.
    pub(super) fn holds(&self, whole: usize, node: usize) -> bool {
        (whole..self.nodes[whole].end).contains(&node)
    }

    /// All character data below, in one.
    pub(super) fn text(&self, node: usize) -> String {
        (node..self.nodes[node].end)
            .map(|one| self.characters(one))
            .collect()
    }

    /// The character data of one node; only text has any.
    pub(super) fn characters(&self, node: usize) -> &str {
        match &self.nodes[node].kind {
            Kind::Text(text) => text,
            Kind::Document | Kind::Element { .. } | Kind::Comment(_) | Kind::Instruction { .. } => "",
        }
    }

    /// The element at a path of (namespace, local name) from the root element on.
    pub(super) fn at(&self, path: &[(&str, &str)]) -> Identified {
        let mut level = vec![self.root];
        let mut steps = path.iter();
        let is = |node: usize, step: &(&str, &str)| self.is(node, step.0, step.1);
        match steps.next() {
            Some(first) if is(self.root, first) => {}
            _ => return Identified::Nothing,
        }
        for step in steps {
            level = level
                .into_iter()
                .flat_map(|one| self.elements(one))
                .filter(|one| is(*one, step))
                .collect();
        }
        match level.as_slice() {
            [] => Identified::Nothing,
            [one] => Identified::One(*one),
            _ => Identified::Several,
        }
    }

    /// The namespaces in scope at an element, each prefix once, `xml` and taken-back defaults left out.
    pub(super) fn scope(&self, node: usize) -> Vec<(&str, &str)> {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        let all = self.lineage(node).flat_map(|one| self.bindings(one));
        for binding in all {
            if seen.iter().all(|(prefix, _)| *prefix != binding.prefix) {
                seen.push((binding.prefix, &binding.space));
            }
        }
        seen.retain(|(prefix, space)| !space.is_empty() && *prefix != "xml");
        seen
    }

    /// The element with this identifier: an attribute `Id`, `ID` or `id` without a namespace, `xml:id`, or
    /// the one of web services' security.
    pub(super) fn identified(&self, id: &str) -> Identified {
        let mut found = self.below(self.root).filter(|node| self.answers(*node, id));
        match (found.next(), found.next()) {
            (None, _) => Identified::Nothing,
            (Some(one), None) => Identified::One(one),
            (Some(_), Some(_)) => Identified::Several,
        }
    }

    /// Whether an element is identified by `id`, or by something that begins with it and a hyphen.
    pub(super) fn uses_identifier(&self, id: &str) -> bool {
        self.attributes
            .iter()
            .any(|one| self.is_identifier(one.name) && clashes(&one.value, id))
    }

    fn answers(&self, node: usize, id: &str) -> bool {
        self.attributes(node)
            .iter()
            .any(|one| one.value == id && self.is_identifier(one.name))
    }

    fn is_identifier(&self, name: Name<'_>) -> bool {
        match name.space {
            NOWHERE => matches!(name.local, "Id" | "ID" | "id"),
            OF_XML => name.local == "id",
            _ => name.local == "Id" && self.space(name) == SECURITY,
        }
    }
}

/// Whether an identifier is `id`, or begins with it and a hyphen.
pub(super) fn clashes(value: &str, id: &str) -> bool {
    value
        .strip_prefix(id)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
