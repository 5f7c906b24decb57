//! ZIP (APPNOTE 6.3.3), read as one thing only: what the directory says and what stands before the bytes must agree, the entries must
//! follow each other without a gap, and nothing may stand before, between or after them.
//!
//! Written here and not taken from a crate: crates go by the directory and look past what is hidden beside it.

use std::collections::HashSet;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use unicode_normalization::UnicodeNormalization;

use super::checksum::crc32;

/// Entries of a container.
const MOST_ENTRIES: usize = 1024;
/// Bytes of all entries, inflated.
const MOST_BYTES: usize = 128 << 20;
/// So many times may an entry grow when it is inflated, beyond its first 64 KiB.
const RATIO: usize = 200;
/// The only comment that is let through: the standard once allowed it (ETSI TS 102 918 §6.1).
pub(super) const COMMENT: &[u8] = b"mimetype=application/vnd.etsi.asic-e+zip";

/// Why bytes are no archive that two readers would read alike. Names no entry: a name may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// No end of a directory where it must be.
    #[error("this is no ZIP archive, or bytes follow it")]
    NoEnd,
    /// Spread over disks, or with 64-bit sizes.
    #[error("the archive is of a kind that is not read here")]
    Unsupported,
    /// A bound was passed.
    #[error("the archive has more {0} than are read")]
    Bound(&'static str),
    /// A directory that is not of the form.
    #[error("the directory of the archive is not well-formed")]
    Directory,
    /// The directory says something else than what stands before an entry's bytes.
    #[error("entry {0} of the archive is another in its directory than where it stands")]
    Disagree(usize),
    /// Bytes that belong to no entry, or to two.
    #[error("bytes of the archive belong to no entry, or to two, before entry {0}")]
    Gap(usize),
    /// Encrypted, or compressed in another way than DEFLATE.
    #[error("entry {0} of the archive is encrypted, or compressed in a way that is not read here")]
    Method(usize),
    /// Its size or its checksum is another.
    #[error("entry {0} of the archive is not what its checksum says")]
    Checksum(usize),
    /// Not UTF-8, absolute, with `..`, a backslash, a percent sign or a control character.
    #[error("entry {0} of the archive has a name that could lead elsewhere")]
    Name(usize),
    /// A name that stands twice, letter case and the form of accents not counted.
    #[error("entry {0} of the archive has the name of another one")]
    Twice(usize),
    /// A link to another file.
    #[error("entry {0} of the archive is a link")]
    Link(usize),
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// Neither compressed nor with extra fields.
    pub(super) is_plain: bool,
}

/// An archive, read.
pub(super) struct Archive {
    /// In the order of their bytes, folders left out.
    pub(super) entries: Vec<Entry>,
    pub(super) has_comment: bool,
}

/// Reads little-endian numbers of a record.
struct Record<'a>(&'a [u8]);

impl<'a> Record<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn two(&mut self) -> Option<usize> {
        self.take(2).map(whole)
    }

    fn four(&mut self) -> Option<usize> {
        self.take(4).map(whole)
    }
}

fn whole(octets: &[u8]) -> usize {
    octets
        .iter()
        .rev()
        .fold(0, |sum, octet| sum << 8 | usize::from(*octet))
}

/// What directory and local header both say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Facts {
    flags: usize,
    method: usize,
    moment: usize,
    checksum: usize,
    packed: usize,
    size: usize,
}

impl Facts {
    fn read(record: &mut Record<'_>) -> Option<Self> {
        Some(Self {
            flags: record.two()?,
            method: record.two()?,
            moment: record.four()?,
            checksum: record.four()?,
            packed: record.four()?,
            size: record.four()?,
        })
    }

    /// Sizes and checksum follow the bytes.
    fn is_late(&self) -> bool {
        self.flags & 0b1000 != 0
    }
}

/// One line of the directory.
struct Line<'a> {
    facts: Facts,
    name: &'a [u8],
    has_extra: bool,
    attributes: usize,
    offset: usize,
}

