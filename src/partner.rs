//! One conversation with one partner: session, envelope by its adapter, send, verdict. Every step that talks, talks
//! through here; which step it is, is not known here.

mod ask;
mod circuit;
mod session;
mod wait;

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use wire::{Adapter, Answer, Auth, Call, Credentials, Next, Opened, Reading, Request, Verdict};
use zeroize::Zeroizing;

pub use ask::Unanswered;
pub use circuit::{Gate, Limits};
pub use session::{NoSession, Session};

use crate::clock::Clock;
use crate::evidence::hash;
use crate::model::Operation;
use crate::transport::{Failure, Response, Transport};
use circuit::Circuit;
use session::Held;
use wait::Wait;

/// Sessions in a row in which nothing was answered, after which opening another at once is no help.
const BARREN: u32 = 3;
/// What the configuration says of a partner.
pub struct Settings {
    /// Its name in the configuration, the log and the metrics.
    pub name: String,
    /// The account that opens sessions.
    pub username: String,
    /// Its password; leaves memory when the partner is dropped.
    pub password: Zeroizing<String>,
    /// Further secrets, by the names that its framing gives them.
    pub secrets: Vec<(String, Zeroizing<String>)>,
    /// How long a session is used at most, in ms.
    pub session: i64,
    /// How long a call may still take effect after it was sent, in ms.
    pub longest: i64,
    /// Messages under way at one time.
    pub concurrency: usize,
    /// Messages a second.
    pub pace: NonZeroU32,
    /// Messages at once, after a pause.
    pub burst: NonZeroU32,
    /// The circuit.
    pub circuit: Limits,
}

/// Why a partner cannot be spoken to as configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unset {
    /// A pace of nothing.
    #[error("a pace of 0 a second sends nothing")]
    Pace,
}

/// What a partner said to one request.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A whole answer, and what the adapter reads in it.
    Answer {
        /// As it came.
        response: Response,
        /// What it means.
        reading: Box<Reading>,
    },
    /// No whole answer.
    Nothing(Failure),
}

/// One partner.
pub struct Partner {
    settings: Settings,
    adapter: Box<dyn Adapter>,
    transport: Transport,
    clock: Arc<dyn Clock>,
    session: tokio::sync::Mutex<Held>,
    /// Logins that came to nothing, so that those who waited for one share its end.
    vain: AtomicU64,
    /// Sessions in a row that were refused before anything was answered in them.
    barren: AtomicU32,
    circuit: Mutex<Circuit>,
    quiet: Mutex<Wait>,
    pace: DefaultDirectRateLimiter,
    seats: tokio::sync::Semaphore,
}

