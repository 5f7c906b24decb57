//! One signature on its way: what it covers, what it says, and where it goes.

use std::borrow::Cow;

use super::base;
use super::canon::{self, Canonical, Form, Subset};
use super::card;
use super::emit::{Draft, Profile, STAMP_FORM, Target, Unsignable, one};
use super::letters::is_name;
use super::markup::{self, Properties, Surroundings};
use super::names::{DSIG, ENVELOPED, PROPERTIES, XADES, algorithm_uri, hash_uri, hashed};
use super::straight::Straight;
use super::tree::{Document, WHOLE, clashes};
use crate::model::signer::Algorithm;

/// Where the signature will stand.
pub(super) enum Ground<'d, 'a> {
    In(&'d Document<'a>, usize),
    /// At the end of the root element of a plain document: its text, and what one pass found.
    Plain(&'d str, Straight<'d>),
    Alone,
}

/// One signature on its way.
pub(super) struct Plan<'p, 'd, 'a> {
    ground: &'p Ground<'d, 'a>,
    profile: &'p Profile<'p>,
    around: Surroundings,
    /// The form without prefixes, for everything but references.
    plain: Canonical,
}

impl<'p, 'd, 'a> Plan<'p, 'd, 'a> {
    pub(super) fn new(ground: &'p Ground<'d, 'a>, profile: &'p Profile<'p>) -> Result<Self, Unsignable> {
        let around = match ground {
            Ground::In(document, node) if profile.canonical.form != Form::Exclusive => {
                surroundings(document, *node, profile.canonical.form)
            }
            Ground::Plain(_, straight) if profile.canonical.form != Form::Exclusive => Surroundings {
                scope: straight.scope.iter().copied().map(own).collect(),
                inherited: Vec::new(),
            },
            Ground::In(..) | Ground::Plain(..) | Ground::Alone => Surroundings::default(),
        };
        let plan = Self {
            ground,
            profile,
            around,
            plain: Canonical {
                prefixes: Vec::new(),
                ..profile.canonical.clone()
            },
        };
        plan.identifiers()?;
        Ok(plan)
    }

    /// Every identifier that the signature brings must be a name, and free.
    fn identifiers(&self) -> Result<(), Unsignable> {
        let Some(id) = self.profile.id else {
            return match self.profile.signed_at {
                None => Ok(()),
                Some(_) => Err(Unsignable::Id),
            };
        };
        let used = match self.ground {
            Ground::In(document, _) => document.uses_identifier(id),
            Ground::Plain(_, straight) => straight.identifiers.iter().any(|value| clashes(value, id)),
            Ground::Alone => false,
        };
        match is_name(id) && !used {
            true => Ok(()),
            false => Err(Unsignable::Id),
        }
    }

    pub(super) fn draft(&self, targets: &[Target<'_>], key: (Algorithm, &[u8])) -> Result<Draft, Unsignable> {
        let shown = card::written(&self.profile.card, key.1)?;
        let mut references = Vec::with_capacity(targets.len() + 1);
        for (place, target) in targets.iter().enumerate() {
            references.push(self.reference(target, place)?);
        }
        let properties = self.properties(targets)?;
        if let Some((body, id)) = &properties {
            references.push(self.properties_reference(body, id));
        }
        let info = markup::statement(&self.plain, algorithm_uri(key.0), &references);
        let form = self.profile.canonical.form;
        let ds = [("ds", DSIG)];
        let mut to_sign = self.around.start(form, "ds:SignedInfo", &ds, None);
        to_sign.extend_from_slice(&info);
        to_sign.extend_from_slice(b"</ds:SignedInfo>");
        let (mut before, rest) = self.cut();
        markup::signature(self.profile.id, &mut before);
        before.extend_from_slice(b"<ds:SignedInfo>");
        before.extend_from_slice(&info);
        before.extend_from_slice(b"</ds:SignedInfo><ds:SignatureValue>");
        let mut after = b"</ds:SignatureValue>".to_vec();
        after.extend_from_slice(&shown);
        let stamp = properties.map(|(body, id)| {
            markup::qualifying(self.profile.id.unwrap_or_default(), &mut after);
            after.extend_from_slice(format!("<xades:SignedProperties Id=\"{id}\">").as_bytes());
            after.extend_from_slice(&body.written(false));
            after.extend_from_slice(b"</xades:SignedProperties>");
            let stamp = after.len();
            after.extend_from_slice(b"</xades:QualifyingProperties></ds:Object>");
            stamp
        });
        after.extend_from_slice(b"</ds:Signature>");
        after.extend_from_slice(&rest);
        Ok(Draft {
            algorithm: key.0,
            to_sign,
            before,
            after,
            value: Surroundings::default().start(STAMP_FORM.form, "ds:SignatureValue", &ds, None),
            stamp,
        })
    }

    fn reference(&self, target: &Target<'_>, place: usize) -> Result<Vec<u8>, Unsignable> {
        let id = self.profile.id.map(|id| reference_id(id, place));
        let both = [ENVELOPED, self.plain.uri()];
        let fragment;
        let (uri, bytes, transforms): (&str, _, &[&str]) = match target {
            Target::Outside { uri, bytes, .. } => (uri, Cow::Borrowed(*bytes), &[]),
            Target::Document => ("", self.canonical(WHOLE)?, &both),
            Target::Element(id) => {
                let Ground::In(document, at) = self.ground else {
                    return Err(Unsignable::Place);
                };
                let node = one(document.identified(id))?;
                fragment = format!("#{id}");
                let holds = document.holds(node, *at);
                (&fragment, self.canonical(node)?, &both[usize::from(!holds)..])
            }
        };
        Ok(markup::Reference {
            id: id.as_deref(),
            kind: None,
            uri,
            transforms,
            prefixes: match self.profile.canonical.form {
                Form::Exclusive => &self.profile.canonical.prefixes,
                Form::Inclusive | Form::Inclusive11 => &[],
            },
            digest: hash_uri(self.profile.digest),
            value: &hashed(self.profile.digest, &bytes),
        }
        .written())
    }

    /// The canonical form of a node; references never reach comments (XMLDSig 1.1 §4.4.3.2).
    fn canonical(&self, apex: usize) -> Result<Cow<'p, [u8]>, Unsignable> {
        let document = match self.ground {
            Ground::In(document, _) => document,
            Ground::Plain(_, straight) => return Ok(Cow::Borrowed(&straight.canonical)),
            Ground::Alone => return Err(Unsignable::Place),
        };
        let subset = Subset {
            apex,
            without: None,
            comments: false,
        };
        let mut out = Vec::with_capacity(document.text.len() + 256);
        let limit = self.profile.bounds.canonical;
        canon::write(document, subset, &self.profile.canonical, limit, &mut out)?;
        Ok(out.into())
    }

