//! The simulated national side: the National Public Service Portal in its profiles P1 and P1+766, strict as the
//! specification, with its own books on its own disk, and with bad days.
//!
//! It judges the gateway, so it imports nothing of the gateway: no wire, mapping, signing, model or clock. A call
//! passes the door (HTTP), the day's faults, the checks, the books; it is flushed before it is answered.

mod answer;
mod bank;
mod books;
mod callers;
mod calls;
mod catalogue;
mod check;
mod databases;
mod day;
mod door;
mod fields;
mod journal;
mod session;
mod signer;
#[cfg(test)]
mod trial;
mod weather;

pub use bank::Bank;
pub use books::{Page, Totals};
pub use callers::{Called, Calls, Province};
pub use catalogue::{Procedure, procedures};
pub use databases::{Access, Inquiry, Lgsp, Tally};
pub use day::{Day, days};
pub use signer::Sealed;

use axum::serve::ListenerExt;
use books::Books;
use catalogue::Catalogue;
use databases::Databases;
use serde::Serialize;
use session::Sessions;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use weather::Weather;

/// Where a call must carry its `dstcode` (§1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// As an HTTP header.
    Header,
    /// As a query parameter.
    Query,
    /// As either.
    #[default]
    Either,
}

/// How a twin is set up.
#[derive(Clone)]
pub struct Options {
    /// The folder of its books; made when it is not there.
    pub folder: PathBuf,
    /// The day it lives through.
    pub day: Day,
    /// What the day's chances are drawn from.
    pub seed: u64,
    /// User name of the login.
    pub username: String,
    /// Password of the login.
    pub password: String,
    /// The agency that calls, `madonvi`.
    pub agency: String,
    /// The destination code that every call must carry; with `Place::Either` an empty one asks for nothing.
    pub dstcode: String,
    /// Where it must stand.
    pub place: Place,
    /// Path of the login.
    pub login: String,
    /// Path of the integration services.
    pub integration: String,
    /// Path of the share services; may be the same.
    pub share: String,
    /// How long a session lives.
    pub session: Duration,
    /// How long a hanging answer hangs; longer than the caller's time limit.
    pub hang: Duration,
    /// Name of the header whose presence is counted as a signature; it is not verified.
    pub signature: Option<String>,
    /// Whether the fields of Decision 766/QĐ-TTg are known (P1+766), or unknown and refused (P1).
    pub newer: bool,
    /// The largest body taken, in bytes.
    pub largest: usize,
    /// What the national databases ask of a caller.
    pub access: Access,
    /// The secret of the payment platform's checksums.
    pub payment: String,
    /// The secret of those who ask the provider of remote signatures.
    pub seal_secret: String,
    /// How often that provider is asked before its signer confirms; 0, it signs by itself.
    pub confirm: u32,
}

impl Default for Options {
    fn default() -> Options {
        let path = |end: &str| format!("/VXPAdapter/RestService/forward/mapi/{end}");
        Options {
            folder: PathBuf::from("twin"),
            day: Day::Calm,
            seed: 0,
            username: "000.00.00.H99".to_owned(),
            password: "mat-khau-thu-nghiem".to_owned(),
            agency: "000.00.00.H99".to_owned(),
            dstcode: "VN:GOV:000.00.00.G22:vpcpdvcprovider".to_owned(),
            place: Place::Either,
            login: path("login"),
            integration: path("g"),
            share: path("s"),
            session: Duration::from_secs(600),
            hang: Duration::from_secs(90),
            signature: None,
            newer: true,
            largest: 16 << 20,
            access: Access::default(),
            payment: "KHOA-BI-MAT-THU-NGHIEM".to_owned(),
            seal_secret: "mat-khau-con-dau".to_owned(),
            confirm: 0,
        }
    }
}

