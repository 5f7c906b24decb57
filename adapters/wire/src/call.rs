use std::fmt;

/// What opens a session or signs a call. It has no text form, so that it cannot be logged.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The account's name.
    pub username: &'a str,
    /// The account's password.
    pub password: &'a str,
    /// Further secrets, by the names that the wire's framing gives them.
    pub secrets: &'a [(&'a str, &'a str)],
}

impl<'a> Credentials<'a> {
    /// The secret of that name.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&'a str> {
        let found = self.secrets.iter().find(|(key, _)| *key == name)?;
        Some(found.1)
    }
}

/// What a call is made with on a wire that signs each of its calls, or carries a key in them.
#[derive(Clone, Copy)]
pub struct Auth<'a> {
    /// Now, ms since 1970.
    pub at: i64,
    /// The account and its secrets.
    pub credentials: Credentials<'a>,
    /// SHA-256, lent by whoever has a cryptography.
    pub sha256: fn(&[u8]) -> [u8; 32],
    /// HMAC-SHA256 (RFC 2104) of a message under a key, lent the same way.
    pub hmac: fn(key: &[u8], message: &[u8]) -> [u8; 32],
}

/// One attempt to be framed: what is sent, and what its envelope needs.
#[derive(Clone, Copy, Default)]
pub struct Call<'a> {
    /// The operation's name.
    pub operation: &'a str,
    /// The stored bytes of the payload; empty where the operation carries none.
    pub payload: &'a [u8],
    /// The open session, on a wire that has sessions.
    pub session: Option<&'a str>,
    /// Names (in the wire's spelling) and values of arguments.
    pub arguments: &'a [(&'a str, &'a str)],
    /// The signature over the payload; used only where the wire has a place for it.
    pub signature: Option<&'a str>,
    /// What signs this call, on a wire that needs it.
    pub auth: Option<Auth<'a>>,
}

impl<'a> Call<'a> {
    /// The value of the argument `name`; a blank one counts as none.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'a str> {
        let found = self.arguments.iter().find(|(key, _)| *key == name)?;
        Some(found.1).filter(|value| !value.trim().is_empty())
    }
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
}

impl Method {
    /// The method as the request line writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        }
    }
}

/// A framed request. Transport adds the host, `Content-Length` and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, beginning with `/`; transport joins them to the partner's base address.
    pub target: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The whole body, never sent in chunks.
    pub body: Vec<u8>,
}

/// Sizes and names only: a body holds personal data, and that of a login a password.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.target.split('?').next();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &path)
            .field("body.bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why a call cannot be framed. None of these left the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The wire does not offer this operation.
    #[error("this wire has no such operation")]
    Operation,
    /// The operation needs an open session.
    #[error("this operation needs an open session")]
    Session,
    /// An argument is missing or blank.
    #[error("the argument `{0}` is missing or blank")]
    Argument(&'static str),
    /// An argument was given that the operation does not take, or one was given twice.
    #[error("an argument was given that this operation does not take, or one was given twice")]
    Stray,
    /// A payload was given to an operation that carries none.
    #[error("this operation carries no payload")]
    Unwanted,
    /// The payload is not of the form the operation carries.
    #[error("the payload is not {0}")]
    Form(&'static str),
    /// The payload is longer than the partner takes.
    #[error("the payload has {bytes} bytes; {limit} are allowed")]
    Long {
        /// Bytes of this payload.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The payload has more elements than the partner takes in one call.
    #[error("the payload has {elements} elements; {limit} are allowed in one call")]
    Many {
        /// Elements of this payload.
        elements: usize,
        /// Elements allowed.
        limit: usize,
    },
    /// The wire's framing does not say how this operation is called.
    #[error("this site's framing has no such operation")]
    Unframed,
    /// A secret is missing that the framing names.
    #[error("the secret `{0}` is missing")]
    Secret(&'static str),
    /// An argument is not of the form its field takes.
    #[error("the argument `{0}` is not of the form that its field takes")]
    Argued(&'static str),
    /// The signature cannot stand in a header.
    #[error("the signature has characters that a header cannot carry")]
    Signature,
}
