//! Cross-reference sections (ISO 32000-1 §7.5.4, §7.5.8): tables, streams, and both at once, from the newest back to the first.

use std::collections::BTreeMap;
use std::collections::HashSet;

use super::PdfError;
use super::bounds::Budget;
use super::lex::Lexer;
use super::object::{Dictionary, Object};
use super::stream;

/// The most sections; a document that was signed ten times has some thirty.
const MOST_SECTIONS: usize = 128;
/// How far from its end a document says where its newest section is.
const TAIL: usize = 1024;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Free,
    At {
        offset: usize,
        generation: u32,
    },
    /// In an object stream, at this place.
    Packed {
        stream: u32,
        place: usize,
    },
}

/// One section: what one writing of the document says of its objects.
#[derive(Debug)]
pub(super) struct Section {
    /// Where it stands.
    pub(super) start: usize,
    pub(super) entries: BTreeMap<u32, Entry>,
    pub(super) trailer: Dictionary,
}

/// The sections of a document, the newest first.
pub(super) fn sections(bytes: &[u8], budget: &Budget) -> Result<Vec<Section>, PdfError> {
    let mut next = Some(newest(bytes, budget)?);
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    while let Some(start) = next {
        if !seen.insert(start) || all.len() == MOST_SECTIONS {
            return Err(PdfError::Bound("cross-reference sections"));
        }
        let section = section(bytes, start, budget)?;
        next = previous(&section.trailer)?;
        all.push(section);
    }
    Ok(all)
}

fn previous(trailer: &Dictionary) -> Result<Option<usize>, PdfError> {
    match trailer.value("Prev") {
        None => Ok(None),
        Some(value) => value.number().map(Some).ok_or(PdfError::Table),
    }
}

/// Where the last `startxref` of a document leads.
pub(super) fn newest(bytes: &[u8], budget: &Budget) -> Result<usize, PdfError> {
    let tail = bytes.len().saturating_sub(TAIL);
    let word = b"startxref";
    let found = bytes
        .get(tail..)
        .and_then(|tail| tail.windows(word.len()).rposition(|window| window == word));
    let at = tail + found.ok_or(PdfError::Table)? + word.len();
    Lexer::new(bytes, at, budget).number()
}

/// Whether a document ends here, so that nothing but a line end follows `%%EOF`; and where its newest section is.
pub(super) fn ends(bytes: &[u8], budget: &Budget) -> Option<usize> {
    let without_line_end = match bytes {
        [rest @ .., b'\r', b'\n'] | [rest @ .., b'\n' | b'\r'] => rest,
        rest => rest,
    };
    let before = without_line_end.strip_suffix(b"%%EOF")?;
    let digits = before.trim_ascii_end();
    let number = digits
        .iter()
        .rev()
        .take_while(|octet| octet.is_ascii_digit())
        .count();
    let rest = digits.get(..digits.len() - number)?.trim_ascii_end();
    match rest.ends_with(b"startxref") && number > 0 {
        true => newest(bytes, budget).ok(),
        false => None,
    }
}

fn section(bytes: &[u8], start: usize, budget: &Budget) -> Result<Section, PdfError> {
    if start >= bytes.len() {
        return Err(PdfError::Table);
    }
    let mut lexer = Lexer::new(bytes, start, budget);
    if !lexer.word("xref") {
        return streamed(bytes, start, budget);
    }
    let mut entries = BTreeMap::new();
    while !lexer.word("trailer") {
        subsection(&mut lexer, &mut entries, budget)?;
    }
    let Object::Dictionary(trailer) = lexer.object()? else {
        return Err(PdfError::Table);
    };
    if let Some(place) = trailer.value("XRefStm") {
        let hidden = streamed(bytes, place.number().ok_or(PdfError::Table)?, budget)?;
        for (number, entry) in hidden.entries {
            // The table shows to old readers as free what the stream knows (§7.5.8.4).
            let known = entries.entry(number).or_insert(entry);
            if *known == Entry::Free {
                *known = entry;
            }
        }
    }
    Ok(Section {
        start,
        entries,
        trailer,
    })
}

