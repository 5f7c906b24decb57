//! OCSP (RFC 6960): answers given as bytes, and the bytes of a question.

use jiff::Timestamp;

use super::certificate::{self, Certificate};
use super::extension::{self, Extension};
use super::list::List;
use super::name;
use super::scheme::{self, Digest, Scheme};
use super::standing::{self, Ask, Reason, Standing, Unclear};
use crate::signing::der::oid::{self, Oid};
use crate::signing::der::{
    BITS, DerError, ENUMERATED, Element, INTEGER, OCTETS, Reader, SEQUENCE, context, primitive, write,
};

/// Why bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// Not DER, or not this structure.
    #[error("the OCSP response cannot be read")]
    Malformed(#[from] DerError),
    /// The responder did not answer: its status by name.
    #[error("the OCSP responder says {0}")]
    Status(&'static str),
    /// Not of the one kind there is, or with a critical extension.
    #[error("the OCSP response is of a kind that is not understood here")]
    Kind,
}

/// One signed answer about one or more certificates.
pub struct Response {
    signed: Vec<u8>,
    signature: Vec<u8>,
    scheme: Option<Scheme>,
    responder: Responder,
    produced: Timestamp,
    nonce: Option<Vec<u8>>,
    singles: Vec<Single>,
    certificates: Vec<Certificate>,
}

/// Who answered.
enum Responder {
    Name(Vec<u8>),
    /// SHA-1 of the octets of its key.
    Key(Vec<u8>),
}

struct Single {
    digest: Option<Digest>,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
    status: Status,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
}

#[derive(Clone, Copy)]
enum Status {
    Good,
    Revoked { at: Timestamp, reason: Reason },
    Unknown,
}

impl Response {
    /// Reads an OCSPResponse in DER.
    pub fn read(der: &[u8]) -> Result<Self, ResponseError> {
        let mut outer = Element::only(der, SEQUENCE)?.inside();
        let status = outer.take(ENUMERATED)?.small()?;
        if status != 0 {
            return Err(ResponseError::Status(status_name(status)));
        }
        let body = outer.take(context(0))?;
        outer.end()?;
        let mut body = Element::only(body.content, SEQUENCE)?.inside();
        if body.oid()? != oid::OCSP_BASIC {
            return Err(ResponseError::Kind);
        }
        let basic = body.octets()?;
        body.end()?;
        Self::basic(basic)
    }

    fn basic(der: &[u8]) -> Result<Self, ResponseError> {
        let mut outer = Element::only(der, SEQUENCE)?.inside();
        let signed = outer.take(SEQUENCE)?;
        let (_, scheme) = scheme::next(&mut outer)?;
        let signature = outer.take(BITS)?.whole_bits()?;
        let certificates = match outer.maybe(context(0))? {
            None => Vec::new(),
            Some(tagged) => Element::only(tagged.content, SEQUENCE)?.inside().all(SEQUENCE)?,
        };
        outer.end()?;
        let mut inside = signed.inside();
        inside.maybe(context(0))?;
        let responder = responder(inside.any()?)?;
        let produced = inside.any()?.time()?;
        let singles = inside.sequence()?.all(SEQUENCE)?;
        let nonce = match inside.maybe(context(1))? {
            None => None,
            Some(tagged) => extensions(Element::only(tagged.content, SEQUENCE)?)?,
        };
        inside.end()?;
        Ok(Self {
            signed: signed.whole.to_vec(),
            signature: signature.to_vec(),
            scheme: scheme.ok(),
            responder,
            produced,
            nonce,
            singles: singles.into_iter().map(Single::read).collect::<Result<_, _>>()?,
            // One that cannot be read cannot be the responder's.
            certificates: certificates
                .iter()
                .filter_map(|element| Certificate::from_der(element.whole).ok())
                .collect(),
        })
    }

    /// When it was made.
    pub fn produced(&self) -> Timestamp {
        self.produced
    }

    /// The nonce that it repeats; believed only once a standing was read from it.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// What it says of a certificate; `None` when it speaks of others. `lists` may take the responder's own certificate back.
    pub(super) fn standing(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        lists: &[List],
        ask: Ask,
    ) -> Option<Standing> {
        let singles = self
            .singles
            .iter()
            .filter(|single| single.is_about(certificate, issuer));
        let single = singles.max_by_key(|single| single.this_update)?;
        Some(match self.refused(issuer, lists, ask) {
            Some(unclear) => Standing::Unknown(unclear),
            None => single.standing(certificate, ask),
        })
    }

    /// Why it is not believed: signed by the issuer's own key, or by one that the issuer lets answer (RFC 6960 §4.2.2.2).
    fn refused(&self, issuer: &Certificate, lists: &[List], ask: Ask) -> Option<Unclear> {
        let Some(scheme) = self.scheme else {
            return Some(Unclear::NotIssuer);
        };
        if scheme.is_weak() && !ask.legacy {
            return Some(Unclear::Weak);
        }
        let lets = |signer: &&Certificate| *signer == issuer || self.is_delegate(signer, issuer, lists, ask);
        let signers = self.certificates.iter().chain(std::iter::once(issuer));
        let signed = signers
            .filter(|signer| self.responder.is(signer))
            .filter(lets)
            .any(|signer| {
                signer
                    .key()
                    .is_ok_and(|key| scheme.verify(&key, &[&self.signed], &self.signature))
            });
        (!signed).then_some(Unclear::NotIssuer)
    }

    fn is_delegate(&self, signer: &Certificate, issuer: &Certificate, lists: &[List], ask: Ask) -> bool {
        let extensions = signer.extensions();
        let may_answer = extensions
            .purposes
            .as_ref()
            .is_some_and(|(purposes, _)| purposes.contains(&Oid::new(oid::OCSP_USAGE)));
        let weak = signer.scheme().as_ref().is_ok_and(|scheme| scheme.is_weak());
        let lasts = signer.begins() <= self.produced && self.produced <= signer.ends();
        let is_withdrawn = || {
            let at = Ask {
                at: self.produced,
                ..ask
            };
            let mut standings = lists.iter().filter_map(|list| list.standing(signer, issuer, at));
            standings.any(|standing| matches!(standing, Standing::Revoked { .. }))
        };
        may_answer
            && lasts
            && extensions.foreign.is_empty()
            && extensions.usage.is_none_or(|usage| usage.signs())
            && (!weak || ask.legacy)
            && name::is_same(signer.issuer(), issuer.subject())
            && issuer.key().is_ok_and(|key| signer.is_signed_by(&key))
            && !is_withdrawn()
    }
}

impl Responder {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(subject) => name::is_same(subject, certificate.subject()),
            Self::Key(hash) => key_hash(certificate, Digest::Sha1).is_some_and(|own| own == *hash),
        }
    }
}

