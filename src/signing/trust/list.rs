//! Revocation lists (RFC 5280 §5), given as bytes.

use std::collections::HashMap;

use jiff::Timestamp;

use super::certificate::{self, Certificate, CertificateError};
use super::extension::{self, Extension};
use super::name;
use super::scheme::{self, Scheme};
use super::standing::{self, Ask, Reason, Standing, Unclear};
use crate::signing::der::oid;
use crate::signing::der::{
    BITS, DerError, ENUMERATED, Element, GENERALIZED_TIME, INTEGER, Reader, SEQUENCE, context, primitive,
};

/// Why bytes are no revocation list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Not DER, or not this structure.
    #[error("the revocation list cannot be read")]
    Malformed(#[from] DerError),
    /// PEM that cannot be read, or holds no list, or more than one.
    #[error("the file holds no single revocation list")]
    Pem,
    /// The algorithm inside the signed part is another than the one beside the signature.
    #[error("the revocation list names two signature algorithms")]
    TwoAlgorithms,
}

/// One revocation list; its signature is checked when a certificate is looked up, with the key of that certificate's issuer.
pub struct List {
    signed: Vec<u8>,
    signature: Vec<u8>,
    scheme: Option<Scheme>,
    issuer: Vec<u8>,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    entries: HashMap<Box<[u8]>, Entry>,
    scope: Scope,
}

/// One certificate that was taken back.
#[derive(Clone, Copy)]
struct Entry {
    at: Timestamp,
    reason: Reason,
}

/// What a list speaks about.
#[derive(Default)]
struct Scope {
    /// Addresses of the part that it is, if it is one.
    points: Option<Vec<String>>,
    only_holders: bool,
    only_authorities: bool,
    only_reasons: bool,
    /// Another issuer's certificates, changes to another list, or a critical extension that is not understood.
    is_foreign: bool,
    /// Certificates that had ended before this moment may have been dropped from it.
    keeps_since: Option<Timestamp>,
}

