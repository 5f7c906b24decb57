//! `outbox`: what waits for a partner, and the operator's hand on what only a person can decide.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::node::{self, There};
use super::remote::Remote;
use super::table::columns;
use super::{At, Failed, Outbox, say, say_json};
use crate::app;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::model::{ExchangeId, Owner, Release, State};
use crate::outbound::Hand;
use crate::store::{ExchangeRow, Query, Store};

/// Exchanges of one page.
const PAGE: usize = 500;

/// An exchange as the list shows it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shown {
    exchange: ExchangeId,
    dossier: String,
    partner: String,
    state: State,
    attempts: u32,
    owner: Option<Owner>,
    action: Option<String>,
}

/// A page of a running node's list.
#[derive(Deserialize)]
struct Page {
    exchanges: Vec<Shown>,
    next: Option<ExchangeId>,
}

/// An attempt as a person is shown it.
#[derive(Deserialize)]
struct Tried {
    number: u32,
    phase: String,
    operation: String,
    began_at: i64,
    ended_at: Option<i64>,
    verdict: Option<String>,
    cause: Option<String>,
}

/// Does one of them.
pub(super) async fn run(verb: Outbox) -> Result<bool, Failed> {
    match verb {
        Outbox::List { at, all, json } => list(&at, all, json).await,
        Outbox::Show { exchange, at, json } => show(exchange, &at, json).await,
        Outbox::Retry { exchange, reason, at } => {
            hand(
                &at,
                Hand {
                    exchange,
                    release: None,
                    reason,
                    account: None,
                },
            )
            .await
        }
        Outbox::Release {
            exchange,
            outcome,
            reason,
            at,
        } => {
            hand(
                &at,
                Hand {
                    exchange,
                    release: Some(outcome),
                    reason,
                    account: None,
                },
            )
            .await
        }
    }
}

async fn list(at: &At, all: bool, json: bool) -> Result<bool, Failed> {
    let rows = match There::find(at)? {
        There::Running(remote) => remote_rows(&remote, all).await?,
        There::Folder(config) => {
            let query = Query {
                all,
                ..Query::default()
            };
            rows(&node::store(&config)?, query)
                .await?
                .into_iter()
                .map(Shown::from)
                .collect()
        }
    };
    if json {
        say_json(&rows);
        return Ok(true);
    }
    let cells: Vec<Vec<String>> = rows.iter().map(Shown::cells).collect();
    let titles = [
        "exchange", "dossier", "partner", "state", "attempts", "owner", "action",
    ];
    columns(&titles, &cells).iter().for_each(|line| say(line));
    let parked = rows.iter().filter(|row| row.state == State::Parked).count();
    say(&format!("{} exchanges, {parked} of them parked", rows.len()));
    Ok(true)
}

/// All exchanges that a query asks for, page by page.
pub(super) async fn rows(store: &Arc<dyn Store>, query: Query) -> Result<Vec<ExchangeRow>, Failed> {
    let mut rows: Vec<ExchangeRow> = Vec::new();
    loop {
        let after = rows.last().map(|row| row.exchange);
        let page = store
            .exchanges(Query {
                after,
                limit: PAGE,
                ..query.clone()
            })
            .await?;
        let last = page.len() < PAGE;
        rows.extend(page);
        if last {
            return Ok(rows);
        }
    }
}

