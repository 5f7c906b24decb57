//! What a signer attests beside what he signs: XAdES (ETSI EN 319 132-1), read and held to the signature.

use jiff::Timestamp;
use openssl::pkey::PKeyRef;
use openssl::x509::X509;

use super::canon::{self, Canonical, Form, Subset};
use super::names::{DSIG, Digest, PROPERTIES, XADES};
use super::parse::{Reference, Signature, base64, canonicalization};
use super::reach::Target;
use super::refusal::Refusal;
use super::tree::Document;

/// What was attested. All of it is covered by the signature, the time-stamps excepted, which cover the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    /// When the signer says he signed, as he wrote it.
    pub signed_at: Option<String>,
    /// The same in milliseconds since 1970 (UTC), where it says from which zone.
    pub signed_at_millis: Option<i64>,
    /// Whether the certificate that he names is the one that was used.
    pub names_certificate: Binding,
    /// The media type of what a reference covers: the reference's place, and the type.
    pub media_types: Vec<(usize, String)>,
    /// The policy that he says he signed under.
    pub policy: Option<String>,
    /// The time-stamps of the value (level B-T).
    pub stamps: Vec<Stamp>,
}

/// How the signature is bound to its certificate (`SigningCertificateV2`, or the older `SigningCertificate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// It names the certificate that was used. Another would have been refused.
    Held,
    /// It names one, and the key was known without its certificate: nothing to compare with.
    Unchecked,
    /// It names none.
    Absent,
}

/// One time-stamp of the signature's value, not verified here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The token (RFC 3161, DER).
    pub token: Vec<u8>,
    /// What it was made over: the canonical `SignatureValue` element.
    pub covers: Vec<u8>,
}

/// Who made the value, as far as the signature's own certificates tell.
pub(super) struct MadeBy<'a> {
    /// The key, DER SubjectPublicKeyInfo; empty for a secret.
    pub(super) key: &'a [u8],
    /// The certificate whose key was used, where that is how the key was found.
    pub(super) certificate: Option<&'a Vec<u8>>,
    /// All that came along.
    pub(super) certificates: &'a [Vec<u8>],
}

/// The most time-stamps of one signature that are looked at.
const STAMPS: usize = 8;

/// Reads the properties of a signature, if it has any.
pub(super) fn read(
    document: &Document<'_>,
    signature: &Signature,
    (references, targets): (&[Reference], &[Target]),
    made_by: &MadeBy<'_>,
) -> Result<Option<Attested>, Refusal> {
    let inside = signature
        .objects
        .iter()
        .flat_map(|object| document.elements(*object));
    let mut found = inside.filter(|node| document.is(*node, XADES, "QualifyingProperties"));
    let Some(qualifying) = found.next() else {
        return Ok(None);
    };
    let id = document.attribute(signature.node, "Id");
    let about = document
        .attribute(qualifying, "Target")
        .and_then(|uri| uri.strip_prefix('#'));
    if found.next().is_some() || id.is_none() || about != id {
        return Err(Refusal::Properties);
    }
    let signed = child(document, qualifying, XADES, "SignedProperties").ok_or(Refusal::Properties)?;
    // Only what a reference of the right type leads to was signed; an element that looks like it was not.
    let covered = references.iter().zip(targets).any(|(reference, target)| {
        let there = matches!(target, Target::Node { node, .. } if *node == signed);
        there && reference.kind.as_deref() == Some(PROPERTIES)
    });
    if !covered {
        return Err(Refusal::Properties);
    }
    let general = child(document, signed, XADES, "SignedSignatureProperties");
    let part = |local| general.and_then(|node| child(document, node, XADES, local));
    let signed_at = part("SigningTime").map(|node| document.text(node).trim().to_owned());
    Ok(Some(Attested {
        signed_at_millis: signed_at
            .as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok())
            .map(Timestamp::as_millisecond),
        signed_at,
        names_certificate: binding(document, general, made_by)?,
        media_types: media_types(document, references, signed),
        policy: part("SignaturePolicyIdentifier")
            .and_then(|node| {
                document
                    .below(node)
                    .find(|one| document.is(*one, XADES, "Identifier"))
            })
            .map(|node| document.text(node).trim().to_owned()),
        stamps: stamps(document, signature, qualifying)?,
    }))
}

fn child(document: &Document<'_>, node: usize, space: &str, local: &str) -> Option<usize> {
    document
        .elements(node)
        .find(|one| document.is(*one, space, local))
}