impl List {
    /// Reads a list in DER, or in PEM.
    pub fn read(bytes: &[u8]) -> Result<Self, ListError> {
        if bytes.first() == Some(&SEQUENCE) {
            return Self::from_der(bytes);
        }
        let blocks = certificate::pem(bytes, "X509 CRL").map_err(|_: CertificateError| ListError::Pem)?;
        match blocks.as_slice() {
            [one] => Self::from_der(one),
            _ => Err(ListError::Pem),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self, ListError> {
        let mut outer = Element::only(der, SEQUENCE)?.inside();
        let signed = outer.take(SEQUENCE)?;
        let (algorithm, scheme) = scheme::next(&mut outer)?;
        let signature = outer.take(BITS)?.whole_bits()?;
        outer.end()?;
        let mut inside = signed.inside();
        inside.maybe(INTEGER)?;
        if inside.take(SEQUENCE)?.whole != algorithm {
            return Err(ListError::TwoAlgorithms);
        }
        let issuer = inside.take(SEQUENCE)?.whole;
        name::check(issuer)?;
        let this_update = inside.any()?.time()?;
        let next_update = match certificate::is_time(inside.peek()) {
            true => Some(inside.any()?.time()?),
            false => None,
        };
        let mut scope = Scope::default();
        let entries = match inside.maybe(SEQUENCE)? {
            None => HashMap::new(),
            Some(all) => entries(all.inside(), &mut scope)?,
        };
        if let Some(extensions) = inside.maybe(context(0))? {
            scope.read(Element::only(extensions.content, SEQUENCE)?)?;
        }
        inside.end()?;
        Ok(Self {
            signed: signed.whole.to_vec(),
            signature: signature.to_vec(),
            scheme: scheme.ok(),
            issuer: issuer.to_vec(),
            this_update,
            next_update,
            entries,
            scope,
        })
    }

    /// When it was made.
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// When the next one is due.
    pub fn next_update(&self) -> Option<Timestamp> {
        self.next_update
    }

    /// How many certificates it takes back.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it takes nothing back.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What it says of a certificate; `None` when it is another issuer's.
    pub(super) fn standing(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        ask: Ask,
    ) -> Option<Standing> {
        if !name::is_same(&self.issuer, certificate.issuer()) {
            return None;
        }
        Some(match self.refused(issuer, ask) {
            Some(unclear) => Standing::Unknown(unclear),
            None => self.read_for(certificate, ask),
        })
    }

    /// Why it is not believed.
    fn refused(&self, issuer: &Certificate, ask: Ask) -> Option<Unclear> {
        let may_sign = issuer.extensions().usage.is_none_or(|usage| usage.signs_lists());
        let Some(scheme) = self.scheme.filter(|_| may_sign) else {
            return Some(Unclear::NotIssuer);
        };
        if scheme.is_weak() && !ask.legacy {
            return Some(Unclear::Weak);
        }
        let signed = issuer
            .key()
            .is_ok_and(|key| scheme.verify(&key, &[&self.signed], &self.signature));
        (!signed).then_some(Unclear::NotIssuer)
    }

    fn read_for(&self, certificate: &Certificate, ask: Ask) -> Standing {
        let entry = self.entries.get(certificate.serial());
        if self.scope.is_foreign {
            return Standing::Unknown(Unclear::Scope);
        }
        // Taken back stays taken back, however old the list; only a hold can end.
        if let Some(entry) = entry.filter(|entry| entry.at <= ask.at)
            && (entry.reason != Reason::CertificateHold || !self.is_stale(ask.at))
        {
            return Standing::Revoked {
                at: entry.at,
                reason: entry.reason,
            };
        }
        if !self.scope.speaks_of(certificate) {
            return Standing::Unknown(Unclear::Scope);
        }
        if self.is_stale(ask.at) {
            return Standing::Unknown(Unclear::Stale);
        }
        // A list from later may have dropped what had ended by then, unless it says since when it keeps them.
        let kept_since = self.scope.keeps_since.unwrap_or(self.this_update);
        if entry.is_none() && self.this_update > ask.at && certificate.ends() < kept_since {
            return Standing::Unknown(Unclear::Dropped);
        }
        Standing::Good {
            as_of: self.this_update,
        }
    }

    fn is_stale(&self, at: Timestamp) -> bool {
        standing::is_stale(self.this_update, self.next_update, at)
    }
}

impl Scope {
    fn read(&mut self, extensions: Element<'_>) -> Result<(), DerError> {
        for Extension {
            id,
            is_critical,
            value,
        } in extension::list(extensions)?
        {
            match id {
                oid::ISSUING_POINT => self.point(value)?,
                oid::EXPIRED_ON_CRL => {
                    self.keeps_since = Some(Element::only(value, GENERALIZED_TIME)?.time()?)
                }
                oid::AUTHORITY_KEY | oid::CRL_NUMBER => {}
                _ => self.is_foreign |= is_critical,
            }
        }
        Ok(())
    }

    /// IssuingDistributionPoint (RFC 5280 §5.2.5).
    fn point(&mut self, value: &[u8]) -> Result<(), DerError> {
        let mut inside = Element::only(value, SEQUENCE)?.inside();
        if let Some(place) = inside.maybe(context(0))? {
            self.points = Some(extension::full_names(place.inside())?);
        }
        while !inside.is_empty() {
            let element = inside.any()?;
            match element.tag {
                tag if tag == primitive(1) => self.only_holders |= element.content != [0],
                tag if tag == primitive(2) => self.only_authorities |= element.content != [0],
                tag if tag == primitive(3) => self.only_reasons = true,
                // An indirect list, or one for attribute certificates.
                _ => self.is_foreign |= element.content != [0],
            }
        }
        Ok(())
    }

    fn speaks_of(&self, certificate: &Certificate) -> bool {
        let extensions = certificate.extensions();
        let is_authority = extensions.is_authority == Some(true);
        let is_kind = !(self.only_holders && is_authority || self.only_authorities && !is_authority);
        // A list in parts: what is missing in one part may stand in another.
        let is_part = |points: &Vec<String>| points.iter().any(|point| extensions.list_urls.contains(point));
        is_kind && !self.only_reasons && self.points.as_ref().is_none_or(is_part)
    }
}

fn entries(mut all: Reader<'_>, scope: &mut Scope) -> Result<HashMap<Box<[u8]>, Entry>, DerError> {
    let mut entries: HashMap<Box<[u8]>, Entry> = HashMap::new();
    while !all.is_empty() {
        let mut inside = all.sequence()?;
        let serial = inside.take(INTEGER)?.integer()?;
        let mut entry = Entry {
            at: inside.any()?.time()?,
            reason: Reason::Unspecified,
        };
        if let Some(extensions) = inside.maybe(SEQUENCE)? {
            entry.read(extensions, scope)?;
        }
        inside.end()?;
        let known = entries.entry(serial.into()).or_insert(entry);
        if entry.at < known.at {
            *known = entry;
        }
    }
    Ok(entries)
}

impl Entry {
    fn read(&mut self, extensions: Element<'_>, scope: &mut Scope) -> Result<(), DerError> {
        for Extension {
            id,
            is_critical,
            value,
        } in extension::list(extensions)?
        {
            match id {
                oid::REASON => self.reason = Reason::of(Element::only(value, ENUMERATED)?.small()?),
                // The key may have been lost before anybody noticed.
                oid::INVALIDITY => self.at = self.at.min(Element::only(value, GENERALIZED_TIME)?.time()?),
                _ => scope.is_foreign |= is_critical,
            }
        }
        Ok(())
    }
}