fn subsection(
    lexer: &mut Lexer<'_>,
    entries: &mut BTreeMap<u32, Entry>,
    budget: &Budget,
) -> Result<(), PdfError> {
    let (first, count) = (lexer.number()?, lexer.number()?);
    for place in 0..count {
        budget.entry()?;
        let (offset, generation) = (lexer.number()?, lexer.number()?);
        let generation = u32::try_from(generation).map_err(|_| PdfError::Table)?;
        let entry = if lexer.word("n") {
            Entry::At { offset, generation }
        } else if lexer.word("f") {
            Entry::Free
        } else {
            return Err(PdfError::Table);
        };
        insert(entries, first.checked_add(place), entry)?;
    }
    Ok(())
}

/// A section says one thing of an object.
fn insert(entries: &mut BTreeMap<u32, Entry>, number: Option<usize>, entry: Entry) -> Result<(), PdfError> {
    let number = number
        .and_then(|number| u32::try_from(number).ok())
        .ok_or(PdfError::Table)?;
    match entries.insert(number, entry) {
        None => Ok(()),
        Some(_) => Err(PdfError::Table),
    }
}

fn streamed(bytes: &[u8], start: usize, budget: &Budget) -> Result<Section, PdfError> {
    if start >= bytes.len() {
        return Err(PdfError::Table);
    }
    let (_, object) = Lexer::new(bytes, start, budget).indirect()?;
    let Object::Stream(trailer, at) = object else {
        return Err(PdfError::Table);
    };
    if trailer.name("Type") != Some(b"XRef") {
        return Err(PdfError::Table);
    }
    // Its length is always written in place (§7.5.8.2).
    let length = trailer.number("Length").ok_or(PdfError::Table)?;
    let octets = stream::decoded(bytes, at, length, &trailer, budget)?;
    let numbers = |key: &str| -> Option<Vec<usize>> {
        let array = trailer.value(key)?.array()?;
        array.iter().map(Object::number).collect()
    };
    let widths = numbers("W").ok_or(PdfError::Table)?;
    let [kind, second, third] = widths.as_slice() else {
        return Err(PdfError::Table);
    };
    let width = [*kind, *second, *third]
        .iter()
        .try_fold(0_usize, |sum, one| sum.checked_add(*one));
    let width = width
        .filter(|width| (1..=24).contains(width))
        .ok_or(PdfError::Table)?;
    let size = trailer.number("Size").ok_or(PdfError::Table)?;
    let index = numbers("Index").unwrap_or_else(|| vec![0, size]);
    let mut rows = octets.chunks_exact(width);
    let mut entries = BTreeMap::new();
    for pair in index.chunks(2) {
        let [first, count] = pair else {
            return Err(PdfError::Table);
        };
        for place in 0..*count {
            budget.entry()?;
            let row = rows.next().ok_or(PdfError::Table)?;
            let (head, rest) = row.split_at(*kind);
            let (middle, last) = rest.split_at(*second);
            let kind = if head.is_empty() { 1 } else { whole(head)? };
            let entry = entry(kind, whole(middle)?, whole(last)?)?;
            insert(&mut entries, first.checked_add(place), entry)?;
        }
    }
    Ok(Section {
        start,
        entries,
        trailer,
    })
}

/// A big-endian number.
fn whole(octets: &[u8]) -> Result<usize, PdfError> {
    octets.iter().try_fold(0_usize, |sum, octet| {
        sum.checked_mul(256)
            .map(|sum| sum + usize::from(*octet))
            .ok_or(PdfError::Table)
    })
}

fn entry(kind: usize, second: usize, third: usize) -> Result<Entry, PdfError> {
    let narrow = |value| u32::try_from(value).map_err(|_| PdfError::Table);
    Ok(match kind {
        0 => Entry::Free,
        1 => Entry::At {
            offset: second,
            generation: narrow(third)?,
        },
        2 => Entry::Packed {
            stream: narrow(second)?,
            place: third,
        },
        // Kinds of the future are references to nothing (§7.5.8.3).
        _ => Entry::Free,
    })
}
