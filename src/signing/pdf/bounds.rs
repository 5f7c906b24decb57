//! How much work one document may cause.

use std::cell::Cell;

use super::PdfError;

/// Bytes of a document.
pub(super) const MOST_BYTES: usize = 256 << 20;
/// Objects that are read, those within others too.
const MOST_OBJECTS: usize = 4_000_000;
/// Bytes that streams may become.
const MOST_INFLATED: usize = 64 << 20;
/// Entries of all cross-reference sections.
const MOST_ENTRIES: usize = 1_000_000;
/// Bytes that are hashed: each signature covers nearly all of the document.
const MOST_HASHED: usize = 4 << 30;

/// What is left.
pub(super) struct Budget {
    objects: Cell<usize>,
    inflated: Cell<usize>,
    entries: Cell<usize>,
    hashed: Cell<usize>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            objects: Cell::new(MOST_OBJECTS),
            inflated: Cell::new(MOST_INFLATED),
            entries: Cell::new(MOST_ENTRIES),
            hashed: Cell::new(MOST_HASHED),
        }
    }

    pub(super) fn object(&self) -> Result<(), PdfError> {
        take(&self.objects, 1, "objects")
    }

    pub(super) fn entry(&self) -> Result<(), PdfError> {
        take(&self.entries, 1, "cross-references")
    }

    pub(super) fn hashed(&self, bytes: usize) -> Result<(), PdfError> {
        take(&self.hashed, bytes, "bytes under signatures")
    }

    /// A zlib stream, inflated within what is left.
    pub(super) fn inflate(&self, bytes: &[u8]) -> Result<Vec<u8>, PdfError> {
        use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
        let out = decompress_to_vec_zlib_with_limit(bytes, self.inflated.get());
        let out = out.map_err(|error| match error.status == TINFLStatus::HasMoreOutput {
            true => PdfError::Bound("bytes in streams"),
            false => PdfError::Stream,
        })?;
        take(&self.inflated, out.len(), "bytes in streams")?;
        Ok(out)
    }
}

fn take(left: &Cell<usize>, wanted: usize, name: &'static str) -> Result<(), PdfError> {
    let rest = left.get().checked_sub(wanted).ok_or(PdfError::Bound(name))?;
    left.set(rest);
    Ok(())
}
