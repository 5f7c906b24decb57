//! The outbox's rules, one by one.

use super::kit::{PARTNER, Province, again, now, park, refuse};
use crate::evidence::leaf::Entry as Leaf;
use crate::model::{ExchangeId, Operation, Owner, Phase, Release, State};
use crate::store::{Accepted, Leased, NextMove, Store, StoreError};

fn texts(leased: &Leased) -> Vec<String> {
    leased
        .steps
        .iter()
        .map(|step| String::from_utf8(step.clone()).unwrap())
        .collect()
}

fn state(province: &Province, id: ExchangeId) -> State {
    province.row(id).state
}

#[test]
fn one_at_a_time_in_order_create_then_update() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[1]);
    province.file("H99-1", "b", &[1, 2]);
    let first = province.one();
    assert_eq!(
        (first.operation, first.phase, first.attempts),
        (Operation::Create, Phase::Send, 0)
    );
    assert!(first.rendered.as_ref().unwrap().payload.ends_with(b"1"));
    assert!(province.lease(10).is_empty());
    province.attempt(&first);
    province.settle(&first, NextMove::Delivered);
    // The second step joined the message that waited.
    let steps = province.send(NextMove::Delivered);
    assert_eq!(
        (steps.operation, texts(&steps)),
        (Operation::Progress, vec!["step 1".into(), "step 2".into()])
    );
    let second = province.send(NextMove::Delivered);
    assert_eq!(second.operation, Operation::Update);
    assert!(province.lease(10).is_empty());
    assert_eq!(
        province.words(),
        ["create delivered", "progress delivered", "update delivered"]
    );
    assert_eq!(now(province.store().books()).unwrap().delivered, 3);
    province.sound();
}

#[test]
fn earliest_deadline_first_and_dossiers_side_by_side() {
    let mut province = Province::new();
    for (number, due) in [("H99-1", 300), ("H99-2", 100), ("H99-3", 200)] {
        province.accept(number, "a");
        let filing = province.unprepared().pop().unwrap();
        let mut prepared = province.prepared(&filing, &[]);
        prepared.due_at = due;
        now(province.store().enqueue(vec![prepared])).unwrap();
    }
    let mut numbers: Vec<_> = province
        .lease(2)
        .into_iter()
        .map(|leased| leased.number)
        .collect();
    numbers.extend(province.lease(2).into_iter().map(|leased| leased.number));
    assert_eq!(numbers, ["H99-2", "H99-3", "H99-1"]);
    assert!(
        now(province.store().lease("nobody", province.time, 0, 5))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn steps_go_in_tens_oldest_first_and_never_twice() {
    let mut province = Province::new();
    let all: Vec<u8> = (1..=25).rev().collect();
    province.file("H99-1", "a", &all);
    province.send(NextMove::Delivered);
    let chunks: Vec<_> = (0..3)
        .map(|_| texts(&province.send(NextMove::Delivered)))
        .collect();
    assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(
        chunks.concat(),
        (1..=25).map(|n| format!("step {n}")).collect::<Vec<_>>()
    );
    province.file("H99-1", "b", &all);
    province.send(NextMove::Delivered);
    assert!(province.lease(10).is_empty());
    province.sound();
}

#[test]
fn a_chunk_is_fixed_once_a_worker_had_it() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[1]);
    province.send(NextMove::Delivered);
    let leased = province.one();
    province.attempt(&leased);
    province.settle(&leased, again(Operation::Progress, province.time));
    province.file("H99-1", "b", &[1, 2]);
    let resent = province.send(NextMove::Delivered);
    assert_eq!(
        (resent.id, resent.steps.len(), resent.attempts),
        (leased.id, 0, 1)
    );
    assert_eq!(resent.rendered.unwrap().payload, b"step 1");
    assert_eq!(province.send(NextMove::Delivered).operation, Operation::Update);
    assert_eq!(texts(&province.send(NextMove::Delivered)), ["step 2"]);
    province.sound();
}

