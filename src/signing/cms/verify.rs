//! Verification of SignedData (RFC 5652 §5.4, §5.6).

use super::attribute::{self, Attributes};
use super::read::Signatory;
use super::{Binding, CmsError, Content, Message, Refusal, Remark, Rules, Signed};
use crate::signing::der::oid;
use crate::signing::der::{DerError, Element, SEQUENCE, SET};
use crate::signing::trust::{Certificate, Digest, Scheme};

pub(super) fn all(
    signed: &Message,
    content: Content<'_>,
    rules: &Rules<'_>,
) -> Result<Vec<Result<Signed, Refusal>>, CmsError> {
    if signed.signers.is_empty() {
        return Err(CmsError::NoSigner);
    }
    let within = signed.content.as_deref();
    let single = within.map(|content| [content]);
    let parts: &[&[u8]] = match (content, &single) {
        (Content::Within, Some(single)) => single,
        (Content::Within, None) => return Err(CmsError::NoContent),
        (Content::Beside(parts), None) => parts,
        (Content::Beside(parts), Some([within])) if is_same(within, parts) => parts,
        (Content::Beside(_), Some(_)) => return Err(CmsError::OtherContent),
    };
    let check = Check { signed, parts, rules };
    let outcomes = signed.signers.iter().map(|signer| check.one(signer));
    Ok(outcomes.collect())
}

fn is_same(whole: &[u8], parts: &[&[u8]]) -> bool {
    let rest = parts
        .iter()
        .try_fold(whole, |rest, part| rest.strip_prefix(*part));
    rest.is_some_and(<[u8]>::is_empty)
}

struct Check<'a> {
    signed: &'a Message,
    parts: &'a [&'a [u8]],
    rules: &'a Rules<'a>,
}

/// What one signature is made with.
struct Made {
    digest: Digest,
    scheme: Scheme,
}

impl Check<'_> {
    fn one(&self, signer: &Signatory) -> Result<Signed, Refusal> {
        let made = self.made(signer)?;
        let certificates = self.signed.certificates.iter().chain(self.rules.certificates);
        // One key may have several certificates, and one name and number may be claimed by many: the one that fits is the signer's.
        let mut refusal = Refusal::NoCertificate;
        for certificate in certificates.filter(|one| signer.id.is(one)) {
            match self.by(signer, certificate, &made) {
                Ok(signed) => return Ok(signed),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }

    fn made(&self, signer: &Signatory) -> Result<Made, Refusal> {
        let digest = Digest::read(Element::only(&signer.digest, SEQUENCE)?)?;
        let scheme = Scheme::read(Element::only(&signer.algorithm, SEQUENCE)?, Some(digest))?;
        match scheme.digest() {
            Some(signed) if signed != digest => Err(Refusal::Disagree {
                named: digest,
                signed,
            }),
            _ if digest.is_weak() && !self.rules.legacy => Err(Refusal::Weak),
            _ => Ok(Made { digest, scheme }),
        }
    }

    fn by(&self, signer: &Signatory, certificate: &Certificate, made: &Made) -> Result<Signed, Refusal> {
        let mut proven = Signed {
            signer: certificate.clone(),
            scheme: made.scheme,
            digest: made.digest,
            content_type: self.signed.content_type.clone(),
            length: self.parts.iter().map(|part| part.len() as u64).sum(),
            claimed: None,
            binding: Binding::None,
            is_weak: made.digest.is_weak(),
            remarks: Vec::new(),
            stamps: attribute::stamps(signer)?,
        };
        if self.signed.is_repaired {
            proven.remarks.push(Remark::Ber);
        }
        match &signer.attributes {
            None => self.bare(signer, &mut proven)?,
            Some(attributes) => self.attributed(signer, attributes, &mut proven)?,
        }
        Ok(proven)
    }

    /// Without signed attributes the signature is over the content itself.
    fn bare(&self, signer: &Signatory, proven: &mut Signed) -> Result<(), Refusal> {
        if self.signed.content_type.content() != oid::CONTENT {
            return Err(Refusal::Missing("contentType"));
        }
        if attribute::could_be(&self.parts.concat()) {
            return Err(Refusal::Ambiguous);
        }
        let key = proven.signer.key().map_err(Refusal::Key)?;
        if !proven.scheme.verify(&key, self.parts, &signer.signature) {
            return Err(Refusal::Signature);
        }
        proven.remarks.push(Remark::Bare);
        Ok(())
    }

    fn attributed(&self, signer: &Signatory, whole: &[u8], proven: &mut Signed) -> Result<(), Refusal> {
        let contents = Element::only(whole, whole.first().copied().unwrap_or_default())?.content;
        let attributes = Attributes::read(contents)?;
        proven
            .remarks
            .extend(signed_attributes(signer, whole, &attributes, proven)?);
        if attributes.content_type()? != self.signed.content_type.content() {
            return Err(Refusal::ContentType);
        }
        let digest = proven.digest.of(self.parts).map_err(|_| DerError::Value)?;
        if attributes.message_digest()? != digest {
            return Err(Refusal::Content);
        }
        attributes.protects(signer)?;
        proven.claimed = attributes.signing_time()?;
        proven.binding = attributes.binding(&proven.signer)?;
        Ok(())
    }
}

/// The signature over the attributes: they stand under `[0]` and are hashed under SET OF. DER orders them; some signers write and sign
/// them in an order of their own, and some write them so and sign them in order. The set is the same.
fn signed_attributes(
    signer: &Signatory,
    whole: &[u8],
    attributes: &Attributes<'_>,
    proven: &Signed,
) -> Result<Option<Remark>, Refusal> {
    let key = proven.signer.key().map_err(Refusal::Key)?;
    let (ordered, stood_so) = attributes.ordered();
    let as_it_stands = [&[SET], whole.get(1..).unwrap_or_default()];
    if proven.scheme.verify(&key, &as_it_stands, &signer.signature) {
        return Ok((!stood_so).then_some(Remark::Unordered));
    }
    if !stood_so && proven.scheme.verify(&key, &[&ordered], &signer.signature) {
        return Ok(Some(Remark::Reordered));
    }
    Err(Refusal::Signature)
}
