//! Extensions of a certificate (RFC 5280 §4.2): those that decide here are read, any other critical one is kept by name, and a path
//! that meets it ends.

use super::certificate::CertificateError;
use crate::signing::der::oid::{self, Oid};
use crate::signing::der::{
    BITS, BOOLEAN, DerError, Element, INTEGER, OCTETS, OID, Reader, SEQUENCE, context, primitive,
};

/// What a key may be used for; bits of the KeyUsage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage(u16);

impl Usage {
    /// digitalSignature (0) or nonRepudiation (1).
    pub const fn signs(self) -> bool {
        self.0 & 0b11 << 14 != 0
    }

    /// keyCertSign (5).
    pub const fn signs_certificates(self) -> bool {
        self.0 & 1 << 10 != 0
    }

    /// cRLSign (6).
    pub const fn signs_lists(self) -> bool {
        self.0 & 1 << 9 != 0
    }
}

/// The extensions of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// BasicConstraints: whether it is an authority's; absent, `None`.
    pub is_authority: Option<bool>,
    /// How many authorities may stand below it, those that issue to themselves not counted.
    pub path_length: Option<u32>,
    /// KeyUsage.
    pub usage: Option<Usage>,
    /// ExtendedKeyUsage, and whether it is critical.
    pub purposes: Option<(Vec<Oid>, bool)>,
    /// SubjectKeyIdentifier.
    pub subject_key: Option<Vec<u8>>,
    /// The key identifier of AuthorityKeyIdentifier.
    pub authority_key: Option<Vec<u8>>,
    /// Where its revocation list is, from CRLDistributionPoints.
    pub list_urls: Vec<String>,
    /// Where OCSP is asked, from AuthorityInfoAccess.
    pub ocsp_urls: Vec<String>,
    /// Where its issuer's certificate is, from AuthorityInfoAccess.
    pub issuer_urls: Vec<String>,
    /// Critical extensions that nobody here understands, and name constraints, critical or not.
    pub foreign: Vec<Oid>,
}

impl Extensions {
    pub(super) fn read(all: Element<'_>) -> Result<Self, CertificateError> {
        let mut extensions = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        for Extension {
            id,
            is_critical,
            value,
        } in list(all)?
        {
            if seen.contains(&id) {
                return Err(CertificateError::Twice);
            }
            seen.push(id);
            extensions.add(id, is_critical, value)?;
        }
        Ok(extensions)
    }

    fn add(&mut self, id: &[u8], is_critical: bool, value: &[u8]) -> Result<(), DerError> {
        match id {
            oid::BASIC => self.basic(value)?,
            oid::KEY_USAGE => self.usage = Some(usage(value)?),
            oid::EXTENDED_USAGE => self.purposes = Some((purposes(value)?, is_critical)),
            oid::SUBJECT_KEY => self.subject_key = Some(Element::only(value, OCTETS)?.content.to_vec()),
            oid::AUTHORITY_KEY => {
                let mut inside = Element::only(value, SEQUENCE)?.inside();
                self.authority_key = inside.maybe(primitive(0))?.map(|key| key.content.to_vec());
            }
            oid::CRL_POINTS => self.list_urls = points(value)?,
            oid::ACCESS => self.access(value)?,
            // Names beside the subject do not decide, and any policy will do.
            oid::SUBJECT_NAMES | oid::POLICIES => {}
            oid::NAME_CONSTRAINTS => self.foreign.push(Oid::new(id)),
            _ if is_critical => self.foreign.push(Oid::new(id)),
            _ => {}
        }
        Ok(())
    }

    fn basic(&mut self, value: &[u8]) -> Result<(), DerError> {
        let mut inside = Element::only(value, SEQUENCE)?.inside();
        self.is_authority = Some(inside.flag()?);
        self.path_length = inside.maybe(INTEGER)?.map(Element::small).transpose()?;
        inside.end()
    }

    fn access(&mut self, value: &[u8]) -> Result<(), DerError> {
        for description in Element::only(value, SEQUENCE)?.inside().all(SEQUENCE)? {
            let mut inside = description.inside();
            let method = inside.oid()?;
            let place = inside.any()?;
            let urls = match method {
                oid::OCSP => &mut self.ocsp_urls,
                oid::ISSUERS => &mut self.issuer_urls,
                _ => continue,
            };
            urls.extend(url(place));
        }
        Ok(())
    }
}

/// One extension, of a certificate, a list, an answer or a time-stamp.
pub(in crate::signing) struct Extension<'a> {
    pub(in crate::signing) id: &'a [u8],
    pub(in crate::signing) is_critical: bool,
    pub(in crate::signing) value: &'a [u8],
}

/// Every extension of a SEQUENCE OF Extension.
pub(in crate::signing) fn list(all: Element<'_>) -> Result<Vec<Extension<'_>>, DerError> {
    let mut list = Vec::new();
    for extension in all.inside().all(SEQUENCE)? {
        let mut inside = extension.inside();
        let id = inside.oid()?;
        let is_critical = inside.peek() == Some(BOOLEAN) && inside.flag()?;
        let value = inside.octets()?;
        inside.end()?;
        list.push(Extension {
            id,
            is_critical,
            value,
        });
    }
    Ok(list)
}

fn usage(value: &[u8]) -> Result<Usage, DerError> {
    let (_, octets) = Element::only(value, BITS)?.bits()?;
    let octet = |place: usize| u16::from(octets.get(place).copied().unwrap_or(0));
    Ok(Usage(octet(0) << 8 | octet(1)))
}

fn purposes(value: &[u8]) -> Result<Vec<Oid>, DerError> {
    let mut inside = Element::only(value, SEQUENCE)?.inside();
    let mut purposes = Vec::new();
    while inside.peek() == Some(OID) {
        purposes.push(Oid::new(inside.oid()?));
    }
    inside.end()?;
    Ok(purposes)
}

/// The addresses of DistributionPoints that have a full name.
fn points(value: &[u8]) -> Result<Vec<String>, DerError> {
    let mut found = Vec::new();
    for point in Element::only(value, SEQUENCE)?.inside().all(SEQUENCE)? {
        let mut inside = point.inside();
        if let Some(place) = inside.maybe(context(0))? {
            found.extend(full_names(place.inside())?);
        }
    }
    Ok(found)
}

/// The addresses of a DistributionPointName: `[0]` is its full name.
pub(super) fn full_names(mut point: Reader<'_>) -> Result<Vec<String>, DerError> {
    let mut found = Vec::new();
    if let Some(names) = point.maybe(context(0))? {
        let mut names = names.inside();
        while !names.is_empty() {
            found.extend(url(names.any()?));
        }
    }
    Ok(found)
}

/// The address of a GeneralName of that kind.
fn url(name: Element<'_>) -> Option<String> {
    let text = (name.tag == primitive(6)).then_some(name.content)?;
    text.is_ascii()
        .then(|| text.iter().map(|octet| char::from(*octet)).collect())
}
