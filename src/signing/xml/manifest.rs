//! The manifest of a container whose signature is beside it (`ASiCManifest`, ETSI EN 319 162-1 annex A.4): read, and written in one form.

use data_encoding::BASE64;

use super::bounds::Bounds;
use super::escape;
use super::names::{DSIG, Digest, hash_uri, hashed};
use super::parse::base64;
use super::read::Source;
use super::refusal::Refusal;
use crate::model::signer::Hash;

/// The namespace of containers.
const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";
/// The most objects of one manifest.
const MOST_OBJECTS: usize = 1024;

/// A manifest; nothing in it is believed before the signature over its bytes is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Where its signature or time-stamp is.
    pub signature: String,
    /// What it lists.
    pub objects: Vec<Listed>,
}

/// One object of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub uri: String,
    digest: Digest,
    value: Vec<u8>,
}

impl Listed {
    /// Whether these bytes are the object's.
    pub fn is(&self, bytes: &[u8]) -> bool {
        self.digest.of(bytes) == self.value
    }

    /// Whether its digest is SHA-1.
    pub fn is_weak(&self) -> bool {
        self.digest.is_weak()
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// Why it is not read.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let bounds = Bounds::default();
        let source = Source::new(bytes, &bounds)?;
        let document = source.document(&bounds)?;
        if !document.is(document.root, ASIC, "ASiCManifest") {
            return Err(Refusal::Shape("ASiCManifest"));
        }
        let (mut signature, mut objects) = (None, Vec::new());
        for one in document.elements(document.root) {
            let uri = document.attribute(one, "URI").ok_or(Refusal::Shape("URI"));
            if document.is(one, ASIC, "SigReference") && signature.is_none() {
                signature = Some(uri?.to_owned());
            } else if document.is(one, ASIC, "DataObjectReference") && objects.len() < MOST_OBJECTS {
                let part = |local| document.elements(one).find(|it| document.is(*it, DSIG, local));
                let method = part("DigestMethod").and_then(|it| document.attribute(it, "Algorithm"));
                let value = part("DigestValue").and_then(|it| base64(&document.text(it)));
                objects.push(Listed {
                    uri: uri?.to_owned(),
                    digest: method.and_then(Digest::named).ok_or(Refusal::UnknownDigest)?,
                    value: value.ok_or(Refusal::Base64)?,
                });
            } else if !document.is(one, ASIC, "ASiCManifestExtensions") {
                return Err(Refusal::Shape("ASiCManifest"));
            }
        }
        Ok(Self {
            signature: signature.ok_or(Refusal::Shape("SigReference"))?,
            objects,
        })
    }
}

/// The manifest of objects (address, media type, bytes) whose CAdES signature stands at `signature`, with SHA-256.
pub fn manifest(signature: &str, objects: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut out = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:ASiCManifest xmlns:asic=\"".to_vec();
    out.extend_from_slice(ASIC.as_bytes());
    out.extend_from_slice(b"\" xmlns:ds=\"");
    out.extend_from_slice(DSIG.as_bytes());
    out.extend_from_slice(b"\"><asic:SigReference MimeType=\"application/pkcs7-signature\" URI=\"");
    escape::attribute(signature, &mut out);
    out.extend_from_slice(b"\"></asic:SigReference>");
    for (uri, media_type, bytes) in objects {
        out.extend_from_slice(b"<asic:DataObjectReference MimeType=\"");
        escape::attribute(media_type, &mut out);
        out.extend_from_slice(b"\" URI=\"");
        escape::attribute(uri, &mut out);
        out.extend_from_slice(b"\"><ds:DigestMethod Algorithm=\"");
        out.extend_from_slice(hash_uri(Hash::Sha256).as_bytes());
        out.extend_from_slice(b"\"></ds:DigestMethod><ds:DigestValue>");
        out.extend_from_slice(BASE64.encode(&hashed(Hash::Sha256, bytes)).as_bytes());
        out.extend_from_slice(b"</ds:DigestValue></asic:DataObjectReference>");
    }
    out.extend_from_slice(b"</asic:ASiCManifest>");
    out
}
