//! What a person watching the sandbox sees: the beginning, the table at the end, and how to look further.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use wire::Class;

use super::super::push::{Pushed, words};
use super::super::{Failed, say};
use super::callers::Callbacks;
use super::desk::Desk;
use super::payments::Payments;
use super::sides::Sides;
use super::world::{ACCOUNT, SYSTEMS, World};
use crate::app::Node;
use crate::config::Config;
use crate::model::State;
use crate::store::{Books, CallbackBooks, ExchangeRow, LookupsRow, Query};
use crate::twin::Summary;

/// The most exchanges of one system that are counted, and the most parked ones that are named.
const COUNTED: usize = 1_000_000;
const NAMED: usize = 10;

pub(super) fn opening(world: &World, gateway: &str, twin: &str, config: &Config) {
    say(&format!("folder    {}", world.dir().display()));
    say(&format!("gateway   {gateway}"));
    console(world, gateway);
    say(&format!(
        "twin      {twin} (the simulated national side; it keeps its own books)"
    ));
    if let Some(module) = world.hsm() {
        say(&format!(
            "token     payloads are signed on a token of {}",
            module.display()
        ));
    }
    let waits: Vec<_> = config
        .outbox
        .schedule
        .waits()
        .iter()
        .map(|wait| format!("{wait:?}"))
        .collect();
    say(&format!(
        "schedule  {} (full jitter; the last repeats); the sandbox's own, far shorter than the shipped one",
        waits.join(", ")
    ));
    if let Some(portal) = config.partners.get("portal") {
        say(&format!(
            "pace      {} a second, {} under way; an answer is awaited {:?}, absence counts after {:?}",
            portal.pace.per_second, portal.concurrency, portal.answer, portal.longest
        ));
    }
    say("");
}

/// The pages for people, and how to get in.
fn console(world: &World, gateway: &str) {
    say(&format!("console   {gateway}/console"));
    if let Ok(password) = world.token(ACCOUNT) {
        say(&format!("sign in   account {ACCOUNT}, password {password}"));
    }
}

/// One line that is written over, on a terminal only.
pub(super) fn progress(books: &Books) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let Books {
            dossiers,
            unprepared,
            delivered,
            refused,
            parked,
            waiting,
        } = *books;
        let line = format!(
            "\r{dossiers} dossiers: {delivered} delivered, {refused} refused, {parked} parked, {} waiting   ",
            waiting + unprepared
        );
        let _shown = out.write_all(line.as_bytes());
    }
}

pub(super) async fn closing(
    node: &Node,
    twin: &Summary,
    unpushed: &[(String, Pushed)],
    seconds: f64,
) -> Result<(), Failed> {
    if std::io::stderr().is_terminal() {
        let _shown = writeln!(std::io::stderr());
    }
    say(&format!(
        "{:<10}{:>10}{:>11}{:>10}{:>9}{:>9}",
        "system", "exchanges", "delivered", "refused", "parked", "waiting"
    ));
    let mut parked = Vec::new();
    for system in SYSTEMS {
        let rows = rows(node, system).await?;
        let count = |wanted: &[State]| rows.iter().filter(|row| wanted.contains(&row.state)).count();
        let moving = [State::Held, State::Ready, State::Later, State::Leased];
        say(&format!(
            "{system:<10}{:>10}{:>11}{:>10}{:>9}{:>9}",
            rows.len(),
            count(&[State::Delivered]),
            count(&[State::Refused]),
            count(&[State::Parked]),
            count(&moving),
        ));
        parked.extend(
            rows.into_iter()
                .filter(|row| matches!(row.state, State::Parked | State::Refused)),
        );
    }
    let books = node.store.books().await?;
    say(&format!("\n{} dossiers in {seconds:.1} s", books.dossiers));
    say(&format!(
        "the twin's books: {} dossiers, {} created, {} updated, {} steps; {} made twice, {} steps repeated",
        twin.totals.dossiers,
        twin.totals.creates,
        twin.totals.updates,
        twin.totals.steps,
        twin.totals.duplicates,
        twin.totals.duplicate_steps,
    ));
    reuse(&node.store.lookups().await?, books.dossiers);
    let asked = &twin.databases;
    say(&format!(
        "the twin's databases: {} calls, {} of a number used before, {} without an officer, {} in the owner's own name",
        asked.inquiries, asked.reused_requests, asked.without_officer, asked.owner_as_officer
    ));
    if !twin.faults.is_empty() {
        let faults: Vec<_> = twin
            .faults
            .iter()
            .map(|(name, count)| format!("{count} × {name}"))
            .collect();
        say(&format!("the twin's day: {}", faults.join(", ")));
    }
    for (name, pushed) in unpushed.iter().take(NAMED) {
        say(&format!("not accepted: {name}: {}", words(pushed)));
    }
    for row in parked.iter().take(NAMED) {
        say(&stands(row));
    }
    Ok(())
}

/// What both sides' books say.
pub(super) fn sides(sides: &Sides) {
    callbacks(&sides.callbacks);
    payments(&sides.payments);
    desk(&sides.desk);
}

