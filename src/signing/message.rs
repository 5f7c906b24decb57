//! HTTP message signatures (RFC 9421): what of a message is signed, the text that is signed, and what is asked of a
//! signature that comes in. Nothing is sent or received here and no clock is read.

pub mod component;
pub mod policy;
pub mod sign;
pub mod structured;
pub mod verify;

mod base;
mod fields;
mod target;

pub use component::Component;
pub use policy::{Policy, PolicyError};
pub use sign::{Hand, Signed, Terms, sign};
pub use target::Target;
pub use verify::{Claim, Received, Remember, Verified, claims, verify};

/// The most components that one signature may cover.
pub const MOST_COMPONENTS: usize = 64;

/// The most signatures of one message that are read.
pub const MOST_SIGNATURES: usize = 16;

/// Header fields, in their order on the wire: name in any case, value as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'a>(pub &'a [(&'a str, &'a [u8])]);

/// A request as far as signatures look at it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, in its own case.
    pub method: &'a str,
    /// Where it goes. A server builds it from what it knows about itself: a scheme or an authority that any caller may
    /// write (`X-Forwarded-…`) binds nothing.
    pub target: Target<'a>,
    /// Its header fields.
    pub headers: Headers<'a>,
}

/// What is signed or verified.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// A request.
    Request(Request<'a>),
    /// The answer to one; the request itself is needed where the signature binds them (`;req`).
    Response {
        /// The status code.
        status: u16,
        /// Its header fields.
        headers: Headers<'a>,
        /// What it answers.
        request: Option<Request<'a>>,
    },
}

impl<'a> Message<'a> {
    /// The header fields of the message itself.
    pub fn headers(&self) -> Headers<'a> {
        match self {
            Self::Request(request) => request.headers,
            Self::Response { headers, .. } => *headers,
        }
    }
}

/// Why there is no signature, or it is not believed. Names components and parameters, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The target is no absolute `http` or `https` URI.
    #[error("the target is no absolute http or https URI")]
    Target,
    /// `Signature-Input` or `Signature` is missing, or not the structured field it must be.
    #[error("the fields Signature-Input and Signature cannot be read")]
    Fields,
    /// The two fields do not have the label.
    #[error("there is no signature labelled {0}")]
    Label(String),
    /// A component that is unknown, malformed, or asked for where it cannot be.
    #[error("the component {0} is not one that can be covered here")]
    Component(String),
    /// A component that stands twice.
    #[error("the component {0} is covered twice")]
    Twice(String),
    /// The message lacks what is covered.
    #[error("the message has no {0}")]
    Absent(String),
    /// A value that the signed text cannot hold: other than ASCII, or a line of its own.
    #[error("the value of {0} cannot be signed as it stands")]
    Value(String),
    /// A parameter of another type than its own.
    #[error("the signature parameter {0} is malformed")]
    Parameter(String),
    /// The key is another than the signature names, or one that has no place in HTTP signatures.
    #[error("the signature was not made for this key")]
    Key,
    /// The signature names another algorithm than the key's.
    #[error("the signature names another algorithm than its key has")]
    Algorithm,
    /// The policy is not met.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The body does not fit the covered digest.
    #[error(transparent)]
    Body(#[from] super::digest::DigestError),
    /// The key did not sign.
    #[error("the key did not sign")]
    Unsigned,
    /// The signature does not fit the key and the message.
    #[error("the signature does not verify")]
    Signature,
}
