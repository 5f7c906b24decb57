//! What was put right to read a packet. A packet that needed any of it is not the one that was signed.

use std::fmt;

/// One thing that was put right. The list is closed: what is not in it is not put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repair {
    /// Bytes stood before the document.
    Stray,
    /// The prefix `xlink` or `edXML` was used without being declared (§1.7).
    Prefix,
    /// The namespace is that of packets of about 2015, which this partner may use (§1.2).
    Namespace,
    /// `Business…` stood for `Bussiness…` (§1.2).
    Spelling,
    /// An id is written with `cid:` in one place and without it in the other (§1.6).
    Cid,
    /// Blanks stood within base64.
    Blanks,
    /// A file is not what its content type says, or the manifest says another.
    ContentType,
    /// A file is there that the manifest does not list.
    Unlisted,
    /// An empty ResponseFor (1.12).
    Response,
    /// A status code without its leading zero (§1.5).
    Code,
    /// A hop without its body's code, or with `null` for it (§1.4).
    Nobody,
    /// A day or a moment in another form.
    Form,
    /// A day or a moment that is none: it is left out.
    Unreadable,
    /// A truth written as a number or in capitals.
    Truth,
}

impl Repair {
    /// Its word, as it stands in the audit entry of the message.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stray => "stray",
            Self::Prefix => "prefix",
            Self::Namespace => "namespace",
            Self::Spelling => "spelling",
            Self::Cid => "cid",
            Self::Blanks => "blanks",
            Self::ContentType => "content-type",
            Self::Unlisted => "unlisted",
            Self::Response => "response",
            Self::Code => "code",
            Self::Nobody => "nobody",
            Self::Form => "form",
            Self::Unreadable => "unreadable",
            Self::Truth => "truth",
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