impl Single {
    fn read(element: Element<'_>) -> Result<Self, ResponseError> {
        let mut inside = element.inside();
        let mut id = inside.sequence()?;
        let digest = Digest::read(id.take(SEQUENCE)?).ok();
        let (issuer_name, issuer_key) = (id.octets()?, id.octets()?);
        let serial = id.take(INTEGER)?.integer()?;
        id.end()?;
        let status = status(inside.any()?)?;
        let this_update = inside.any()?.time()?;
        let next_update = match inside.maybe(context(0))? {
            None => None,
            Some(tagged) => Some(Reader::new(tagged.content).any()?.time()?),
        };
        if let Some(tagged) = inside.maybe(context(1))? {
            extensions(Element::only(tagged.content, SEQUENCE)?)?;
        }
        inside.end()?;
        Ok(Self {
            digest,
            issuer_name: issuer_name.to_vec(),
            issuer_key: issuer_key.to_vec(),
            serial: serial.to_vec(),
            status,
            this_update,
            next_update,
        })
    }

    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let Some(digest) = self.digest.filter(|_| self.serial == certificate.serial()) else {
            return false;
        };
        // The name as the certificate writes its issuer (RFC 6960 §4.1.1).
        let name = digest.of(&[certificate.issuer()]).ok();
        name.is_some_and(|name| name == self.issuer_name)
            && key_hash(issuer, digest).is_some_and(|key| key == self.issuer_key)
    }

    fn standing(&self, certificate: &Certificate, ask: Ask) -> Standing {
        let is_stale = standing::is_stale(self.this_update, self.next_update, ask.at);
        match self.status {
            Status::Revoked { at, reason }
                if at <= ask.at && (reason != Reason::CertificateHold || !is_stale) =>
            {
                Standing::Revoked { at, reason }
            }
            _ if is_stale => Standing::Unknown(Unclear::Stale),
            Status::Unknown => Standing::Unknown(Unclear::Unknown),
            // What is taken back later was good then, and is still known.
            Status::Good if self.this_update > ask.at && certificate.ends() < self.this_update => {
                Standing::Unknown(Unclear::Dropped)
            }
            Status::Good | Status::Revoked { .. } => Standing::Good {
                as_of: self.this_update,
            },
        }
    }
}

