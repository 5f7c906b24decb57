//! What crosses between the gateway and a national wire: bytes in, bytes out.
//!
//! An adapter frames a call, reads an answer and says how each operation heals. It has no network, no files,
//! no clock, no keys and no environment, and it never learns what a dossier is: it is handed a payload, and
//! configuration says who speaks to whom.

pub mod attach;
pub mod awaited;
pub mod callback;
pub mod conformance;
pub mod document;
pub mod fault;
pub mod json;
pub mod lookup;
pub mod media;
pub mod normal;
pub mod profile;
pub mod soap;
pub mod text;
pub mod time;
pub mod token;
pub mod tray;
pub mod xml;

mod answer;
mod call;
mod class;
mod operation;

pub use answer::{Answer, Lifetime, Next, Opened, Reading, Verdict};
pub use call::{Auth, Call, Credentials, Malformed, Method, Request};
pub use class::{Class, Hop};
pub use operation::{Heals, Limits, Operation, Payload};

/// One national wire: how a call is framed on it, and what its answers mean.
pub trait Adapter: Send + Sync {
    /// The wire's name, as the configuration of a partner writes it.
    fn name(&self) -> &'static str;

    /// Everything this wire offers as it is framed here; names are unique.
    fn operations(&self) -> &[Operation];

    /// How much one call of `operation` may carry. A longer list is cut into chunks before it is a message.
    fn limits(&self, operation: &str) -> Limits;

    /// The request that opens a session; none on a wire without sessions.
    fn login(&self, credentials: &Credentials<'_>) -> Option<Request>;

    /// What the answer to [`Adapter::login`] means. Total: no bytes make it fail.
    fn opened(&self, answer: &Answer<'_>) -> Opened;

    /// The request of one attempt: the payload byte for byte, the envelope fresh.
    fn frame(&self, call: &Call<'_>) -> Result<Request, Malformed>;

    /// What an answer to `operation` means. Total: no bytes make it fail.
    fn read(&self, operation: &str, answer: &Answer<'_>) -> Reading;

    /// The operation of that name, where this wire has it.
    fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations().iter().find(|operation| operation.name == name)
    }
}
