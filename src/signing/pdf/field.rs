//! Signature fields: the values that a revision's form leads to (ISO 32000-1 §12.7).

use std::collections::HashSet;

use super::PdfError;
use super::object::{Dictionary, Id, Object};
use super::table::Entry;
use super::view::View;

/// The most fields of a form.
const MOST_FIELDS: usize = 20_000;
/// How deep fields have kids.
const DEPTH: usize = 16;

/// A signature field with its value.
#[derive(Debug)]
pub(super) struct Field {
    /// Its full name.
    pub(super) name: String,
    /// The signature dictionary.
    pub(super) value: Dictionary,
    /// Its number, unless it stands in the field itself.
    pub(super) id: Option<Id>,
    /// Whether it stands in an object stream, where its bytes are not the document's.
    pub(super) is_packed: bool,
}

/// A node of the tree of fields.
struct Node {
    id: Option<Id>,
    object: Object,
    name: String,
    is_signature: bool,
    depth: usize,
}

/// The signature fields of a revision that have a value, in the order of the form.
pub(super) fn signed(view: &View<'_>) -> Result<Vec<Field>, PdfError> {
    let Some(form) = view.inner(&view.catalog()?, "AcroForm")? else {
        return Ok(Vec::new());
    };
    let node = |value: &Object, name: &str, is_signature, depth| -> Result<Node, PdfError> {
        Ok(Node {
            id: value.reference(),
            object: view.resolve(value)?,
            name: name.to_owned(),
            is_signature,
            depth,
        })
    };
    let (mut open, mut seen, mut found) = (Vec::new(), HashSet::new(), Vec::new());
    for value in view.list(&form, "Fields")?.iter().rev() {
        open.push(node(value, "", false, 0)?);
    }
    let mut count = 0;
    while let Some(one) = open.pop() {
        count += 1;
        if count > MOST_FIELDS || one.depth > DEPTH {
            return Err(PdfError::Bound("form fields"));
        }
        if one.id.is_some_and(|id| !seen.insert(id)) {
            continue;
        }
        let Object::Dictionary(field) = &one.object else {
            continue;
        };
        let name = full(&one.name, field);
        let is_signature = match view.inner_name(field, "FT")? {
            Some(kind) => kind == b"Sig",
            None => one.is_signature,
        };
        found.extend(value(view, field, &name, is_signature, one.id)?);
        for kid in view.list(field, "Kids")?.iter().rev() {
            open.push(node(kid, &name, is_signature, one.depth + 1)?);
        }
    }
    Ok(found)
}

fn full(parent: &str, field: &Dictionary) -> String {
    let own = field.text("T").map(|text| letters(&text.octets));
    match (parent, own) {
        (parent, None) => parent.to_owned(),
        ("", Some(own)) => own,
        (parent, Some(own)) => format!("{parent}.{own}"),
    }
}

fn value(
    view: &View<'_>,
    field: &Dictionary,
    name: &str,
    is_signature: bool,
    at: Option<Id>,
) -> Result<Option<Field>, PdfError> {
    let Some(written) = field.value("V").filter(|_| is_signature) else {
        return Ok(None);
    };
    let Object::Dictionary(value) = view.resolve(written)? else {
        return Ok(None);
    };
    let id = written.reference();
    let home = id.or(at);
    Ok(Some(Field {
        name: name.to_owned(),
        value,
        id,
        is_packed: home.is_none_or(|id| matches!(view.entry(id.number), Entry::Packed { .. })),
    }))
}

/// A text string for people (§7.9.2.2): UTF-16, UTF-8 or Latin; what would turn a line around is left out, and it is cut to 100 letters.
pub(super) fn letters(octets: &[u8]) -> String {
    let text = match octets {
        [0xFE, 0xFF, wide @ ..] => {
            let units = wide.chunks_exact(2);
            let units = units.map(|pair| pair.iter().fold(0, |sum, octet| sum << 8 | u16::from(*octet)));
            char::decode_utf16(units)
                .map(|letter| letter.unwrap_or('?'))
                .collect()
        }
        [0xEF, 0xBB, 0xBF, utf8 @ ..] => String::from_utf8_lossy(utf8).into_owned(),
        latin => latin.iter().map(|octet| char::from(*octet)).collect::<String>(),
    };
    let turns = |letter: &char| matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    text.chars()
        .filter(|letter| !letter.is_control() && !turns(letter))
        .take(100)
        .collect()
}
