//! What a person says of a callback or a payment that waits: done once, in the log, and never without a person.

use std::sync::Arc;

use super::callbacks::{made, piles, said};
use super::deeds::deed;
use super::kit::{Province, START, now};
use super::payments::order;
use super::sealed::found;
use crate::evidence::blind::Blind;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::{
    Accepted, Ordered, PayState, Paying, Payments, Receipt, Received, Ruled, Ruling, RulingEnd, Rulings,
    Store,
};

const WHY: &str = "REASON-Nguyen says so";

fn ruling(ruled: Ruled) -> Ruling {
    let about = match &ruled {
        Ruled::AskAgain { .. } | Ruled::Drop { .. } => "payment",
        Ruled::ToDossier { .. } | Ruled::ToSystem { .. } | Ruled::SetAside { .. } => "callback",
    };
    let leaf = Draft::new(Kind::Released, START)
        .fact(about, ruled.about().to_string())
        .fact("as", ruled.word());
    Ruling {
        ruled,
        reason: WHY.to_owned(),
        account: Some(Blind([7; 16])),
        at: START,
        leaf,
    }
}

fn rule(province: &Province, ruled: Ruled) -> RulingEnd {
    now(province.store().rule(ruling(ruled))).unwrap()
}

/// A callback that is nobody's.
fn nobodys(n: u8, number: Option<&str>) -> Receipt {
    Receipt {
        system: None,
        number: number.map(str::to_owned),
        ..said(n, &format!("{n}"), &format!("{n}"))
    }
}

fn receive(province: &Province, receipt: Receipt) -> (ExchangeId, Option<Received>) {
    let id = receipt.id;
    (id, now(province.store().receive(receipt)).unwrap().end)
}

fn state(province: &Province, id: ExchangeId) -> String {
    now(province.store().callback(id)).unwrap().unwrap().state
}

/// Another amount than was ordered came for the order `R1` of the dossier `H99-1`.
fn differing() -> (Province, ExchangeId, ExchangeId) {
    let province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    assert_eq!(order(&province, 1, "R1", 150_000), Ordered::New);
    let plain = said(1, "k", "one dong");
    let telling = plain.telling.clone();
    let paying = Receipt {
        telling: Arc::new(move |end, number| {
            let (heard, leaf) = telling(end, number);
            (heard, leaf.fact("end", end.word()))
        }),
        order: Some(Paying {
            reference: "R1".into(),
            amount: Some(1),
            paid: true,
            transaction: None,
        }),
        ..plain
    };
    let (callback, end) = receive(&province, paying);
    assert_eq!(end, Some(Received::Differs));
    let payment = now(province.store().payment("R1")).unwrap().unwrap();
    assert_eq!(payment.state, PayState::Parked);
    (province, callback, payment.payment)
}

#[test]
fn what_is_nobodys_is_put_on_the_dossier_that_a_person_names() {
    let province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    let (callback, end) = receive(&province, nobodys(1, None));
    assert_eq!(end, Some(Received::Parked));
    let to = |number: &str| Ruled::ToDossier {
        callback,
        number: number.to_owned(),
    };
    assert_eq!(rule(&province, to("H99-2")), RulingEnd::NoDossier);
    let nobody = Ruled::ToSystem {
        callback,
        system: "igate".into(),
        files: false,
    };
    assert_eq!(
        rule(&province, nobody),
        RulingEnd::NoDossier,
        "it names no number"
    );
    assert_eq!(rule(&province, to("H99-1")), RulingEnd::Done);
    assert_eq!(rule(&province, to("H99-1")), RulingEnd::WrongState, "once");
    let open = piles(&province);
    assert_eq!(
        (open.len(), open[0].number.as_str(), open[0].said.len()),
        (1, "H99-1", 1)
    );
    now(province.store().apply(made(&open[0]))).unwrap();
    assert_eq!(state(&province, callback), "applied");
    let rulings = now(province.store().rulings(callback)).unwrap();
    assert_eq!(rulings.len(), 1, "what was refused is on no record");
    assert_eq!(
        (rulings[0].word.as_str(), rulings[0].account),
        ("to-dossier", Some(Blind([7; 16])))
    );
    province.sound();
}

