//! One look-up: the question laid out on its wire, sent within its time, its answer read. A read that nobody answered is
//! safe to repeat once; a session that is not taken is opened anew once.

use std::time::Duration;

use wire::{Call, Class, Hop, Next, Operation, Reading};

use super::officers::Officer;
use super::question::Question;
use crate::evidence::hash;
use crate::partner::{Gate, Heard, NoSession, Partner, Session};
use crate::transport::Failure;

/// What a question is asked with beside its subject.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// The partner that is asked.
    pub partner: &'a Partner,
    /// The operation.
    pub operation: &'a str,
    /// Who asks.
    pub officer: &'a Officer,
    /// National code of the procedure.
    pub procedure: &'a str,
    /// The dossier's number.
    pub dossier: &'a str,
    /// The request's id; a repeat gets a second one.
    pub request: &'a str,
    /// How long it may take in all.
    pub wait: Duration,
}

/// What a look-up came to.
#[derive(Clone, PartialEq, Eq)]
pub struct Looked {
    /// The class of the closed list.
    pub class: Class,
    /// Who said so.
    pub hop: Option<Hop>,
    /// Their code, raw.
    pub code: Option<String>,
    /// Their words, redacted.
    pub words: Option<String>,
    /// Their id of the call.
    pub trace: Option<String>,
    /// SHA-256 of the answer's bytes.
    pub digest: Option<[u8; 32]>,
    /// What was found, in the wire's normal form.
    pub found: Option<Vec<u8>>,
}

/// What was found is personal.
impl std::fmt::Debug for Looked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Looked({}, {:?})", self.class.word(), self.code)
    }
}

impl Looked {
    /// An end that this gateway itself came to.
    pub fn ours(class: Class) -> Self {
        Self {
            class,
            hop: Some(Hop::Gateway),
            code: None,
            words: None,
            trace: None,
            digest: None,
            found: None,
        }
    }
}

/// Asks once, and once more where a repeat may help. When the time is over it is `unknown_result` if anything may have
/// left, else `timeout_before_send`.
pub async fn look(question: &Question, way: Way<'_>) -> Looked {
    let left = std::sync::atomic::AtomicBool::new(false);
    let asked = async {
        let first = once(question, way, way.request, &left).await;
        match again(first.class, way.request) {
            None => first,
            Some(request) => once(question, way, &request, &left).await,
        }
    };
    match tokio::time::timeout(way.wait, asked).await {
        Ok(looked) => looked,
        Err(_) if left.load(std::sync::atomic::Ordering::Relaxed) => Looked::ours(Class::UnknownResult),
        Err(_) => Looked::ours(Class::TimeoutBeforeSend),
    }
}

/// The id of the one repeat, where there is to be one (§2.9, §9.2): with a new id when the first may have arrived, with
/// the same when it was turned away for its session.
fn again(class: Class, request: &str) -> Option<String> {
    match class {
        Class::UpstreamAuth => Some(request.to_owned()),
        Class::UnknownResult | Class::UpstreamMalformed => Some(format!("{request}-2")),
        Class::Ok
        | Class::Match
        | Class::NoMatch
        | Class::Mismatch
        | Class::Ambiguous
        | Class::Duplicate
        | Class::InvalidInput
        | Class::Denied
        | Class::NotSupported
        | Class::ConfigError
        | Class::RateLimited
        | Class::UpstreamRejected
        | Class::UpstreamOutOfOrder
        | Class::UpstreamUnavailable
        | Class::TimeoutBeforeSend => None,
    }
}

