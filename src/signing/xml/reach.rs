//! What a reference leads to, and the bytes of it that are hashed (XMLDSig 1.1 §4.4.3).

use super::bounds::Bounds;
use super::canon::{self, Canonical, Form, Formless, Subset};
use super::parse::{Reference, Transform, base64};
use super::refusal::Refusal;
use super::tree::{Document, Identified, WHOLE};

/// Bytes that a reference may lead to, by the very `URI` of the reference.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The `URI`.
    pub uri: &'a str,
    /// What stands there.
    pub bytes: &'a [u8],
}

/// Where a reference leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Into the document: the document itself or an element, with or without its comments.
    Node { node: usize, comments: bool },
    /// Out of it: one of the caller's.
    Outside(usize),
}

/// What a transform is given.
enum State {
    Nodes(Subset),
    Octets(Vec<u8>),
}

/// Finds where the reference leads; `index` is its place, for the refusal.
pub(super) fn target(
    document: &Document<'_>,
    reference: &Reference,
    index: usize,
    outside: &[Named<'_>],
) -> Result<Target, Refusal> {
    let uri = reference.uri.as_deref().ok_or(Refusal::External(index))?;
    let Some(fragment) = uri.strip_prefix('#') else {
        return match uri {
            "" => Ok(Target::Node {
                node: WHOLE,
                comments: false,
            }),
            uri => {
                let mut given = outside.iter().enumerate().filter(|(_, one)| one.uri == uri);
                let (place, _) = given.next().ok_or(Refusal::External(index))?;
                Ok(Target::Outside(place))
            }
        };
    };
    // §4.4.3.3: of XPointer the two forms that choose nothing; they keep comments, a bare name does not.
    let pointer = fragment
        .strip_prefix("xpointer(")
        .and_then(|rest| rest.strip_suffix(')'));
    let (id, comments) = match pointer {
        Some("/") => {
            return Ok(Target::Node {
                node: WHOLE,
                comments: true,
            });
        }
        Some(pointer) => (quoted(pointer).ok_or(Refusal::Xpath)?, true),
        None if fragment.contains('(') => return Err(Refusal::Xpath),
        None => (fragment, false),
    };
    match document.identified(id) {
        Identified::One(node) => Ok(Target::Node { node, comments }),
        Identified::Nothing => Err(Refusal::Missing(index)),
        Identified::Several => Err(Refusal::Ambiguous(index)),
    }
}

/// `id('x')` or `id("x")`.
fn quoted(pointer: &str) -> Option<&str> {
    let inside = pointer.strip_prefix("id(")?.strip_suffix(')')?;
    let quote = inside
        .chars()
        .next()
        .filter(|quote| matches!(quote, '\'' | '"'))?;
    let id = inside.strip_prefix(quote)?.strip_suffix(quote)?;
    (!id.contains(quote)).then_some(id)
}

/// Everything that the bytes of a reference are made from.
pub(super) struct Reach<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    /// The signature at hand, which the enveloped transform takes out.
    pub(super) signature: usize,
    pub(super) outside: &'d [Named<'d>],
    pub(super) bounds: &'d Bounds,
}

impl Reach<'_, '_> {
    /// The bytes that are hashed.
    pub(super) fn octets(
        &self,
        target: Target,
        transforms: &[Transform],
        index: usize,
    ) -> Result<Vec<u8>, Refusal> {
        let mut state = match target {
            Target::Node { node, comments } => State::Nodes(Subset {
                apex: node,
                without: None,
                comments,
            }),
            Target::Outside(place) => {
                let bytes = self.outside[place].bytes;
                // Many references to one large file would each hold a copy of it.
                if bytes.len() > self.bounds.canonical {
                    return Err(Formless::Large.into());
                }
                State::Octets(bytes.to_vec())
            }
        };
        for one in transforms {
            state = self.step(state, one, index)?;
        }
        match state {
            State::Octets(octets) => Ok(octets),
            // §4.4.3.2: what is still nodes at the end is written in Canonical XML 1.0 without comments.
            State::Nodes(subset) => self.written(subset, &Canonical::new(Form::Inclusive), index),
        }
    }

    fn step(&self, state: State, transform: &Transform, index: usize) -> Result<State, Refusal> {
        Ok(match (transform, state) {
            (Transform::Enveloped, State::Nodes(subset)) => {
                let inside =
                    self.document.holds(subset.apex, self.signature) && subset.apex != self.signature;
                if !inside || subset.without.is_some() {
                    return Err(Refusal::NotEnveloped(index));
                }
                State::Nodes(Subset {
                    without: Some(self.signature),
                    ..subset
                })
            }
            (Transform::Enveloped, State::Octets(_)) => return Err(Refusal::Order),
            (Transform::Canonical(method), State::Nodes(subset)) => {
                State::Octets(self.written(subset, method, index)?)
            }
            (Transform::Canonical(method), State::Octets(octets)) => {
                State::Octets(super::canonical(&octets, None, method, self.bounds)?)
            }
            (Transform::Base64, State::Nodes(subset)) => {
                if self.covers_itself(subset) {
                    return Err(Refusal::Itself(index));
                }
                State::Octets(base64(&self.characters(subset)).ok_or(Refusal::Base64)?)
            }
            (Transform::Base64, State::Octets(octets)) => {
                let text = std::str::from_utf8(&octets).map_err(|_| Refusal::Base64)?;
                State::Octets(base64(text).ok_or(Refusal::Base64)?)
            }
        })
    }

    /// No value can stand in what it was made from; it would be one that a hash was made to fit.
    fn covers_itself(&self, subset: Subset) -> bool {
        self.document.holds(subset.apex, self.signature) && subset.without.is_none()
    }

    fn written(&self, subset: Subset, method: &Canonical, index: usize) -> Result<Vec<u8>, Refusal> {
        if self.covers_itself(subset) {
            return Err(Refusal::Itself(index));
        }
        let mut out = Vec::with_capacity(self.document.nodes[subset.apex].span.len() + 256);
        canon::write(self.document, subset, method, self.bounds.canonical, &mut out)?;
        Ok(out)
    }

    /// The character data of the nodes.
    fn characters(&self, subset: Subset) -> String {
        let mut all = String::new();
        let Some(without) = subset.without else {
            return self.document.text(subset.apex);
        };
        for part in [
            subset.apex..without,
            self.document.nodes[without].end..self.document.nodes[subset.apex].end,
        ] {
            for node in part {
                all.push_str(self.document.characters(node));
            }
        }
        all
    }
}
