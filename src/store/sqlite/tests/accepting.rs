//! Accept: repeats, keys, owners, limits, and one flush for many.

use std::sync::mpsc::{Sender, channel};

use rusqlite::params;

use super::kit::{PARTNER, Province, START, acceptance, now, receipt, sealer, settings};
use crate::evidence::leaf::{Draft, Kind};
use crate::store::sqlite::tx::Tx;
use crate::store::{Accepted, Reply, Settings, Sqlite, Store, StoreError};

fn repeat(body: &str) -> Accepted {
    Accepted::Repeat {
        receipt: receipt(body),
    }
}

#[test]
fn without_a_key_only_the_latest_body_is_a_repeat() {
    let province = Province::new();
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    assert_eq!(province.accept("H99-1", "a"), repeat("a"));
    assert_eq!(province.accept("H99-1", "b"), Accepted::New);
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    assert_eq!(province.accept("H99-2", "a"), Accepted::New);
    let row = now(province.store().dossier("H99-1")).unwrap().unwrap();
    assert_eq!((row.versions, row.erased), (3, false));
    assert_eq!(province.accept("H99-1", "a"), repeat("a"));
    let books = now(province.store().books()).unwrap();
    assert_eq!(
        (
            books.dossiers,
            books.unprepared,
            now(province.store().head()).unwrap().size
        ),
        (2, 4, 4)
    );
    province.sound();
}

#[test]
fn a_key_stands_for_one_body_for_ever() {
    let mut province = Province::new();
    let ask = |province: &Province, body, key| {
        now(province.store().accept(acceptance("H99-1", body, Some(key)))).unwrap()
    };
    assert_eq!(ask(&province, "a", "k1"), Accepted::New);
    assert_eq!(ask(&province, "b", "k2"), Accepted::New);
    province.restart();
    assert_eq!(ask(&province, "a", "k1"), repeat("a"));
    let first = acceptance("H99-1", "a", None).digest;
    assert_eq!(ask(&province, "c", "k1"), Accepted::KeyReused { first });
    assert_eq!(ask(&province, "b", "k3"), Accepted::New);
    let mut other = acceptance("H99-9", "c", Some("k1"));
    other.system = "opencps".into();
    assert_eq!(now(province.store().accept(other)).unwrap(), Accepted::New);
}

#[test]
fn a_dossier_belongs_to_the_system_that_filed_it_first() {
    let province = Province::new();
    province.accept("H99-1", "a");
    let mut other = acceptance("H99-1", "a", None);
    other.system = "opencps".into();
    assert_eq!(now(province.store().accept(other)).unwrap(), Accepted::Foreign);
}

#[test]
fn a_full_outbox_takes_no_more_but_still_answers_repeats() {
    let mut province = Province::with(Settings {
        outbox: 2,
        ..settings()
    });
    province.file("H99-1", "a", &[]);
    province.accept("H99-2", "a");
    assert_eq!(province.accept("H99-3", "a"), Accepted::OutboxFull);
    assert_eq!(province.accept("H99-2", "a"), repeat("a"));
    province.send(crate::store::NextMove::Delivered);
    assert_eq!(province.accept("H99-3", "a"), Accepted::New);
    province.sound();
}

#[test]
fn a_disk_without_the_room_that_must_stay_takes_no_more_but_still_answers_repeats() {
    let mut province = Province::new();
    province.accept("H99-1", "a");
    let settings = Settings {
        room: u64::MAX,
        ..settings()
    };
    province.store = None;
    province.store = Some(Sqlite::open(&province.path(), settings, sealer(&province.path())).unwrap());
    let refused = now(province.store().accept(acceptance("H99-2", "a", None)));
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    assert_eq!(province.accept("H99-1", "a"), repeat("a"));
    province.sound();
}

