//! Why a document cannot be read at all, and where reading stopped.

/// Why a document cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (line {line}, column {column}{})", place(.pointer))]
pub struct Unreadable {
    /// What is wrong.
    pub reason: Reason,
    /// JSON pointer of where it is, as far as it was read; empty for the document itself.
    pub pointer: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// What makes a document unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Not JSON.
    #[error("this is not JSON")]
    Syntax,
    /// A byte that is not UTF-8.
    #[error("a byte is not UTF-8")]
    Utf8,
    /// One half of a surrogate pair stands alone.
    #[error("half of a surrogate pair stands alone")]
    Surrogate,
    /// The document ends too early.
    #[error("the document ends too early")]
    End,
    /// One object has the same key twice.
    #[error("an object has the same key twice")]
    Duplicate,
    /// Nested deeper than 32.
    #[error("the document nests deeper than 32")]
    Depth,
    /// A list or object with more than 10,000 entries.
    #[error("a list or object has more than 10,000 entries")]
    Items,
    /// A whole number whose digits would be lost.
    #[error("a whole number is too long to keep its digits")]
    Digits,
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() {
        String::new()
    } else {
        format!(", at {pointer}")
    }
}

/// Why and where reading stopped; `segments` is the pointer from its end, as far as it is known. Bytes that are not UTF-8 are told before anything that they broke.
pub(crate) fn stopped(
    bytes: &[u8],
    error: &serde_json::Error,
    known: Option<Reason>,
    mut segments: Vec<String>,
) -> Unreadable {
    segments.reverse();
    let pointer = segments.concat();
    if let Err(broken) = std::str::from_utf8(bytes) {
        let before = &bytes[..broken.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        return Unreadable {
            reason: Reason::Utf8,
            pointer,
            line,
            column,
        };
    }
    let reason = known.unwrap_or_else(|| reason(error));
    Unreadable {
        reason,
        pointer,
        line: error.line(),
        column: error.column(),
    }
}

/// The library tells these two apart by its words only.
fn reason(error: &serde_json::Error) -> Reason {
    let words = error.to_string();
    if words.starts_with("lone leading surrogate") || words.starts_with("unexpected end of hex escape") {
        Reason::Surrogate
    } else if error.classify() == serde_json::error::Category::Eof {
        Reason::End
    } else {
        Reason::Syntax
    }
}
