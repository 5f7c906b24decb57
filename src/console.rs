//! The console: pages for auditors and operators. Made here whole, without scripts and without anything from elsewhere; what is
//! about persons is masked.

mod books;
mod chart;
mod deeds;
mod dossier;
mod exchange;
mod export;
mod form;
mod front;
mod gate;
mod hand;
mod lang;
mod locks;
mod look;
mod mask;
mod once;
mod page;
mod people;
mod queues;
mod rulings;
mod search;
mod sessions;
mod sheet;
mod sign;
mod trace;
mod when;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use tokio::sync::Semaphore;

use crate::clock::{Clock, Dice};
use crate::evidence::blind::Blind;
use crate::inbound::Inbound;
use crate::keys::Dated;
use crate::outbound::Outbound;
use crate::payments::Payments;
use crate::store::Store;
use crate::transport::Fresh;
use crate::upkeep::Upkeep;
use locks::Locks;
use people::People;
use sessions::Sessions;

/// Passwords that are hashed at one time: each takes 19 MiB and some 40 ms of one core.
const HASHING: usize = 2;

/// What the console stands on.
pub struct Parts {
    /// The way out.
    pub outbound: Arc<Outbound>,
    /// The way back.
    pub inbound: Arc<Inbound>,
    /// The payments that begin here, where they can.
    pub payments: Option<Arc<Payments>>,
    /// The keeper of checkpoints.
    pub upkeep: Arc<Upkeep>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance, for sessions and tokens.
    pub dice: Arc<dyn Dice>,
    /// Its certificates, and when they end.
    pub certificates: Fresh<Vec<Dated>>,
    /// The name of the node, as its log has it.
    pub node: String,
    /// The file of accounts.
    pub accounts: PathBuf,
    /// How people sign in, and for how long.
    pub policy: Policy,
}

/// How people sign in, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Whether a code of the person's phone is asked for.
    pub second_factor: bool,
    /// Whether the node itself speaks TLS: cookies then travel no other way.
    pub tls: bool,
    /// After so long without a page a session ends.
    pub idle: Duration,
    /// After so long a session ends in any case.
    pub longest: Duration,
    /// Wrong sign-ins in a row that shut a name.
    pub tries: u32,
    /// For how long.
    pub lock: Duration,
}

/// The console.
struct Console {
    parts: Parts,
    people: People,
    sessions: Sessions,
    locks: Locks,
    hashing: Semaphore,
}

impl Console {
    fn store(&self) -> &Arc<dyn Store> {
        self.parts.outbound.store()
    }

    /// The account that is so in the log, among those of today.
    fn account_of(&self, blind: Blind) -> Option<String> {
        let accounts = self.people.all();
        let mut names = accounts.accounts.keys();
        names
            .find(|name| self.parts.outbound.account(name) == blind)
            .cloned()
    }

    /// Whose hand it was: an account, one that is no more, or a program.
    fn by(&self, lang: lang::Lang, account: Option<Blind>) -> String {
        match account {
            None => lang.t("một chương trình", "a program").to_owned(),
            Some(blind) => self.account_of(blind).unwrap_or_else(|| {
                lang.t("một tài khoản đã xóa", "an account that is no more")
                    .to_owned()
            }),
        }
    }

    fn now(&self) -> i64 {
        self.parts.clock.now().millis()
    }
}

/// The pages, each at its address.
fn routes() -> Vec<(&'static str, MethodRouter<Arc<Console>>)> {
    vec![
        ("/console", get(front::show)),
        ("/console/", get(front::show)),
        ("/console/sign-in", get(sign::form).post(sign::enter)),
        ("/console/sign-out", post(sign::leave)),
        ("/console/language", post(sign::language)),
        ("/console/search", get(search::show).post(search::blind)),
        ("/console/export", get(export::take)),
        ("/console/dossiers/{number}", get(dossier::show)),
        ("/console/dossiers/{number}/look", post(look::dossier)),
        ("/console/exchanges/{id}", get(exchange::show)),
        ("/console/exchanges/{id}/look", post(look::exchange)),
        ("/console/exchanges/{id}/proof", get(exchange::proof)),
        ("/console/exchanges/{id}/hand", post(hand::hand)),
        ("/console/callbacks/{id}", get(rulings::callback)),
        ("/console/callbacks/{id}/look", post(rulings::look_callback)),
        ("/console/callbacks/{id}/hand", post(rulings::rule_callback)),
        ("/console/payments/{reference}", get(rulings::payment)),
        ("/console/payments/{reference}/hand", post(rulings::rule_payment)),
        ("/console/queues", get(queues::show)),
        ("/console/once", get(once::show)),
        ("/console/deeds", get(deeds::form).post(deeds::show)),
        ("/console/books", get(books::show)),
        ("/console/style.css", get(page::style)),
        ("/console/{*elsewhere}", get(page::nowhere).post(page::nowhere)),
    ]
}

/// The console, to be put beside the other routes of the door.
pub fn router(parts: Parts) -> Router {
    let console = Arc::new(Console {
        people: People::at(parts.accounts.clone()),
        sessions: Sessions::new(parts.policy.idle, parts.policy.longest),
        locks: Locks::new(parts.policy.tries, parts.policy.lock),
        hashing: Semaphore::new(HASHING),
        parts,
    });
    let router = routes()
        .into_iter()
        .fold(Router::new(), |router, (path, answers)| {
            router.route(path, answers)
        });
    router
        .layer(from_fn_with_state(Arc::clone(&console), guarded))
        .with_state(console)
}

/// What every answer of the console carries.
async fn guarded(
    axum::extract::State(console): axum::extract::State<Arc<Console>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    page::harden(response.headers_mut(), console.parts.policy.tls);
    response
}
