//! How a file travels in a packet (§1.6): base64, six kinds as they are, everything else as the one entry of a ZIP. And how
//! it is got back from packets that do otherwise than they say.

use std::fmt;

use data_encoding::BASE64;
use serde::Deserialize;

use crate::archive::{self, Opened, Shut};
use crate::repair::Repair;

/// How much is taken of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the packet.
    pub packet: usize,
    /// Bytes of one file, unpacked.
    pub file: usize,
    /// Bytes of all files, unpacked.
    pub files: usize,
    /// Files.
    pub count: usize,
    /// How many bytes may come out of an archive for each that lies in it, once it is more than a MiB.
    pub ratio: usize,
    /// Elements within elements.
    pub depth: usize,
    /// Elements.
    pub elements: usize,
}

/// A gateway refuses files over 50 MiB; the axis's own limit was not found. Ours, base64 a third longer, leaves room for one
/// of that size.
impl Default for Limits {
    fn default() -> Self {
        Limits {
            packet: 70 << 20,
            file: 50 << 20,
            files: 100 << 20,
            count: 100,
            ratio: 200,
            depth: 24,
            elements: 20_000,
        }
    }
}

/// A file to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Its id in the packet: a UUID that the caller makes. It also names the file's archive entry.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// What it is.
    pub description: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A file that came.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id in the packet, without `cid:`.
    pub id: String,
    /// The name people read. It is no path.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What the packet says it is, which need not be so.
    pub declared: String,
    /// The file itself, or why there is none.
    pub bytes: Result<Vec<u8>, Unusable>,
}

/// Sizes only.
impl fmt::Debug for Enclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enclosure")
            .field("id", &self.id)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// Sizes only.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("id", &self.id)
            .field("bytes", &self.bytes.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// Why there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The manifest lists it, and it is not there.
    #[error("the file is listed and is not there")]
    Missing,
    /// It is no base64.
    #[error("the file is not base64")]
    Encoding,
    /// It is longer than a file may be, or together with the others than all of them may.
    #[error("the file is longer than is taken")]
    Long,
    /// More comes out of its archive for each byte than of any document.
    #[error("the file's archive expands beyond any document")]
    Ratio,
    /// The archive it is in cannot be opened, or says one thing in two ways.
    #[error("the archive that the file is in is damaged")]
    Damaged,
}

/// Kinds that travel as they are; the two misspelt ones are the SDK's own, which means xls and xlsx and packs both.
const RAW: [(&str, &str); 6] = [
    ("pdf", "application/pdf"),
    ("doc", "application/doc"),
    ("docx", "application/docx"),
    ("xsl", "application/xsl"),
    ("xslx", "application/xslx"),
    ("zip", ZIP),
];
/// The content type of what travels in an archive.
const ZIP: &str = "application/zip";
/// Endings of files whose own format is an archive. All but `zip` hold several entries by their nature.
const ARCHIVES: [&str; 22] = [
    "zip", "docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "ppsx", "odt", "ods", "odp",
    "odg", "asice", "asics", "sce", "scs", "bdoc", "epub", "jar", "kmz",
];
/// The longest ending of a name.
const ENDING: usize = 12;

/// The ending of a name, in lower case; empty where it has none that is one.
fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).trim();
    let plain = ending.len() <= ENDING && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain {
        ending.to_ascii_lowercase()
    } else {
        String::new()
    }
}

/// The bytes of a file as they travel, before base64, and their content type.
pub(crate) fn packed(file: &Enclosure) -> Option<(Vec<u8>, &'static str)> {
    let ending = ending(&file.name);
    match RAW.iter().find(|(raw, _)| *raw == ending) {
        Some((_, media)) => Some((file.bytes.clone(), media)),
        None => {
            let dot = if ending.is_empty() { "" } else { "." };
            let entry = format!("{}{dot}{ending}", file.id);
            Some((archive::pack(&entry, &file.bytes)?, ZIP))
        }
    }
}

/// A file out of the text that carries it. `declared` are the content types of the file and of the manifest; `room` is
/// what all files may still have.
pub(crate) fn unpacked(
    text: &str,
    name: &str,
    declared: [&str; 2],
    (limits, room): (&Limits, usize),
    repairs: &mut Vec<Repair>,
) -> Result<Vec<u8>, Unusable> {
    let limit = limits.file.min(room);
    let bytes = decoded(text, limit, repairs)?;
    let archived = bytes.starts_with(archive::START);
    let ending = ending(name);
    let [own, listed] = declared.map(str::trim);
    let agree = own.is_empty() || listed.is_empty() || own.eq_ignore_ascii_case(listed);
    let says_zip = own.eq_ignore_ascii_case(ZIP) || own.is_empty() && listed.eq_ignore_ascii_case(ZIP);
    if !agree || (says_zip && !archived) {
        repairs.push(Repair::ContentType);
    }
    if !archived || ending == "zip" {
        return Ok(bytes);
    }
    let opened = archive::open(&bytes, limit, limits.ratio);
    let own_format = ARCHIVES.contains(&ending.as_str());
    match opened {
        // A file whose own format is an archive holds several entries. With one, of the file's own kind, it was packed once
        // more, as the SDK packs all it does not know.
        Ok(Opened::One(entry, file)) if !own_format || self::ending(&entry) == ending => {
            if !says_zip && agree {
                repairs.push(Repair::ContentType);
            }
            Ok(file)
        }
        Ok(Opened::One(..) | Opened::Other) => Ok(bytes),
        Err(_) if own_format => Ok(bytes),
        Err(Shut::Damaged) => Err(Unusable::Damaged),
        Err(Shut::Long) => Err(Unusable::Long),
        Err(Shut::Ratio) => Err(Unusable::Ratio),
    }
}

/// Base64, in which blanks are passed over and noted. What is too long is not decoded at all.
fn decoded(text: &str, limit: usize, repairs: &mut Vec<Repair>) -> Result<Vec<u8>, Unusable> {
    let blank = |byte: u8| byte.is_ascii_whitespace();
    let blanks = text.bytes().filter(|byte| blank(*byte)).count();
    if (text.len() - blanks) / 4 * 3 > limit.saturating_add(2) {
        return Err(Unusable::Long);
    }
    let bytes = if blanks == 0 {
        BASE64.decode(text.as_bytes())
    } else {
        repairs.push(Repair::Blanks);
        let plain: Vec<u8> = text.bytes().filter(|byte| !blank(*byte)).collect();
        BASE64.decode(&plain)
    };
    let bytes = bytes.map_err(|_| Unusable::Encoding)?;
    if bytes.len() > limit {
        return Err(Unusable::Long);
    }
    Ok(bytes)
}
