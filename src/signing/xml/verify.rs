//! Verify: the value over the canonical `SignedInfo` first, then each reference; what is handed back is what was signed.

use super::attest::{self, MadeBy};
use super::bounds::Bounds;
use super::canon::{self, Formless, Subset};
use super::keys::{self, Offered};
use super::names::{DSIG, Method, PROPERTIES};
use super::parse::{self, Reference, Signature, Transform};
use super::reach::{self, Reach, Target};
use super::read::Source;
use super::refusal::Refusal;
use super::report::{Covered, Description, Report, Used, What};
use super::rules::{Keys, Rules, Takes};
use super::tree::{Document, Identified, WHOLE};
use super::value;
use crate::signing::public::PublicKey;

/// Verifies the one signature of a document.
///
/// # Errors
/// The first reason why it is not believed.
pub fn verify(bytes: &[u8], rules: &Rules<'_>) -> Result<Report, Refusal> {
    let source = Source::new(bytes, &rules.bounds)?;
    let document = source.document(&rules.bounds)?;
    let node = chosen(&document, rules.signature)?;
    let signature = parse::signature(&document, node, rules)?;
    let method = signature.method.clone()?;
    let references: Vec<Reference> = signature.references.iter().cloned().collect::<Result<_, _>>()?;
    allowed(method, &references, rules)?;
    let offered = signature
        .key
        .map(|key| keys::offered(&document, key))
        .unwrap_or_default();
    let key = value_holds(&document, &signature, method, &offered, rules)?;
    let targets = targets(&document, &references, rules)?;
    let mut covered = Vec::with_capacity(targets.len());
    let mut budget = Budget(rules.bounds.canonical);
    for (index, (reference, target)) in references.iter().zip(&targets).enumerate() {
        covered.push(hold(
            (&document, signature.node),
            reference,
            (index, *target),
            rules,
            &mut budget,
        )?);
    }
    let attested = attest::read(
        &document,
        &signature,
        (&references, &targets),
        &made_by(&key, &offered, rules),
    )?;
    taken(&document, &signature, (&references, &targets), rules)?;
    Ok(Report {
        id: document.attribute(node, "Id").map(str::to_owned),
        method,
        canonical: signature.canonical,
        key,
        certificates: offered.certificates,
        covered,
        attested,
    })
}

/// Tells what the signatures of a document say of themselves; whether they are right about their key is not looked at.
///
/// # Errors
/// Why the document is not read. A signature that cannot be read is an error in its place.
pub fn describe(bytes: &[u8], rules: &Rules<'_>) -> Result<Vec<Result<Description, Refusal>>, Refusal> {
    let source = Source::new(bytes, &rules.bounds)?;
    let document = source.document(&rules.bounds)?;
    let nodes = document.below(document.root);
    let nodes = nodes.filter(|node| document.is(*node, DSIG, "Signature"));
    let mut budget = Budget(rules.bounds.canonical);
    Ok(nodes
        .take(rules.references)
        .map(|node| described(&document, node, rules, &mut budget))
        .collect())
}

fn described(
    document: &Document<'_>,
    node: usize,
    rules: &Rules<'_>,
    budget: &mut Budget,
) -> Result<Description, Refusal> {
    let signature = parse::signature(document, node, rules)?;
    let references = signature.references.iter().enumerate().map(|(index, reference)| {
        let reference = reference.as_ref().map_err(Clone::clone)?;
        let target = reach::target(document, reference, index, rules.outside)?;
        hold((document, node), reference, (index, target), rules, budget)
    });
    Ok(Description {
        id: document.attribute(node, "Id").map(str::to_owned),
        references: references.collect(),
        method: signature.method.clone(),
        certificates: signature
            .key
            .map(|key| keys::offered(document, key).certificates)
            .unwrap_or_default(),
    })
}

fn chosen(document: &Document<'_>, id: Option<&str>) -> Result<usize, Refusal> {
    let nodes = document.below(document.root);
    let mut nodes = nodes.filter(|node| {
        let asked = id.is_none_or(|id| document.attribute(*node, "Id") == Some(id));
        document.is(*node, DSIG, "Signature") && asked
    });
    match (nodes.next(), nodes.next()) {
        (None, _) => Err(Refusal::Unsigned),
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(Refusal::Several),
    }
}

fn allowed(method: Method, references: &[Reference], rules: &Rules<'_>) -> Result<(), Refusal> {
    if let Method::Key(algorithm) = method
        && !rules.algorithms.contains(&algorithm)
    {
        return Err(Refusal::NotAllowed(algorithm));
    }
    let weak = method.is_weak() || references.iter().any(|one| one.digest.is_weak());
    match weak && !rules.legacy {
        true => Err(Refusal::Weak),
        false => Ok(()),
    }
}

