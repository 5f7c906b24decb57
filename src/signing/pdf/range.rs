//! What a signature says it is over, held to where it stands.

use std::ops::Range;

use super::Unheld;
use super::bounds::Budget;
use super::object::{Dictionary, Object};
use super::table;

/// The bytes under a signature: all up to `end`, except the gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Covered {
    /// Where the signature's own value stands, delimiters and all.
    pub(super) gap: Range<usize>,
    /// Where the signed revision ends.
    pub(super) end: usize,
    /// Where the newest section of that revision stands.
    pub(super) start: usize,
}

/// Reads `/ByteRange` and holds it to `/Contents` of the same dictionary: two ranges, the first from the first byte, the second to the end
/// of a revision, and nothing between them but that very string.
pub(super) fn covered(bytes: &[u8], value: &Dictionary, budget: &Budget) -> Result<Covered, Unheld> {
    let ranges = value.value("ByteRange").ok_or(Unheld::NoRange)?;
    let numbers: Option<Vec<usize>> = ranges
        .array()
        .and_then(|all| all.iter().map(Object::number).collect());
    let numbers = numbers.ok_or(Unheld::RangeShape)?;
    let [first, before, from, length] = numbers.as_slice() else {
        return Err(Unheld::RangeShape);
    };
    if *first != 0 {
        return Err(Unheld::RangeStart);
    }
    let end = from.checked_add(*length).filter(|end| *end <= bytes.len());
    let end = end.ok_or(Unheld::RangeBeyond)?;
    if before > from {
        return Err(Unheld::RangeOverlap);
    }
    let contents = match value.value("Contents") {
        None => return Err(Unheld::NoContents),
        Some(Object::Text(text)) if text.is_hex => text,
        Some(_) => return Err(Unheld::ContentsShape),
    };
    if contents.span != (*before..*from) {
        return Err(Unheld::Gap);
    }
    // Blanks between the digits would be room for something else.
    let digits = bytes.get(before + 1..from - 1).unwrap_or_default();
    if digits.len() % 2 != 0 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Unheld::ContentsShape);
    }
    let revision = bytes.get(..end).unwrap_or_default();
    let start = table::ends(revision, budget).filter(|start| *start < end);
    Ok(Covered {
        gap: *before..*from,
        end,
        start: start.ok_or(Unheld::RangeEnd)?,
    })
}
