//! What comes back: decided by what came before, kept once, put on its dossier, and nothing that stops another.

use std::sync::Arc;

use super::kit::{Province, START, now};
use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::{
    Accepted, Acknowledged, Applied, Applying, Heard, NewEvent, Paying, Pile, Receipt, Received, Reception,
    Renewal, Series, Store, Told, TrayRow,
};

const SALT: [u8; 16] = [4; 16];

/// A callback of the portal about a dossier of OpenCPS.
pub(super) fn said(n: u8, key: &str, says: &str) -> Receipt {
    let id = ExchangeId::new(START, &[n; 10]);
    let commit = commitment(&SALT, says.as_bytes());
    Receipt {
        id,
        listener: "portal".into(),
        kind: "tax-receipt",
        key: key.into(),
        digest: hash::digest(&[says.as_bytes()]),
        document: says.into(),
        papers: Vec::new(),
        at: START,
        said_at: None,
        updating: false,
        renewal: Renewal::Never,
        files: false,
        series: None,
        number: Some("H99-1".into()),
        system: Some("igate".into()),
        order: None,
        sought: false,
        salt: SALT,
        telling: Arc::new(move |end, _| {
            let mut leaf = Draft::new(Kind::Received, START).fact("callback", id.to_string());
            leaf.commit = Some(commit);
            let heard = Heard {
                status: 200,
                media: "application/json".into(),
                body: format!("{n} {}", end.word()).into_bytes(),
            };
            (heard, leaf)
        }),
    }
}

fn receive(province: &Province, receipt: Receipt) -> Reception {
    now(province.store().receive(receipt)).unwrap()
}

fn end(province: &Province, receipt: Receipt) -> Option<Received> {
    receive(province, receipt).end
}

pub(super) fn piles(province: &Province) -> Vec<Pile> {
    now(province.store().piles(9)).unwrap()
}

/// What a worker makes of a pile: an event for each callback that is not on the dossier.
pub(super) fn made(pile: &Pile) -> Applied {
    let open = pile.said.iter().filter(|said| !said.applied);
    let each = open.map(|said| {
        let id = ExchangeId::new(START + 1, &[said.id.as_bytes()[15]; 10]);
        let body = format!("{{\"of\":\"{}\"}}", said.id).into_bytes();
        let mut leaf = Draft::new(Kind::Applied, START)
            .fact("callback", said.id.to_string())
            .fact("event", id.to_string());
        leaf.commit = Some(commitment(&said.salt, &body));
        Applying {
            id: said.id,
            event: Some(NewEvent {
                id,
                kind: "dossier.news",
                body,
                hooked: true,
            }),
            stopped: None,
            leaf,
        }
    });
    Applied {
        number: pile.number.clone(),
        system: pile.system.clone(),
        at: START,
        subjects: Vec::new(),
        news: b"{}".to_vec(),
        each: each.collect(),
    }
}

fn apply(province: &Province, pile: &Pile) {
    now(province.store().apply(made(pile))).unwrap();
}

#[test]
fn a_repeat_hears_the_first_bytes_and_another_content_changes_nothing() {
    let province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    let first = receive(&province, said(1, "k", "paid"));
    assert_eq!(first.end, Some(Received::Taken));
    let again = receive(&province, said(2, "k", "paid"));
    assert_eq!((again.end, again.heard), (None, first.heard));
    assert_eq!(
        end(&province, said(3, "k", "paid twice")),
        Some(Received::Conflict)
    );
    // A conflict that is repeated hears what it heard, and is kept once.
    assert_eq!(
        receive(&province, said(4, "k", "paid twice")).heard.body,
        b"3 conflict"
    );
    apply(&province, &piles(&province)[0]);
    assert_eq!(piles(&province).len(), 0);
    let events = now(province.store().events("igate", 0, 9)).unwrap();
    assert_eq!(events.len(), 1);
    let books = now(province.store().callback_books()).unwrap();
    assert_eq!((books.kept, books.applied, books.refused), (2, 1, 1));
    province.sound();
}