#[test]
fn a_parked_message_holds_its_dossier_and_nothing_else() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[1]);
    let parked = province.send(park()).id;
    province.file("H99-1", "b", &[2]);
    province.file("H99-2", "a", &[]);
    assert_eq!(
        province.words(),
        [
            "create parked",
            "progress behind",
            "create behind",
            "create ready"
        ]
    );
    let row = &province.rows()[1];
    assert_eq!(
        (row.owner, row.action.as_deref()),
        (Some(Owner::Operator), Some("look"))
    );
    let books = now(province.store().books()).unwrap();
    assert_eq!((books.parked, books.waiting), (3, 1));
    for behind in [1, 2] {
        let id = province.rows()[behind].exchange;
        let hands = [None, Some(Release::Again), Some(Release::Delivered)];
        assert!(hands.into_iter().all(|hand| !province.handle(id, hand)));
    }
    province.send(NextMove::Delivered);
    assert!(province.handle(parked, Some(Release::Again)));
    assert_eq!(
        province.words()[..3],
        ["create ready", "progress held", "create held"]
    );
    let again = province.send(NextMove::Delivered);
    assert_eq!(
        (again.id, again.operation, again.phase),
        (parked, Operation::Create, Phase::Send)
    );
    assert_eq!(texts(&province.send(NextMove::Delivered)), ["step 1", "step 2"]);
    assert_eq!(province.send(NextMove::Delivered).operation, Operation::Update);
    province.sound();
}

#[test]
fn released_as_delivered_the_dossier_is_known() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[1]);
    let parked = province.send(park()).id;
    province.file("H99-1", "b", &[]);
    assert!(province.handle(parked, Some(Release::Delivered)));
    assert_eq!(
        province.words(),
        ["create delivered", "progress ready", "update held"]
    );
    province.send(NextMove::Delivered);
    assert_eq!(province.send(NextMove::Delivered).operation, Operation::Update);
    province.sound();
}

#[test]
fn an_update_keeps_its_operation_through_park_and_release() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[]);
    province.send(again(Operation::Update, province.time));
    let parked = province.send(park());
    assert_eq!(parked.operation, Operation::Update);
    assert!(province.handle(parked.id, None));
    assert_eq!(province.send(NextMove::Delivered).operation, Operation::Update);
    province.sound();
}

#[test]
fn parked_steps_hold_nothing_and_want_a_word_from_the_operator() {
    let mut province = Province::new();
    let all: Vec<u8> = (1..=11).collect();
    province.file("H99-1", "a", &all);
    province.send(NextMove::Delivered);
    let first = province.send(park());
    let second = province.one();
    assert_eq!(texts(&second), ["step 11"]);
    assert!(!province.handle(first.id, None));
    assert!(province.handle(first.id, Some(Release::Again)));
    // Two of one dossier are never under way together.
    assert_eq!(state(&province, first.id), State::Held);
    province.settle(&second, refuse());
    let resent = province.send(NextMove::Delivered);
    assert_eq!(
        (resent.id, resent.rendered),
        (first.id, province.rendered(first.id))
    );
    province.sound();
}

impl Province {
    fn rendered(&self, id: ExchangeId) -> Option<crate::store::Rendered> {
        now(self.store().rendered(id)).unwrap()
    }
}

#[test]
fn after_a_refused_create_steps_wait_and_the_next_message_creates() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[1]);
    province.file("H99-1", "b", &(1..=12).collect::<Vec<_>>());
    province.send(refuse());
    assert_eq!(
        province.words(),
        [
            "create refused",
            "progress behind",
            "create ready",
            "progress held"
        ]
    );
    assert_eq!(province.rows()[1].owner, Some(Owner::System));
    assert_eq!(province.send(refuse()).operation, Operation::Create);
    assert_eq!(
        province.words(),
        [
            "create refused",
            "progress behind",
            "create refused",
            "progress behind"
        ]
    );
    assert!(province.lease(10).is_empty());
    province.file("H99-1", "c", &[]);
    assert_eq!(province.send(NextMove::Delivered).operation, Operation::Create);
    assert_eq!(texts(&province.send(NextMove::Delivered)).len(), 10);
    assert_eq!(texts(&province.send(NextMove::Delivered)), ["step 11", "step 12"]);
    province.file("H99-1", "d", &[13]);
    assert_eq!(province.send(refuse()).operation, Operation::Update);
    assert_eq!(
        texts(&province.send(NextMove::Delivered)),
        ["step 13"],
        "a refused update holds nothing"
    );
    province.sound();
}

