//! Our own containers: one form for one content. Fixed order, no times, nothing compressed, no extra fields.

use super::archive;
use super::checksum::crc32;
use super::{MANIFEST, MIMETYPE, SIGNATURE};
use crate::signing::xml;

/// An object that goes into a container.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// Its name in the container.
    pub name: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Why no container was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpackable {
    /// Nothing to sign.
    #[error("a container needs an object")]
    Nothing,
    /// What was written would not be read again as it was meant: names that could lead elsewhere, or too much of it.
    #[error("the container would not be read again")]
    Archive(#[from] archive::ArchiveError),
    /// A name below `META-INF`, or that of the media type.
    #[error("a name is the container's own")]
    Reserved,
}

/// A container that lacks its signature.
#[derive(Debug)]
pub struct Draft {
    entries: Vec<(String, Vec<u8>)>,
    manifest: Vec<u8>,
}

impl Draft {
    /// Takes objects, in whatever order.
    ///
    /// # Errors
    /// Why they cannot be packed.
    pub fn new(objects: &[Object<'_>]) -> Result<Self, Unpackable> {
        if objects.is_empty() {
            return Err(Unpackable::Nothing);
        }
        if objects.iter().any(|object| super::is_own(object.name)) {
            return Err(Unpackable::Reserved);
        }
        let mut objects = objects.to_vec();
        objects.sort_by_key(|object| object.name);
        let listed: Vec<_> = objects
            .iter()
            .map(|one| (one.name, one.media_type, one.bytes))
            .collect();
        Ok(Self {
            manifest: xml::manifest(SIGNATURE, &listed),
            entries: objects
                .iter()
                .map(|one| (one.name.to_owned(), one.bytes.to_vec()))
                .collect(),
        })
    }

    /// What is signed: the manifest with the digests of all objects. Its signature is a detached CAdES
    /// ([`cms::sign`](crate::signing::cms::sign)).
    pub fn to_sign(&self) -> &[u8] {
        &self.manifest
    }

    /// The container with its signature.
    ///
    /// # Errors
    /// Why it would not be read again.
    pub fn finish(mut self, signature: &[u8]) -> Result<Vec<u8>, Unpackable> {
        self.entries.push((MANIFEST.to_owned(), self.manifest));
        self.entries.push((SIGNATURE.to_owned(), signature.to_vec()));
        let bytes = packed(&self.entries);
        archive::read(&bytes)?;
        Ok(bytes)
    }
}

/// Whether a container is byte for byte one that this house writes: packed again, it is the same.
pub fn is_canonical(bytes: &[u8]) -> bool {
    let Ok(archive) = archive::read(bytes) else {
        return false;
    };
    let mut entries = archive.entries.into_iter();
    if !entries
        .next()
        .is_some_and(|first| first.name == "mimetype" && first.bytes == MIMETYPE)
    {
        return false;
    }
    let all: Vec<(String, Vec<u8>)> = entries.map(|entry| (entry.name, entry.bytes)).collect();
    let Some([objects @ .., (manifest, _), (signature, _)]) = Some(all.as_slice()) else {
        return false;
    };
    let is_ours = manifest == MANIFEST && signature == SIGNATURE;
    let is_sorted = objects.is_sorted_by_key(|(name, _)| name);
    is_ours && is_sorted && !objects.is_empty() && packed(&all) == bytes
}

/// The entries in their order, behind the media type.
fn packed(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let first = [("mimetype", MIMETYPE)];
    let rest = entries
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let (mut out, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for (name, bytes) in first.into_iter().chain(rest) {
        let offset = out.len();
        let header = header(name, bytes);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&header);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(bytes);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&header);
        // No comment, first disk, no attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&four(offset));
        directory.extend_from_slice(name.as_bytes());
        count = count.saturating_add(1);
    }
    let start = out.len();
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend_from_slice(&[count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend_from_slice(&[four(directory.len()), four(start)].concat());
    out.extend_from_slice(&[0, 0]);
    out
}

/// What both headers of an entry begin with: stored, on 1 January 1980, without extra fields.
fn header(name: &str, bytes: &[u8]) -> Vec<u8> {
    let flags: u16 = if name.is_ascii() { 0 } else { 0x0800 };
    let size = four(bytes.len());
    let mut out = vec![0x14, 0x00];
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&[0x00, 0x00, 0x00, 0x00, 0x21, 0x00]);
    out.extend_from_slice(&crc32(bytes).to_le_bytes());
    out.extend_from_slice(&[size, size].concat());
    // Names that are longer are refused when it is read again.
    out.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

/// Sizes that are larger are refused when it is read again.
fn four(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes()
}