/// Why a twin cannot open or serve.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The books' folder or file cannot be used.
    #[error("the twin's books {path} cannot be used: {source}")]
    Books {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another twin has the books open.
    #[error("the twin's books {path} are open in another process")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// A line that is not the last cannot be read.
    #[error("the twin's books {path} are broken at byte {offset}")]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where the unreadable line begins.
        offset: u64,
    },
    /// The thread that writes the books cannot start.
    #[error("the thread that writes the twin's books cannot start: {0}")]
    Thread(std::io::Error),
    /// The catalogue cannot be written out.
    #[error("the twin's catalogue cannot be written out: {0}")]
    Catalogue(serde_json::Error),
    /// The seal of the provider of remote signatures cannot be used.
    #[error("the twin's seal cannot be used: {0}")]
    Seal(openssl::error::ErrorStack),
    /// No day has this name.
    #[error("there is no day named “{name}”; there are: {known}")]
    Day {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A province that was called was not reached, or said nothing.
    #[error("nobody answered to {kind}: {source}")]
    Call {
        /// What was sent.
        kind: &'static str,
        /// What the network said.
        source: std::io::Error,
    },
    /// The disk does not keep the books any more.
    #[error("the twin's books of its calls cannot be kept")]
    Unkept,
    /// The listener failed.
    #[error("the twin cannot serve: {0}")]
    Serve(std::io::Error),
}

/// What the twin has seen and taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What the books count, also across restarts.
    #[serde(flatten)]
    pub totals: Totals,
    /// Calls since the start that passed the door.
    pub calls: u64,
    /// Calls since the start answered with a business error, real duplicates among them.
    pub refused: u64,
    /// Calls since the start that carried the signature header.
    pub signed: u64,
    /// How often the disk was flushed since the start.
    pub flushes: u64,
    /// Faults that really happened since the start, by kind.
    pub faults: BTreeMap<String, u64>,
    /// What the books of the national databases count.
    pub databases: Tally,
    /// What the provider of remote signatures counts since the start.
    pub seal: Sealed,
}

/// A national side in a box. Clones are the same one; it keeps its books open until the last is dropped.
#[derive(Clone)]
pub struct Twin(Arc<Inner>);

struct Inner {
    options: Options,
    catalogue: Catalogue,
    books: Books,
    callers: callers::Books,
    bank: bank::Books,
    /// Whom the payment platform confirms to.
    province: std::sync::Mutex<Option<Province>>,
    databases: Databases,
    provider: signer::Provider,
    sessions: Sessions,
    weather: Weather,
    counts: Counts,
    stopping: watch::Sender<bool>,
}

#[derive(Default)]
struct Counts {
    calls: AtomicU64,
    refused: AtomicU64,
    signed: AtomicU64,
}

/// Requests still running this long after the stop are left to the runtime.
const GRACE: Duration = Duration::from_secs(2);

impl Twin {
    /// Opens or begins the books and reads them through.
    pub fn open(options: Options) -> Result<Twin, Error> {
        let books = Books::open(&options.folder)?;
        let callers = callers::Books::open(&options.folder)?;
        let bank = bank::Books::open(&options.folder)?;
        let databases = Databases::open(options.access.clone(), &options.folder)?;
        let provider = signer::Provider::open(&options.folder, &options.seal_secret, options.confirm)?;
        let catalogue = Catalogue::read().map_err(Error::Catalogue)?;
        let sessions = Sessions::new(options.session);
        let weather = Weather::new(options.day, options.seed);
        let (stopping, _) = watch::channel(false);
        let counts = Counts::default();
        Ok(Twin(Arc::new(Inner {
            options,
            catalogue,
            books,
            callers,
            bank,
            province: std::sync::Mutex::default(),
            databases,
            provider,
            sessions,
            weather,
            counts,
            stopping,
        })))
    }

