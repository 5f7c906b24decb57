//! The markup of a signature, written canonical from the start: what is hashed is what is written, without a second reading.

use data_encoding::BASE64;

use super::canon::{Canonical, Form};
use super::escape;
use super::names::{DSIG, EXCLUSIVE, XADES};

/// What the signature will stand in, as far as it enters the inclusive forms.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// The namespaces in scope, each prefix once.
    pub(super) scope: Vec<(String, String)>,
    /// The `xml:` attributes that are inherited, by local name.
    pub(super) inherited: Vec<(String, String)>,
}

impl Surroundings {
    /// The start tag that an element below has in canonical form, when it is the first one written: `bound` are the
    /// namespaces that the signature itself declares around it, `id` its identifier.
    pub(super) fn start(&self, form: Form, name: &str, bound: &[(&str, &str)], id: Option<&str>) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        out.push(b'<');
        out.extend_from_slice(name.as_bytes());
        let mut spaces: Vec<(&str, &str)> = Vec::new();
        if form == Form::Exclusive {
            let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
            spaces.extend(bound.iter().filter(|(one, _)| *one == prefix));
        } else {
            spaces.extend(bound);
            let outer = self
                .scope
                .iter()
                .map(|(prefix, space)| (prefix.as_str(), space.as_str()));
            spaces.extend(outer.filter(|(prefix, _)| bound.iter().all(|(one, _)| one != prefix)));
        }
        spaces.sort_unstable();
        for (prefix, space) in spaces {
            out.extend_from_slice(b" xmlns");
            if !prefix.is_empty() {
                out.push(b':');
                out.extend_from_slice(prefix.as_bytes());
            }
            value(space, &mut out);
        }
        if let Some(id) = id {
            attribute("Id", id, &mut out);
        }
        if form != Form::Exclusive {
            for (local, content) in &self.inherited {
                out.extend_from_slice(b" xml:");
                out.extend_from_slice(local.as_bytes());
                value(content, &mut out);
            }
        }
        out.push(b'>');
        out
    }
}

/// What stands between the tags of `SignedInfo`.
pub(super) fn statement(canonical: &Canonical, method: &str, references: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    algorithm("ds:CanonicalizationMethod", canonical.uri(), &mut out);
    algorithm("ds:SignatureMethod", method, &mut out);
    for one in references {
        out.extend_from_slice(one);
    }
    out
}

/// One reference, its attributes in their canonical order.
pub(super) struct Reference<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) kind: Option<&'a str>,
    pub(super) uri: &'a str,
    /// Identifiers of transforms, and the prefixes of the last one.
    pub(super) transforms: &'a [&'a str],
    pub(super) prefixes: &'a [String],
    pub(super) digest: &'a str,
    pub(super) value: &'a [u8],
}

impl Reference<'_> {
    pub(super) fn written(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(b"<ds:Reference");
        for (name, content) in [("Id", self.id), ("Type", self.kind), ("URI", Some(self.uri))] {
            if let Some(content) = content {
                attribute(name, content, &mut out);
            }
        }
        out.push(b'>');
        if !self.transforms.is_empty() {
            out.extend_from_slice(b"<ds:Transforms>");
            if let Some((last, before)) = self.transforms.split_last() {
                before.iter().for_each(|uri| transform(uri, &[], &mut out));
                transform(last, self.prefixes, &mut out);
            }
            out.extend_from_slice(b"</ds:Transforms>");
        }
        digest(self.digest, self.value, false, &mut out);
        out.extend_from_slice(b"</ds:Reference>");
        out
    }
}

fn transform(uri: &str, prefixes: &[String], out: &mut Vec<u8>) {
    if prefixes.is_empty() {
        algorithm("ds:Transform", uri, out);
        return;
    }
    out.extend_from_slice(b"<ds:Transform");
    attribute("Algorithm", uri, out);
    out.extend_from_slice(b"><ec:InclusiveNamespaces xmlns:ec");
    value(EXCLUSIVE, out);
    let names: Vec<&str> = prefixes
        .iter()
        .map(|prefix| if prefix.is_empty() { "#default" } else { prefix })
        .collect();
    attribute("PrefixList", &names.join(" "), out);
    out.extend_from_slice(b"></ec:InclusiveNamespaces></ds:Transform>");
}