/// The bytes of a question about one certificate, `application/ocsp-request`. The hash of names and keys is SHA-1, which every responder
/// understands and which only names here; `nonce`, if given, has 1 to 32 octets (RFC 8954 §2.1). `None` if `issuer` has no key.
pub fn request(certificate: &Certificate, issuer: &Certificate, nonce: Option<&[u8]>) -> Option<Vec<u8>> {
    let digest = Digest::Sha1;
    let hash = write::sequence(&[&write::oid(digest.oid()), &write::null()]);
    let id = write::sequence(&[
        &hash,
        &write::octets(&digest.of(&[certificate.issuer()]).ok()?),
        &write::octets(&key_hash(issuer, digest)?),
        &write::element(INTEGER, &[certificate.serial()]),
    ]);
    let list = write::sequence(&[&write::sequence(&[&id])]);
    let extensions = nonce.map(|nonce| {
        let value = write::octets(&write::octets(nonce));
        let extension = write::sequence(&[&write::oid(oid::OCSP_NONCE), &value]);
        write::tagged(2, &[&write::sequence(&[&extension])])
    });
    let body = write::sequence(&[&list, extensions.as_deref().unwrap_or_default()]);
    Some(write::sequence(&[&body]))
}

fn key_hash(certificate: &Certificate, digest: Digest) -> Option<Vec<u8>> {
    digest.of(&[certificate.key_bits().ok()?]).ok()
}

fn responder(element: Element<'_>) -> Result<Responder, ResponseError> {
    match element.tag {
        tag if tag == context(1) => {
            name::check(element.content)?;
            Ok(Responder::Name(element.content.to_vec()))
        }
        tag if tag == context(2) => {
            let hash = Element::only(element.content, OCTETS)?;
            Ok(Responder::Key(hash.content.to_vec()))
        }
        _ => Err(ResponseError::Kind),
    }
}

fn status(element: Element<'_>) -> Result<Status, ResponseError> {
    match element.tag {
        tag if tag == primitive(0) => Ok(Status::Good),
        tag if tag == primitive(2) => Ok(Status::Unknown),
        tag if tag == context(1) => {
            let mut inside = element.inside();
            let at = match certificate::is_time(inside.peek()) {
                true => inside.any()?.time()?,
                false => return Err(ResponseError::Kind),
            };
            let reason = match inside.maybe(context(0))? {
                None => Reason::Unspecified,
                Some(tagged) => Reason::of(Element::only(tagged.content, ENUMERATED)?.small()?),
            };
            inside.end()?;
            Ok(Status::Revoked { at, reason })
        }
        _ => Err(ResponseError::Kind),
    }
}

/// The nonce, if there is one; a critical extension beside it ends the reading.
fn extensions(all: Element<'_>) -> Result<Option<Vec<u8>>, ResponseError> {
    let mut nonce = None;
    for Extension {
        id,
        is_critical,
        value,
    } in extension::list(all)?
    {
        match id {
            // Most write the octets in an OCTET STRING (RFC 8954 §2.1), some as they are.
            oid::OCSP_NONCE => {
                nonce = Some(
                    Element::only(value, OCTETS)
                        .map_or(value, |inner| inner.content)
                        .to_vec(),
                )
            }
            _ if is_critical => return Err(ResponseError::Kind),
            _ => {}
        }
    }
    Ok(nonce)
}

fn status_name(status: u32) -> &'static str {
    match status {
        1 => "malformedRequest",
        2 => "internalError",
        3 => "tryLater",
        5 => "sigRequired",
        6 => "unauthorized",
        _ => "a status without a name",
    }
}