async fn remote_rows(remote: &Remote, all: bool) -> Result<Vec<Shown>, Failed> {
    let open = State::ALL
        .iter()
        .filter(|state| all || !matches!(state, State::Delivered | State::Refused));
    let mut rows = Vec::new();
    for state in open {
        let mut after = String::new();
        loop {
            let target = format!("/v1/exchanges?status={}&limit={PAGE}{after}", state.word());
            let page: Page = serde_json::from_value(remote.read(&target).await?).map_err(|_| {
                Failed::NotDone("the node answers with another list than this program knows".to_owned())
            })?;
            rows.extend(page.exchanges);
            match page.next {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
    }
    // What moved from one state to another while it was asked stands there once.
    rows.sort_by_key(|row| row.exchange);
    rows.dedup_by_key(|row| row.exchange);
    Ok(rows)
}

async fn show(exchange: ExchangeId, at: &At, json: bool) -> Result<bool, Failed> {
    let shown = match There::find(at)? {
        There::Running(remote) => remote.read(&format!("/v1/exchanges/{exchange}")).await?,
        There::Folder(config) => {
            let store = node::store(&config)?;
            let row = store.exchange(exchange).await?;
            let row = row.ok_or_else(|| Failed::NotDone(format!("there is no exchange {exchange}")))?;
            let mut shown = json!(row);
            shown["tried"] = json!(store.attempts(exchange).await?);
            shown
        }
    };
    if json {
        say_json(&shown);
    } else {
        print(&shown);
    }
    Ok(true)
}

fn print(shown: &Value) {
    let members = shown.as_object().into_iter().flatten();
    let said = |value: &Value| !value.is_null() && *value != 0;
    for (name, value) in members.filter(|(name, value)| *name != "tried" && said(value)) {
        let moment = name.ends_with("_at") || name == "not_before";
        let text = match value.as_i64().filter(|_| moment) {
            Some(at) => Timestamp::from_millis(at).local(),
            None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        };
        say(&format!("{name:<12}{text}"));
    }
    let tried: Vec<Tried> = serde_json::from_value(shown["tried"].clone()).unwrap_or_default();
    if !tried.is_empty() {
        say("");
        let cells: Vec<Vec<String>> = tried.iter().map(Tried::cells).collect();
        let titles = [
            "attempt",
            "phase",
            "operation",
            "began",
            "ended",
            "verdict",
            "cause",
        ];
        columns(&titles, &cells).iter().for_each(|line| say(line));
    }
}

async fn hand(at: &At, hand: Hand) -> Result<bool, Failed> {
    if hand.reason.trim().is_empty() {
        return Err(Failed::Use("say why: --reason TEXT".to_owned()));
    }
    match There::find(at)? {
        There::Running(remote) => tell(&remote, &hand).await?,
        There::Folder(config) => handle(&config, hand).await?,
    }
    say("done; it stands in the exchange log");
    Ok(true)
}

async fn tell(remote: &Remote, hand: &Hand) -> Result<(), Failed> {
    let (verb, body) = match hand.release {
        None => ("retry", json!({ "reason": hand.reason })),
        Some(release) => ("release", json!({ "reason": hand.reason, "as": release })),
    };
    remote
        .tell(&format!("/v1/exchanges/{}/{verb}", hand.exchange), &body)
        .await
}

/// On a stopped node, with its lock.
async fn handle(config: &Config, hand: Hand) -> Result<(), Failed> {
    let exchange = hand.exchange;
    let state = match hand.release {
        None => "waits for its moment, or is parked and may be repeated,",
        Some(Release::Again | Release::Delivered) => {
            "is parked, and does not stand behind another of its dossier,"
        }
    };
    let node = app::node(config)?;
    match node
        .outbound
        .handle(hand)
        .await
        .map_err(|error| Failed::because(&error))?
    {
        true => Ok(()),
        false => Err(Failed::NotDone(format!(
            "only an exchange that {state} can be handled so; look at it with `lienthong outbox show {exchange}`"
        ))),
    }
}

impl From<ExchangeRow> for Shown {
    fn from(row: ExchangeRow) -> Self {
        let ExchangeRow {
            exchange,
            dossier,
            partner,
            state,
            attempts,
            owner,
            action,
            ..
        } = row;
        Self {
            exchange,
            dossier,
            partner,
            state,
            attempts,
            owner,
            action,
        }
    }
}

impl Shown {
    fn cells(&self) -> Vec<String> {
        vec![
            self.exchange.to_string(),
            self.dossier.clone(),
            self.partner.clone(),
            self.state.word().to_owned(),
            self.attempts.to_string(),
            self.owner.map_or("", Owner::word).to_owned(),
            self.action.clone().unwrap_or_default(),
        ]
    }
}

impl Tried {
    fn cells(&self) -> Vec<String> {
        let moment = |at: i64| Timestamp::from_millis(at).local();
        vec![
            self.number.to_string(),
            self.phase.clone(),
            self.operation.clone(),
            moment(self.began_at),
            self.ended_at.map(moment).unwrap_or_default(),
            self.verdict.clone().unwrap_or_else(|| "none yet".to_owned()),
            self.cause.clone().unwrap_or_default(),
        ]
    }
}
