//! Payments that begin here: one a dossier while it may be paid, paid once, and never turned by whoever came too late.

use std::sync::Arc;

use super::callbacks::{made, piles};
use super::deeds::{erase, looked, settle};
use super::kit::{Province, START, now};
use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::{ExchangeId, Owner};
use crate::store::{
    Accepted, DueOrder, Heard, NewOrder, Ordered, PayCall, PayEnd, PayMove, PayPhase, PayState, Paying,
    PaymentRow, Payments, Receipt, Received, Renewal, Store, StoreError, Wanted,
};

const SALT: [u8; 16] = [6; 16];
const LEASE: i64 = 90_000;

fn id(n: u8) -> ExchangeId {
    ExchangeId::new(START, &[n; 10])
}

fn leaf(kind: Kind, n: u8, bytes: &[u8]) -> Draft {
    let mut leaf = Draft::new(kind, START).fact("payment", id(n).to_string());
    leaf.commit = Some(commitment(&SALT, bytes));
    leaf
}

fn new(n: u8, reference: &str, amount: i64) -> NewOrder {
    let payload = format!("{{\"n\":{n},\"payer\":\"PAYER-Nguyen\"}}").into_bytes();
    NewOrder {
        id: id(n),
        reference: reference.into(),
        system: "igate".into(),
        number: "H99-1".into(),
        partner: "payment".into(),
        amount,
        at: START,
        mapping: "payment/init@1".into(),
        leaf: leaf(Kind::Queued, n, &payload),
        payload,
        salt: SALT,
    }
}

/// Begins a payment for the dossier `H99-1`.
pub(super) fn order(province: &Province, n: u8, reference: &str, amount: i64) -> Ordered {
    now(province.store().order(new(n, reference, amount))).unwrap()
}

fn due(province: &Province, at: i64) -> Vec<DueOrder> {
    now(province.store().due_orders("payment", at, at + LEASE, 9)).unwrap()
}

fn begin(province: &Province, due: &DueOrder) -> Result<(), StoreError> {
    let call = due.calls + 1;
    let n = due.id.as_bytes()[15];
    now(province.store().pay_call(PayCall {
        id: due.id,
        fence: due.fence,
        call,
        phase: due.phase,
        at: START,
        digest: [n; 32],
        leaf: leaf(Kind::Attempted, n, &[n; 32]).fact("call", call.to_string()),
    }))
}

fn end(province: &Province, due: &DueOrder, next: PayMove) {
    let n = due.id.as_bytes()[15];
    let bytes = if let PayMove::Receipt { bytes, .. } = &next {
        bytes.clone()
    } else {
        Vec::new()
    };
    let leaf = leaf(Kind::Settled, n, &bytes).fact("next", next.word());
    now(province.store().pay_end(PayEnd {
        id: due.id,
        fence: due.fence,
        call: Some(due.calls + 1),
        at: START,
        status: Some(200),
        cause: "http-200".into(),
        doubtful: false,
        next,
        leaf,
    }))
    .unwrap();
}

fn open() -> PayMove {
    PayMove::Open {
        page: "https://tra.example/1".into(),
        at: START + 1_800_000,
    }
}

/// What the platform says of an order, and how that ended.
fn said(province: &Province, n: u8, reference: &str, amount: i64, transaction: &str) -> Option<Received> {
    receive(province, n, reference, (Some(amount), true, false), transaction)
}

fn receive(
    province: &Province,
    n: u8,
    reference: &str,
    (amount, paid, sought): (Option<i64>, bool, bool),
    transaction: &str,
) -> Option<Received> {
    let id = ExchangeId::new(START, &[100 + n; 10]);
    let says = format!("{n} {reference} {amount:?}");
    let commit = commitment(&SALT, says.as_bytes());
    let receipt = Receipt {
        id,
        listener: "payment".into(),
        kind: if paid { "confirm" } else { "query-declined" },
        key: format!("{reference}|{transaction}"),
        digest: hash::digest(&[says.as_bytes()]),
        document: says.into_bytes(),
        papers: Vec::new(),
        at: START + 5,
        said_at: Some(START + 4),
        updating: false,
        renewal: Renewal::Never,
        files: false,
        series: None,
        number: None,
        system: None,
        order: Some(Paying {
            reference: reference.into(),
            amount,
            paid,
            transaction: Some(transaction.into()),
        }),
        sought,
        salt: SALT,
        telling: Arc::new(move |end, _| {
            let mut leaf = Draft::new(Kind::Received, START)
                .fact("callback", id.to_string())
                .fact("end", end.word());
            leaf.commit = Some(commit);
            let heard = Heard {
                status: 200,
                media: "application/json".into(),
                body: end.word().into(),
            };
            (heard, leaf)
        }),
    };
    now(province.store().receive(receipt)).unwrap().end
}