async fn once(
    question: &Question,
    way: Way<'_>,
    request: &str,
    left: &std::sync::atomic::AtomicBool,
) -> Looked {
    let partner = way.partner;
    if let Gate::Open(_) = partner.gate() {
        return Looked::ours(Class::UpstreamUnavailable);
    }
    let Some(operation) = partner.operation(way.operation) else {
        return Looked::ours(Class::NotSupported);
    };
    let _seat = partner.seat().await;
    partner.places(1).await;
    let session = match partner.session().await {
        Ok(session) => session,
        Err(why) => return unopened(&why),
    };
    let arguments = arguments(&operation, question, way, request);
    let borrowed: Vec<(&str, &str)> = arguments
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let call = Call {
        operation: operation.name,
        arguments: &borrowed,
        session: session.as_ref().map(Session::id),
        ..Call::default()
    };
    let Ok(framed) = partner.frame(&call) else {
        return Looked::ours(Class::InvalidInput);
    };
    left.store(true, std::sync::atomic::Ordering::Relaxed);
    let heard = partner.send(operation.name, &framed).await;
    let looked = heard_as(&heard);
    if let (Class::UpstreamAuth, Some(session)) = (looked.class, session) {
        partner.forget(&session, i64::MAX).await;
    }
    looked
}

/// What this operation takes of all that is known.
fn arguments(
    operation: &Operation,
    question: &Question,
    way: Way<'_>,
    request: &str,
) -> Vec<(&'static str, String)> {
    let takes = operation.arguments.iter().chain(operation.optional);
    takes
        .filter_map(|name| Some((*name, said(name, question, way, request)?)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

fn said(name: &str, question: &Question, way: Way<'_>, request: &str) -> Option<String> {
    let identity = &question.identity;
    let officer = way.officer;
    match name {
        "request" => Some(request.to_owned()),
        "procedure" => Some(way.procedure.to_owned()),
        "dossier" => Some(way.dossier.to_owned()),
        "officer" => Some(officer.number.clone()),
        "officer-name" => Some(officer.name.clone()),
        "agency" => Some(officer.agency.clone()),
        "account" => Some(officer.account.clone()),
        "phone" => officer.phone.clone(),
        "number" | "code" => Some(identity.number.clone()),
        "name" => identity.name.clone(),
        "born" => identity.born.map(|born| born.to_string()),
        "gender" => identity.gender.map(str::to_owned),
        "channel" => Some("1".to_owned()),
        "results" => {
            let codes = question.replaces.iter().filter_map(|(_, code)| code.as_deref());
            Some(codes.collect::<Vec<_>>().join(","))
        }
        _ => None,
    }
}

fn unopened(why: &NoSession) -> Looked {
    match why {
        NoSession::Refused => Looked::ours(Class::Denied),
        NoSession::Unreachable(_) | NoSession::Unclear => Looked::ours(Class::UpstreamUnavailable),
    }
}

fn heard_as(heard: &Heard) -> Looked {
    match heard {
        Heard::Answer { response, reading } => Looked {
            digest: Some(hash::digest(&[&response.body])),
            ..read(reading)
        },
        Heard::Nothing(Failure::TooLong) => Looked::ours(Class::UpstreamMalformed),
        Heard::Nothing(failure) if failure.nothing_left() => Looked::ours(Class::UpstreamUnavailable),
        Heard::Nothing(Failure::TimedOut | Failure::Broke) => Looked::ours(Class::UnknownResult),
        Heard::Nothing(Failure::NotReached | Failure::Unsendable) => Looked::ours(Class::UpstreamUnavailable),
    }
}

fn read(reading: &Reading) -> Looked {
    let unsaid = match reading.next {
        Next::Login => Class::UpstreamAuth,
        Next::Settle | Next::Found => Class::Ok,
        Next::Absent => Class::NoMatch,
        Next::AsUpdate | Next::AsCreate | Next::Retry | Next::Probe | Next::Person => {
            Class::UpstreamMalformed
        }
    };
    Looked {
        class: reading.class.unwrap_or(unsaid),
        hop: reading.hop,
        code: reading.code.clone(),
        words: reading.text.clone(),
        trace: reading.trace.clone(),
        digest: None,
        found: reading.result.clone(),
    }
}
