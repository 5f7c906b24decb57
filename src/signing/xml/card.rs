//! What a signature says about its key (`KeyInfo`, XMLDSig 1.1 §4.5).

use data_encoding::BASE64;
use openssl::bn::BigNumContext;
use openssl::ec::PointConversionForm;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey};
use openssl::x509::X509;

use super::emit::Unsignable;
use super::markup::element;
use super::names::DSIG11;

/// What a signature says about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card<'a> {
    /// Nothing: the partner knows whose it is.
    None,
    /// These certificates (DER), the signer's own first.
    Certificates(&'a [Vec<u8>]),
    /// The bare key: RSA and curves as XMLDSig 1.1 §4.5.2 has them, Ed25519 as DER.
    Key,
}

/// The signer's own certificate.
pub(super) fn certificate<'a>(card: &Card<'a>) -> Option<&'a [u8]> {
    match card {
        Card::Certificates(all) => all.first().map(Vec::as_slice),
        Card::None | Card::Key => None,
    }
}

/// The `KeyInfo` element, or nothing. `key` is the one that signs, DER SubjectPublicKeyInfo.
pub(super) fn written(card: &Card<'_>, key: &[u8]) -> Result<Vec<u8>, Unsignable> {
    let mut out = Vec::new();
    match card {
        Card::None => return Ok(out),
        Card::Certificates(all) => {
            let first = all.first().ok_or(Unsignable::Card)?;
            // A signature that shows somebody else's certificate is worth nothing, and nobody would notice here.
            if spki(first).map_err(|_| Unsignable::Card)? != key {
                return Err(Unsignable::Card);
            }
            out.extend_from_slice(b"<ds:KeyInfo><ds:X509Data>");
            for one in *all {
                element("ds:X509Certificate", &BASE64.encode(one), &mut out);
            }
            out.extend_from_slice(b"</ds:X509Data></ds:KeyInfo>");
        }
        Card::Key => {
            out.extend_from_slice(b"<ds:KeyInfo>");
            bare(key, &mut out).map_err(|_| Unsignable::Card)?;
            out.extend_from_slice(b"</ds:KeyInfo>");
        }
    }
    Ok(out)
}

fn spki(certificate: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    X509::from_der(certificate)?.public_key()?.public_key_to_der()
}

fn bare(der: &[u8], out: &mut Vec<u8>) -> Result<(), ErrorStack> {
    let key = PKey::public_key_from_der(der)?;
    if key.id() == Id::RSA {
        let rsa = key.rsa()?;
        out.extend_from_slice(b"<ds:KeyValue><ds:RSAKeyValue>");
        element("ds:Modulus", &BASE64.encode(&rsa.n().to_vec()), out);
        element("ds:Exponent", &BASE64.encode(&rsa.e().to_vec()), out);
        out.extend_from_slice(b"</ds:RSAKeyValue></ds:KeyValue>");
    } else if key.id() == Id::EC {
        let curve = key.ec_key()?;
        let oid = match curve.group().curve_name() {
            Some(Nid::SECP384R1) => "1.3.132.0.34",
            _ => "1.2.840.10045.3.1.7",
        };
        let form = PointConversionForm::UNCOMPRESSED;
        let point = curve
            .public_key()
            .to_bytes(curve.group(), form, &mut *BigNumContext::new()?)?;
        let start = format!(
            "<ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11=\"{DSIG11}\"><dsig11:NamedCurve URI=\"urn:oid:{oid}\">"
        );
        out.extend_from_slice(start.as_bytes());
        out.extend_from_slice(b"</dsig11:NamedCurve>");
        element("dsig11:PublicKey", &BASE64.encode(&point), out);
        out.extend_from_slice(b"</dsig11:ECKeyValue></ds:KeyValue>");
    } else {
        let start = format!("<dsig11:DEREncodedKeyValue xmlns:dsig11=\"{DSIG11}\">");
        out.extend_from_slice(start.as_bytes());
        out.extend_from_slice(BASE64.encode(der).as_bytes());
        out.extend_from_slice(b"</dsig11:DEREncodedKeyValue>");
    }
    Ok(())
}