#[test]
fn a_change_is_taken_when_it_is_called_one_or_when_the_dossier_waits_for_it() {
    let mut province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    let called = |n, says, updating| Receipt {
        renewal: Renewal::Called,
        updating,
        ..said(n, "called", says)
    };
    assert_eq!(end(&province, called(1, "one", false)), Some(Received::Taken));
    assert_eq!(end(&province, called(2, "two", false)), Some(Received::Conflict));
    assert_eq!(end(&province, called(3, "three", true)), Some(Received::Taken));
    let filed = |n, says| Receipt {
        renewal: Renewal::Awaited,
        files: true,
        ..said(n, "filed", says)
    };
    assert_eq!(end(&province, filed(4, "one")), Some(Received::Taken));
    assert_eq!(end(&province, filed(5, "two")), Some(Received::Closed));
    province.sql("UPDATE dossier SET status = 'supplement-requested'");
    assert_eq!(end(&province, filed(6, "three")), Some(Received::Taken));
}

#[test]
fn another_amount_than_was_ordered_waits_for_a_person() {
    let province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    super::payments::order(&province, 1, "ref", 150_000);
    let paid = |n, amount| Receipt {
        number: None,
        system: None,
        order: Some(Paying {
            reference: "ref".into(),
            amount: Some(amount),
            paid: true,
            transaction: None,
        }),
        ..said(n, &format!("{n}"), &format!("{amount}"))
    };
    assert_eq!(end(&province, paid(1, 15_000)), Some(Received::Differs));
    assert_eq!(end(&province, paid(2, 150_000)), Some(Received::Taken));
    let parked = now(province.store().callbacks(None, 9)).unwrap();
    assert_eq!(parked[0].cause.as_deref(), Some("amount-differs"));
    // It names no dossier; our own order does.
    assert_eq!(piles(&province)[0].said.len(), 1);
    assert_eq!(piles(&province)[0].number, "H99-1");
}

#[test]
fn what_is_nobodys_stops_nothing_and_is_taken_up_with_its_dossier() {
    let province = Province::new();
    let nobodys = |n, number: &str| Receipt {
        system: None,
        number: Some(number.into()),
        ..said(n, &format!("{n}"), &format!("{n}"))
    };
    assert_eq!(end(&province, nobodys(1, "G22-7")), Some(Received::Parked));
    assert_eq!(end(&province, nobodys(2, "H99-1")), Some(Received::Parked));
    assert_eq!(piles(&province).len(), 0);
    // The same number, filed with one of our systems: what was nobody's is on it now.
    let filed = Receipt {
        files: true,
        ..nobodys(3, "G22-7")
    };
    let filed = Receipt {
        system: Some("igate".into()),
        ..filed
    };
    assert_eq!(end(&province, filed), Some(Received::Taken));
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    let open = piles(&province);
    assert_eq!(open.len(), 2);
    for pile in &open {
        apply(&province, pile);
    }
    assert_eq!(now(province.store().events("igate", 0, 9)).unwrap().len(), 3);
    assert_eq!(now(province.store().callbacks(None, 9)).unwrap(), []);
    province.sound();
}

#[test]
fn what_is_applied_twice_is_told_once() {
    let province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    receive(&province, said(1, "k", "paid"));
    let pile = piles(&province).remove(0);
    apply(&province, &pile);
    let before = now(province.store().head()).unwrap().size;
    apply(&province, &pile);
    assert_eq!(now(province.store().head()).unwrap().size, before);
    assert_eq!(now(province.store().events("igate", 0, 9)).unwrap().len(), 1);
    province.sound();
}

#[test]
fn what_could_not_be_read_is_tried_again_at_the_next_start() {
    let province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    receive(&province, said(1, "k", "paid"));
    let pile = piles(&province).remove(0);
    let mut stopped = made(&pile);
    for one in &mut stopped.each {
        one.event = None;
        one.stopped = Some((
            crate::model::Owner::Operator,
            "name a mapping".into(),
            "no-mapping".into(),
        ));
        one.leaf = Draft::new(Kind::Parked, START).fact("callback", one.id.to_string());
    }
    now(province.store().apply(stopped)).unwrap();
    assert_eq!(piles(&province).len(), 0);
    assert_eq!(now(province.store().callback_books()).unwrap().parked, 1);
    now(province.store().orphans(START)).unwrap();
    apply(&province, &piles(&province)[0]);
    assert_eq!(now(province.store().callback_books()).unwrap().applied, 1);
    province.sound();
}

