use std::fmt;

use crate::class::{Class, Hop};
use crate::operation::Heals;
use crate::text;

/// What came back, whole.
#[derive(Clone, Copy, Default)]
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type` as sent.
    pub content_type: Option<&'a str>,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u64>,
    /// The headers by which a platform on the way speaks (`X-Road-…`), names in lower case.
    pub headers: &'a [(String, String)],
    /// The body's bytes.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The value of a kept header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }
}

/// Status and size only: a body may hold personal data.
impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body.bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Did the partner take it?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The partner says it has it, or has answered what was asked.
    Accepted,
    /// The partner says it did not take it.
    Refused,
    /// Nobody can tell. Never read as failed, never as absent.
    Unclear,
}

/// What follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is settled.
    Settle,
    /// The partner has it already: send it once more as an update.
    AsUpdate,
    /// The partner does not know it: send it once more as a create.
    AsCreate,
    /// The session is gone: log in once, then repeat once.
    Login,
    /// Send the same again, later.
    Retry,
    /// Ask the partner what it knows before sending again.
    Probe,
    /// A person must act.
    Person,
    /// A probe found it.
    Found,
    /// A probe was answered, and it is not there.
    Absent,
}

/// An answer, read. Reading is total: whatever came back has a reading.
#[derive(Clone, PartialEq, Eq)]
pub struct Reading {
    /// Did the partner take it?
    pub verdict: Verdict,
    /// What follows.
    pub next: Next,
    /// Not before so many seconds, where the partner said so.
    pub after: Option<u64>,
    /// The partner's code, or `HTTP <status>` where no code could be read.
    pub code: Option<String>,
    /// The partner's words, fit for a log: see [`text::excerpt`].
    pub text: Option<String>,
    /// For an operation that reads: the JSON or XML of what it read. May hold personal data.
    pub result: Option<Vec<u8>>,
    /// On a wire of a national database: what it came to.
    pub class: Option<Class>,
    /// Who on the way said so, where that can be told.
    pub hop: Option<Hop>,
    /// The id under which the partner or its platform keeps the call.
    pub trace: Option<String>,
}

/// What was read is shown by its size only: it may be about a person.
impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("verdict", &self.verdict)
            .field("next", &self.next)
            .field("after", &self.after)
            .field("code", &self.code)
            .field("text", &self.text)
            .field("result.bytes", &self.result.as_ref().map(Vec::len))
            .field("class", &self.class)
            .field("hop", &self.hop)
            .field("trace", &self.trace)
            .finish()
    }
}

impl Reading {
    /// A reading with nothing but verdict and next step.
    #[must_use]
    pub fn new(verdict: Verdict, next: Next) -> Self {
        Reading {
            verdict,
            next,
            after: None,
            code: None,
            text: None,
            result: None,
            class: None,
            hop: None,
            trace: None,
        }
    }

    /// The unclear reading, with the next step that heals the operation.
    #[must_use]
    pub fn unclear(heals: Heals) -> Self {
        let next = match heals {
            Heals::Repeatable => Next::Retry,
            Heals::Probed { .. } => Next::Probe,
            Heals::Neither => Next::Person,
        };
        Reading::new(Verdict::Unclear, next)
    }

    /// The same, with the partner's words made fit for a log.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        self.text = Some(text::excerpt(words)).filter(|text| !text.is_empty());
        self
    }
}

/// How long a session lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// The answer does not say.
    #[default]
    Unsaid,
    /// So many seconds from now.
    Seconds(u64),
    /// Until this moment, ms since 1970.
    Until(i64),
}

impl Opened {
    /// A session of unsaid lifetime.
    #[must_use]
    pub fn session(token: String) -> Self {
        Opened::Session {
            token,
            lives: Lifetime::Unsaid,
        }
    }
}

/// What became of a login.
#[derive(Clone, PartialEq, Eq)]
pub enum Opened {
    /// The session to put in later envelopes.
    Session {
        /// The session or token itself.
        token: String,
        /// How long it lives, where the answer says so.
        lives: Lifetime,
    },
    /// The partner does not let us in; a person must act, for repeating may lock the account.
    Refused {
        /// The partner's code.
        code: Option<String>,
        /// The partner's words, fit for a log.
        text: Option<String>,
    },
    /// Nobody can tell; try later.
    Unclear {
        /// Not before so many seconds, where the partner said so.
        after: Option<u64>,
    },
}

/// A session opens doors, so it is not shown.
impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Opened::Session { .. } => f.write_str("Session(…)"),
            Opened::Refused { code, text } => f
                .debug_struct("Refused")
                .field("code", code)
                .field("text", text)
                .finish(),
            Opened::Unclear { after } => f.debug_struct("Unclear").field("after", after).finish(),
        }
    }
}