/// A digest's method and value, their namespace declared on each where nothing around has declared it.
fn digest(uri: &str, octets: &[u8], declares: bool, out: &mut Vec<u8>) {
    let (method, value): (&[u8], &[u8]) = match declares {
        true => (
            b"<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
            b"<ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
        ),
        false => (b"<ds:DigestMethod", b"<ds:DigestValue>"),
    };
    out.extend_from_slice(method);
    attribute("Algorithm", uri, out);
    out.extend_from_slice(b"></ds:DigestMethod>");
    out.extend_from_slice(value);
    out.extend_from_slice(BASE64.encode(octets).as_bytes());
    out.extend_from_slice(b"</ds:DigestValue>");
}

/// What the signer attests, without its first and last tag (ETSI EN 319 132-1 §5.2).
pub(super) struct Properties {
    /// `xsd:dateTime`, UTC.
    pub(super) signed_at: String,
    /// The certificate's hash: its identifier and value.
    pub(super) certificate: Option<(&'static str, Vec<u8>)>,
    /// Identifier of a reference, and media type.
    pub(super) formats: Vec<(String, String)>,
}

impl Properties {
    /// `declares` as the exclusive form does: XMLDSig's namespace on the elements that are in it.
    pub(super) fn written(&self, declares: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(b"<xades:SignedSignatureProperties>");
        element("xades:SigningTime", &self.signed_at, &mut out);
        if let Some((uri, octets)) = &self.certificate {
            out.extend_from_slice(b"<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>");
            digest(uri, octets, declares, &mut out);
            out.extend_from_slice(b"</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>");
        }
        out.extend_from_slice(b"</xades:SignedSignatureProperties>");
        if !self.formats.is_empty() {
            out.extend_from_slice(b"<xades:SignedDataObjectProperties>");
            for (reference, media_type) in &self.formats {
                out.extend_from_slice(b"<xades:DataObjectFormat");
                attribute("ObjectReference", &format!("#{reference}"), &mut out);
                out.push(b'>');
                element("xades:MimeType", media_type, &mut out);
                out.extend_from_slice(b"</xades:DataObjectFormat>");
            }
            out.extend_from_slice(b"</xades:SignedDataObjectProperties>");
        }
        out
    }
}

/// The element that holds a time-stamp token, with the ones around it.
pub(super) fn stamp(canonical: &Canonical, token: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(token.len() * 4 / 3 + 512);
    out.extend_from_slice(
        b"<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>",
    );
    algorithm("ds:CanonicalizationMethod", canonical.uri(), &mut out);
    element("xades:EncapsulatedTimeStamp", &BASE64.encode(token), &mut out);
    out.extend_from_slice(
        b"</xades:SignatureTimeStamp></xades:UnsignedSignatureProperties></xades:UnsignedProperties>",
    );
    out
}

/// The first tag of a signature.
pub(super) fn signature(id: Option<&str>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<ds:Signature xmlns:ds");
    value(DSIG, out);
    if let Some(id) = id {
        attribute("Id", id, out);
    }
    out.push(b'>');
}

/// The first tag of the qualifying properties.
pub(super) fn qualifying(id: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<ds:Object><xades:QualifyingProperties xmlns:xades");
    value(XADES, out);
    attribute("Target", &format!("#{id}"), out);
    out.push(b'>');
}

fn algorithm(name: &str, uri: &str, out: &mut Vec<u8>) {
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    attribute("Algorithm", uri, out);
    out.extend_from_slice(b"></");
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}

/// An element without attributes.
pub(super) fn element(name: &str, content: &str, out: &mut Vec<u8>) {
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
    escape::text(content, out);
    out.extend_from_slice(b"</");
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}

fn attribute(name: &str, content: &str, out: &mut Vec<u8>) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    value(content, out);
}

fn value(content: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"=\"");
    escape::attribute(content, out);
    out.push(b'"');
}
