//! `reconcile`: what the partner knows of our dossiers, held against our books, and what is certain put right.
//!
//! Broken off and run again it asks again: what was put right is then in order, and nothing is sent twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::node::{self, There};
use super::push::Bar;
use super::table::columns;
use super::{Failed, Reconcile, outbox, say, say_json};
use crate::app::{self, Node};
use crate::model::{Ending, ExchangeId, Operation, Release, State};
use crate::outbound::{Hand, Stands};
use crate::partner::Partner;
use crate::store::{ExchangeRow, Query};

/// An exchange that does not stand as the partner says.
#[derive(Serialize)]
struct Difference {
    exchange: ExchangeId,
    dossier: String,
    partner: String,
    ours: &'static str,
    theirs: &'static str,
    done: &'static str,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    dossiers: usize,
    open: usize,
    differences: Vec<Difference>,
}

/// A dossier at a partner: what is parked of it, and what was delivered last.
type Dossiers = BTreeMap<(String, String), Vec<ExchangeRow>>;

/// Compares; true when nothing is left for a person.
pub(super) async fn run(asked: Reconcile) -> Result<bool, Failed> {
    let config = match There::find(&asked.at)? {
        There::Folder(config) => config,
        There::Running(_) => {
            let says = "the partner is asked from the node's folder: stop the node, or look only, and say --dir DIR --dry-run";
            return Err(Failed::Use(says.to_owned()));
        }
    };
    // A look needs no lock, so a node may run meanwhile.
    let node = if asked.dry_run {
        app::over(&config, node::store(&config)?)?
    } else {
        app::node(&config)?
    };
    let dossiers = dossiers(&node, &asked).await?;
    let mut report = Report {
        dossiers: dossiers.len(),
        open: 0,
        differences: Vec::new(),
    };
    let mut bar = Bar::new(dossiers.len(), 0);
    for ((partner, number), rows) in dossiers {
        compare(&node, &partner, &number, rows, asked.dry_run, &mut report).await?;
        bar.step();
    }
    bar.end();
    let good = report.open == 0;
    if asked.json {
        say_json(&report);
    } else {
        print(&report);
    }
    Ok(good)
}

async fn dossiers(node: &Node, asked: &Reconcile) -> Result<Dossiers, Failed> {
    let query = Query {
        dossier: asked.dossier.clone(),
        agency: asked.agency.clone(),
        since: asked.since.map(|since| since.millis()),
        all: true,
        ..Query::default()
    };
    let mut dossiers = Dossiers::new();
    let rows = outbox::rows(&node.store, query).await?;
    // A look-up says nothing about steps.
    for row in rows
        .into_iter()
        .filter(|row| row.operation != Operation::Progress)
    {
        let known = dossiers
            .entry((row.partner.clone(), row.dossier.clone()))
            .or_default();
        match row.state {
            State::Delivered => known.retain(|earlier| earlier.state != State::Delivered),
            State::Parked => {}
            State::Held | State::Ready | State::Later | State::Leased | State::Refused => continue,
        }
        known.push(row);
    }
    dossiers.retain(|_, rows| !rows.is_empty());
    Ok(dossiers)
}

async fn compare(
    node: &Node,
    partner: &str,
    number: &str,
    rows: Vec<ExchangeRow>,
    dry: bool,
    report: &mut Report,
) -> Result<(), Failed> {
    let known = node
        .outbound
        .partners()
        .find(|known| known.name() == partner)
        .map(Arc::clone);
    let known: Arc<Partner> =
        known.ok_or_else(|| Failed::NotDone(format!("the settings have no partner `{partner}`")))?;
    let heard = node.outbound.look_up(&known, number).await;
    if heard == Ending::NotSent {
        let says = format!(
            "`{partner}` cannot be reached; what was put right stays so. Run this again when it answers"
        );
        return Err(Failed::NotDone(says));
    }
    for row in rows {
        let stands = node.outbound.weigh(&known, &row, &heard);
        let (theirs, release) = match stands {
            Stands::Agreed => continue,
            Stands::Lost => ("unknown", None),
            Stands::Found => ("known", Some(Release::Delivered)),
            Stands::Absent => ("unknown", Some(Release::Again)),
            Stands::Open => ("undecided", None),
            Stands::Unheard => ("no clear answer", None),
        };
        let done = match release {
            None => "nothing: a person must decide",
            Some(release) => put_right(node, &row, release, dry).await?,
        };
        report.open += usize::from(release.is_none());
        let (exchange, dossier, partner, ours) = (row.exchange, row.dossier, row.partner, row.state.word());
        report.differences.push(Difference {
            exchange,
            dossier,
            partner,
            ours,
            theirs,
            done,
        });
    }
    Ok(())
}

async fn put_right(
    node: &Node,
    row: &ExchangeRow,
    release: Release,
    dry: bool,
) -> Result<&'static str, Failed> {
    if dry {
        return Ok(match release {
            Release::Delivered => "would be released as delivered",
            Release::Again => "would be sent again",
        });
    }
    let reason = "reconcile: the partner was asked".to_owned();
    let hand = Hand {
        exchange: row.exchange,
        release: Some(release),
        reason,
        account: None,
    };
    let handled = node
        .outbound
        .handle(hand)
        .await
        .map_err(|error| Failed::because(&error))?;
    Ok(match (handled, release) {
        (true, Release::Delivered) => "released as delivered",
        (true, Release::Again) => "will be sent again when the node runs",
        (false, _) => "nothing: it moved meanwhile",
    })
}

fn print(report: &Report) {
    let cells = |one: &Difference| {
        let words = [one.partner.as_str(), one.ours, one.theirs, one.done].map(str::to_owned);
        [one.exchange.to_string(), one.dossier.clone()]
            .into_iter()
            .chain(words)
            .collect()
    };
    let rows: Vec<Vec<String>> = report.differences.iter().map(cells).collect();
    if !rows.is_empty() {
        let titles = ["exchange", "dossier", "partner", "ours", "theirs", "done"];
        columns(&titles, &rows).iter().for_each(|line| say(line));
    }
    let (dossiers, many, open) = (report.dossiers, rows.len(), report.open);
    say(&format!(
        "{dossiers} dossiers asked about, {many} differences, {open} for a person"
    ));
}
