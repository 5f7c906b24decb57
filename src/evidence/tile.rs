//! Tiles (C2SP tlog-tiles): the shape in which the tree and its entries are kept and served.

use std::fmt;
use std::ops::Range;

use crate::evidence::checkpoint::decimal;

/// How many levels of the tree one tile spans.
pub const HEIGHT: u32 = 8;
/// How many hashes, or entries, a full tile has.
pub const WIDTH: u64 = 256;
/// How many bytes a full tile of hashes has.
pub const TILE_BYTES: usize = 8192;
/// The longest entry that fits a bundle, in bytes: its length is written in two.
pub const LONGEST_ENTRY: usize = 65_535;

/// A tile of hashes that is full and will not change again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullTile {
    /// 0 holds leaf hashes; each level above holds the roots of the full tiles below.
    pub level: u8,
    /// The tile's number within its level.
    pub number: u64,
    /// 256 hashes, 8,192 bytes.
    pub bytes: Vec<u8>,
}

/// Where full tiles and entries are kept.
pub trait Reader {
    /// Why reading failed.
    type Error: std::error::Error + 'static;

    /// A full tile's 8,192 bytes; `None` where it is not kept.
    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, Self::Error>;

    /// The entries of a range of indexes, in order; fewer where some are missing at its end.
    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, Self::Error>;
}

/// Why a part of the log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E: std::error::Error + 'static> {
    /// The store failed.
    #[error("the log could not be read")]
    Store(#[source] E),
    /// A full tile that must be there is not, or has not 8,192 bytes.
    #[error("tile {number} of level {level} is missing or damaged")]
    Tile {
        /// Its level.
        level: u8,
        /// Its number.
        number: u64,
    },
    /// Entries that must be there are not.
    #[error("entries {} to {} are not all there", .0.start, .0.end)]
    Entries(Range<u64>),
}

/// A full tile, held to its size.
pub fn full<R: Reader>(reader: &R, level: u8, number: u64) -> Result<Vec<u8>, ReadError<R::Error>> {
    match reader.tile(level, number).map_err(ReadError::Store)? {
        Some(bytes) if bytes.len() == TILE_BYTES => Ok(bytes),
        Some(_) | None => Err(ReadError::Tile { level, number }),
    }
}

/// A range of entries, held to its length.
pub fn entries<R: Reader>(reader: &R, range: Range<u64>) -> Result<Vec<Vec<u8>>, ReadError<R::Error>> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    let entries = reader.entries(range.clone()).map_err(ReadError::Store)?;
    if entries.len() as u64 == range.end - range.start {
        Ok(entries)
    } else {
        Err(ReadError::Entries(range))
    }
}

/// What a path below the log's address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The level of a tile of hashes, 0 to 63; `None` is a bundle of entries.
    pub level: Option<u8>,
    /// The tile's number within its level.
    pub number: u64,
    /// How many hashes or entries of it: 1 to 255 for a partial tile, 256 for a full one.
    pub width: u16,
}

impl Place {
    /// Reads `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`, in its one spelling.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, decimal(width)?),
            None => (rest, WIDTH),
        };
        let level = match level {
            "entries" => None,
            level => Some(u8::try_from(decimal(level)?).ok().filter(|level| *level < 64)?),
        };
        let digits: String = number
            .split('/')
            .map(|group| group.trim_start_matches('x'))
            .collect();
        let place = Self {
            level,
            number: digits.parse().ok()?,
            width: u16::try_from(width).ok()?,
        };
        (place.to_string() == path && place.width > 0).then_some(place)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{level}/")?,
            None => f.write_str("tile/entries/")?,
        }
        // Groups of three digits; all but the last begin with an x.
        let digits = self.number.to_string();
        let wide = digits.len().div_ceil(3) * 3;
        let digits = format!("{digits:0>wide$}");
        for place in (0..wide - 3).step_by(3) {
            write!(f, "x{}/", &digits[place..place + 3])?;
        }
        f.write_str(&digits[wide - 3..])?;
        if u64::from(self.width) == WIDTH {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

/// Writes entries as a bundle: each after its length in two bytes, big-endian. `None` if one is too long for that.
pub fn bundle<T: AsRef<[u8]>>(entries: &[T]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries.iter().map(AsRef::as_ref) {
        bytes.extend_from_slice(&u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Some(bytes)
}

/// Reads a bundle; `None` if it does not end where an entry ends, or holds more than a full one.
pub fn unbundle(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry.to_vec());
        bytes = rest;
    }
    (bytes.is_empty() && entries.len() as u64 <= WIDTH).then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_spelling() {
        let place = |level, number, width| Place { level, number, width };
        let good = [
            ("tile/0/x001/x234/067", place(Some(0), 1_234_067, 256)),
            ("tile/0/000", place(Some(0), 0, 256)),
            ("tile/63/999.p/1", place(Some(63), 999, 1)),
            ("tile/entries/x001/000.p/255", place(None, 1000, 255)),
        ];
        for (path, expected) in good {
            assert_eq!(Place::parse(path), Some(expected));
            assert_eq!(expected.to_string(), path);
        }
        let bad = [
            "tile/64/000",
            "tile/00/000",
            "tile/0/0",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001",
            "tile/0/",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/-1/000",
            "tile/0/+00",
            "/tile/0/000",
            "tile/0/000/",
            "tile/0/../000",
            "tile/entries/xx001/000",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
        ];
        for path in bad {
            assert_eq!(Place::parse(path), None, "{path}");
        }
    }

    #[test]
    fn bundles_are_read_as_written_and_never_half() {
        let entries = [b"".to_vec(), b"one".to_vec(), vec![7; LONGEST_ENTRY]];
        let bytes = bundle(&entries).unwrap();
        assert_eq!(bytes[..7], [0, 0, 0, 3, b'o', b'n', b'e']);
        assert_eq!(unbundle(&bytes).unwrap(), entries);
        assert_eq!(unbundle(&bytes[..bytes.len() - 1]), None);
        assert_eq!(unbundle(&bytes[..1]), None);
        assert_eq!(bundle(&[vec![0; LONGEST_ENTRY + 1]]), None);
        assert_eq!(unbundle(&bundle(&vec![b""; 257]).unwrap()), None);
    }
}