/// Reads a whole archive.
pub(super) fn read(bytes: &[u8]) -> Result<Archive, ArchiveError> {
    let (directory, count, end, has_comment) = directory(bytes)?;
    let mut lines = lines(bytes, (directory, end), count)?;
    lines.sort_by_key(|line| line.offset);
    let (mut at, mut left) = (0, MOST_BYTES);
    let (mut names, mut entries) = (HashSet::new(), Vec::new());
    for (place, line) in lines.iter().enumerate() {
        if line.offset != at {
            return Err(ArchiveError::Gap(place));
        }
        let name = name(line, place)?;
        let folded: String = name
            .trim_end_matches('/')
            .nfc()
            .collect::<String>()
            .to_lowercase();
        if !names.insert(folded) {
            return Err(ArchiveError::Twice(place));
        }
        let (body, next, has_extra) = local(bytes, line, place)?;
        let inflated = content(body, &line.facts, place, &mut left)?;
        at = next;
        if !name.ends_with('/') {
            entries.push(Entry {
                name: name.to_owned(),
                bytes: inflated,
                is_plain: line.facts.method == 0 && !has_extra && !line.has_extra,
            });
        } else if !inflated.is_empty() {
            return Err(ArchiveError::Name(place));
        }
    }
    match at == directory {
        true => Ok(Archive { entries, has_comment }),
        false => Err(ArchiveError::Gap(lines.len())),
    }
}

/// Where the directory begins, how many lines it has, where it ends, and whether the comment follows.
fn directory(bytes: &[u8]) -> Result<(usize, usize, usize, bool), ArchiveError> {
    let end_of = |comment: &[u8]| {
        let end = bytes.len().checked_sub(22 + comment.len())?;
        let record = bytes.get(end..)?;
        let fits = record.starts_with(b"PK\x05\x06") && record.get(22..)? == comment;
        (fits && record.get(20..22).map(whole) == Some(comment.len())).then_some(end)
    };
    let plain = end_of(b"");
    let end = plain.or_else(|| end_of(COMMENT)).ok_or(ArchiveError::NoEnd)?;
    let mut record = Record(bytes.get(end + 4..).unwrap_or_default());
    let mut two = || record.two().ok_or(ArchiveError::NoEnd);
    let (disk, first_disk, here, count) = (two()?, two()?, two()?, two()?);
    let mut four = || record.four().ok_or(ArchiveError::NoEnd);
    let (size, start) = (four()?, four()?);
    if disk != 0 || first_disk != 0 || here != count || count == 0xFFFF || start == 0xFFFF_FFFF {
        return Err(ArchiveError::Unsupported);
    }
    if count > MOST_ENTRIES {
        return Err(ArchiveError::Bound("entries"));
    }
    match start.checked_add(size) == Some(end) {
        true => Ok((start, count, end, plain.is_none())),
        false => Err(ArchiveError::Directory),
    }
}

fn lines(bytes: &[u8], (from, to): (usize, usize), count: usize) -> Result<Vec<Line<'_>>, ArchiveError> {
    let mut record = Record(bytes.get(from..to).ok_or(ArchiveError::Directory)?);
    let lines: Option<Vec<Line<'_>>> = (0..count).map(|_| line(&mut record)).collect();
    lines
        .filter(|_| record.0.is_empty())
        .ok_or(ArchiveError::Directory)
}

fn line<'a>(record: &mut Record<'a>) -> Option<Line<'a>> {
    record.take(4).filter(|mark| *mark == b"PK\x01\x02")?;
    record.take(4)?;
    let facts = Facts::read(record)?;
    let (name, extra, comment) = (record.two()?, record.two()?, record.two()?);
    let (disk, _, attributes, offset) = (record.two()?, record.two()?, record.four()?, record.four()?);
    let name = record.take(name)?;
    record.take(extra)?;
    (comment == 0 && disk == 0).then_some(Line {
        facts,
        name,
        has_extra: extra > 0,
        attributes,
        offset,
    })
}

