//! Send one leased message and bring its verdict back: what was heard, in words that decide what comes next.

use wire::{Next, Reading, Verdict};

use crate::model::{Ending, Owner};
use crate::partner::{Heard, NoSession};
use crate::transport::Failure;

/// The verdict's word, for the store and the log.
pub fn verdict(heard: &Heard) -> &'static str {
    match heard {
        Heard::Answer { reading, .. } => match reading.verdict {
            Verdict::Accepted => "accepted",
            Verdict::Refused => "refused",
            Verdict::Unclear => "unclear",
        },
        Heard::Nothing(failure) if failure.nothing_left() => "not-sent",
        Heard::Nothing(_) => "unclear",
    }
}

/// The cause in one stable word: what the network did, or the partner's status and code.
pub fn cause(heard: &Heard) -> String {
    match heard {
        Heard::Nothing(failure) => failure.word().to_owned(),
        Heard::Answer { response, reading } => match &reading.code {
            // An adapter that found no code repeats the status.
            Some(code) if code.starts_with("HTTP") => format!("http-{} without a code", response.status),
            Some(code) => format!("http-{} code {}", response.status, short(code)),
            None => format!("http-{}", response.status),
        },
    }
}

/// The cause with the partner's own words, as its adapter made them fit to be read: for the operator, never for the log.
pub fn words(heard: &Heard) -> String {
    match heard {
        Heard::Answer { reading, .. } => match &reading.text {
            Some(text) => format!("{}: {text}", cause(heard)),
            None => cause(heard),
        },
        Heard::Nothing(_) => cause(heard),
    }
}

/// What the partner asked us to wait, in seconds: an answer that says nothing else clearly may say that.
pub fn asked(heard: &Heard) -> Option<u64> {
    match heard {
        Heard::Answer { response, .. } => response.retry_after,
        Heard::Nothing(_) => None,
    }
}

/// A partner's code is short; what is not short is no code, and may be anything.
fn short(code: &str) -> &str {
    if code.len() <= 12 && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        code
    } else {
        "unreadable"
    }
}

/// What was heard, in words that decide what comes next. `fresh` says that the session was opened for this very attempt, so that
/// another one will not help.
pub fn outcome(heard: &Heard, fresh: bool) -> Ending {
    match heard {
        Heard::Nothing(failure) if failure.nothing_left() => Ending::NotSent,
        Heard::Nothing(Failure::TimedOut | Failure::Broke | Failure::TooLong) => Ending::Unclear,
        Heard::Nothing(Failure::NotReached | Failure::Unsendable) => Ending::NotSent,
        Heard::Answer { reading, .. } => read(reading, fresh),
    }
}

fn read(reading: &Reading, fresh: bool) -> Ending {
    match reading.next {
        Next::AsUpdate => Ending::Exists,
        Next::AsCreate | Next::Absent => Ending::Absent,
        Next::Found => Ending::Accepted,
        Next::Login => Ending::NotTaken {
            after: None,
            at_once: !fresh,
        },
        Next::Retry => not_taken(reading),
        Next::Person | Next::Settle => settled(reading),
        Next::Probe => Ending::Unclear,
    }
}

/// "Later" from a partner that says it did not take it; from one that says nothing clear it stays unclear.
fn not_taken(reading: &Reading) -> Ending {
    match reading.verdict {
        Verdict::Refused => Ending::NotTaken {
            after: reading.after,
            at_once: false,
        },
        Verdict::Accepted | Verdict::Unclear => Ending::Unclear,
    }
}

fn settled(reading: &Reading) -> Ending {
    match reading.verdict {
        Verdict::Accepted => Ending::Accepted,
        Verdict::Refused => Ending::Refused {
            owner: Owner::Officer,
        },
        Verdict::Unclear => Ending::Unclear,
    }
}

/// Why there was no session, in one stable word. Nothing of the message left.
pub fn unopened(why: &NoSession) -> String {
    match why {
        NoSession::Unreachable(failure) => format!("login {}", failure.word()),
        NoSession::Refused => "login refused".to_owned(),
        NoSession::Unclear => "login unclear".to_owned(),
    }
}
