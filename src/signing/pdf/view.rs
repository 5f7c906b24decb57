//! The document as one of its revisions has it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::PdfError;
use super::bounds::Budget;
use super::lex::Lexer;
use super::object::{Dictionary, Id, Object};
use super::stream;
use super::table::{Entry, Section};

/// References that lead to references.
const HOPS: usize = 8;
/// Objects of one object stream.
const MOST_PACKED: usize = 100_000;

/// A revision: its sections, the newest first, over the bytes up to its end.
pub(super) struct View<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) sections: &'a [Section],
    pub(super) budget: &'a Budget,
    packed: RefCell<HashMap<u32, Rc<Packed>>>,
}

/// An object stream, decoded.
struct Packed {
    octets: Vec<u8>,
    /// Numbers, and where their objects begin.
    places: Vec<(u32, usize)>,
}

impl<'a> View<'a> {
    pub(super) fn new(bytes: &'a [u8], sections: &'a [Section], budget: &'a Budget) -> Self {
        Self {
            bytes,
            sections,
            budget,
            packed: RefCell::default(),
        }
    }

    /// Where an object is, by the newest section that says.
    pub(super) fn entry(&self, number: u32) -> Entry {
        let mut found = self
            .sections
            .iter()
            .filter_map(|section| section.entries.get(&number));
        found.next().copied().unwrap_or(Entry::Free)
    }

    pub(super) fn trailer(&self) -> Result<&'a Dictionary, PdfError> {
        self.sections
            .first()
            .map(|newest| &newest.trailer)
            .ok_or(PdfError::Table)
    }

    /// An indirect object; one that is not there is null (§7.3.10).
    pub(super) fn object(&self, id: Id) -> Result<Object, PdfError> {
        match self.entry(id.number) {
            Entry::Free => Ok(Object::Null),
            Entry::At { offset, generation } => {
                if generation != id.generation {
                    return Ok(Object::Null);
                }
                if offset >= self.bytes.len() {
                    return Err(PdfError::Table);
                }
                let (found, object) = Lexer::new(self.bytes, offset, self.budget).indirect()?;
                match found == id {
                    true => Ok(object),
                    false => Err(PdfError::Table),
                }
            }
            Entry::Packed { stream, place } => self.unpacked(id, stream, place),
        }
    }

    /// The object that a value is or leads to.
    pub(super) fn resolve(&self, value: &Object) -> Result<Object, PdfError> {
        let mut value = value.clone();
        for _ in 0..HOPS {
            let Object::Reference(id) = value else {
                return Ok(value);
            };
            value = self.object(id)?;
        }
        Err(PdfError::Bound("references to references"))
    }

    /// The dictionary that a value of a dictionary is or leads to.
    pub(super) fn inner(&self, outer: &Dictionary, key: &str) -> Result<Option<Dictionary>, PdfError> {
        match outer.value(key).map(|value| self.resolve(value)).transpose()? {
            Some(Object::Dictionary(inner) | Object::Stream(inner, _)) => Ok(Some(inner)),
            _ => Ok(None),
        }
    }

    /// The array that a value of a dictionary is or leads to.
    pub(super) fn list(&self, outer: &Dictionary, key: &str) -> Result<Vec<Object>, PdfError> {
        match outer.value(key).map(|value| self.resolve(value)).transpose()? {
            Some(Object::Array(all)) => Ok(all),
            _ => Ok(Vec::new()),
        }
    }

    /// The name that a value of a dictionary is or leads to.
    pub(super) fn inner_name(&self, outer: &Dictionary, key: &str) -> Result<Option<Vec<u8>>, PdfError> {
        match outer.value(key).map(|value| self.resolve(value)).transpose()? {
            Some(Object::Name(name)) => Ok(Some(name)),
            _ => Ok(None),
        }
    }

    pub(super) fn catalog(&self) -> Result<Dictionary, PdfError> {
        self.inner(self.trailer()?, "Root")?.ok_or(PdfError::Catalog)
    }

    /// The bytes of a stream.
    pub(super) fn octets(&self, dictionary: &Dictionary, at: usize) -> Result<Vec<u8>, PdfError> {
        let length = dictionary.value("Length").ok_or(PdfError::Stream)?;
        let length = self.resolve(length)?.number().ok_or(PdfError::Stream)?;
        stream::decoded(self.bytes, at, length, dictionary, self.budget)
    }

    fn unpacked(&self, id: Id, stream: u32, place: usize) -> Result<Object, PdfError> {
        let packed = self.packed(stream)?;
        match packed.places.get(place) {
            Some((number, at)) if *number == id.number && id.generation == 0 => {
                Lexer::new(&packed.octets, *at, self.budget).object()
            }
            _ => Err(PdfError::Table),
        }
    }

    fn packed(&self, number: u32) -> Result<Rc<Packed>, PdfError> {
        if let Some(known) = self.packed.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        // An object stream stands in the file itself (§7.5.7), so that this cannot go in circles.
        let Entry::At { offset, .. } = self.entry(number) else {
            return Err(PdfError::Table);
        };
        let (id, object) = Lexer::new(self.bytes, offset.min(self.bytes.len()), self.budget).indirect()?;
        let Object::Stream(dictionary, at) = object else {
            return Err(PdfError::Table);
        };
        if id.number != number || dictionary.name("Type") != Some(b"ObjStm") {
            return Err(PdfError::Table);
        }
        let length = match dictionary.value("Length") {
            // Read where it stands and not followed further: what leads back into an object stream would go in circles.
            Some(Object::Reference(id)) if matches!(self.entry(id.number), Entry::At { .. }) => {
                self.object(*id)?.number()
            }
            Some(value) => value.number(),
            None => None,
        };
        let octets = stream::decoded(
            self.bytes,
            at,
            length.ok_or(PdfError::Stream)?,
            &dictionary,
            self.budget,
        )?;
        let count = dictionary.number("N").filter(|count| *count <= MOST_PACKED);
        let (count, first) = count.zip(dictionary.number("First")).ok_or(PdfError::Table)?;
        let mut places = Vec::new();
        let mut lexer = Lexer::new(&octets, 0, self.budget);
        for _ in 0..count {
            let (number, at) = (lexer.number()?, lexer.number()?);
            let number = u32::try_from(number).map_err(|_| PdfError::Table)?;
            places.push((number, first.checked_add(at).ok_or(PdfError::Table)?));
        }
        let packed = Rc::new(Packed { octets, places });
        self.packed.borrow_mut().insert(number, Rc::clone(&packed));
        Ok(packed)
    }
}