fn name<'a>(line: &Line<'a>, place: usize) -> Result<&'a str, ArchiveError> {
    let name = std::str::from_utf8(line.name).map_err(|_| ArchiveError::Name(place))?;
    let inside = name.strip_suffix('/').unwrap_or(name);
    let is_odd = |letter: char| {
        letter.is_control()
            || matches!(letter, '\\' | '%' | ':' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let is_step = |part: &str| part.is_empty() || part == "." || part == "..";
    if name.chars().any(is_odd) || inside.split('/').any(is_step) || name.len() > 512 {
        return Err(ArchiveError::Name(place));
    }
    // The upper half is the mode of the file where it was packed.
    match (line.attributes >> 16) & 0xF000 {
        0xA000 => Err(ArchiveError::Link(place)),
        _ => Ok(name),
    }
}

/// The packed bytes of an entry, where the next one begins, and whether it has extra fields.
fn local<'a>(
    bytes: &'a [u8],
    line: &Line<'_>,
    place: usize,
) -> Result<(&'a [u8], usize, bool), ArchiveError> {
    let disagree = ArchiveError::Disagree(place);
    let facts = line.facts;
    let mut record = Record(bytes.get(line.offset..).ok_or(disagree)?);
    let mut header = || -> Option<(Facts, usize, usize)> {
        record.take(4).filter(|mark| *mark == b"PK\x03\x04")?;
        record.take(2)?;
        Some((Facts::read(&mut record)?, record.two()?, record.two()?))
    };
    let (here, name, extra) = header().ok_or(disagree)?;
    let later = Facts {
        checksum: 0,
        packed: 0,
        size: 0,
        ..facts
    };
    let agrees = here == facts || facts.is_late() && here == later;
    if !agrees || record.take(name) != Some(line.name) || record.take(extra).is_none() {
        return Err(disagree);
    }
    let body = record.take(facts.packed).ok_or(disagree)?;
    if facts.is_late() {
        let described = [facts.checksum, facts.packed, facts.size];
        let plain: Vec<u8> = described
            .iter()
            .flat_map(|value| (*value as u32).to_le_bytes())
            .collect();
        let marked = [b"PK\x07\x08", plain.as_slice()].concat();
        let found = [marked.as_slice(), &plain]
            .into_iter()
            .find(|one| record.0.starts_with(one));
        record.take(found.ok_or(disagree)?.len()).ok_or(disagree)?;
    }
    Ok((body, bytes.len() - record.0.len(), extra > 0))
}

fn content(body: &[u8], facts: &Facts, place: usize, left: &mut usize) -> Result<Vec<u8>, ArchiveError> {
    // DEFLATE's own levels, sizes behind the bytes, names in UTF-8; everything else is encryption or patches.
    if facts.flags & !0b1000_0000_1110 != 0 {
        return Err(ArchiveError::Method(place));
    }
    *left = left.checked_sub(facts.size).ok_or(ArchiveError::Bound("bytes"))?;
    if facts.size > 1 << 16 && facts.size / RATIO > body.len() {
        return Err(ArchiveError::Bound("bytes for so few"));
    }
    let bytes = match facts.method {
        0 => body.to_vec(),
        8 => inflated(body, facts.size).ok_or(ArchiveError::Checksum(place))?,
        _ => return Err(ArchiveError::Method(place)),
    };
    match bytes.len() == facts.size && crc32(&bytes) as usize == facts.checksum {
        true => Ok(bytes),
        false => Err(ArchiveError::Checksum(place)),
    }
}

/// So many bytes out of exactly these.
fn inflated(body: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; size];
    let mut state = Box::<DecompressorOxide>::default();
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, read, written) = decompress(&mut state, body, &mut out, 0, flags);
    (status == TINFLStatus::Done && read == body.len() && written == size).then_some(out)
}
