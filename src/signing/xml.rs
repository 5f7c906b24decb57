//! XML signatures (XMLDSig 1.1, XAdES B-B and B-T): emit by a partner's profile, verify, and hand back what was signed.
//!
//! What is read is bounded, has no document type and reaches nowhere; transforms are an allow-list; nothing that comes with
//! a signature is believed because it came. Whoever goes on with [`Covered::bytes`] goes on with what was signed: comments, for
//! one, are not covered by a usual reference and must not be read around.

mod attest;
mod base;
mod bounds;
mod bytes;
mod canon;
mod card;
mod emit;
mod escape;
mod judge;
mod keys;
mod letters;
mod manifest;
mod markup;
mod names;
mod parse;
mod plan;
mod reach;
mod read;
mod refusal;
mod report;
mod rules;
mod straight;
mod tag;
mod tree;
#[cfg(test)]
mod trial;
mod value;
mod verify;

pub use attest::{Attested, Binding, Stamp};
pub use bounds::{Bounds, Unreadable};
pub use canon::{Canonical, Form, Formless};
pub use card::Card;
pub use emit::{Draft, Place, Profile, Signed, Target, Unsignable, prepare, sign};
pub use judge::{Judged, Maker, judge};
pub use manifest::{Listed, Manifest, manifest};
pub use names::{Digest, Method};
pub use parse::Transform;
pub use reach::Named;
pub use refusal::Refusal;
pub use report::{Covered, Description, Report, Used, What};
pub use rules::{Keys, Rules, Takes};
pub use verify::{describe, verify};

/// The canonical form of a whole document, or of the one element with an identifier and what is below it.
///
/// # Errors
/// Why it is not read, has no such element exactly once, or no canonical form.
pub fn canonical(
    bytes: &[u8],
    id: Option<&str>,
    method: &Canonical,
    bounds: &Bounds,
) -> Result<Vec<u8>, Refusal> {
    let source = read::Source::new(bytes, bounds)?;
    let document = source.document(bounds)?;
    let apex = match id.map(|id| document.identified(id)) {
        None => tree::WHOLE,
        Some(tree::Identified::One(node)) => node,
        Some(tree::Identified::Nothing | tree::Identified::Several) => return Err(Refusal::Untakable),
    };
    let nodes = canon::Subset {
        apex,
        without: None,
        comments: true,
    };
    let mut out = Vec::with_capacity(bytes.len());
    canon::write(&document, nodes, method, bounds.canonical, &mut out)?;
    Ok(out)
}