#[test]
fn what_is_a_systems_waits_for_its_dossier_and_what_files_one_does_not() {
    let province = Province::new();
    let to = |callback, files| Ruled::ToSystem {
        callback,
        system: "igate".into(),
        files,
    };
    let (says, _) = receive(&province, nobodys(1, Some("H99-1")));
    assert_eq!(rule(&province, to(says, false)), RulingEnd::Done);
    let row = now(province.store().callback(says)).unwrap().unwrap();
    assert_eq!(
        (row.state.as_str(), row.cause.as_deref()),
        ("parked", Some("no-dossier"))
    );
    assert!(piles(&province).is_empty());
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    assert_eq!(piles(&province).len(), 1);
    let (files, _) = receive(&province, nobodys(2, Some("G22-7")));
    assert_eq!(rule(&province, to(files, true)), RulingEnd::Done);
    assert_eq!(piles(&province).len(), 2);
    province.sound();
}

#[test]
fn what_is_set_aside_moves_nothing_and_its_sender_may_say_it_right() {
    let (province, callback, _) = differing();
    assert_eq!(rule(&province, Ruled::SetAside { callback }), RulingEnd::Done);
    assert_eq!(
        rule(&province, Ruled::SetAside { callback }),
        RulingEnd::WrongState
    );
    assert!(piles(&province).is_empty());
    let books = now(province.store().callback_books()).unwrap();
    assert_eq!((books.kept, books.parked, books.aside), (1, 0, 1));
    let again = now(province.store().receive(said(2, "k", "one dong"))).unwrap();
    assert_eq!(again.end, None, "the same words hear the same reply");
    let (_, end) = receive(&province, said(3, "k", "all of it"));
    assert_eq!(
        end,
        Some(Received::Taken),
        "other words under its key are no conflict"
    );
    province.sound();
}

#[test]
fn a_payment_is_asked_after_again_or_makes_room_for_another() {
    let (province, _, payment) = differing();
    assert_eq!(rule(&province, Ruled::AskAgain { payment }), RulingEnd::Done);
    let due = now(province.store().due_orders("payment", START, START + 9, 9)).unwrap();
    assert_eq!((due.len(), due[0].phase.word(), due[0].tries), (1, "query", 0));
    assert_eq!(
        rule(&province, Ruled::Drop { payment }),
        RulingEnd::WrongState,
        "it is asked after"
    );
    province.sound();

    let (province, _, payment) = differing();
    assert!(matches!(order(&province, 2, "R2", 150_000), Ordered::Standing(_)));
    assert_eq!(rule(&province, Ruled::Drop { payment }), RulingEnd::Done);
    let row = now(province.store().payment("R1")).unwrap().unwrap();
    assert_eq!(
        (row.state, row.owner, row.next_at),
        (PayState::Dropped, None, None)
    );
    assert_eq!(order(&province, 2, "R2", 150_000), Ordered::New);
    province.sound();
}

#[test]
fn no_state_of_a_persons_making_stands_without_the_person() {
    let forged = [
        "UPDATE callback SET state = 'aside'",
        "UPDATE pay_order SET state = 'dropped'",
        "UPDATE ruling SET word = 'ask-again'",
        "UPDATE ruling SET about = zeroblob(16)",
        "DELETE FROM ruling",
    ];
    for (place, sql) in forged.into_iter().enumerate() {
        let (mut province, callback, _) = differing();
        if place > 1 {
            assert_eq!(rule(&province, Ruled::SetAside { callback }), RulingEnd::Done);
        }
        assert_eq!(now(province.store().discrepancies()).unwrap(), [""; 0]);
        province.tamper(sql);
        assert_ne!(now(province.store().discrepancies()).unwrap(), [""; 0], "{sql}");
    }
}

#[test]
fn the_reason_is_in_no_file_and_goes_with_its_month() {
    const MONTH: i64 = 32 * 86_400_000;
    let (mut province, callback, _) = differing();
    assert_eq!(rule(&province, Ruled::SetAside { callback }), RulingEnd::Done);
    province.restart();
    assert_eq!(found(province.folder.path(), &[WHY]), [""; 0]);
    let erased = now(province
        .store()
        .erase_months(START + MONTH, deed(Kind::Erased, "m")))
    .unwrap();
    assert_eq!(erased, 1);
    assert_eq!(now(province.store().rulings(callback)).unwrap().len(), 1);
    province.sound();
}