    /// What the signer attests, and its identifier.
    fn properties(&self, targets: &[Target<'_>]) -> Result<Option<(Properties, String)>, Unsignable> {
        let (Some(millis), Some(id)) = (self.profile.signed_at, self.profile.id) else {
            return Ok(None);
        };
        let signed_at =
            jiff::Timestamp::from_second(millis.div_euclid(1000)).map_err(|_| Unsignable::Time)?;
        let (digest, card) = (self.profile.digest, &self.profile.card);
        let formats = targets.iter().enumerate().map(|(place, target)| {
            let media_type = match target {
                Target::Document | Target::Element(_) => "application/xml",
                Target::Outside { media_type, .. } => media_type,
            };
            (reference_id(id, place), media_type.to_owned())
        });
        let properties = Properties {
            signed_at: signed_at.to_string(),
            certificate: card::certificate(card).map(|der| (hash_uri(digest), hashed(digest, der))),
            formats: formats.collect(),
        };
        Ok(Some((properties, format!("{id}-properties"))))
    }

    fn properties_reference(&self, body: &Properties, id: &str) -> Vec<u8> {
        let bound = [("ds", DSIG), ("xades", XADES)];
        let form = self.profile.canonical.form;
        let mut whole = self
            .around
            .start(form, "xades:SignedProperties", &bound, Some(id));
        // The exclusive form declares a namespace where it is used first.
        whole.extend_from_slice(&body.written(form == Form::Exclusive));
        whole.extend_from_slice(b"</xades:SignedProperties>");
        markup::Reference {
            id: None,
            kind: Some(PROPERTIES),
            uri: &format!("#{id}"),
            transforms: &[self.plain.uri()],
            prefixes: &[],
            digest: hash_uri(self.profile.digest),
            value: &hashed(self.profile.digest, &whole),
        }
        .written()
    }

    /// The document up to where the signature goes, and from there on.
    fn cut(&self) -> (Vec<u8>, Vec<u8>) {
        let (document, node) = match self.ground {
            Ground::In(document, node) => (document, node),
            Ground::Plain(text, straight) => {
                let (before, rest) = text.split_at(straight.end);
                return (with_room(before), rest.into());
            }
            Ground::Alone => return (Vec::new(), Vec::new()),
        };
        let end = document.nodes[*node].span.end;
        let (whole, rest) = document.text.split_at(end);
        match (whole.strip_suffix("/>"), whole.rfind("</")) {
            (Some(empty), _) => {
                let name = document
                    .name(*node)
                    .map(|name| (name.prefix, name.local))
                    .unwrap_or_default();
                let colon = if name.0.is_empty() { "" } else { ":" };
                let before = format!("{empty}>");
                (
                    before.into(),
                    format!("</{}{colon}{}>{rest}", name.0, name.1).into(),
                )
            }
            (None, place) => {
                let (before, tag) = whole.split_at(place.unwrap_or(end));
                (with_room(before), [tag, rest].concat().into())
            }
        }
    }
}

fn with_room(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 8192);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

fn reference_id(id: &str, place: usize) -> String {
    format!("{id}-{place}")
}

fn own((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn surroundings(document: &Document<'_>, node: usize, form: Form) -> Surroundings {
    let mut inherited: Vec<(String, String)> = canon::inherited(document, node, form)
        .into_iter()
        .map(own)
        .collect();
    if form == Form::Inclusive11
        && let Some(value) = base::of(document, node)
    {
        inherited.push(("base".to_owned(), value));
    }
    inherited.sort_unstable();
    Surroundings {
        scope: document.scope(node).into_iter().map(own).collect(),
        inherited,
    }
}