fn row(province: &Province, reference: &str) -> PaymentRow {
    now(province.store().payment(reference)).unwrap().unwrap()
}

fn filed() -> Province {
    let province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    province
}

#[test]
fn a_dossier_has_one_order_while_it_may_be_paid_and_none_after() {
    let province = filed();
    assert_eq!(order(&province, 1, "R1", 150_000), Ordered::New);
    let Ordered::Standing(standing) = order(&province, 2, "R2", 70_000) else {
        panic!("the first one counts")
    };
    assert_eq!((standing.reference.as_str(), standing.amount), ("R1", 150_000));
    let first = due(&province, START).remove(0);
    begin(&province, &first).unwrap();
    end(&province, &first, open());
    assert_eq!(
        row(&province, "R1").page.as_deref(),
        Some("https://tra.example/1")
    );
    assert_eq!(said(&province, 1, "R1", 150_000, "GD1"), Some(Received::Taken));
    assert_eq!(order(&province, 3, "R3", 150_000), Ordered::Paid);
    let paid = row(&province, "R1");
    assert_eq!(
        (paid.state, paid.paid_at, paid.page),
        (PayState::Paid, Some(START + 4), None)
    );
    province.sound();
}

#[test]
fn what_was_paid_is_paid_once_and_another_transaction_waits_for_a_person() {
    let province = filed();
    order(&province, 1, "R1", 150_000);
    assert_eq!(said(&province, 1, "R1", 150_000, "GD1"), Some(Received::Taken));
    // The same payment in other words, as a question about it brings it.
    assert_eq!(
        receive(&province, 2, "R1", (Some(150_000), true, true), "GD1"),
        Some(Received::Known)
    );
    assert_eq!(said(&province, 3, "R1", 150_000, "GD2"), Some(Received::Twice));
    let books = now(province.store().callback_books()).unwrap();
    assert_eq!(
        (books.kept, books.waiting, books.known, books.parked, books.sought),
        (3, 1, 1, 1, 1)
    );
    let parked = now(province.store().callbacks(None, 9)).unwrap();
    assert_eq!(parked[0].cause.as_deref(), Some("paid-twice"));
    let books = now(province.store().payment_books()).unwrap();
    assert_eq!((books.begun, books.paid, books.amount), (1, 1, 150_000));
    province.sound();
}

#[test]
fn a_confirmation_counts_before_our_answer_and_after_we_gave_up() {
    let province = filed();
    order(&province, 1, "R1", 150_000);
    let first = due(&province, START).remove(0);
    begin(&province, &first).unwrap();
    // It is confirmed while our call is under way; what that brings turns nothing any more.
    assert_eq!(said(&province, 1, "R1", 150_000, "GD1"), Some(Received::Taken));
    end(&province, &first, open());
    assert_eq!(row(&province, "R1").state, PayState::Paid);
    province.sound();

    let province = filed();
    order(&province, 1, "R1", 150_000);
    let first = due(&province, START).remove(0);
    begin(&province, &first).unwrap();
    let park = PayMove::Park {
        owner: Owner::Operator,
        action: "look".into(),
    };
    end(&province, &first, park);
    let parked = row(&province, "R1");
    assert_eq!(
        (parked.state, parked.owner, parked.next_at),
        (PayState::Parked, Some(Owner::Operator), None)
    );
    assert_eq!(said(&province, 1, "R1", 150_000, "GD1"), Some(Received::Taken));
    let paid = row(&province, "R1");
    assert_eq!((paid.state, paid.owner), (PayState::Paid, None));
    province.sound();
}

