//! The one archive that packets carry: a ZIP with a single entry (§1.6). Written so that the same bytes make the same archive,
//! opened only when nothing in it is said in two ways. Names of entries are never paths: nothing is written anywhere.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// How an archive begins.
pub(crate) const START: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
/// Bytes of the three records before their names.
const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
/// The longest descriptor that may follow an entry whose sizes were not known before it.
const DESCRIPTOR: usize = 24;
/// Names are UTF-8 (flag), deflate (method), 1980-01-01 (date).
const UTF8: u16 = 1 << 11;
const ENCRYPTED: u16 = 1;
const DEFLATED: u16 = 8;
const STORED: u16 = 0;
const EPOCH: u16 = 0x21;
/// So much may come out of an entry whatever the ratio.
const HARMLESS: usize = 1 << 20;

/// What opening an archive came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// Its only entry: the name it has there, and the bytes.
    One(String, Vec<u8>),
    /// It holds none or several, or says it in a form for very large ones: it is a document of its own.
    Other,
}

/// Why an archive of one entry cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shut {
    /// It is broken, encrypted, packed in another way, or says one thing in two ways.
    Damaged,
    /// More comes out than is taken.
    Long,
    /// More comes out for each byte than any document gives.
    Ratio,
}

/// An archive with this single deflated entry; none for what is too long for the form.
pub(crate) fn pack(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let packed = compress_to_vec(bytes, 6);
    let sizes = [
        u32::try_from(packed.len()).ok()?,
        u32::try_from(bytes.len()).ok()?,
    ];
    let length = u16::try_from(name.len()).ok()?;
    let mut facts = words([20, UTF8, DEFLATED, 0, EPOCH]);
    facts.extend(longs([crc(bytes), sizes[0], sizes[1]]));
    facts.extend(words([length, 0]));
    let local = [START, &facts, name.as_bytes(), &packed].concat();
    // No comment, the first disk, no attributes, the local record at the start.
    let central = [CENTRAL, &words([20]), &facts, &[0; 14], name.as_bytes()].concat();
    let place = [
        u32::try_from(central.len()).ok()?,
        u32::try_from(local.len()).ok()?,
    ];
    let end = [END, &words([0, 0, 1, 1]), &longs(place), &[0; 2]].concat();
    Some([local, central, end].concat())
}

fn words<const N: usize>(fields: [u16; N]) -> Vec<u8> {
    fields.into_iter().flat_map(u16::to_le_bytes).collect()
}

fn longs<const N: usize>(fields: [u32; N]) -> Vec<u8> {
    fields.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Opens an archive that has a single entry, at most `limit` bytes and `ratio` times what lies there.
pub(crate) fn open(archive: &[u8], limit: usize, ratio: usize) -> Result<Opened, Shut> {
    let end = end(archive).ok_or(Shut::Damaged)?;
    let counts = [word(archive, end + 8), word(archive, end + 10)];
    if counts != [Some(1), Some(1)] || archive.get(end + 4..end + 8) != Some(&[0; 4]) {
        return Ok(Opened::Other);
    }
    let entry = Entry::read(archive, end).ok_or(Shut::Damaged)?;
    if entry.size > limit {
        return Err(Shut::Long);
    }
    if entry.size > HARMLESS && entry.size / ratio.max(1) > entry.packed.len() {
        return Err(Shut::Ratio);
    }
    let bytes = match entry.method {
        STORED => entry.packed.to_vec(),
        DEFLATED => decompress_to_vec_with_limit(entry.packed, entry.size).map_err(|_| Shut::Damaged)?,
        _ => return Err(Shut::Damaged),
    };
    if bytes.len() != entry.size || crc(&bytes) != entry.crc {
        return Err(Shut::Damaged);
    }
    Ok(Opened::One(entry.name, bytes))
}

/// The only entry, where both its records say the same and nothing else lies in the archive.
struct Entry<'a> {
    name: String,
    method: u16,
    crc: u32,
    size: usize,
    packed: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(archive: &'a [u8], end: usize) -> Option<Self> {
        let (length, central) = (long(archive, end + 12)?, long(archive, end + 16)?);
        let record = archive.get(central..end)?;
        let names = word(record, 28)?;
        let whole = CENTRAL_BYTES + names + word(record, 30)? + word(record, 32)?;
        let flags = u16::try_from(word(record, 8)?).ok()?;
        let fits = record.starts_with(CENTRAL)
            && record.len() == length
            && length == whole
            && flags & ENCRYPTED == 0
            && long(record, 42)? == 0;
        let name = record.get(CENTRAL_BYTES..CENTRAL_BYTES + names)?;
        let same = archive.starts_with(START)
            && word(archive, 26)? == names
            && word(archive, 8)? == word(record, 10)?
            && archive.get(LOCAL_BYTES..LOCAL_BYTES + names)? == name;
        let start = LOCAL_BYTES + names + word(archive, 28)?;
        let stop = start.checked_add(long(record, 20)?)?;
        let gap = central.checked_sub(stop)?;
        (fits && same && gap <= DESCRIPTOR).then_some(())?;
        Some(Self {
            name: String::from_utf8_lossy(name).into_owned(),
            method: u16::try_from(word(record, 10)?).ok()?,
            crc: u32::try_from(long(record, 16)?).ok()?,
            size: long(record, 24)?,
            packed: archive.get(start..stop)?,
        })
    }
}

/// Where the last record begins: the one whose comment ends with the archive.
fn end(archive: &[u8]) -> Option<usize> {
    let last = archive.len().checked_sub(END_BYTES)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last).rev().find(|at| {
        archive[*at..].starts_with(END) && word(archive, at + 20) == Some(archive.len() - at - END_BYTES)
    })
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes(field.try_into().ok()?)))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(field.try_into().ok()?)).ok()
}

/// The remainders of one byte, for [`crc`].
const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let (mut rest, mut bit) = (n as u32, 0);
        while bit < 8 {
            rest = if rest & 1 == 1 {
                rest >> 1 ^ 0xedb8_8320
            } else {
                rest >> 1
            };
            bit += 1;
        }
        table[n] = rest;
        n += 1;
    }
    table
}

/// The check sum of archives (CRC-32 of ISO-HDLC): against accidents, never against anybody.
fn crc(bytes: &[u8]) -> u32 {
    let step = |rest: u32, byte: &u8| rest >> 8 ^ TABLE[usize::from(rest as u8 ^ byte)];
    !bytes.iter().fold(!0, step)
}
