//! Every way in which a payment is made and told of, and every day of the platform.

use std::time::Duration;

use lienthong::store::PayState;

use super::{begin, books, owing, province, row, site, stands, whole};

/// Questions that come soon, and a person who is asked late.
const SOON: &str = "asking = [\"100 ms\", \"200 ms\"]\ngive_up = \"5 min\"\nwait = \"200 ms\"";

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_books_agree_whatever_is_lost_doubled_late_or_wrong() {
    let ((national, _books), site) = site("calm", SOON).await;
    let alive = site.start().await;
    let mut numbers = Vec::new();
    for n in 1..=10 {
        numbers.push(owing(&alive, n).await);
    }
    let never = numbers.pop().unwrap();
    national.twin.confirms_to(&province(&alive, Some(&never)));
    for number in &numbers {
        begin(&alive, number).await;
        // One after the other, so that each is made in the next way.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begin(&alive, &never).await;
    let mut settled = false;
    for _ in 0..600 {
        let open = national.twin.pays().await.unwrap();
        let books = books(&alive).await;
        let asked = alive.node.store.order_wakes_at("payment").await.unwrap();
        settled = open == 0 && books.asked == 0 && books.open == 0 && asked.is_none();
        if settled {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (ours, theirs) = (books(&alive).await, national.twin.banked());
    assert!(settled, "{ours:?} {theirs:?}");
    assert_eq!((ours.begun, theirs.begun), (10, 10));
    assert_eq!((ours.paid, ours.amount), (theirs.paid, theirs.amount));
    assert_eq!(
        (theirs.paid, theirs.other, theirs.twice, theirs.failed),
        (8, 1, 1, 1)
    );
    assert_eq!((ours.parked, ours.failed, ours.receipts), (1, 1, 8));
    // Nothing was begun twice under another reference, nor in other bytes; the lost answer was begun again.
    assert_eq!((theirs.second, theirs.altered), (0, 0));
    assert!(theirs.again >= 1);
    let called = national.twin.called();
    assert_eq!(
        (called.all().believed, called.all().differing, called.unexpected),
        (0, 0, Vec::<String>::new())
    );
    let parked = alive.node.store.callbacks(None, 9).await.unwrap();
    let mut causes: Vec<&str> = parked.iter().filter_map(|row| row.cause.as_deref()).collect();
    causes.sort_unstable();
    assert_eq!(causes, ["amount-differs", "paid-twice"]);
    // Each payment that was made is told of once, and what failed once.
    let told = crate::back::events(&alive, "igate", 9).await;
    assert_eq!(told.len(), 9);
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_confirmed_is_found_by_asking_and_what_comes_later_is_no_news() {
    let ((national, _books), site) = site("calm", SOON).await;
    let alive = site.start().await;
    // The ninth payment is confirmed only after it was asked for.
    let mut numbers = Vec::new();
    for n in 1..=9 {
        let number = owing(&alive, n).await;
        begin(&alive, &number).await;
        numbers.push(number);
    }
    for number in &numbers {
        stands(&alive, number, PayState::Open).await;
    }
    national.twin.confirms_to(&province(&alive, None));
    for _ in 0..200 {
        if national.twin.pays().await.unwrap() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let late = stands(&alive, &numbers[8], PayState::Paid).await;
    let said = alive.node.store.callbacks(Some(&late.dossier), 9).await.unwrap();
    let said: Vec<(&str, &str)> = said
        .iter()
        .map(|row| (row.kind.as_str(), row.state.as_str()))
        .collect();
    assert_eq!(said[0].0, "queried");
    assert_eq!(said[1], ("confirm", "known"));
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_nobody_knows_the_end_of_waits_for_a_person_and_counts_when_it_is_confirmed_late() {
    let more = "asking = [\"50 ms\"]\ngive_up = \"600 ms\"\nwait = \"200 ms\"";
    let ((national, _books), site) = site("calm", more).await;
    let alive = site.start().await;
    let number = owing(&alive, 1).await;
    begin(&alive, &number).await;
    let parked = stands(&alive, &number, PayState::Parked).await;
    assert_eq!(parked.owner.map(|owner| owner.word()), Some("operator"));
    assert!(parked.action.is_some() && parked.next_at.is_none() && parked.page.is_none());
    let begun = begin(&alive, &number).await.json();
    assert_eq!(
        begun["reference"],
        serde_json::json!(parked.reference),
        "it may still be paid"
    );
    national.twin.confirms_to(&province(&alive, None));
    national.twin.pays().await.unwrap();
    let paid = stands(&alive, &number, PayState::Paid).await;
    assert_eq!(paid.owner, None);
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ends_in_the_middle_begins_nothing_anew() {
    let ((national, _books), site) = site("hangs-after-applying", SOON).await;
    let mut alive = site.start().await;
    let mut numbers = Vec::new();
    for n in 1..=6 {
        let number = owing(&alive, n).await;
        begin(&alive, &number).await;
        numbers.push(number);
    }
    for _ in 0..3 {
        alive.abandon().await;
        alive = site.start().await;
    }
    for number in &numbers {
        stands(&alive, number, PayState::Open).await;
    }
    let bank = national.twin.banked();
    assert_eq!((bank.begun, bank.second, bank.altered), (6, 0, 0));
    assert_eq!(row(&alive, &numbers[0]).await.state, PayState::Open);
    whole(&alive).await;
    alive.abandon().await;
}