/// What the twin sent by itself, and what became of it: by kind.
fn callbacks(callbacks: &Callbacks) {
    say(&format!(
        "\n{:<12}{:>6}{:>7}{:>10}{:>8}{:>9}{:>10}{:>8}",
        "callback", "sent", "taken", "repeated", "parked", "refused", "answered", "forged"
    ));
    for (kind, calls) in &callbacks.called.kinds {
        let parked = callbacks.parked.iter().filter(|row| row.kind == *kind).count();
        say(&format!(
            "{kind:<12}{:>6}{:>7}{:>10}{parked:>8}{:>9}{:>10}{:>8}",
            calls.sent,
            calls.taken,
            calls.repeated,
            calls.refused,
            calls.answered,
            calls.disbelieved + calls.believed,
        ));
    }
    let CallbackBooks { kept, applied, .. } = callbacks.books;
    let (events, believed) = (callbacks.events, callbacks.called.all().believed);
    say(&format!(
        "{kept} callbacks kept, {applied} on their dossiers, {events} events tell of it; {believed} forged ones believed"
    ));
    for what in callbacks.disagreements() {
        say(&format!("the books do not agree: {what}"));
    }
}

/// What was paid for, and what both sides' books say of it.
fn payments(payments: &Payments) {
    let (ours, bank) = (&payments.books, &payments.bank);
    say(&format!(
        "{} payments begun: {} paid ({} đồng, {} fee receipts), {} not paid, {} for a person; the platform's books: {} begun, {} again in \
         the same bytes, {} paid ({} đồng), {} by two transactions",
        ours.begun,
        ours.paid,
        ours.amount,
        ours.receipts,
        ours.failed,
        ours.parked,
        bank.begun,
        bank.again,
        bank.paid,
        bank.amount,
        bank.twice,
    ));
    for what in payments.disagreements() {
        say(&format!("the books do not agree: {what}"));
    }
}

/// What lay at the hub, and what was registered.
fn desk(desk: &Desk) {
    say(&desk.line());
    for what in desk.disagreements() {
        say(&format!("the books do not agree: {what}"));
    }
}

/// What the state was asked, and what need not be asked of a citizen any more: by procedure, so that one that is never served
/// stands out. The score is the share of its look-ups that were answered with what the state holds.
fn reuse(rows: &[LookupsRow], dossiers: u64) {
    say(&format!(
        "\n{:<12}{:>10}{:>8}{:>7}{:>8}{:>11}",
        "procedure", "look-ups", "facts", "papers", "score", "otherwise"
    ));
    let mut procedures: BTreeMap<&str, Vec<&LookupsRow>> = BTreeMap::new();
    for row in rows {
        procedures.entry(&row.procedure).or_default().push(row);
    }
    for (procedure, rows) in &procedures {
        let sum = |count: fn(&LookupsRow) -> u64| rows.iter().map(|row| count(row)).sum::<u64>();
        let found = |row: &&&LookupsRow| row.class.as_deref() == Some(Class::Match.word());
        let lookups = sum(|row| row.lookups);
        let matched: u64 = rows.iter().filter(found).map(|row| row.lookups).sum();
        say(&format!(
            "{procedure:<12}{lookups:>10}{:>8}{:>7}{:>7}%   {}",
            sum(|row| row.facts),
            sum(|row| row.papers),
            matched * 100 / lookups.max(1),
            otherwise(rows),
        ));
    }
    let total = |count: fn(&LookupsRow) -> u64| rows.iter().map(count).sum::<u64>();
    let (facts, papers) = (total(|row| row.facts), total(|row| row.papers));
    say(&format!(
        "{facts} facts reused and {papers} papers not asked for, in {dossiers} dossiers\n"
    ));
}

/// The look-ups that came to something else than a match, by their class.
fn otherwise(rows: &[&LookupsRow]) -> String {
    let mut classes: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows {
        let class = row.class.as_deref().unwrap_or("unended");
        if class != Class::Match.word() {
            *classes.entry(class).or_default() += row.lookups;
        }
    }
    let words: Vec<String> = classes
        .iter()
        .map(|(class, count)| format!("{count} × {class}"))
        .collect();
    words.join(", ")
}

fn stands(row: &ExchangeRow) -> String {
    let owner = row.owner.map_or("nobody", |owner| owner.word());
    let action = row.action.as_deref().unwrap_or("-");
    let cause = row.cause.as_deref().unwrap_or("-");
    let (state, operation) = (row.state.word(), row.operation.word());
    format!(
        "{state}: {} {operation} of {}: {cause}. {owner}: {action}",
        row.exchange, row.dossier
    )
}

async fn rows(node: &Node, system: &str) -> Result<Vec<ExchangeRow>, Failed> {
    let query = Query {
        system: Some(system.to_owned()),
        all: true,
        limit: COUNTED,
        ..Query::default()
    };
    Ok(node.store.exchanges(query).await?)
}

/// How to look further, once everything has settled.
pub(super) fn stays(world: &World, gateway: &str) {
    say("\nit stays up; Ctrl-C ends it. To look further:");
    let tokens = world.dir().join("tokens");
    say(&format!(
        "  curl -H \"Authorization: Bearer $(cat {}/operator)\" {gateway}/v1/exchanges",
        tokens.display()
    ));
    say(&format!("  curl {gateway}/log/checkpoint"));
    say(&format!("  curl {gateway}/metrics"));
    console(world, gateway);
}
