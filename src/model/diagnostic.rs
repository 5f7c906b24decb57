//! What is wrong with a file that people write: where, the line, what to do.

use std::fmt;
use std::ops::Range;

/// One mistake in a mapping or a code list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The line itself.
    pub text: String,
    /// How many characters are wrong.
    pub width: usize,
    /// What is wrong with them, and what is meant.
    pub what: String,
}

impl Diagnostic {
    /// A mistake at those bytes of a file.
    #[must_use]
    pub fn at(file: &str, source: &str, place: &Range<usize>, what: impl Into<String>) -> Self {
        let start = floor(source, place.start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let end = floor(source, place.end.clamp(start, line_end));
        Self {
            file: file.to_owned(),
            line: line_number(source, start),
            column: source[line_start..start].chars().count() + 1,
            text: source[line_start..line_end].trim_end().to_owned(),
            width: source[start..end].chars().count().max(1),
            what: what.into(),
        }
    }
}

/// The number of the line that byte is in, from 1.
#[must_use]
pub fn line_number(source: &str, at: usize) -> u32 {
    let lines = source[..floor(source, at)]
        .bytes()
        .filter(|byte| *byte == b'\n')
        .count();
    u32::try_from(lines).unwrap_or(u32::MAX - 1) + 1
}

fn floor(source: &str, mut at: usize) -> usize {
    at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}:{}", self.file, self.line, self.column)?;
        writeln!(f, "   {}", self.text)?;
        let (space, carets) = (" ".repeat(self.column + 2), "^".repeat(self.width));
        write!(f, "{space}{carets} {}", self.what)
    }
}