#[test]
fn a_message_holds_as_many_steps_as_its_partner_takes() {
    let mut province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    let filing = province.unprepared().remove(0);
    let mut prepared = province.prepared(&filing, &[1, 2, 3, 4, 5]);
    prepared.chunk = 2;
    prepared.step_ids = (0..3).map(|_| province.id()).collect();
    prepared.step_leaves = vec![prepared.step_leaves[0].clone(); 3];
    now(province.store().enqueue(vec![prepared])).unwrap();
    province.send(NextMove::Delivered);
    let chunks = [2, 2, 1].map(|_| texts(&province.send(NextMove::Delivered)).len());
    assert_eq!(chunks, [2, 2, 1]);
    province.sound();
}

#[test]
fn a_stopped_message_is_made_again_or_overtaken() {
    let mut province = Province::new();
    let stopped = province.file_stopped("H99-1", "a", &[1]);
    assert_eq!(province.words(), ["create parked", "progress behind"]);
    assert!(province.lease(10).is_empty());
    assert!(province.handle(stopped, None));
    assert_eq!(province.words(), ["create held", "progress held"]);
    assert!(province.lease(10).is_empty() && !province.handle(stopped, None));
    let filing = province.unprepared().remove(0);
    assert_eq!(filing.exchange, Some(stopped));
    let prepared = province.stopped(&filing, &[1]);
    now(province.store().enqueue(vec![prepared])).unwrap();
    assert_eq!(province.words(), ["create parked", "progress behind"]);
    assert!(province.handle(stopped, Some(Release::Again)));
    let mut filing = province.unprepared().remove(0);
    filing.exchange = None;
    let prepared = province.prepared(&filing, &[1]);
    assert_ne!(prepared.message.as_ref().unwrap().0, stopped);
    now(province.store().enqueue(vec![prepared.clone(), prepared])).unwrap();
    assert_eq!(province.send(NextMove::Delivered).id, stopped);
    assert_eq!(texts(&province.send(NextMove::Delivered)), ["step 1"]);

    let old = province.file_stopped("H99-2", "a", &[2]);
    province.file("H99-2", "b", &[]);
    assert_eq!(
        province.words()[2..],
        ["create parked", "progress behind", "create ready"]
    );
    assert!(
        !province.handle(old, None),
        "an older state must not follow a newer one"
    );
    province.send(NextMove::Delivered);
    assert_eq!(texts(&province.send(NextMove::Delivered)), ["step 2"]);
    assert!(!province.handle(old, Some(Release::Again)));
    assert!(province.handle(old, Some(Release::Delivered)));
    assert_eq!(now(province.store().books()).unwrap().parked, 0);
    province.sound();
}

#[test]
fn an_old_fence_cannot_write() {
    let mut province = Province::new();
    let id = province.file("H99-1", "a", &[]);
    let old = province.one();
    now(province.store().unlease(id, old.fence)).unwrap();
    let new = province.one();
    assert_eq!((new.id, new.fence), (id, old.fence + 1));
    let lost = |end: Result<(), StoreError>| assert!(matches!(end, Err(StoreError::LostLease)), "{end:?}");
    lost(now(province.store().attempt(province.attempt_of(&old))));
    lost(now(province
        .store()
        .settle(province.settlement(&old, NextMove::Delivered))));
    lost(now(province.store().unlease(id, old.fence)));
    province.attempt(&new);
    assert!(
        now(province.store().attempt(province.attempt_of(&new))).is_err(),
        "one attempt at a time"
    );
    assert!(
        now(province.store().unlease(id, new.fence)).is_err(),
        "what was begun is settled"
    );
    province.settle(&new, NextMove::Delivered);
    lost(now(province.store().settle(province.settlement(&new, refuse()))));
    assert_eq!(state(&province, id), State::Delivered);
    province.sound();
}

#[test]
fn waiting_ends_when_its_time_comes_or_an_operator_says_so() {
    let mut province = Province::new();
    let id = province.file("H99-1", "a", &[]);
    let wakes = |province: &Province| now(province.store().wakes_at(PARTNER)).unwrap();
    assert_eq!(wakes(&province), Some(0));
    let later = province.time + 500;
    province.send(NextMove::Probe { at: later });
    assert_eq!(
        (wakes(&province), province.row(id).not_before),
        (Some(later), later)
    );
    province.time = later - 1;
    assert!(province.lease(10).is_empty());
    province.time = later;
    let probe = province.send(again(Operation::Create, later + 10_000));
    assert_eq!(
        (probe.phase, probe.attempts, probe.sent_at),
        (Phase::Probe, 1, Some(later - 500))
    );
    assert!(province.handle(id, None));
    let leased = province.one();
    assert_eq!((leased.phase, leased.attempts), (Phase::Send, 2));
    assert!(!province.handle(id, None));
    assert_eq!(wakes(&province), Some(province.time + 60_001));
    province.sound();
}

