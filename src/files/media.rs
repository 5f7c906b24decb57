//! What a file is, by its first bytes. What its sender says is not believed, and nothing that a browser would run is named.

/// Where nothing tells.
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// How a container says what it is: in its first entry, not packed.
const TYPED: &str = "mimetype";
/// The start of an entry of a ZIP archive, and where in it the name stands.
const ENTRY: &[u8] = b"PK\x03\x04";
const NAME: usize = 30;

/// First bytes, and what they begin.
const STARTS: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"<?xml", "application/xml"),
    (b"\xef\xbb\xbf<?xml", "application/xml"),
];

/// Folders of an office document, and what it is then.
const OFFICE: &[(&[u8], &str)] = &[
    (
        b"word/",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        b"xl/",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        b"ppt/",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

/// What containers may say of themselves.
const CONTAINERS: &[&str] = &[
    "application/vnd.etsi.asic-e+zip",
    "application/vnd.etsi.asic-s+zip",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
];

/// The endings of names.
const ENDINGS: &[(&str, &str)] = &[
    ("application/pdf", "pdf"),
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/gif", "gif"),
    ("image/tiff", "tif"),
    ("image/webp", "webp"),
    ("application/rtf", "rtf"),
    ("application/xml", "xml"),
    ("application/zip", "zip"),
    (CONTAINERS[0], "asice"),
    (CONTAINERS[1], "asics"),
    (CONTAINERS[2], "odt"),
    (CONTAINERS[3], "ods"),
    (CONTAINERS[4], "odp"),
    (OFFICE[0].1, "docx"),
    (OFFICE[1].1, "xlsx"),
    (OFFICE[2].1, "pptx"),
];

/// The media type of what begins so.
pub fn of(first: &[u8]) -> &'static str {
    if first.starts_with(ENTRY) {
        return archive(first);
    }
    // The standard asks for it within the first 1,024 bytes (ISO 32000-1, H.3.4.1).
    let head = &first[..first.len().min(1_024)];
    if holds(head, b"%PDF-") {
        return "application/pdf";
    }
    if first.starts_with(b"RIFF") && first.get(8..12) == Some(b"WEBP") {
        return "image/webp";
    }
    let known = STARTS.iter().find(|(start, _)| first.starts_with(start));
    known.map_or(UNKNOWN, |(_, media)| media)
}

/// How the name of a file of this media type ends; `bin` where nobody knows.
pub fn ending(media: &str) -> &'static str {
    let known = ENDINGS.iter().find(|(known, _)| *known == media);
    known.map_or("bin", |(_, ending)| ending)
}

fn archive(first: &[u8]) -> &'static str {
    let after = first.get(NAME..).unwrap_or_default();
    if let Some(said) = after.strip_prefix(TYPED.as_bytes()) {
        // The longest first: one may begin another.
        let known = CONTAINERS
            .iter()
            .filter(|media| said.starts_with(media.as_bytes()));
        return known
            .max_by_key(|media| media.len())
            .copied()
            .unwrap_or("application/zip");
    }
    let names = |folder: &[u8]| {
        let starts = first.windows(ENTRY.len()).enumerate();
        starts.filter(|(_, bytes)| *bytes == ENTRY).any(|(at, _)| {
            first
                .get(at + NAME..)
                .is_some_and(|name| name.starts_with(folder))
        })
    };
    let office = OFFICE.iter().find(|(folder, _)| names(folder));
    office.map_or("application/zip", |(_, media)| media)
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, content: &str) -> Vec<u8> {
        [ENTRY, &[0; NAME - 4], name.as_bytes(), content.as_bytes()].concat()
    }

    #[test]
    fn bytes_say_themselves_what_they_are() {
        let docx = [
            entry("[Content_Types].xml", "packed"),
            entry("word/document.xml", "x"),
        ]
        .concat();
        let xlsx = [
            entry("[Content_Types].xml", "packed"),
            entry("xl/workbook.xml", "x"),
        ]
        .concat();
        for (bytes, ending_of) in [
            (b"%PDF-1.7\n".to_vec(), "pdf"),
            (b"\xef\xbb\xbf\n%PDF-1.4".to_vec(), "pdf"),
            (b"\x89PNG\r\n\x1a\nrest".to_vec(), "png"),
            (b"\xff\xd8\xff\xe0".to_vec(), "jpg"),
            (b"II*\0....".to_vec(), "tif"),
            (b"RIFF1234WEBPVP8 ".to_vec(), "webp"),
            (b"<?xml version=\"1.0\"?><a/>".to_vec(), "xml"),
            (entry("mimetype", "application/vnd.etsi.asic-e+zipPK"), "asice"),
            (entry("mimetype", "text/html"), "zip"),
            (entry("a.txt", "a"), "zip"),
            (docx, "docx"),
            (xlsx, "xlsx"),
            (b"<html><script>alert(1)</script>".to_vec(), "bin"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "bin"),
            (b"MZ\x90\0".to_vec(), "bin"),
            (b"P".to_vec(), "bin"),
            (Vec::new(), "bin"),
        ] {
            assert_eq!(
                ending(of(&bytes)),
                ending_of,
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
        let late = [vec![b' '; 1_020], b"%PDF-1.7".to_vec()].concat();
        assert_eq!(of(&late), UNKNOWN, "beyond what the standard allows");
    }
}