/// Holds what the signer names to what was used. The first certificate named is the signer's (§5.2.2).
fn binding(
    document: &Document<'_>,
    general: Option<usize>,
    made_by: &MadeBy<'_>,
) -> Result<Binding, Refusal> {
    let part = |local| general.and_then(|node| child(document, node, XADES, local));
    let Some(named) = part("SigningCertificateV2").or_else(|| part("SigningCertificate")) else {
        return Ok(Binding::Absent);
    };
    let digest =
        child(document, named, XADES, "Cert").and_then(|node| child(document, node, XADES, "CertDigest"));
    let digest = digest.ok_or(Refusal::Certificate)?;
    let method =
        child(document, digest, DSIG, "DigestMethod").and_then(|node| document.attribute(node, "Algorithm"));
    let method = method.and_then(Digest::named).ok_or(Refusal::UnknownDigest)?;
    let value = child(document, digest, DSIG, "DigestValue").and_then(|node| base64(&document.text(node)));
    let value = value.ok_or(Refusal::Base64)?;
    let serial = serial(document, named)?;
    let named = |der: &&Vec<u8>| {
        method.of(der) == value && serial.as_ref().is_none_or(|serial| has_serial(der, serial))
    };
    let mut of_key = made_by
        .certificates
        .iter()
        .filter(|der| is_of(der, made_by.key))
        .peekable();
    match made_by.certificate {
        Some(used) if named(&used) => Ok(Binding::Held),
        Some(_) => Err(Refusal::Certificate),
        None if of_key.peek().is_none() => Ok(Binding::Unchecked),
        None if of_key.any(|der| named(&der)) => Ok(Binding::Held),
        None => Err(Refusal::Certificate),
    }
}

/// The serial number beside the digest, if there is one: in decimal in the older form, as DER in the newer one.
fn serial(document: &Document<'_>, named: usize) -> Result<Option<Serial>, Refusal> {
    let certificate = child(document, named, XADES, "Cert").ok_or(Refusal::Certificate)?;
    if let Some(node) = child(document, certificate, XADES, "IssuerSerialV2") {
        return Ok(Some(Serial::Der(
            base64(&document.text(node)).ok_or(Refusal::Base64)?,
        )));
    }
    let older = child(document, certificate, XADES, "IssuerSerial");
    let older = older.and_then(|node| child(document, node, DSIG, "X509SerialNumber"));
    Ok(older.map(|node| Serial::Decimal(document.text(node).trim().to_owned())))
}

enum Serial {
    Decimal(String),
    /// `IssuerSerial` of RFC 5035, which ends with the number.
    Der(Vec<u8>),
}

fn has_serial(der: &[u8], serial: &Serial) -> bool {
    let Ok(number) = X509::from_der(der).and_then(|certificate| certificate.serial_number().to_bn()) else {
        return false;
    };
    match serial {
        Serial::Decimal(text) => number
            .to_dec_str()
            .is_ok_and(|own| AsRef::<str>::as_ref(&*own) == text),
        Serial::Der(der) => {
            let mut octets = number.to_vec();
            // A number that would read as a negative one has a zero before it.
            if octets.first().is_none_or(|first| first & 0x80 != 0) {
                octets.insert(0, 0);
            }
            let length = u8::try_from(octets.len()).unwrap_or_default();
            der.ends_with(&[&[0x02, length], octets.as_slice()].concat())
        }
    }
}

/// Whether the certificate is one of this key (DER SubjectPublicKeyInfo).
fn is_of(der: &[u8], key: &[u8]) -> bool {
    let theirs = X509::from_der(der).and_then(|certificate| certificate.public_key());
    theirs
        .and_then(|theirs| PKeyRef::public_key_to_der(&theirs))
        .is_ok_and(|theirs| theirs == key)
}

fn media_types(document: &Document<'_>, references: &[Reference], signed: usize) -> Vec<(usize, String)> {
    let place = |uri: &str| {
        let id = uri.strip_prefix('#')?;
        references.iter().position(|one| one.id.as_deref() == Some(id))
    };
    let objects = child(document, signed, XADES, "SignedDataObjectProperties");
    let formats = objects.into_iter().flat_map(|node| document.elements(node));
    formats
        .filter(|node| document.is(*node, XADES, "DataObjectFormat"))
        .filter_map(|node| {
            let place = place(document.attribute(node, "ObjectReference")?)?;
            let media_type = child(document, node, XADES, "MimeType")?;
            Some((place, document.text(media_type).trim().to_owned()))
        })
        .collect()
}

fn stamps(document: &Document<'_>, signature: &Signature, qualifying: usize) -> Result<Vec<Stamp>, Refusal> {
    let unsigned = child(document, qualifying, XADES, "UnsignedProperties");
    let general = unsigned.and_then(|node| child(document, node, XADES, "UnsignedSignatureProperties"));
    let mut stamps = Vec::new();
    for one in general.into_iter().flat_map(|node| document.elements(node)) {
        if !document.is(one, XADES, "SignatureTimeStamp") {
            continue;
        }
        let method = child(document, one, DSIG, "CanonicalizationMethod");
        let method = method.map(|node| canonicalization(document, node)).transpose()?;
        let method = method.unwrap_or(Canonical::new(Form::Inclusive));
        let tokens = document.elements(one);
        for token in tokens.filter(|node| document.is(*node, XADES, "EncapsulatedTimeStamp")) {
            if stamps.len() == STAMPS {
                return Ok(stamps);
            }
            stamps.push(Stamp {
                token: base64(&document.text(token)).ok_or(Refusal::Base64)?,
                covers: canonical_value(document, signature, &method)?,
            });
        }
    }
    Ok(stamps)
}

fn canonical_value(
    document: &Document<'_>,
    signature: &Signature,
    method: &Canonical,
) -> Result<Vec<u8>, Refusal> {
    let (node, _) = signature.value;
    let mut out = Vec::new();
    let value = Subset {
        apex: node,
        without: None,
        comments: true,
    };
    canon::write(document, value, method, 1 << 20, &mut out)?;
    Ok(out)
}