/// Holds the writer up until the sender is dropped, so that what is asked meanwhile waits together.
fn hold_up(province: &Province) -> (Sender<()>, Reply<'_, ()>) {
    let (go, wait) = channel();
    let (started, start) = channel();
    let held = province.store().write(move |_| {
        let _ = started.send(());
        let _ = wait.recv();
        Ok(())
    });
    start.recv().unwrap();
    (go, held)
}

#[test]
fn sixty_four_at_once_share_flushes() {
    let province = Province::new();
    let before = province.store().flushes();
    let (go, held) = hold_up(&province);
    let replies: Vec<_> = (0..64)
        .map(|n| {
            province
                .store()
                .accept(acceptance(&format!("H99-{n}"), "a", None))
        })
        .collect();
    drop(go);
    now(held).unwrap();
    for reply in replies {
        assert_eq!(now(reply).unwrap(), Accepted::New);
    }
    assert_eq!(province.store().flushes() - before, 1);
    province.sound();
}

#[test]
fn one_that_fails_leaves_the_others_alone() {
    let province = Province::new();
    let (go, held) = hold_up(&province);
    let first = province.store().accept(acceptance("H99-1", "a", None));
    let failing = province.store().write(|tx: &mut Tx<'_>| {
        tx.stage(&Draft::new(Kind::Asked, START))?;
        tx.books.dossiers += 7;
        tx.conn
            .execute("INSERT INTO partner (name) VALUES (?1)", params!["nobody"])?;
        tx.conn
            .execute("INSERT INTO partner (name) VALUES (?1)", params![PARTNER])?;
        Ok(())
    });
    let last = province.store().accept(acceptance("H99-2", "a", None));
    drop(go);
    now(held).unwrap();
    assert_eq!(now(first).unwrap(), Accepted::New);
    assert!(matches!(now(failing), Err(StoreError::Database(_))));
    assert_eq!(now(last).unwrap(), Accepted::New);
    assert_eq!(now(province.store().head()).unwrap().size, 2);
    province.sound();
}

#[test]
fn a_full_queue_says_so_at_once() {
    let province = Province::with(Settings {
        queue: 2,
        ..settings()
    });
    let (go, held) = hold_up(&province);
    let replies: Vec<_> = (0..8)
        .map(|n| {
            province
                .store()
                .accept(acceptance(&format!("H99-{n}"), "a", None))
        })
        .collect();
    drop(go);
    now(held).unwrap();
    let full = replies
        .into_iter()
        .map(now)
        .filter(|end| matches!(end, Err(StoreError::Full(_))))
        .count();
    assert!(full == 6, "{full}");
    assert_eq!(province.accept("H99-9", "a"), Accepted::New);
}

#[test]
fn a_full_disk_keeps_nothing_and_heals_when_there_is_room() {
    let mut province = Province::new();
    province.accept("H99-0", "a");
    let room = |pages: u32| {
        move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            Ok(tx.conn.pragma_update(None, "max_page_count", pages)?)
        }
    };
    let pages: u32 = now(province
        .store()
        .write(|tx: &mut Tx<'_>| Ok(tx.conn.pragma_query_value(None, "page_count", |row| row.get(0))?)))
    .unwrap();
    now(province.store().write(room(pages + 4))).unwrap();
    let body = "x".repeat(6_000);
    let mut kept = vec!["H99-0".to_owned()];
    let mut full = 0;
    for n in 1..20 {
        let number = format!("H99-{n}");
        match now(province.store().accept(acceptance(&number, &body, None))) {
            Ok(_) => kept.push(number),
            Err(StoreError::Full(_)) => full += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(full > 0);
    province.sound();
    assert_eq!(now(province.store().head()).unwrap().size, kept.len() as u64);
    now(province.store().write(room(1_000_000))).unwrap();
    assert_eq!(province.accept("H99-99", &body), Accepted::New);
    province.restart();
    let filings = province.unprepared();
    assert_eq!(filings.len(), kept.len() + 1);
    province.sound();
}
