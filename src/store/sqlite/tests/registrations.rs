//! What is registered with a register of the state: pushed once, awaited after that, and pushed again only when it must be.

use super::kit::{Province, now, refuse, rendered};
use super::sealed::found as found_in;
use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::{ExchangeId, Operation, Release};
use crate::store::{
    Accepted, Awaited, Awaiting, Found, Leased, NextMove, Push, Registered, Registering, Store,
};

const JUSTICE: &str = "justice";

/// Accepts and prepares a filing of a dossier that is registered.
fn file(province: &mut Province, number: &str, body: &str) {
    assert_eq!(province.accept(number, body), Accepted::New);
    let filing = province.unprepared().pop().unwrap();
    let mut prepared = province.prepared(&filing, &[]);
    prepared.registers = true;
    now(province.store().enqueue(vec![prepared])).unwrap();
}

fn due(province: &Province) -> usize {
    now(province.store().registrable(9)).unwrap().len()
}

/// Pushes what is due, as a worker does.
fn push(province: &mut Province) -> Option<ExchangeId> {
    let one = now(province.store().registrable(9)).unwrap().pop()?;
    let (id, message) = (province.id(), rendered(&format!("birth {}", one.filing)));
    let mut leaf = Draft::new(Kind::Queued, province.time);
    leaf.commit = Some(commitment(&message.salt, &message.payload));
    let registered = Registered {
        number: one.number,
        filing: one.filing,
        at: province.time,
        how: Registering::Push(Box::new(Push {
            exchange: id,
            partner: JUSTICE.into(),
            rendered: message,
            asked: "[]".into(),
            give_up_at: province.time + 1_000_000,
            due_at: province.time,
            leaf,
        })),
    };
    // A worker that died after its commit may do it twice.
    for _ in 0..2 {
        now(province.store().register(vec![registered.clone()])).unwrap();
    }
    Some(id)
}

fn leased(province: &Province) -> Vec<Leased> {
    let store = province.store();
    now(store.lease(JUSTICE, province.time, province.time + 60_000, 9)).unwrap()
}

fn deliver(province: &Province, next: NextMove) {
    let mut leased = leased(province);
    assert_eq!(leased.len(), 1, "{leased:?}");
    let one = leased.remove(0);
    assert_eq!(one.operation, Operation::Register);
    assert!(one.rendered.is_some());
    province.attempt(&one);
    province.settle(&one, next);
}

fn awaiting(province: &Province) -> Vec<Awaiting> {
    now(province.store().awaiting(JUSTICE, province.time, 9)).unwrap()
}

fn found(province: &Province, round: u32, code: &str, stands: Awaited) {
    let found = Found {
        number: "H99-1".into(),
        round,
        code: Some(code.into()),
        tries: 0,
        stands,
    };
    now(province.store().found(vec![found])).unwrap();
}

fn state(province: &Province) -> (String, u32) {
    let row = now(province.store().registrations(Some("H99-1"), 1)).unwrap();
    (row[0].state.clone(), row[0].round)
}

#[test]
fn it_is_pushed_once_and_asked_for_until_its_end() {
    let mut province = Province::new();
    file(&mut province, "H99-1", "a");
    assert_eq!((due(&province), awaiting(&province).len()), (1, 0));
    push(&mut province);
    // The push stands in a lane of its own: the portal's is not behind it.
    assert_eq!((due(&province), province.lease(9).len()), (0, 1));
    deliver(&province, NextMove::Delivered);
    let one = awaiting(&province).remove(0);
    assert_eq!((one.round, one.code, one.tries), (1, None, 0));
    found(&province, 1, "3", Awaited::Again(province.time + 5));
    assert_eq!(awaiting(&province).len(), 0);
    assert_eq!(
        now(province.store().awaits_at(JUSTICE)).unwrap(),
        Some(province.time + 5)
    );
    province.time += 5;
    assert_eq!(awaiting(&province)[0].code.as_deref(), Some("3"));
    // A filing while it is on its way, and one after its end, push nothing.
    file(&mut province, "H99-1", "b");
    assert_eq!(due(&province), 0);
    found(&province, 1, "4", Awaited::Ended);
    file(&mut province, "H99-1", "c");
    assert_eq!((due(&province), state(&province)), (0, ("ended".into(), 1)));
    assert_eq!(now(province.store().awaits_at(JUSTICE)).unwrap(), None);
    // What was pushed is sealed like everything else of its filing.
    let words = ["birth "];
    assert_eq!(found_in(province.folder.path(), &words), Vec::<String>::new());
    province.restart();
    assert_eq!(leased(&province).len(), 0);
    province.sound();
}

#[test]
fn it_is_pushed_again_with_its_next_filing_when_papers_are_wanted_or_it_was_refused() {
    let mut province = Province::new();
    file(&mut province, "H99-1", "a");
    push(&mut province);
    deliver(&province, NextMove::Delivered);
    found(&province, 1, "2", Awaited::Supplement);
    assert_eq!((due(&province), awaiting(&province).len()), (0, 0));
    file(&mut province, "H99-1", "b");
    push(&mut province);
    assert_eq!(state(&province), ("pushed".into(), 2));
    // What is said of the first push says nothing of the second.
    found(&province, 1, "6", Awaited::Ended);
    assert_eq!(state(&province), ("pushed".into(), 2));
    deliver(&province, refuse());
    assert_eq!(state(&province), ("refused".into(), 2));
    file(&mut province, "H99-1", "c");
    let parked = push(&mut province).unwrap();
    deliver(&province, super::kit::park());
    assert_eq!(state(&province), ("pushed".into(), 3));
    assert!(province.handle(parked, Some(Release::Delivered)));
    assert_eq!(state(&province), ("awaited".into(), 3));
    province.sound();
    let rows = now(province.store().registrations(None, 9)).unwrap();
    assert_eq!(rows[0].partner.as_deref(), Some(JUSTICE));
    province.tamper("UPDATE registration SET state = 'pushed'");
    assert_eq!(now(province.store().discrepancies()).unwrap().len(), 1);
}

#[test]
fn what_is_not_to_be_registered_waits_for_its_next_filing() {
    let mut province = Province::new();
    file(&mut province, "H99-1", "a");
    let one = now(province.store().registrable(9)).unwrap().remove(0);
    let idle = |filing| Registered {
        number: "H99-1".into(),
        filing,
        at: 1,
        how: Registering::Idle,
    };
    // A decision about a filing that is not the latest any more is none.
    file(&mut province, "H99-1", "b");
    now(province.store().register(vec![idle(one.filing)])).unwrap();
    assert_eq!(due(&province), 1);
    now(province.store().register(vec![idle(one.filing + 1)])).unwrap();
    assert_eq!((due(&province), state(&province)), (0, ("idle".into(), 0)));
    file(&mut province, "H99-1", "c");
    assert_eq!(due(&province), 1);
    province.sound();
}