/// Exchanges in workers' hands: untouched, and with a create, an update and steps under way.
fn in_hand(province: &mut Province) -> [ExchangeId; 4] {
    let untouched = province.file("H99-1", "a", &[]);
    province.one();
    let create = province.file("H99-2", "a", &[]);
    province.attempt(&province.one());
    province.file("H99-3", "a", &[]);
    province.send(NextMove::Delivered);
    let update = province.file("H99-3", "b", &[]);
    province.attempt(&province.one());
    province.file("H99-4", "a", &(1..=11).collect::<Vec<_>>());
    province.send(NextMove::Delivered);
    let steps = province.one();
    province.attempt(&steps);
    [untouched, create, update, steps.id]
}

fn healed(province: &Province, [untouched, create, update, steps]: [ExchangeId; 4]) {
    let leased = province.lease(10);
    let of = |id| leased.iter().find(|one| one.id == id).unwrap();
    assert_eq!(leased.len(), 4, "{leased:?}");
    assert_eq!(
        (of(untouched).phase, of(untouched).operation),
        (Phase::Send, Operation::Create)
    );
    assert_eq!((of(create).phase, of(create).attempts), (Phase::Probe, 1));
    assert_eq!(
        (of(update).phase, of(update).operation),
        (Phase::Send, Operation::Update)
    );
    assert!(
        leased.iter().any(|one| texts(one) == ["step 11"]),
        "parked steps hold nothing"
    );
    let row = province.row(steps);
    let stands = (row.state, row.owner, row.cause.as_deref());
    assert_eq!(
        stands,
        (State::Parked, Some(Owner::Operator), Some("fate-unknown"))
    );
    assert!(row.action.unwrap().contains("outbox release"));
    let leaf = now(province.store().leaf_of(steps)).unwrap().unwrap();
    let entry = now(province.store().entries(leaf, 1)).unwrap().remove(0);
    let leaf = Leaf::read(&entry.bytes).unwrap().draft;
    assert!(leaf.dossier.is_some() && leaf.subject.is_some());
    assert_eq!(
        (leaf.kind.name(), leaf.partner.as_deref()),
        ("parked", Some(PARTNER))
    );
    province.sound();
}

#[test]
fn what_a_dead_process_held_heals_as_its_operation_says() {
    let mut province = Province::new();
    let held = in_hand(&mut province);
    province.restart();
    let orphans = now(province.store().orphans(province.time)).unwrap();
    let mut orphans: Vec<_> = orphans.into_iter().map(|one| one.id).collect();
    orphans.sort();
    assert_eq!(orphans, held[1..], "those with an attempt under way");
    assert!(now(province.store().orphans(province.time)).unwrap().is_empty());
    healed(&province, held);
}

#[test]
fn an_expired_lease_heals_the_same() {
    let mut province = Province::new();
    let held = in_hand(&mut province);
    province.time += 60_000;
    assert!(province.lease(10).is_empty(), "a lease holds until its end");
    province.time += 1;
    healed(&province, held);
}

#[test]
fn every_leaf_of_an_exchange_is_in_all_its_chains() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[1]);
    province.send(NextMove::Delivered);
    province.send(NextMove::Delivered);
    let audit = super::whole::audited(province.store());
    let entries = now(province.store().entries(0, 100)).unwrap();
    let last = Leaf::read(&entries.last().unwrap().bytes).unwrap();
    assert_eq!(
        last.links
            .iter()
            .map(|(chain, _)| chain.name())
            .collect::<Vec<_>>(),
        ["dossier", "partner", "day", "subject"]
    );
    assert!(
        last.links
            .iter()
            .all(|(_, head)| head.is_some_and(|head| head.index + 2 == audit.size))
    );
}

#[test]
fn what_did_not_leave_asks_for_an_update_when_the_dossier_became_known_meanwhile() {
    let mut province = Province::new();
    let stopped = province.file_stopped("H99-1", "a", &[]);
    province.file("H99-1", "b", &[]);
    let leased = province.one();
    assert_eq!(leased.operation, Operation::Create);
    assert!(province.handle(stopped, Some(Release::Delivered)));
    province.settle(&leased, again(Operation::Create, province.time + 50));
    province.time += 100;
    assert_eq!(province.one().operation, Operation::Update);
    province.sound();
}
