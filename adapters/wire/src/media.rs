//! What a file is, told by its first bytes: a name is not believed, nor is what a partner says beside it.

/// Media types by how their files begin.
const BEGINS: [(&[u8], &str); 9] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
];
/// The media type of what nobody knows.
pub const UNKNOWN: &str = "application/octet-stream";
/// A page for a browser: never a paper that the state issued.
pub const PAGE: &str = "text/html";

/// The media type of a file. Office documents are told as the archives they are.
#[must_use]
pub fn of(bytes: &[u8]) -> &'static str {
    if let Some((_, media)) = BEGINS.iter().find(|(begin, _)| bytes.starts_with(begin)) {
        return media;
    }
    let start = bytes.get(..bytes.len().min(64)).unwrap_or_default();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let start = start.trim_ascii_start().to_ascii_lowercase();
    if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        PAGE
    } else if start.starts_with(b"<?xml") {
        "application/xml"
    } else {
        UNKNOWN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_how_it_begins() {
        for (bytes, media) in [
            (b"%PDF-1.4\n".as_slice(), "application/pdf"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"PK\x03\x04", "application/zip"),
            (b"\xef\xbb\xbf <!DOCTYPE HTML><html>", PAGE),
            (b"<html", PAGE),
            (b"<?xml version='1.0'?>", "application/xml"),
            (b"", UNKNOWN),
            (b"MZ\x90", UNKNOWN),
        ] {
            assert_eq!(of(bytes), media);
        }
    }
}