fn value_holds(
    document: &Document<'_>,
    signature: &Signature,
    method: Method,
    offered: &Offered,
    rules: &Rules<'_>,
) -> Result<Used, Refusal> {
    let info = Subset {
        apex: signature.info,
        without: None,
        comments: true,
    };
    let mut message = Vec::with_capacity(document.nodes[signature.info].span.len() + 256);
    canon::write(
        document,
        info,
        &signature.canonical,
        rules.bounds.canonical,
        &mut message,
    )?;
    let (_, octets) = &signature.value;
    let by = |key: &PublicKey| value::by_key(key, method, &message, octets);
    match (rules.keys, method) {
        (Keys::Secret(secret), Method::Mac(digest)) => {
            value::by_secret(secret, digest, &message, octets).map(|()| Used::Secret)
        }
        // Whoever reads a public key could make an HMAC with it.
        (Keys::Secret(_), _) | (_, Method::Mac(_)) => Err(Refusal::Confusion),
        (Keys::Known(keys), _) => first(keys.iter().enumerate().map(|(place, key)| {
            by(key)?;
            Ok(Used::Known(place))
        })),
        (Keys::Embedded, _) => {
            let certificates = offered.certificates.iter().map(|der| {
                by(&keys::of_certificate(der)?)?;
                Ok(Used::Certificate(der.clone()))
            });
            let bare = offered.bare.iter().map(|key| {
                let key = key.as_ref().map_err(Clone::clone)?;
                by(key)?;
                Ok(Used::Bare(key.der().to_vec()))
            });
            first(certificates.chain(bare))
        }
    }
}

fn made_by<'a>(used: &'a Used, offered: &'a Offered, rules: &Rules<'a>) -> MadeBy<'a> {
    let (key, certificate): (&[u8], _) = match (used, rules.keys) {
        (Used::Known(place), Keys::Known(keys)) => (keys[*place].der(), None),
        (Used::Bare(der), _) => (der, None),
        (Used::Certificate(der), _) => (&[], Some(der)),
        (Used::Secret | Used::Known(_), _) => (&[], None),
    };
    MadeBy {
        key,
        certificate,
        certificates: &offered.certificates,
    }
}

/// The first key that fits; else that a key of the right kind says no, else the first other reason.
fn first(all: impl Iterator<Item = Result<Used, Refusal>>) -> Result<Used, Refusal> {
    let mut reason = None;
    for one in all {
        match one {
            Ok(used) => return Ok(used),
            Err(Refusal::Value) => reason = Some(Refusal::Value),
            Err(other) => reason = reason.or(Some(other)),
        }
    }
    Err(reason.unwrap_or(Refusal::Keyless))
}

fn targets(
    document: &Document<'_>,
    references: &[Reference],
    rules: &Rules<'_>,
) -> Result<Vec<Target>, Refusal> {
    let all = references.iter().enumerate();
    all.map(|(index, one)| reach::target(document, one, index, rules.outside))
        .collect()
}

/// Bytes of canonical form that may still be written for one document, over all its signatures and references.
struct Budget(usize);

/// Holds one reference of the signature at a node of a document to its digest.
fn hold(
    (document, signature): (&Document<'_>, usize),
    reference: &Reference,
    (index, target): (usize, Target),
    rules: &Rules<'_>,
    budget: &mut Budget,
) -> Result<Covered, Refusal> {
    let bounds = Bounds {
        canonical: budget.0,
        ..rules.bounds
    };
    let reach = Reach {
        document,
        signature,
        outside: rules.outside,
        bounds: &bounds,
    };
    let octets = reach.octets(target, &reference.transforms, index);
    // Who has reached the bound has used all of it.
    let used = match &octets {
        Ok(bytes) => bytes.len(),
        Err(Refusal::Formless(Formless::Large)) => budget.0,
        Err(_) => 0,
    };
    budget.0 = budget.0.saturating_sub(used);
    let bytes = octets?;
    if reference.digest.of(&bytes) != reference.value {
        return Err(Refusal::Digest(index));
    }
    let uri = reference.uri.as_deref().unwrap_or_default();
    let what = match target {
        Target::Outside(_) => What::Outside(uri.to_owned()),
        Target::Node { node: WHOLE, .. } => What::Document,
        Target::Node { node, .. } => What::Element {
            id: uri.trim_start_matches('#').to_owned(),
            name: document
                .name(node)
                .map(|name| name.local.to_owned())
                .unwrap_or_default(),
            within: document.holds(signature, node),
        },
    };
    Ok(Covered {
        what,
        kind: reference.kind.clone(),
        transforms: reference.transforms.clone(),
        digest: reference.digest,
        bytes,
    })
}

/// Whether what the caller goes on with is what was signed: the same node, not one that looks like it.
fn taken(
    document: &Document<'_>,
    signature: &Signature,
    (references, targets): (&[Reference], &[Target]),
    rules: &Rules<'_>,
) -> Result<(), Refusal> {
    let found = match rules.takes {
        Takes::Covered => return Ok(()),
        Takes::Outside => {
            let all = (0..rules.outside.len()).all(|place| targets.contains(&Target::Outside(place)));
            return if all { Ok(()) } else { Err(Refusal::Elsewhere) };
        }
        Takes::Document => Identified::One(document.root),
        Takes::Element(id) => document.identified(id),
        Takes::Path(path) => document.at(path),
    };
    let Identified::One(wanted) = found else {
        return Err(Refusal::Untakable);
    };
    let covers = |(reference, target): (&Reference, &Target)| match target {
        Target::Outside(_) => false,
        Target::Node { node, .. } => {
            let whole = !reference.transforms.contains(&Transform::Base64);
            // What stands in the signature was taken out with it by an enveloped transform.
            let cut = document.holds(signature.node, wanted) && document.holds(*node, signature.node);
            whole && !cut && document.holds(*node, wanted) && reference.kind.as_deref() != Some(PROPERTIES)
        }
    };
    match references.iter().zip(targets).any(covers) {
        true => Ok(()),
        false => Err(Refusal::Elsewhere),
    }
}
