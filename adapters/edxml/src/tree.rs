//! A packet's elements by namespace and local name. Prefixes say nothing: producers mix them within one packet (§1.7).

use std::cell::RefCell;

use wire::xml::Element;

use crate::read::Unread;
use crate::repair::Repair;

/// The namespace of packets (§1.2).
pub const EDXML: &str = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
/// The namespace of packets of about 2015.
pub const OLD: &str = "http://www.e-doc.vn/Schema/";
/// The envelope those came in.
pub(crate) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Links, which one SDK writes into manifests.
pub(crate) const XLINK: &str = "http://www.w3.org/1999/xlink";
/// XML signatures.
pub(crate) const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The prefixes that were seen without a declaration.
pub(crate) const KNOWN: &[(&str, &str)] = &[("xlink", XLINK), ("edXML", EDXML)];

/// An element with its names resolved.
#[derive(Debug)]
pub(crate) struct Node<'e> {
    /// Its namespace; empty where it has none.
    pub(crate) space: &'e str,
    pub(crate) local: &'e str,
    pub(crate) text: &'e str,
    /// Namespace, local name and value.
    pub(crate) attributes: Vec<(&'e str, &'e str, &'e str)>,
    pub(crate) children: Vec<Node<'e>>,
}

/// Names cannot be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undeclared {
    /// A prefix that nobody declared.
    Prefix,
    /// A declaration that no document may have, or one attribute under two prefixes.
    Form,
}

/// The declarations that hold at a place, innermost last.
type Scope<'e> = Vec<(&'e str, &'e str)>;

/// Resolves all names below an element.
pub(crate) fn resolve<'e>(
    root: &'e Element<'_>,
    known: &[(&'e str, &'e str)],
) -> Result<Node<'e>, Undeclared> {
    let mut scope = known.to_vec();
    node(root, &mut scope)
}

fn node<'e>(element: &'e Element<'_>, scope: &mut Scope<'e>) -> Result<Node<'e>, Undeclared> {
    let outside = scope.len();
    for (name, value) in &element.attributes {
        match (name.as_ref(), name.strip_prefix("xmlns:")) {
            ("xmlns", _) => scope.push(("", value)),
            (_, Some(prefix)) => scope.push((declared(prefix, value)?, value)),
            (_, None) => {}
        }
    }
    let (prefix, local) = element.parts();
    let mut attributes: Vec<(&str, &str, &str)> = Vec::with_capacity(element.attributes.len());
    for (name, value) in &element.attributes {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        if prefix == "xmlns" || (prefix.is_empty() && local == "xmlns") {
            continue;
        }
        let space = if prefix.is_empty() {
            ""
        } else {
            named(scope, prefix)?
        };
        if attributes
            .iter()
            .any(|(other, name, _)| (*other, *name) == (space, local))
        {
            return Err(Undeclared::Form);
        }
        attributes.push((space, local, value));
    }
    let space = named(scope, prefix)?;
    let children = element.children.iter().map(|child| node(child, scope));
    let children = children.collect::<Result<_, _>>()?;
    scope.truncate(outside);
    Ok(Node {
        space,
        local,
        text: &element.text,
        attributes,
        children,
    })
}

/// A prefix that may be declared so (Namespaces in XML 1.0 §3, §5).
fn declared<'e>(prefix: &'e str, value: &str) -> Result<&'e str, Undeclared> {
    let taken = prefix == "xmlns" || value == XMLNS || (prefix == "xml") != (value == XML);
    if taken || value.is_empty() || prefix.is_empty() {
        return Err(Undeclared::Form);
    }
    Ok(prefix)
}

fn named<'e>(scope: &Scope<'e>, prefix: &str) -> Result<&'e str, Undeclared> {
    let found = scope.iter().rev().find(|(known, _)| *known == prefix);
    match found {
        Some((_, space)) => Ok(space),
        None if prefix.is_empty() => Ok(""),
        None if prefix == "xml" => Ok(XML),
        None => Err(Undeclared::Prefix),
    }
}

/// What was put right while a tree is looked at.
#[derive(Default)]
pub(crate) struct Notes(RefCell<Vec<Repair>>);

impl Notes {
    pub(crate) fn note(&self, repair: Repair) {
        self.0.borrow_mut().push(repair);
    }

    pub(crate) fn all(&self, more: Vec<Repair>) {
        self.0.borrow_mut().extend(more);
    }

    /// Each sort once, in the order in which they were met.
    pub(crate) fn into_sorts(self) -> Vec<Repair> {
        let mut sorts = Vec::new();
        for repair in self.0.into_inner() {
            if !sorts.contains(&repair) {
                sorts.push(repair);
            }
        }
        sorts
    }
}

impl<'e> Node<'e> {
    /// Whether it is of a packet: of this namespace, or of the old one where that is read at all.
    pub(crate) fn is_ours(&self) -> bool {
        [EDXML, OLD].contains(&self.space)
    }

    /// Whether it is this element of a packet. Misspelt names are also read as they should be spelt.
    fn is(&self, local: &str, notes: &Notes) -> bool {
        if !self.is_ours() {
            return false;
        }
        if self.local == local {
            return true;
        }
        let rest = local.strip_prefix("Bussiness").and_then(|rest| {
            let found = self.local.strip_prefix("Business")?;
            (found == rest).then_some(())
        });
        if rest.is_some() {
            notes.note(Repair::Spelling);
        }
        rest.is_some()
    }

    /// All children of that name.
    pub(crate) fn all(&self, local: &str, notes: &Notes) -> Vec<&Node<'e>> {
        self.children
            .iter()
            .filter(|child| child.is(local, notes))
            .collect()
    }

    /// The child of that name, where there is one; two of what may be there once are refused, as nobody can say which of them
    /// is meant.
    pub(crate) fn one(&self, local: &'static str, notes: &Notes) -> Result<Option<&Node<'e>>, Unread> {
        let mut found = self.children.iter().filter(|child| child.is(local, notes));
        let first = found.next();
        if found.next().is_some() {
            return Err(Unread::Twice(local));
        }
        Ok(first)
    }

    /// The text of the child of that name; empty where there is none.
    pub(crate) fn said(&self, local: &'static str, notes: &Notes) -> Result<String, Unread> {
        Ok(self.one(local, notes)?.map_or("", |child| child.text).to_owned())
    }

    /// The texts of all children of that name, blank ones left out.
    pub(crate) fn each(&self, local: &str, notes: &Notes) -> Vec<String> {
        let texts = self.all(local, notes).into_iter().map(|child| child.text);
        texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, space: &str, local: &str) -> Option<&'e str> {
        let found = self
            .attributes
            .iter()
            .find(|(of, name, _)| (*of, *name) == (space, local))?;
        Some(found.2)
    }
}