impl Partner {
    /// A partner to whom nothing was said yet.
    pub fn new(
        settings: Settings,
        adapter: Box<dyn Adapter>,
        transport: Transport,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let quota = Quota::per_second(settings.pace).allow_burst(settings.burst);
        let circuit = Mutex::new(Circuit::new(settings.circuit));
        let seats = tokio::sync::Semaphore::new(settings.concurrency);
        Self {
            settings,
            seats,
            adapter,
            transport,
            clock,
            session: tokio::sync::Mutex::default(),
            vain: AtomicU64::new(0),
            barren: AtomicU32::new(0),
            circuit,
            quiet: Mutex::default(),
            pace: RateLimiter::direct(quota),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The name of its wire.
    pub fn wire(&self) -> &'static str {
        self.adapter.name()
    }

    /// The operation of that name, as this partner is framed.
    pub fn operation(&self, name: &str) -> Option<wire::Operation> {
        self.adapter.operation(name).copied()
    }

    /// One of the places for calls under way at one time; the place is free again when it is dropped.
    pub async fn seat(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        self.seats.acquire().await.ok()
    }

    /// How many elements one message of this operation may hold, at least one.
    pub fn most(&self, operation: Operation) -> usize {
        self.most_of(operation.word())
    }

    /// The same of an operation by its name.
    pub fn most_of(&self, operation: &str) -> usize {
        self.adapter.limits(operation).elements.max(1)
    }

    /// Messages under way at one time.
    pub fn concurrency(&self) -> usize {
        self.settings.concurrency
    }

    /// Messages a second.
    pub fn pace(&self) -> NonZeroU32 {
        self.settings.pace
    }

    /// How long a call may still take effect after it was sent, in ms.
    pub fn longest(&self) -> i64 {
        self.settings.longest
    }

    /// What may be sent now: the circuit, and the time the partner asked us to stay away.
    pub fn gate(&self) -> Gate {
        let now = self.now();
        let quiet = self
            .quiet
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .until(now);
        if quiet > now {
            return Gate::Open(quiet);
        }
        self.circuit
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .gate(now)
    }

    /// Waits for the pace, then takes as many further places as are free at once: at most `most` in all.
    pub async fn places(&self, most: usize) -> usize {
        self.pace.until_ready().await;
        1 + (1..most).take_while(|_| self.pace.check().is_ok()).count()
    }

    /// The session to speak in, opened by one caller while the others wait. Those who waited for a login that came to
    /// nothing share its end: each trying its own password once more would lock the account. None when this wire has no
    /// sessions.
    pub async fn session(&self) -> Result<Option<Session>, NoSession> {
        let Some(request) = self.login() else {
            return Ok(None);
        };
        let vain = self.vain.load(Ordering::SeqCst);
        let mut held = self.session.lock().await;
        let now = self.now();
        if let Some(session) = held.session.as_ref().filter(|session| session.holds(now)) {
            return Ok(Some(session.clone()));
        }
        held.session = None;
        let waits = self.vain.load(Ordering::SeqCst) != vain || matches!(self.gate(), Gate::Open(_));
        if let Some(why) = held.failed.clone().filter(|_| waits) {
            return Err(why);
        }
        let opened = self.open(&request).await;
        held.failed = opened.as_ref().err().cloned();
        let session = opened.inspect_err(|_| {
            self.vain.fetch_add(1, Ordering::SeqCst);
        })?;
        held.session = Some(session.clone());
        Ok(Some(session))
    }

    /// Logs in. Only what is said in a session tells how the partner is: a login that is taken closes no circuit.
    async fn open(&self, request: &Request) -> Result<Session, NoSession> {
        let asked_at = self.now();
        let response = self.transport.send(request).await.map_err(|failure| {
            self.failed();
            NoSession::Unreachable(failure)
        })?;
        self.asked_to_wait(&response);
        match self.adapter.opened(&answer(&response)) {
            Opened::Session { token, lives } => {
                let longest = asked_at.saturating_add(self.settings.session);
                Ok(Session::new(
                    token,
                    self.now(),
                    session::until(asked_at, longest, lives),
                ))
            }
            // Asking again and again may lock the account: everything waits as long as the circuit ever does.
            Opened::Refused { .. } => {
                self.stay_away(self.settings.circuit.longest);
                Err(NoSession::Refused)
            }
            Opened::Unclear { .. } => {
                self.failed();
                Err(NoSession::Unclear)
            }
        }
    }

    fn login(&self) -> Option<Request> {
        let secrets = self.secrets();
        self.adapter.login(&self.account(&secrets))
    }

    fn secrets(&self) -> Vec<(&str, &str)> {
        let all = self.settings.secrets.iter();
        all.map(|(name, secret)| (name.as_str(), secret.as_str()))
            .collect()
    }

    fn account<'a>(&'a self, secrets: &'a [(&'a str, &'a str)]) -> Credentials<'a> {
        Credentials {
            username: &self.settings.username,
            password: &self.settings.password,
            secrets,
        }
    }

    /// Forgets a session that the partner no longer takes, unless somebody opened a newer one.
    /// True when it had been opened before `since` (ms since 1970), so that a fresh one may do. A partner that refuses one
    /// session after the other is left alone, longer each time.
    pub async fn forget(&self, session: &Session, since: i64) -> bool {
        let mut held = self.session.lock().await;
        if held.session.as_ref() == Some(session) {
            held.session = None;
            let barren = self.barren.fetch_add(1, Ordering::SeqCst).saturating_add(1);
            if let Some(more) = barren.checked_sub(BARREN) {
                let Limits { open, longest, .. } = self.settings.circuit;
                self.stay_away(open.saturating_mul(1 << more.min(20)).min(longest));
            }
        }
        session.opened_before(since)
    }

    /// The request for one call: the payload as it is, in a fresh envelope.
    pub fn frame(&self, call: &Call<'_>) -> Result<Request, wire::Malformed> {
        let secrets = self.secrets();
        let auth = Auth {
            at: self.now(),
            credentials: self.account(&secrets),
            sha256: |bytes| hash::digest(&[bytes]),
            hmac: hash::mac,
        };
        self.adapter.frame(&Call {
            auth: Some(auth),
            ..*call
        })
    }

    /// Sends, and reads the answer. Never fails: what cannot be read is unclear.
    pub async fn send(&self, operation: &str, request: &Request) -> Heard {
        match self.transport.send(request).await {
            Ok(response) => {
                self.asked_to_wait(&response);
                let reading = Box::new(self.adapter.read(operation, &answer(&response)));
                self.weigh(response.status, &reading);
                Heard::Answer { response, reading }
            }
            Err(failure) => {
                self.failed();
                Heard::Nothing(failure)
            }
        }
    }

    /// `Retry-After` silences us for so long.
    fn asked_to_wait(&self, response: &Response) {
        if let Some(seconds) = response.retry_after {
            let wait = i64::try_from(seconds)
                .unwrap_or(i64::MAX / 2_000)
                .saturating_mul(1_000);
            self.stay_away(wait);
        }
    }

    /// An answer that is understood closes the circuit. A server's failure does not, nor a page that nobody understands:
    /// whoever stands before the partner said that. A refused session says nothing of either.
    fn weigh(&self, status: u16, reading: &Reading) {
        if status >= 500 || reading.verdict == Verdict::Unclear {
            return self.failed();
        }
        if reading.next == Next::Login {
            return;
        }
        self.barren.store(0, Ordering::SeqCst);
        self.circuit
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .answered();
    }

    /// Says nothing to this partner for so long, in ms.
    fn stay_away(&self, wait: i64) {
        let now = self.now();
        self.quiet
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .prolong(now, wait);
    }

    fn failed(&self) {
        let now = self.now();
        self.circuit
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .failed(now);
    }

    fn now(&self) -> i64 {
        self.clock.now().millis()
    }
}

fn answer(response: &Response) -> Answer<'_> {
    Answer {
        status: response.status,
        content_type: response.content_type.as_deref(),
        retry_after: response.retry_after,
        headers: &response.headers,
        body: &response.body,
    }
}