    /// Answers calls on the listener until `stop` is done; hanging answers end with it.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Error> {
        self.0.stopping.send_replace(false);
        let listener = listener.tap_io(|stream| {
            // An answer is one small write; a stream that refuses this only answers later.
            let _ = stream.set_nodelay(true);
        });
        let inner = Arc::clone(&self.0);
        let told = async move {
            stop.await;
            inner.stopping.send_replace(true);
        };
        let mut stopping = self.0.stopping.subscribe();
        let late = async {
            // The sender lives as long as this twin.
            let _ = stopping.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            end = axum::serve(listener, door::router(&self.0)).with_graceful_shutdown(told) => end.map_err(Error::Serve),
            () = late => Ok(()),
        }
    }

    /// What it has seen and taken so far.
    pub fn summary(&self) -> Summary {
        self.0.summary()
    }

    /// Who asked the national databases what, the oldest first; the last 20,000 of them.
    pub fn inquiries(&self) -> Vec<Inquiry> {
        self.0.databases.inquiries()
    }

    /// How many linked dossiers lie at the hub, not acknowledged.
    pub fn lies_at_hub(&self) -> usize {
        self.0.databases.lies_at_hub()
    }

    /// What its books say about one dossier.
    pub async fn page(&self, number: &str) -> Option<Page> {
        self.0.books.page(number).await
    }
}

impl Inner {
    fn summary(&self) -> Summary {
        Summary {
            totals: self.books.totals(),
            calls: self.counts.calls.load(Ordering::Relaxed),
            refused: self.counts.refused.load(Ordering::Relaxed),
            signed: self.counts.signed.load(Ordering::Relaxed),
            flushes: self.books.flushes()
                + self.databases.flushes()
                + self.callers.flushes()
                + self.bank.flushes(),
            faults: self.weather.faults(),
            databases: self.databases.tally(),
            seal: self.provider.counts(),
        }
    }
}

/// Milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the twin judges the gateway, so it does not share its clock"
)]
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::trial::{Back, Caller, dossier, options, step, up};
    use super::*;
    use serde_json::json;

    /// Enough for every fault of every day to happen.
    const MANY: usize = 50;

    /// Lives through a day with a caller that keeps on until every dossier is updated and has its step.
    async fn live(options: Options, dossiers: usize) -> (Twin, Vec<Back>) {
        let mut seen = Vec::new();
        let (stage, caller) = up(options).await;
        let mut session = caller.login().await;
        for turn in 0..dossiers * 3 {
            let number = format!("H99-{}", turn / 3);
            push(caller, &mut session, &number, turn % 3, &mut seen).await;
        }
        (stage.down().await, seen)
    }

    /// Sends one push again until its answer is understood as done.
    async fn push(caller: Caller, session: &mut String, number: &str, turn: usize, seen: &mut Vec<Back>) {
        for _ in 0..60 {
            let back = match turn {
                0 => caller.create(session, number).await,
                1 => caller.push(session, "True", json!([dossier(number)])).await,
                _ => caller.steps(session, json!([step(number, 0)])).await,
            };
            seen.push(back.clone());
            let whole = !back.is_cut() && back.status == 200;
            if whole
                && ["thành công", "đã tồn tại", "bị trùng"]
                    .iter()
                    .any(|text| back.body.contains(text))
            {
                return;
            }
            if back.body.contains("hết hạn") {
                *session = caller.login().await;
            }
        }
        panic!("{number} {turn} never ends: {}", caller.get("/twin/books").await);
    }

    /// A day lived through: these faults happened, and no others unless there are none named.
    async fn day(name: &str, faults: &[&str]) -> (Summary, Vec<Back>) {
        let (_folder, options) = options(Day::named(name).unwrap());
        let hang = Duration::from_millis(5);
        let (twin, seen) = live(
            Options {
                seed: 3,
                hang,
                ..options
            },
            MANY,
        )
        .await;
        let summary = twin.summary();
        let many = MANY as u64;
        assert_eq!(summary.totals.dossiers, many, "{name}");
        assert!(
            summary.totals.updates >= many && summary.totals.steps >= many,
            "{name}"
        );
        let happened: Vec<&str> = summary.faults.keys().map(String::as_str).collect();
        assert_eq!(happened, faults, "{name}");
        (summary, seen)
    }

    /// What a caller that only repeats has left behind because answers were lost after the books were written.
    fn traces(summary: &Summary) -> u64 {
        let totals = summary.totals;
        totals.duplicates + totals.duplicate_steps + totals.updates - MANY as u64
    }

    #[tokio::test]
    async fn calm_and_codes_as_text() {
        let (summary, seen) = day("calm", &[]).await;
        assert_eq!((traces(&summary), summary.refused, seen.len()), (0, 0, MANY * 3));
        let (_, seen) = day("codes-as-string", &["code-as-text"]).await;
        assert!(
            seen.iter()
                .all(|back| back.body.starts_with(r#"{"error_code":"0","#))
        );
    }

    #[tokio::test]
    async fn codes_as_int_and_nested() {
        let (_, seen) = day("codes-as-int", &["code-as-int"]).await;
        assert!(
            seen.iter()
                .all(|back| back.body.starts_with(r#"{"error_code":0,"#))
        );
        let (_, seen) = day("nested", &["nested"]).await;
        assert!(
            seen.iter()
                .all(|back| back.told().1.starts_with(r#"{"error_code":0,"#))
        );
    }

    #[tokio::test]
    async fn storm_and_limits_turn_away_before_anything_is_taken() {
        let (summary, seen) = day("storm", &["storm"]).await;
        assert!(
            seen.iter()
                .any(|back| back.status == 502 && back.body.starts_with("<html>"))
        );
        assert_eq!(traces(&summary), 0);
        let (summary, seen) = day("limits", &["limit", "unavailable"]).await;
        let later = |status| move |back: &Back| back.status == status && back.head.contains("retry-after: 1");
        assert!(seen.iter().any(later(429)) && seen.iter().any(later(503)));
        assert_eq!(traces(&summary), 0);
    }

    #[tokio::test]
    async fn hangs_resets_and_lies_come_after_the_books_are_written() {
        let (summary, _) = day("hangs-after-applying", &["hang"]).await;
        assert!(
            traces(&summary) > 0 && traces(&summary) == summary.faults["hang"],
            "{summary:?}"
        );
        let (summary, seen) = day("resets", &["reset"]).await;
        assert!(seen.iter().any(|back| back.is_cut() && !back.body.is_empty()));
        assert!(traces(&summary) > 0);
        let (summary, seen) = day("lies", &["lie-after", "lie-before"]).await;
        for body in [
            "server error",
            "",
            r#"{"error_code": -1, "message": "Lỗi hệ thống"}"#,
        ] {
            assert!(
                seen.iter().any(|back| back.status == 200 && back.body == body),
                "{body}"
            );
        }
        assert!(traces(&summary) > 0);
    }

    #[tokio::test]
    async fn what_another_system_created_is_no_duplicate_and_can_be_updated() {
        for (name, code) in [
            ("exists-zero", "0"),
            ("exists-three", "3"),
            ("exists-minus-three", "-3"),
        ] {
            let (summary, seen) = day(name, &["created-by-another"]).await;
            let totals = summary.totals;
            assert_eq!(
                (totals.duplicates, totals.by_another),
                (0, summary.faults["created-by-another"])
            );
            assert_eq!(totals.creates + totals.by_another, MANY as u64);
            let told = seen.iter().map(Back::told);
            let codes: Vec<_> = told
                .filter(|told| told.1.contains("đã tồn tại"))
                .map(|told| told.0)
                .collect();
            assert_eq!(codes, vec![code; codes.len()]);
            assert_eq!(codes.len() as u64, totals.by_another);
        }
    }

    #[tokio::test]
    async fn short_sessions_end_and_forgetful_steps_are_taken_once() {
        let (summary, seen) = day("short-sessions", &["session-ended"]).await;
        assert!(summary.faults["session-ended"] >= 4);
        let ended = seen
            .iter()
            .map(Back::told)
            .filter(|told| told.1.contains("hết hạn"));
        assert!(ended.map(|told| told.0).all(|code| code == "401" || code == "-1"));
        let (summary, seen) = day("forgetful-steps", &["forgotten-steps", "repeated-step"]).await;
        assert_eq!(
            (summary.totals.steps, summary.totals.duplicates),
            (MANY as u64, 0)
        );
        assert!(seen.iter().any(|back| back.status == 500));
    }

    #[tokio::test]
    async fn a_fragile_day_refuses_a_repeated_step_and_keeps_one() {
        let (_folder, options) = options(Day::FragileSteps);
        let (stage, caller) = up(options).await;
        let session = &caller.login().await;
        caller.create(session, "H99-1").await;
        caller.steps(session, json!([step("H99-1", 0)])).await;
        let again = caller
            .steps(session, json!([step("H99-1", 1), step("H99-1", 0)]))
            .await;
        assert_eq!(again.told(), ("-1".to_owned(), "Tiến độ bị trùng".to_owned()));
        let summary = stage.down().await.summary();
        assert_eq!((summary.totals.steps, summary.totals.duplicate_steps), (1, 1));
        assert_eq!(summary.faults["repeated-step"], 1);
    }

    #[tokio::test]
    async fn slow_is_slow_but_answers() {
        let (_folder, options) = options(Day::Slow);
        let (twin, _) = live(options, 1).await;
        assert_eq!(twin.summary().faults["slow"], 4);
    }

    #[tokio::test]
    async fn a_strange_day_has_many_faults() {
        let (_, faults) = run(Day::Stranger, 5).await;
        assert!(faults.len() >= 8, "{faults:?}");
    }

    #[tokio::test]
    async fn the_same_seed_gives_the_same_day() {
        let first = run(Day::Lies, 5).await;
        assert_eq!(first, run(Day::Lies, 5).await);
        assert_ne!(first, run(Day::Lies, 6).await);
    }

    async fn run(day: Day, seed: u64) -> (Totals, BTreeMap<String, u64>) {
        let (_folder, options) = options(day);
        let (twin, _) = live(
            Options {
                seed,
                hang: Duration::ZERO,
                ..options
            },
            30,
        )
        .await;
        let summary = twin.summary();
        (summary.totals, summary.faults)
    }

    #[tokio::test]
    async fn a_hanging_answer_ends_with_the_twin() {
        let (_folder, options) = options(Day::HangsAfterApplying);
        let (stage, caller) = up(Options { seed: 3, ..options }).await;
        let session = &caller.login().await;
        let mut numbers = (0..).map(|n| format!("H99-{n}"));
        while !caller.get("/twin/books").await["faults"]["hang"].is_u64() {
            let number = numbers.next().unwrap();
            // A caller that goes away in mid-call is one of the things that happen on such a day.
            let _ = tokio::time::timeout(Duration::from_millis(100), caller.create(session, &number)).await;
        }
        let summary = stage.down().await.summary();
        assert_eq!(summary.faults["hang"], 1);
    }

    #[tokio::test]
    async fn a_restart_forgets_sessions_and_keeps_the_books() {
        let (_folder, options) = options(Day::Calm);
        let (twin, _) = live(options.clone(), 2).await;
        let before = twin.summary().totals;
        drop(twin);
        let (stage, caller) = up(options).await;
        assert_eq!(
            caller.create("0", "H99-0").await.told().1,
            "Phiên làm việc hết hạn"
        );
        let session = &caller.login().await;
        assert_eq!(caller.create(session, "H99-0").await.told().0, "3");
        assert_eq!(
            stage.down().await.summary().totals,
            Totals {
                duplicates: 1,
                ..before
            }
        );
    }
}