#[test]
fn a_dossiers_events_are_due_one_after_the_other() {
    let province = Province::new();
    for number in ["H99-1", "H99-2"] {
        assert_eq!(province.accept(number, "a"), Accepted::New);
    }
    for (n, number) in [(1, "H99-1"), (2, "H99-1"), (3, "H99-2")] {
        let receipt = Receipt {
            number: Some(number.into()),
            ..said(n, &format!("{n}"), &format!("{n}"))
        };
        receive(&province, receipt);
    }
    for pile in piles(&province) {
        apply(&province, &pile);
    }
    let due = |at| now(province.store().due_events("igate", at, 9)).unwrap();
    let numbers: Vec<String> = due(START).into_iter().map(|event| event.number).collect();
    assert_eq!(numbers, ["H99-1", "H99-2"]);
    let first = due(START).remove(0);
    now(province.store().told(first.id, Told::Later(START + 9))).unwrap();
    let numbers: Vec<String> = due(START).into_iter().map(|event| event.number).collect();
    assert_eq!(numbers, ["H99-2"], "nothing overtakes within a dossier");
    let leaf = Draft::new(Kind::Notified, START).fact("event", first.id.to_string());
    now(province.store().told(first.id, Told::Taken { leaf })).unwrap();
    assert_eq!(due(START).len(), 2);
    province.sound();
}

#[test]
fn a_changed_callback_or_event_does_not_fit_the_log() {
    for change in [
        "UPDATE callback_body SET document = x'00'",
        "UPDATE event SET body = x'00'",
        "DELETE FROM event; DELETE FROM callback_body; DELETE FROM callback",
        "UPDATE callback SET applied = leaf",
    ] {
        let mut province = Province::new();
        assert_eq!(province.accept("H99-1", "a"), Accepted::New);
        receive(&province, said(1, "k", "paid"));
        apply(&province, &piles(&province)[0]);
        province.sound();
        province.sql(change);
        assert_ne!(
            now(province.store().discrepancies()).unwrap(),
            Vec::<String>::new(),
            "{change}"
        );
    }
}

/// What lies at the hub, as it is read.
fn lay(n: u8, item: &str, says: &str) -> Receipt {
    Receipt {
        listener: "hub".into(),
        kind: "birth",
        renewal: Renewal::Awaited,
        files: true,
        series: Some(Series {
            begins: "H99".into(),
            day: "2026-11-26".into(),
        }),
        number: None,
        ..said(n, item, says)
    }
}

fn acknowledge(province: &Province, item: &str) {
    let leaf = |_: &str| {
        let mut leaf = Draft::new(Kind::Settled, START).fact("operation", "acknowledge");
        leaf.partner = Some("hub".into());
        leaf
    };
    let told = Acknowledged {
        tray: "hub".into(),
        item: item.into(),
        leaf: Arc::new(leaf),
    };
    now(province.store().acknowledged(told)).unwrap();
}

#[test]
fn what_lay_in_a_tray_has_one_number_and_may_change_until_the_tray_is_told() {
    let mut province = Province::new();
    // A number that a dossier has is not given.
    assert_eq!(province.accept("H99-261126-0002", "a"), Accepted::New);
    assert_eq!(end(&province, lay(1, "LT-1", "one")), Some(Received::Taken));
    assert_eq!(end(&province, lay(2, "LT-2", "one")), Some(Received::Taken));
    assert_eq!(end(&province, lay(3, "LT-1", "one")), None);
    assert_eq!(end(&province, lay(4, "LT-1", "two")), Some(Received::Taken));
    let rows = now(province.store().tray_items(9)).unwrap();
    let told = |rows: &[TrayRow]| -> Vec<_> {
        let row = |row: &TrayRow| (row.item.clone(), row.number.clone(), row.acknowledged);
        rows.iter().map(row).collect()
    };
    let one = ("LT-1".to_owned(), "H99-261126-0001".to_owned(), false);
    let two = ("LT-2".to_owned(), "H99-261126-0003".to_owned(), false);
    assert_eq!(told(&rows), [one.clone(), two]);
    acknowledge(&province, "LT-1");
    acknowledge(&province, "LT-1");
    acknowledge(&province, "LT-9");
    assert_eq!(
        now(province.store().untold("hub", 9)).unwrap(),
        ["LT-2".to_owned()]
    );
    assert_eq!(now(province.store().untold("other", 9)).unwrap().len(), 0);
    // From then on it changes only when its dossier waits for papers.
    assert_eq!(end(&province, lay(5, "LT-1", "three")), Some(Received::Closed));
    assert_eq!(now(province.store().untold("hub", 9)).unwrap().len(), 2);
    acknowledge(&province, "LT-1");
    province.restart();
    let rows = now(province.store().tray_items(9)).unwrap();
    assert_eq!(told(&rows)[0], ("LT-1".to_owned(), one.1, true));
    province.sound();
}
