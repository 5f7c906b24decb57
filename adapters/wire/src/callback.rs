//! What a national side sends by itself, and what it is told.
//!
//! An adapter recognises a callback and phrases the reply; whether the sender is believed, whose dossier it is, and what
//! follows from it is decided by the gateway. Reading is total and its work is bounded by the bytes handed in.

mod body;
mod doors;

use std::fmt;

pub use body::{Body, parameter};
pub use doors::{Unfit, faults, posted};

use crate::call::Method;

/// A callback as it came.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    /// The method.
    pub method: Method,
    /// The path after the listener's own beginning, as the request line writes it, without the query.
    pub path: &'a str,
    /// The query, as the request line writes it; it may hold a secret.
    pub query: &'a str,
    /// The body's bytes.
    pub body: &'a [u8],
    /// SHA-256, lent by whoever has a cryptography.
    pub sha256: fn(&[u8]) -> [u8; 32],
}

/// Sizes only: path, query and body may be about a person, or hold a secret.
impl fmt::Debug for Sent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("method", &self.method)
            .field("body.bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// An address that the sender calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The method.
    pub method: Method,
    /// The path after the listener's own beginning. It begins with `/`; a last segment `{…}` stands for any one segment.
    pub path: String,
    /// What is sent there; the name by which [`Callbacks::read`] knows it.
    pub door: &'static str,
}

/// What follows from a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The national side files a dossier; pushed again, it is a new version of it.
    Files,
    /// It says something of a dossier: a payment, a notice, a decision.
    Tells,
    /// It asks; nothing changes.
    Asks,
    /// It wants the number of a dossier that it will file.
    Reserves,
}

/// How the parts of a checksum are joined with the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// With a bar between, the secret last.
    Barred,
    /// With nothing between, the secret first.
    Plain,
}

/// What a callback shows of its sender, beside the connection it came on.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    Nothing,
    /// A key that both ends know, in a member of the body or in the query.
    Key(String),
    /// A checksum over parts of the message with a secret that both ends know.
    Checksum {
        /// How parts and secret are joined.
        joined: Joined,
        /// The parts in their order, exactly as they came; the secret is not among them.
        parts: Vec<String>,
        /// What was given.
        given: String,
    },
}

/// How much is shown, never what.
impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Proof::Nothing => "Nothing",
            Proof::Key(_) => "Key(…)",
            Proof::Checksum { .. } => "Checksum(…)",
        })
    }
}

/// A paper that came inside a callback; its member in the document holds the digest instead.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    /// SHA-256 of its bytes, hexadecimal.
    pub digest: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paper")
            .field("digest", &self.digest)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// Money that a callback tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Whole đồng.
    pub amount: i64,
    /// Whether it was paid; else paying it failed.
    pub paid: bool,
    /// Their own number of the transaction, where they name one: two transactions are two payments.
    pub transaction: Option<String>,
}

/// A callback, read. It is not believed yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// What it is: the name of its mapping and of its line in the log. A door may take several kinds.
    pub kind: &'static str,
    /// What follows from it.
    pub effect: Effect,
    /// What makes it one and the same, however often it is sent: unique within its kind. Their code, or their reference.
    pub key: String,
    /// The number of the dossier it is about, where it names one.
    pub number: Option<String>,
    /// The reference of what we sent, where it answers that.
    pub reference: Option<String>,
    /// The agency it is for, where it names one.
    pub agency: Option<String>,
    /// The procedure, where it names one.
    pub procedure: Option<String>,
    /// Whether the sender calls it a change of what it sent before, where it says.
    pub updating: Option<bool>,
    /// When it happened there, ms since 1970, where it says.
    pub at: Option<i64>,
    /// What it says of money, where it is about any.
    pub money: Option<Money>,
    /// What it shows of its sender.
    pub proof: Proof,
    /// What it says, in this wire's normal form (JSON), without keys and checksums: what a mapping reads.
    pub document: Vec<u8>,
    /// The papers that came inside, taken out of the document.
    pub papers: Vec<Paper>,
}

/// Kind and sizes: the rest is about a person.
impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("kind", &self.kind)
            .field("effect", &self.effect)
            .field("proof", &self.proof)
            .field("document.bytes", &self.document.len())
            .field("papers", &self.papers.len())
            .finish_non_exhaustive()
    }
}

/// Why a callback cannot be read. Nothing of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// The body is not what this address takes.
    #[error("the body is not what this address takes")]
    Body,
    /// A member is missing or empty.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member cannot be what it should be.
    #[error("`{0}` cannot be read")]
    Wrong(&'static str),
    /// More, or deeper, or longer than this wire carries.
    #[error("it is more than this wire carries")]
    Large,
}

/// How a callback ended here: what the reply must tell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End<'a> {
    /// It is kept, and what follows from it is done or will be.
    Taken,
    /// It is kept and waits for a person: nothing here fits it yet.
    Kept,
    /// Another content came under the same key before, and it is of a kind that does not change.
    Conflict,
    /// The state of its dossier does not allow it.
    Closed,
    /// There is no such dossier.
    UnknownDossier,
    /// There is no such procedure.
    UnknownProcedure,
    /// The sender is not who it must be.
    Forged,
    /// It says what we know to be otherwise: another amount than we asked for.
    Differs,
    /// It cannot be read.
    Unread(Unread),
    /// Nothing can be kept at present; it should be sent again.
    Busy,
    /// What was asked for, in this wire's normal form (JSON); or the number that was reserved, as text.
    Found(&'a [u8]),
}

/// The end without what was found.
impl fmt::Debug for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Unread(why) => f.debug_tuple("Unread").field(why).finish(),
            End::Found(_) => f.write_str("Found(…)"),
            End::Taken => f.write_str("Taken"),
            End::Kept => f.write_str("Kept"),
            End::Conflict => f.write_str("Conflict"),
            End::Closed => f.write_str("Closed"),
            End::UnknownDossier => f.write_str("UnknownDossier"),
            End::UnknownProcedure => f.write_str("UnknownProcedure"),
            End::Forged => f.write_str("Forged"),
            End::Differs => f.write_str("Differs"),
            End::Busy => f.write_str("Busy"),
        }
    }
}

/// What the sender hears: kept with the callback, and given again byte for byte when it is repeated.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub media: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body.bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// A JSON reply.
    #[must_use]
    pub fn json(status: u16, body: &impl serde::Serialize) -> Self {
        Reply {
            status,
            media: "application/json",
            body: serde_json::to_vec(body).unwrap_or_default(),
        }
    }

    /// A reply in plain text.
    #[must_use]
    pub fn text(status: u16, body: &str) -> Self {
        Reply {
            status,
            media: "text/plain; charset=utf-8",
            body: body.as_bytes().to_vec(),
        }
    }
}

/// One national side's way of calling us.
pub trait Callbacks: Send + Sync {
    /// The wire's name, as the configuration of a listener writes it.
    fn name(&self) -> &'static str;

    /// The addresses it calls.
    fn addresses(&self) -> Vec<Address>;

    /// Reads what came to a door. Total: no bytes make it fail otherwise than with an [`Unread`].
    ///
    /// # Errors
    /// [`Unread`] says what is wrong; nothing of such a callback is kept.
    fn read(&self, door: &str, sent: &Sent<'_>) -> Result<Callback, Unread>;

    /// The reply, as this sender understands it. `callback` is none when it could not be read.
    fn reply(&self, door: &str, callback: Option<&Callback>, end: End<'_>) -> Reply;
}