#[test]
fn another_amount_parks_the_order_too_and_the_right_one_still_pays_it() {
    let province = filed();
    order(&province, 1, "R1", 150_000);
    assert_eq!(said(&province, 1, "R1", 15_000, "GD1"), Some(Received::Differs));
    let parked = row(&province, "R1");
    assert_eq!(
        (parked.state, parked.cause.as_deref()),
        (PayState::Parked, Some("amount-differs"))
    );
    assert!(parked.action.is_some() && due(&province, START + LEASE).is_empty());
    assert_eq!(said(&province, 2, "R1", 150_000, "GD2"), Some(Received::Taken));
    assert_eq!(row(&province, "R1").state, PayState::Paid);
    province.sound();
}

#[test]
fn an_order_that_failed_makes_room_and_is_paid_all_the_same_when_that_is_said_late() {
    let province = filed();
    order(&province, 1, "R1", 150_000);
    let declined = receive(&province, 1, "R1", (None, false, true), "");
    assert_eq!(declined, Some(Received::Taken));
    let failed = row(&province, "R1");
    assert_eq!(
        (failed.state, failed.owner),
        (PayState::Failed, Some(Owner::System))
    );
    assert_eq!(order(&province, 2, "R2", 150_000), Ordered::New);
    assert_eq!(said(&province, 2, "R1", 150_000, "GD1"), Some(Received::Taken));
    assert_eq!(row(&province, "R1").state, PayState::Paid);
    // Nobody may pay it a second time unseen.
    let other = row(&province, "R2");
    assert_eq!(
        (other.state, other.cause.as_deref()),
        (PayState::Parked, Some("paid-otherwise"))
    );
    province.sound();
}

#[test]
fn a_worker_whose_time_is_over_neither_calls_nor_turns() {
    let province = filed();
    order(&province, 1, "R1", 150_000);
    let slow = due(&province, START).remove(0);
    assert!(due(&province, START + LEASE - 1).is_empty());
    let next = due(&province, START + LEASE).remove(0);
    assert!(matches!(begin(&province, &slow), Err(StoreError::LostLease)));
    begin(&province, &next).unwrap();
    let failed = PayMove::Failed {
        owner: Owner::Operator,
        action: "x".into(),
    };
    end(&province, &slow, failed);
    assert_eq!(row(&province, "R1").state, PayState::Asked);
    end(&province, &next, open());
    assert_eq!(row(&province, "R1").state, PayState::Open);
    province.sound();
}

#[test]
fn what_was_in_hand_when_the_process_ended_is_due_at_once_and_says_whether_a_call_had_begun() {
    let mut province = filed();
    order(&province, 1, "R1", 150_000);
    let first = due(&province, START).remove(0);
    assert!(!first.broken);
    begin(&province, &first).unwrap();
    province.restart();
    now(province.store().orphans(START + 1)).unwrap();
    let again = due(&province, START + 1).remove(0);
    assert_eq!(
        (again.broken, again.calls, again.payload),
        (true, 1, first.payload)
    );
    province.sound();
}

/// Everything but the payment is done.
fn settled(province: &mut Province) {
    for filing in province.unprepared() {
        let prepared = province.prepared(&filing, &[]);
        now(province.store().enqueue(vec![prepared])).unwrap();
    }
    for pile in piles(province) {
        now(province.store().apply(made(&pile))).unwrap();
    }
    settle(province);
}

/// What somebody sees who looks at a fee receipt.
fn fee_receipt(province: &Province, reference: &str) -> Vec<(String, Vec<u8>)> {
    let seen = looked(province, Wanted::FeeReceipt(reference.into()));
    seen.map(|seen| seen.parts).unwrap_or_default()
}

