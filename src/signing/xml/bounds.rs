//! How large a document may be, and why one is not read.

/// How large a document may be before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of the document.
    pub bytes: usize,
    /// Elements open at once.
    pub depth: usize,
    /// Elements in all.
    pub elements: usize,
    /// Attributes of one element, declarations of namespaces among them.
    pub attributes: usize,
    /// Declarations of namespaces in scope at once.
    pub namespaces: usize,
    /// Bytes of one canonical form; exclusive forms repeat namespaces and so can outgrow the document.
    pub canonical: usize,
}

impl Default for Bounds {
    /// Room for every form and packet that is met, none for a bomb: 32 MiB, 64 levels, 200,000 elements, 64 attributes,
    /// 64 namespaces, 64 MiB of canonical form.
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            depth: 64,
            elements: 200_000,
            attributes: 64,
            namespaces: 64,
            canonical: 64 << 20,
        }
    }
}

/// Why a document is not read. Places are bytes from its beginning, after line ends have become `\n`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A bound was passed; it is named as in [`Bounds`].
    #[error("the document has more {0} than are read")]
    Bound(&'static str),
    /// Not UTF-8, or declared as something else.
    #[error("the document is not UTF-8, or says that it is not")]
    Encoding,
    /// A version of XML that has no canonical form.
    #[error("the document says that it is not XML 1.0")]
    Version,
    /// A document type declaration, which could change what is signed (defaults, entities) and reach outside.
    #[error("the document has a document type declaration")]
    Doctype,
    /// A reference to an entity that is not one of the five built in, or to a number that is no character.
    #[error("the document refers at byte {0} to an entity that is not built in")]
    Entity(usize),
    /// A character that XML does not have.
    #[error("the document has a character that XML forbids")]
    Character,
    /// Not well-formed.
    #[error("the document is not well-formed at byte {0}")]
    Form(usize),
    /// A prefix without a namespace, one that may not be bound so, or an attribute twice.
    #[error("the document is not namespace-well-formed at byte {0}")]
    Namespace(usize),
}