#[test]
fn a_fee_receipt_is_kept_as_it_came() {
    let province = filed();
    order(&province, 1, "R1", 150_000);
    said(&province, 1, "R1", 150_000, "GD1");
    let bill = due(&province, START + 5).remove(0);
    assert_eq!((bill.phase, bill.tries), (PayPhase::Bill, 0));
    begin(&province, &bill).unwrap();
    let receipt = PayMove::Receipt {
        media: "application/pdf",
        bytes: b"%PDF-1.4".to_vec(),
    };
    end(&province, &bill, receipt);
    assert!(row(&province, "R1").receipt);
    let kept = [("application/pdf".to_owned(), b"%PDF-1.4".to_vec())];
    assert_eq!(fee_receipt(&province, "R1"), kept);
    assert_eq!(fee_receipt(&province, "R2"), []);
    assert_eq!(now(province.store().order_wakes_at("payment")).unwrap(), None);
    province.sound();
}

#[test]
fn nobody_reads_on_disk_who_pays_where_and_what_the_receipt_says() {
    let mut province = filed();
    order(&province, 1, "R1", 150_000);
    let first = due(&province, START).remove(0);
    assert!(String::from_utf8_lossy(&first.payload).contains("PAYER-Nguyen"));
    begin(&province, &first).unwrap();
    let page = PayMove::Open {
        page: "https://tra.example/PAGE-Nguyen".into(),
        at: START,
    };
    end(&province, &first, page);
    assert!(row(&province, "R1").page.unwrap().ends_with("PAGE-Nguyen"));
    said(&province, 1, "R1", 150_000, "GD1");
    let bill = due(&province, START + 5).remove(0);
    settled(&mut province);
    let kept = erase(&province, &["H99-1"], None);
    assert_eq!(kept.open, ["H99-1"], "its fee receipt is asked for yet");
    begin(&province, &bill).unwrap();
    let receipt = PayMove::Receipt {
        media: "application/pdf",
        bytes: b"%PDF-1.4 FEE-Nguyen".to_vec(),
    };
    end(&province, &bill, receipt);
    assert_eq!(fee_receipt(&province, "R1")[0].1, b"%PDF-1.4 FEE-Nguyen");
    province.sound();
    let words = ["PAYER-Nguyen", "PAGE-Nguyen", "FEE-Nguyen"];
    let folder = province.folder.path().to_owned();
    assert_eq!(super::sealed::found(&folder, &words), Vec::<String>::new());
    province.restart();
    assert_eq!(super::sealed::found(&folder, &words), Vec::<String>::new());
    assert_eq!(erase(&province, &["H99-1"], None).erased, ["H99-1"]);
    assert_eq!(fee_receipt(&province, "R1"), []);
    assert_eq!(row(&province, "R1").page, None);
    assert_eq!(row(&province, "R1").state, PayState::Paid);
    province.sound();
    province.restart();
    province.sound();
}

/// A change by hand, and what the finding must name.
const CHANGES: &[(&str, &str)] = &[
    (
        "UPDATE pay_order SET payload = x'7b7d'",
        "not what the log commits to",
    ),
    ("UPDATE pay_order SET state = 'open'", "does not stand where"),
    ("UPDATE pay_order SET state = 'dropped'", "does not stand where"),
    ("UPDATE pay_order SET leaf = queued", "does not stand where"),
    ("UPDATE pay_call SET digest = zeroblob(32)", "Call 1"),
    ("UPDATE pay_receipt SET bytes = x'25'", "fee receipt"),
    ("UPDATE pay_order SET uid = zeroblob(16)", "does not have"),
];

#[test]
fn whatever_is_changed_of_a_payment_by_hand_is_named() {
    let mut province = filed();
    order(&province, 1, "R1", 150_000);
    said(&province, 1, "R1", 150_000, "GD1");
    let bill = due(&province, START + 5).remove(0);
    begin(&province, &bill).unwrap();
    let receipt = PayMove::Receipt {
        media: "application/pdf",
        bytes: b"%PDF-1.4".to_vec(),
    };
    end(&province, &bill, receipt);
    province.sound();
    province.store = None;
    let path = province.path();
    let sound = std::fs::read(&path).unwrap();
    for (sql, words) in CHANGES {
        province.store = None;
        std::fs::write(&path, &sound).unwrap();
        province.tamper(sql);
        let found = now(province.store().discrepancies()).unwrap().join("\n");
        assert!(found.contains(words), "{sql}: {found}");
    }
}
